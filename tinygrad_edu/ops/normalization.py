"""Normalisation: over features, batches, channels or groups of them, by length, by neighbours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.saved import written
from ..primitives import elementwise, reduction, shaping
from ..primitives.pooling import window_sum
from .composed import composed
from .distance import norm
from .padding import constant_padded

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def centred_and_variance(x: Any, axis: Any) -> tuple[Any, Any, Any]:
    """x − mean, the mean square of that, and the mean."""
    n = reduction.size_of(x._data.shape, axis)
    mean = reduction.sum.record(x, axis, True) / n
    centred = x - mean
    return centred, reduction.sum.record(centred * centred, axis, True) / n, mean


def scaled(y: Tensor, weight: Any, bias: Any) -> Tensor:
    """Scaled and shifted per channel (dimension 1)."""
    shape = (-1,) + (1,) * (y._data.ndim - 2)
    if weight is not None:
        y = y * shaping.reshape.record(weight, shape)
    return y if bias is None else y + shaping.reshape.record(bias, shape)


def last_axes(input: Any, normalized_shape: Any) -> tuple[int, ...]:
    """The last dimensions, which must be of the shape given."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if tuple(input._data.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape "
            f"[*, {', '.join(map(str, shape))}], but got input of size {list(input._data.shape)}"
        )
    return tuple(range(-len(shape), 0))


def update(running: Any, batch: Any, momentum: float) -> None:
    """Mix a batch's statistic into the running one, outside the graph."""
    running._data *= 1 - momentum
    running._data += momentum * batch
    written(running._data)


@composed
def layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """(x − mean) / √(var + ε) over the last dimensions, scaled and shifted.

    Source: Ba, Kiros and Hinton, Layer normalization, 2016.
    """
    axes = last_axes(input, normalized_shape)
    centred, variance, _ = centred_and_variance(input, -1 if len(axes) == 1 else axes)
    y = centred / elementwise.sqrt.record(variance + eps)
    if weight is not None:
        y = y * weight
    return y if bias is None else y + bias  # type: ignore[no-any-return]


@composed
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x − mean) / √(var + ε) per channel (dimension 1), scaled and shifted.

    In training by the batch's own statistics, which are mixed into the running ones (outside the
    graph); else by the running ones. Source: Ioffe and Szegedy, Batch normalization, 2015.

    Raises
    ------
    ValueError
        For one value per channel in training: its variance says nothing.
    """
    x = input
    rank = x._data.ndim
    axis = (0, *range(2, rank))
    shape = (1, -1) + (1,) * (rank - 2) if rank > 1 else (-1,)
    if training or running_mean is None or running_var is None:
        n = reduction.size_of(x._data.shape, axis)
        if n == 1 and training:
            raise ValueError(
                f"Expected more than 1 value per channel when training, got input size "
                f"{list(x._data.shape)}: use a larger batch, or model.eval()"
            )
        centred, variance, mean = centred_and_variance(x, axis)
        if running_mean is not None and running_var is not None:
            update(running_mean, mean._data.reshape(-1), momentum)
            update(running_var, variance._data.reshape(-1) * (n / max(n - 1, 1)), momentum)
    else:
        centred = x - running_mean.reshape(shape)
        variance = running_var.reshape(shape)
    y = centred / elementwise.sqrt.record(variance + eps)
    if weight is not None:
        y = y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)  # type: ignore[no-any-return]


@composed
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """(x − mean) / √(var + ε) over each group of channels of each sample: (N, C, …).

    Source: Wu and He, Group normalization, 2018.

    Raises
    ------
    RuntimeError
        If the channels do not divide into the groups.
    """
    shape = input._data.shape
    if len(shape) < 2 or num_groups <= 0 or shape[1] % num_groups:
        raise RuntimeError(
            f"group_norm: Expected number of channels in input to be divisible by num_groups, but "
            f"got input of shape {list(shape)} and num_groups={num_groups}"
        )
    grouped = shaping.reshape.record(
        input, (shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    )
    centred, variance, _ = centred_and_variance(grouped, 2)
    y = shaping.reshape.record(centred / elementwise.sqrt.record(variance + eps), shape)
    return scaled(y, weight, bias)


@composed
def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x − mean) / √(var + ε) over each channel of each sample: (N, C, …).

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization, 2016.

    Raises
    ------
    ValueError
        For one value per channel: its variance says nothing.
    """
    rank = input._data.ndim
    axis = tuple(range(2, rank))
    if use_input_stats:
        n = reduction.size_of(input._data.shape, axis)
        if n <= 1:
            raise ValueError(
                f"Expected more than 1 spatial element when training, got input size "
                f"{list(input._data.shape)}"
            )
        centred, variance, mean = centred_and_variance(input, axis)
        if running_mean is not None and running_var is not None:
            sides = (0, *axis)
            update(running_mean, mean._data.mean(sides), momentum)
            update(running_var, variance._data.mean(sides) * (n / (n - 1)), momentum)
    else:
        if running_mean is None or running_var is None:
            raise RuntimeError(
                "instance_norm: Expected running_mean and running_var to be defined when "
                "use_input_stats is false"
            )
        shape = (1, -1) + (1,) * (rank - 2)
        centred = input - shaping.reshape.record(running_mean, shape)
        variance = shaping.reshape.record(running_var, shape)
    return scaled(centred / elementwise.sqrt.record(variance + eps), weight, bias)


@composed
def rms_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """x / √(mean(x²) + ε) over the last dimensions, scaled; ε is the dtype's epsilon unless given.

    Source: Zhang and Sennrich, Root mean square layer normalization, 2019.
    """
    axis = last_axes(input, normalized_shape)
    n = reduction.size_of(input._data.shape, axis)
    floor = float(np.finfo(input._data.dtype).eps) if eps is None else eps
    y = input / elementwise.sqrt.record(reduction.sum.record(input * input, axis, True) / n + floor)
    return y if weight is None else y * weight


@composed
def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """x / (k + α · mean of x² over `size` neighbouring channels)^β: (N, C, …).

    Source: Krizhevsky, Sutskever and Hinton, ImageNet classification, 2012.
    """
    shape = input._data.shape
    if len(shape) < 3:
        raise ValueError(
            f"Expected 3D or higher dimensionality input (got {len(shape)} dimensions)"
        )
    flat = shaping.reshape.record(input * input, (shape[0], shape[1], math.prod(shape[2:])))
    wide = constant_padded(flat, [(0, 0), (size // 2, (size - 1) // 2), (0, 0)], 0.0)
    turned = shaping.permute.record(wide, (0, 2, 1))
    sums = window_sum.record(turned, (size,), (1,), (1,))
    mean = shaping.reshape.record(shaping.permute.record(sums, (0, 2, 1)), shape) / size
    return input / (mean * alpha + k) ** beta


@composed
def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x / max(‖x‖ₚ, ε) along `dim`."""
    length = norm(input, p, dim, True)
    return input / elementwise.where.record(length < eps, eps, length)
