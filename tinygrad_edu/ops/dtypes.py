"""The dtypes under PyTorch's names: NumPy's own, so that either library's functions take them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.traced import raw
from ..numerics.promotion import category, default_float, result_dtype, set_default_float

__all__ = [
    "bool",
    "can_cast",
    "cdouble",
    "cfloat",
    "complex128",
    "complex64",
    "double",
    "dtype",
    "e",
    "finfo",
    "float",
    "float16",
    "float32",
    "float64",
    "get_default_dtype",
    "half",
    "iinfo",
    "inf",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "long",
    "nan",
    "newaxis",
    "pi",
    "promote_types",
    "result_type",
    "set_default_dtype",
    "short",
    "uint8",
]

dtype = np.dtype

float16 = half = np.dtype(np.float16)
float32 = float = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)
complex64 = cfloat = np.dtype(np.complex64)
complex128 = cdouble = np.dtype(np.complex128)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = int = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
bool = np.dtype(np.bool_)

pi, e, inf, nan = math.pi, math.e, math.inf, math.nan
newaxis = None

finfo, iinfo = np.finfo, np.iinfo


def get_default_dtype() -> Any:
    """The dtype of new floating-point tensors."""
    return default_float()


def set_default_dtype(d: Any) -> None:
    """Change the dtype of new floating-point tensors.

    Raises
    ------
    TypeError
        If it is not a floating-point dtype.
    """
    set_default_float(d)


def result_type(tensor1: Any, tensor2: Any) -> Any:
    """The dtype that arithmetic on the two computes in."""
    operands = [raw(tensor1), raw(tensor2)]
    arrays = [x for x in operands if hasattr(x, "dtype")]
    return result_dtype(arrays, [x for x in operands if not hasattr(x, "dtype")])


def promote_types(type1: Any, type2: Any) -> Any:
    """The narrowest dtype that both convert to by PyTorch's rules."""
    return result_dtype([np.empty(1, type1), np.empty(1, type2)], [])


def can_cast(from_: Any, to: Any) -> Any:
    """Whether writing one dtype into another keeps its kind (floats into integers does not)."""
    return category(np.dtype(from_)) <= category(np.dtype(to))
