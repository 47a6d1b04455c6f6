"""Densities on the real line: normal and its kin, uniform, exponential, Laplace, Cauchy, gamma."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import generator
from ..engine.traced import wrap
from ..ops.elementwise import erf, exp, log, log1p, sign
from ..ops.special import digamma, erfinv, lgamma, xlogy
from . import constraints
from .distribution import Distribution, as_tensor, half_log_two_pi, parameters, standard_normal

__all__ = [
    "Beta",
    "Cauchy",
    "Dirichlet",
    "Exponential",
    "Gamma",
    "HalfNormal",
    "Laplace",
    "LogNormal",
    "Normal",
    "Uniform",
]


class Normal(Distribution):
    """exp(−(x − loc)² / 2 scale²) / (scale √2π).

    Parameters
    ----------
    loc, scale : number or Tensor
        Mean and standard deviation.
    """

    has_rsample = True
    arg_constraints = constraints.each(loc=constraints.real, scale=constraints.positive)
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = parameters(loc, scale)
        super().__init__(self.loc._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """`loc`."""
        return self.loc

    mode = mean

    @property
    def variance(self) -> Any:
        """`scale` squared."""
        return self.scale**2

    @property
    def stddev(self) -> Any:
        """`scale`."""
        return self.scale

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        shape = self._shape(sample_shape)
        loc, scale = (np.broadcast_to(x._data, shape) for x in (self.loc, self.scale))
        return wrap(generator.normal(loc, scale))

    def rsample(self, sample_shape: Any = ()) -> Any:
        """loc + ε scale, with ε standard normal."""
        return self.loc + standard_normal(self._shape(sample_shape), self.loc) * self.scale

    def log_prob(self, value: Any) -> Any:
        """−(x − loc)² / 2 scale² − log scale − ½ log 2π."""
        x = self._value(value)
        return -((x - self.loc) ** 2) / (2 * self.scale**2) - log(self.scale) - half_log_two_pi()

    def entropy(self) -> Any:
        """½ + ½ log 2π + log scale."""
        return 0.5 + half_log_two_pi() + log(self.scale)

    def cdf(self, value: Any) -> Any:
        """½ (1 + erf((x − loc) / (scale √2)))."""
        return 0.5 * (1 + erf((self._value(value) - self.loc) / self.scale / math.sqrt(2)))

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        return self.loc + self.scale * erfinv(2 * as_tensor(value) - 1) * math.sqrt(2)


class LogNormal(Distribution):
    """The exponential of a normal draw.

    Parameters
    ----------
    loc, scale : number or Tensor
        Mean and standard deviation of the logarithm.
    """

    has_rsample = True
    arg_constraints = constraints.each(loc=constraints.real, scale=constraints.positive)
    support = constraints.positive

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = parameters(loc, scale)
        self.base_dist = Normal(loc, scale, validate_args)
        super().__init__(self.loc._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """exp(loc + scale² / 2)."""
        return exp(self.loc + self.scale**2 / 2)

    @property
    def variance(self) -> Any:
        """(exp(scale²) − 1) exp(2 loc + scale²)."""
        return (self.scale**2).expm1() * exp(2 * self.loc + self.scale**2)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """exp(loc + ε scale)."""
        return exp(self.base_dist.rsample(sample_shape))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        return exp(self.base_dist.sample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        """The normal's, at log x, minus log x."""
        y = log(self._value(value))
        return self.base_dist.log_prob(y) - y

    def entropy(self) -> Any:
        """The normal's plus loc."""
        return self.base_dist.entropy() + self.loc


class HalfNormal(Distribution):
    """The absolute value of a normal draw of mean 0.

    Parameters
    ----------
    scale : number or Tensor
        Standard deviation of that normal.
    """

    has_rsample = True
    arg_constraints = constraints.each(scale=constraints.positive)
    support = constraints.nonnegative

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (self.scale,) = parameters(scale)
        self.base_dist = Normal(0, self.scale, validate_args)
        super().__init__(self.scale._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """scale √(2/π)."""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        """scale² (1 − 2/π)."""
        return self.scale**2 * (1 - 2 / math.pi)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """|ε scale|."""
        return self.base_dist.rsample(sample_shape).abs()

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        return self.base_dist.sample(sample_shape).abs()

    def log_prob(self, value: Any) -> Any:
        """The normal's plus log 2."""
        return self.base_dist.log_prob(self._value(value)) + math.log(2)

    def entropy(self) -> Any:
        """The normal's minus log 2."""
        return self.base_dist.entropy() - math.log(2)

    def cdf(self, value: Any) -> Any:
        """2 P(x) − 1, with P the normal's."""
        return 2 * self.base_dist.cdf(self._value(value)) - 1

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        return self.base_dist.icdf((value + 1) / 2)


class Uniform(Distribution):
    """1 / (high − low) on [low, high).

    Parameters
    ----------
    low, high : number or Tensor
        The bounds; low must be below high.
    """

    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = parameters(low, high)
        super().__init__(self.low._data.shape, (), validate_args)
        if self._validate_args:
            wider = constraints.Constraint("greater than low", lambda x: x > self.low._data)
            self._check("high", self.high._data, wider)

    @property
    def support(self) -> Any:
        """From low to high."""
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Any:
        """The middle."""
        return (self.high + self.low) / 2

    @property
    def variance(self) -> Any:
        """(high − low)² / 12."""
        return (self.high - self.low) ** 2 / 12

    def rsample(self, sample_shape: Any = ()) -> Any:
        """low + u (high − low), with u uniform in [0, 1)."""
        u = wrap(generator.rand(self._shape(sample_shape), dtype=self.low._data.dtype))
        return self.low + u * (self.high - self.low)

    def log_prob(self, value: Any) -> Any:
        """−log(high − low) inside, −∞ outside."""
        x = self._value(value)
        inside = (x >= self.low) * (x < self.high)
        return log(inside.to(self.low._data.dtype)) - log(self.high - self.low)

    def entropy(self) -> Any:
        """log(high − low)."""
        return log(self.high - self.low)

    def cdf(self, value: Any) -> Any:
        """(x − low) / (high − low), within 0 and 1."""
        return ((self._value(value) - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        return as_tensor(value) * (self.high - self.low) + self.low


class Exponential(Distribution):
    """rate exp(−rate x), x ≥ 0.

    Parameters
    ----------
    rate : number or Tensor
        One over the mean.
    """

    has_rsample = True
    arg_constraints = constraints.each(rate=constraints.positive)
    support = constraints.nonnegative

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = parameters(rate)
        super().__init__(self.rate._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """1 / rate."""
        return self.rate.reciprocal()

    @property
    def variance(self) -> Any:
        """1 / rate²."""
        return self.rate**-2

    @property
    def stddev(self) -> Any:
        """1 / rate."""
        return self.rate.reciprocal()

    def rsample(self, sample_shape: Any = ()) -> Any:
        """A draw of rate 1, over the rate."""
        draw = np.zeros(self._shape(sample_shape), self.rate._data.dtype)
        return wrap(generator.exponential_(draw)) / self.rate

    def log_prob(self, value: Any) -> Any:
        """log rate − rate x."""
        return log(self.rate) - self.rate * self._value(value)

    def entropy(self) -> Any:
        """1 − log rate."""
        return 1 - log(self.rate)

    def cdf(self, value: Any) -> Any:
        """1 − exp(−rate x)."""
        return 1 - exp(-self.rate * self._value(value))

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        return -log1p(-as_tensor(value)) / self.rate


class Laplace(Distribution):
    """exp(−|x − loc| / scale) / 2 scale.

    Parameters
    ----------
    loc, scale : number or Tensor
    """

    has_rsample = True
    arg_constraints = constraints.each(loc=constraints.real, scale=constraints.positive)
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = parameters(loc, scale)
        super().__init__(self.loc._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """`loc`."""
        return self.loc

    @property
    def variance(self) -> Any:
        """2 scale²."""
        return 2 * self.scale**2

    @property
    def stddev(self) -> Any:
        """scale √2."""
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Any = ()) -> Any:
        """loc − scale sign(u) log(1 − |u|), with u uniform in (−1, 1)."""
        draw = np.zeros(self._shape(sample_shape), self.loc._data.dtype)
        u = wrap(generator.uniform_(draw, float(np.finfo(draw.dtype).eps) - 1, 1))
        return self.loc - self.scale * sign(u) * log1p(-u.abs())

    def log_prob(self, value: Any) -> Any:
        """−log 2 scale − |x − loc| / scale."""
        return -log(2 * self.scale) - (self._value(value) - self.loc).abs() / self.scale

    def entropy(self) -> Any:
        """1 + log 2 scale."""
        return 1 + log(2 * self.scale)

    def cdf(self, value: Any) -> Any:
        """½ − ½ sign(x − loc) (exp(−|x − loc| / scale) − 1)."""
        off = self._value(value) - self.loc
        return 0.5 - 0.5 * sign(off) * (-off.abs() / self.scale).expm1()

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        off = as_tensor(value) - 0.5
        return self.loc - self.scale * sign(off) * log1p(-2 * off.abs())


class Cauchy(Distribution):
    """1 / (π scale (1 + ((x − loc) / scale)²)); it has no mean.

    Parameters
    ----------
    loc, scale : number or Tensor
        Median and half the width at half the height.
    """

    has_rsample = True
    arg_constraints = constraints.each(loc=constraints.real, scale=constraints.positive)
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = parameters(loc, scale)
        super().__init__(self.loc._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """NaN: there is none."""
        return wrap(np.full_like(self.loc._data, math.nan))

    @property
    def mode(self) -> Any:
        """`loc`."""
        return self.loc

    @property
    def variance(self) -> Any:
        """∞."""
        return wrap(np.full_like(self.loc._data, math.inf))

    def rsample(self, sample_shape: Any = ()) -> Any:
        """loc + ε scale, with ε a standard draw."""
        draw = np.zeros(self._shape(sample_shape), self.loc._data.dtype)
        return self.loc + wrap(generator.cauchy_(draw)) * self.scale

    def log_prob(self, value: Any) -> Any:
        """−log π − log scale − log(1 + ((x − loc) / scale)²)."""
        z = (self._value(value) - self.loc) / self.scale
        return -math.log(math.pi) - log(self.scale) - log1p(z**2)

    def entropy(self) -> Any:
        """log 4π + log scale."""
        return math.log(4 * math.pi) + log(self.scale)

    def cdf(self, value: Any) -> Any:
        """arctan(z) / π + ½."""
        return ((self._value(value) - self.loc) / self.scale).atan() / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        """The value below which a share of all draws falls."""
        return (math.pi * (as_tensor(value) - 0.5)).tan() * self.scale + self.loc


class Gamma(Distribution):
    """rateᵃ xᵃ⁻¹ exp(−rate x) / Γ(a), with a the concentration.

    Parameters
    ----------
    concentration, rate : number or Tensor
    """

    arg_constraints = constraints.each(
        concentration=constraints.positive, rate=constraints.positive
    )
    support = constraints.nonnegative

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = parameters(concentration, rate)
        super().__init__(self.rate._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """concentration / rate."""
        return self.concentration / self.rate

    @property
    def variance(self) -> Any:
        """concentration / rate²."""
        return self.concentration / self.rate**2

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        shape = self._shape(sample_shape)
        draw = generator.standard_gamma(np.broadcast_to(self.concentration._data, shape))
        value = draw / np.broadcast_to(self.rate._data, shape)
        return wrap(np.maximum(value, np.finfo(value.dtype).tiny))

    def log_prob(self, value: Any) -> Any:
        """a log rate + (a − 1) log x − rate x − log Γ(a)."""
        x, a = self._value(value), self.concentration
        return xlogy(a, self.rate) + xlogy(a - 1, x) - self.rate * x - lgamma(a)

    def entropy(self) -> Any:
        """a − log rate + log Γ(a) + (1 − a) ψ(a)."""
        a = self.concentration
        return a - log(self.rate) + lgamma(a) + (1 - a) * digamma(a)


class Dirichlet(Distribution):
    """Shares that sum to 1: Γ(Σa) Π xᵢᵃⁱ⁻¹ / Γ(aᵢ).

    Parameters
    ----------
    concentration : Tensor
        a, of at least one dimension, the last of which is one draw.
    """

    arg_constraints = constraints.each(
        concentration=constraints.independent(constraints.positive, 1)
    )
    support = constraints.simplex

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if not concentration._data.ndim:
            raise ValueError(
                "Dirichlet: `concentration` must have at least one dimension, got a single number; "
                "Beta is the distribution of one share"
            )
        self.concentration = concentration
        shape = concentration._data.shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    @property
    def mean(self) -> Any:
        """a / Σa."""
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def variance(self) -> Any:
        """m (1 − m) / (Σa + 1), with m the mean."""
        m = self.mean
        return m * (1 - m) / (self.concentration.sum(-1, True) + 1)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        shape = self._shape(sample_shape)
        return wrap(generator.dirichlet(np.broadcast_to(self.concentration._data, shape)))

    def log_prob(self, value: Any) -> Any:
        """Σ (a − 1) log x + log Γ(Σa) − Σ log Γ(a)."""
        a = self.concentration
        logs = xlogy(a - 1, self._value(value)).sum(-1)
        return logs + lgamma(a.sum(-1)) - lgamma(a).sum(-1)

    def entropy(self) -> Any:
        """Σ log Γ(a) − log Γ(Σa) − (k − Σa) ψ(Σa) − Σ (a − 1) ψ(a)."""
        a, k = self.concentration, self.concentration._data.shape[-1]
        total = a.sum(-1)
        return (
            lgamma(a).sum(-1)
            - lgamma(total)
            - (k - total) * digamma(total)
            - ((a - 1) * digamma(a)).sum(-1)
        )


class Beta(Distribution):
    """One share: xᵃ⁻¹ (1 − x)ᵇ⁻¹ Γ(a + b) / Γ(a) Γ(b).

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
        super().__init__(self.concentration1._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """a / (a + b)."""
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def variance(self) -> Any:
        """ab / (a + b)² (a + b + 1)."""
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total**2 * (total + 1))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        both = np.stack([self.concentration1._data, self.concentration0._data], -1)
        return wrap(
            generator.dirichlet(np.broadcast_to(both, (*self._shape(sample_shape), 2)))[..., 0]
        )

    def log_prob(self, value: Any) -> Any:
        """(a − 1) log x + (b − 1) log(1 − x) + log Γ(a + b) − log Γ(a) − log Γ(b)."""
        x, a, b = self._value(value), self.concentration1, self.concentration0
        return xlogy(a - 1, x) + xlogy(b - 1, 1 - x) + lgamma(a + b) - lgamma(a) - lgamma(b)

    def entropy(self) -> Any:
        """log B(a, b) − (a − 1) ψ(a) − (b − 1) ψ(b) + (a + b − 2) ψ(a + b)."""
        a, b = self.concentration1, self.concentration0
        return (
            lgamma(a)
            + lgamma(b)
            - lgamma(a + b)
            - (a - 1) * digamma(a)
            - (b - 1) * digamma(b)
            + (a + b - 2) * digamma(a + b)
        )
