"""The special functions of `numerics`, each with its derivative in one line.

Derivatives: NIST Digital Library of Mathematical Functions, chapters 5 (gamma), 7 (error
functions), 10 (Bessel) and 25 (zeta).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..numerics import bessel, entropy
from ..numerics import complementary_error_function as tails
from ..numerics import gamma as gamma_functions
from ..numerics import inverse_error_function as inverses
from ..numerics import normal_distribution as normal
from ..numerics import zeta as zeta_functions
from ..numerics.overridable import overridable
from .declaring import Domain, primitive, sample

M = (2, 3)
POSITIVE = Domain(M, 0.3, 4.0)
UNIT = Domain(M, -0.9, 0.9)
OPEN = Domain(M, 0.1, 0.9)
TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)
SQRT_TWO_PI = math.sqrt(2 * math.pi)


i1: Any
i1e: Any


def _function(values: Any, rule: Any, domain: Any = M, **rest: Any) -> Any:
    """Declare a function of one variable."""
    return primitive(overridable(values), x=rule, samples=[sample(domain)], floating=True, **rest)


# Error functions and the normal distribution ------------------------------------------------------

erfc = _function(tails.erfc, lambda g, x: g * (-TWO_OVER_SQRT_PI * np.exp(-(x * x))))
erfcx = _function(tails.erfcx, lambda g, x, y: g * (2 * x * y - TWO_OVER_SQRT_PI))
erfinv = _function(inverses.erfinv, lambda g, y: g * (np.exp(y * y) / TWO_OVER_SQRT_PI), UNIT)
ndtr = _function(normal.ndtr, lambda g, x: g * (np.exp(x * x * -0.5) / SQRT_TWO_PI))
ndtri = _function(normal.ndtri, lambda g, y: g * (np.exp(y * y * 0.5) * SQRT_TWO_PI), OPEN)
# φ(x) / Φ(x) from erfcx where x is negative: both are too small for floats from −38 on.
log_ndtr = _function(normal.log_ndtr, lambda g, x: g * density_over_tail(x))


def density_over_tail(x: Any) -> Any:
    """φ(x) / Φ(x), the hazard of the normal distribution at −x."""
    left = x < 0
    tail = erfcx.key(np.where(left, x, 0) * -math.sqrt(0.5))
    right = np.where(left, 0, x)
    return np.where(
        left,
        math.sqrt(2 / math.pi) / tail,
        np.exp(right * right * -0.5) / (SQRT_TWO_PI * ndtr.key(right)),
    )


# Gamma and its kin --------------------------------------------------------------------------------


@overridable
def polygamma_values(x: Any, n: int = 0) -> Any:
    """The n-th derivative of digamma."""
    if n == 0:
        return gamma_functions.digamma(x)
    return np.asarray(zeta_functions.polygamma(n, x), x.dtype)


polygamma = primitive(
    polygamma_values,
    x=lambda g, x, n: g * polygamma_values(x, n=n + 1),
    params={"n": 0},
    samples=[sample(POSITIVE), sample(POSITIVE, n=1), sample(POSITIVE, n=2)],
    name="polygamma",
    floating=True,
)
lgamma = _function(gamma_functions.lgamma, lambda g, x: g * polygamma_values(x), POSITIVE)


@overridable
def zeta_values(s: Any, q: Any) -> Any:
    """Σ (k + q)⁻ˢ over k = 0, 1, … (Hurwitz)."""
    return zeta_functions.zeta(s, q)


zeta = primitive(
    zeta_values,
    s=None,
    q=lambda g, s, q: g * (-s * zeta_values(s + 1, q)),
    samples=[sample(np.array([2.0, 3.0, 4.5]), Domain((3,), 0.5, 3.0))],
    name="zeta",
    floating=True,
)

# Bessel -------------------------------------------------------------------------------------------


def i1_over_x(x: Any, y: Any) -> Any:
    """I₁(x) / x, which is ½ at 0."""
    zero = x == 0
    return np.where(zero, 0.5, y / np.where(zero, 1, x))


i0 = _function(bessel.i0, lambda g, x: g * i1.key(x))
i1 = _function(bessel.i1, lambda g, x, y: g * (i0.key(x) - i1_over_x(x, y)))
i0e = _function(bessel.i0e, lambda g, x, y: g * (i1e.key(x) - np.sign(x) * y))
i1e = _function(bessel.i1e, lambda g, x, y: g * (i0e.key(x) - i1_over_x(x, y) - np.sign(x) * y))

# Entropy and sinc ---------------------------------------------------------------------------------

xlogy = primitive(
    overridable(entropy.xlogy),
    a=lambda g, a, b: g * np.where((a == 0) & (b <= 0), 0, np.log(b)),
    b=lambda g, a, b: g * (a / b),
    samples=[sample(M, POSITIVE), sample(M, Domain((3,), 0.3, 3.0))],
    floating=True,
)
xlog1py = primitive(
    overridable(entropy.xlog1py),
    a=lambda g, a, b: g * np.where((a == 0) & (b <= -1), 0, np.log1p(b)),
    b=lambda g, a, b: g * (a / (b + 1)),
    samples=[sample(M, POSITIVE), sample(M, Domain((3,), 0.3, 3.0))],
    floating=True,
)
entr = _function(entropy.entr, lambda g, x: g * (-np.log(x) - 1), POSITIVE)


def sinc_slope(x: Any, y: Any) -> Any:
    """(cos πx − sinc x) / x; at 0 by its series −π²x/3, whose slope is finite too."""
    zero = x == 0
    apart = (np.cos(x * math.pi) - y) / np.where(zero, 1, x)
    return np.where(zero, x * (-(math.pi**2) / 3), apart)


@overridable
def log_odds(x: Any) -> Any:
    """log(x / (1 − x))."""
    return np.log(x / (1 - x))


logit = primitive(
    log_odds, x=lambda g, x: g / (x * (1 - x)), samples=[sample(OPEN)], name="logit", floating=True
)
sinc = primitive(
    np.sinc,
    x=lambda g, x, y: g * sinc_slope(x, y),
    samples=[sample(M), sample(np.array([0.0, 0.5, 1.0]))],
    name="sinc",
    floating=True,
)
