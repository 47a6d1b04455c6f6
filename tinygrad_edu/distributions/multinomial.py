"""The multinomial distribution: how often each class comes up in a number of draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.traced import wrap
from ..ops.shaping import broadcast_tensors
from ..ops.special import lgamma
from . import constraints
from .discrete import Binomial, Categorical
from .distribution import as_shape

__all__ = ["Multinomial"]


class Multinomial(Categorical):
    """How often each of K classes comes up in a number of draws.

    Parameters
    ----------
    total_count : int
        How many draws.
    probs, logits : Tensor (..., K), optional
        One of them, as for `Categorical`.
    """

    @property
    def support(self) -> Any:
        """Rows of counts that add up to total_count."""
        return constraints.Constraint(
            "rows of counts that sum to total_count",
            lambda x: ((x >= 0) & (x == np.floor(x))).all(-1) & (x.sum(-1) == self.total_count),
            1,
            is_discrete=True,
            upper_bound=self.total_count,
        )

    def __init__(
        self,
        total_count: int = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError(
                f"Multinomial: expected total_count as one int for all rows, got "
                f"{type(total_count).__name__}; make one distribution for each count"
            )
        self.total_count = total_count
        super().__init__(probs, logits, validate_args)

    def _event_of(self, classes: Any) -> Any:
        return classes

    # Each count is binomial.
    mean, variance = Binomial.mean, Binomial.variance

    def sample(self, sample_shape: Any = ()) -> Any:
        """Counts, in the dtype of the parameter."""
        drawn = self._draw((self.total_count, *as_shape(sample_shape)))._data
        counts = [(drawn == k).sum(0) for k in range(self._events)]
        return wrap(np.stack(counts, -1).astype(self.probs._data.dtype))

    def log_prob(self, value: Any) -> Any:
        """log n! − Σ log kᵢ! + Σ kᵢ log pᵢ."""
        x, logs = broadcast_tensors(self._value(value), self.logits)
        # A class that cannot come up, and did not, adds 0 and not 0 · −∞.
        powers = logs.masked_fill((x == 0) & (logs == -math.inf), 0) * x
        return lgamma(x.sum(-1) + 1) - lgamma(x + 1).sum(-1) + powers.sum(-1)

    def entropy(self) -> Any:
        """n H(p) − log n! + Σᵢ E[log kᵢ!], where each kᵢ is binomial."""
        dtype, n = self.probs._data.dtype, self.total_count
        counts = wrap(np.arange(1, n + 1, dtype=dtype).reshape(-1, *(1,) * self.probs._data.ndim))
        chances = Binomial(n, probs=self.probs).log_prob(counts).exp()
        repeated = (chances * lgamma(counts + 1)).sum(-1).sum(0)
        return super().entropy() * n - math.lgamma(n + 1) + repeated
