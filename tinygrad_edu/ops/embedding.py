"""Rows looked up by number, their sums over bags, and one-hot rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.saved import written
from ..engine.traced import nondifferentiable, raw, wrap
from ..primitives import elementwise, indexing, reduction, shaping
from .composed import composed
from .selection import places

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


@composed
def embedding(
    input: Any,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Rows of `weight` (n, d) looked up by whole numbers: (…) → (…, d).

    Parameters
    ----------
    padding_idx : int, optional
        A row that gets no gradient.
    max_norm, norm_type : float, optional
        Shorten looked-up rows, in place and outside the graph, to this norm.
    scale_grad_by_freq : bool
        Divide each row's gradient by how often it is looked up here.
    sparse : bool
        Accepted for PyTorch's sake: gradients are dense here.

    Raises
    ------
    RuntimeError, IndexError
        If the input holds no whole numbers, or one that is no row.
    """
    index = places(input, weight._data.shape[0], "embedding")
    if max_norm is not None:
        shortened(weight, index, max_norm, norm_type)
    return rows(weight, index, padding_idx, scale_grad_by_freq)


def rows(weight: Any, index: Any, padding_idx: int | None, scale_grad_by_freq: bool) -> Tensor:
    """The rows, with a gradient that leaves out the padding and may be scaled."""
    if padding_idx is not None:
        fixed = np.zeros((weight._data.shape[0], 1), bool)
        fixed[padding_idx] = True
        weight = elementwise.where.record(fixed, weight.detach(), weight)
    out = indexing.getitem.record(weight, index)
    if scale_grad_by_freq:
        counts = np.bincount(index.reshape(-1), minlength=weight._data.shape[0])
        share = (1.0 / counts[index])[..., None].astype(weight._data.dtype)
        value = out.detach()
        out = value + (out - value) * wrap(share)  # the value is exact: what is added is 0
    return out


def shortened(weight: Any, index: Any, max_norm: float, norm_type: float) -> None:
    """Scale rows longer than `max_norm` down to it, in place."""
    chosen = np.unique(index)
    held = weight._data[chosen]
    lengths = np.linalg.norm(held, norm_type, axis=1, keepdims=True)
    scale = np.where(lengths > max_norm, max_norm / (lengths + 1e-7), 1.0)
    weight._data[chosen] = held * scale.astype(held.dtype)
    written(weight._data)


@composed
def embedding_bag(
    input: Any,
    weight: Tensor,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or maximum of the rows of each bag: (bags, d).

    Parameters
    ----------
    input : Tensor
        (bags, n) of row numbers, or all bags' numbers in one vector.
    offsets : Tensor (bags,), optional
        Where each bag begins, for a vector.
    mode : "sum", "mean" or "max"
    per_sample_weights : Tensor, optional
        A factor for each row, with mode "sum".
    include_last_offset : bool
        Whether `offsets` ends with the end of the last bag.
    padding_idx : int, optional
        A row that does not count.

    Raises
    ------
    ValueError
        If input and offsets do not fit each other.
    """
    index = places(input, weight._data.shape[0], "embedding_bag")
    flat, bag, count = bags(index, offsets, include_last_offset)
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode has to be one of sum, mean or max, got {mode!r}")
    if per_sample_weights is not None:
        if mode != "sum":
            raise NotImplementedError(
                f"embedding_bag: per_sample_weights was not None, it is only supported for "
                f"mode='sum' (got mode='{mode}')"
            )
        if per_sample_weights._data.shape != index.shape:
            raise ValueError(
                f"embedding_bag: If per_sample_weights ({tuple(per_sample_weights._data.shape)}) "
                f"is not None, then it must have the same shape as the input ({index.shape})"
            )
        per_sample_weights = shaping.reshape.record(per_sample_weights, (-1,))
    if max_norm is not None:
        shortened(weight, flat, max_norm, norm_type)
    if padding_idx is not None:
        counted = flat != padding_idx % weight._data.shape[0]
        flat, bag = flat[counted], bag[counted]
        if per_sample_weights is not None:
            per_sample_weights = indexing.getitem.record(per_sample_weights, counted)
    found = rows(weight, flat, None, scale_grad_by_freq)
    shape = (count, weight._data.shape[1])
    if mode == "max":
        return largest(found, bag, shape)
    if per_sample_weights is not None:
        found = found * shaping.unsqueeze.record(per_sample_weights, 1)
    out = indexing.scatter_add_op.record(found, bag, shape)
    if mode == "sum":
        return out
    sizes = np.maximum(np.bincount(bag, minlength=count), 1)
    return out / wrap(sizes[:, None].astype(weight._data.dtype))  # type: ignore[no-any-return]


def bags(index: Any, offsets: Any, include_last_offset: bool) -> tuple[Any, Any, int]:
    """Row numbers in one vector, the bag of each, and how many bags there are."""
    if index.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch "
                "of fixed length sequences"
            )
        count = index.shape[0]
        return index.reshape(-1), np.repeat(np.arange(count), index.shape[1]), count
    if index.ndim != 1 or offsets is None:
        raise ValueError(
            f"embedding_bag: input has to be a 2D tensor (bags, n), or a 1D one with offsets "
            f"(where each bag begins); got input of shape {index.shape} and offsets={offsets}"
        )
    begins = np.asarray(raw(offsets))
    if begins.ndim != 1 or (begins.size and begins[0] != 0):
        raise ValueError(
            f"offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
            f"position 0. However, got {begins.reshape(-1)[:1].tolist()}"
        )
    ends = begins[1:] if include_last_offset else np.append(begins[1:], index.size)
    begins = begins[: len(ends)]
    if (ends < begins).any() or (ends > index.size).any():
        raise ValueError(
            f"embedding_bag: offsets {begins.tolist()} must grow and stay within the {index.size} "
            f"numbers of input"
        )
    return index[: int(ends[-1])], np.repeat(np.arange(len(ends)), ends - begins), len(ends)


def largest(found: Tensor, bag: Any, shape: tuple[int, int]) -> Tensor:
    """Each bag's maximum, entry by entry, 0 for an empty bag; the first of equals is taken."""
    best = np.full(shape, -1, np.int64)
    data = found._data
    for row, b in enumerate(bag):
        held = best[b]
        better = (held < 0) | (data[row] > data[held, np.arange(shape[1])])
        best[b][better] = row
    if not data.shape[0]:
        return wrap(np.zeros(shape, data.dtype)) + reduction.sum.record(found, None, False)  # type: ignore[no-any-return]
    values = indexing.gather.record(found, np.maximum(best, 0), 0)
    return elementwise.where.record(best < 0, 0, values)


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
    places = lambda x: (x[..., None] == classes).astype(np.int64)
    return nondifferentiable("one_hot", places, tensor)  # type: ignore[no-any-return]
