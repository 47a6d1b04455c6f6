"""The continuous Bernoulli: what a VAE's binary cross-entropy of grey pixels is the density of."""

from __future__ import annotations

import math
from typing import Any

from .. import generator
from ..engine.traced import wrap
from ..ops.elementwise import where
from ..ops.loss import binary_cross_entropy_with_logits
from ..ops.shaping import broadcast_tensors
from . import constraints
from .discrete import BySuccess
from .distribution import as_tensor, safe

__all__ = ["ContinuousBernoulli"]


class ContinuousBernoulli(BySuccess):
    """C(p) pˣ (1 − p)¹⁻ˣ, 0 ≤ x ≤ 1, with C what makes it a density.

    Source: Loaiza-Ganem and Cunningham, The continuous Bernoulli, 2019.

    Parameters
    ----------
    probs, logits : number or Tensor, optional
        One of them, as for `Bernoulli`; p is not the mean.
    lims : pair of float
        Between them, around ½, where formulas divide 0 by 0, Taylor series are used.
    """

    has_rsample = True
    support = constraints.unit_interval

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        super().__init__(probs, logits, validate_args)
        if "probs" in self.__dict__:
            self.probs = safe(self.probs)
        self._lims = lims

    def _plain(self) -> Any:
        """Where the formulas hold."""
        p = self.probs._data
        return wrap((p <= self._lims[0]) | (p > self._lims[1]))

    def _cut(self) -> Any:
        """p where the formulas hold, else a bound, so that no gradient is NaN."""
        return where(self._plain(), self.probs, self._lims[0])

    def _log_norm(self) -> Any:
        """log C = log |log(1 − p) − log p| − log |1 − 2p|."""
        p = self._cut()
        low, high = where(p <= 0.5, p, 0.0), where(p >= 0.5, p, 1.0)
        width = where(p <= 0.5, (-2 * low).log1p(), (2 * high - 1).log())
        found = ((-p).log1p() - p.log()).abs().log() - width
        x = (self.probs - 0.5) ** 2
        taylor = math.log(2) + (4 / 3 + 104 / 45 * x) * x
        return where(self._plain(), found, taylor)

    @property
    def mean(self) -> Any:
        """p / (2p − 1) + 1 / (log(1 − p) − log p)."""
        p = self._cut()
        found = p / (2 * p - 1) + 1 / ((-p).log1p() - p.log())
        x = self.probs - 0.5
        return where(self._plain(), found, 0.5 + (1 / 3 + 16 / 45 * x**2) * x)

    @property
    def variance(self) -> Any:
        """p (p − 1) / (1 − 2p)² + 1 / (log(1 − p) − log p)²."""
        p = self._cut()
        found = p * (p - 1) / (1 - 2 * p) ** 2 + 1 / ((-p).log1p() - p.log()) ** 2
        x = (self.probs - 0.5) ** 2
        return where(self._plain(), found, 1 / 12 - (1 / 15 - 128 / 945 * x) * x)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """The inverse distribution function of a uniform draw."""
        u = generator.rand(self._shape(sample_shape), dtype=self.probs._data.dtype)
        return self._inverse(wrap(u))

    def log_prob(self, value: Any) -> Any:
        """log C + x log p + (1 − x) log(1 − p)."""
        logits, x = broadcast_tensors(self.logits, self._value(value))
        return self._log_norm() - binary_cross_entropy_with_logits(logits, x, reduction="none")

    def cdf(self, value: Any) -> Any:
        """(pˣ (1 − p)¹⁻ˣ + p − 1) / (2p − 1)."""
        x, p = self._value(value), self._cut()
        found = (p**x * (1 - p) ** (1 - x) + p - 1) / (2 * p - 1)
        inside = where(self._plain(), found, x)
        return where(x <= 0, 0.0, where(x >= 1, 1.0, inside))

    def _inverse(self, u: Any) -> Any:
        p = self._cut()
        start = (-p).log1p()
        found = ((-p + u * (2 * p - 1)).log1p() - start) / (p.log() - start)
        return where(self._plain(), found, u)

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        return self._inverse(as_tensor(value))

    def entropy(self) -> Any:
        """E[x] (log(1 − p) − log p) − log C − log(1 − p)."""
        none, one = (-self.probs).log1p(), self.probs.log()
        return self.mean * (none - one) - self._log_norm() - none
