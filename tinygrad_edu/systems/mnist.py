"""MNIST: 70,000 handwritten digits of 28×28 pixels, or the part of them that is at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from .. import datasets
from ..datasets.samples import Samples, split_indices
from .answers import by_class, wrong_answers
from .digits import Digits
from .network import pytorch
from .outcome import Outcome, Section
from .settings import Recipe, Settings
from .system import Data, System

__all__ = ["Mnist"]

DEVELOPMENT = 1000
QUICK_SAMPLES = 4000


class Mnist(System):
    """784-128-64-10, sigmoid, softmax, cross-entropy; 784-10-10 with ReLU."""

    name = "mnist"
    title = "MNIST"
    summary = (
        "784 pixels, two layers of hidden sigmoids, ten classes. A thousand shuffled training "
        "images are set aside as development set; accuracy is that on the test images."
    )
    derivation_steps = 50
    drawn_samples = 2
    recipes: ClassVar[dict[str, Recipe]] = {
        "default": dataclasses.replace(
            Digits.recipes["default"],
            layers=(784, 128, 64, 10),
            lr=0.01,
            epochs=10,
            quick_epochs=4,
            batch_size=128,
        ),
        "small": Recipe(
            layers=(784, 10, 10),
            hidden_activation="relu",
            output_activation="softmax",
            loss="cross-entropy",
            start=pytorch,
            start_words="uniform in ±1/√inputs, PyTorch's default",
            optimizer="gradient descent",
            lr=0.1,
            epochs=500,
            quick_epochs=50,
            measure_every=10,
        ),
    }

    def default_recipe(self, settings: Settings) -> str:
        """One hidden layer is trained as the small network was, all samples at once."""
        layers = settings.layers
        return "small" if layers is not None and len(layers) == 3 else "default"

    def load(self, settings: Settings, recipe: Recipe) -> Data:
        """What is found, with a development set taken from the training images."""
        found = datasets.mnist(settings.data, download=settings.download)
        samples: Samples = found.train
        if len(samples) <= DEVELOPMENT:
            return Data(samples, found.test)
        rest, development = split_indices(len(samples), DEVELOPMENT)
        if settings.quick:
            rest = rest[:QUICK_SAMPLES]
        return Data(samples.take(rest), found.test, samples.take(development))

    def goals(self, outcome: Outcome, data: Data) -> list[tuple[str, bool]]:
        """97.5 % with two hidden layers, 86 % with the small network; of the full set only."""
        if outcome.is_subset or outcome.settings.quick:
            return []
        least = 0.86 if outcome.recipe.optimizer == "gradient descent" else 0.975
        return [(f"≥ {100 * least:g} % of the test images right", outcome.accuracy >= least)]

    def look(self, outcome: Outcome, data: Data) -> Iterator[Section]:
        """Wrong answers among right ones, and accuracy by digit."""
        assert data.test is not None
        test = data.test
        answers = self.scores(outcome.model, test.x, outcome.recipe).argmax(axis=1)
        further = ""
        if data.development is not None:
            guesses = self.scores(outcome.model, data.development.x, outcome.recipe).argmax(axis=1)
            share = float(np.mean(guesses == data.development.y))
            further = f" Of the development set of {len(guesses):,}, {100 * share:.2f} % are right."
        yield wrong_answers(
            answers,
            test,
            "test images",
            lambda shown: self.predictions(outcome, test, shown),
            further,
        )
        yield by_class(answers, test, "digit")
