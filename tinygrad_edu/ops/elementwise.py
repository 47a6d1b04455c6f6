"""Element by element: the primitives under PyTorch's names, and what composes from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..primitives import elementwise as P
from ..promotion import default_float
from ..traced import Traced, wrap
from .composed import composed

if TYPE_CHECKING:
    from ..tensor import Tensor

abs = P.abs.record
acos = arccos = P.arccos.record
acosh = arccosh = P.arccosh.record
asin = arcsin = P.arcsin.record
asinh = arcsinh = P.arcsinh.record
atan = arctan = P.arctan.record
atan2 = arctan2 = P.arctan2.record
atanh = arctanh = P.arctanh.record
ceil = P.ceil.record
copysign = P.copysign.record
cos = P.cos.record
cosh = P.cosh.record
erf = P.erf.record
exp = P.exp.record
exp2 = P.exp2.record
expm1 = P.expm1.record
floor = P.floor.record
fmax = P.fmax.record
fmin = P.fmin.record
fmod = P.fmod.record
hypot = P.hypot.record
log = P.log.record
log10 = P.log10.record
log1p = P.log1p.record
log2 = P.log2.record
logaddexp = P.logaddexp.record
maximum = P.maximum.record
minimum = P.minimum.record
mul = multiply = P.mul.record
neg = negative = P.neg.record
pow = P.pow.record
positive = P.positive.record
remainder = P.remainder.record
sign = P.sign.record
sin = P.sin.record
sinh = P.sinh.record
sqrt = P.sqrt.record
tan = P.tan.record
tanh = P.tanh.record
trunc = P.trunc.record


eq = P.eq.record
ne = P.ne.record
lt = P.lt.record
le = P.le.record
gt = P.gt.record
ge = P.ge.record
isnan = P.isnan.record
isinf = P.isinf.record
isfinite = P.isfinite.record
signbit = P.signbit.record
logical_and = P.logical_and.record
logical_or = P.logical_or.record
logical_xor = P.logical_xor.record
logical_not = P.logical_not.record
bitwise_and = P.bitwise_and.record
bitwise_or = P.bitwise_or.record
bitwise_xor = P.bitwise_xor.record
bitwise_not = P.bitwise_not.record


def add(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """`input + alpha * other`, broadcast."""
    out: Tensor = P.add.record(input, other if alpha == 1 else P.mul.record(other, alpha))
    return out


def sub(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """`input - alpha * other`, broadcast."""
    out: Tensor = P.sub.record(input, other if alpha == 1 else P.mul.record(other, alpha))
    return out


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """`input / other`, broadcast; integers divide to the default float.

    Parameters
    ----------
    rounding_mode : None, "floor" or "trunc"
        Round the quotient down, or towards zero.
    """
    if rounding_mode is None:
        out: Tensor = P.div.record(input, other)
    elif rounding_mode == "floor":
        out = P.floor_divide.record(input, other)
    elif rounding_mode == "trunc":
        quotient = P.trunc.record(P.div.record(input, other))
        whole = isinstance(input, Traced) and input._data.dtype.kind in "iu"
        out = quotient.to(input._data.dtype) if whole else quotient
    else:
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
            f"{rounding_mode!r}"
        )
    return out


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """To the nearest whole number, halves to even; or to so many decimals."""
    if decimals == 0 or input._data.dtype.kind in "iu":
        out: Tensor = P.round.record(input)
        return out
    scale = 10.0**decimals
    return P.round.record(input * scale) / scale  # type: ignore[no-any-return]


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition holds, else `other`; alone, the places where it holds."""
    if input is None and other is None:
        return tuple(wrap(places) for places in np.nonzero(np.asarray(_data(condition))))
    if isinstance(condition, Traced) and condition._data.dtype != bool:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got {condition._data.dtype}; "
            f"compare first: torch.where(x > 0, …)"
        )
    return P.where.record(condition, input, other)


def _data(x: Any) -> Any:
    return x._data if isinstance(x, Traced) else x


def square(input: Tensor) -> Tensor:
    """x²."""
    out: Tensor = P.pow.record(input, 2)
    return out


@composed
def reciprocal(input: Tensor) -> Tensor:
    """1 / x."""
    return 1 / input


@composed
def rsqrt(input: Tensor) -> Tensor:
    """1 / √x."""
    return 1 / P.sqrt.record(input)  # type: ignore[no-any-return]


@composed
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`input` with what is below `min` or above `max` replaced by those.

    On its bounds the gradient passes, as in PyTorch.
    """
    if min is None and max is None:
        raise RuntimeError("clamp: at least one of 'min' or 'max' must not be None")
    out = input
    if min is not None:
        out = P.where.record(lt(out, min), min, out)
    if max is not None:
        out = P.where.record(gt(out, max), max, out)
    return out


@composed
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """input + weight · (end − input)."""
    return input + weight * (end - input)


@composed
def deg2rad(input: Tensor) -> Tensor:
    """Degrees as radians."""
    return input * (math.pi / 180)


@composed
def rad2deg(input: Tensor) -> Tensor:
    """Radians as degrees."""
    return input * (180 / math.pi)


def cast(x: Any, dtype: Any) -> Any:
    """`x` in another dtype, recorded; the same tensor if it has that dtype already."""
    if x._data.dtype == dtype:
        return x
    dtype = np.dtype(dtype)
    if dtype.kind != "f" and x._node is not None:
        return wrap(x._data.astype(dtype))
    return P.to_dtype.record(x, dtype)


def floating(x: Any) -> Any:
    """`x`, integers turned to the default float."""
    return cast(x, default_float()) if x._data.dtype.kind in "biu" else x


absolute = abs
divide = true_divide = div
subtract = sub
floor_divide = P.floor_divide.record
fix = trunc
clip = clamp
greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
