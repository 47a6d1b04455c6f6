"""Shares of a data set for several processes: `DistributedSampler`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ...generator import Generator, randperm
from .sampler import Sampler

__all__ = ["DistributedSampler"]


class DistributedSampler(Sampler[int]):
    """Every process's share of a data set: entries rank, rank + replicas, … of one order for all.

    Here one process trains; give `num_replicas` and `rank` to see what each would get.

    Parameters
    ----------
    dataset : sized
    num_replicas, rank : int
        How many processes there are, and which one this is.
    shuffle : bool
        Draw the order anew in each epoch that `set_epoch` names.
    seed : int
        The same in all processes.
    drop_last : bool
        Leave out what does not divide evenly; otherwise the first entries come twice.

    Raises
    ------
    RuntimeError
        Without a number of processes.
    ValueError
        For a rank that is none of them.
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None or rank is None:
            raise RuntimeError(
                "DistributedSampler requires distributed package to be available: "
                "tinygrad_edu trains in one process; give num_replicas=1 and rank=0, or leave the "
                "sampler out"
            )
        if not 0 <= rank < num_replicas:
            raise ValueError(
                f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]"
            )
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        self.shuffle = shuffle
        self.seed = seed
        count = len(dataset)
        self.num_samples = count // num_replicas if drop_last else math.ceil(count / num_replicas)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self) -> Iterator[int]:
        count = len(self.dataset)
        order = list(range(count))
        if self.shuffle:
            generator = Generator()
            generator.manual_seed(self.seed + self.epoch)
            order = randperm(count, generator=generator).tolist()
        if order:
            order *= math.ceil(self.total_size / count)
        return iter(order[: self.total_size][self.rank :: self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Which epoch begins: each has an order of its own."""
        self.epoch = epoch
