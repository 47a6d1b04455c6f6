"""What layers compute: linear maps, lookups, dropout, normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.saved import written
from ..engine.traced import raw, still, wrap
from ..generator import dropout_noise
from ..primitives import elementwise, linalg, reduction
from .composed import composed
from .linalg import norm

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

product, matmul = linalg.inner.record, linalg.matmul.record


@composed(closed_form="g @ weight")
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x Wᵀ + b: input (…, in), weight (out, in), bias (out,) → (…, out)."""
    y = product(input, weight) if weight._data.ndim == 2 else matmul(input, weight)
    return y if bias is None else y + bias


@composed
def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    generator: Any = None,
) -> Tensor:
    """Entries set to 0 with probability p and the rest divided by 1 − p; nothing when not training.

    Raises
    ------
    ValueError
        If p is not a probability.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training:
        return input
    out = input * wrap(dropout_noise(input._data, p, generator=generator))
    return input._become(out, "dropout_") if inplace else out


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """Rows of zeros with a one at each class index (int64)."""
    index = np.asarray(raw(tensor))
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"one_hot is only applicable to index tensors, got {index.dtype}")
    if index.size and index.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(index.max()) + 1
    elif index.size and index.max() >= num_classes:
        raise RuntimeError(
            f"Class values must be smaller than num_classes: {int(index.max())} >= {num_classes}"
        )
    classes = np.arange(num_classes)
    return still("one_hot", lambda x: (x[..., None] == classes).astype(np.int64), tensor)  # type: ignore[no-any-return]


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
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if tuple(input._data.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape "
            f"[*, {', '.join(map(str, shape))}], but got input of size {list(input._data.shape)}"
        )
    axis: Any = -1 if len(shape) == 1 else tuple(range(-len(shape), 0))
    n = reduction.size_of(input._data.shape, axis)
    centred = input - reduction.sum.record(input, axis, True) / n
    variance = reduction.sum.record(centred * centred, axis, True) / n
    y = centred / elementwise.sqrt.record(variance + eps)
    if weight is not None:
        y = y * weight
    return y if bias is None else y + bias


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
        mean = reduction.sum.record(x, axis, True) / n
        centred = x - mean
        variance = reduction.sum.record(centred * centred, axis, True) / n
        if running_mean is not None and running_var is not None:
            update(running_mean, mean._data.reshape(-1), momentum)
            update(running_var, variance._data.reshape(-1) * (n / max(n - 1, 1)), momentum)
    else:
        centred = x - running_mean.reshape(shape)
        variance = running_var.reshape(shape)
    y = centred / elementwise.sqrt.record(variance + eps)
    if weight is not None:
        y = y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


def update(running: Any, batch: Any, momentum: float) -> None:
    """Mix a batch's statistic into the running one, outside the graph."""
    running._data *= 1 - momentum
    running._data += momentum * batch
    written(running._data)


@composed
def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x / max(‖x‖ₚ, ε) along `dim`."""
    length = norm(input, p, dim, True)
    return input / elementwise.where.record(length < eps, eps, length)
