"""Distances and similarities, and pixels rearranged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..primitives import elementwise, indexing, reduction, shaping
from .composed import composed
from .linalg import einsum, norm
from .reduction import axes

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
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Channels laid out as pixels: (…, C·r², H, W) → (…, C, H·r, W·r).

    Source: Shi et al., Real-time single image super-resolution, 2016.
    """
    *lead, channels, height, width = input._data.shape
    r = upscale_factor
    if channels % (r * r):
        raise RuntimeError(
            f"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={channels} is not divisible by {r * r}"
        )
    n = len(lead)
    y = shaping.reshape.record(input, (*lead, channels // (r * r), r, r, height, width))
    y = shaping.permute.record(y, (*range(n), n, n + 3, n + 1, n + 4, n + 2))
    return shaping.reshape.record(y, (*lead, channels // (r * r), height * r, width * r))


@composed
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Pixels laid out as channels: (…, C, H·r, W·r) → (…, C·r², H, W)."""
    *lead, channels, height, width = input._data.shape
    r = downscale_factor
    if height % r or width % r:
        raise RuntimeError(
            f"pixel_unshuffle expects height and width to be divisible by downscale_factor, but "
            f"got {height} by {width} and {r}"
        )
    n = len(lead)
    y = shaping.reshape.record(input, (*lead, channels, height // r, r, width // r, r))
    y = shaping.permute.record(y, (*range(n), n, n + 2, n + 4, n + 1, n + 3))
    return shaping.reshape.record(y, (*lead, channels * r * r, height // r, width // r))


@composed
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Channels of the groups dealt out in turn: (N, g·k, …) read as (g, k) and written as (k, "
    "g)."""
    n, channels, *rest = input._data.shape
    if channels % groups:
        raise RuntimeError(
            f"channel_shuffle: Number of channels must be divisible by groups. Got {channels} "
            f"channels and {groups} groups."
        )
    y = shaping.reshape.record(input, (n, groups, channels // groups, *rest))
    y = shaping.permute.record(y, (0, 2, 1, *range(3, 3 + len(rest))))
    return shaping.reshape.record(y, (n, channels, *rest))


@composed
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x₁ᵀ A x₂ + b: (…, in1), (…, in2), weight (out, in1, in2) → (…, out)."""
    lead = input1._data.shape[:-1]
    a = shaping.reshape.record(input1, (-1, input1._data.shape[-1]))
    b = shaping.reshape.record(input2, (-1, input2._data.shape[-1]))
    y = einsum("ni,oij,nj->no", a, weight, b)
    y = shaping.reshape.record(y, (*lead, weight._data.shape[0]))
    return y if bias is None else y + bias
