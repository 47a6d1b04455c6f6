"""Where drawn numbers go: shapes, and the order in which PyTorch visits memory.

PyTorch fills a tensor in the order of its strides, largest first, not in the order of its
indices; a transposed view gets the numbers that its base would have got.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .rounding import Precision, precision_of


def as_shape(shape: SupportsIndex | Sequence[SupportsIndex]) -> tuple[int, ...]:
    """Return `shape`, a size or a sequence of sizes, as a tuple.

    Raises
    ------
    TypeError
        If a size is not an integer.
    RuntimeError
        If a size is negative.
    """
    sizes = (shape,) if isinstance(shape, SupportsIndex) else shape
    try:
        result = tuple(operator.index(size) for size in sizes)
    except TypeError:
        raise TypeError(
            f"a shape is an integer or a sequence of integers, got {shape!r}; write (2, 3)"
        ) from None
    for size in result:
        if size < 0:
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {size}: {list(result)}; "
                "sizes are 0 or more"
            )
    return result


def stride_order(x: NDArray[Any]) -> tuple[int, ...]:
    """Return the dimensions of `x` from the largest stride to the smallest.

    A broadcast dimension (stride 0) keeps its place among its neighbours, and of two equal strides
    the longer dimension comes first: PyTorch's insertion sort, which starts from the last dimension
    and leaves alone what it cannot compare.
    """
    strides = [abs(stride) for stride in x.strides]
    order = list(range(x.ndim))[::-1]  # smallest first until the end
    for start in range(1, x.ndim):
        moving = start
        for before in range(start - 1, -1, -1):
            a, b = order[before], order[moving]
            if strides[a] == 0 or strides[b] == 0:
                continue
            if strides[a] < strides[b]:
                break
            if strides[a] > strides[b] or x.shape[a] > x.shape[b]:
                order[before], order[moving] = b, a
                moving = before
    return tuple(order[::-1])


def dense_like(x: NDArray[Any], dtype: DTypeLike | None = None) -> NDArray[Any]:
    """Return an uninitialised array of `x`'s shape without gaps, its strides in the order of `x`'s.

    The layout of PyTorch's `empty_like`. `dtype` defaults to `x`'s.
    """
    dtype = x.dtype if dtype is None else dtype
    if x.flags.c_contiguous:
        return np.empty(x.shape, dtype)
    order = stride_order(x)
    dense = np.empty([x.shape[dim] for dim in order], dtype)
    return dense.transpose(np.argsort(order))


def check_destination(out: NDArray[Any], call: str) -> None:
    """Refuse what cannot be filled in place; `call` is the caller, for the message.

    Raises
    ------
    TypeError
        If `out` is not an array.
    RuntimeError
        If it is read-only, or several of its elements share memory.
    """
    if not isinstance(out, np.ndarray):
        raise TypeError(
            f"{call} fills an array in place, got {type(out).__name__}; "
            f"write {call}(np.empty(shape, np.float32))"
        )
    shared = any(stride == 0 and size > 1 for stride, size in zip(out.strides, out.shape))
    if shared and out.size:
        raise RuntimeError(
            f"{call}: unsupported operation: more than one element of the written-to array refers "
            f"to a single memory location (shape {out.shape}, strides {out.strides}); "
            "fill a copy of it"
        )
    if not out.flags.writeable:
        raise RuntimeError(f"{call}: the array is read-only; fill a copy of it")


def destination_precision(out: NDArray[Any], dtype: DTypeLike | None, call: str) -> Precision:
    """Return the precision of the numbers to fill `out` with: `dtype`'s, or else its own.

    Raises
    ------
    TypeError, RuntimeError
        If `out` cannot be filled in place.
    NotImplementedError
        If the dtype is not floating.
    """
    check_destination(out, call)
    return precision_of(out.dtype if dtype is None else dtype, call)


def fill_in_memory_order(out: NDArray[Any], flat: NDArray[Any]) -> NDArray[Any]:
    """Write `flat`, shape (out.size,), into `out` along its memory. Returns `out`."""
    if out.flags.c_contiguous:
        out.reshape(-1)[...] = flat
    else:
        ordered = out.transpose(stride_order(out))
        ordered[...] = flat.reshape(ordered.shape)
    return out
