"""What schedulers share."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ...engine.events import LISTENERS, tell
from ..optimizer import Optimizer

__all__ = ["LRScheduler"]


class LRScheduler:
    """Sets the step size of every group of an optimiser, epoch after epoch.

    Subclasses define `get_lr`, the step sizes of the new epoch, which may start from those of the
    last one (so that schedulers can be chained), and perhaps `_get_closed_form_lr`, which depends
    on the epoch alone.

    Parameters
    ----------
    optimizer : Optimizer
    last_epoch : int
        −1 to start; the last epoch done to go on.

    Raises
    ------
    TypeError
        If it is given no optimiser.
    KeyError
        To go on without the groups' `initial_lr`.
    """

    _last_lr: list[float]

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(optimizer).__name__} is not an Optimizer; a scheduler changes the step "
                f"size of one: {type(self).__name__}(optimizer, …)"
            )
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming an "
                    f"optimizer (last_epoch={last_epoch}); load the optimizer's state first"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        self._start = optimizer._step_count
        self.step()

    def get_lr(self) -> list[float]:
        """The step sizes of the epoch that begins."""
        raise NotImplementedError(
            f"{type(self).__name__} defines no get_lr(self): return one step size for each of "
            f"self.optimizer.param_groups"
        )

    def get_last_lr(self) -> list[float]:
        """The step sizes in use."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Begin an epoch: the next one, or the one given."""
        if self._step_count == 1 and self.optimizer._step_count == self._start:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: call "
                "`optimizer.step()` first, or the first value of the schedule is skipped.",
                stacklevel=2,
            )
        self._step_count += 1
        closed: Callable[[], list[float]] | None = getattr(self, "_get_closed_form_lr", None)
        if epoch is None:
            self.last_epoch += 1
            values = self.get_lr()
        else:
            self.last_epoch = epoch
            values = self.get_lr() if closed is None else closed()
        self._set(values)
        if LISTENERS:
            tell("scheduler_stepped", self)

    def _set(self, values: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, values, strict=True):
            group["lr"] = lr
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _current(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser."""
        hidden = ("optimizer", "_start")
        return {key: value for key, value in self.__dict__.items() if key not in hidden}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was called."""
        self.__dict__.update(state_dict)
