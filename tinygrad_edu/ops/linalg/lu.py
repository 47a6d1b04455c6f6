"""LU factorization: the two triangular matrices that Gaussian elimination finds."""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...engine.traced import raw, wrap
from ...primitives import factorization, indexing
from ..composed import composed
from ..diagonals import tril, triu
from ..joining import cat
from .checks import floats, info_of, turn
from .products import matmul

if TYPE_CHECKING:
    from ...tensors.tensor import Tensor


class LU(NamedTuple):
    """A permutation, a lower and an upper triangular matrix."""

    P: Any
    L: Any
    U: Any


class LUFactor(NamedTuple):
    """L and U in one matrix, and the swaps of rows, counted from 1."""

    LU: Any
    pivots: Any


class LUFactorInfo(NamedTuple):
    """`LUFactor`, and 0 where it was found."""

    LU: Any
    pivots: Any
    info: Any


def _lu_compact(A: Any) -> tuple[Any, Any]:
    """L and U in one (m, n) array, and the order of rows."""
    floats("lu", A)
    m, n = A._data.shape[-2:]
    k = builtins.min(m, n)
    order = factorization.lu_pivots(A._data)
    index = np.broadcast_to(order[..., None], A._data.shape)
    rows = indexing.gather.record(A, index, -2) if A._data.size else A
    block = factorization.lu.record(rows[..., :k, :k])
    if m == n:
        return block, order
    low, up = _unpacked(block)
    if m > n:  # the rows below: L₂ U = A₂
        rest = turn(factorization.solve.record(turn(up), turn(rows[..., k:, :])))
        return cat([block, rest], -2), order
    rest = factorization.solve.record(low, rows[..., k:])
    return cat([block, rest], -1), order


def _unpacked(compact: Any) -> tuple[Any, Any]:
    """L with ones on its diagonal, and U, from both in one array."""
    m, n = compact._data.shape[-2:]
    k = builtins.min(m, n)
    eye = wrap(np.eye(m, k, dtype=compact._data.dtype))
    return tril(compact[..., :k], -1) + eye, triu(compact[..., :k, :])


def _permutation(order: Any, kind: Any) -> Any:
    """P with P (rows in order) = A."""
    return wrap(np.swapaxes(np.eye(order.shape[-1], dtype=kind)[order], -1, -2))


def _swaps(order: Any) -> Any:
    """LAPACK's pivots: the row that each row was swapped with in turn, counted from 1."""
    flat = order.reshape(math.prod(order.shape[:-1]), order.shape[-1])
    out = np.empty(flat.shape, np.int32)
    for row, swaps in zip(flat, out, strict=True):
        now = list(range(len(row)))
        for k, wanted in enumerate(row):
            p = now.index(wanted)
            now[k], now[p] = now[p], now[k]
            swaps[k] = p + 1
    return out.reshape(order.shape)


def _order(pivots: Any, m: int) -> Any:
    """The order of rows that pivots come to."""
    flat = np.asarray(raw(pivots))
    flat = flat.reshape(math.prod(flat.shape[:-1]), flat.shape[-1])
    out = np.tile(np.arange(m), (len(flat), 1))
    for swaps, order in zip(flat, out, strict=True):
        for k, p in enumerate(swaps):
            order[[k, p - 1]] = order[[p - 1, k]]
    return out.reshape((*np.shape(raw(pivots))[:-1], m))


@composed
def lu(A: Tensor, *, pivot: bool = True) -> LU:
    """P, L, U with P L U = A, by Gaussian elimination with partial pivoting."""
    compact, order = _lu_compact(A)
    low, up = _unpacked(compact)
    return LU(_permutation(order, A._data.dtype), low, up)


@composed
def lu_factor(A: Tensor, *, pivot: bool = True) -> LUFactor:
    """L and U in one matrix, and the swaps of rows."""
    compact, order = _lu_compact(A)
    k = builtins.min(A._data.shape[-2:])
    return LUFactor(compact, wrap(_swaps(order)[..., :k]))


def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> LUFactorInfo:
    """`lu_factor`, and 0 for success."""
    return LUFactorInfo(*lu_factor(A), info_of(A))


@composed
def lu_unpack(
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
) -> LU:
    """P, L, U from what `lu_factor` answers."""
    kind = LU_data._data.dtype
    none = wrap(np.zeros(0, kind))
    low, up = _unpacked(LU_data) if unpack_data else (none, none)
    p = _permutation(_order(LU_pivots, LU_data._data.shape[-2]), kind) if unpack_pivots else none
    return LU(p, low, up)


@composed
def lu_solve(
    LU: Tensor,
    pivots: Tensor,
    B: Tensor,
    *,
    left: bool = True,
    adjoint: bool = False,
) -> Tensor:
    """X with A X = B (Aᵀ X = B if adjoint), from `lu_factor(A)`."""
    if not left:
        return turn(lu_solve(LU, pivots, turn(B), adjoint=not adjoint))
    low, up = _unpacked(LU)
    p = _permutation(_order(pivots, LU._data.shape[-2]), LU._data.dtype)
    if adjoint:
        return matmul(
            p, factorization.solve.record(turn(low), factorization.solve.record(turn(up), B))
        )
    return factorization.solve.record(up, factorization.solve.record(low, matmul(turn(p), B)))
