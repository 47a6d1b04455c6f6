"""Inverses, determinants and factorizations of (stacks of) matrices.

A factorization has several outputs. They travel in one array, side by side ("packed"), which the
functions of `ops` cut apart: so a node has one value and one cotangent, as every other has, and
derivatives of any order come from the rules alone.

Sources: Giles, Collected matrix derivative results, 2008 (inverse, determinant, Cholesky, eigen,
singular values); Walter and Lehmann, Algorithmic differentiation of linear algebra functions, 2010
(QR); Golub and Pereyra, 1973 (pseudo-inverse).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.primitive import LINALG
from ..numerics.overridable import overridable
from .declaring import Sample, primitive, sample
from .linalg import fold, product, turned

SQUARE = (3, 3)


def _well(n: int, *stack: int) -> Any:
    """Matrices far from singular, with eigenvalues and singular values far apart."""
    shape = (*stack, n, n)
    # Sines of whole numbers look random enough, and leave numpy.random unloaded.
    noise = np.sin(np.arange(1.0, math.prod(shape) + 1) * 7.3).reshape(shape) * 0.4
    return noise + np.diag(np.arange(1.0, n + 1))


def _positive(n: int, *stack: int) -> Any:
    """Symmetric positive definite matrices."""
    x = _well(n, *stack)
    return x @ turned(x) + np.eye(n)


def _cases(*arrays: Any, **params: Any) -> list[Sample]:
    return [sample(a, **params) for a in arrays]


def lower(x: Any) -> Any:
    """The lower triangle."""
    return np.tril(x)


def symmetric(x: Any) -> Any:
    """Half of a matrix and half of its transpose."""
    return (x + turned(x)) * 0.5


# Inverse, determinant, systems of equations -------------------------------------------------------

inv = primitive(
    np.linalg.inv,
    x=lambda g, y: -product(turned(y), product(g, turned(y))),
    family=LINALG,
    samples=_cases(_well(3), _well(2, 4)),
    name="inv",
)


def wide(g: Any) -> Any:
    """A number for each matrix as a 1 by 1 matrix."""
    return np.expand_dims(g, (-2, -1))


def cofactors(x: Any) -> Any:
    """The derivative of the determinant, by the determinants of minors: right where it is 0 too."""
    n = x.shape[-1]
    if n == 1:
        return np.ones_like(x)
    others = np.array([[k for k in range(n) if k != i] for i in range(n)])
    rows = others[:, None, :, None]
    columns = others[None, :, None, :]
    minors = determinant(x[(..., rows, columns)])
    signs = np.where((np.indices((n, n)).sum(0) % 2) == 0, 1, -1).astype(x.dtype)
    return minors * signs


def determinant_rule(g: Any, x: Any, y: Any) -> Any:
    """g det(x) x⁻ᵀ, and the cofactors of a matrix that has no inverse, or next to none."""
    size = np.prod(np.sqrt(np.sum(x * x, axis=-1)), axis=-1)  # Hadamard's bound
    if bool((abs(y) > size * 1e-10).all()):
        return wide(g * y) * turned(np.linalg.inv(x))
    return wide(g) * cofactors(x)


@overridable
def determinant(x: Any) -> Any:
    """The determinant."""
    return np.asarray(np.linalg.det(x), x.dtype)


SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
det = primitive(
    determinant,
    x=determinant_rule,
    family=LINALG,
    samples=_cases(_well(3), _well(2, 4), SINGULAR, np.zeros((2, 2))),
    name="det",
    also=[np.linalg.det],
)


@overridable
def log_determinant(x: Any) -> Any:
    """log |det x|."""
    return np.asarray(np.linalg.slogdet(x)[1], x.dtype)


logabsdet = primitive(
    log_determinant,
    x=lambda g, x: wide(g) * turned(np.linalg.inv(x)),
    family=LINALG,
    samples=_cases(_well(3), -_well(2, 4)),
    name="slogdet",
)


@overridable
def solution(a: Any, b: Any) -> Any:
    """X with a X = b, for matrices b."""
    return np.linalg.solve(a, b)


solve = primitive(
    solution,
    a=lambda g, y, a: -fold(product(solution(turned(a), g), turned(y)), a.shape),
    b=lambda g, a, b_shape: fold(solution(turned(a), g), b_shape),
    family=LINALG,
    samples=[
        sample(_well(3), (3, 2)),
        sample(_well(2, 4), (4, 2, 3)),
        sample(_well(2, 4), (2, 3)),
        sample(_well(2), (4, 2, 3)),
    ],
    name="solve",
)

# Factorizations -----------------------------------------------------------------------------------


def cholesky_rule(g: Any, y: Any) -> Any:
    """L⁻ᵀ Φ(Lᵀ g) L⁻¹, made symmetric; Φ takes the lower triangle and half the diagonal."""
    n = y.shape[-1]
    half = np.tri(n, dtype=y.dtype) - np.eye(n, dtype=y.dtype) * y.dtype.type(0.5)
    inner = product(turned(y), lower(g)) * half
    left = solution(turned(y), inner)
    return symmetric(turned(solution(turned(y), turned(left))))


@overridable
def cholesky_factor(x: Any) -> Any:
    """L with L Lᵀ = x, of the symmetric part of x."""
    return np.linalg.cholesky(symmetric(x))


cholesky = primitive(
    cholesky_factor,
    x=cholesky_rule,
    family=LINALG,
    samples=_cases(_positive(3), _positive(2, 4)),
    name="cholesky",
)


def gaps(w: Any) -> Any:
    """w_j − w_i, and 1 on the diagonal."""
    eye = np.eye(w.shape[-1], dtype=w.dtype)
    return np.expand_dims(w, -2) - np.expand_dims(w, -1) + eye


def diagonal_of(w: Any) -> Any:
    """Matrices with w on their diagonals."""
    return np.expand_dims(w, -2) * np.eye(w.shape[-1], dtype=w.dtype)


@overridable
def eigen(x: Any) -> Any:
    """Eigenvectors of the symmetric part of x as columns, and the eigenvalues as a last row."""
    w, v = np.linalg.eigh(symmetric(x))
    return np.concatenate([v, np.expand_dims(w, -2)], axis=-2)


def eigen_rule(g: Any, y: Any) -> Any:
    """V (diag(gw) + (Vᵀ gV) / (w_j − w_i)) Vᵀ, made symmetric."""
    v, w = y[..., :-1, :], y[..., -1, :]
    gv, gw = g[..., :-1, :], g[..., -1, :]
    n = v.shape[-1]
    off = 1 - np.eye(n, dtype=w.dtype)
    inner = product(turned(v), gv) * off / gaps(w) + diagonal_of(gw)
    return symmetric(product(v, product(inner, turned(v))))


eigh = primitive(
    eigen,
    x=eigen_rule,
    family=LINALG,
    samples=_cases(symmetric(_well(3)), symmetric(_well(2, 4))),
    name="eigh",
)


@overridable
def singular(x: Any) -> Any:
    """U (m, k), the singular values (1, k) and V (n, k), one below the other; k = min(m, n)."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, np.expand_dims(s, -2), turned(vh)], axis=-2)


def singular_rule(g: Any, y: Any, x_shape: tuple[int, ...]) -> Any:
    """U ((skew(Uᵀ gU) / E) S + S (skew(Vᵀ gV) / E) + diag(gS)) Vᵀ, and what leaves the spaces.

    E_ij = s_j² − s_i². The last terms are those of gU outside of U's columns, and of gV.
    """
    m, n = x_shape[-2:]
    u, s, v = y[..., :m, :], y[..., m, :], y[..., m + 1 :, :]
    gu, gs, gv = g[..., :m, :], g[..., m, :], g[..., m + 1 :, :]
    across = np.expand_dims(s, -2)  # times a column, s_j
    e = gaps(s * s)
    along_u, along_v = product(turned(u), gu), product(turned(v), gv)
    inner = (along_u - turned(along_u)) / e * across
    inner = inner + np.expand_dims(s, -1) * ((along_v - turned(along_v)) / e) + diagonal_of(gs)
    out = product(u, product(inner, turned(v)))
    if m > n:
        out = out + product((gu - product(u, along_u)) / across, turned(v))
    if n > m:
        out = out + product(u, turned((gv - product(v, along_v)) / across))
    return out


svd = primitive(
    singular,
    x=singular_rule,
    family=LINALG,
    samples=_cases(
        _well(3), _well(4)[:, :2] + 0.0, _well(4)[:3] + 0.0, np.stack([_well(2), _well(2) * 2])
    ),
    name="svd",
)


# Values alone have a gradient also where some of them are equal, which vectors have not.


@overridable
def eigenvalues(x: Any) -> Any:
    """The eigenvalues of the symmetric part of x, from the smallest up."""
    return np.linalg.eigvalsh(symmetric(x))


def eigenvalues_rule(g: Any, x: Any) -> Any:
    """V diag(g) Vᵀ."""
    v = eigen(x)[..., :-1, :]
    return product(v * np.expand_dims(g, -2), turned(v))


eigvalsh = primitive(
    eigenvalues,
    x=eigenvalues_rule,
    family=LINALG,
    samples=_cases(symmetric(_well(3)), symmetric(_well(2, 4))),
    name="eigvalsh",
)


@overridable
def singular_values(x: Any) -> Any:
    """The singular values, from the largest down."""
    return np.linalg.svd(x, compute_uv=False)


def singular_values_rule(g: Any, x: Any) -> Any:
    """U diag(g) Vᵀ."""
    y = singular(x)
    m = x.shape[-2]
    return product(y[..., :m, :] * np.expand_dims(g, -2), turned(y[..., m + 1 :, :]))


svdvals = primitive(
    singular_values,
    x=singular_values_rule,
    family=LINALG,
    samples=_cases(_well(3), _well(4)[:, :2] + 0.0, _well(4)[:3] + 0.0),
    name="svdvals",
)


@overridable
def orthogonal(x: Any) -> Any:
    """Q (m, n) above Rᵀ (n, n), of matrices at least as high as wide."""
    q, r = np.linalg.qr(x)
    return np.concatenate([q, turned(r)], axis=-2)


def orthogonal_rule(g: Any, y: Any, x_shape: tuple[int, ...]) -> Any:
    """(gQ + Q copyltu(R gRᵀ − gQᵀ Q)) R⁻ᵀ; copyltu mirrors the lower triangle."""
    m, n = x_shape[-2:]
    q, r = y[..., :m, :], turned(y[..., m:, :])
    gq, gr = g[..., :m, :], np.triu(turned(g[..., m:, :]))
    inner = product(r, turned(gr)) - product(turned(gq), q)
    below = np.tri(n, k=-1, dtype=r.dtype)
    eye = np.eye(n, dtype=r.dtype)
    mirrored = inner * (below + eye) + turned(inner * below)
    right = gq + product(q, mirrored)
    return turned(solution(r, turned(right)))


qr = primitive(
    orthogonal,
    x=orthogonal_rule,
    family=LINALG,
    samples=_cases(_well(3), _well(4)[:, :2] + 0.0, _well(2, 4)),
    name="qr",
)


def pinv_rule(g: Any, y: Any, x: Any, hermitian: bool) -> Any:
    """−Yᵀ g Yᵀ and the terms of the spaces that x does not reach (at constant rank)."""
    if hermitian:
        return symmetric(pinv_rule(g, y, symmetric(x), False))
    yt = turned(y)
    m, n = x.shape[-2:]
    out = -product(product(yt, g), yt)
    if m <= n:
        k = product(turned(g), y)
        k_out = product(k, yt)
        return (
            out
            + k_out
            - product(product(x, y), k_out)
            + product(product(yt, y), turned(g) - product(k, x))
        )
    k = product(y, turned(g))
    out_k = product(yt, k)
    return (
        out
        + product(turned(g) - product(x, k), product(y, yt))
        + (out_k - product(product(out_k, y), x))
    )


@overridable
def pseudo_inverse(x: Any, rcond: Any = None, hermitian: bool = False) -> Any:
    """The Moore–Penrose inverse, singular values up to `rcond` of the largest taken for 0.

    With `hermitian`, that of the symmetric part of x, which is found faster.
    """
    if rcond is None:
        rcond = max(x.shape[-2:]) * np.finfo(x.dtype).eps
    return np.linalg.pinv(symmetric(x) if hermitian else x, rcond, hermitian=hermitian)


pinv = primitive(
    pseudo_inverse,
    x=pinv_rule,
    params={"rcond": None, "hermitian": False},
    family=LINALG,
    samples=[
        *_cases(_well(3), _well(4)[:, :2] + 0.0, _well(4)[:3] + 0.0),
        *_cases(symmetric(_well(3)), hermitian=True),
    ],
    name="pinv",
)

# The exponential ----------------------------------------------------------------------------------


@overridable
def exponential(x: Any) -> Any:
    """eˣ of a matrix: a Taylor polynomial of x / 2ˢ, squared s times.

    Source: Moler and Van Loan, Nineteen dubious ways to compute the exponential of a matrix, 2003.
    """
    n = x.shape[-1]
    eye = np.broadcast_to(np.eye(n, dtype=x.dtype), x.shape)
    if not x.size:
        return x.copy()
    norm = float(np.abs(x).sum(-2).max())
    if not math.isfinite(norm):
        return np.full_like(x, math.nan)
    squarings = max(0, math.ceil(math.log2(norm)) + 2) if norm > 0 else 0
    small = x / 2.0**squarings
    # ¼ⁿ / n! is below a float64's last digit at n = 14.
    out = eye + small / 15
    for k in range(14, 0, -1):
        out = eye + product(small, out) / k
    for _ in range(squarings):
        out = product(out, out)
    return out


def exponential_rule(g: Any, x: Any) -> Any:
    """The upper right block of exp [[xᵀ, g], [0, xᵀ]] (Fréchet's derivative at xᵀ)."""
    n = x.shape[-1]
    xt = turned(x)
    above = np.concatenate([xt, g], axis=-1)
    below = np.concatenate([xt * 0, xt], axis=-1)
    return exponential(np.concatenate([above, below], axis=-2))[..., :n, n:]


matrix_exp = primitive(
    exponential,
    x=exponential_rule,
    family=LINALG,
    samples=_cases(_well(3) * 0.5, _well(2, 3) * 2, np.zeros((2, 2))),
    name="matrix_exp",
    complex_ok=True,
)

# LU -----------------------------------------------------------------------------------------------


def lu_pivots(x: Any) -> Any:
    """The order of rows that Gaussian elimination with partial pivoting comes to, (…, m)."""
    return _eliminated(x)[1]


def _eliminated(x: Any) -> tuple[Any, Any]:
    a = np.array(x)
    m, n = a.shape[-2:]
    flat = a.reshape(math.prod(a.shape[:-2]), m, n)
    orders = np.tile(np.arange(m), (len(flat), 1))
    for matrix, order in zip(flat, orders, strict=True):
        for k in range(min(m, n)):
            p = k + int(np.argmax(np.abs(matrix[k:, k])))
            if p != k:
                matrix[[k, p]] = matrix[[p, k]]
                order[[k, p]] = order[[p, k]]
            if matrix[k, k] != 0:
                matrix[k + 1 :, k] /= matrix[k, k]
                matrix[k + 1 :, k + 1 :] -= np.outer(matrix[k + 1 :, k], matrix[k, k + 1 :])
    return flat.reshape(a.shape), orders.reshape(a.shape[:-1])


@overridable
def eliminated(x: Any) -> Any:
    """L and U in one square matrix (L's ones left out), of a matrix whose rows are in order."""
    a = np.array(x)
    n = a.shape[-1]
    for k in range(n):
        pivot = a[..., k : k + 1, k : k + 1]
        a[..., k + 1 :, k : k + 1] /= pivot
        a[..., k + 1 :, k + 1 :] -= a[..., k + 1 :, k : k + 1] * a[..., k : k + 1, k + 1 :]
    return a


def eliminated_rule(g: Any, y: Any) -> Any:
    """L⁻ᵀ (tril(Lᵀ gL, −1) + triu(gU Uᵀ)) U⁻ᵀ."""
    n = y.shape[-1]
    below = np.tri(n, k=-1, dtype=y.dtype)
    upper = 1 - below
    low, up = y * below + np.eye(n, dtype=y.dtype), y * upper
    inner = product(turned(low), g * below) * below + product(g * upper, turned(up)) * upper
    left = solution(turned(low), inner)
    return turned(solution(up, turned(left)))


lu = primitive(
    eliminated,
    x=eliminated_rule,
    family=LINALG,
    samples=_cases(_well(3), _well(2, 4)),
    name="lu",
)
