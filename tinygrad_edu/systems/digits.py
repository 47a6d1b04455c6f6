"""Digits: 1,797 real handwritten ones of 8×8 pixels."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from .. import datasets
from ..generator import fork_rng
from .answers import by_class, wrong_answers
from .network import normal, pytorch
from .outcome import Outcome, Section
from .settings import Recipe, Settings
from .system import Data, Surroundings, System

__all__ = ["Digits"]

PLAIN_SEEDS = 10
SPLIT_SEED = 42  # scikit-learn's train_test_split(random_state=42), as published


class Digits(System):
    """64-64-10, sigmoid, softmax, cross-entropy."""

    name = "digits"
    title = "Handwritten digits, 8×8"
    summary = (
        "Sixty-four pixels, sixty-four hidden sigmoids, ten classes. 1,437 digits to learn from, "
        "360 held out to be measured on."
    )
    derivation_steps = 200
    recipes: ClassVar[dict[str, Recipe]] = {
        "default": Recipe(
            layers=(64, 64, 10),
            hidden_activation="sigmoid",
            output_activation="softmax",
            loss="cross-entropy",
            start=pytorch,
            start_words="uniform in ±1/√inputs, PyTorch's default",
            optimizer="AdamW",
            lr=0.03,
            epochs=100,
            quick_epochs=12,
            batch_size=64,
            weight_decay=0.05,
            cosine=True,
        ),
        "plain": Recipe(
            layers=(64, 64, 10),
            hidden_activation="sigmoid",
            output_activation="softmax",
            loss="cross-entropy",
            start=normal(1.0),
            start_words="N(0, 1), biases 0",
            optimizer="gradient descent",
            lr=0.1,
            epochs=1000,
            quick_epochs=1000,
            measure_every=10,
            scaling="per-pixel",
        ),
    }

    def load(self, settings: Settings, recipe: Recipe) -> Data:
        """A fifth held out, the fifth that was held out where this was published."""
        split = datasets.digits(scaling=recipe.scaling).split(0.2, seed=SPLIT_SEED)
        return Data(split.train, split.test)

    def is_plain(self, outcome: Outcome) -> bool:
        """Whether the published recipe was run."""
        return outcome.recipe.optimizer == "gradient descent"

    def goals(self, outcome: Outcome, data: Data) -> list[tuple[str, bool]]:
        """97 % held-out accuracy; 90 % with the published recipe."""
        least = 0.90 if self.is_plain(outcome) else 0.97
        return [(f"≥ {100 * least:.0f} % of the held-out digits right", outcome.accuracy >= least)]

    def look(self, outcome: Outcome, data: Data) -> Iterator[Section]:
        """Wrong answers, one digit of each kind in full, and the published recipe beside."""
        assert data.test is not None
        test = data.test
        answers = self.scores(outcome.model, test.x, outcome.recipe).argmax(axis=1)
        yield wrong_answers(
            answers, test, "held-out digits", lambda shown: self.predictions(outcome, test, shown)
        )
        firsts = [int(np.flatnonzero(test.y == digit)[0]) for digit in range(10)]
        yield Section(
            "One of each, with its numbers",
            "What the network is given: the 8×8 input as a picture and as the vector of its 64 "
            "numbers, 0 to 16 as stored, row by row.",
            predictions=self.predictions(outcome, test, firsts, with_vectors=True),
        )
        yield by_class(answers, test, "digit")
        if not (self.is_plain(outcome) or outcome.interrupted):
            yield self.published(outcome)

    def published(self, outcome: Outcome) -> Section:
        """The recipe as published, over several seeds."""
        seeds = range(1 if outcome.settings.quick else PLAIN_SEEDS)
        with fork_rng():
            accuracies = [100 * self.plain_accuracy(seed) for seed in seeds]
        return Section(
            "The recipe as it was published",
            f"Plain gradient descent on all samples at once, rate 0.1, 1,000 epochs, weights from "
            f"N(0, 1): 93.06 % was published. Here, over {len(seeds)} "
            f"{'seed' if len(seeds) == 1 else 'seeds'}: median "
            f"{statistics.median(accuracies):.2f} %, from {min(accuracies):.2f} to "
            f"{max(accuracies):.2f} %.",
            head=("seed", *map(str, seeds)),
            rows=[("held-out accuracy", *(f"{a:.2f} %" for a in accuracies))],
        )

    def plain_accuracy(self, seed: int) -> float:
        """The held-out accuracy of the published recipe."""
        settings = Settings(seed=seed, recipe="plain")
        recipe = dataclasses.replace(self.choose(settings), measure_every=1000)
        return self._train(settings, recipe, self.load(settings, recipe), Surroundings()).accuracy
