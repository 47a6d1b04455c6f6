"""The epoch at hand: the batches it has still to give, and the sums over those it gave."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..generator import default_generator

__all__ = ["EpochSoFar"]


class EpochSoFar:
    """Where training is within an epoch.

    Parameters
    ----------
    batches : iterable
        Of pairs (x, y); read once an epoch.

    Attributes
    ----------
    batch, samples : int
        Trained on since the epoch began.
    loss_sum : float
        Of the losses of these samples.
    judged : int
        How many of them it is known of whether they were answered rightly.
    right_sum : float
        How many of those were.
    start : list
        The states of the random generators when the epoch began.
    """

    SUMS = ("batch", "loss_sum", "right_sum", "samples", "judged")

    def __init__(self, batches: Any) -> None:
        self.batches = batches
        self.batch = self.samples = self.judged = 0
        self.loss_sum = self.right_sum = 0.0
        self.start: list[Any] = []

    def add(self, samples: int, loss: float, right: float | None) -> None:
        """Count a batch, with its mean loss and, if measured, its share of right answers."""
        self.batch += 1
        self.samples += samples
        self.loss_sum += loss * samples
        if right is not None:
            self.right_sum += right * samples
            self.judged += samples

    @property
    def loss(self) -> float:
        """The mean over the samples trained on."""
        return self.loss_sum / self.samples

    @property
    def accuracy(self) -> float | None:
        """The share of right answers; None unless every sample of the epoch was judged.

        An epoch may have begun when nobody knew that its end is measured.
        """
        return self.right_sum / self.samples if self.judged == self.samples else None

    @property
    def known_length(self) -> int:
        """Batches in an epoch; 0 where nobody knows before its end."""
        return len(self.batches) if hasattr(self.batches, "__len__") else 0

    def rest(self) -> Iterator[Any]:
        """The batches that were not trained on yet, with the generators as they were.

        An epoch that was interrupted is dealt out again from its start, and what is done is passed
        over, so that the rest is what it would have been.
        """
        if not self.batch:
            self.start = self.generator_states()
            self.loss_sum = self.right_sum = 0.0
            self.samples = self.judged = 0
            yield from self.batches
            return
        now = self.generator_states()
        self.set_generators(self.start)
        batches = iter(self.batches)
        for _ in itertools.islice(batches, self.batch):
            pass
        self.set_generators(now)
        yield from batches

    def generator_states(self) -> list[Any]:
        """Of the generators that training draws from: the default one, and a loader's own."""
        return [generator.get_state() for generator in self._generators()]

    def set_generators(self, states: list[Any]) -> None:
        """Make the generators go on from where `generator_states` was called.

        Raises
        ------
        ValueError
            If there are more or fewer of them.
        """
        generators = self._generators()
        if len(states) != len(generators):
            raise ValueError(
                f"it holds {len(states)} random streams, and here are {len(generators)}"
            )
        for generator, state in zip(generators, states):
            generator.set_state(state)

    def _generators(self) -> list[Any]:
        own = getattr(self.batches, "generator", None)
        return [default_generator] if own is None else [default_generator, own]
