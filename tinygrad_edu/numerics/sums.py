"""Sums and maxima of matrices along an axis, by the fastest road that NumPy offers.

A matrix times a vector of ones is a sum, and BLAS computes it five times as fast as `np.add.reduce`
goes along a short axis; a maximum over short rows is faster over the columns of the transpose.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .overridable import overridable

__all__ = ["column_sums", "euclidean", "row_maxima", "row_sums", "sum_to_size"]

SHORT = 64
_ones: dict[Any, Any] = {}


def ones(n: int, dtype: Any) -> Any:
    """A vector of ones, kept for the next call."""
    held = _ones.get((n, dtype))
    if held is None:
        if len(_ones) > 100:
            _ones.clear()
        held = _ones[n, dtype] = np.ones(n, dtype)
        held.flags.writeable = False
    return held


def column_sums(x: Any) -> Any:
    """The sum over rows of a matrix of floats: shape (n, m) → (m,)."""
    return ones(x.shape[0], x.dtype).dot(x)


def row_sums(x: Any) -> Any:
    """The sum of each row of a matrix of floats: shape (n, m) → (n,)."""
    return x.dot(ones(x.shape[1], x.dtype))


def row_maxima(x: Any) -> Any:
    """The largest entry of each row of a matrix: shape (n, m) → (n,)."""
    if x.shape[1] <= SHORT <= x.shape[0]:
        return np.maximum.reduce(np.ascontiguousarray(x.T), 0)
    return np.maximum.reduce(x, 1)


@overridable
def sum_to_size(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` summed over the axes that broadcasting stretched, back to `shape`.

    It undoes `np.broadcast_to(y, x.shape)` for gradients: each entry of the result is the sum of
    the entries of `x` that one entry of `shape` was repeated to.
    """
    extra = len(x.shape) - len(shape)
    if type(x) is np.ndarray and x.ndim == 2 and x.dtype.kind == "f":
        # a bias beside a batch, a sum of each row: the commonest cases, spared the detours
        if extra == 1 and x.shape[1:] == shape:
            return column_sums(x)
        if shape == (x.shape[0], 1):
            return row_sums(x).reshape(shape)
    stretched = [i + extra for i, n in enumerate(shape) if n == 1 and x.shape[i + extra] != 1]
    axes = (*range(extra), *stretched)
    if axes:
        x = np.sum(x, axis=axes)
    return x if x.shape == shape else np.reshape(x, shape)


def euclidean(x: Any) -> Any:
    """The length of a vector of floats, in the order in which PyTorch adds up the squares.

    In a register of 32 bytes, entry after entry. Of many float32 that loses digits (4e-5 of 60,000
    entries), and a model whose gradients are clipped to a length learns with that one.
    """
    lanes = 32 // x.dtype.itemsize
    if x.dtype.kind != "f" or x.dtype.itemsize < 4:
        return np.sqrt(np.dot(x, x))
    whole = len(x) // lanes * lanes
    head = x[:whole]
    total = x.dtype.type(0)
    with np.errstate(over="ignore"):
        for square in np.add.reduce((head * head).reshape(-1, lanes), axis=0):
            total += square
        for entry in x[whole:]:
            total += entry * entry
    return np.sqrt(total)
