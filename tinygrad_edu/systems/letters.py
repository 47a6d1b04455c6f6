"""Letters: A, B and C of thirty pixels, and how they stand a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from .. import datasets
from .network import normal
from .outcome import Outcome, Prediction, Section
from .settings import Recipe, Settings
from .system import Array, Data, System

__all__ = ["Letters", "one_pixel_flips"]


def one_pixel_flips(x: Array) -> Array:
    """Every picture with each of its pixels flipped in turn: shape (pictures · pixels, pixels)."""
    pixels = x.shape[1]
    flipped = np.repeat(x, pixels, axis=0)
    place = np.tile(np.arange(pixels), len(x))
    rows = np.arange(len(flipped))
    flipped[rows, place] = 1 - flipped[rows, place]
    return flipped


class Letters(System):
    """30-5-3, sigmoid, mean squared error."""

    name = "letters"
    title = "Letters"
    summary = (
        "Thirty pixels, five hidden sigmoids, three outputs: A, B or C? Trained on one picture of "
        "each, and tried on the ninety that have one pixel wrong."
    )
    recipes: ClassVar[dict[str, Recipe]] = {
        "default": Recipe(
            layers=(30, 5, 3),
            hidden_activation="sigmoid",
            output_activation="sigmoid",
            loss="mean squared error",
            start=normal(0.01),
            start_words="0.01 · N(0, 1), biases 0",
            optimizer="gradient descent",
            lr=10.0,
            epochs=2000,
            quick_epochs=2000,
            measure_every=20,
        )
    }

    def load(self, settings: Settings, recipe: Recipe) -> Data:
        """The three letters."""
        return Data(datasets.letters())

    def goals(self, outcome: Outcome, data: Data) -> list[tuple[str, bool]]:
        """Three of three, with a mean squared error below 0.001."""
        return [("3 of 3 right", outcome.accuracy == 1.0), ("MSE < 1e-3", outcome.loss < 1e-3)]

    def look(self, outcome: Outcome, data: Data) -> Iterator[Section]:
        """The letters, and the ninety damaged ones."""
        train = data.train
        yield Section(
            "The three letters",
            predictions=self.predictions(outcome, train, range(len(train))),
        )
        flips = one_pixel_flips(train.x)
        labels = np.repeat(train.y, train.x.shape[1])
        scores = self.scores(outcome.model, flips, outcome.recipe)
        answers = scores.argmax(axis=1)
        right = int((answers == labels).sum())
        # The least certain ones are the ones worth seeing; wrong answers first.
        margin = scores[np.arange(len(flips)), labels] - np.sort(scores, axis=1)[:, -1]
        certainty = np.where(answers == labels, np.ptp(scores, axis=1), margin)
        yield Section(
            f"{right} of 90 letters survive one flipped pixel",
            "Each letter with each of its thirty pixels flipped in turn. Shown are the six of "
            "which the network is least certain.",
            predictions=[
                Prediction.of(flips[i].reshape(5, 6), int(labels[i]), scores[i], train.class_names)
                for i in np.argsort(certainty)[:6]
            ],
        )
