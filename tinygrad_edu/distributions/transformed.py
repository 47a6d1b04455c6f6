"""Draws of one distribution carried through transforms."""

from __future__ import annotations

from typing import Any

from ..engine.mode import changed_mode
from .change_of_variables import ComposeTransform, Transform, summed
from .distribution import Distribution
from .multivariate import Independent

__all__ = ["TransformedDistribution"]


class TransformedDistribution(Distribution):
    """y = f(x) with x a draw: log p(y) = log p(x) − log |dy/dx|.

    Parameters
    ----------
    base_distribution : Distribution
    transforms : Transform or list of Transform
        The first is applied first.

    Raises
    ------
    ValueError
        If what is given are no transforms, or they need events of more dimensions.
    """

    def __init__(
        self, base_distribution: Any, transforms: Any, validate_args: bool | None = None
    ) -> None:
        self.transforms: list[Transform] = (
            [transforms] if isinstance(transforms, Transform) else list(transforms)
        )
        if not all(isinstance(t, Transform) for t in self.transforms):
            raise ValueError(
                f"transforms must be a Transform or list, but was {transforms}; "
                f"distributions.transforms has them"
            )
        event = tuple(base_distribution.event_shape)
        shape = (*base_distribution.batch_shape, *event)
        chain = ComposeTransform(self.transforms)
        needed = chain.domain.event_dim
        if len(shape) < needed:
            raise ValueError(
                f"base_distribution needs to have shape with size at least {needed}, but got "
                f"{shape}: the transforms make one event of {needed} dimensions"
            )
        after = chain.forward_shape(shape)
        wide = tuple(chain.inverse_shape(after))
        if wide != shape:
            base_distribution = base_distribution.expand(wide[: len(wide) - len(event)])
        if needed > len(event):
            base_distribution = Independent(base_distribution, needed - len(event))
        self.base_dist: Any = base_distribution
        dims = chain.codomain.event_dim + max(len(event) - needed, 0)
        cut = len(after) - dims
        super().__init__(after[:cut], after[cut:], validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the base has."""
        return bool(self.base_dist.has_rsample)

    @property
    def support(self) -> Any:
        """What the last transform maps to."""
        if not self.transforms:
            return self.base_dist.support
        return self.transforms[-1].codomain

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distributions, repeated to fill a larger batch."""
        new = super().expand(batch_shape)
        chain = ComposeTransform(self.transforms)
        shape = chain.inverse_shape((*batch_shape, *self._event_shape))
        cut = len(shape) - len(self.base_dist.event_shape)
        new.base_dist = self.base_dist.expand(shape[:cut])
        return new

    def through(self, x: Any) -> Any:
        """A draw of the base, carried through."""
        for transform in self.transforms:
            x = transform(x)
        return x

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        with changed_mode(recording=False):
            return self.through(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Draws through which gradients reach the parameters."""
        return self.through(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        """The base's at f⁻¹(y), minus log |dy/dx|."""
        y, dims, total = self._value(value), len(self._event_shape), 0.0
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            slope = transform.log_abs_det_jacobian(x, y)
            total = total - summed(slope, dims - transform.domain.event_dim)
            y = x
        inner = len(self.base_dist.event_shape)
        return total + summed(self.base_dist.log_prob(y), dims - inner)

    def _turned(self, p: Any) -> Any:
        # Where the chain falls, the largest draws become the smallest.
        sign: Any = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        return p if isinstance(sign, int) and sign == 1 else sign * (p - 0.5) + 0.5

    def _ordered(self) -> None:
        """Raise where draws are vectors, which no order holds for."""
        if self._event_shape:
            raise NotImplementedError(
                f"{type(self).__name__} has no distribution function: its draws are of shape "
                f"{tuple(self._event_shape)}, and one is for single numbers"
            )

    def cdf(self, value: Any) -> Any:
        """The share of draws up to a value."""
        self._ordered()
        y = self._value(value)
        for transform in reversed(self.transforms):
            y = transform.inv(y)
        return self._turned(self.base_dist.cdf(y))

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        self._ordered()
        return self.through(self.base_dist.icdf(self._turned(value)))
