"""Gradients derived by hand and recorded ones: the same to 1e-12 in every step, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.benchmarks.hand_derived import SYSTEMS as YARDSTICKS
from tinygrad_edu.systems import SYSTEMS, Settings, by_hand, derivation_of, derived_gradients

CASES = {
    "xor": {},
    "xor-3": {"hidden": 3},
    "patterns": {},
    "letters": {},
    "digits": {},
    "digits-deep": {"layers": (64, 64, 32, 10)},
    "digits-plain": {"recipe": "plain"},
    "mnist": {},
    "mnist-small": {"layers": (784, 10, 10)},
}


def prepared(case: str) -> tuple[Any, np.ndarray, np.ndarray]:
    system = SYSTEMS[case.split("-")[0]]
    settings = Settings(**CASES[case])
    recipe = system.derivation_recipe(system.choose(settings))
    data = system.load(settings, recipe)
    return recipe, data.train.x[:100], system.targets(data.train, recipe)[:100]


@pytest.mark.parametrize("case", CASES)
def test_they_agree_at_every_step(case: str) -> None:
    recipe, x, y = prepared(case)
    for seed in (0, 1):
        found = derivation_of(recipe, x, y, seed=seed, steps=100 if x.shape[1] < 100 else 10)
        assert found.worst <= 1e-12, found
        assert found.loss_difference <= 1e-12
        assert found.agrees
        assert len(found.differences) == 2 * (len(recipe.layers) - 1)


@pytest.mark.parametrize("case", ["xor", "patterns", "letters", "digits", "digits-deep", "mnist"])
def test_the_formulas_are_those_of_the_benchmark(case: str) -> None:
    """Two people's derivations: this one for any number of layers, that one spelled out."""
    recipe, *_ = prepared(case)
    yardstick = YARDSTICKS[case]
    network = yardstick.new(0)
    x, y = yardstick.random_batch(1)
    loss, gradients = derived_gradients(network.parameters(), x, y, recipe)
    expected_loss, expected = network.gradients(x, y)
    # Only XOR's loss is averaged over one output, so that "per row" and "per entry" are the same.
    assert loss == pytest.approx(float(expected_loss), rel=1e-12)
    for found, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-13 * np.abs(wanted).max())


def test_a_wrong_formula_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The published slip: ŷ − y at the output, where the loss is the mean squared error."""
    recipe, x, y = prepared("letters")
    right = by_hand._output

    def wrong(z: np.ndarray, y: np.ndarray, recipe: Any) -> tuple[float, np.ndarray]:
        loss, _ = right(z, y, recipe)
        return loss, (by_hand._sigmoid(z) - y) / y.size

    monkeypatch.setattr(by_hand, "_output", wrong)
    found = derivation_of(recipe, x, y, steps=3)
    assert not found.agrees
    assert found.worst > 0.1
