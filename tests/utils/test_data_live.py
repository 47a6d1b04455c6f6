"""Loaders, samplers and splits against PyTorch's: the same samples in the same order."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.utils import data as ours

torch = pytest.importorskip("torch")
theirs = torch.utils.data

PACKAGES = ((tg, ours), (torch, theirs))


def plain(value: Any) -> Any:
    """A batch as nested lists, with the kinds and dtypes of what it holds."""
    if isinstance(value, tg.Tensor):
        return (str(value.dtype), value.tolist())
    if isinstance(value, torch.Tensor):
        return (str(value.dtype).replace("torch.", ""), value.tolist())
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return (type(value).__name__, [plain(v) for v in value])
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(plain(v) for v in value)]
    return value


def both(run: Any) -> None:
    """`run(package, data)` gives the same in PyTorch and here, and leaves the generators alike."""
    found = []
    for package, room in PACKAGES:
        package.manual_seed(8)
        out = plain(run(package, room))
        found.append((out, package.get_rng_state().tolist()))
    assert found[0] == found[1]


def dataset(package: Any, room: Any, n: int = 10) -> Any:
    x = package.tensor(np.arange(2.0 * n, dtype=np.float32).reshape(n, 2))
    return room.TensorDataset(x, package.tensor(np.arange(n)))


LOADERS: dict[str, dict[str, Any]] = {
    "in order": {"batch_size": 4},
    "shuffled": {"batch_size": 4, "shuffle": True},
    "whole batches": {"batch_size": 4, "shuffle": True, "drop_last": True},
    "single": {"batch_size": None, "shuffle": True},
    "by default": {},
}


@pytest.mark.parametrize("case", LOADERS)
def test_loader(case: str) -> None:
    def run(package: Any, room: Any) -> Any:
        loader = room.DataLoader(dataset(package, room), **LOADERS[case])
        return [len(loader), [list(loader), list(loader)], package.rand(2)]

    both(run)


def test_loader_with_a_generator_of_its_own() -> None:
    def run(package: Any, room: Any) -> Any:
        g = package.Generator().manual_seed(5)
        loader = room.DataLoader(dataset(package, room), 3, shuffle=True, generator=g)
        return [list(loader), list(loader), package.rand(2, generator=g)]

    both(run)


def test_a_loop_that_stops_early_leaves_the_same_stream() -> None:
    def run(package: Any, room: Any) -> Any:
        for batch in room.DataLoader(dataset(package, room), 3, shuffle=True):
            return [batch, package.rand(2)]

    both(run)


SAMPLERS: dict[str, Any] = {
    "sequential": lambda p, d: d.SequentialSampler(range(7)),
    "random": lambda p, d: d.RandomSampler(range(7)),
    "with replacement": lambda p, d: d.RandomSampler(range(7), replacement=True, num_samples=40),
    "more than all": lambda p, d: d.RandomSampler(range(7), num_samples=17),
    "subset": lambda p, d: d.SubsetRandomSampler([3, 1, 4, 1, 5]),
    "weighted": lambda p, d: d.WeightedRandomSampler([0.1, 0.5, 2.0], 9),
    "weighted once": lambda p, d: d.WeightedRandomSampler([0.1, 0.5, 2.0], 3, replacement=False),
    "batches": lambda p, d: d.BatchSampler(d.RandomSampler(range(7)), 3, False),
    "whole batches": lambda p, d: d.BatchSampler(d.SequentialSampler(range(7)), 3, True),
}


@pytest.mark.parametrize("case", SAMPLERS)
def test_sampler(case: str) -> None:
    def run(package: Any, room: Any) -> Any:
        sampler = SAMPLERS[case](package, room)
        return [len(sampler), list(sampler), list(sampler), package.rand(1)]

    both(run)


@pytest.mark.parametrize("case", ["random", "subset", "weighted"])
def test_loader_with_a_sampler(case: str) -> None:
    def run(package: Any, room: Any) -> Any:
        sampler = SAMPLERS[case](package, room)
        loader = room.DataLoader(dataset(package, room), batch_size=2, sampler=sampler)
        return [list(loader), list(loader)]

    both(run)


def test_loader_with_a_batch_sampler() -> None:
    def run(package: Any, room: Any) -> Any:
        sampler = room.BatchSampler(room.RandomSampler(range(10)), 3, False)
        return list(room.DataLoader(dataset(package, room), batch_sampler=sampler))

    both(run)


Point = namedtuple("Point", ["x", "y"])

BATCHES: dict[str, list[Any]] = {
    "numbers": [1, 2, 3],
    "floats": [1.0, 2.5],
    "truths": [True, False],
    "text": ["a", "b"],
    "pairs": [(1, 2.0), (3, 4.0)],
    "lists": [[1, "a"], [2, "b"]],
    "dictionaries": [{"x": 1.0, "y": [1, 2]}, {"x": 2.0, "y": [3, 4]}],
    "named": [Point(1, 2.0), Point(3, 4.0)],
    "arrays": [np.float64([1, 2]), np.float64([3, 4])],
    "whole arrays": [np.int32([1, 2]), np.int32([3, 4])],
    "scalars": [np.float32(1), np.float32(2)],
}


@pytest.mark.parametrize("case", BATCHES)
def test_collating(case: str) -> None:
    both(lambda package, room: room.default_collate(BATCHES[case]))
    both(lambda package, room: room.default_convert(BATCHES[case][0]))


@pytest.mark.parametrize("lengths", [[6, 4], [3, 3, 4], [0.5, 0.5], [0.33, 0.33, 0.34]])
def test_random_split(lengths: list[Any]) -> None:
    def run(package: Any, room: Any) -> Any:
        parts = room.random_split(dataset(package, room), lengths)
        return [[list(p.indices), [p[i] for i in range(len(p))]] for p in parts]

    both(run)


def test_streams_concatenations_and_subsets() -> None:
    def run(package: Any, room: Any) -> Any:
        class Count(room.IterableDataset):  # type: ignore[misc,name-defined]
            def __init__(self, first: int, last: int) -> None:
                self.first, self.last = first, last

            def __iter__(self) -> Any:
                return iter(range(self.first, self.last))

        a, b = dataset(package, room, 3), dataset(package, room, 4)
        joined = a + b
        return [
            list(room.DataLoader(Count(0, 7), batch_size=3)),
            list(room.DataLoader(Count(0, 7), batch_size=3, drop_last=True)),
            list(room.DataLoader(Count(0, 2) + Count(5, 7), batch_size=3)),
            list(room.DataLoader(Count(0, 3), batch_size=None)),
            len(joined),
            [joined[i] for i in (0, 2, 3, 6, -1)],
            list(room.DataLoader(room.Subset(b, [3, 1]), batch_size=2)),
            list(room.DataLoader(room.StackDataset(a, a), batch_size=2)),
        ]

    both(run)
