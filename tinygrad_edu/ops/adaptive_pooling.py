"""Pooling to a given size: means and maxima over an even grid of stretches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import wrap
from ..primitives import indexing, shaping
from ..primitives.linalg import matmul
from ..primitives.pooling import window_sum
from .composed import composed
from .convolution import Sizes
from .pooling import with_indices
from .reduction import max as maximum

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def target_size(input: Any, output_size: Any, rank: int, name: str) -> Sizes:
    """The output's spatial shape; None keeps a dimension."""
    given = (output_size,) * rank if isinstance(output_size, int) else tuple(output_size)
    if len(given) != rank or input._data.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"{name}: expected {rank} output sizes for input of {rank + 1} or {rank + 2} "
            f"dimensions, got output_size={output_size} and input {list(input._data.shape)}"
        )
    spatial = input._data.shape[-rank:]
    return tuple(n if k is None else int(k) for n, k in zip(spatial, given, strict=True))


def bins(n: int, count: int) -> list[tuple[int, int]]:
    """`count` stretches that cover n entries, as even as can be, overlapping where they must."""
    return [(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]


def adaptive_avg_pool(input: Tensor, output_size: Any, rank: int) -> Tensor:
    """The body of the adaptive means: along each dimension, a product with the bins' weights."""
    name = f"adaptive_avg_pool{rank}d"
    target = target_size(input, output_size, rank, name)
    spatial = input._data.shape[-rank:]
    if all(k and n % k == 0 for n, k in zip(spatial, target, strict=True)):
        size = tuple(n // k for n, k in zip(spatial, target, strict=True))
        return window_sum.record(input, size, size, (1,) * rank) / math.prod(size)  # type: ignore[no-any-return]
    out = input
    lead = input._data.ndim - rank
    for axis, (n, k) in enumerate(zip(spatial, target, strict=True), lead):
        weights = np.zeros((n, k), input._data.dtype)
        for j, (a, b) in enumerate(bins(n, k)):
            weights[a:b, j] = 1.0 / (b - a)
        out = times_along(out, axis, weights)
    return out


def times_along(x: Any, axis: int, matrix: Any) -> Any:
    """Each vector along `axis`, of length n, times a matrix (n, k)."""
    rank = x._data.ndim
    order = [i for i in range(rank) if i != axis]
    moved = matmul.record(shaping.permute.record(x, (*order, axis)), wrap(matrix))
    return shaping.permute.record(moved, (*range(axis), rank - 1, *range(axis, rank - 1)))


@composed
def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Means over as many even stretches as asked: (N, C, L) → (N, C, output_size)."""
    return adaptive_avg_pool(input, output_size, 1)


@composed
def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means over an even grid of the size asked: (N, C, H, W) → (N, C, h, w); None keeps a size."""
    return adaptive_avg_pool(input, output_size, 2)


@composed
def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Means over an even grid of the size asked; None keeps a size."""
    return adaptive_avg_pool(input, output_size, 3)


def adaptive_max_pool(input: Any, output_size: Any, rank: int, return_indices: bool) -> Any:
    """The body of the adaptive maxima, bin by bin; the first of equals gets the gradient."""
    target = target_size(input, output_size, rank, f"adaptive_max_pool{rank}d")
    spatial, lead = input._data.shape[-rank:], input._data.shape[:-rank]
    number = np.arange(math.prod(spatial)).reshape(spatial)
    every = [bins(n, k) for n, k in zip(spatial, target, strict=True)]
    values, places = [], []
    for where in np.ndindex(*target):
        part = tuple(slice(*every[axis][i]) for axis, i in enumerate(where))
        block = indexing.getitem.record(input, (..., *part))
        best = maximum(shaping.reshape.record(block, (*lead, -1)), -1)
        values.append(shaping.unsqueeze.record(best.values, -1))
        places.append(number[part].reshape(-1)[best.indices._data])
    y = shaping.reshape.record(shaping.cat.record(values, -1), (*lead, *target))
    if not return_indices:
        return y
    return y, wrap(np.stack(places, -1).reshape(*lead, *target))


@composed
def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima over as many even stretches as asked: (N, C, L) → (N, C, output_size)."""
    return adaptive_max_pool(input, output_size, 1, return_indices)


@composed
def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima over an even grid of the size asked: (N, C, H, W) → (N, C, h, w)."""
    return adaptive_max_pool(input, output_size, 2, return_indices)


@composed
def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima over an even grid of the size asked: (N, C, D, H, W) → (N, C, d, h, w)."""
    return adaptive_max_pool(input, output_size, 3, return_indices)


adaptive_max_pool1d_with_indices = with_indices(adaptive_max_pool1d)
adaptive_max_pool2d_with_indices = with_indices(adaptive_max_pool2d)
adaptive_max_pool3d_with_indices = with_indices(adaptive_max_pool3d)
