"""Diagonals and triangles: taking them, and matrices made of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import wrap
from ..primitives import elementwise, shaping
from .composed import composed
from .joining import cat
from .shaping import diagonal

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or the matrix with a vector on its diagonal."""
    if input._data.ndim == 1:
        return diag_embed(input, diagonal)
    if input._data.ndim != 2:
        raise RuntimeError(
            f"diag(): Supports 1D or 2D tensors. Got {input._data.ndim}D; "
            f"use diagonal() or diag_embed() for stacks of them"
        )
    return shaping.diagonal.record(input, diagonal)


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all entries on its diagonal."""
    return diag_embed(input.reshape((-1,)), offset)


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices of zeros with the last dimension on their diagonals."""
    rank = input._data.ndim + 1
    a, b = dim1 % rank, dim2 % rank
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    n = input._data.shape[-1] + abs(offset)
    shape = list(input._data.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, n)
    return shaping.diagonal_scatter_op.record(input, tuple(shape), offset, a, b)


@composed
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    """`input` with `src` on a diagonal."""
    rank = input._data.ndim
    a, b, shape = dim1 % rank, dim2 % rank, tuple(input._data.shape)
    on = shaping.diagonal_scatter_op.forward(
        np.ones(src._data.shape, bool), shape=shape, offset=offset, axis1=a, axis2=b
    )
    put = shaping.diagonal_scatter_op.record(src, shape, offset, a, b)
    return elementwise.where.record(on, put, input)


@composed
def block_diag(*tensors: Any) -> Tensor:
    """Matrices one after the other along the diagonal, zeros elsewhere."""
    parts = [x.reshape((1, -1)) if x._data.ndim < 2 else x for x in tensors]
    if any(x._data.ndim > 2 for x in parts):
        raise RuntimeError("block_diag: each tensor must have at most two dimensions")
    width = sum(x._data.shape[1] for x in parts)
    rows, before = [], 0
    for x in parts:
        after = width - before - x._data.shape[1]
        rows.append(shaping.pad.record(x, ((0, 0), (before, after)), 0.0))
        before += x._data.shape[1]
    return cat(rows, 0)


def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal."""
    if input._data.ndim != 2:
        raise RuntimeError(
            f"trace: expected a matrix, but got tensor with dim {input._data.ndim}; "
            f"use .diagonal(0, -2, -1).sum(-1) for stacks of matrices"
        )
    return diagonal(input).sum()


def triangle(input: Tensor, k: int, lower: bool) -> Tensor:
    """`input` with 0 above (or below) its k-th diagonal."""
    if input._data.ndim < 2:
        raise RuntimeError(
            f"tri{'lu'[not lower]}: input tensor must have at least 2 dimensions, got shape "
            f"{tuple(input._data.shape)}"
        )
    rows, columns = input._data.shape[-2:]
    kept = np.tri(rows, columns, k if lower else k - 1, dtype=bool)
    kept = kept if lower else ~kept
    zero = False if input._data.dtype == bool else 0
    return elementwise.where.record(np.broadcast_to(kept, input._data.shape), input, zero)


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle, up to a diagonal."""
    return triangle(input, diagonal, True)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle, from a diagonal."""
    return triangle(input, diagonal, False)


@composed
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """Rows of powers 1, x, x², …, by default the highest first."""
    n = x._data.shape[-1] if N is None else N
    powers = np.arange(n) if increasing else np.arange(n)[::-1]
    return x.unsqueeze(-1) ** wrap(powers.astype(x._data.dtype))  # type: ignore[no-any-return]


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """Every choice of r entries of a vector, in order, as rows."""
    from_ = range(input._data.shape[0])
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = np.array(list(choose(from_, r)), np.int64).reshape(-1, r)
    return input[wrap(places)] if places.size else wrap(np.zeros((0, r), input._data.dtype))


def cartesian_prod(*tensors: Any) -> Tensor:
    """Every combination of one entry of each vector, as rows."""
    if len(tensors) == 1 and not hasattr(tensors[0], "_data"):
        tensors = tuple(tensors[0])
    if len(tensors) == 1:
        return tensors[0]  # type: ignore[no-any-return]
    places = np.indices([x._data.shape[0] for x in tensors]).reshape(len(tensors), -1)
    columns = [x[wrap(p)].unsqueeze(1) for x, p in zip(tensors, places, strict=True)]
    return cat(columns, 1)


@composed
def kron(input: Tensor, other: Tensor) -> Tensor:
    """Each entry of one times the whole of the other, in blocks."""
    rank = max(input._data.ndim, other._data.ndim)
    a = (1,) * (rank - input._data.ndim) + tuple(input._data.shape)
    b = (1,) * (rank - other._data.ndim) + tuple(other._data.shape)
    left = input.reshape([k for n in a for k in (n, 1)])
    right = other.reshape([k for n in b for k in (1, n)])
    return (left * right).reshape([m * n for m, n in zip(a, b, strict=True)])
