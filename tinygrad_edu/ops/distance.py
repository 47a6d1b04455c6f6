"""Lengths of vectors, distances and similarities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..primitives import elementwise, indexing, reduction, shaping
from .composed import composed
from .reduction import axes, safe_sqrt

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


@composed
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x₁ · x₂ / (max(‖x₁‖, ε) max(‖x₂‖, ε)) along `dim`, of shapes that broadcast."""
    shape = np.broadcast_shapes(x1._data.shape, x2._data.shape)
    a = x1 if x1._data.shape == shape else shaping.expand.record(x1, shape)
    b = x2 if x2._data.shape == shape else shaping.expand.record(x2, shape)
    along = axes(a, dim, "cosine_similarity")
    return reduction.sum.record(directed(a, along, eps) * directed(b, along, eps), along, False)


def directed(x: Any, along: Any, eps: float) -> Any:
    """x divided by its length, which counts as at least ε."""
    length = norm(x, 2, along, True)
    return x / elementwise.where.record(length < eps, eps, length)


@composed
def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """‖x₁ − x₂ + ε‖ₚ along the last dimension."""
    return norm(x1 - x2 + eps, p, -1, keepdim)


@composed
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    """Distances between every row of one and every row of the other: (…, P, M), (…, R, M)."""
    if x1._data.shape[-1] != x2._data.shape[-1]:
        raise RuntimeError(
            f"cdist: X1 and X2 must have the same number of columns. X1: {x1._data.shape[-1]} X2: "
            f"{x2._data.shape[-1]} (shapes {tuple(x1._data.shape)} and {tuple(x2._data.shape)})"
        )
    return norm(shaping.unsqueeze.record(x1, -2) - shaping.unsqueeze.record(x2, -3), p, -1)


@composed
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """Distances between every two rows (N, M), in order, each once: (N·(N − 1)/2,)."""
    first, second = np.triu_indices(input._data.shape[0], 1)
    return norm(
        indexing.getitem.record(input, first) - indexing.getitem.record(input, second), p, -1
    )


@composed
def norm(
    input: Tensor, p: Any = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """The p-norm (Σ|x|ᵖ)^(1/p) over `dim`; "fro" is 2. At 0 its gradient is 0."""
    x = input if dtype is None else input.to(dtype)
    along = axes(x, dim, "norm")
    if p in ("fro", 2, None):
        return safe_sqrt(reduction.sum.record(x * x, along, keepdim))
    if p == float("inf"):
        return reduction.amax.record(x.abs(), along, keepdim)
    if p == float("-inf"):
        return reduction.amin.record(x.abs(), along, keepdim)
    if p == 0:
        return reduction.sum.record((x != 0).to(x._data.dtype), along, keepdim)
    if p == 1:
        return reduction.sum.record(x.abs(), along, keepdim)
    size = x.abs()
    if p < 1:  # |x|ᵖ⁻¹ is infinite at 0, where the gradient is 0 still
        zero = x._data == 0
        powers = elementwise.where.record(
            zero, 0.0 if p > 0 else math.inf, elementwise.where.record(zero, 1, size) ** p
        )
        total = reduction.sum.record(powers, along, keepdim)
    else:
        total = reduction.sum.record(size**p, along, keepdim)
    flat = total == 0
    one = flat.to(x._data.dtype)
    return (total + one) ** (1 / p) * (1 - one)  # type: ignore[no-any-return]


@composed
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of the difference."""
    return norm(input - other, p)
