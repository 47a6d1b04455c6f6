"""How a function of float64 blocks becomes a function of anything array-like.

The special functions of this package are written as *kernels*: from 1-d, contiguous float64 arrays
of a few thousand elements to a new array of the same length. `unary` and `binary` turn a kernel
into what users call, which behaves as a NumPy ufunc does: any shape, scalars for 0-d arguments,
the dtype that came in, and no warnings (a pole is an answer here, not an accident).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64Array: TypeAlias = NDArray[np.float64]
Float32Array: TypeAlias = NDArray[np.float32]
FloatArray: TypeAlias = NDArray[np.floating[Any]]

# The temporaries of a kernel stay in the second-level cache, whatever the size of the argument.
BLOCK = 1 << 13

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16))


def float_array(name: str, x: ArrayLike) -> FloatArray:
    """Return `x` as an array of float16, float32 or float64; integers and bools become float64.

    Raises
    ------
    TypeError
        For complex numbers, objects and extended precision.
    """
    array = np.asarray(x)
    kind = array.dtype
    if kind in _FLOATS:
        return array
    if kind.kind in "biu":
        return array.astype(np.float64)
    raise TypeError(
        f"{name}: got an argument of dtype {kind}; expected real numbers of float32 or float64; "
        f"convert first, for example x.astype(np.float64)"
    )


def unary(kernel: Callable[[Float64Array], Float64Array]) -> Callable[[ArrayLike], Any]:
    """Make an elementwise function of one argument from a kernel, which must not write to it.

    float32 and float16 go through float64 and are rounded once.
    """

    @wraps(kernel)
    def function(x: ArrayLike) -> Any:
        array = float_array(kernel.__name__, x)
        flat = array.reshape(-1)
        with np.errstate(all="ignore"):
            if flat.size <= BLOCK:
                y = kernel(flat.astype(np.float64, copy=False)).astype(flat.dtype, copy=False)
            else:
                y = np.empty_like(flat)
                for start in range(0, flat.size, BLOCK):
                    block = slice(start, start + BLOCK)
                    y[block] = kernel(flat[block].astype(np.float64, copy=False))
        return y.reshape(array.shape)[()]

    return function


def binary(
    kernel: Callable[[Float64Array, Float64Array], Float64Array],
) -> Callable[[ArrayLike, ArrayLike], Any]:
    """Make an elementwise function of two broadcast arguments from a kernel.

    The result has the wider of the two dtypes; a Python number takes the other argument's.
    """

    @wraps(kernel)
    def function(a: ArrayLike, b: ArrayLike) -> Any:
        first, second = float_array(kernel.__name__, a), float_array(kernel.__name__, b)
        dtype = np.result_type(
            a if isinstance(a, (bool, int, float)) else first,
            b if isinstance(b, (bool, int, float)) else second,
        )
        dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
        first, second = np.broadcast_arrays(first, second)
        flat_a, flat_b = first.reshape(-1), second.reshape(-1)
        out = np.empty(flat_a.size, dtype)
        with np.errstate(all="ignore"):
            for start in range(0, flat_a.size, BLOCK):
                block = slice(start, start + BLOCK)
                out[block] = kernel(
                    flat_a[block].astype(np.float64, copy=False),
                    flat_b[block].astype(np.float64, copy=False),
                )
        return out.reshape(first.shape)[()]

    return function


def polynomial(x: Float64Array, coefficients: tuple[float, ...]) -> Float64Array:
    """Evaluate c₀ + c₁x + c₂x² + … by Horner's rule."""
    y = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= x
        y += c
    return y


def chebyshev(x: Float64Array, coefficients: tuple[float, ...]) -> Float64Array:
    """Evaluate Σ cₖTₖ(x) for -1 <= x <= 1 by Clenshaw's recurrence (DLMF 3.11.15)."""
    twice = x + x
    later, y = np.zeros_like(x), np.full_like(x, coefficients[-1])
    for c in coefficients[-2:0:-1]:
        later *= -1.0
        later += c
        later += twice * y
        later, y = y, later
    return coefficients[0] + x * y - later
