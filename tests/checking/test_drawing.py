"""Reports drawn: the wrong op red, what lies behind it orange, kinks yellow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.checking.drawing import CONTAMINATED, KINKED, WRONG
from tinygrad_edu.engine.table import find, with_rule


def marks(report):
    return {
        card.title: (note.label, note.color)
        for card in report.graph().view.cards
        for note in card.annotations
    }


def test_wrong_op_and_what_is_downstream_of_it():
    rng = np.random.default_rng(0)
    with with_rule(find(np.tanh), "x", lambda g, y: -g * (1 - y * y)):
        report = tg.gradcheck(
            lambda x, W, c: (tg.tanh(x @ W) * c).sum(),
            rng.standard_normal((3, 2)),
            rng.standard_normal((2, 2)),
            rng.standard_normal((3, 2)),
        )
    found = marks(report)
    assert found["tanh"][1] == WRONG
    assert found["tanh"][0].startswith("wrong sign: analytic ")
    assert found["x"] == ("wrong because of tanh", CONTAMINATED)
    assert found["W"][1] == CONTAMINATED
    assert "c" not in found


def test_gradients_are_those_of_the_rules_that_were_checked():
    x = tg.tensor([0.5, -1.0], requires_grad=True, dtype=tg.float64)
    with with_rule(find(np.tanh), "x", lambda g, y: -g * (1 - y * y)):
        report = tg.gradcheck(lambda x: tg.tanh(x * 2.0).sum(), x)
    y = np.tanh([1.0, -2.0])
    cards = {card.title: card for card in report.graph().view.cards}
    for title, g in (("x", -2 * (1 - y * y)), ("mul", -(1 - y * y)), ("tanh", [1, 1])):
        shown = cards[title].grad.text
        assert [f"{v:.3g}" in shown for v in g] == [True, True], (title, shown)
    assert x.grad is None


def test_the_picture_is_drawn_in_every_way():
    with with_rule(find(np.tanh), "x", lambda g, y: -g * (1 - y * y)):
        report = tg.gradcheck(lambda x: tg.tanh(x * 2.0).sum(), np.ones(3))
    picture = report.graph()
    for text in (picture.to_dot(), picture.to_text(), picture.to_html(), picture.to_mermaid()):
        assert "wrong sign: analytic" in text
    svg = picture.to_svg()
    assert WRONG in svg
    assert CONTAMINATED in svg


def test_kinks_are_yellow_in_a_right_graph():
    report = tg.gradcheck(lambda x: tg.abs(x).sum(), np.array([0.0, 1.0]))
    assert report
    assert marks(report)["abs"] == ("1 kink", KINKED)


def test_pictures_of_the_docs_can_be_made(tmp_path):
    pytest.importorskip("matplotlib")
    script = Path(__file__).parents[2] / "docs" / "gradcheck_pictures.py"
    program = {"__name__": "pictures", "__file__": str(script)}
    exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), program)
    program["main"](tmp_path)
    picture = (tmp_path / "gradcheck" / "wrong_op.svg").read_text(encoding="utf-8")
    for color in (WRONG, CONTAMINATED, KINKED):
        assert color in picture
    assert "extra factor: analytic" in picture
    page = (script.parent / "gradcheck.md").read_text(encoding="utf-8")
    for made in (tmp_path / "gradcheck").iterdir():
        assert f"](gradcheck/{made.name})" in page


def test_nothing_to_draw():
    report = tg.gradcheck(lambda x: (x * x).sum(), np.ones(2))
    with pytest.raises(ValueError, match="no op to mark"):
        report.graph()
