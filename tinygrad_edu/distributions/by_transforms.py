"""Distributions that are known ones, transformed: log-normal, half-normal, Gumbel, Pareto, …"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.traced import wrap
from ..ops.elementwise import exp, where
from ..ops.special import digamma, lgamma
from . import constraints
from .continuous import Cauchy, Exponential, Normal, Uniform
from .distribution import parameters
from .gamma import Gamma
from .transformed import TransformedDistribution
from .transforms import (
    AbsTransform,
    AffineTransform,
    ExpTransform,
    PowerTransform,
    StickBreakingTransform,
)

__all__ = [
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "InverseGamma",
    "Kumaraswamy",
    "LogNormal",
    "LogisticNormal",
    "Pareto",
    "Weibull",
]

EULER = 0.57721566490153286060  # lim Σ 1/k − log n


class LogNormal(TransformedDistribution):
    """The exponential of a normal draw.

    Parameters
    ----------
    loc, scale : number or Tensor
        Mean and standard deviation of the logarithm.
    """

    arg_constraints = constraints.each(loc=constraints.real, scale=constraints.positive)
    support = constraints.positive

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args)
        self.loc, self.scale = base.loc, base.scale
        super().__init__(base, ExpTransform(), validate_args)

    @property
    def mean(self) -> Any:
        """exp(loc + scale² / 2)."""
        return exp(self.loc + self.scale**2 / 2)

    @property
    def variance(self) -> Any:
        """(exp(scale²) − 1) exp(2 loc + scale²)."""
        return (self.scale**2).expm1() * exp(2 * self.loc + self.scale**2)

    def entropy(self) -> Any:
        """The normal's plus loc."""
        return self.base_dist.entropy() + self.loc


class Gumbel(TransformedDistribution):
    """The largest of many draws: log p = −(z + exp(−z)) − log scale, z = (x − loc) / scale.

    Parameters
    ----------
    loc, scale : number or Tensor
    """

    arg_constraints = constraints.each(loc=constraints.real, scale=constraints.positive)

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = parameters(loc, scale)
        info = np.finfo(self.loc._data.dtype)
        low = wrap(np.full_like(self.loc._data, info.tiny))
        high = wrap(np.full_like(self.loc._data, 1 - info.eps))
        steps = [
            ExpTransform().inv,
            AffineTransform(0, wrap(-np.ones_like(self.scale._data))),
            ExpTransform().inv,
            AffineTransform(self.loc, -self.scale),
        ]
        super().__init__(Uniform(low, high, validate_args), steps, validate_args)

    support = constraints.real

    def log_prob(self, value: Any) -> Any:
        """−z − exp(−z) − log scale."""
        y = (self.loc - self._value(value)) / self.scale
        return (y - y.exp()) - self.scale.log()

    @property
    def mean(self) -> Any:
        """loc + γ scale."""
        return self.loc + self.scale * EULER

    @property
    def mode(self) -> Any:
        """`loc`."""
        return self.loc

    @property
    def stddev(self) -> Any:
        """π scale / √6."""
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        """π² scale² / 6."""
        return self.stddev**2

    def entropy(self) -> Any:
        """log scale + 1 + γ."""
        return self.scale.log() + (1 + EULER)


class _Folded(TransformedDistribution):
    """The absolute value of a draw whose distribution is symmetric around 0."""

    arg_constraints = constraints.each(scale=constraints.positive)
    support = constraints.nonnegative

    def log_prob(self, value: Any) -> Any:
        """The base's plus log 2; −∞ below 0."""
        x = self._value(value)
        return where(x >= 0, self.base_dist.log_prob(x) + math.log(2), -math.inf)

    def cdf(self, value: Any) -> Any:
        """2 P(x) − 1, with P the base's."""
        return 2 * self.base_dist.cdf(self._value(value)) - 1

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        """The base's minus log 2."""
        return self.base_dist.entropy() - math.log(2)


class HalfNormal(_Folded):
    """The absolute value of a normal draw of mean 0.

    Parameters
    ----------
    scale : number or Tensor
        Standard deviation of that normal.
    """

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (self.scale,) = parameters(scale)
        super().__init__(Normal(0, self.scale, validate_args), AbsTransform(), validate_args)

    @property
    def mean(self) -> Any:
        """scale √(2/π)."""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        """scale² (1 − 2/π)."""
        return self.scale**2 * (1 - 2 / math.pi)


class HalfCauchy(_Folded):
    """The absolute value of a Cauchy draw of median 0; it has no mean.

    Parameters
    ----------
    scale : number or Tensor
    """

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (self.scale,) = parameters(scale)
        super().__init__(Cauchy(0, self.scale, validate_args), AbsTransform(), validate_args)

    @property
    def mean(self) -> Any:
        """∞."""
        return wrap(np.full_like(self.scale._data, math.inf))

    @property
    def mode(self) -> Any:
        """0."""
        return wrap(np.zeros_like(self.scale._data))

    @property
    def variance(self) -> Any:
        """∞."""
        return self.base_dist.variance


class Pareto(TransformedDistribution):
    """α scaleᵅ / xᵅ⁺¹, x ≥ scale.

    Parameters
    ----------
    scale, alpha : number or Tensor
    """

    arg_constraints = constraints.each(scale=constraints.positive, alpha=constraints.positive)

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = parameters(scale, alpha)
        steps = [ExpTransform(), AffineTransform(0, self.scale)]
        super().__init__(Exponential(self.alpha, validate_args), steps, validate_args)

    @property
    def support(self) -> Any:
        """From scale on."""
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        """α scale / (α − 1); ∞ for α ≤ 1."""
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Any:
        """`scale`."""
        return self.scale

    @property
    def variance(self) -> Any:
        """scale² α / (α − 1)² (α − 2); ∞ for α ≤ 2."""
        a = self.alpha.clamp(min=2)
        return self.scale**2 * a / ((a - 1) ** 2 * (a - 2))

    def entropy(self) -> Any:
        """log(scale / α) + 1 + 1/α."""
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class Weibull(TransformedDistribution):
    """Lifetimes: P(X > x) = exp(−(x / scale)ᵏ), with k the concentration.

    Parameters
    ----------
    scale, concentration : number or Tensor
    """

    arg_constraints = constraints.each(
        scale=constraints.positive, concentration=constraints.positive
    )
    support = constraints.positive

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = parameters(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        ones = wrap(np.ones_like(self.scale._data))
        steps = [PowerTransform(self.concentration_reciprocal), AffineTransform(0, self.scale)]
        super().__init__(Exponential(ones, validate_args), steps, validate_args)

    def _moment(self, n: int) -> Any:
        return lgamma(1 + n * self.concentration_reciprocal).exp()

    @property
    def mean(self) -> Any:
        """scale Γ(1 + 1/k)."""
        return self.scale * self._moment(1)

    @property
    def mode(self) -> Any:
        """scale ((k − 1) / k)^(1/k)."""
        k = self.concentration
        return self.scale * ((k - 1) / k) ** self.concentration_reciprocal

    @property
    def variance(self) -> Any:
        """scale² (Γ(1 + 2/k) − Γ(1 + 1/k)²)."""
        return self.scale**2 * (self._moment(2) - self._moment(1) ** 2)

    def entropy(self) -> Any:
        """γ (1 − 1/k) + log(scale / k) + 1."""
        inverse = self.concentration_reciprocal
        return EULER * (1 - inverse) + (self.scale * inverse).log() + 1


class Kumaraswamy(TransformedDistribution):
    """Shares with a simple distribution function: P(X ≤ x) = 1 − (1 − xᵃ)ᵇ.

    Parameters
    ----------
    concentration1, concentration0 : number or Tensor
        a and b.
    """

    arg_constraints = constraints.each(
        concentration1=constraints.positive, concentration0=constraints.positive
    )
    support = constraints.unit_interval

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = parameters(concentration1, concentration0)
        zeros, ones = (f(self.concentration1._data) for f in (np.zeros_like, np.ones_like))
        steps = [
            PowerTransform(self.concentration0.reciprocal()),
            AffineTransform(1.0, -1.0),
            PowerTransform(self.concentration1.reciprocal()),
        ]
        base = Uniform(wrap(zeros), wrap(ones), validate_args)
        super().__init__(base, steps, validate_args)

    def _moment(self, n: int) -> Any:
        """E[Xⁿ] = b B(1 + n/a, b)."""
        a, b = 1 + n / self.concentration1, self.concentration0
        return b * (lgamma(a) + lgamma(b) - lgamma(a + b)).exp()

    @property
    def mean(self) -> Any:
        """b B(1 + 1/a, b)."""
        return self._moment(1)

    @property
    def variance(self) -> Any:
        """E[X²] − E[X]²."""
        return self._moment(2) - self.mean**2

    def entropy(self) -> Any:
        """1 − 1/b + (1 − 1/a) (ψ(b + 1) + γ) − log a − log b."""
        a, b = self.concentration1, self.concentration0
        harmonic = digamma(b + 1) + EULER
        return (1 - b.reciprocal()) + (1 - a.reciprocal()) * harmonic - a.log() - b.log()


class InverseGamma(TransformedDistribution):
    """One over a gamma draw.

    Parameters
    ----------
    concentration, rate : number or Tensor
        Those of the gamma.
    """

    arg_constraints = constraints.each(
        concentration=constraints.positive, rate=constraints.positive
    )
    support = constraints.positive

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args)
        self.concentration, self.rate = base.concentration, base.rate
        inverse = PowerTransform(wrap(np.asarray(-1, self.rate._data.dtype)))
        super().__init__(base, inverse, validate_args)

    @property
    def mean(self) -> Any:
        """rate / (a − 1); ∞ for a ≤ 1."""
        a = self.concentration
        return where(a > 1, self.rate / (a - 1), math.inf)

    @property
    def mode(self) -> Any:
        """rate / (a + 1)."""
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Any:
        """rate² / (a − 1)² (a − 2); ∞ for a ≤ 2."""
        a = self.concentration
        return where(a > 2, self.rate**2 / ((a - 1) ** 2 * (a - 2)), math.inf)

    def entropy(self) -> Any:
        """a + log rate + log Γ(a) − (1 + a) ψ(a)."""
        a = self.concentration
        return a + self.rate.log() + lgamma(a) - (1 + a) * digamma(a)


class LogisticNormal(TransformedDistribution):
    """Shares made of normal draws by stick breaking; one more than there are draws.

    Parameters
    ----------
    loc, scale : number or Tensor (..., n)
    """

    arg_constraints = constraints.each(loc=constraints.real, scale=constraints.positive)
    support = constraints.simplex

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base: Any = Normal(loc, scale, validate_args)
        if not base.batch_shape:
            base = base.expand((1,))
        super().__init__(base, StickBreakingTransform(), validate_args)

    @property
    def loc(self) -> Any:
        """The mean of the normal draws."""
        return self.base_dist.base_dist.loc

    @property
    def scale(self) -> Any:
        """Their standard deviation."""
        return self.base_dist.base_dist.scale
