"""Inverses, determinants, factorizations and norms of matrices: PyTorch's `torch.linalg`."""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..primitives import elementwise as E
from ..primitives import factorization as P
from ..primitives import indexing as I
from ..primitives import reduction as R
from ..traced import raw, wrap
from .composed import composed
from .diagonals import tril, triu
from .diagonals import vander as powers
from .elementwise import cast
from .linalg import matmul
from .linalg import norm as old_norm
from .reduction import axes
from .shaping import broadcast_to, cat
from .shaping import diagonal as _diagonal

if TYPE_CHECKING:
    from ..tensor import Tensor


class LinAlgError(RuntimeError):
    """A matrix has no inverse, or no factorization of the kind asked for."""


class SlogDet(NamedTuple):
    """Sign and logarithm of a determinant."""

    sign: Any
    logabsdet: Any


class QR(NamedTuple):
    """An orthogonal and an upper triangular matrix."""

    Q: Any
    R: Any


class SVD(NamedTuple):
    """Left singular vectors, singular values, right singular vectors as rows."""

    U: Any
    S: Any
    Vh: Any


class OldSVD(NamedTuple):
    """Left singular vectors, singular values, right singular vectors as columns."""

    U: Any
    S: Any
    V: Any


class Eigh(NamedTuple):
    """Eigenvalues from the smallest up, eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class WithInfo(NamedTuple):
    """A result, and 0 where it was found."""

    L: Any
    info: Any


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


class Lstsq(NamedTuple):
    """What `lstsq` answers."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


def floats(name: str, *tensors: Any) -> None:
    """Raise unless the tensors are floating-point."""
    for x in tensors:
        if x._data.dtype.kind != "f":
            raise RuntimeError(
                f"linalg.{name}: Expected a floating point tensor as input. Got {x._data.dtype}; "
                f"convert with .float()"
            )


def square(name: str, x: Any) -> None:
    """Raise unless `x` is a stack of square matrices of floats."""
    floats(name, x)
    shape = tuple(x._data.shape)
    if len(shape) < 2:
        raise RuntimeError(
            f"linalg.{name}: The input tensor must have at least 2 dimensions, got shape {shape}."
        )
    if shape[-1] != shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are {shape[-2]} by "
            f"{shape[-1]} matrices"
        )


def attempt(name: str, record: Any, *operands: Any) -> Any:
    """Run a primitive, saying what is wrong with a matrix that it cannot take."""
    try:
        return record(*operands)
    except np.linalg.LinAlgError as error:
        hints = {
            "cholesky": "it is not positive-definite; add a little to its diagonal",
            "inv": "it is singular (its rows depend on each other); use linalg.pinv",
            "solve": "it is singular (its rows depend on each other); use linalg.lstsq",
        }
        shape = tuple(operands[0]._data.shape)
        raise LinAlgError(
            f"linalg.{name}: the matrix (shape {shape}) has no such result: "
            f"{hints.get(name, 'the algorithm did not converge')} ({error})."
        ) from None


def info_of(x: Any) -> Any:
    """Zeros: every result was found."""
    return wrap(np.zeros(x._data.shape[:-2], np.int32))


# Inverse, determinant, systems of equations -------------------------------------------------------


def inv(A: Tensor) -> Tensor:
    """The inverse."""
    square("inv", A)
    return attempt("inv", P.inv.record, A)


inverse = inv


def inv_ex(A: Tensor, *, check_errors: bool = False) -> WithInfo:
    """The inverse, and 0 for success."""
    return WithInfo(inv(A), info_of(A))


def det(A: Tensor) -> Tensor:
    """The determinant."""
    square("det", A)
    return P.det.record(A)


def slogdet(A: Tensor) -> SlogDet:
    """The sign of the determinant, and log |det A|."""
    square("slogdet", A)
    sign = np.asarray(np.linalg.slogdet(A._data)[0], A._data.dtype)
    return SlogDet(wrap(sign), P.logabsdet.record(A))


def logdet(A: Tensor) -> Tensor:
    """log det A; NaN where the determinant is negative."""
    sign, value = slogdet(A)
    return E.where.record(sign < 0, math.nan, value)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X with A X = B (or X A = B); B is matrices, or vectors (one for each matrix, or one)."""
    square("solve", A)
    floats("solve", B)
    a, b = A._data.shape, B._data.shape
    vectors = len(b) == 1 or (len(a) - 1 == len(b) and b == a[:-1])
    if not left:
        if vectors:
            raise RuntimeError("linalg.solve: left=False needs a matrix B; use B.unsqueeze(-1)")
        return _turn(solve(_turn(A), _turn(B)))
    rows = b[-1] if vectors else b[-2]
    if rows != a[-1]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B: {tuple(a)} and "
            f"{tuple(b)}; B needs {a[-1]} rows"
        )
    out = attempt("solve", P.solve.record, A, B.unsqueeze(-1) if vectors else B)
    return out.squeeze(-1) if vectors else out


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> WithInfo:
    """`solve`, and 0 for success."""
    return WithInfo(solve(A, B, left=left), info_of(A))


def _turn(x: Any) -> Any:
    return x.transpose(-1, -2)


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
        return _turn(attempt("solve", P.solve.record, _turn(a), _turn(B)))
    return attempt("solve", P.solve.record, a, B)


def triangular_solve(
    b: Tensor,
    A: Tensor,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> tuple[Tensor, Tensor]:
    """PyTorch's older `solve_triangular`: the solution, and A."""
    if transpose:
        x = solve_triangular(_turn(A), b, upper=not upper, unitriangular=unitriangular)
    else:
        x = solve_triangular(A, b, upper=upper, unitriangular=unitriangular)
    return x, A


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
    return P.pinv.record(A, cut, hermitian)


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
        residuals = R.sum.record(rest * rest, -2, False)
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


# Factorizations -----------------------------------------------------------------------------------


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """L with L Lᵀ = A, for symmetric positive definite A (or its transpose)."""
    square("cholesky", A)
    out = attempt("cholesky", P.cholesky.record, A)
    return _turn(out) if upper else out


def old_cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """`torch.cholesky`: as `linalg.cholesky`."""
    return cholesky(input, upper=upper)


def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> WithInfo:
    """`cholesky`, and 0 for success."""
    return WithInfo(cholesky(A, upper=upper), info_of(A))


@composed
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """X with A X = B, from the Cholesky factor of A."""
    factor: Any = triu(L) if upper else tril(L)
    low = _turn(factor) if upper else factor
    return P.solve.record(_turn(low), P.solve.record(low, B))


@composed
def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """A⁻¹ from the Cholesky factor of A."""
    eye = wrap(np.eye(L._data.shape[-1], dtype=L._data.dtype))
    return cholesky_solve(broadcast_to(eye, L._data.shape), L, upper)


@composed
def qr(A: Tensor, mode: str = "reduced") -> QR:
    """Q with orthonormal columns and upper triangular R, Q R = A; "r" for R alone."""
    floats("qr", A)
    m, n = A._data.shape[-2:]
    if mode == "complete" and m > n:
        q, r = np.linalg.qr(A._data, mode="complete")
        if A._node is not None:
            raise RuntimeError(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols;"
                " use mode='reduced', or A.detach()"
            )
        return QR(wrap(q), wrap(r))
    if m >= n:
        packed = P.qr.record(A)
        q, r = packed[..., :m, :], triu(_turn(packed[..., m:, :]))
    else:  # the first columns make Q, the others follow
        packed = P.qr.record(A[..., :m])
        q = packed[..., :m, :]
        rest = matmul(_turn(q), A[..., m:])
        r = cat([triu(_turn(packed[..., m:, :])), rest], -1)
    if mode == "r":
        return QR(wrap(np.zeros(0, A._data.dtype)), r)
    return QR(q, r)


def old_qr(input: Tensor, some: bool = True) -> QR:
    """`torch.qr`: `linalg.qr`, reduced unless `some` is False."""
    return qr(input, "reduced" if some else "complete")


@composed
def svd(A: Tensor, full_matrices: bool = True, *, driver: Any = None) -> SVD:
    """U, S, Vᵀ with U diag(S) Vᵀ = A, S from the largest down.

    Vectors are unique up to signs, and gradients through them only where singular values differ.
    """
    floats("svd", A)
    m, n = A._data.shape[-2:]
    packed = P.svd.record(A)
    u, s, v = packed[..., :m, :], packed[..., m, :], packed[..., m + 1 :, :]
    vh = _turn(v)
    if full_matrices and m != n:  # the further vectors are any that complete a basis
        whole = np.linalg.svd(A._data, full_matrices=True)
        k = builtins.min(m, n)
        if m > n:
            u = cat([u, wrap(whole[0][..., k:])], -1)
        else:
            vh = cat([vh, wrap(whole[2][..., k:, :])], -2)
    return SVD(u, s, vh)


def old_svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> OldSVD:
    """`torch.svd`: V and not its transpose, reduced unless `some` is False."""
    if not compute_uv:
        m, n = input._data.shape[-2:]
        shape, kind = input._data.shape[:-2], input._data.dtype
        zeros = [wrap(np.zeros((*shape, k, k), kind)) for k in (m, n)]
        return OldSVD(zeros[0], svdvals(input), zeros[1])
    u, s, vh = svd(input, not some)
    return OldSVD(u, s, _turn(vh))


def svdvals(A: Tensor, *, driver: Any = None) -> Tensor:
    """The singular values, from the largest down."""
    return svd(A, False).S


@composed
def eigh(A: Tensor, UPLO: str = "L") -> Eigh:
    """Eigenvalues (from the smallest up) and eigenvectors of a symmetric matrix."""
    square("eigh", A)
    packed = attempt("eigh", P.eigh.record, A)
    return Eigh(packed[..., -1, :], packed[..., :-1, :])


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of a symmetric matrix, from the smallest up."""
    return eigh(A, UPLO).eigenvalues


@composed
def matrix_exp(A: Tensor) -> Tensor:
    """eᴬ = I + A + A²/2 + A³/6 + …"""
    square("matrix_exp", A)
    return P.matrix_exp.record(A)


def _lu_compact(A: Any) -> tuple[Any, Any]:
    """L and U in one (m, n) array, and the order of rows."""
    floats("lu", A)
    m, n = A._data.shape[-2:]
    k = builtins.min(m, n)
    order = P.lu_pivots(A._data)
    index = np.broadcast_to(order[..., None], A._data.shape)
    rows = I.gather.record(A, index, -2) if A._data.size else A
    block = P.lu.record(rows[..., :k, :k])
    if m == n:
        return block, order
    low, up = _unpacked(block)
    if m > n:  # the rows below: L₂ U = A₂
        rest = _turn(P.solve.record(_turn(up), _turn(rows[..., k:, :])))
        return cat([block, rest], -2), order
    rest = P.solve.record(low, rows[..., k:])
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
        return _turn(lu_solve(LU, pivots, _turn(B), adjoint=not adjoint))
    low, up = _unpacked(LU)
    p = _permutation(_order(pivots, LU._data.shape[-2]), LU._data.dtype)
    if adjoint:
        return matmul(p, P.solve.record(_turn(low), P.solve.record(_turn(up), B)))
    return P.solve.record(up, P.solve.record(low, matmul(_turn(p), B)))


def old_lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """`torch.lu_solve`: as `linalg.lu_solve`, B first."""
    return lu_solve(LU_data, LU_pivots, b)


# Norms --------------------------------------------------------------------------------------------


def vector_norm(
    x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """(Σ |x|ᵖ)^(1/p) over `dim`, the tensor read as a vector; 0 has gradient 0."""
    floats("vector_norm", x) if dtype is None else None
    if not x._data.size and (ord < 0 or ord == math.inf):
        shape = x._data.shape if dim is None else [x._data.shape[d] for d in _dims(dim)]
        if dim is None or 0 in shape:
            raise RuntimeError(
                f"linalg.vector_norm cannot compute the {ord} norm on an empty dimension because "
                f"the operation does not have an identity"
            )
    return old_norm(x, ord, dim, keepdim, dtype)


def _dims(dim: Any) -> tuple[int, ...]:
    return (dim,) if isinstance(dim, int) else tuple(dim)


@composed
def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """A norm of matrices: "fro", "nuc", 2 and −2 (singular values), 1 and ∞ (columns, rows)."""
    x: Any = A if dtype is None else cast(A, dtype)
    rows, columns = (d % x._data.ndim for d in dim)
    if ord in ("fro", "f"):
        return old_norm(x, 2, (rows, columns), keepdim)
    if ord in (1, -1, math.inf, -math.inf):
        inner, outer = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = R.sum.record(E.abs.record(x), inner, True)
        out = (R.amax if ord > 0 else R.amin).record(sums, outer, True)
    elif ord in ("nuc", 2, -2):
        s = svdvals(x.movedim((rows, columns), (-2, -1)))
        if ord == "nuc":
            out = R.sum.record(s, -1, False)
        elif s._data.shape[-1]:
            out = (R.amax if ord == 2 else R.amin).record(s, -1, False)
        else:
            out = R.sum.record(s, -1, False)
        for d in sorted((rows, columns)):
            out = out.unsqueeze(d)
    else:
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported")
    return out if keepdim else out.squeeze((rows, columns))


def torch_norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """`torch.norm`: p-norms of the tensor read as a vector, and "nuc" of matrices."""
    if p == "nuc":
        return matrix_norm(input, "nuc", (0, 1) if dim is None else dim, keepdim, dtype=dtype)
    return old_norm(input, p, dim, keepdim, dtype)


def norm(
    A: Tensor,
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """The norm of vectors, or of matrices if `dim` names two dimensions (or A is one)."""
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dim is not None and len(_dims(dim)) == 1:
        return vector_norm(A, ord, dim, keepdim, dtype=dtype)
    if dim is None and A._data.ndim == 1:
        return vector_norm(A, ord, None, keepdim, dtype=dtype)
    if dim is None and A._data.ndim != 2:
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
            f"{A._data.ndim}D."
        )
    return matrix_norm(A, ord, (0, 1) if dim is None else dim, keepdim, dtype=dtype)


@composed
def cond(A: Tensor, p: Any = None) -> Tensor:
    """The condition number: ‖A‖ ‖A⁻¹‖, by singular values unless another norm is named."""
    if p is None or p in (2, -2):
        s = svdvals(A)
        if not s._data.shape[-1]:
            return R.sum.record(s, -1, False)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    square("cond", A)
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def matrix_rank(
    A: Tensor,
    tol: Any = None,
    *,
    atol: Any = None,
    rtol: Any = None,
    hermitian: bool = False,
) -> Tensor:
    """How many singular values are not next to 0."""
    data = A._data
    s = np.abs(np.linalg.eigvalsh(data)) if hermitian else np.linalg.svd(data, compute_uv=False)
    top = s.max(axis=-1, keepdims=True, initial=0)
    if tol is not None:
        atol, rtol = tol, 0.0
    if rtol is None:
        given = atol is not None and bool((np.asarray(raw(atol)) > 0).all())
        rtol = 0.0 if given else builtins.max(data.shape[-2:]) * np.finfo(data.dtype).eps
    relative, absolute = np.asarray(raw(rtol)), np.asarray(0.0 if atol is None else raw(atol))
    cut = np.maximum(relative[..., None] * top, absolute[..., None])
    return wrap(np.asarray((s > cut).sum(-1), np.int64))


# Products -----------------------------------------------------------------------------------------


@composed
def matrix_power(A: Tensor, n: int) -> Tensor:
    """A multiplied by itself n times; the inverse's power for negative n."""
    square("matrix_power", A)
    if n < 0:
        return matrix_power(inv(A), -n)
    if n == 0:
        eye = wrap(np.eye(A._data.shape[-1], dtype=A._data.dtype))
        return broadcast_to(eye, A._data.shape).clone() + A * 0
    out: Any = None
    power: Any = A
    while n:
        if n & 1:
            out = power if out is None else matmul(out, power)
        n >>= 1
        if n:
            power = matmul(power, power)
    return out.clone() if out is A else out


@composed
def multi_dot(tensors: Any) -> Tensor:
    """A product of several matrices, multiplied in the cheapest order."""
    parts = list(tensors)
    if len(parts) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(parts)}")
    first, last = parts[0]._data.ndim == 1, parts[-1]._data.ndim == 1
    if first:
        parts[0] = parts[0].unsqueeze(0)
    if last:
        parts[-1] = parts[-1].unsqueeze(-1)
    sizes = [parts[0]._data.shape[0], *(x._data.shape[1] for x in parts)]
    out = _chain(parts, sizes)
    if first:
        out = out.squeeze(0)
    return out.squeeze(-1) if last else out


def _chain(parts: list[Any], sizes: list[int]) -> Any:
    """Matrix chain multiplication by dynamic programming (Cormen et al., chapter 14)."""
    n = len(parts)
    cost = [[0] * n for _ in range(n)]
    cut = [[0] * n for _ in range(n)]
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            trials = [
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            ]
            cost[i][j], cut[i][j] = builtins.min(trials)

    def multiply(i: int, j: int) -> Any:
        if i == j:
            return parts[i]
        k = cut[i][j]
        return matmul(multiply(i, k), multiply(k + 1, j))

    return multiply(0, n - 1)


chain_matmul = multi_dot


@composed
def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The vector product along a dimension of size 3."""
    shape = np.broadcast_shapes(input._data.shape, other._data.shape)
    a, b = broadcast_to(input, shape), broadcast_to(other, shape)
    along = axes(a, dim, "cross")
    if shape[along] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {shape[along]}"
        )
    return a.roll(-1, along) * b.roll(-2, along) - a.roll(-2, along) * b.roll(-1, along)


def old_cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """`torch.cross`: without `dim`, along the first dimension of size 3."""
    if dim is None:
        shape = np.broadcast_shapes(input._data.shape, other._data.shape)
        if 3 not in shape:
            raise RuntimeError(f"no dimension of size 3 in input, of shape {shape}")
        dim = shape.index(3)
    return cross(input, other, dim=dim)


@composed
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The inner products of vectors along a dimension."""
    product = x * y
    return R.sum.record(product, axes(product, dim, "vecdot"), False)


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """Rows of powers 1, x, x², … (`torch.vander` has the highest first)."""
    return powers(x if x._data.ndim else x.reshape((1,)), N, True)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices."""
    return _diagonal(A, offset, dim1, dim2)


@composed
def householder_product(A: Tensor, tau: Tensor) -> Tensor:
    """The first columns of the product of the reflections I − τ v vᵀ (v: A's columns, below a 1)."""
    m, n = A._data.shape[-2:]
    v = tril(A, -1) + wrap(np.eye(m, n, dtype=A._data.dtype))
    out: Any = broadcast_to(wrap(np.eye(m, n, dtype=A._data.dtype)), A._data.shape)
    for k in reversed(range(tau._data.shape[-1])):
        column = v[..., k : k + 1]
        out = out - matmul(column * tau[..., k : k + 1].unsqueeze(-1), matmul(_turn(column), out))
    return out
