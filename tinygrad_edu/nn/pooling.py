"""Pooling as layers."""

from __future__ import annotations

from typing import Any

from ..ops import adaptive_pooling, pooling
from ..ops.convolution import per_axis
from ..tensors.tensor import Tensor
from .module import Module, bare

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]

MAX = {1: bare(pooling.max_pool1d), 2: bare(pooling.max_pool2d), 3: bare(pooling.max_pool3d)}


class _MaxPoolNd(Module):
    """Each window's maximum. See `functional.max_pool2d`."""

    rank = 0

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        """The maxima; with `return_indices` also where they lie."""
        return MAX[self.rank](
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPoolNd):
    """Each window's maximum: (N, C, L) → (N, C, L')."""

    rank = 1


class MaxPool2d(_MaxPoolNd):
    """Each window's maximum: (N, C, H, W) → (N, C, H', W')."""

    rank = 2


class MaxPool3d(_MaxPoolNd):
    """Each window's maximum: (N, C, D, H, W) → (N, C, D', H', W')."""

    rank = 3


class _MaxUnpoolNd(Module):
    """Maxima back at their places, 0 elsewhere."""

    rank: int

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        name = type(self).__name__
        strides = kernel_size if stride is None else stride
        self.kernel_size = per_axis(kernel_size, self.rank, name, "kernel_size")
        self.stride = per_axis(strides, self.rank, name, "stride")
        self.padding = per_axis(padding, self.rank, name, "padding")

    def extra_repr(self) -> str:
        """The settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """Maxima back at their places (N, C, L)."""

    rank = 1

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """The input spread out; `indices` are those that pooling returned."""
        return pooling.max_unpool1d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool2d(_MaxUnpoolNd):
    """Maxima back at their places (N, C, H, W)."""

    rank = 2

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """The input spread out; `indices` are those that pooling returned."""
        return pooling.max_unpool2d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool3d(_MaxUnpoolNd):
    """Maxima back at their places (N, C, D, H, W)."""

    rank = 3

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """The input spread out; `indices` are those that pooling returned."""
        return pooling.max_unpool3d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class AvgPool1d(Module):
    """Each window's mean: (N, C, L) → (N, C, L'). See `functional.avg_pool1d`."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = per_axis(kernel_size, 1, "AvgPool1d", "kernel_size")
        self.stride = per_axis(kernel_size if stride is None else stride, 1, "AvgPool1d", "stride")
        self.padding = per_axis(padding, 1, "AvgPool1d", "padding")
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return pooling.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        """The settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    """Each window's mean: (N, C, H, W) → (N, C, H', W'). See `functional.avg_pool2d`."""

    function = staticmethod(bare(pooling.avg_pool2d))

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return type(self).function(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """The settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """Each window's mean: (N, C, D, H, W) → (N, C, D', H', W')."""

    function = staticmethod(bare(pooling.avg_pool3d))


class _LPPoolNd(Module):
    """Each window's p-norm."""

    rank = 0

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """The norms."""
        pool = (pooling.lp_pool1d, pooling.lp_pool2d, pooling.lp_pool3d)[self.rank - 1]
        return pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPoolNd):
    """Each window's p-norm: (N, C, L) → (N, C, L')."""

    rank = 1


class LPPool2d(_LPPoolNd):
    """Each window's p-norm: (N, C, H, W) → (N, C, H', W')."""

    rank = 2


class LPPool3d(_LPPoolNd):
    """Each window's p-norm: (N, C, D, H, W) → (N, C, D', H', W')."""

    rank = 3


class _AdaptiveAvgPoolNd(Module):
    """Means over an even grid of the size asked."""

    function: Any = None

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return type(self).function(input, self.output_size)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """Means over as many even stretches as asked: (N, C, L) → (N, C, output_size)."""

    function = staticmethod(bare(adaptive_pooling.adaptive_avg_pool1d))


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """Means over an even grid of the size asked: (N, C, H, W) → (N, C, h, w)."""

    function = staticmethod(bare(adaptive_pooling.adaptive_avg_pool2d))


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """Means over an even grid of the size asked: (N, C, D, H, W) → (N, C, d, h, w)."""

    function = staticmethod(bare(adaptive_pooling.adaptive_avg_pool3d))


class _AdaptiveMaxPoolNd(Module):
    """Maxima over an even grid of the size asked."""

    function: Any = None

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """The maxima; with `return_indices` also where they lie."""
        return type(self).function(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """Maxima over as many even stretches as asked: (N, C, L) → (N, C, output_size)."""

    function = staticmethod(bare(adaptive_pooling.adaptive_max_pool1d))


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """Maxima over an even grid of the size asked: (N, C, H, W) → (N, C, h, w)."""

    function = staticmethod(bare(adaptive_pooling.adaptive_max_pool2d))


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """Maxima over an even grid of the size asked: (N, C, D, H, W) → (N, C, d, h, w)."""

    function = staticmethod(bare(adaptive_pooling.adaptive_max_pool3d))
