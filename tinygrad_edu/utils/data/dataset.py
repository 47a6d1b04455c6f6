"""Data sets: things with a length whose items are samples, or streams of samples."""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from ...engine.traced import wrap
from ...generator import random_split_order, split_lengths
from ...ops.joining import stack
from ...tensors.tensor import Tensor

__all__ = [
    "ChainDataset",
    "ConcatDataset",
    "Dataset",
    "IterableDataset",
    "StackDataset",
    "Subset",
    "TensorDataset",
    "random_split",
]

Sample = TypeVar("Sample", covariant=True)


class Dataset(Generic[Sample]):
    """Samples by number: subclasses define `__getitem__`, and `__len__` where it is known."""

    def __getitem__(self, index: Any) -> Sample:
        raise NotImplementedError(
            f"{type(self).__name__} defines no __getitem__(self, index): write one that returns "
            f"sample number `index`, or subclass IterableDataset and define __iter__"
        )

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample]):
    """Samples in a stream: subclasses define `__iter__`."""

    def __iter__(self) -> Iterator[Sample]:
        raise NotImplementedError(
            f"{type(self).__name__} defines no __iter__(self): write one that yields samples"
        )

    def __add__(self, other: Dataset[Any]) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors side by side: sample i is `(x[i], y[i], …)`.

    Parameters
    ----------
    *tensors : Tensor
        Of one length.

    Raises
    ------
    ValueError
        If their lengths differ.
    """

    tensors: tuple[Tensor, ...]

    def __init__(self, *tensors: Tensor) -> None:
        for x in tensors:
            if not isinstance(x, Tensor):
                raise TypeError(
                    f"TensorDataset holds Tensors, got {type(x).__name__}; "
                    f"use torch.from_numpy(array) or torch.tensor(list)"
                )
        lengths = [len(x) for x in tensors]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"Size mismatch between tensors: TensorDataset got {lengths} samples (shapes "
                f"{', '.join(str(tuple(x.shape)) for x in tensors)}); they must be of one length"
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(x[index] for x in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def batch(self, indices: Sequence[int]) -> list[Tensor]:
        """The samples of `indices` stacked: what collating them one by one comes to, at once."""
        places = np.asarray(indices, np.int64)
        if any(x.requires_grad for x in self.tensors):
            return [stack([x[int(i)] for i in places]) for x in self.tensors]
        return [wrap(x._data[places]) for x in self.tensors]


class StackDataset(Dataset[Any]):
    """Data sets side by side: sample i is a tuple, or a dictionary, of their samples i."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) == bool(kwargs):
            raise ValueError(
                "StackDataset takes data sets either by position (samples are tuples) or by name "
                "(samples are dictionaries), at least one"
            )
        self.datasets: Any = kwargs or args
        held = list(kwargs.values()) if kwargs else list(args)
        lengths = [len(d) for d in held]
        if len(set(lengths)) > 1:
            raise ValueError(f"Size mismatch between datasets: lengths are {lengths}")
        self._length = lengths[0]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: d[index] for name, d in self.datasets.items()}
        return tuple(d[index] for d in self.datasets)

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset[Sample]):
    """Data sets one after the other."""

    datasets: list[Any]
    cumulative_sizes: list[int]

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("datasets should not be an empty iterable")
        for d in self.datasets:
            if isinstance(d, IterableDataset):
                raise TypeError(
                    "ConcatDataset does not support IterableDataset, whose samples have no "
                    "numbers: use ChainDataset"
                )
        self.cumulative_sizes = list(itertools.accumulate(len(d) for d in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: Any) -> Sample:
        n = len(self)
        if not -n <= index < n:
            raise IndexError(f"sample {index} is out of range: there are {n}")
        index = index % n
        which = bisect.bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]  # type: ignore[no-any-return]


class ChainDataset(IterableDataset[Any]):
    """Streams one after the other."""

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        for d in self.datasets:
            if not isinstance(d, IterableDataset):
                raise TypeError(
                    f"ChainDataset only supports IterableDataset, got {type(d).__name__}; "
                    f"use ConcatDataset for data sets with a length"
                )
            yield from d

    def __len__(self) -> int:
        held: list[Any] = list(self.datasets)
        return sum(len(d) for d in held)


class Subset(Dataset[Sample]):
    """The samples of a data set that `indices` names, in that order."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Sample:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]  # type: ignore[no-any-return]
        return self.dataset[self.indices[index]]  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(
    dataset: Any, lengths: Sequence[int] | Sequence[float], generator: Any = None
) -> list[Subset[Any]]:
    """A data set cut at random into parts of given lengths, or of fractions that sum to 1.

    Raises
    ------
    ValueError
        If the lengths do not sum to the data set's.
    """
    n = len(dataset)
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        for i, part in enumerate(split_lengths(n, lengths)):
            if part == 0:
                warnings.warn(
                    f"Length of split at index {i} is 0. This might result in an empty dataset.",
                    stacklevel=2,
                )
    return [
        Subset(dataset, indices) for indices in random_split_order(n, lengths, generator=generator)
    ]
