"""Angles: the von Mises distribution, the normal one of the circle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import generator
from ..engine.traced import wrap
from ..ops.special import i0e, i1e
from . import constraints
from .distribution import Distribution, parameters

__all__ = ["VonMises"]


class VonMises(Distribution):
    """exp(κ cos(x − loc)) / 2π I₀(κ) for angles x, in radians.

    Parameters
    ----------
    loc : number or Tensor
        The mean angle.
    concentration : number or Tensor
        κ: about one over the variance, where it is large.
    """

    arg_constraints = constraints.each(loc=constraints.real, concentration=constraints.positive)
    support = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = parameters(loc, concentration)
        super().__init__(self.loc._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """The mean angle."""
        return self.loc

    mode = mean

    @property
    def variance(self) -> Any:
        """The circular variance, 1 − I₁(κ) / I₀(κ)."""
        return 1 - i1e(self.concentration) / i0e(self.concentration)

    def log_prob(self, value: Any) -> Any:
        """κ cos(x − loc) − log 2π − log I₀(κ)."""
        k = self.concentration
        turned = k * (self._value(value) - self.loc).cos()
        return turned - math.log(2 * math.pi) - (i0e(k).log() + k)

    def sample(self, sample_shape: Any = ()) -> Any:
        """By rejection from a wrapped Cauchy. Source: Best and Fisher, 1979."""
        shape = self._shape(sample_shape)
        loc, k = (x._data.astype(np.float64) for x in (self.loc, self.concentration))
        tau = 1 + np.sqrt(1 + 4 * k**2)
        rho = (tau - np.sqrt(2 * tau)) / (2 * k)
        r = np.where(k < 1e-5, 1 / k + k, (1 + rho**2) / (2 * rho))
        x, done = np.zeros(shape), np.zeros(shape, bool)
        while not done.all():
            first, second, third = generator.rand((3, *shape), dtype=np.float64)
            z = np.cos(math.pi * first)
            f = (1 + r * z) / (r + z)
            c = k * (r - f)
            accept = (c * (2 - c) - second > 0) | (np.log(c / second) + 1 - c >= 0)
            # One found earlier is replaced too: PyTorch's draws are these.
            x = np.where(accept, np.sign(third - 0.5) * np.arccos(f), x)
            done |= accept
        turned = (x + math.pi + loc) % (2 * math.pi) - math.pi
        return wrap(turned.astype(self.loc._data.dtype))
