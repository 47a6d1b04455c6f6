"""DataLoader: batches of a data set, in PyTorch's order from the same seed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...generator import draw_base_seed
from .collate import default_collate, default_convert
from .dataset import IterableDataset, TensorDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader", "get_worker_info"]


class _Endless:
    """The index stream of a data set that has no numbers."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


def get_worker_info() -> None:
    """None: data are loaded in the process that asks for them."""
    return


class DataLoader:
    """Batches of samples.

    Parameters
    ----------
    dataset : Dataset or IterableDataset
        Or anything with `__getitem__` and `__len__`.
    batch_size : int or None
        Samples a batch; None yields single samples.
    shuffle : bool
        Visit samples in a new random order at each pass.
    sampler, batch_sampler : optional
        What yields indices, or lists of them, instead.
    num_workers : int
        Batches are loaded in this process whatever it says (more than 0 gives a warning).
    collate_fn : callable, optional
        Makes a batch from a list of samples.
    drop_last : bool
        Leave out the last batch if it is short.
    generator : Generator, optional
        Where the order is drawn from.
    pin_memory, timeout, worker_init_fn, multiprocessing_context, prefetch_factor,
    persistent_workers, pin_memory_device, in_order
        Accepted for PyTorch's sake: they say how workers and a GPU are fed, and there are none.

    Raises
    ------
    ValueError
        For settings that exclude each other (`sampler` and `shuffle`, …).
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError(
                f"num_workers option should be non-negative, got {num_workers}; use num_workers=0"
            )
        if num_workers > 0:
            warnings.warn(
                f"DataLoader(num_workers={num_workers}): there are no worker processes here, "
                f"batches are loaded in this one, in the same order; use num_workers=0",
                stacklevel=2,
            )
        self.dataset = dataset
        self.num_workers = 0
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.generator = generator
        self.persistent_workers = persistent_workers
        self.streams = isinstance(dataset, IterableDataset)
        if self.streams:
            if shuffle not in (False, None):
                raise ValueError(
                    f"DataLoader with IterableDataset: expected unspecified shuffle option, but "
                    f"got shuffle={shuffle}: a stream has an order of its own"
                )
            if sampler is not None or batch_sampler is not None:
                raise ValueError(
                    "DataLoader with IterableDataset: expected unspecified sampler and "
                    "batch_sampler options: a stream's samples have no numbers"
                )
        if sampler is not None and shuffle:
            raise ValueError(
                "sampler option is mutually exclusive with shuffle: use RandomSampler as sampler"
            )
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, "
                    "and drop_last: it decides all of them"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with "
                "drop_last"
            )
        indices: Any = sampler
        if indices is None:
            if self.streams:
                indices = _Endless()
            elif shuffle:
                indices = RandomSampler(dataset, generator=generator)
            else:
                indices = SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(indices, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = indices
        self.batch_sampler = batch_sampler
        if collate_fn is None:
            collate_fn = default_collate if batch_sampler is not None else default_convert
        self.collate_fn = collate_fn

    def __iter__(self) -> Iterator[Any]:
        # PyTorch draws a seed for its workers here even without any, which moves the stream on.
        indices = iter(self.sampler if self.batch_sampler is None else self.batch_sampler)
        draw_base_seed(self.generator)
        return self._batches(indices)

    def _batches(self, indices: Iterator[Any]) -> Iterator[Any]:
        if self.streams:
            yield from self._stream(indices)
            return
        dataset, collate = self.dataset, self.collate_fn
        if self.batch_sampler is None:
            for index in indices:
                yield collate(dataset[index])
            return
        whole = (
            isinstance(dataset, TensorDataset)
            and type(dataset).__getitem__ is TensorDataset.__getitem__
            and collate is default_collate
        )
        many = getattr(dataset, "__getitems__", None)
        for batch in indices:
            if whole:
                yield dataset.batch(batch)
            elif many is not None:
                yield collate(many(batch))
            else:
                yield collate([dataset[index] for index in batch])

    def _stream(self, indices: Iterator[Any]) -> Iterator[Any]:
        samples = iter(self.dataset)
        if self.batch_sampler is None:
            for sample in samples:
                yield self.collate_fn(sample)
            return
        for places in indices:
            batch = [sample for _, sample in zip(places, samples)]
            if not batch or (self.drop_last and len(batch) < len(places)):
                return
            yield self.collate_fn(batch)

    def __len__(self) -> int:
        if self.streams:
            n = len(self.dataset)
            if self.batch_size is None:
                return n
            return n // self.batch_size if self.drop_last else -(-n // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
