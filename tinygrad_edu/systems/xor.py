"""XOR: the smallest problem that a network without hidden units cannot solve."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from .. import datasets
from .network import normal, uniform
from .outcome import Outcome, Picture, Section
from .settings import Recipe, Settings
from .system import Data, System

__all__ = ["Xor"]


class Xor(System):
    """2-2-1, sigmoid everywhere, ½(ŷ − a)²."""

    name = "xor"
    title = "Exclusive or"
    summary = (
        "Two inputs, two hidden sigmoids, one output: is exactly one of the inputs 1? No straight "
        "line separates the answers, so the hidden units have to bend the plane first."
    )
    attempts = 10
    # The gradient passes two sigmoids, each of slope at most ¼, and is averaged over four rows:
    # hence so large a rate. Weights start small: of the seeds 0 to 3999, 84 stick with two hidden
    # units and 1 with three. From N(0, 1) it is about one in four, and one in thirty.
    recipes: ClassVar[dict[str, Recipe]] = {
        "default": Recipe(
            layers=(2, 2, 1),
            hidden_activation="sigmoid",
            output_activation="sigmoid",
            loss="half squared error",
            start=uniform(0.3),
            start_words="uniform in ±0.3, biases too",
            optimizer="gradient descent",
            lr=20.0,
            epochs=4000,
            quick_epochs=4000,
            measure_every=20,
            enough=2e-4,
        ),
        "published": Recipe(
            layers=(2, 2, 1),
            hidden_activation="sigmoid",
            output_activation="sigmoid",
            loss="half squared error",
            start=normal(1.0),
            start_words="N(0, 1), biases 0",
            optimizer="gradient descent",
            lr=0.5,
            epochs=20_000,
            quick_epochs=20_000,
            measure_every=100,
        ),
    }

    def derivation_recipe(self, recipe: Recipe) -> Recipe:
        """Weights from N(0, 1), as published.

        From weights within ±0.3 the first gradients are sums of terms of 0.1 that cancel to 1e-5,
        and no formula in float64 has twelve digits of that.
        """
        return dataclasses.replace(recipe, start=normal(1.0), start_words="N(0, 1)", lr=0.5)

    def load(self, settings: Settings, recipe: Recipe) -> Data:
        """The four rows."""
        return Data(datasets.xor())

    def is_stuck(self, outcome: Outcome) -> str:
        """A loss that stays where two rows get the same answer."""
        if outcome.loss < 0.01 and outcome.accuracy == 1.0:
            return ""
        return f"loss {outcome.loss:.4f} after {outcome.epochs:,} epochs."

    def goals(self, outcome: Outcome, data: Data) -> list[tuple[str, bool]]:
        """All four rows right, with a loss below 0.01."""
        return [
            ("all four rows right", outcome.accuracy == 1.0),
            ("loss < 0.01", outcome.loss < 0.01),
        ]

    def look(self, outcome: Outcome, data: Data) -> Iterator[Section]:
        """The truth table, and the plane as the network sees it."""
        x, recipe = data.train.x, outcome.recipe
        answers = self.scores(outcome.model, x, recipe)[:, 0]
        rows = [
            (f"{a:.0f}", f"{b:.0f}", str(y), f"{p:.4f}", "right" if (p >= 0.5) == y else "wrong")
            for (a, b), y, p in zip(x, data.train.y, answers)
        ]
        side = np.linspace(-0.5, 1.5, 33, dtype=np.float32)
        grid = np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2)
        plane = self.scores(outcome.model, grid, recipe).reshape(33, 33)
        yield Section(
            "What it answers",
            "The output for each row of the truth table, and for the whole plane around it: both "
            "inputs run from −0.5 to 1.5, dark is 1.",
            head=("a", "b", "a xor b", "output", ""),
            rows=rows,
            pictures=[Picture(plane, "a to the right, b upwards")],
        )
