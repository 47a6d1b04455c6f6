"""Inverses, determinants and systems of linear equations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...engine.traced import raw, wrap
from ...primitives import elementwise, factorization, linalg, reduction
from ..composed import composed
from ..diagonals import tril, triu
from ..shaping import broadcast_to
from .checks import WithInfo, attempt, floats, info_of, square, turn

if TYPE_CHECKING:
    from ...tensors.tensor import Tensor

matmul = linalg.matmul.record


class SlogDet(NamedTuple):
    """Sign and logarithm of a determinant."""

    sign: Any
    logabsdet: Any


class Lstsq(NamedTuple):
    """What `lstsq` answers."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


def inv(A: Tensor) -> Tensor:
    """The inverse."""
    square("inv", A)
    return attempt("inv", factorization.inv.record, A)


inverse = inv


def inv_ex(A: Tensor, *, check_errors: bool = False) -> WithInfo:
    """The inverse, and 0 for success."""
    return WithInfo(inv(A), info_of(A))


def det(A: Tensor) -> Tensor:
    """The determinant."""
    square("det", A)
    return factorization.det.record(A)


def slogdet(A: Tensor) -> SlogDet:
    """The sign of the determinant, and log |det A|."""
    square("slogdet", A)
    sign = np.asarray(np.linalg.slogdet(A._data)[0], A._data.dtype)
    return SlogDet(wrap(sign), factorization.logabsdet.record(A))


def logdet(A: Tensor) -> Tensor:
    """log det A; NaN where the determinant is negative."""
    sign, value = slogdet(A)
    return elementwise.where.record(sign < 0, math.nan, value)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X with A X = B (or X A = B); B is matrices, or vectors (one for each matrix, or one)."""
    square("solve", A)
    floats("solve", B)
    a, b = A._data.shape, B._data.shape
    vectors = len(b) == 1 or (len(a) - 1 == len(b) and b == a[:-1])
    if not left:
        if vectors:
            raise RuntimeError("linalg.solve: left=False needs a matrix B; use B.unsqueeze(-1)")
        return turn(solve(turn(A), turn(B)))
    rows = b[-1] if vectors else b[-2]
    if rows != a[-1]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B: {tuple(a)} and "
            f"{tuple(b)}; B needs {a[-1]} rows"
        )
    out = attempt("solve", factorization.solve.record, A, B.unsqueeze(-1) if vectors else B)
    return out.squeeze(-1) if vectors else out


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> WithInfo:
    """`solve`, and 0 for success."""
    return WithInfo(solve(A, B, left=left), info_of(A))


@composed
def solve_triangular(
    A: Tensor,
    B: Tensor,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
) -> Tensor:
    """X with A X = B (or X A = B), A triangular: only its triangle is read."""
    a: Any = triu(A, 1 if unitriangular else 0) if upper else tril(A, -1 if unitriangular else 0)
    if unitriangular:
        a = a + wrap(np.eye(A._data.shape[-1], dtype=A._data.dtype))
    if not left:
        return turn(attempt("solve", factorization.solve.record, turn(a), turn(B)))
    return attempt("solve", factorization.solve.record, a, B)


def triangular_solve(
    b: Tensor,
    A: Tensor,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> tuple[Tensor, Tensor]:
    """PyTorch's older `solve_triangular`: the solution, and A."""
    if transpose:
        x = solve_triangular(turn(A), b, upper=not upper, unitriangular=unitriangular)
    else:
        x = solve_triangular(A, b, upper=upper, unitriangular=unitriangular)
    return x, A


@composed
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """X with A X = B, from the Cholesky factor of A."""
    factor: Any = triu(L) if upper else tril(L)
    low = turn(factor) if upper else factor
    return factorization.solve.record(turn(low), factorization.solve.record(low, B))


@composed
def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """A⁻¹ from the Cholesky factor of A."""
    eye = wrap(np.eye(L._data.shape[-1], dtype=L._data.dtype))
    return cholesky_solve(broadcast_to(eye, L._data.shape), L, upper)


def pinv(
    A: Tensor,
    rtol: Any = None,
    *,
    rcond: Any = None,
    atol: Any = None,
    hermitian: bool = False,
) -> Tensor:
    """The Moore–Penrose inverse."""
    floats("pinv", A)
    rtol = rcond if rtol is None else rtol
    cut = float(raw(rtol)) if rtol is not None and np.ndim(raw(rtol)) == 0 else None
    if atol is not None or (rtol is not None and cut is None):
        top = np.linalg.svd(A._data, compute_uv=False)[..., 0] if A._data.size else np.ones(1)
        relative = 0.0 if rtol is None else np.asarray(raw(rtol))
        absolute = 0.0 if atol is None else np.asarray(raw(atol)) / np.maximum(top, 1e-300)
        cut = np.maximum(relative, absolute)  # type: ignore[assignment]
    if not A._data.size:
        shape = (*A._data.shape[:-2], A._data.shape[-1], A._data.shape[-2])
        return A.reshape(shape)
    return factorization.pinv.record(A, cut, hermitian)


pinverse = pinv


def lstsq(A: Tensor, B: Tensor, rcond: Any = None, *, driver: Any = None) -> Lstsq:
    """X that makes ‖A X − B‖ least (by the pseudo-inverse), the residuals, the rank."""
    floats("lstsq", A, B)
    vectors = B._data.ndim == A._data.ndim - 1 and B._data.ndim > 0
    b = B.unsqueeze(-1) if vectors else B
    x = matmul(pinv(A, rcond=rcond), b)
    m, n = A._data.shape[-2:]
    rank = np.asarray(np.linalg.matrix_rank(A._data), np.int64)
    values = np.zeros(0, A._data.dtype)
    if driver in ("gelsd", "gelss"):
        values = np.linalg.svd(A._data, compute_uv=False)
    if m > n and bool((rank == n).all()) and driver != "gelsy":
        rest = matmul(A, x) - b
        residuals = reduction.sum.record(rest * rest, -2, False)
    else:
        residuals = wrap(np.zeros(0, A._data.dtype))
    return Lstsq(
        x.squeeze(-1) if vectors else x,
        residuals,
        wrap(rank if driver != "gels" else np.zeros(0, np.int64)),
        wrap(values),
    )


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """The inverse of the map that A is, from its last dimensions to its first `ind`."""
    first, last = A._data.shape[:ind], A._data.shape[ind:]
    n = math.prod(first)
    if n != math.prod(last):
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {math.prod(last)} != {n}"
        )
    return inv(A.reshape((n, n))).reshape((*last, *first))


def tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:
    """X with tensordot(A, X) = B."""
    if dims is not None:
        rank = A._data.ndim
        gone = [d % rank for d in dims]
        A = A.permute(*[k for k in range(rank) if k not in gone], *gone)
    shape = A._data.shape[B._data.ndim :]
    n = math.prod(shape)
    return solve(A.reshape((n, n)), B.reshape((-1,))).reshape(shape)
