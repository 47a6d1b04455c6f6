"""Norms of vectors and matrices, condition numbers and ranks."""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...engine.traced import raw, wrap
from ...primitives import elementwise, reduction
from ..composed import composed
from ..distance import norm as p_norm
from ..elementwise import cast
from .checks import floats, square
from .factorization import svdvals
from .solving import inv

if TYPE_CHECKING:
    from ...tensors.tensor import Tensor


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
    return p_norm(x, ord, dim, keepdim, dtype)


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
        return p_norm(x, 2, (rows, columns), keepdim)
    if ord in (1, -1, math.inf, -math.inf):
        inner, outer = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = reduction.sum.record(elementwise.abs.record(x), inner, True)
        out = (reduction.amax if ord > 0 else reduction.amin).record(sums, outer, True)
    elif ord in ("nuc", 2, -2):
        s = svdvals(x.movedim((rows, columns), (-2, -1)))
        if ord == "nuc":
            out = reduction.sum.record(s, -1, False)
        elif s._data.shape[-1]:
            out = (reduction.amax if ord == 2 else reduction.amin).record(s, -1, False)
        else:
            out = reduction.sum.record(s, -1, False)
        for d in sorted((rows, columns)):
            out = out.unsqueeze(d)
    else:
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported")
    return out if keepdim else out.squeeze((rows, columns))


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
            return reduction.sum.record(s, -1, False)
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
    return wrap(np.asarray((s > cut).sum(-1), np.int64))  # type: ignore[no-any-return]
