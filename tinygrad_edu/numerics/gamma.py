"""log|Γ|, its derivative ψ, and the multivariate log Γ."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .elementwise import Float64Array, float_array, polynomial, unary

__all__ = ["digamma", "lgamma", "multigammaln"]

# All coefficients: Chebyshev expansions computed with 50 digits, cut at 1e-17 and written as
# polynomials. lgamma(x) / ((x - 1)(x - 2)) for 1 <= x <= 3, in x - 2:
_LGAMMA = (
    0.42278433509846713,
    -0.1003173016743539,
    0.03296500062115574,
    -0.012384192193374355,
    0.004998641164703877,
    -0.0021081308338291313,
    0.0009153769220606788,
    -0.0004057073999387517,
    0.0001825526419770573,
    -8.30950999467849e-05,
    3.816886281372433e-05,
    -1.76618554743359e-05,
    8.22234752455359e-06,
    -3.846514242663473e-06,
    1.8074596187759183e-06,
    -8.554816957122729e-07,
    4.055632887824375e-07,
    -1.861315818147291e-07,
    8.745972665553556e-08,
    -5.2038665332275675e-08,
    2.6247261052647615e-08,
    -7.860744687083056e-10,
    -7.603161817337265e-10,
    -8.952022836709702e-09,
    4.927878685807231e-09,
    2.4694237633377504e-09,
    -1.38994451662441e-09,
    -8.190037783551156e-10,
    4.2453673576593125e-10,
)
# x times what Stirling's formula lacks (DLMF 5.11.1), for x >= 3, in 1/x²:
_STIRLING = (
    0.0833333333333333,
    -0.0027777777777757483,
    0.0007936507927240167,
    -0.0005952379021320173,
    0.0008417296574700336,
    -0.0019161177518963381,
    0.006348390488924039,
    -0.027649968380815987,
    0.13673147956019563,
    -0.6409227205549647,
    2.3855690742789255,
    -5.8509480835703656,
    6.842026236830051,
)
# digamma(x) / (x - its zero) for 1 <= x <= 3, in x - 2:
_DIGAMMA = (
    0.7853075386041053,
    -0.26073895468300146,
    0.10899991701762858,
    -0.04955103291766727,
    0.023447309597549766,
    -0.011338432553570059,
    0.005552254176536144,
    -0.0027395728785465467,
    0.0013581421098813344,
    -0.0006753134209495447,
    0.0003364331278986385,
    -0.00016781483194783505,
    8.377508659378348e-05,
    -4.184787693054116e-05,
    2.091081451447697e-05,
    -1.0435770943228892e-05,
    5.212445133891106e-06,
    -2.645871409092003e-06,
    1.3308629411671011e-06,
    -5.864278463317367e-07,
    2.8091189744546605e-07,
    -2.532281805799342e-07,
    1.3990472099665014e-07,
    4.594744120460249e-08,
    -3.299171559966835e-08,
    -6.695140151139414e-08,
    3.846913846622345e-08,
    2.070604694120438e-08,
    -1.183257077685753e-08,
    -5.495315942645068e-09,
    2.944930002207525e-09,
)
# x² (log x - 1/(2x) - digamma(x)) for x >= 3 (DLMF 5.11.2), in 1/x²:
_DIGAMMA_ASYMPTOTIC = (
    0.08333333333333325,
    -0.008333333333330898,
    0.0039682539671266615,
    -0.004166666352049634,
    0.007575711028575337,
    -0.02108858338066092,
    0.08307891744278459,
    -0.43237713778178105,
    2.708381057137893,
    -17.935870387760563,
    109.37281298342623,
    -544.015744729998,
    1972.7852282832785,
    -4521.458351464154,
    4853.6542343679985,
)
# The positive zero of digamma, and what float64 leaves of it
_ZERO, _ZERO_REST = 1.4616321449683622, 9.549995429965697e-17
_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


def _lgamma_positive(x: Float64Array) -> Float64Array:
    """Return log Γ(x) for x >= 0; right in relative terms near its zeros 1 and 2 too."""
    # below 1, log Γ(x) = log Γ(1 + x) - log x; `over` is the argument less 1
    small = x < 1.0
    over = np.where(small, x, x - 1.0)
    w = (over - 1.0).clip(-1.0, 1.0)
    y: Float64Array = over * w * polynomial(w, _LGAMMA)
    y += 0.0  # log Γ(1) is 0, not -0
    if small.any():
        y[small] -= np.log(x[small])
    large = x > 3.0
    if large.any():
        a = x[large]
        inverse = 1.0 / a
        rest = inverse * polynomial(inverse * inverse, _STIRLING)
        y[large] = (a - 0.5) * (np.log(a) - 1.0) + (_HALF_LOG_TWO_PI - 0.5) + rest
    return y


@unary
def lgamma(x: Float64Array) -> Float64Array:
    """Compute log|Γ(x)|.

    Stirling's formula from 3 on, the recurrence below 1, and the reflection log|Γ(x)| =
    log|π/sin πx| - log Γ(1 - x) below 0 (DLMF 5.5.1, 5.5.3, 5.11.1). ∞ at 0, -1, -2, … and at ±∞.
    """
    negative = x < 0
    y: Float64Array = _lgamma_positive(np.where(negative, 1.0 - x, x))
    if negative.any():
        a = x[negative]
        sine = np.abs(np.sin(np.pi * (a - np.rint(a)))) / np.pi
        y[negative] = np.where(np.isinf(a), np.inf, -np.log(sine) - y[negative])
    return y


def _digamma_positive(x: Float64Array) -> Float64Array:
    """Return ψ(x) for x >= 0; right in relative terms near its zero 1.46 too."""
    # below 1, ψ(x) = ψ(1 + x) - 1/x
    small = x < 1.0
    w = np.where(small, x - 1.0, x - 2.0).clip(-1.0, 1.0)
    from_zero = np.where(small, x + (1.0 - _ZERO), x - _ZERO) - _ZERO_REST
    y = from_zero * polynomial(w, _DIGAMMA)
    if small.any():
        y[small] -= 1.0 / x[small]
    large = x > 3.0
    if large.any():
        a = x[large]
        inverse = 1.0 / a
        square = inverse * inverse
        rest = square * polynomial(square, _DIGAMMA_ASYMPTOTIC)
        y[large] = np.log(a) - 0.5 * inverse - rest
    return y


@unary
def digamma(x: Float64Array) -> Float64Array:
    """Compute ψ(x) = d log Γ(x)/dx.

    An asymptotic series from 3 on, the recurrence below 1, and the reflection ψ(x) = ψ(1 - x) -
    π/tan πx below 0 (DLMF 5.5.2, 5.5.4, 5.11.2). As PyTorch has it: -∞ at 0, ∞ at -0, and NaN at
    -1, -2, … and -∞.
    """
    negative = x < 0
    y = _digamma_positive(np.where(negative, 1.0 - x, x))
    if negative.any():
        a = x[negative]
        r = a - np.rint(a)
        y[negative] = np.where(r == 0, np.nan, y[negative] - np.pi / np.tan(np.pi * r))
    return y


def multigammaln(x: ArrayLike, p: int) -> Any:
    """Compute the logarithm of the multivariate gamma function of dimension `p`.

    log Γₚ(x) = p(p - 1)/4 log π + Σ_{j=0}^{p-1} log Γ(x - j/2) (DLMF 35.3.4), for x > (p - 1)/2.

    Raises
    ------
    ValueError
        If p is less than 1.
    """
    if p < 1:
        raise ValueError(f"multigammaln: got p = {p}; expected a dimension p >= 1")
    array = float_array("multigammaln", x)
    # summed in float64, and rounded once
    y = np.float64(p * (p - 1) / 4 * math.log(math.pi))
    for j in range(p):
        y = y + lgamma(array.astype(np.float64) - j / 2)
    return y.astype(array.dtype)
