"""The inverses of erf and erfc."""

from __future__ import annotations

import numpy as np

from .complementary_error_function import scaled_tail
from .elementwise import Float64Array, polynomial, unary

__all__ = ["erfinv"]

# erfinv(x)/x for |x| <= 3/4, as a polynomial in 32x²/9 - 1: the Chebyshev expansion in x², computed
# with 50 digits and cut at 1e-17.
_CENTRE = (
    0.9640216376238271,
    0.09346781082872313,
    0.01969115624149996,
    0.0051730134143669814,
    0.0015097228866488097,
    0.0004685490797665593,
    0.00015139579317223367,
    5.032913899276012e-05,
    1.708827086911536e-05,
    5.897369707106248e-06,
    2.061807634088785e-06,
    7.284410087537506e-07,
    2.596288868961427e-07,
    9.333498475464365e-08,
    3.374168207932262e-08,
    1.2069526819271783e-08,
    4.386566807482245e-09,
    1.8195083967474338e-09,
    6.838709701559696e-10,
    1.0403024012917805e-10,
    3.245116842299275e-11,
    7.141785581587032e-11,
    2.768219840342242e-11,
)

# A first guess of y = erfcinv(q) for q < 1/4, a rational function of √(-log q): fitted for
# 0.45 < y < 27.5 by iterated reweighted least squares, relative error 2e-6.
_GUESS_P = (1.27693491e-3, 3.38365180e-2, 6.61271404e-1, 1.58607513, 2.64954251e-1)
_GUESS_Q = (1.0, 1.14432400, 1.59163560, 2.64900321e-1)
_TWO_OVER_ROOT_PI = 1.1283791670955126


def erfinv_centre(x: Float64Array) -> Float64Array:
    """Return erfinv(x) for |x| <= 3/4; beyond, anything."""
    return x * polynomial(x * x * (32 / 9) - 1.0, _CENTRE)


def erfcinv_tail(q: Float64Array) -> Float64Array:
    """Return the y with erfc(y) = q, for 0 < q <= 1/4; ∞ for q = 0.

    One step of Halley's iteration on f(y) = log erfc(y) - log q, which is nearly a parabola, with
    f′ = -h and f″ = h (2y - h), where h = 2/(√π erfcx(y)). It triples the digits of the guess.
    """
    log_q = np.log(q)
    s = np.sqrt(-log_q)
    y = polynomial(s, _GUESS_P) / polynomial(s, _GUESS_Q)
    scaled = scaled_tail(y)
    h = _TWO_OVER_ROOT_PI / scaled
    step = (np.log(scaled) - y * y - log_q) / h
    y += step / (1.0 - step * (y - 0.5 * h))
    return np.where(q == 0, np.inf, y)


@unary
def erfinv(x: Float64Array) -> Float64Array:
    """Compute the inverse error function: erf(erfinv(x)) = x.

    At most 4 ulp wrong. erfinv(±0) = ±0, erfinv(±1) = ±∞; NaN beyond.
    """
    y = erfinv_centre(x)
    far = ~(abs(x) <= 0.75)
    if far.any():
        a = x[far]
        # NaN for |a| > 1 comes of the logarithm. 1 - |a| is exact
        y[far] = np.copysign(erfcinv_tail(1.0 - abs(a)), a)
    return y
