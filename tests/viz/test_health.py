"""Colours by size, tags, and the origin of a NaN; differences; the GIF."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
import pytest

from tests.viz.examples import Sketch, nan_case, softmax_box, square, transformer, xor
from tinygrad_edu.viz.comparison import By, Differences
from tinygrad_edu.viz.comparison import diff as diff_graphs
from tinygrad_edu.viz.folding.fold import fold
from tinygrad_edu.viz.health import (
    coloured,
    edge_width,
    with_edge_widths,
    with_health,
    with_nan_origins,
    with_tags,
)
from tinygrad_edu.viz.model import Card, Edge, Summary, View
from tinygrad_edu.viz.options import Options
from tinygrad_edu.viz.picture import Graph
from tinygrad_edu.viz.reading.summarise import summarise
from tinygrad_edu.viz.writers.gif import to_gif


def labels(view: View) -> dict[str, list[str]]:
    return {c.title: [a.label for a in c.annotations] for c in view.cards}


def diff(old: View, new: View, by: By = "structure") -> Differences:
    return diff_graphs(Graph(old, Options()), Graph(new, Options()), by)


def test_a_nan_has_one_origin() -> None:
    found = labels(with_nan_origins(nan_case()))
    assert found["log"] == ["NaN starts here"]
    assert found["mul"] == found["tanh"] == found["x"] == ["NaN 1/9"]
    assert sum("NaN starts here" in words for words in found.values()) == 1
    loud = [
        c.title for c in with_nan_origins(nan_case()).cards for a in c.annotations if a.width > 2
    ]
    assert loud == ["log"]


def test_a_leaf_can_be_the_origin() -> None:
    pad = Sketch("bad data")
    x = pad.leaf("x", [1.0, np.nan], "input")
    pad.op("tanh", pad.op("exp", x))
    found = labels(with_nan_origins(pad.view()))
    assert found == {"x": ["NaN starts here"], "exp": ["NaN 1/2"], "tanh": ["NaN 1/2"]}


def test_a_nan_born_backward_is_found_in_backward_order() -> None:
    fine = summarise([1.0, 2.0])
    sick = summarise([np.nan, 2.0])
    cards = (
        Card(0, "w", "parameter", "w", value=fine, grad=sick),
        Card(1, "sqrt", value=fine, grad=sick),
        Card(2, "mul", value=fine, grad=fine),
        Card(3, "sum", "output", value=fine, grad=fine),
    )
    view = View("backward", cards, (Edge(0, 1), Edge(1, 2), Edge(2, 3)))
    found = labels(with_nan_origins(view))
    assert found["sqrt"] == ["backward NaN starts here"]
    assert found["w"] == ["NaN 1/2"]
    assert found["mul"] == found["sum"] == []


def test_infinity_is_named() -> None:
    pad = Sketch("overflow")
    pad.op("exp", pad.leaf("x", [1000.0, 1.0], "input"))
    assert labels(with_nan_origins(pad.view()))["exp"] == ["Inf starts here"]


def test_tags() -> None:
    def card(at: int, op: str, value: list[float], grad: list[float]) -> Card:
        return Card(at, op, value=summarise(value), grad=summarise(grad))

    cards = (
        card(0, "first", [1.0], [1e-9]),
        card(1, "relu", [0.0] * 8, [0.0] * 8),
        card(2, "last", [1.0], [5e3]),
        replace(card(3, "loss", [1.0], [1.0]), role="output"),
    )
    tags = [c.tags for c in with_tags(View("sick", cards)).cards]
    assert tags == [("vanishing",), ("dead: all zero",), ("exploding",), ()]


def test_a_healthy_net_has_no_marks() -> None:
    assert with_health(xor()) == xor()


def test_colours_have_a_legend_in_numbers() -> None:
    view = coloured(xor(), "grad")
    painted = [c for c in view.cards if c.paint]
    assert {c.title for c in view.cards if not c.paint} == {"X", "Y", "4"}
    assert len({c.paint for c in painted}) > 3
    assert view.legend[0].label == "gradient, root mean square 0.111"
    assert view.legend[-1].label == "gradient, root mean square 1"
    assert coloured(xor(), "role") == xor()
    assert coloured(xor(), "time").legend[-1].label == "no time recorded"
    assert [e.label for e in coloured(xor(), "order").legend] == ["derivative order 0"]
    with pytest.raises(ValueError, match="'memory' or 'order'"):
        coloured(xor(), "rainbow")  # type: ignore[arg-type]


def test_edge_widths_follow_the_formula() -> None:
    assert edge_width(1.0, 1.0) == 4.0
    assert edge_width(1e-2, 1.0) == pytest.approx(0.8 + 3.2 * 0.5)
    assert edge_width(1e-9, 1.0) == edge_width(0.0, 1.0) == edge_width(None, 1.0) == 0.8
    edges = (Edge(0, 1, rms=1.0), Edge(0, 1, rms=math.inf), Edge(0, 1))
    view = with_edge_widths(View("w", (Card(0, "x"), Card(1, "y")), edges))
    assert [e.width for e in view.edges] == [4.0, 4.0, 1.2]
    assert with_edge_widths(square()) == square()


def test_equal_views_do_not_differ() -> None:
    found = diff(transformer(2), transformer(2), by="grads")
    assert found.same
    assert found.to_text() == "No difference.\n"


def test_a_changed_shape_and_op() -> None:
    def net(op: str) -> View:
        pad = Sketch("net")
        x = pad.leaf("x", [[1.0, 2.0]], "input")
        with pad.scope("fc"):
            w = pad.leaf("fc.weight", [[1.0], [2.0]])
            h = pad.op("matmul", x, w)
        pad.backward(pad.op("sum", pad.op(op, h)))
        return pad.view()

    found = diff(net("tanh"), net("exp"))
    assert found.lines == ("+ exp #3 (1, 1)", "~ sum #4: other inputs", "- tanh #3 (1, 1)")
    marks = {c.op: [a.label for a in c.annotations] for c in found.view.cards}
    assert marks["exp"] == ["+ new"]
    assert marks["tanh"] == ["- gone"]
    fold(found.view)


def test_values_are_compared_when_asked() -> None:
    old, new = square(), square()
    card = replace(new.cards[0], value=summarise(4.0), grad=Summary(reason="freed"))
    new = replace(new, cards=(card, *new.cards[1:]))
    assert diff(old, new).same
    assert diff(old, new, by="values").lines == ("~ x: val 3 -> 4",)
    assert diff(old, new, by="grads").lines == ("~ x: grad 6 -> (freed)",)
    with pytest.raises(ValueError, match="'structure', 'values' or 'grads'"):
        diff(old, new, by="speed")  # type: ignore[arg-type]


def test_one_block_more() -> None:
    found = diff(transformer(2), transformer(3))
    plus = [line for line in found.lines if line.startswith("+")]
    assert len(plus) == len(transformer(3).cards) - len(transformer(2).cards)
    assert not [line for line in found.lines if line.startswith("-")]


def test_a_renamed_module_is_found_again() -> None:
    old = xor()
    boxes = tuple(replace(b, path="renamed", name="renamed") for b in old.boxes)
    assert not [x for x in diff(old, replace(old, boxes=boxes)).lines if x[0] in "+-"]


def test_gif() -> None:
    image = pytest.importorskip("PIL.Image")
    calls: list[tuple[int, int]] = []
    data = to_gif(
        fold(softmax_box()), max_px=500, progress=lambda done, all_: calls.append((done, all_))
    )
    assert data.startswith(b"GIF89a")
    with image.open(io.BytesIO(data)) as gif:
        assert gif.n_frames == 9
        assert gif.info["duration"] == 1200
        assert max(gif.size) <= 501
    assert calls[-1] == (9, 9)


def test_gif_without_steps_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"viz\.backward\(loss\)"):
        to_gif(View("still", (Card(0, "x"),)))
