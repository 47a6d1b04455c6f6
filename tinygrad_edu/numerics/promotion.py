"""Which dtype a mixed call computes in: PyTorch's rules.

Categories rank bool < int < float. Tensors with dimensions decide; a 0-d tensor counts only if its
category is higher than theirs, and a Python number only if higher than both. Within the winning
category the wider dtype wins. A Python float among integers means the default float.

Source: PyTorch's tensor attributes documentation ("type promotion"), and its recorded results.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["category", "default_float", "result_dtype", "set_default_float"]

BOOL, INT, FLOAT, COMPLEX = 0, 1, 2, 3
_KINDS = {"b": BOOL, "i": INT, "u": INT, "f": FLOAT, "c": COMPLEX}
_default = [np.dtype(np.float32)]


def default_float() -> Any:
    """The dtype of new floating-point tensors (float32 unless changed)."""
    return _default[0]


def set_default_float(dtype: Any) -> None:
    """Change the dtype of new floating-point tensors.

    Raises
    ------
    TypeError
        If `dtype` is not floating-point.
    """
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(
            f"the default dtype must be floating-point, got {dtype}; use float32 or float64"
        )
    _default[0] = dtype


def category(dtype: Any) -> int:
    """0 for bool, 1 for integers, 2 for floats, 3 for complex.

    Raises
    ------
    TypeError
        For dtypes that hold no numbers.
    """
    try:
        return _KINDS[dtype.kind]
    except KeyError:
        raise TypeError(
            f"tensors hold numbers, got dtype {dtype}; convert to float, int or bool first"
        ) from None


def number_dtype(number: Any) -> Any:
    """The dtype that a Python number asks for where nothing else decides."""
    if isinstance(number, bool):
        return np.dtype(bool)
    if isinstance(number, int):
        return np.dtype(np.int64)
    if isinstance(number, complex):
        wide = default_float() == np.float64
        return np.dtype(np.complex128 if wide else np.complex64)
    return default_float()


def wider(dtypes: list[Any]) -> Any:
    """The narrowest dtype that holds all of `dtypes`; int with float keeps the float."""
    top = max(map(category, dtypes))
    if top == COMPLEX:
        return np.result_type(*dtypes)
    return np.result_type(*[d for d in dtypes if category(d) == top])


def result_dtype(arrays: list[Any], numbers: list[Any]) -> Any:
    """The dtype that a call on `arrays` and Python `numbers` computes in.

    Parameters
    ----------
    arrays : list of arrays
        Anything with `dtype` and `ndim`.
    numbers : list of Python numbers
        Weak operands.
    """
    groups = [
        [a.dtype for a in arrays if a.ndim],
        [a.dtype for a in arrays if not a.ndim],
        [number_dtype(n) for n in numbers],
    ]
    result: Any = None
    for group in groups:
        if not group:
            continue
        dtype = wider(group)
        if result is None or category(dtype) > category(result):
            floats = result is not None and category(dtype) == COMPLEX and result.kind == "f"
            result = np.result_type(result, np.complex64) if floats else dtype
    return result
