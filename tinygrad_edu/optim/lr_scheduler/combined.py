"""Schedules made of schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler

__all__ = ["ChainedScheduler", "SequentialLR"]


class SequentialLR(LRScheduler):
    """One schedule until the first milestone, the next until the second, and so on.

    Raises
    ------
    ValueError
        If the schedules belong to different optimisers, or are not one more than the milestones.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        check_parts("SequentialLR", optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"Sequential Schedulers expects number of schedulers provided to be one more than "
                f"the number of milestone points, but got number of schedulers {len(schedulers)} "
                f"and the number of milestones to be equal to {len(milestones)}"
            )
        self._schedulers = list(schedulers)
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        # Every schedule has taken its first step: undo them all, and let only the first begin.
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for scheduler in self._schedulers:
            undo(scheduler)
        first = self._schedulers[0]
        first._step_count = 0
        first.step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Begin the next epoch."""
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch:
            scheduler.step(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """The state of each schedule, and where it is."""
        return nested_state(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was called."""
        load_nested(self, state_dict)


class ChainedScheduler(LRScheduler):
    """Several schedules at once, each changing what the one before left."""

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if not schedulers:
            raise ValueError(
                "ChainedScheduler expects at least one scheduler to be chained, but got no "
                "scheduler."
            )
        self.optimizer = schedulers[0].optimizer if optimizer is None else optimizer
        check_parts("ChainedScheduler", self.optimizer, schedulers)
        self._schedulers = list(schedulers)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def step(self) -> None:  # type: ignore[override]
        """Begin the next epoch."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """The state of each schedule."""
        return nested_state(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was called."""
        load_nested(self, state_dict)


def check_parts(name: str, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
    """Raise unless all schedules belong to one optimiser."""
    for i, scheduler in enumerate(schedulers):
        if getattr(scheduler, "optimizer", None) is not optimizer:
            raise ValueError(
                f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                f"{type(scheduler).__name__} at index {i}, which has another one"
            )


def undo(scheduler: Any) -> None:
    """Take a schedule's first step back."""
    for part in getattr(scheduler, "_schedulers", ()):
        undo(part)
    if hasattr(scheduler, "last_epoch"):
        scheduler.last_epoch -= 1


def nested_state(scheduler: Any) -> dict[str, Any]:
    """A combined schedule's state, with its parts'."""
    hidden = ("optimizer", "_schedulers")
    state = {key: value for key, value in scheduler.__dict__.items() if key not in hidden}
    state["_schedulers"] = [part.state_dict() for part in scheduler._schedulers]
    return state


def load_nested(scheduler: Any, state_dict: dict[str, Any]) -> None:
    """Give a combined schedule and its parts their state."""
    rest = {key: value for key, value in state_dict.items() if key != "_schedulers"}
    scheduler.__dict__.update(rest)
    for part, state in zip(scheduler._schedulers, state_dict["_schedulers"], strict=True):
        part.load_state_dict(state)
