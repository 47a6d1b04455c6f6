"""Functions of `torch` that `torch.linalg` has in another form: other defaults, V and not Vᵀ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...engine.traced import wrap
from .. import distance
from . import factorization, lu, norms, products
from .checks import turn

if TYPE_CHECKING:
    from ...tensors.tensor import Tensor


class SVD(NamedTuple):
    """Left singular vectors, singular values, right singular vectors as columns."""

    U: Any
    S: Any
    V: Any


def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """`torch.cholesky`: as `linalg.cholesky`."""
    return factorization.cholesky(input, upper=upper)


def qr(input: Tensor, some: bool = True) -> factorization.QR:
    """`torch.qr`: `linalg.qr`, reduced unless `some` is False."""
    return factorization.qr(input, "reduced" if some else "complete")


def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> SVD:
    """`torch.svd`: V and not its transpose, reduced unless `some` is False."""
    if not compute_uv:
        m, n = input._data.shape[-2:]
        shape, kind = input._data.shape[:-2], input._data.dtype
        zeros = [wrap(np.zeros((*shape, k, k), kind)) for k in (m, n)]
        return SVD(zeros[0], factorization.svdvals(input), zeros[1])
    u, s, vh = factorization.svd(input, not some)
    return SVD(u, s, turn(vh))


def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """`torch.lu_solve`: as `linalg.lu_solve`, B first."""
    return lu.lu_solve(LU_data, LU_pivots, b)


def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """`torch.norm`: p-norms of the tensor read as a vector, and "nuc" of matrices."""
    if p == "nuc":
        return norms.matrix_norm(input, "nuc", (0, 1) if dim is None else dim, keepdim, dtype=dtype)
    return distance.norm(input, p, dim, keepdim, dtype)


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """`torch.cross`: without `dim`, along the first dimension of size 3."""
    if dim is None:
        shape = np.broadcast_shapes(input._data.shape, other._data.shape)
        if 3 not in shape:
            raise RuntimeError(f"no dimension of size 3 in input, of shape {shape}")
        dim = shape.index(3)
    return products.cross(input, other, dim=dim)
