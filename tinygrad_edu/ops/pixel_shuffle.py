"""Channels dealt out as pixels, pixels gathered as channels, channels of groups mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..primitives import shaping
from .composed import composed

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


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
    """Channels (N, g·k, …) of g groups dealt out in turn: read as (g, k), written as (k, g)."""
    n, channels, *rest = input._data.shape
    if channels % groups:
        raise RuntimeError(
            f"channel_shuffle: Number of channels must be divisible by groups. Got {channels} "
            f"channels and {groups} groups."
        )
    y = shaping.reshape.record(input, (n, groups, channels // groups, *rest))
    y = shaping.permute.record(y, (0, 2, 1, *range(3, 3 + len(rest))))
    return shaping.reshape.record(y, (n, channels, *rest))
