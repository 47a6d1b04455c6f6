"""Losses of numbers and of probabilities, with PyTorch's reductions."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..primitives import elementwise
from ..primitives import reduction as reduction_primitives
from .activation import logsigmoid
from .composed import composed
from .special import xlogy

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

where, total = elementwise.where.record, reduction_primitives.sum.record


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """The mean or sum of a loss, or the loss itself."""
    if reduction == "mean":
        return total(loss, None, False) / (loss._data.size or 0.0)
    if reduction == "sum":
        return total(loss, None, False)
    if reduction == "none":
        return loss
    raise ValueError(f"{reduction!r} is not a valid value for reduction; use mean, sum or none")


def same_shape(name: str, input: Any, target: Any) -> Any:
    """`target` as a tensor of `input`'s shape, or an error.

    PyTorch broadcasts (3,) against (3, 1) to nine differences and warns; it is always a mistake.
    """
    if not isinstance(target, Traced):
        target = wrap(np.asarray(target, input._data.dtype))
    if target._data.shape != input._data.shape:
        shapes = f"{tuple(input._data.shape)} and the target {tuple(target._data.shape)}"
        raise ValueError(
            f"{name}: the input has shape {shapes}; they must be the same, or entries would be "
            f"compared that do not belong together. Use target.reshape(input.shape) or "
            f"input.squeeze(-1)."
        )
    return target


def options_of(reduction: str, size_average: Any, reduce: Any) -> str:
    """The reduction that PyTorch's two old flags, or its old name, ask for."""
    if reduction == "elementwise_mean":
        warnings.warn(
            "reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.",
            FutureWarning,
            stacklevel=4,
        )
        reduction = "mean"
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


@composed(closed_form="2 * g * (x - target) / n", loss=True)
def mse_loss(
    input: Tensor,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Tensor:
    """Squared differences; with weights, the mean divides by their sum."""
    difference = input - same_shape("mse_loss", input, target)
    reduction = options_of(reduction, size_average, reduce)
    return weighted("mse_loss", elementwise.square.record(difference), weight, reduction)


@composed(closed_form="g * sign(x - target) / n", loss=True)
def l1_loss(
    input: Tensor,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Tensor:
    """Absolute differences; with weights, the mean divides by their sum."""
    difference = elementwise.abs.record(input - same_shape("l1_loss", input, target))
    reduction = options_of(reduction, size_average, reduce)
    return weighted("l1_loss", difference, weight, reduction)


def weighted(name: str, losses: Tensor, weight: Any, reduction: str) -> Tensor:
    """The losses reduced; with weights each is multiplied, and the mean divides by their sum."""
    if weight is None:
        return reduced(losses, reduction)
    if weight._data.shape != losses._data.shape:
        raise ValueError(
            f"{name}: Weights and input must have the same size, got {tuple(weight._data.shape)} "
            f"and {tuple(losses._data.shape)}"
        )
    out = reduced(losses * weight, "sum" if reduction == "mean" else reduction)
    return out / total(weight, None, False) if reduction == "mean" else out


@composed(loss=True)
def huber_loss(
    input: Tensor, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Tensor:
    """½d² up to |d| = δ, and δ(|d| − ½δ) beyond."""
    if delta <= 0:
        raise ValueError(f"huber_loss does not support non-positive values for delta, got {delta}")
    d = input - same_shape("huber_loss", input, target)
    size = elementwise.abs.record(d)
    loss = where(size < delta, d * d * 0.5, (size - 0.5 * delta) * delta)
    return reduced(loss if weight is None else loss * weight, reduction)


@composed(loss=True)
def smooth_l1_loss(
    input: Tensor,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """½d²/β up to |d| = β, and |d| − ½β beyond."""
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    d = input - same_shape("smooth_l1_loss", input, target)
    size = elementwise.abs.record(d)
    loss = size if beta == 0 else where(size < beta, d * d * (0.5 / beta), size - 0.5 * beta)
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def binary_cross_entropy(
    input: Tensor,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """−t log p − (1 − t) log(1 − p), each logarithm no less than −100.

    Raises
    ------
    RuntimeError
        If some p is not a probability.
    """
    target = same_shape("binary_cross_entropy", input, target)
    data = input._data
    if data.size and not (data.min() >= 0 and data.max() <= 1):
        raise RuntimeError(
            f"all elements of input should be between 0 and 1, got {data.min()} to {data.max()}: "
            f"put a sigmoid in front, or use binary_cross_entropy_with_logits"
        )
    if data.size and (data.min() < 1e-12 or 1 - data.max() < 1e-12):
        edge = data * (1 - data) < 1e-12
        inside = log_terms(where(edge, 0.5, input), target)
        loss = where(edge, edge_terms(input, target), inside)
    else:
        loss = log_terms(input, target)
    if weight is not None:
        loss = loss * weight
    return reduced(loss, options_of(reduction, size_average, reduce))


def log_terms(p: Any, target: Any) -> Any:
    """−t log p − (1 − t) log(1 − p)."""
    return (target - 1) * elementwise.log1p.record(-p) - target * elementwise.log.record(p)


def edge_terms(p: Any, target: Any) -> Any:
    """The loss at p = 0 and p = 1: logarithms stop at −100, slopes at 1e12, as PyTorch's do.

    Its slope there is (p − t) / 1e-12 and its curvature (t − 2pt + p²) / 1e-24: the formulas for a
    p inside, with p(1 − p) held. Written as a parabola around where p is.
    """
    x, t = p.detach(), target.detach()
    with np.errstate(divide="ignore"):
        of_one = wrap(np.maximum(np.log1p(-x._data), -100))
        of_p = wrap(np.maximum(np.log(x._data), -100))
    away = p - x
    slope, curvature = (x - t) * 1e12, (t - x * t * 2 + x * x) * 1e24
    value = (target - 1) * of_one - target * of_p
    return value + away * slope + away * away * (curvature * 0.5)


@composed(closed_form="g * (sigmoid(x) - target) / n", loss=True)
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """Binary cross-entropy of sigmoid(x), computed from x."""
    target = same_shape("binary_cross_entropy_with_logits", input, target)
    log_p = logsigmoid(input)
    if pos_weight is None:
        loss = (1 - target) * input - log_p
    else:
        loss = (1 - target) * input - (1 + (pos_weight - 1) * target) * log_p
    if weight is not None:
        loss = loss * weight
    return reduced(loss, options_of(reduction, size_average, reduce))


@composed(loss=True)
def kl_div(
    input: Tensor,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """t (log t − x), with x (and, with `log_target`, t) log-probabilities."""
    if log_target:
        loss = elementwise.exp.record(target) * (target - input)
    else:
        loss = xlogy(target, target) - target * input
    if reduction == "batchmean":
        return total(loss, None, False) / input._data.shape[0]  # type: ignore[no-any-return]
    return reduced(loss, options_of(reduction, size_average, reduce))
