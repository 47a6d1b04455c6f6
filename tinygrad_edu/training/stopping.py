"""When to stop before the last epoch."""

from __future__ import annotations

import math
from typing import Any

from .history import MEASURES, Epoch

__all__ = ["EarlyStopping"]


class EarlyStopping:
    """Stop when a measure has not improved for some epochs, and go back to the best parameters.

    Parameters
    ----------
    monitor : str
        "test_loss", "train_loss", "test_accuracy" or "train_accuracy".
    patience : int
        How many measured epochs without improvement are borne.
    min_delta : float
        What counts as an improvement: a change of more than this.
    restore_best : bool
        Whether the parameters of the best epoch are put back at the end.

    Raises
    ------
    ValueError
        For a setting out of range.
    """

    def __init__(
        self,
        monitor: str = "test_loss",
        patience: int = 10,
        min_delta: float = 0.0,
        restore_best: bool = True,
    ) -> None:
        if monitor not in MEASURES:
            raise ValueError(
                f"EarlyStopping was given monitor={monitor!r}; expected one of "
                f"{', '.join(MEASURES)}"
            )
        if patience < 1:
            raise ValueError(f"EarlyStopping was given patience={patience}; expected at least 1")
        if not min_delta >= 0:
            raise ValueError(f"EarlyStopping was given min_delta={min_delta}; expected at least 0")
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.restore_best = restore_best
        self.best = -math.inf if self.rises else math.inf
        self.best_epoch = 0
        self.waited = 0

    @property
    def rises(self) -> bool:
        """Whether better means greater."""
        return self.monitor.endswith("accuracy")

    @property
    def is_over(self) -> bool:
        """Whether patience has run out."""
        return self.waited >= self.patience

    def saw(self, epoch: Epoch) -> bool:
        """Take note of an epoch. Returns whether it is the best so far.

        Raises
        ------
        ValueError
            If what is monitored was not measured.
        """
        value = getattr(epoch, self.monitor)
        if value is None:
            raise ValueError(
                f"EarlyStopping monitors {self.monitor}, which this Trainer does not measure; give "
                f"the Trainer test data (and class targets for an accuracy), or write "
                f"EarlyStopping(monitor='train_loss')"
            )
        gain = value - self.best if self.rises else self.best - value
        if gain > self.min_delta:
            self.best, self.best_epoch, self.waited = value, epoch.epoch, 0
            return True
        self.waited += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        """The best value so far, its epoch, and how many epochs came after it."""
        return {"best": self.best, "best_epoch": self.best_epoch, "waited": self.waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a saved state."""
        self.best = float(state["best"])
        self.best_epoch = int(state["best_epoch"])
        self.waited = int(state["waited"])
