"""The float32 logarithm, sine and cosine inside PyTorch's normals.

They are the Cephes polynomials (S. Moshier, netlib.org/cephes) in the order of operations that
PyTorch's vector kernels use, fused where those fuse. `_fused` computes product and sum in float64
and rounds once: for every input that can occur (2²⁴ logarithms, 2²⁴ angles) that is exactly what a
fused multiply-add gives. Better mathematics would not help: exact functions differ from these in
every seventh number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_Float32 = NDArray[np.float32]
_f32 = np.float32

_SQRT_HALF = _f32(0.707106781186547524)
_LOG = [
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
]
_LOG_COEFFICIENTS = [float(_f32(c)) for c in _LOG]
# log 2 in two parts, the larger with few enough bits that its products are exact.
_LOG2_LOW, _LOG2_HIGH = _f32(-2.12194440e-4), _f32(0.693359375)

_FOUR_OVER_PI = _f32(1.27323954473516)
# π/4 in three parts, for the same reason.
_QUARTER_PI = (_f32(0.78515625), _f32(2.4187564849853515625e-4), _f32(3.77489497744594108e-8))
_COS = [float(_f32(c)) for c in (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)]
_SIN = [float(_f32(c)) for c in (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)]


def _fused(a: Any, b: Any, c: Any) -> _Float32:
    """``a·b + c`` in float64, rounded once to float32; at least one of a, b is float64."""
    total = a * b
    total += c
    rounded: _Float32 = total.astype(np.float32)
    return rounded


def log(u: _Float32) -> _Float32:
    """``log u`` for u in (0, 1], multiples of 2⁻²⁴."""
    bits = u.view(np.int32)
    exponent = ((bits >> 23) - 126).astype(np.float32)
    mantissa = ((bits & 0x007FFFFF) | 0x3F000000).view(np.float32)  # in [0.5, 1)
    small = mantissa < _SQRT_HALF
    exponent -= small
    x = mantissa - _f32(1)
    x += mantissa * small  # 2m − 1 below sqrt(1/2), m − 1 above
    x64 = x.astype(np.float64)
    z = x * x
    y = _fused(x64, _LOG_COEFFICIENTS[0], _LOG_COEFFICIENTS[1])
    for coefficient in _LOG_COEFFICIENTS[2:]:
        y = _fused(y, x64, coefficient)
    y *= x
    y = _fused(y, z.astype(np.float64), exponent * _LOG2_LOW)
    y -= z * _f32(0.5)
    x += y
    x += exponent * _LOG2_HIGH
    return x


def sin_cos(theta: _Float32) -> tuple[_Float32, _Float32]:
    """``(sin θ, cos θ)`` for 0 ≤ θ < 2π."""
    # The even multiple of π/4 nearest to θ: the polynomials serve −π/4 … π/4.
    octant = (theta * _FOUR_OVER_PI).astype(np.int32)
    octant += 1
    octant &= ~1
    multiple = octant.astype(np.float32)
    x = theta - multiple * _QUARTER_PI[0]
    x -= multiple * _QUARTER_PI[1]
    x = _fused(multiple, np.float64(-_QUARTER_PI[2]), x)
    x64 = x.astype(np.float64)
    z = x * x
    z64 = z.astype(np.float64)
    c = _fused(z64, _COS[0], _COS[1])
    c = _fused(c, z64, _COS[2])
    c *= z
    c = _fused(c, z64, z * _f32(-0.5))
    c += _f32(1)
    s = _fused(z64, _SIN[0], _SIN[1])
    s = _fused(s, z64, _SIN[2])
    s *= z
    s = _fused(s, x64, x)
    # A quarter turn (octants 2, 6) swaps sine and cosine; the signs follow the quadrant.
    quarter = (octant & 2) != 0
    sine = np.where(quarter, c, s)
    cosine = np.where(quarter, s, c)
    sine.view(np.int32)[...] ^= (octant & 4) << 29
    cosine.view(np.int32)[...] ^= ((octant + 2) & 4) << 29
    return sine, cosine
