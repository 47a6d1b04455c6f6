"""Data in any form that a Trainer takes, as batches (x, y) that can be read again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..datasets.samples import Samples
from ..engine.traced import Traced, raw
from ..tensors.creation import as_tensor
from ..tensors.tensor import Tensor
from ..utils.data import DataLoader, TensorDataset

__all__ = ["Whole", "batches_of", "refuse_non_finite"]

FORMS = (
    "a pair (x, y) of Tensors or arrays, a Dataset with batch_size=…, a DataLoader, or another "
    "iterable of pairs (x, y) that can be read again and again"
)


class Whole:
    """All samples as the only batch."""

    def __init__(self, x: Tensor, y: Tensor) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        yield self.x, self.y


def batches_of(data: Any, what: str, batch_size: int | None, shuffle: bool) -> Iterable[Any]:
    """Make batches of what was given.

    Parameters
    ----------
    data : pair, Samples, Dataset, DataLoader or iterable
        See `FORMS`.
    what : str
        Its name in messages, such as "train".
    batch_size : int or None
        Samples a batch; None for all at once (a pair) or as the data come (the rest).
    shuffle : bool
        Visit samples in a new random order each time, where batches are made here.

    Raises
    ------
    TypeError
        For something else, or what can be read but once.
    ValueError
        For no samples, parts of different lengths, or values that are not finite.
    """
    if batch_size is not None and (isinstance(batch_size, bool) or batch_size < 1):
        raise ValueError(
            f"Trainer was given batch_size={batch_size}; expected at least 1, or None for all "
            f"samples at once"
        )
    if isinstance(data, Samples):
        data = (data.x, data.y)
    if isinstance(data, tuple | list) and len(data) == 2 and all(map(_is_array, data)):
        x, y = (as_tensor(part) for part in data)
        _check_pair(x, y, what)
        if batch_size is None or batch_size >= len(x):
            return Whole(x, y)
        return DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=shuffle)
    if isinstance(data, DataLoader):
        if batch_size is not None:
            raise ValueError(
                f"Trainer was given batch_size={batch_size} beside a DataLoader, which has a "
                f"batch_size of its own ({data.batch_size}); leave one of them out"
            )
        _check_held(data.dataset, what)
        return data
    if hasattr(data, "__getitem__") and hasattr(data, "__len__") and batch_size is not None:
        if not len(data):
            raise ValueError(f"Trainer's {what} data hold no samples; expected at least one")
        _check_held(data, what)
        return DataLoader(data, batch_size=batch_size, shuffle=shuffle)
    if isinstance(data, Iterator):
        raise TypeError(
            f"Trainer's {what} data are a {type(data).__name__}, which can be read only once; "
            f"expected {FORMS}. Write list(…) around it."
        )
    if not hasattr(data, "__iter__") or isinstance(data, Traced | np.ndarray | str):
        raise TypeError(f"Trainer's {what} data are a {type(data).__name__}; expected {FORMS}")
    if batch_size is not None:
        raise ValueError(
            f"Trainer was given batch_size={batch_size} beside {what} data of type "
            f"{type(data).__name__}, which come in batches of their own; leave batch_size out"
        )
    return data  # type: ignore[no-any-return]


def _is_array(part: Any) -> bool:
    return isinstance(part, Traced | np.ndarray)


def _check_held(dataset: Any, what: str) -> None:
    if isinstance(dataset, TensorDataset):
        for name, part in zip("xy", dataset.tensors):
            refuse_non_finite(part, f"{what} {name}")


def _check_pair(x: Tensor, y: Tensor, what: str) -> None:
    if not x.ndim or not y.ndim or len(x) != len(y):
        raise ValueError(
            f"Trainer's {what} data have x of shape {tuple(x.shape)} and y of shape "
            f"{tuple(y.shape)}; expected as many samples in one as in the other, along dimension 0"
        )
    if not len(x):
        raise ValueError(f"Trainer's {what} data hold no samples; expected at least one")
    refuse_non_finite(x, f"{what} x")
    refuse_non_finite(y, f"{what} y")


def refuse_non_finite(part: Any, what: str) -> None:
    """Raise for NaN or infinity, saying where the first one is.

    Raises
    ------
    ValueError
        If there is one.
    """
    array = np.asarray(raw(part))
    if array.dtype.kind != "f":
        return
    wrong = ~np.isfinite(array)
    count = int(wrong.sum())
    if count:
        place = tuple(int(i) for i in np.unravel_index(int(wrong.argmax()), array.shape))
        raise ValueError(
            f"{what} has {count:,} of {array.size:,} entries that are NaN or infinite, the first "
            f"being {array[place]} at index {list(place)}; expected finite numbers. Leave those "
            f"samples out, or fill them: np.nan_to_num(x)."
        )
