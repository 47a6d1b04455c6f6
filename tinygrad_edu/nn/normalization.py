"""Normalising layers that treat every sample alone."""

from __future__ import annotations

from typing import Any

from ..ops import normalization
from ..tensors.tensor import Tensor
from . import init
from .module import Module, bare
from .parameter import Parameter, new_parameter

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]

normalize_layer, normalize_groups = bare(normalization.layer_norm), bare(normalization.group_norm)
normalize_size = bare(normalization.rms_norm)


class _Affine(Module):
    """A normalisation that learns a scale and a shift, or one of them, or neither."""

    weight: Parameter | None
    bias: Parameter | None

    def _add_parameters(self, shape: Any, scale: bool, shift: bool, dtype: Any) -> None:
        self.weight = new_parameter(*shape, dtype=dtype) if scale else None
        self.bias = new_parameter(*shape, dtype=dtype) if scale and shift else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Scale 1, shift 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class LayerNorm(_Affine):
    """(x − mean) / √(var + ε) over the last dimensions, scaled and shifted by learned numbers.

    Source: Ba, Kiros and Hinton, Layer normalization, 2016.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The last dimensions.
    eps : float
    elementwise_affine : bool
        Whether to learn a scale, and with `bias` a shift.
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        given = normalized_shape
        self.normalized_shape = (given,) if isinstance(given, int) else tuple(given)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._add_parameters(self.normalized_shape, elementwise_affine, bias, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """The input normalised."""
        return normalize_layer(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The shape, ε, and whether it learns."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """x / √(mean(x²) + ε) over the last dimensions, scaled by learned numbers.

    Source: Zhang and Sennrich, Root mean square layer normalization, 2019.
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        given = normalized_shape
        self.normalized_shape = (given,) if isinstance(given, int) else tuple(given)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        self.weight = new_parameter(*shape, dtype=dtype) if elementwise_affine else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Scale 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        """The input normalised."""
        return normalize_size(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The shape, ε, and whether it learns."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Affine):
    """(x − mean) / √(var + ε) over each group of channels, scaled and shifted per channel.

    Source: Wu and He, Group normalization, 2018.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups <= 0 or num_channels % num_groups:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._add_parameters((num_channels,), affine, bias, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """The input (N, C, …) normalised."""
        return normalize_groups(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The sizes, ε, and whether it learns."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """x / (k + α · mean of x² over neighbouring channels)^β."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """The input (N, C, …) normalised."""
        return normalization.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
