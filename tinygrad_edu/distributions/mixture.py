"""Mixtures: a component is drawn, and then from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.mode import changed_mode
from ..engine.traced import wrap
from ..ops.activation import log_softmax
from ..ops.reduction import logsumexp
from .discrete import Categorical
from .distribution import Distribution

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """Σₖ wₖ pₖ(x), with components of one kind.

    Parameters
    ----------
    mixture_distribution : Categorical
        The weights w.
    component_distribution : Distribution
        The components, along the last dimension of its batch.

    Raises
    ------
    ValueError
        If the batches do not fit, or the weights are no `Categorical`.
    """

    def __init__(
        self,
        mixture_distribution: Any,
        component_distribution: Any,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                f"The Mixture distribution needs to be an instance of distributions.Categorical, "
                f"got {type(mixture_distribution).__name__}"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                f"The Component distribution needs to be an instance of "
                f"distributions.Distribution, got {type(component_distribution).__name__}"
            )
        weights = mixture_distribution.logits._data.shape
        batch = tuple(component_distribution.batch_shape)
        try:
            fits = bool(batch) and np.broadcast_shapes(weights, batch) == batch
        except ValueError:
            fits = False
        if not fits or weights[-1] != batch[-1]:
            raise ValueError(
                f"MixtureSameFamily: weights of shape {tuple(weights)} are not compatible with "
                f"components of batch shape {batch}: its last dimension must be the components"
            )
        self._mixture_distribution = mixture_distribution
        self._component_distribution: Any = component_distribution
        event = tuple(component_distribution.event_shape)
        self._event_ndims = len(event)
        super().__init__(batch[:-1], event, validate_args)

    @property
    def mixture_distribution(self) -> Any:
        """The weights."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Any:
        """The components."""
        return self._component_distribution

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same mixtures, repeated to fill a larger batch."""
        parts = self._component_distribution
        weights = self._mixture_distribution
        wide = weights if not weights.batch_shape else weights.expand(batch_shape)
        count = parts.batch_shape[-1]
        return MixtureSameFamily(wide, parts.expand((*batch_shape, count)))

    def _beside_components(self, x: Any) -> Any:
        return x.unsqueeze(-1 - self._event_ndims)

    def _weights(self) -> Any:
        p = self._mixture_distribution.probs
        return p.reshape(*p._data.shape, *(1,) * self._event_ndims)

    @property
    def mean(self) -> Any:
        """Σ w μ."""
        return (self._weights() * self._component_distribution.mean).sum(-1 - self._event_ndims)

    @property
    def variance(self) -> Any:
        """Σ w σ² + Σ w (μ − mean)²."""
        axis, parts, weights = -1 - self._event_ndims, self._component_distribution, self._weights()
        within = (weights * parts.variance).sum(axis)
        apart = parts.mean - self._beside_components(self.mean)
        return within + (weights * apart**2).sum(axis)

    def cdf(self, value: Any) -> Any:
        """Σ w P(x)."""
        each = self._component_distribution.cdf(self._beside_components(self._value(value)))
        return (each * self._mixture_distribution.probs).sum(-1)

    def log_prob(self, value: Any) -> Any:
        """log Σ exp(log w + log p(x))."""
        each = self._component_distribution.log_prob(self._beside_components(self._value(value)))
        return logsumexp(each + log_softmax(self._mixture_distribution.logits, -1), -1)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws from every component, of which that of the component drawn is kept."""
        with changed_mode(recording=False):
            first = (sample_shape,) if isinstance(sample_shape, int) else tuple(sample_shape)
            chosen = self._mixture_distribution.sample(first)._data
            drawn = self._component_distribution.sample(first)._data
            lead = drawn.ndim - 1 - self._event_ndims
            index = chosen.reshape(*chosen.shape, *(1,) * (drawn.ndim - chosen.ndim))
            taken = np.take_along_axis(drawn, index, axis=lead)
            return wrap(np.squeeze(taken, lead))

    def __repr__(self) -> str:
        return (
            f"MixtureSameFamily(\n  {self._mixture_distribution},\n  "
            f"{self._component_distribution})"
        )
