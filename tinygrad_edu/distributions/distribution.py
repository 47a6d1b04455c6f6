"""What all distributions share: shapes, sampling without gradients, checks of parameters."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from ..engine.mode import changed_mode
from ..engine.traced import Traced, raw, wrap
from ..numerics.promotion import default_float
from ..ops.elementwise import clamp, log
from ..ops.shaping import broadcast_tensors
from ..tensors.tensor import Size, Tensor
from .constraints import Constraint, each, is_dependent

__all__ = ["Distribution"]


def parameters(*values: Any) -> list[Any]:
    """Numbers and Tensors as Tensors of one shape, floats."""
    tensors = [v for v in values if isinstance(v, Traced)]
    dtype = tensors[0].dtype if tensors else default_float()  # type: ignore[attr-defined]
    found: list[Any] = [v if isinstance(v, Traced) else wrap(np.asarray(v, dtype)) for v in values]
    return list(broadcast_tensors(*found))


def as_tensor(value: Any) -> Any:
    """A number as a tensor."""
    return value if isinstance(value, Traced) else wrap(np.asarray(value, default_float()))


def as_shape(sample_shape: Any) -> tuple[int, ...]:
    """A shape given as a tuple, or as the one number in it."""
    return (sample_shape,) if isinstance(sample_shape, int) else tuple(sample_shape)


def safe(probs: Any) -> Any:
    """Probabilities kept a rounding error away from 0 and 1: their logarithms are finite."""
    eps = float(np.finfo(probs._data.dtype).eps)
    return clamp(probs, eps, 1 - eps)


def standard_normal(shape: Any, like: Any) -> Tensor:
    """Normal numbers, drawn as PyTorch's distributions draw them."""
    return wrap(np.zeros(shape, like._data.dtype)).normal_()  # type: ignore[no-any-return]


class Distribution:
    """A probability distribution over tensors; a batch of them, one for each set of parameters.

    Attributes
    ----------
    batch_shape : Size
        The shape of the parameters: one distribution for each place.
    event_shape : Size
        The shape of one draw; () for distributions of single numbers.
    has_rsample : bool
        Whether `rsample` draws so that gradients reach the parameters.
    """

    has_rsample = False
    # What parameters may be, and what can be drawn (None: not checked).
    arg_constraints: dict[str, Constraint] = each()
    support: Any = None

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        self._validate_args = validate_args is not False
        if self._validate_args:
            for name, constraint in self.arg_constraints.items():
                if name in self.__dict__ and not is_dependent(constraint):
                    self._check(name, self.__dict__[name]._data, constraint)

    def _check(self, name: str, array: Any, constraint: Constraint) -> None:
        right = np.asarray(constraint.holds(array))
        if not right.all():
            wrong = np.asarray(array)[~right] if right.ndim else np.asarray(array)
            raise ValueError(
                f"{type(self).__name__}: expected {name} of shape {tuple(np.shape(array))} to be "
                f"{constraint.words}, but found {wrong.reshape(-1)[:5].tolist()}"
            )

    def _value(self, value: Any) -> Any:
        """An argument of `log_prob`, checked against the support."""
        out = as_tensor(value)
        if self._validate_args and self.support is not None:
            self._check("value", out._data, self.support)
        return out

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distributions, repeated to fill a larger batch.

        Every parameter is expanded; what is random stays independent from place to place.
        """
        batch = tuple(batch_shape)
        new = copy.copy(self)
        held = len(self._batch_shape)
        for name, x in self.__dict__.items():
            if isinstance(x, Traced) and x._data.ndim >= held:
                new.__dict__[name] = x.expand(*batch, *x._data.shape[held:])  # type: ignore[attr-defined]
            elif isinstance(x, Distribution):
                new.__dict__[name] = x.expand((*batch, *x.batch_shape[held:]))
        new._batch_shape = Size(batch)
        return new

    @property
    def batch_shape(self) -> Size:
        """The shape of the parameters."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one draw from one distribution."""
        return self._event_shape

    def _shape(self, sample_shape: Any) -> tuple[int, ...]:
        """The shape of a sample: (*sample_shape, *batch_shape, *event_shape)."""
        return (*as_shape(sample_shape), *self._batch_shape, *self._event_shape)

    @property
    def mean(self) -> Any:
        """The expectation of a draw."""
        raise NotImplementedError(f"{type(self).__name__} has no mean")

    @property
    def variance(self) -> Any:
        """The variance of a draw."""
        raise NotImplementedError(f"{type(self).__name__} has no variance")

    @property
    def stddev(self) -> Any:
        """The square root of the variance."""
        return self.variance.sqrt()

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Draws through which gradients reach the parameters.

        Raises
        ------
        NotImplementedError
            Where the draw is no differentiable function of the parameters.
        """
        raise NotImplementedError(
            f"{type(self).__name__}.rsample() is not built: its draws have no gradient by the "
            f"parameters here; use sample() with log_prob(sample), the score function"
        )

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws of shape (*sample_shape, *batch_shape, *event_shape), without gradients."""
        with changed_mode(recording=False):
            return self.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density (or probability) of a value."""
        raise NotImplementedError(f"{type(self).__name__} has no log_prob")

    def cdf(self, value: Any) -> Any:
        """The share of draws up to a value."""
        raise NotImplementedError(
            f"{type(self).__name__} has no distribution function here; estimate it by "
            f"(p.sample((10_000,)) <= value).float().mean(0)"
        )

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        raise NotImplementedError(
            f"{type(self).__name__} has no inverse distribution function here; estimate it by "
            f"p.sample((10_000,)).quantile(value, 0)"
        )

    def entropy(self) -> Any:
        """−E[log p(x)], in nats."""
        raise NotImplementedError(f"{type(self).__name__} has no entropy in closed form")

    def perplexity(self) -> Any:
        """e to the entropy."""
        return self.entropy().exp()

    def __repr__(self) -> str:
        names = [n for n, v in self.__dict__.items() if isinstance(v, Traced) and n[0] != "_"]
        parts = []
        for name in names:
            x = raw(self.__dict__[name])
            parts.append(f"{name}: {x if x.size == 1 else f'torch.Size({list(x.shape)})'}")
        return f"{type(self).__name__}({', '.join(parts)})"


def half_log_two_pi() -> float:
    """½ log 2π."""
    return 0.5 * math.log(2 * math.pi)


def logits_of(probs: Any, binary: bool) -> Any:
    """log p, or log(p / (1 − p)) for a yes or no."""
    kept = safe(probs)
    return log(kept) - (1 - kept).log() if binary else log(kept)
