"""Losses of class labels: cross-entropy, and its last step on log-probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, raw, wrap
from ..primitives import elementwise, indexing
from ..primitives import reduction as reduction_primitives
from .activation import log_softmax
from .composed import composed
from .elementwise import cast
from .loss import options_of, reduced

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

where, exp, log = elementwise.where.record, elementwise.exp.record, elementwise.log.record
total, amax, gather = (
    reduction_primitives.sum.record,
    reduction_primitives.amax.record,
    indexing.gather.record,
)


def all_classes(labels: Any, classes: int) -> bool:
    """Whether every int64 label is a class: read as unsigned, a negative one is huge."""
    if labels.dtype != np.int64 or not labels.size:
        return False
    return bool(np.maximum.reduce(labels.view(np.uint64), axis=None) < classes)


def class_index(target: Any, classes: int, ignore_index: int, name: str) -> Any:
    """Class labels as an array, checked.

    Raises
    ------
    RuntimeError
        For labels that are no whole numbers, such as one-hot rows of floats.
    IndexError
        For a label that is no class.
    """
    labels = np.asarray(raw(target))
    if labels.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}: expected target of class indices (int64, one per sample), got {labels.dtype} "
            f"of shape {labels.shape}. One-hot rows become indices with target.argmax(1); whole "
            f"floats with target.long()."
        )
    if all_classes(labels, classes):
        return labels
    bad = ((labels < 0) | (labels >= classes)) & (labels != ignore_index)
    if bad.any():
        worst = int(labels[bad][0])
        raise IndexError(
            f"{name}: Target {worst} is out of bounds: with {classes} classes, labels run from 0 "
            f"to {classes - 1} (or ignore_index={ignore_index})."
        )
    return labels


def picked(log_p: Any, labels: Any, weight: Any, ignore_index: int, reduction: str) -> Tensor:
    """−log p of the labelled class, weighted and reduced: the end of both class losses."""
    axis = 1 if log_p._data.ndim > 1 else 0
    if ignore_index < 0 and labels.size and labels.min() >= 0:
        ignored, some, index = False, False, labels
    else:
        ignored = labels == ignore_index
        some = bool(ignored.any())
        index = np.where(ignored, 0, labels) if some else labels
    place = index[:, None] if axis == 1 == labels.ndim else np.expand_dims(index, axis)
    chosen = gather(log_p, place, axis)
    if weight is None and not some:
        if reduction == "mean" and labels.size:
            return -total(chosen, None, False) / labels.size  # type: ignore[no-any-return]
        return reduced(-chosen.reshape(labels.shape), reduction)
    chosen = chosen.reshape(labels.shape)
    w = where(ignored, 0, weights_of(weight, index, log_p._data.dtype))
    loss = where(ignored, 0, -chosen * w)
    if reduction == "mean":
        return total(loss, None, False) / sum_of(w)  # type: ignore[no-any-return]
    return reduced(loss, reduction)


def weights_of(weight: Any, index: Any, dtype: Any) -> Any:
    """The weight of each sample's class, differentiable by the weights; 1 where there are none."""
    if weight is None:
        return wrap(np.ones(np.shape(index), dtype))
    if isinstance(weight, Traced) and weight._node is not None:
        return cast(indexing.getitem.record(weight, index), dtype)
    return wrap(np.asarray(raw(weight), dtype)[index])


def sum_of(w: Any) -> Any:
    """Σw to divide by: a number where nothing is differentiated by it, and NaN for 0."""
    if w._node is None:
        return float(w._data.sum()) or float("nan")
    out = total(w, None, False)
    return out if float(out._data) else where(True, float("nan"), out)


def check_classes(name: str, input: Any, labels_shape: tuple[int, ...]) -> None:
    """Raise unless labels are (N, …) for scores (N, C, …)."""
    shape = tuple(input._data.shape)
    expected = shape[:1] + shape[2:] if len(shape) > 1 else ()
    if labels_shape != expected:
        hint = (
            " The target has the scores' shape: if its rows are one-hot, use target.argmax(1), or "
            "target.float() for class probabilities."
            if labels_shape == shape
            else " Use target.squeeze(1) if it has a dimension too many."
        )
        raise ValueError(
            f"{name}: Expected target size {expected} for scores of shape {shape} (samples, "
            f"classes, …), got {labels_shape}.{hint}"
        )


@composed(loss=True)
def nll_loss(
    input: Tensor,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """−x[label], weighted by class, of log-probabilities (N, C, …)."""
    reduction = options_of(reduction, size_average, reduce)
    check_classes("nll_loss", input, np.shape(raw(target)))
    classes = input._data.shape[1 if input._data.ndim > 1 else 0]
    labels = class_index(target, classes, ignore_index, "nll_loss")
    return picked(input, labels, weight, ignore_index, reduction)


@composed(closed_form="g * (softmax(x) - onehot(target)) / n", loss=True)
def cross_entropy(
    input: Tensor,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−log softmax(x)[label]: scores (N, C, …) against class indices (N, …) or probabilities.

    Parameters
    ----------
    weight : Tensor (C,), optional
        How much each class counts.
    ignore_index : int
        A label whose samples do not count.
    label_smoothing : float
        How much of each target is spread over all classes evenly.
    """
    reduction = options_of(reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0, got {label_smoothing}")
    shape = input._data.shape
    axis = 1 if len(shape) > 1 else 0
    given = raw(target)
    classes = shape[axis]
    if given.dtype.kind == "f" and given.shape == shape:
        log_p = log_softmax(input, axis)
        return against_probabilities(log_p, target, weight, reduction, label_smoothing, axis)
    if given.shape != shape[:axis] + shape[axis + 1 :]:
        check_classes("cross_entropy", input, np.shape(given))
    plain = all_classes(given, classes)
    labels = given if plain else class_index(target, classes, ignore_index, "cross_entropy")
    if weight is None and not label_smoothing:
        some_ignored = ignore_index >= 0 or not plain
        return from_scores(input, labels, axis, ignore_index, reduction, some_ignored)
    log_p = log_softmax(input, axis)
    loss = picked(log_p, labels, weight, ignore_index, reduction)
    if not label_smoothing:
        return loss
    ignored = labels == ignore_index
    spread = log_p if weight is None else log_p * shaped(weight, log_p, axis)
    smooth = where(ignored, 0, -total(spread, axis, False))
    if reduction == "mean":
        counted = weights_of(weight, labels[~ignored], log_p._data.dtype)
        smooth = total(smooth, None, False) / sum_of(counted)
    else:
        smooth = reduced(smooth, reduction)
    return loss * (1 - label_smoothing) + smooth * (label_smoothing / classes)  # type: ignore[no-any-return]


def from_scores(
    x: Any, labels: Any, axis: int, ignore_index: int, reduction: str, some_ignored: bool
) -> Tensor:
    """log Σeˣ − x[label], shifted by the maximum: what −log softmax(x)[label] comes to.

    Without forming the log-probabilities of the other classes, which nobody asked for.
    """
    shifted = x - amax(x.detach(), axis, True)
    log_total = log(total(exp(shifted), axis, True))
    ignored = None
    if some_ignored:
        ignored = labels == ignore_index
        labels = np.where(ignored, 0, labels)
    place = labels[:, None] if axis == 1 == labels.ndim else np.expand_dims(labels, axis)
    loss = log_total - gather(shifted, place, axis)
    count = labels.size
    if ignored is not None:
        count -= int(ignored.sum())
        loss = where(ignored.reshape(place.shape), 0, loss)
    if reduction == "mean":
        return total(loss, None, False) / (count if count else float("nan"))
    return reduced(loss.reshape(labels.shape), reduction)


def shaped(weight: Any, log_p: Any, axis: int) -> Any:
    """Class weights laid along the class dimension."""
    return weight.reshape((-1,) + (1,) * (log_p._data.ndim - axis - 1))


def against_probabilities(
    log_p: Tensor, target: Any, weight: Any, reduction: str, smoothing: float, axis: int
) -> Tensor:
    """Cross-entropy with a probability for each class."""
    classes = log_p._data.shape[axis]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    terms = log_p * target
    if weight is not None:
        terms = terms * shaped(weight, log_p, axis)
    loss = -total(terms, axis, False)
    if reduction == "mean":
        return total(loss, None, False) / max(loss._data.size, 1)  # type: ignore[no-any-return]
    return reduced(loss, reduction)
