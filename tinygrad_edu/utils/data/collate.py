"""From a list of samples to a batch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ...ops.joining import stack
from ...tensors.creation import as_tensor
from ...tensors.tensor import Tensor, tensor

__all__ = ["default_collate", "default_convert"]


def refused(item: Any) -> TypeError:
    """The error for a sample of which no batch can be made."""
    return TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {type(item)}. Convert in __getitem__, or pass DataLoader(collate_fn=...)."
    )


def default_collate(batch: Any) -> Any:
    """Samples of one kind as a batch: tensors stacked, numbers in a tensor, structures kept.

    Whole numbers become int64, floats float64, strings stay a list, and tuples, lists and
    dictionaries are collated entry by entry.

    Raises
    ------
    TypeError
        For samples of a kind that makes no tensor.
    RuntimeError
        If tensors differ in shape, or lists in length.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(list(batch))
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise TypeError(
                f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or "
                f"lists; found an array of {first.dtype}. Convert it to numbers first."
            )
        return default_collate([as_tensor(x) for x in batch])
    if isinstance(first, np.generic):
        if first.dtype.kind not in "biufc":
            return list(batch)
        return as_tensor(np.asarray(batch))
    if isinstance(first, float):
        return tensor(list(batch), dtype=np.float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        collated = {key: default_collate([sample[key] for sample in batch]) for key in first}
        if type(first) is dict:
            return collated
        if isinstance(first, MutableMapping):
            like = copy.copy(first)
            like.update(collated)
            return like
        return type(first)(collated)  # type: ignore[call-arg]
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(entries) for entries in zip(*batch)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError(
                f"each element in list of batch should be of equal size, got lengths "
                f"{[len(sample) for sample in batch]}; pad them, or pass DataLoader(collate_fn=...)"
            )
        entries = [default_collate(entry) for entry in zip(*batch)]
        if type(first) is tuple or type(first) is list:
            return entries  # a list for tuples too, as in PyTorch
        if isinstance(first, MutableSequence):
            like_list = copy.copy(first)
            like_list[:] = entries
            return like_list
        return type(first)(entries)  # type: ignore[call-arg]
    raise refused(first)


def default_convert(data: Any) -> Any:
    """One sample with its arrays as tensors: what a loader without batches yields."""
    if isinstance(data, np.ndarray) and data.dtype.kind in "biufc":
        return as_tensor(data)
    if isinstance(data, np.generic) and data.dtype.kind in "biufc":
        return as_tensor(np.asarray(data))
    if isinstance(data, Tensor | str | bytes):
        return data
    if isinstance(data, Mapping):
        return type(data)({key: default_convert(value) for key, value in data.items()})  # type: ignore[call-arg]
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(value) for value in data))
    if isinstance(data, tuple | list):
        return [default_convert(value) for value in data]
    return data
