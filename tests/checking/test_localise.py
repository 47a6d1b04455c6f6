"""Bisection for single wrong elements."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking.localise import wrong_elements

EPS = np.finfo(float).eps


def hunt(true, wrong, seed=0, noise=1e-15, **options):
    def directional(u):
        return float(np.sum(true * u)), noise * float(np.sum(np.abs(true * u)))

    return wrong_elements(wrong, directional, rng=np.random.default_rng(seed), **options)


@pytest.mark.parametrize("place", [0, 1, 39_999, 78_399])
def test_one_of_78400_in_about_seventeen_derivatives(place):
    rng = np.random.default_rng(1)
    true = rng.standard_normal((784, 100))
    wrong = true.copy()
    wrong.flat[place] *= 1.5
    found = hunt(true, wrong)
    assert found.complete
    assert [e.index for e in found.elements] == [np.unravel_index(place, true.shape)]
    assert found.elements[0].numeric == pytest.approx(true.flat[place])
    assert found.derivatives <= 19


def test_several_are_found_largest_first():
    rng = np.random.default_rng(2)
    true = rng.standard_normal(1000)
    wrong = true.copy()
    wrong[[3, 500, 999]] += [0.1, 5.0, -1.0]
    found = hunt(true, wrong)
    assert found.complete
    assert [e.index for e in found.elements] == [(500,), (999,), (3,)]


def test_many_wrong_elements_are_not_said_to_be_few():
    rng = np.random.default_rng(3)
    true = rng.standard_normal(1000)
    found = hunt(true, -true, limit=4)
    assert len(found.elements) == 4
    assert not found.complete


def test_nothing_wrong_costs_one_derivative():
    true = np.random.default_rng(4).standard_normal(1000)
    found = hunt(true, true)
    assert found.elements == []
    assert found.derivatives == 1


def test_budget_is_kept():
    true = np.random.default_rng(5).standard_normal(100_000)
    assert hunt(true, -true, limit=100, budget=30).derivatives <= 31


def test_empty():
    assert hunt(np.zeros((0, 3)), np.zeros((0, 3))).complete
