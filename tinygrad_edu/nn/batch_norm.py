"""Normalising layers with running statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.saved import written
from ..engine.traced import wrap
from ..numerics.promotion import default_float
from ..ops import normalization
from ..tensors.tensor import Tensor
from .module import Module, bare
from .normalization import _Affine

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "SyncBatchNorm",
]

normalize_batch, normalize_instance = (
    bare(normalization.batch_norm),
    bare(normalization.instance_norm),
)


class _NormBase(_Affine):
    """A scale and shift per channel, and statistics kept from batch to batch.

    Parameters
    ----------
    num_features : int
        Channels.
    eps : float
    momentum : float or None
        How much each batch counts in the running statistics; None averages all batches.
    affine, bias : bool
        Whether to learn a scale, and with `bias` a shift.
    track_running_stats : bool
        Whether to keep running statistics, and use them in `eval()`.
    """

    ranks: tuple[int, ...] = ()
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        kind = dtype or default_float()
        held = track_running_stats
        self.register_buffer("running_mean", wrap(np.zeros(num_features, kind)) if held else None)
        self.register_buffer("running_var", wrap(np.ones(num_features, kind)) if held else None)
        self.register_buffer("num_batches_tracked", wrap(np.zeros((), np.int64)) if held else None)
        self._add_parameters((num_features,), affine, bias, dtype)

    def reset_running_stats(self) -> None:
        """Mean 0, variance 1, no batches."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1.0)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Scale 1, shift 0, statistics as at the start."""
        self.reset_running_stats()
        super().reset_parameters()

    def _check(self, input: Any) -> None:
        if input._data.ndim not in self.ranks:
            words = " or ".join(f"{r}D" for r in self.ranks)
            raise ValueError(
                f"{type(self).__name__}: expected {words} input (got {input._data.ndim}D input of "
                f"shape {tuple(input._data.shape)}). Vectors take BatchNorm1d, images (samples, "
                f"channels, height, width) BatchNorm2d, volumes BatchNorm3d"
            )

    def _channel_axis(self, input: Any) -> int:
        return 1

    def _check_channels(self, channels: int) -> None:
        if channels != self.num_features and (self.affine or self.running_mean is not None):
            raise RuntimeError(
                f"{type(self).__name__}: expected {self.num_features} channels (num_features), got "
                f"{channels}: dimension 1 of the input must be the channels"
            )

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    """Batch normalisation. Source: Ioffe and Szegedy, Batch normalization, 2015."""

    def forward(self, input: Tensor) -> Tensor:
        """The input (N, C, …) normalised: by the batch in training, else by running statistics."""
        self._check(input)
        self._check_channels(input._data.shape[1])
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats:
            count = self.num_batches_tracked._data
            count += 1
            written(count)
            if self.momentum is None:
                momentum = 1.0 / float(count)
        by_batch = self.training or self.running_mean is None
        keep = not self.training or self.track_running_stats
        return normalize_batch(
            input,
            self.running_mean if keep else None,
            self.running_var if keep else None,
            self.weight,
            self.bias,
            by_batch,
            momentum,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L)."""

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of (N, C, H, W)."""

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of (N, C, D, H, W)."""

    ranks = (5,)


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation over the batches of all processes: here one, so that of (N, C, …).

    PyTorch's needs a GPU in training; what it computes in one process is what this does.

    Parameters
    ----------
    process_group
        Taken for PyTorch's sake.
    """

    ranks = (2, 3, 4, 5)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)
        self.process_group = process_group

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """The module with each batch normalisation in it made one of this kind."""
        out = module
        if isinstance(module, _BatchNorm):
            out = cls(
                module.num_features,
                module.eps,
                module.momentum,
                module.affine,
                module.track_running_stats,
                process_group,
            )
            out.weight, out.bias = module.weight, module.bias
            out.running_mean, out.running_var = module.running_mean, module.running_var
            out.num_batches_tracked = module.num_batches_tracked
            out.training = module.training
        for name, child in list(module.named_children()):
            setattr(out, name, cls.convert_sync_batchnorm(child, process_group))
        return out


class _InstanceNorm(_NormBase):
    """Instance normalisation. Source: Ulyanov, Vedaldi and Lempitsky, 2016."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def _channel_axis(self, input: Any) -> int:
        return 0 if input._data.ndim == self.ranks[0] else 1  # one sample, or several

    def forward(self, input: Tensor) -> Tensor:
        """The input (N, C, …), or (C, …) for one sample, normalised."""
        self._check(input)
        alone = self._channel_axis(input) == 0
        x = input.unsqueeze(0) if alone else input
        self._check_channels(x._data.shape[1])
        out = normalize_instance(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return out.squeeze(0) if alone else out


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of (N, C, L) or (C, L)."""

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of (N, C, H, W) or (C, H, W)."""

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of (N, C, D, H, W) or (C, D, H, W)."""

    ranks = (4, 5)
