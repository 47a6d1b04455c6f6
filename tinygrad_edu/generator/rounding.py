"""Arithmetic that rounds where PyTorch's kernels round: fused multiply-add, and the half types.

PyTorch's x86-64 kernels compute ``a·b + c`` with one rounding (FMA), NumPy with two. The functions
here give the one-rounding result on every machine.
"""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

Precision: TypeAlias = Literal["float64", "float32", "float16", "bfloat16"]
"""The floating dtypes that numbers are drawn for. NumPy has no bfloat16: such numbers are float32
arrays whose values are bfloat16's."""

_PRECISIONS: dict[Any, Precision] = {
    np.dtype(np.float64): "float64",
    np.dtype(np.float32): "float32",
    np.dtype(np.float16): "float16",
}

STORAGE: dict[Precision, np.dtype[Any]] = {
    "float64": np.dtype(np.float64),
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(np.float32),
}
"""The NumPy dtype that holds numbers of each precision."""


def precision_of(dtype: DTypeLike, call: str) -> Precision:
    """Return the precision that `dtype` names; `call` is the caller, for the message.

    Raises
    ------
    NotImplementedError
        If `dtype` is not a floating dtype that PyTorch draws (a RuntimeError, as in PyTorch).
    """
    if isinstance(dtype, str) and dtype == "bfloat16":
        return "bfloat16"
    precision = _PRECISIONS.get(np.dtype(dtype))
    if precision is None:
        raise NotImplementedError(
            f"{call} is not implemented for {np.dtype(dtype)}: it draws float16, bfloat16, "
            f"float32 or float64; write {call}(…, dtype=float32), or randint for integers"
        )
    return precision


def wide_precision_of(dtype: DTypeLike, call: str) -> Precision:
    """Return the precision that `dtype` names, for draws that PyTorch has in no half type.

    Raises
    ------
    NotImplementedError
        If `dtype` is neither float32 nor float64.
    """
    precision = precision_of(dtype, call)
    if precision not in ("float32", "float64"):
        raise NotImplementedError(
            f"{call} is not implemented for {precision}: write x.astype(np.float32)"
        )
    return precision


def bfloat16_values(values: NDArray[Any]) -> NDArray[np.float32]:
    """Round to bfloat16, ties to even. Same shape, float32; bfloat16 is its upper 16 bits."""
    bits = np.array(values, np.float32).view(np.uint32)
    bits += np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    bits &= np.uint32(0xFFFF0000)
    return bits.view(np.float32)


def round_to(values: NDArray[Any], precision: Precision) -> NDArray[Any]:
    """Round float64 or float32 values to `precision`; no copy where nothing changes.

    PyTorch's half types are made from float32, so a float64 is rounded twice on its way there.
    """
    if precision == "float64":
        return values.astype(np.float64, copy=False)
    with np.errstate(over="ignore"):
        single = values.astype(np.float32, copy=False)
        if precision == "float16":
            return single.astype(np.float16)
    return bfloat16_values(single) if precision == "bfloat16" else single


def fma32(values: NDArray[np.float32], factor: float, addend: float) -> NDArray[np.float32]:
    """``values·factor + addend`` with one rounding to float32; both scalars are float32 numbers.

    The float64 product is exact. Its sum with `addend` rounds, and rounding that again to float32
    goes wrong only from a float64 that sits exactly between two float32: there the error of the
    sum decides the side.
    """
    if addend == 0:
        # + 0.0 turns −0 into +0, as the fused addition does.
        return values * np.float32(factor) + np.float32(0)
    product = np.multiply(values, np.float64(factor), dtype=np.float64)
    total = product + addend
    halfway = (total.view(np.uint64) & np.uint64(0x1FFFFFFF)) == np.uint64(0x10000000)
    if halfway.any():
        at, p = total[halfway], product[halfway]
        share = at - p
        error = (p - (at - share)) + (addend - share)
        total[halfway] = np.where(error == 0, at, np.nextafter(at, np.copysign(np.inf, error)))
    return total.astype(np.float32)


def fma64(values: NDArray[np.float64], factor: float, addend: float) -> NDArray[np.float64]:
    """``values·factor + addend`` with one rounding to float64.

    `values` are 0 or of magnitude 2⁻¹²⁰ … 2¹²⁰, as all standard draws are. The algorithm is
    S. Boldo and G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms
    using rounding to odd", IEEE Trans. Comput. 57 (2008), for which product and sum are split into
    a float64 and its exact error.
    """
    if addend == 0:
        return values * factor + 0.0
    if factor == 1:
        return values + addend
    if not (_splits_safely(factor) and _splits_safely(addend)):
        exact = (_fused_exactly(value, factor, addend) for value in values.tolist())
        return np.fromiter(exact, np.float64, count=values.size)
    product, product_error = _two_product(values, np.float64(factor))
    low, low_error = _two_sum(np.float64(addend), product_error)
    high, high_error = _two_sum(product, low)
    rest, rest_error = _two_sum(low_error, high_error)
    even = (rest.view(np.uint64) & np.uint64(1)) == 0
    to_odd = (rest_error != 0) & even
    rest[to_odd] = np.nextafter(rest[to_odd], np.copysign(np.inf, rest_error[to_odd]))
    total: NDArray[np.float64] = high + rest
    return total


def _splits_safely(number: float) -> bool:
    return number == 0 or 2.0**-800 < abs(number) < 2.0**800


def _two_sum(a: Any, b: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Knuth: the rounded sum and its exact error.
    total = a + b
    share = total - a
    return total, (a - (total - share)) + (b - share)


def _two_product(
    a: NDArray[np.float64], b: np.float64
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Dekker, with Veltkamp's splitting into two halves of 26 bits.
    def split(x: Any) -> tuple[Any, Any]:
        shifted = x * 134217729.0
        high = shifted - (shifted - x)
        return high, x - high

    product = a * b
    (a_high, a_low), (b_high, b_low) = split(a), split(b)
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


def _fused_exactly(a: float, b: float, c: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return a * b + c
    (an, ad), (bn, bd), (cn, cd) = (x.as_integer_ratio() for x in (a, b, c))
    numerator = an * bn * cd + cn * ad * bd
    try:
        # The quotient of two integers is correctly rounded; a zero takes its sign from the floats.
        return numerator / (ad * bd * cd) if numerator else a * b + c
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf
