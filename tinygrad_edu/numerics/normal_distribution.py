"""The standard normal distribution: Φ, its logarithm and its inverse."""

from __future__ import annotations

import numpy as np

from .complementary_error_function import scaled_tail, times_exp_of_square
from .elementwise import Float64Array, unary
from .error_function import erf
from .inverse_error_function import erfcinv_tail, erfinv_centre

__all__ = ["log_ndtr", "ndtr", "ndtri"]

_ROOT_2 = 2**0.5
_ROOT_HALF = 0.5**0.5


def _ndtr(x: Float64Array) -> Float64Array:
    y: Float64Array = 0.5 * (1.0 + erf(x * _ROOT_HALF))
    far = x < -0.7
    if far.any():
        a = x[far]
        y[far] = times_exp_of_square(0.5 * scaled_tail(a * -_ROOT_HALF), a, -0.5)
    return y


@unary
def ndtr(x: Float64Array) -> Float64Array:
    """Compute the normal distribution function, Φ(x) = 1/√(2π) ∫₋∞ˣ exp(-t²/2) dt = erfc(-x/√2)/2.

    Right in its last few digits in the left tail too, down to the denormal numbers at x = -38.5.
    """
    return _ndtr(x)


@unary
def log_ndtr(x: Float64Array) -> Float64Array:
    """Compute log Φ(x), without the underflow of `ndtr` on the left or its loss on the right."""
    y = np.log(0.5 * scaled_tail(abs(x) * _ROOT_HALF)) - 0.5 * x * x
    right = x >= 0
    if right.any():
        y[right] = np.log1p(-_ndtr(-x[right]))
    return y


@unary
def ndtri(p: Float64Array) -> Float64Array:
    """Compute the quantiles of the normal distribution: ndtr(ndtri(p)) = p.

    ndtri(0) = -∞, ndtri(1) = ∞; NaN outside [0, 1].
    """
    # 2p - 1 and 1 - p are exact where they are used
    y = _ROOT_2 * erfinv_centre(2.0 * p - 1.0)
    left = p < 0.125
    if left.any():
        y[left] = -_ROOT_2 * erfcinv_tail(2.0 * p[left])
    right = p > 0.875
    if right.any():
        y[right] = _ROOT_2 * erfcinv_tail(2.0 * (1.0 - p[right]))
    return y
