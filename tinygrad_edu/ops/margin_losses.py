"""Losses of rankings and margins, and of distributions other than classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import raw, wrap
from ..primitives import elementwise, indexing, shaping
from ..primitives import reduction as reduction_primitives
from .activation import logsigmoid, relu, softplus
from .class_losses import class_index, weights_of
from .composed import composed
from .distance import pairwise_distance
from .loss import options_of, reduced, same_shape

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

where = elementwise.where.record


def above_0(x: Any) -> Any:
    """max(x, 0) with slope 1 at 0: PyTorch's convention for a margin just kept."""
    return where(x < 0, 0, x)


@composed(loss=True)
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, −t (x₁ − x₂) + margin), t = 1 if x₁ should rank higher, −1 if lower."""
    loss = above_0(-target * (input1 - input2) + margin)
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """x where t = 1 (alike), max(0, margin − x) where t = −1."""
    data = raw(target)
    # A target that is neither counts as both, as in PyTorch.
    loss = where(data == -1, 0, input) + where(data == 1, 0, above_0(margin - input))
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """1 − cos(x₁, x₂) where t = 1 (alike), max(0, cos − margin) where t = −1.

    Shapes (N, D), (N, D), (N,).
    """
    data = raw(target)
    if data.ndim != input1._data.ndim - 1:
        raise RuntimeError(
            f"cosine_embedding_loss: inputs {tuple(input1._data.shape)} need a target of one "
            f"dimension less, 1 or -1 for each pair, got {data.shape}"
        )
    a = input1
    eps = 1e-12  # PyTorch's, added under the root
    products = reduction_primitives.sum.record(a * input2, -1, False)
    first = reduction_primitives.sum.record(a * a, -1, False) + eps
    second = reduction_primitives.sum.record(input2 * input2, -1, False) + eps
    cosine = products / elementwise.sqrt.record(first * second)
    loss = where(data == 1, 1 - cosine, where(data == -1, above_0(cosine - margin), 0))
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """log(1 + e^(−t x)), t = ±1."""
    target = same_shape("soft_margin_loss", input, target)
    loss = softplus(-target * input, 1, math.inf)
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """The mean over classes of binary cross-entropy of sigmoid(x): (N, C), targets 0 or 1."""
    target = same_shape("multilabel_soft_margin_loss", input, target)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    loss = reduction_primitives.sum.record(loss, -1, False) / input._data.shape[-1]
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def multi_margin_loss(
    input: Tensor,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Σ max(0, margin − x[label] + x[other])ᵖ / C: scores (N, C), labels (N,)."""
    if p not in (1, 2):
        raise ValueError(f"only p == 1 and p == 2 supported, got {p}")
    alone = input._data.ndim < 2
    x = shaping.reshape.record(input, (1, -1)) if alone else input
    classes = x._data.shape[1]
    labels = class_index(raw(target).reshape(-1), classes, -(10**9), "multi_margin_loss")
    right = indexing.gather.record(x, labels[:, None], 1)
    short = relu(margin - right + x)
    short = short if p == 1 else short * short
    if weight is not None:
        short = short * weights_of(weight, labels[:, None], short._data.dtype)
    own = labels[:, None] == np.arange(classes)
    loss = reduction_primitives.sum.record(where(own, 0, short), 1, False) / classes
    if alone:
        loss = shaping.squeeze.record(loss, (0,))
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def multilabel_margin_loss(
    input: Tensor,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Σ max(0, 1 − x[label] + x[other]) / C over each sample's labels, listed first, then −1."""
    labels = np.asarray(raw(target))
    if labels.shape != input._data.shape:
        raise RuntimeError(
            f"multilabel_margin_loss: expected a target of the input's shape "
            f"{tuple(input._data.shape)}: the labels of each sample, then -1; got {labels.shape}"
        )
    alone = input._data.ndim < 2
    x = shaping.reshape.record(input, (1, -1)) if alone else input
    labels = labels.reshape(x._data.shape)
    classes = x._data.shape[1]
    listed = np.cumprod(labels >= 0, axis=1).astype(bool)
    index = np.where(listed, labels, 0)
    if index.max(initial=0) >= classes:
        raise IndexError(
            f"multilabel_margin_loss: Target {int(index.max())} is out of bounds: labels run from "
            f"0 to {classes - 1}"
        )
    mine = np.zeros(x._data.shape, bool)
    rows = np.broadcast_to(np.arange(len(labels))[:, None], labels.shape)
    mine[rows[listed], labels[listed]] = True
    right = shaping.unsqueeze.record(indexing.gather.record(x, index, 1), 2)  # samples, labels, 1
    short = relu(1 - right + shaping.unsqueeze.record(x, 1))  # samples, labels, classes
    counted = listed[:, :, None] & ~mine[:, None, :]
    loss = reduction_primitives.sum.record(where(counted, short, 0), (1, 2), False) / classes
    if alone:
        loss = shaping.squeeze.record(loss, (0,))
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, ‖a − p‖ − ‖a − n‖ + margin).

    Source: Balntas et al., Learning local feature descriptors with triplets, 2016.
    """

    def distance(a: Any, b: Any) -> Any:
        return pairwise_distance(a, b, p, eps)

    loss = triplet(anchor, positive, negative, distance, margin, swap)
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """The triplet loss under any distance of two tensors."""
    distance = pairwise_distance if distance_function is None else distance_function
    return reduced(triplet(anchor, positive, negative, distance, margin, swap), reduction)


def triplet(
    anchor: Any, positive: Any, negative: Any, distance: Any, margin: float, swap: bool
) -> Any:
    """How much closer than the margin the negative is."""
    if margin <= 0:
        raise ValueError(f"triplet loss: margin must be greater than 0, got {margin}")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = elementwise.minimum.record(far, distance(positive, negative))
    return above_0(near - far + margin)


@composed(loss=True)
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """eˣ − t x for a log-rate x (x − t log x for a rate), t a Poisson count.

    With `full`, Stirling's approximation of log t! is added where t > 1.
    """
    if log_input:
        loss = elementwise.exp.record(input) - target * input
    else:
        loss = input - target * elementwise.log.record(input + eps)
    if full:
        large = target > 1
        t = where(large, target, 1)
        stirling = t * elementwise.log.record(t) - t + 0.5 * elementwise.log.record(2 * math.pi * t)
        loss = loss + where(large, stirling, 0)
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """½ (log v + (x − t)² / v), v the variance, at least ε (which its gradient does not see).

    Raises
    ------
    ValueError
        If a variance is negative, or of a shape that fits neither entries nor samples.
    """
    if isinstance(var, int | float):
        var = wrap(np.full(input._data.shape, var, input._data.dtype))
    if var._data.size and var._data.min() < 0:
        raise ValueError(f"var has negative entry/entries: the lowest is {var._data.min()}")
    if var._data.shape != input._data.shape:
        if var._data.shape == input._data.shape[:-1]:
            var = shaping.unsqueeze.record(var, -1)
        elif var._data.shape[:-1] != input._data.shape[:-1] or var._data.shape[-1] != 1:
            raise ValueError(
                f"var is of incorrect size: got {tuple(var._data.shape)} for input "
                f"{tuple(input._data.shape)}; expected one variance an entry, or one a sample"
            )
    low = raw(var) < eps
    # The value is the clamped one, the gradient passes as if it were not: PyTorch's choice.
    lift = wrap(np.where(low, eps - raw(var), 0).astype(var._data.dtype))
    var = var + lift
    d = input - target
    loss = 0.5 * (elementwise.log.record(var) + d * d / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)
