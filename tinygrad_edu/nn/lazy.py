"""Layers that learn their input's size from the first input, and then become ordinary ones."""

from __future__ import annotations

from typing import Any

from .batch_norm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    _NormBase,
)
from .conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    _ConvNd,
    _ConvTransposeNd,
)
from .linear import Linear
from .module import Module
from .parameter import Uninitialized, UninitializedBuffer, UninitializedParameter

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]


class LazyModuleMixin(Module):
    """What lazy layers share: at the first call they infer sizes and change class.

    That call draws the parameters from the random generator; nothing is drawn before.
    """

    cls_to_become: Any = None

    def has_uninitialized_params(self) -> bool:
        """Whether some parameter or buffer has no shape yet."""
        held = [*self._parameters.values(), *self._buffers.values()]
        return any(isinstance(p, Uninitialized) for p in held)

    def initialize_parameters(self, input: Any) -> None:
        """Infer the sizes from an input."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}: a lazy layer "
            f"defines how its sizes follow from an input"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.initialize_parameters(*args, **kwargs)
        self.__class__ = type(self).cls_to_become
        return self(*args, **kwargs)


class LazyLinear(LazyModuleMixin, Linear):
    """A Linear whose `in_features` is the last size of its first input."""

    cls_to_become = Linear

    def __init__(
        self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        Module.__init__(self)
        self.in_features = 0
        self.out_features = out_features
        self.weight = UninitializedParameter(dtype=dtype)
        self.bias = UninitializedParameter(dtype=dtype) if bias else None

    def initialize_parameters(self, input: Any) -> None:
        """Take `in_features` from the input."""
        width = input._data.shape[-1]
        self.in_features = width
        if isinstance(self.weight, Uninitialized):
            self.weight.materialize((self.out_features, width))
            if isinstance(self.bias, Uninitialized):
                self.bias.materialize((self.out_features,))
            self.reset_parameters()


class _LazyConvNd(LazyModuleMixin, _ConvNd):
    """A convolution whose `in_channels` is the number of channels of its first input."""

    def _await_channels(self, out_channels: int, bias: bool, dtype: Any) -> None:
        self.out_channels = out_channels
        self.weight = UninitializedParameter(dtype=dtype)
        self.bias = UninitializedParameter(dtype=dtype) if bias else None

    def initialize_parameters(self, input: Any, *args: Any, **kwargs: Any) -> None:
        """Take `in_channels` from the input."""
        sizes, number = input._data.shape, self._dimensions
        if len(sizes) not in (number + 1, number + 2):
            raise RuntimeError(
                f"Expected {number + 1}D (unbatched) or {number + 2}D (batched) input to "
                f"{type(self).__name__}, but got input of size: {list(sizes)}"
            )
        channels = sizes[-number - 1]
        self.in_channels = channels
        if channels % self.groups:
            raise ValueError(
                f"in_channels ({channels}) must be divisible by groups ({self.groups})"
            )
        if isinstance(self.weight, Uninitialized):
            self.weight.materialize(self._weight_shape())
            if isinstance(self.bias, Uninitialized):
                self.bias.materialize((self.out_channels,))
            self.reset_parameters()


class _LazyConv(_LazyConvNd):
    """A convolution that awaits its first input."""

    def __init__(
        self,
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
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode)
        self._await_channels(out_channels, bias, dtype)


class _LazyConvTranspose(_LazyConvNd, _ConvTransposeNd):
    """A transposed convolution that awaits its first input."""

    def __init__(
        self,
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
        super().__init__(
            0,
            0,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            False,
            dilation,
            padding_mode,
        )
        self._await_channels(out_channels, bias, dtype)


class LazyConv1d(_LazyConv, Conv1d):
    """A Conv1d whose `in_channels` comes from its first input."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """A Conv2d whose `in_channels` comes from its first input."""

    cls_to_become = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """A Conv3d whose `in_channels` comes from its first input."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    """A ConvTranspose1d whose `in_channels` comes from its first input."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    """A ConvTranspose2d whose `in_channels` comes from its first input."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    """A ConvTranspose3d whose `in_channels` comes from its first input."""

    cls_to_become = ConvTranspose3d


class _LazyNorm(LazyModuleMixin, _NormBase):
    """A normalisation whose `num_features` is the number of channels of its first input."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, False, False)
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self.weight = UninitializedParameter(dtype=dtype)
            self.bias = UninitializedParameter(dtype=dtype) if bias else None
        if track_running_stats:
            self.running_mean = UninitializedBuffer(dtype=dtype)
            self.running_var = UninitializedBuffer(dtype=dtype)
            self.num_batches_tracked = UninitializedBuffer(dtype="int64")
            self.num_batches_tracked.materialize(())

    def initialize_parameters(self, input: Any) -> None:
        """Take `num_features` from the input."""
        self._check(input)
        self.num_features = input._data.shape[self._channel_axis(input)]
        if self.has_uninitialized_params():
            for held in (self.weight, self.bias, self.running_mean, self.running_var):
                if isinstance(held, Uninitialized):
                    held.materialize((self.num_features,))
            self.reset_parameters()


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A BatchNorm1d whose `num_features` comes from its first input."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A BatchNorm2d whose `num_features` comes from its first input."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A BatchNorm3d whose `num_features` comes from its first input."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """An InstanceNorm1d whose `num_features` comes from its first input."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """An InstanceNorm2d whose `num_features` comes from its first input."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """An InstanceNorm3d whose `num_features` comes from its first input."""

    cls_to_become = InstanceNorm3d
