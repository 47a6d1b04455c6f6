"""What a run of a system brought: figures, curves, and the predictions to look at."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from ..nn import Module
from ..training import History
from .by_hand import Derivation
from .settings import Recipe, Settings

__all__ = ["Outcome", "Picture", "Prediction", "Section"]


@dataclasses.dataclass(frozen=True)
class Prediction:
    """One sample and what the model made of it.

    Attributes
    ----------
    pixels : array
        Shape (rows, columns), 0 … 1, 1 being ink.
    label : str or None
        What it is; None where nobody says.
    answer : str
        What the model says.
    scores : list of (str, float)
        Each answer with the model's score, 0 … 1.
    vector : array, optional
        The numbers as they were stored, shape (rows, columns).
    """

    pixels: NDArray[Any]
    label: str | None
    answer: str
    scores: list[tuple[str, float]]
    vector: NDArray[Any] | None = None

    @classmethod
    def of(
        cls,
        pixels: NDArray[Any],
        label: int | None,
        scores: NDArray[Any],
        names: Sequence[str],
        vector: NDArray[Any] | None = None,
    ) -> Prediction:
        """Of a model's scores for each class: the answer is the class with the highest."""
        return cls(
            pixels=pixels,
            label=None if label is None else names[label],
            answer=names[int(scores.argmax())],
            scores=[(name, float(p)) for name, p in zip(names, scores)],
            vector=vector,
        )

    @property
    def is_right(self) -> bool | None:
        """Whether the answer is the label; None where there is no label."""
        return None if self.label is None else self.answer == self.label


@dataclasses.dataclass(frozen=True)
class Picture:
    """A field of numbers 0 … 1, drawn in shades: the answers over a plane, for example."""

    field: NDArray[Any]
    caption: str


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the report: words, a table, pictures, predictions; whichever there are."""

    title: str
    text: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    predictions: Sequence[Prediction] = ()
    pictures: Sequence[Picture] = ()


@dataclasses.dataclass
class Outcome:
    """A run.

    Attributes
    ----------
    name, title, summary : str
        Of the system.
    settings : Settings
        What was asked for.
    recipe : Recipe
        What was done.
    seed : int
        Of the weights that the figures belong to: the last one tried.
    provenance : str
        Where the data came from.
    is_subset : bool
        Whether the data are a part of a larger set.
    model : Module
    history : History
    parameters : int
        How many numbers are learned.
    epochs : int
        Done.
    loss, accuracy : float
        Over `measured_on`, at the end; NaN if nothing was measured.
    measured_on : str
        "test" or "train".
    seconds : float
        In training, all tries together.
    reached : list of (str, bool)
        What the system should reach, and whether it did.
    notes : list of str
        What a reader should know: a retry, a subset, an interruption.
    sections : list of Section
    derivation : Derivation, optional
    step : (array, array), optional
        A small batch, x and y, whose training step is drawn and checked.
    checks : list of (str, object)
        When the gradients were checked, and what that found.
    interrupted : bool
        Whether Ctrl-C ended it.
    checkpoint : str
        Where the training can go on from, if it was saved.
    """

    name: str
    title: str
    summary: str
    settings: Settings
    recipe: Recipe
    seed: int
    provenance: str
    is_subset: bool
    model: Module
    history: History
    parameters: int
    epochs: int
    loss: float
    accuracy: float
    measured_on: str
    seconds: float
    reached: list[tuple[str, bool]] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    sections: list[Section] = dataclasses.field(default_factory=list)
    derivation: Derivation | None = None
    step: tuple[Any, Any] | None = None
    checks: list[tuple[str, Any]] = dataclasses.field(default_factory=list)
    interrupted: bool = False
    checkpoint: str = ""
