"""Convolutions as layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..ops import convolution
from ..ops.convolution import per_axis
from ..ops.padding import pad
from ..tensors.tensor import Tensor
from . import init
from .module import Module, bare, non_defaults
from .parameter import new_parameter

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
]

MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What convolutions along any number of dimensions share: settings, weight and bias.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, dilation : int or one for each spatial dimension
    padding : int, one for each dimension, "same" or "valid"
    groups : int
        Divides the channels into groups that do not see each other.
    bias : bool
    padding_mode : "zeros", "reflect", "replicate" or "circular"
    """

    _dimensions: int
    _function: Callable[..., Any]
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError(f"groups must be a positive integer, got {groups}")
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"in_channels ({in_channels}) and out_channels ({out_channels}) must be divisible "
                f"by groups ({groups})"
            )
        if padding_mode not in MODES:
            raise ValueError(f"padding_mode must be one of {MODES}, but got {padding_mode!r}")
        number, name = self._dimensions, type(self).__name__
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_axis(kernel_size, number, name, "kernel_size")
        self.stride = per_axis(stride, number, name, "stride")
        self.dilation = per_axis(dilation, number, name, "dilation")
        self.output_padding = (0,) * number
        self.groups = groups
        self.padding_mode = padding_mode
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(
                    f"Invalid padding string {padding!r}, should be one of 'valid', 'same'"
                )
            if padding == "same" and any(s != 1 for s in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
            self.padding: Any = padding
        else:
            self.padding = per_axis(padding, number, name, "padding")
        self.weight = new_parameter(*self._weight_shape(), dtype=dtype)
        self.bias = new_parameter(out_channels, dtype=dtype) if bias else None
        if self.weight._data.size:
            self.reset_parameters()

    def _weight_shape(self) -> tuple[int, ...]:
        sizes = (self.out_channels, self.in_channels // self.groups)
        if self.transposed:
            sizes = (self.in_channels, self.out_channels // self.groups)
        return (*sizes, *self.kernel_size)

    def reset_parameters(self) -> None:
        """Draw weight and bias uniform in ±1/√fan_in, as PyTorch does."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init.fans(self.weight)
            if fan_in:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """The convolution of (N, in_channels, …), or of one sample (in_channels, …)."""
        padding = self.padding
        if self.padding_mode != "zeros":
            pairs = convolution.margins(
                padding, self.kernel_size, self.stride, self.dilation, self._dimensions, "conv"
            )
            input = pad(input, [n for pair in pairs[::-1] for n in pair], self.padding_mode)
            padding = 0
        return self._function(  # type: ignore[no-any-return]
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )

    def extra_repr(self) -> str:
        """Sizes, and what differs from the defaults."""
        zeros, ones = (0,) * self._dimensions, (1,) * self._dimensions
        sizes = {"padding": zeros, "dilation": ones, "output_padding": zeros}
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}{non_defaults(self, **sizes, groups=1)}"
            f"{', bias=False' if self.bias is None else ''}"
            f"{non_defaults(self, padding_mode='zeros')}"
        )


class Conv1d(_ConvNd):
    """Weights slid over sequences: (N, in, L) → (N, out, L'). See `functional.conv1d`."""

    _dimensions = 1
    _function = staticmethod(bare(convolution.conv1d))


class Conv2d(_ConvNd):
    """Weights slid over images: (N, in, H, W) → (N, out, H', W'). See `functional.conv2d`."""

    _dimensions = 2
    _function = staticmethod(bare(convolution.conv2d))


class Conv3d(_ConvNd):
    """Weights slid over volumes: (N, in, D, H, W) → (N, out, D', H', W')."""

    _dimensions = 3
    _function = staticmethod(bare(convolution.conv3d))


class _ConvTransposeNd(_ConvNd):
    """The adjoint of a convolution; its settings come in another order, as PyTorch's do."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(
                f'Only "zeros" padding mode is supported for {type(self).__name__}, got '
                f"{padding_mode!r}"
            )
        extra = per_axis(output_padding, self._dimensions, type(self).__name__, "output_padding")
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            dtype=dtype,
        )
        self.output_padding = extra

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """The transposed convolution; `output_size` chooses among the sizes that stride allows."""
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        return self._function(  # type: ignore[no-any-return]
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            extra,
            self.groups,
            self.dilation,
        )

    def _extra(self, input: Any, output_size: Any) -> tuple[int, ...]:
        wanted = [int(n) for n in output_size][-self._dimensions :]
        spatial = input._data.shape[-self._dimensions :]
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                spatial, self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        most = [n + s - 1 for n, s in zip(least, self.stride, strict=True)]
        if not all(a <= w <= b for a, w, b in zip(least, wanted, most, strict=True)):
            raise ValueError(
                f"requested an output size of {wanted}, but valid sizes range from {least} to "
                f"{most} (for an input of {tuple(spatial)})"
            )
        return tuple(w - a for a, w in zip(least, wanted, strict=True))


class ConvTranspose1d(_ConvTransposeNd):
    """The adjoint of Conv1d: (N, in, L) → (N, out, L')."""

    _dimensions = 1
    _function = staticmethod(bare(convolution.conv_transpose1d))


class ConvTranspose2d(_ConvTransposeNd):
    """The adjoint of Conv2d: (N, in, H, W) → (N, out, H', W')."""

    _dimensions = 2
    _function = staticmethod(bare(convolution.conv_transpose2d))


class ConvTranspose3d(_ConvTransposeNd):
    """The adjoint of Conv3d: (N, in, D, H, W) → (N, out, D', H', W')."""

    _dimensions = 3
    _function = staticmethod(bare(convolution.conv_transpose3d))
