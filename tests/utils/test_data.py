"""Data sets and loaders by themselves: orders recorded from PyTorch, and refusals in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    StackDataset,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    get_worker_info,
    random_split,
)


def numbers(n: int = 10) -> TensorDataset:
    return TensorDataset(tg.arange(n))


def test_the_shuffled_order_is_the_one_recorded_from_pytorch() -> None:
    tg.manual_seed(0)
    loader = DataLoader(numbers(), batch_size=4, shuffle=True)
    assert [batch.tolist() for (batch,) in loader] == RECORDED[0]
    assert [batch.tolist() for (batch,) in loader] == RECORDED[1]


RECORDED = [
    [[6, 7, 1, 4], [2, 0, 9, 8], [3, 5]],
    [[2, 4, 7, 0], [8, 9, 5, 3], [6, 1]],
]


def test_gradients_reach_a_data_set_of_live_tensors() -> None:
    x = tg.ones(4, 2, requires_grad=True)
    ((batch,),) = DataLoader(TensorDataset(x), batch_size=4)
    batch.sum().backward()
    assert x.grad.tolist() == [[1, 1]] * 4


def test_a_batch_is_memory_of_its_own() -> None:
    data = tg.zeros(4)
    ((batch,),) = DataLoader(TensorDataset(data), batch_size=4)
    batch += 1
    assert data.tolist() == [0, 0, 0, 0]


def test_workers_are_honest() -> None:
    with pytest.warns(UserWarning, match="no worker processes"):
        loader = DataLoader(numbers(), num_workers=2)
    assert len(list(loader)) == 10
    assert get_worker_info() is None


def test_many_samples_at_once_where_a_data_set_can() -> None:
    class Many(Dataset[int]):
        def __len__(self) -> int:
            return 5

        def __getitems__(self, indices: list[int]) -> list[int]:
            return [10 * i for i in indices]

    assert [b.tolist() for b in DataLoader(Many(), batch_size=2)] == [[0, 10], [20, 30], [40]]


class Stream(IterableDataset[int]):
    def __iter__(self) -> Any:
        return iter(range(3))


REFUSED: dict[str, tuple[Any, str]] = {
    "lengths": (lambda: TensorDataset(tg.zeros(3), tg.zeros(4)), r"\[3, 4\] samples"),
    "arrays": (lambda: TensorDataset(np.zeros(3)), "from_numpy"),
    "sampler and shuffle": (
        lambda: DataLoader(numbers(), sampler=[1, 2], shuffle=True),
        "mutually exclusive with shuffle",
    ),
    "batch sampler": (
        lambda: DataLoader(numbers(), batch_sampler=[[1]], batch_size=3),
        "batch_sampler option is mutually exclusive",
    ),
    "no batches": (
        lambda: DataLoader(numbers(), batch_size=None, drop_last=True),
        "disables auto-batching",
    ),
    "shuffled stream": (lambda: DataLoader(Stream(), shuffle=True), "order of its own"),
    "sampled stream": (lambda: DataLoader(Stream(), sampler=[1]), "no numbers"),
    "workers": (lambda: DataLoader(numbers(), num_workers=-1), "non-negative"),
    "batch of 0": (lambda: DataLoader(numbers(), batch_size=0), "batch_size=0"),
    "empty": (lambda: DataLoader([], shuffle=True), "num_samples=0"),
    "replacement": (lambda: RandomSampler(numbers(), replacement=1), "boolean"),
    "weights": (lambda: WeightedRandomSampler([[1.0]], 2), "1d sequence"),
    "samples": (lambda: WeightedRandomSampler([1.0], 0), "positive integer"),
    "drop": (lambda: BatchSampler([1], 2, 1), "boolean"),
    "split": (lambda: random_split(numbers(), [3, 3]), "sum to 6, the data have 10"),
    "fractions": (lambda: random_split(numbers(), [1.5, -0.5]), "between 0 and 1"),
    "nothing to join": (lambda: ConcatDataset([]), "empty iterable"),
    "joined streams": (lambda: ConcatDataset([Stream()]), "ChainDataset"),
    "chained sets": (lambda: list(ChainDataset([numbers()])), "ConcatDataset"),
    "stacked lengths": (lambda: StackDataset(numbers(3), numbers(4)), r"\[3, 4\]"),
    "out of range": (lambda: (numbers(3) + numbers(3))[6], "out of range"),
    "no items": (lambda: Dataset()[0], "defines no __getitem__"),
    "no stream": (lambda: list(IterableDataset()), "defines no __iter__"),
    "objects": (lambda: default_collate([object()]), "DataLoader\\(collate_fn"),
    "ragged": (lambda: default_collate([[1], [1, 2]]), r"lengths \[1, 2\]"),
    "shapes": (lambda: default_collate([tg.zeros(2), tg.zeros(3)]), r"\(3,\) at entry 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_words(case: str) -> None:
    call, words = REFUSED[case]
    with pytest.raises(
        (ValueError, TypeError, RuntimeError, IndexError, NotImplementedError), match=words
    ):
        call()
