"""Connectionist temporal classification: the loss of all ways to align labels with a sequence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import raw, wrap
from ..primitives import elementwise, indexing, shaping
from .composed import composed

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

__all__ = ["ctc_loss"]


def log_of_sum(*terms: Any) -> Any:
    """log Σ exp of tensors of one shape; −∞ with gradient 0 where all of them are −∞."""
    most = np.maximum.reduce([x._data for x in terms])
    most = np.where(np.isneginf(most), 0, most).astype(terms[0]._data.dtype)
    total: Any = sum(elementwise.exp.record(x - wrap(most)) for x in terms)
    none = total._data == 0
    if not none.any():
        return elementwise.log.record(total) + wrap(most)
    some = elementwise.where.record(wrap(none), 1.0, total)
    return elementwise.where.record(
        wrap(none), -math.inf, elementwise.log.record(some) + wrap(most)
    )


def rows_of_labels(targets: Any, lengths: Any, longest: int) -> Any:
    """Labels (N, longest), from rows or from one row after the other."""
    out = np.zeros((len(lengths), longest), np.int64)
    start = 0
    for n, length in enumerate(lengths):
        if targets.ndim == 1:
            out[n, :length] = targets[start : start + length]
            start += length
        else:
            out[n, :length] = targets[n, :length]
    return out


def lengths_of(x: Any) -> Any:
    """Lengths as an array of at least one dimension."""
    return np.atleast_1d(np.asarray(raw(x), np.int64))


@composed(loss=True)
def ctc_loss(
    log_probs: Tensor,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """−log of the summed probability of all alignments of the labels with the sequence.

    An alignment names a class at each step; labels follow from it by merging repeats and dropping
    blanks. α(t, s), the probability of all beginnings that end at symbol s of blank, label, blank,
    …, comes from α(t − 1, s), α(t − 1, s − 1) and, between different labels, α(t − 1, s − 2).
    Source: Graves et al., Connectionist temporal classification, 2006.

    The gradient is that by `log_probs` as they are; PyTorch adds exp(log_probs) to it, which a
    `log_softmax` before it takes out again, so that parameters get the same gradients.

    Parameters
    ----------
    log_probs : Tensor (T, N, C) or (T, C)
        Logarithms of the probabilities of classes.
    targets : Tensor (N, S), or of one dimension with one row after the other
        Numbers of classes other than `blank`.
    input_lengths, target_lengths : Tensor or tuple (N)
    reduction : str
        "mean" divides each loss by its number of labels, and then takes the mean.
    zero_infinity : bool
        Make the loss of a sequence too short for its labels 0 instead of ∞.

    Raises
    ------
    RuntimeError
        If shapes, lengths or labels do not fit each other.
    """
    batched = log_probs._data.ndim == 3
    if log_probs._data.ndim not in (2, 3):
        raise RuntimeError(
            f"ctc_loss: expected log_probs (T, N, C) or (T, C), got shape "
            f"{tuple(log_probs._data.shape)}"
        )
    logs: Any = log_probs if batched else shaping.unsqueeze.record(log_probs, 1)
    count, classes = logs._data.shape[1:]
    labels = np.asarray(raw(targets))
    if not batched and labels.ndim == 1:
        labels = labels[None]
    times, lengths = lengths_of(input_lengths), lengths_of(target_lengths)
    check(logs._data.shape, labels, times, lengths, blank)
    longest = int(lengths.max(initial=0))
    rows = rows_of_labels(labels, lengths, longest)
    used = np.arange(longest) < lengths[:, None]
    if ((rows < 0) | (rows >= classes) | (rows == blank))[used].any():
        raise RuntimeError(
            f"ctc_loss: targets must be classes from 0 to {classes - 1} other than the blank, "
            f"{blank}; got {sorted(set(rows[used].tolist()))}"
        )
    symbols = np.full((count, 2 * longest + 1), blank)
    symbols[:, 1::2] = rows
    alpha = last_alphas(logs, symbols, times)
    each = np.arange(count)
    end = indexing.getitem.record(alpha, (each, 2 * lengths))
    before = indexing.getitem.record(alpha, (each, np.maximum(2 * lengths - 1, 0)))
    before = elementwise.where.record(wrap(lengths > 0), before, -math.inf)
    loss = elementwise.neg.record(log_of_sum(end, before))
    if zero_infinity:
        loss = elementwise.where.record(wrap(np.isinf(loss._data)), 0.0, loss)
    if reduction == "mean":
        return (loss / wrap(np.maximum(lengths, 1).astype(logs._data.dtype))).mean()  # type: ignore[no-any-return]
    if reduction == "sum":
        return loss.sum()
    if reduction != "none":
        raise ValueError(f"{reduction} is not a valid value for reduction; none, mean or sum")
    return loss if batched else loss.squeeze(0)


def check(shape: Any, labels: Any, times: Any, lengths: Any, blank: int) -> None:
    """Raise unless lengths and labels fit log-probabilities of shape (T, N, C)."""
    steps, count, classes = shape
    wrong = None
    if len(times) != count or len(lengths) != count:
        wrong = f"input_lengths and target_lengths must be of size batch_size, {count}"
    elif not 0 <= blank < classes:
        wrong = f"blank must be in label range, 0 to {classes - 1}; got {blank}"
    elif (times > steps).any() or (times < 0).any():
        wrong = f"input_lengths must be between 0 and {steps}, the steps of log_probs; got {times}"
    elif (lengths < 0).any():
        wrong = f"target_lengths must not be negative, got {lengths}"
    elif labels.ndim == 1 and lengths.sum() != labels.size:
        wrong = f"targets holds {labels.size} labels, target_lengths add up to {lengths.sum()}"
    elif labels.ndim == 2 and (len(labels) != count or lengths.max(initial=0) > labels.shape[1]):
        wrong = f"targets must have a row of at least target_length labels for each of {count}"
    elif labels.ndim not in (1, 2):
        wrong = f"targets must have 1 or 2 dimensions, got {labels.ndim}"
    if wrong:
        raise RuntimeError(f"ctc_loss: {wrong} (log_probs {shape}, targets {labels.shape})")


def last_alphas(logs: Any, symbols: Any, times: Any) -> Any:
    """log α(T, s) for each sequence (N, 2 S + 1), T being its own length."""
    count, width = symbols.shape
    each = np.arange(count)[:, None]
    # Two symbols on is allowed to a label unless the one before is the same (and between blanks).
    jump = np.zeros((count, width), bool)
    jump[:, 2:] = symbols[:, 2:] != symbols[:, :-2]
    jump[:, ::2] = False
    start = np.full((count, width), -math.inf, logs._data.dtype)
    start[:, 0] = 0
    alpha: Any = wrap(start)
    wall = wrap(np.full((count, 2), -math.inf, logs._data.dtype))
    for t in range(len(logs._data)):
        here = indexing.getitem.record(logs, (t, each, symbols))
        padded = shaping.cat.record([wall, alpha], 1)
        one_on = indexing.getitem.record(padded, (slice(None), slice(1, -1)))
        two_on = indexing.getitem.record(padded, (slice(None), slice(0, -2)))
        terms = [alpha, elementwise.where.record(wrap(jump), two_on, -math.inf)]
        if t:
            terms.append(one_on)
        else:  # the first step may be the first blank or the first label
            terms[1] = elementwise.where.record(wrap(np.arange(width) == 1), one_on, -math.inf)
        moved = log_of_sum(*terms) + here
        if (t < times).all():
            alpha = moved
        else:
            alpha = elementwise.where.record(wrap((t < times)[:, None]), moved, alpha)
    return alpha
