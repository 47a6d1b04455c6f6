"""Pooling as layers."""

from __future__ import annotations

from collections.abc import Callable
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


class _PoolNd(Module):
    """What slides windows over the input; its class says which function computes it."""

    _function: Callable[..., Any]
    kernel_size: Any
    stride: Any
    padding: Any

    def extra_repr(self) -> str:
        """Where the windows lie."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _MaxPoolNd(_PoolNd):
    """Each window's maximum. See `functional.max_pool2d`."""

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
        return self._function(
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
        return f"{super().extra_repr()}, dilation={self.dilation}, ceil_mode={self.ceil_mode}"


class MaxPool1d(_MaxPoolNd):
    """Each window's maximum: (N, C, L) → (N, C, L')."""

    _function = staticmethod(bare(pooling.max_pool1d))


class MaxPool2d(_MaxPoolNd):
    """Each window's maximum: (N, C, H, W) → (N, C, H', W')."""

    _function = staticmethod(bare(pooling.max_pool2d))


class MaxPool3d(_MaxPoolNd):
    """Each window's maximum: (N, C, D, H, W) → (N, C, D', H', W')."""

    _function = staticmethod(bare(pooling.max_pool3d))


class _MaxUnpoolNd(_PoolNd):
    """Maxima back at their places, 0 elsewhere."""

    _dimensions: int

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        number, name = self._dimensions, type(self).__name__
        strides = kernel_size if stride is None else stride
        self.kernel_size = per_axis(kernel_size, number, name, "kernel_size")
        self.stride = per_axis(strides, number, name, "stride")
        self.padding = per_axis(padding, number, name, "padding")

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """The input spread out; `indices` are those that pooling returned."""
        return self._function(  # type: ignore[no-any-return]
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool1d(_MaxUnpoolNd):
    """Maxima back at their places (N, C, L)."""

    _dimensions = 1
    _function = staticmethod(pooling.max_unpool1d)


class MaxUnpool2d(_MaxUnpoolNd):
    """Maxima back at their places (N, C, H, W)."""

    _dimensions = 2
    _function = staticmethod(pooling.max_unpool2d)


class MaxUnpool3d(_MaxUnpoolNd):
    """Maxima back at their places (N, C, D, H, W)."""

    _dimensions = 3
    _function = staticmethod(pooling.max_unpool3d)


class AvgPool1d(_PoolNd):
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


class AvgPool2d(_PoolNd):
    """Each window's mean: (N, C, H, W) → (N, C, H', W'). See `functional.avg_pool2d`."""

    _function = staticmethod(bare(pooling.avg_pool2d))

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
        return self._function(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool3d(AvgPool2d):
    """Each window's mean: (N, C, D, H, W) → (N, C, D', H', W')."""

    _function = staticmethod(bare(pooling.avg_pool3d))


class _LPPoolNd(_PoolNd):
    """Each window's p-norm."""

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
        return self._function(  # type: ignore[no-any-return]
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPoolNd):
    """Each window's p-norm: (N, C, L) → (N, C, L')."""

    _function = staticmethod(pooling.lp_pool1d)


class LPPool2d(_LPPoolNd):
    """Each window's p-norm: (N, C, H, W) → (N, C, H', W')."""

    _function = staticmethod(pooling.lp_pool2d)


class LPPool3d(_LPPoolNd):
    """Each window's p-norm: (N, C, D, H, W) → (N, C, D', H', W')."""

    _function = staticmethod(pooling.lp_pool3d)


class _AdaptivePoolNd(Module):
    """A pooling whose windows divide the input evenly into the size asked."""

    _function: Callable[..., Any]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"


class _AdaptiveAvgPoolNd(_AdaptivePoolNd):
    """Means over an even grid of the size asked."""

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return self._function(input, self.output_size)  # type: ignore[no-any-return]


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """Means over as many even stretches as asked: (N, C, L) → (N, C, output_size)."""

    _function = staticmethod(bare(adaptive_pooling.adaptive_avg_pool1d))


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """Means over an even grid of the size asked: (N, C, H, W) → (N, C, h, w)."""

    _function = staticmethod(bare(adaptive_pooling.adaptive_avg_pool2d))


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """Means over an even grid of the size asked: (N, C, D, H, W) → (N, C, d, h, w)."""

    _function = staticmethod(bare(adaptive_pooling.adaptive_avg_pool3d))


class _AdaptiveMaxPoolNd(_AdaptivePoolNd):
    """Maxima over an even grid of the size asked."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """The maxima; with `return_indices` also where they lie."""
        return self._function(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """Maxima over as many even stretches as asked: (N, C, L) → (N, C, output_size)."""

    _function = staticmethod(bare(adaptive_pooling.adaptive_max_pool1d))


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """Maxima over an even grid of the size asked: (N, C, H, W) → (N, C, h, w)."""

    _function = staticmethod(bare(adaptive_pooling.adaptive_max_pool2d))


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """Maxima over an even grid of the size asked: (N, C, D, H, W) → (N, C, d, h, w)."""

    _function = staticmethod(bare(adaptive_pooling.adaptive_max_pool3d))
