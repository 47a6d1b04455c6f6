"""Element by element: the primitives under PyTorch's names, and what composes from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, nondifferentiable, wrap
from ..numerics.promotion import default_float
from ..primitives import elementwise
from .composed import composed
from .views import set_out

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

acos = arccos = elementwise.arccos.record
acosh = arccosh = elementwise.arccosh.record
asin = arcsin = elementwise.arcsin.record
asinh = arcsinh = elementwise.arcsinh.record
atan = arctan = elementwise.arctan.record
atan2 = arctan2 = elementwise.arctan2.record
atanh = arctanh = elementwise.arctanh.record
ceil = elementwise.ceil.record
copysign = elementwise.copysign.record
cos = elementwise.cos.record
cosh = elementwise.cosh.record
erf = elementwise.erf.record
exp = elementwise.exp.record
exp2 = elementwise.exp2.record
expm1 = elementwise.expm1.record
floor = elementwise.floor.record
fmax = elementwise.fmax.record
fmin = elementwise.fmin.record
fmod = elementwise.fmod.record
hypot = elementwise.hypot.record
log = elementwise.log.record
log10 = elementwise.log10.record
log1p = elementwise.log1p.record
log2 = elementwise.log2.record
logaddexp = elementwise.logaddexp.record
mul = multiply = elementwise.mul.record
nextafter = elementwise.nextafter.record
neg = negative = elementwise.neg.record
pow = elementwise.pow.record
positive = elementwise.positive.record
remainder = elementwise.remainder.record
sign = sgn = elementwise.sgn.record
sin = elementwise.sin.record
sinh = elementwise.sinh.record
sqrt = elementwise.sqrt.record
square = elementwise.square.record
tan = elementwise.tan.record
tanh = elementwise.tanh.record
trunc = elementwise.trunc.record


eq = elementwise.eq.record
ne = elementwise.ne.record
lt = elementwise.lt.record
le = elementwise.le.record
gt = elementwise.gt.record
ge = elementwise.ge.record
isnan = elementwise.isnan.record
isinf = elementwise.isinf.record
isfinite = elementwise.isfinite.record
signbit = elementwise.signbit.record
logical_and = elementwise.logical_and.record
logical_or = elementwise.logical_or.record
logical_xor = elementwise.logical_xor.record
logical_not = elementwise.logical_not.record
bitwise_and = elementwise.bitwise_and.record
bitwise_or = elementwise.bitwise_or.record
bitwise_xor = elementwise.bitwise_xor.record
bitwise_not = elementwise.bitwise_not.record
bitwise_left_shift = elementwise.bitwise_left_shift.record
bitwise_right_shift = elementwise.bitwise_right_shift.record
gcd = elementwise.gcd.record
lcm = elementwise.lcm.record


def abs(input: Tensor) -> Tensor:
    """|x|, with slope 0 at 0."""
    if input._data.dtype == bool:
        raise NotImplementedError("abs: not implemented for 'Bool'; count with .int() first")
    return elementwise.abs.record(input)


def add(input: Any, other: Any, *, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """`input + alpha * other`, broadcast."""
    scaled = other if alpha == 1 else elementwise.mul.record(other, alpha)
    y: Tensor = elementwise.add.record(input, scaled, out=out)
    return y


def sub(input: Any, other: Any, *, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """`input - alpha * other`, broadcast."""
    scaled = other if alpha == 1 else elementwise.mul.record(other, alpha)
    y: Tensor = elementwise.sub.record(input, scaled, out=out)
    return y


def div(
    input: Any, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """`input / other`, broadcast; integers divide to the default float.

    Parameters
    ----------
    rounding_mode : None, "floor" or "trunc"
        Round the quotient down, or towards zero.
    """
    if rounding_mode is None:
        y: Tensor = elementwise.div.record(input, other, out=out)
    elif rounding_mode == "floor":
        y = elementwise.floor_divide.record(input, other, out=out)
    elif rounding_mode == "trunc":
        quotient = elementwise.trunc.record(elementwise.div.record(input, other))
        whole = isinstance(input, Traced) and input._data.dtype.kind in "iu"
        y = quotient.to(input._data.dtype) if whole else quotient
        if out is not None:
            y = set_out(out, y, "div")
    else:
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
            f"{rounding_mode!r}"
        )
    return y


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """To the nearest whole number, halves to even; or to so many decimals."""
    if decimals == 0 or input._data.dtype.kind in "iu":
        out: Tensor = elementwise.round.record(input)
        return out
    scale = 10.0**decimals
    return elementwise.round.record(input * scale) / scale


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition holds, else `other`; alone, the places where it holds."""
    if input is None and other is None:
        return tuple(wrap(places) for places in np.nonzero(np.asarray(_data(condition))))
    if isinstance(condition, Traced) and condition._data.dtype != bool:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got {condition._data.dtype}; "
            f"compare first: torch.where(x > 0, …)"
        )
    return elementwise.where.record(condition, input, other)


def _data(x: Any) -> Any:
    return x._data if isinstance(x, Traced) else x


@composed
def reciprocal(input: Tensor) -> Tensor:
    """1 / x."""
    return 1 / input


@composed
def rsqrt(input: Tensor) -> Tensor:
    """1 / √x."""
    return 1 / elementwise.sqrt.record(input)


@composed
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`input` with what is below `min` or above `max` replaced by those.

    On its bounds the gradient passes, as in PyTorch.
    """
    if min is None and max is None:
        raise RuntimeError("clamp: at least one of 'min' or 'max' must not be None")
    if isinstance(min, Traced) or isinstance(max, Traced):
        out = input
        if min is not None:
            out = elementwise.where.record(lt(out, min), min, out)
        if max is not None:
            out = elementwise.where.record(gt(out, max), max, out)
        return out
    x = input if min is None and max is None else _with_bounds(input, min, max)
    still = x.detach()
    bounded = still if min is None else elementwise.maximum.record(still, min)
    bounded = bounded if max is None else elementwise.minimum.record(bounded, max)
    return elementwise.where.record(still == bounded, x, bounded)


def _with_bounds(input: Any, min: Any, max: Any) -> Any:
    """`input` in the dtype that it and its bounds have together (a float bound makes floats)."""
    if any(isinstance(bound, float) for bound in (min, max)):
        return floating(input)
    return input


def clamp_min(input: Tensor, min: Any) -> Tensor:
    """`clamp` with a lower bound alone."""
    return clamp(input, min)


def clamp_max(input: Tensor, max: Any) -> Tensor:
    """`clamp` with an upper bound alone."""
    return clamp(input, None, max)


def maximum(input: Any, other: Any) -> Tensor:
    """The larger of each pair, NaN where one is NaN; a tie shares the gradient."""
    # NumPy answers its second operand for 0.0 and −0.0, PyTorch its first.
    return elementwise.maximum.record(other, input)


def minimum(input: Any, other: Any) -> Tensor:
    """The smaller of each pair, NaN where one is NaN; a tie shares the gradient."""
    return elementwise.minimum.record(other, input)


@composed
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """input + weight · (end − input)."""
    return input + weight * (end - input)  # type: ignore[no-any-return]


@composed
def addcmul(input: Tensor, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
    """input + value · a · b."""
    product = tensor1 * tensor2
    return input + (product if value == 1 else product * value)  # type: ignore[no-any-return]


@composed
def addcdiv(input: Tensor, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
    """input + value · a / b."""
    quotient = tensor1 / tensor2
    return input + (quotient if value == 1 else quotient * value)  # type: ignore[no-any-return]


@composed
def frac(input: Tensor) -> Tensor:
    """What is left of x without its whole part."""
    return input - elementwise.trunc.record(input.detach())


@composed
def nan_to_num(
    input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """NaN as a number, infinities as the largest floats unless others are given."""
    kind = input._data.dtype
    if kind.kind != "f":
        return input.clone()
    limits = np.finfo(kind)
    out = elementwise.where.record(isnan(input), 0.0 if nan is None else nan, input)
    top = float(limits.max) if posinf is None else posinf
    bottom = float(limits.min) if neginf is None else neginf
    out = elementwise.where.record(input == math.inf, top, out)
    return elementwise.where.record(input == -math.inf, bottom, out)


def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below 0, 1 above it, and `values` at 0; without a derivative."""
    x, at_zero = input.detach(), values.detach()
    step = elementwise.where.record(x == 0, at_zero, (x > 0).to(x._data.dtype))
    return elementwise.where.record(isnan(x), 0.0, step) if x._data.dtype.kind == "f" else step


def float_power(input: Any, exponent: Any) -> Tensor:
    """x ** y in float64."""
    a, b = (cast(x, np.float64) if isinstance(x, Traced) else float(x) for x in (input, exponent))
    return elementwise.pow.record(a, b)


@composed
def ldexp(input: Tensor, other: Any) -> Tensor:
    """x · 2ⁿ."""
    return input * elementwise.pow.record(2.0, other)


@composed
def logaddexp2(input: Tensor, other: Tensor) -> Tensor:
    """log₂(2ᵃ + 2ᵇ)."""
    ln2 = math.log(2)
    return elementwise.logaddexp.record(input * ln2, other * ln2) / ln2


def frexp(input: Tensor) -> tuple[Tensor, Tensor]:
    """Mantissa in [½, 1) and exponent (int32): x = m · 2ᵉ."""
    exponent = np.frexp(input._data)[1]
    scale = np.ldexp(np.ones((), input._data.dtype), -exponent)
    return input * wrap(scale), wrap(exponent.astype(np.int32))


def rsub(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """other − alpha · input."""
    return sub(other, input, alpha=alpha)


def isposinf(input: Tensor) -> Tensor:
    """Where entries are +∞."""
    return input == math.inf if input._data.dtype.kind == "f" else isinf(input)


def isneginf(input: Tensor) -> Tensor:
    """Where entries are −∞."""
    return input == -math.inf if input._data.dtype.kind == "f" else isinf(input)


def isreal(input: Tensor) -> Tensor:
    """True everywhere: no entry has an imaginary part."""
    return wrap(np.isreal(input._data))  # type: ignore[no-any-return]


def part(input: Any, function: Any) -> Any:
    """A part of complex entries; there is no derivative for it."""
    if input._node is not None:
        raise NotImplementedError(
            f"{function.__name__}: gradients through complex numbers are not built; keep the real "
            f"and the imaginary part as two tensors"
        )
    return nondifferentiable(function.__name__, function, input)


def real(input: Tensor) -> Tensor:
    """The real parts; of real entries, the tensor itself."""
    return part(input, np.real) if input._data.dtype.kind == "c" else input


def conj(input: Tensor) -> Tensor:
    """With the imaginary parts negated; of real entries, the tensor itself."""
    return part(input, np.conj) if input._data.dtype.kind == "c" else input


def resolve_conj(input: Tensor) -> Tensor:
    """The tensor itself: conjugates and negatives are computed when they are asked for."""
    return input


conj_physical, resolve_neg = conj, resolve_conj


@composed
def angle(input: Tensor) -> Tensor:
    """0 for entries from 0 up, π below; NaN for NaN; flat everywhere."""
    x = floating(input)
    return elementwise.where.record(x < 0, math.pi, elementwise.where.record(isnan(x), x, x * 0.0))


def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Where |x − y| ≤ atol + rtol · |y|."""
    if input._data.dtype != other._data.dtype:
        raise RuntimeError(
            f"isclose: {input._data.dtype} did not match {other._data.dtype}; convert one of them"
        )
    with np.errstate(invalid="ignore"):
        near = np.isclose(input._data, other._data, rtol, atol, equal_nan)
    return wrap(near)  # type: ignore[no-any-return]


def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether |x − y| ≤ atol + rtol · |y| everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._data.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have one shape and the same entries."""
    return bool(np.array_equal(input._data, other._data))


@composed
def deg2rad(input: Tensor) -> Tensor:
    """Degrees as radians."""
    return input * (math.pi / 180)


@composed
def rad2deg(input: Tensor) -> Tensor:
    """Radians as degrees."""
    return input * (180 / math.pi)


def cast(x: Any, dtype: Any) -> Tensor:
    """`x` in another dtype, recorded; the same tensor if it has that dtype already."""
    if x._data.dtype == dtype:
        return x  # type: ignore[no-any-return]
    dtype = np.dtype(dtype)
    if dtype.kind != "f" and x._node is not None:
        return nondifferentiable("cast", lambda a: a.astype(dtype), x)  # type: ignore[no-any-return]
    return elementwise.to_dtype.record(x, dtype)


def floating(x: Any) -> Tensor:
    """`x`, integers turned to the default float."""
    return cast(x, default_float()) if x._data.dtype.kind in "biu" else x


absolute = abs
divide = true_divide = div
subtract = sub
floor_divide = elementwise.floor_divide.record
fix = trunc
clip = clamp
greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
