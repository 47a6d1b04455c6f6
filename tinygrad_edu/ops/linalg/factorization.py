"""Cholesky, QR, singular values, eigenvalues: matrices as products of simpler ones."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...engine.traced import wrap
from ...primitives import factorization
from ..composed import composed
from ..diagonals import tril, triu
from ..joining import cat
from ..shaping import broadcast_to
from .checks import WithInfo, attempt, floats, info_of, square, turn
from .products import matmul

if TYPE_CHECKING:
    from ...tensors.tensor import Tensor


class QR(NamedTuple):
    """An orthogonal and an upper triangular matrix."""

    Q: Any
    R: Any


class SVD(NamedTuple):
    """Left singular vectors, singular values, right singular vectors as rows."""

    U: Any
    S: Any
    Vh: Any


class Eigh(NamedTuple):
    """Eigenvalues from the smallest up, eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """L with L Lᵀ = A, for symmetric positive definite A (or its transpose)."""
    square("cholesky", A)
    out = attempt("cholesky", factorization.cholesky.record, A)
    return turn(out) if upper else out


def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> WithInfo:
    """`cholesky`, and 0 for success."""
    return WithInfo(cholesky(A, upper=upper), info_of(A))


@composed
def qr(A: Tensor, mode: str = "reduced") -> QR:
    """Q with orthonormal columns and upper triangular R, Q R = A; "r" for R alone."""
    floats("qr", A)
    m, n = A._data.shape[-2:]
    q: Any
    r: Any
    if mode == "complete" and m > n:
        q, r = np.linalg.qr(A._data, mode="complete")
        if A._node is not None:
            raise RuntimeError(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols;"
                " use mode='reduced', or A.detach()"
            )
        return QR(wrap(q), wrap(r))
    if m >= n:
        packed = factorization.qr.record(A)
        q, r = packed[..., :m, :], triu(turn(packed[..., m:, :]))
    else:  # the first columns make Q, the others follow
        packed = factorization.qr.record(A[..., :m])
        q = packed[..., :m, :]
        rest = matmul(turn(q), A[..., m:])
        r = cat([triu(turn(packed[..., m:, :])), rest], -1)
    if mode == "r":
        return QR(wrap(np.zeros(0, A._data.dtype)), r)
    return QR(q, r)


@composed
def svd(A: Tensor, full_matrices: bool = True, *, driver: Any = None) -> SVD:
    """U, S, Vᵀ with U diag(S) Vᵀ = A, S from the largest down.

    Vectors are unique up to signs, and gradients through them only where singular values differ.
    """
    floats("svd", A)
    m, n = A._data.shape[-2:]
    packed = factorization.svd.record(A)
    u, s, v = packed[..., :m, :], packed[..., m, :], packed[..., m + 1 :, :]
    vh = turn(v)
    if full_matrices and m != n:  # the further vectors are any that complete a basis
        whole = np.linalg.svd(A._data, full_matrices=True)
        k = builtins.min(m, n)
        if m > n:
            u = cat([u, wrap(whole[0][..., k:])], -1)
        else:
            vh = cat([vh, wrap(whole[2][..., k:, :])], -2)
    return SVD(u, s, vh)


def svdvals(A: Tensor, *, driver: Any = None) -> Tensor:
    """The singular values, from the largest down."""
    floats("svdvals", A)
    return factorization.svdvals.record(A)


@composed
def eigh(A: Tensor, UPLO: str = "L") -> Eigh:
    """Eigenvalues (from the smallest up) and eigenvectors of a symmetric matrix."""
    square("eigh", A)
    packed = attempt("eigh", factorization.eigh.record, A)
    return Eigh(packed[..., -1, :], packed[..., :-1, :])


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of a symmetric matrix, from the smallest up."""
    square("eigvalsh", A)
    return attempt("eigh", factorization.eigvalsh.record, A)


@composed
def matrix_exp(A: Tensor) -> Tensor:
    """eᴬ = I + A + A²/2 + A³/6 + …"""
    square("matrix_exp", A)
    return factorization.matrix_exp.record(A)


@composed
def householder_product(A: Tensor, tau: Tensor) -> Tensor:
    """The first columns of the product of reflections I − τ v vᵀ (v: A's columns, below a 1)."""
    m, n = A._data.shape[-2:]
    v = tril(A, -1) + wrap(np.eye(m, n, dtype=A._data.dtype))
    out: Any = broadcast_to(wrap(np.eye(m, n, dtype=A._data.dtype)), A._data.shape)
    for k in reversed(range(tau._data.shape[-1])):
        column = v[..., k : k + 1]
        out = out - matmul(column * tau[..., k : k + 1].unsqueeze(-1), matmul(turn(column), out))
    return out  # type: ignore[no-any-return]
