"""Layers that change shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ops import shaping
from ..tensors.tensor import Tensor
from .module import Module

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """The dimensions from `start_dim` to `end_dim` as one: (N, C, H, W) → (N, C·H·W)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """The input flattened."""
        return shaping.flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Which dimensions."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One dimension as several: (N, C·H·W) → (N, C, H, W) for dim 1."""

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(dim, int):
            raise TypeError(f"Unflatten: dim must be a whole number, got {dim!r}")
        self.dim = dim
        self.unflattened_size: Any = tuple(unflattened_size)

    def forward(self, input: Tensor) -> Tensor:
        """The input with its dimension split."""
        return shaping.unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Which dimension, and into what."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
