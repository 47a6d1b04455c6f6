"""What training measured, epoch by epoch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

__all__ = ["Epoch", "History"]

MEASURES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


@dataclasses.dataclass(frozen=True)
class Epoch:
    """One line of the history.

    Attributes
    ----------
    epoch : int
        How many epochs were done, counted from 1.
    step : int
        How many updates of the parameters were done.
    train_loss : float
        The mean over the epoch's samples, each with the parameters as its batch found them.
    train_accuracy : float or None
        The fraction of right answers, measured like `train_loss`.
    test_loss, test_accuracy : float or None
        Over the test data, with the parameters at the end of the epoch.
    lr : float
        The learning rate of the first parameter group.
    seconds : float
        Time spent in training and testing so far.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    lr: float
    seconds: float


class History:
    """The measured epochs, in order; `history[-1]` is the last."""

    def __init__(self, epochs: list[Epoch] | None = None) -> None:
        self.epochs: list[Epoch] = [] if epochs is None else epochs

    def __len__(self) -> int:
        return len(self.epochs)

    def __getitem__(self, index: int) -> Epoch:
        return self.epochs[index]

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    def __repr__(self) -> str:
        if not self.epochs:
            return "History(no epochs yet)"
        last = self.epochs[-1]
        shown = ", ".join(
            f"{name}={getattr(last, name):.4g}"
            for name in MEASURES
            if getattr(last, name) is not None
        )
        return f"History({len(self.epochs)} measured, the last: epoch {last.epoch}, {shown})"

    def column(self, name: str) -> list[Any]:
        """One attribute of every epoch, such as `"test_loss"`.

        Raises
        ------
        KeyError
            If epochs have no such attribute.
        """
        names = [field.name for field in dataclasses.fields(Epoch)]
        if name not in names:
            raise KeyError(f"history has no column {name!r}; expected one of {', '.join(names)}")
        return [getattr(epoch, name) for epoch in self.epochs]

    def best(self, name: str = "test_loss") -> Epoch:
        """The epoch with the least loss, or the greatest accuracy.

        Raises
        ------
        ValueError
            If that was never measured.
        """
        measured = [e for e, value in zip(self.epochs, self.column(name)) if value is not None]
        if not measured:
            raise ValueError(
                f"history has no {name} yet: run fit() first, and give the Trainer test data for "
                f"test_loss and test_accuracy"
            )
        pick = max if name.endswith("accuracy") else min
        return pick(measured, key=lambda epoch: getattr(epoch, name))

    def plot(self) -> Any:
        """Draw loss and accuracy against epochs. Returns a Matplotlib Figure.

        Raises
        ------
        ModuleNotFoundError
            If Matplotlib is not installed; the message says how to install it.
        """
        try:
            from matplotlib.figure import Figure
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "history.plot() needs Matplotlib, which is not installed; type "
                "pip install 'tinygrad-edu[all]', or draw history.column('train_loss') yourself"
            ) from error
        figure = Figure(figsize=(9, 3.5), layout="constrained")
        for axes, kind in zip(figure.subplots(1, 2), ("loss", "accuracy")):
            for part in ("train", "test"):
                values = self.column(f"{part}_{kind}")
                points = [(e.epoch, v) for e, v in zip(self.epochs, values) if v is not None]
                if points:
                    axes.plot(*zip(*points), label=part)
            axes.set(xlabel="epoch", title=kind)
            if axes.lines:
                axes.legend()
        return figure
