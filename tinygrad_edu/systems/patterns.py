"""2×2 patterns: eight black-and-white matrices in four classes, and eight that have none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from .. import datasets
from .network import he_normal
from .outcome import Outcome, Prediction, Section
from .settings import Recipe, Settings
from .system import Data, System

__all__ = ["Patterns"]


class Patterns(System):
    """4-8-4, ReLU, softmax, cross-entropy."""

    name = "patterns"
    title = "2×2 patterns"
    summary = (
        "Four pixels, eight ReLUs, four classes: is a 2×2 matrix solid, vertical, horizontal or "
        "diagonal? Eight of the sixteen matrices are one of these; the other eight were never "
        "seen, and the network has an opinion on them all the same."
    )
    attempts = 10
    recipes: ClassVar[dict[str, Recipe]] = {
        "default": Recipe(
            layers=(4, 8, 4),
            hidden_activation="relu",
            output_activation="softmax",
            loss="cross-entropy",
            start=he_normal,
            start_words="N(0, 2/inputs), biases 0",
            optimizer="gradient descent",
            lr=0.1,
            epochs=2000,
            quick_epochs=2000,
            measure_every=20,
        )
    }

    def load(self, settings: Settings, recipe: Recipe) -> Data:
        """The eight labelled matrices."""
        return Data(datasets.patterns())

    def is_stuck(self, outcome: Outcome) -> str:
        """Too many ReLUs that are 0 for every matrix, and so get no gradient any more."""
        if outcome.accuracy == 1.0:
            return ""
        return (
            f"{outcome.accuracy * 8:.0f} of 8 right after {outcome.epochs:,} epochs, because ReLUs "
            f"died: where one is 0 for every sample, its gradient is 0 for good."
        )

    def goals(self, outcome: Outcome, data: Data) -> list[tuple[str, bool]]:
        """Eight of eight."""
        return [("8 of 8 right", outcome.accuracy == 1.0)]

    def look(self, outcome: Outcome, data: Data) -> Iterator[Section]:
        """The eight with a class, and the eight without."""
        yield Section(
            "The eight with a class",
            predictions=self.predictions(outcome, data.train, range(len(data.train))),
        )
        others = datasets.unlabelled_patterns()
        scores = self.scores(outcome.model, others, outcome.recipe)
        yield Section(
            "The eight without",
            "No rule names these, and none was in training. The probabilities are what the network "
            "makes of them.",
            predictions=[
                Prediction.of(x.reshape(2, 2), None, s, data.train.class_names)
                for x, s in zip(others, scores)
            ],
        )
