"""Layouts that Graphviz made: complete, as large as asked, and drawn in our own hand."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.viz.examples import hostile, nan_case, rnn, softmax_box, square, transformer, xor
from tinygrad_edu.viz.folding.fold import fold
from tinygrad_edu.viz.health import ORDERS, coloured, with_tags
from tinygrad_edu.viz.model import Card, Edge, LegendEntry, View
from tinygrad_edu.viz.theme import RAMP, contrast, dark_of, paint_ink
from tinygrad_edu.viz.writers.caption import legend_words
from tinygrad_edu.viz.writers.layout import Layout, Rectangle, bare_dot, placed
from tinygrad_edu.viz.writers.render import Renderer, find_renderers, render_svg, run
from tinygrad_edu.viz.writers.svg import Pen

ENGINES = find_renderers()
VIEWS = [xor, softmax_box, square, nan_case, transformer, hostile, lambda: rnn(20)]


def overlap(a: Rectangle, b: Rectangle) -> bool:
    return (
        a.x < b.x + b.width - 0.01
        and b.x < a.x + a.width - 0.01
        and a.y < b.y + b.height - 0.01
        and b.y < a.y + a.height - 0.01
    )


def inside(a: Rectangle, b: Rectangle) -> bool:
    return (
        b.x <= a.x + 0.01
        and b.y <= a.y + 0.01
        and a.x + a.width <= b.x + b.width + 0.01
        and a.y + a.height <= b.y + b.height + 0.01
    )


def laid_out(view: View, engine: Renderer = ENGINES[0]) -> Layout:
    pen = Pen(view)
    sizes = pen.sizes()
    dot = bare_dot(view, sizes, pen.titles(), pen.labels())
    return placed(run(engine, dot, ["-Tjson0"], 30), view, sizes)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.name)
@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("make", VIEWS)
def test_everything_has_its_place(make: Callable[[], View], direction: str, engine) -> None:  # type: ignore[no-untyped-def]
    view = replace(fold(make()), direction=direction)
    sizes = Pen(view).sizes()
    layout = laid_out(view, engine)
    assert set(layout.cards) == {c.id for c in view.cards}
    assert set(layout.boxes) == {b.id for b in view.boxes}
    assert set(layout.edges) == set(range(len(view.edges))) == set(layout.labels)
    places = list(layout.cards.values())
    for n, a in enumerate(places):
        assert not any(overlap(a, b) for b in places[n + 1 :])
    whole = Rectangle(-1, -1, layout.width + 2, layout.height + 2)
    for c in view.cards:
        assert (layout.cards[c.id].width, layout.cards[c.id].height) == sizes[c.id]
        assert inside(layout.cards[c.id], layout.boxes.get(c.box, whole))
    for b in view.boxes:
        assert inside(layout.boxes[b.id], layout.boxes.get(b.parent, whole))
        for c in view.cards:
            if c.box == -1:
                assert not overlap(layout.boxes[b.id], layout.cards[c.id])
    for path in layout.edges.values():
        assert len(path) % 3 == 2  # a curve of 3n + 1 points, and the arrow's tip


def test_parallel_edges_are_apart() -> None:
    layout = laid_out(square())
    assert layout.edges[0] != layout.edges[1]


def test_a_cycle_of_folded_boxes_is_drawn() -> None:
    cards = tuple(Card(i, "tanh") for i in range(3))
    view = View("cycle", cards, (Edge(0, 1), Edge(1, 2), Edge(2, 0)))
    assert set(laid_out(view).edges) == {0, 1, 2}


def test_nothing_and_one() -> None:
    assert laid_out(View("nothing", ())).cards == {}
    assert len(laid_out(View("one", (Card(0, "x"),))).cards) == 1
    assert b"<svg" in render_svg(View("nothing", ())).data


def test_no_name_reaches_the_program() -> None:
    view = fold(hostile())
    pen = Pen(view)
    dot = bare_dot(view, pen.sizes(), pen.titles(), pen.labels())
    assert re.fullmatch(r'[\w\s\[\]{}=;,.<>"/-]+', dot)
    assert "alert" not in dot
    assert "xxxx" not in dot


def test_an_answer_that_is_no_layout_is_no_picture() -> None:
    view = fold(xor())
    with pytest.raises((ValueError, KeyError)):
        placed("{}", view, Pen(view).sizes())
    with pytest.raises((ValueError, KeyError)):
        placed("not json", view, Pen(view).sizes())


def test_a_program_that_gives_no_places_is_passed_over(tmp_path) -> None:  # type: ignore[no-untyped-def]
    liar = tmp_path / "liar"
    liar.write_text("#!/bin/sh\necho '{}'\n")
    liar.chmod(0o755)
    drawn = render_svg(fold(xor()), renderer=str(liar))
    assert drawn.engine != "liar"
    assert "liar gave no places" in drawn.note


def test_paint_reads_in_both_themes() -> None:
    """The dark theme turns the palette's colours only: black and white on paint stay."""
    turned = dark_of()
    for color in (*RAMP, *ORDERS):
        assert color not in turned
        assert paint_ink(color) not in turned
        assert contrast(paint_ink(color), color) >= 4.5
    svg = render_svg(fold(coloured(xor(), "grad"))).data.decode()
    for fill in set(re.findall(r'<path d="[^"]*" fill="(#\w+)"/><text', svg)) & set(RAMP):
        after = re.findall(rf'fill="{fill}"/>(?:<rect[^>]*/>)?<text[^>]*fill="(#\w+)"', svg)
        assert after
        assert set(after) == {paint_ink(fill)}


def test_the_legend_says_its_common_words_once() -> None:
    entries = tuple(LegendEntry(RAMP[i], f"gradient, rms 0.0{i}") for i in range(3))
    view = replace(xor(), legend=entries)
    assert legend_words(view) == (
        "gradient, rms",
        [(RAMP[0], "0.00"), (RAMP[1], "0.01"), (RAMP[2], "0.02")],
    )
    svg = render_svg(fold(view)).data.decode()
    assert svg.count("gradient, rms") == 1
    one = replace(view, legend=entries[:1])
    assert legend_words(one) == ("", [(RAMP[0], "gradient, rms 0.00")])


def test_tags_are_quieter_than_alarms() -> None:
    """A tag of health has a pale band and a sign; the origin of a NaN a solid one."""
    view = xor()
    cards = tuple(replace(c, tags=("vanishing",)) if c.id == 5 else c for c in view.cards)
    svg = render_svg(fold(with_tags(replace(view, cards=cards))))
    assert "! vanishing" in svg.data.decode()
    assert "#c83f00" not in re.sub(r"<style>.*?</style>", "", svg.data.decode())


@pytest.mark.skipif(shutil.which("dot") is None, reason="there is no dot here")
def test_lines_reach_the_heads_of_their_arrows() -> None:
    svg = render_svg(fold(xor())).data.decode()
    root = ElementTree.fromstring(svg)
    paths = [p.get("d", "") for p in root.iter("{http://www.w3.org/2000/svg}path")]
    lines = [p for p in paths if p.startswith("M") and "C" in p]
    heads = [p for p in paths if p.count("L") == 2 and p.endswith("Z")]
    assert len(lines) == len(heads) == len(fold(xor()).edges)
    for line, head in zip(lines, heads):
        end = [float(n) for n in line.rsplit("L", 1)[1].split()]
        tip, one, other = ([float(n) for n in p.split()] for p in head[1:-1].split("L"))
        base = [(a + b) / 2 for a, b in zip(one, other)]
        assert abs(end[0] - base[0]) + abs(end[1] - base[1]) < 1.2
        assert tip != base
