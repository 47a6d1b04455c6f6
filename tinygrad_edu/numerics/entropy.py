"""Products with a logarithm in which 0 log 0 is 0, and the normalised sinc."""

from __future__ import annotations

import numpy as np

from .elementwise import Float64Array, binary, unary

__all__ = ["entr", "sinc", "xlog1py", "xlogy"]


@binary
def xlogy(x: Float64Array, y: Float64Array) -> Float64Array:
    """Compute x log y, which is 0 at x = 0 for every y but NaN."""
    return np.where((x == 0) & ~np.isnan(y), 0.0, x * np.log(y))


@binary
def xlog1py(x: Float64Array, y: Float64Array) -> Float64Array:
    """Compute x log(1 + y), which is 0 at x = 0 for every y but NaN."""
    return np.where((x == 0) & ~np.isnan(y), 0.0, x * np.log1p(y))


@unary
def entr(x: Float64Array) -> Float64Array:
    """Compute the entropy -x log x, which is 0 at 0 and -∞ below."""
    return np.where(x > 0, -x * np.log(x), np.where(x == 0, 0.0, np.where(x < 0, -np.inf, x)))


@unary
def sinc(x: Float64Array) -> Float64Array:
    """Compute the normalised sinc, sin(πx)/(πx), which is 1 at 0 and exactly 0 at ±1, ±2, ….

    NaN at ±∞, as in PyTorch.
    """
    nearest = np.rint(x)
    sine = np.sin(np.pi * (x - nearest))
    odd = np.fmod(nearest, 2.0) != 0
    return np.where(x == 0, 1.0, np.where(odd, -sine, sine) / (np.pi * x) + 0.0)
