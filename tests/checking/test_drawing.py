"""Reports drawn: the wrong op red, what lies behind it orange, kinks yellow."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.checking.drawing import CONTAMINATED, KINKED, WRONG
from tinygrad_edu.checking.planting import planted_rule
from tinygrad_edu.primitives.registry import find


def marks(report):
    return {
        card.title: (note.label, note.color)
        for card in report.graph().view.cards
        for note in card.annotations
    }


def test_wrong_op_and_what_is_downstream_of_it():
    rng = np.random.default_rng(0)
    with planted_rule(find(np.tanh), "x", lambda g, y: -g * (1 - y * y)):
        report = tg.gradcheck(
            lambda x, W, c: (tg.tanh(x @ W) * c).sum(),
            rng.standard_normal((3, 2)),
            rng.standard_normal((2, 2)),
            rng.standard_normal((3, 2)),
        )
    found = marks(report)
    assert found["tanh"][1] == WRONG
    assert found["tanh"][0].startswith("wrong sign: analytic ")
    assert found["x"] == ("downstream of tanh", CONTAMINATED)
    assert found["W"][1] == CONTAMINATED
    assert "c" not in found


def test_kinks_are_yellow_in_a_right_graph():
    report = tg.gradcheck(lambda x: tg.abs(x).sum(), np.array([0.0, 1.0]))
    assert report
    assert marks(report)["abs"] == ("1 kink", KINKED)


def test_nothing_to_draw():
    report = tg.gradcheck(lambda x: (x * x).sum(), np.ones(2))
    with pytest.raises(ValueError, match="no op to mark"):
        report.graph()
