"""The built-in layout: nothing overlaps, boxes hold what is theirs, lines go down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.viz.examples import nan_case, rnn, softmax_box, square, transformer, xor
from tinygrad_edu.viz.fold import fold
from tinygrad_edu.viz.layered import LIMIT, Layout, Rectangle, layered_layout
from tinygrad_edu.viz.model import Card, Edge, View
from tinygrad_edu.viz.svg import built_in_svg

VIEWS = [xor, softmax_box, square, nan_case, transformer, lambda: rnn(12), lambda: transformer(2)]


def laid_out(view: View) -> Layout:
    sizes = {c.id: (90.0 + 7 * (c.id % 9), 40.0 + 5 * (c.id % 3)) for c in view.cards}
    return layered_layout(view, sizes, {b.id: 120.0 for b in view.boxes})


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


@pytest.mark.parametrize("make", VIEWS)
def test_geometry(make: Callable[[], View]) -> None:
    view = fold(make())
    layout = laid_out(view)
    assert set(layout.cards) == {c.id for c in view.cards}
    assert set(layout.boxes) == {b.id for b in view.boxes}
    assert set(layout.edges) == set(range(len(view.edges)))
    cards = list(layout.cards.items())
    for n, (_, a) in enumerate(cards):
        assert not any(overlap(a, b) for _, b in cards[n + 1 :])
    whole = Rectangle(0, 0, layout.width, layout.height)
    for c in view.cards:
        assert inside(layout.cards[c.id], layout.boxes.get(c.box, whole))
    for b in view.boxes:
        assert inside(layout.boxes[b.id], layout.boxes.get(b.parent, whole))
        for c in view.cards:
            if c.box == -1:
                assert not overlap(layout.boxes[b.id], layout.cards[c.id])


@pytest.mark.parametrize("make", VIEWS)
def test_edges_run_down_from_their_source_to_their_target(make: Callable[[], View]) -> None:
    view = fold(make())
    layout = laid_out(view)
    for i, path in layout.edges.items():
        source = layout.cards[view.edges[i].source]
        target = layout.cards[view.edges[i].target]
        assert path[0][1] == pytest.approx(source.y + source.height)
        assert path[-1][1] == pytest.approx(target.y)
        assert source.x <= path[0][0] <= source.x + source.width
        assert target.x <= path[-1][0] <= target.x + target.width
        heights = [y for _, y in path]
        assert heights == sorted(heights)


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
    assert "<svg" in built_in_svg(View("nothing", ()))


def test_the_limit_is_said() -> None:
    view = View("wide", tuple(Card(i, "x") for i in range(LIMIT + 1)))
    with pytest.raises(ValueError, match="at most 400 cards"):
        laid_out(view)
