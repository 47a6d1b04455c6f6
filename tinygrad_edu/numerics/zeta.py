"""Hurwitz's zeta function, and the derivatives of log Γ, which are zeta functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .elementwise import Float64Array, binary, float_array
from .gamma import digamma

__all__ = ["polygamma", "zeta"]

# How many terms are summed one by one before Euler and Maclaurin take the rest
_TERMS = 10
# B₂ⱼ/(2j)! for j = 1 … 12 (DLMF 24.2.1)
_BERNOULLI = (
    1 / 12,
    -1 / 720,
    1 / 30240,
    -1 / 1209600,
    1 / 47900160,
    -691 / 1307674368000,
    1 / 74724249600,
    -3617 / 10670622842880000,
    43867 / 5109094217170944000,
    -174611 / 802857662698291200000,
    77683 / 14101100039391805440000,
    -236364091 / 1693824136731743669452800000,
)


def _zeta_positive(x: Float64Array, q: Float64Array) -> Float64Array:
    """Return ζ(x, q) for x > 1 and q > 0 by the Euler-Maclaurin formula (DLMF 25.11.28)."""
    end = q + _TERMS
    power = end**-x
    integral = end ** (1.0 - x) / (x - 1.0)
    y = integral + 0.5 * power
    factor = power * x / end
    for j, b in enumerate(_BERNOULLI):
        y += b * factor
        factor *= (x + (2 * j + 1)) / end * ((x + (2 * j + 2)) / end)
    # 0 times ∞ above, where nothing is left to correct
    y = np.where(power == 0, integral, y)
    # smallest terms first
    for k in range(_TERMS - 1, -1, -1):
        y += (q + k) ** -x
    return y


@binary
def zeta(x: Float64Array, q: Float64Array) -> Float64Array:
    """Compute Hurwitz's zeta function, ζ(x, q) = Σ_{k=0}^∞ (k + q)⁻ˣ (DLMF 25.11.1).

    ∞ at x = 1 and, for x > 1, at q = 0, -1, -2, …; NaN for x < 1, and for q < 0 unless x is an
    integer (as PyTorch has it). There the terms with k + q < 0 are a difference of two zeta
    functions of positive q.
    """
    negative = (q < 0) & (x > 1)
    if negative.any():
        y = np.empty_like(x)
        y[~negative] = _zeta_positive(x[~negative], q[~negative])
        y[negative] = _zeta_of_negative(x[negative], q[negative])
    else:
        y = _zeta_positive(x, q)
    y = np.where((x > 1) & (q <= 0) & (q == np.floor(q)), np.inf, y)
    y = np.where(x == 1, np.inf, y)
    return np.where((x < 1) | np.isnan(x) | np.isnan(q), np.nan, y)


def _zeta_of_negative(x: Float64Array, q: Float64Array) -> Float64Array:
    # the last negative term is -f, the first positive one 1 - f
    f = np.fmod(-q, 1.0)
    sign = np.where(np.fmod(x, 2.0) == 0, 1.0, -1.0)
    y = _zeta_positive(x, 1.0 - f) + sign * (_zeta_positive(x, f) - _zeta_positive(x, 1.0 - q))
    y = np.where(np.isinf(x), np.inf, y)
    return np.where(x == np.floor(x), y, np.nan)


def polygamma(n: int, x: ArrayLike) -> Any:
    """Compute the n-th derivative of digamma, ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹ n! ζ(n + 1, x) for n >= 1.

    (DLMF 5.15.1, 25.11.12)

    Raises
    ------
    ValueError
        If n is negative.
    """
    if n < 0:
        raise ValueError(f"polygamma: got n = {n}; expected an order n >= 0 (0 is digamma itself)")
    if n == 0:
        return digamma(x)
    array = float_array("polygamma", x)
    sign = -1.0 if n % 2 == 0 else 1.0
    factorial = sign * (float(math.factorial(n)) if n <= 170 else math.inf)
    with np.errstate(all="ignore"):
        y = factorial * zeta(float(n + 1), array.astype(np.float64))
        return y.astype(array.dtype)
