"""Densities on the real line: normal, Laplace, Cauchy, uniform, exponential."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import generator
from ..engine.traced import wrap
from ..ops.elementwise import erf, exp, log, log1p, sign
from ..ops.special import erfinv
from . import constraints
from .distribution import Distribution, as_tensor, half_log_two_pi, parameters, standard_normal

__all__ = [
    "Cauchy",
    "Exponential",
    "Laplace",
    "Normal",
    "Uniform",
]


class LocationScale(Distribution):
    """A standard draw, multiplied by `scale` and moved by `loc`."""

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


class Normal(LocationScale):
    """exp(−(x − loc)² / 2 scale²) / (scale √2π).

    Parameters
    ----------
    loc, scale : number or Tensor
        Mean and standard deviation.
    """

    mode = LocationScale.mean

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


class Laplace(LocationScale):
    """exp(−|x − loc| / scale) / 2 scale.

    Parameters
    ----------
    loc, scale : number or Tensor
    """

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


class Cauchy(LocationScale):
    """1 / (π scale (1 + ((x − loc) / scale)²)); it has no mean.

    Parameters
    ----------
    loc, scale : number or Tensor
        Median and half the width at half the height.
    """

    @property
    def mean(self) -> Any:
        """NaN: there is none."""
        return wrap(np.full_like(self.loc._data, math.nan))

    mode = LocationScale.mean

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
