"""Folding by budget and by globs, repeats, parts, copies; and that it is exact and fast enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.viz.examples import Sketch, chain, hostile, rnn, softmax_box, square, transformer, xor
from tinygrad_edu.viz.folding.boxtree import tree
from tinygrad_edu.viz.folding.fold import close, fold, open_boxes, prepare
from tinygrad_edu.viz.folding.parts import body_of
from tinygrad_edu.viz.model import Box, Card, Edge, View


def titles(view: View) -> list[str]:
    return [c.title for c in view.cards]


def test_a_small_graph_is_shown_whole() -> None:
    view = xor()
    folded = fold(view)
    assert [c.id for c in folded.cards] == [c.id for c in view.cards]
    assert folded.edges == view.edges
    assert folded.header == "showing 11 of 11 ops"


def test_x_times_x_keeps_two_edges() -> None:
    edges = fold(square()).edges
    assert [(e.source, e.target, e.argument) for e in edges] == [(0, 1, "a"), (0, 1, "b")]


def test_softmax_folds_to_one_card_and_opens_to_its_five_primitives() -> None:
    shut = fold(softmax_box(), collapse=("softmax",))
    card = next(c for c in shut.cards if c.group)
    assert card.group is not None
    assert card.group.ops == ("max", "sub", "exp", "sum", "div")
    assert card.group.closed_form == "gx = y * (g - sum(g * y))"
    assert card.shape == (1, 3)
    opened = fold(softmax_box())
    inside = [c.op for c in opened.cards if c.box == 0]
    assert inside == ["max", "sub", "exp", "sum", "div"]


def test_a_folded_box_shows_the_value_that_leaves_it() -> None:
    view = softmax_box()
    div = next(c for c in view.cards if c.op == "div")
    card = next(c for c in fold(view, collapse=("softmax",)).cards if c.group)
    assert card.value == div.value
    assert card.grad == div.grad


def test_uses_of_a_folded_box_are_counted_on_one_edge() -> None:
    view = fold(transformer(1), collapse=("blocks.0.attention",), leaf_copies=False)
    into = [e for e in view.edges if e.source == 0]
    assert sorted(e.count for e in into) == [1, 3]  # query, key and value; and the residual


def test_the_budget_opens_in_breadth_order() -> None:
    view = fold(transformer(2), budget=8, fold_repeats=False)
    assert len(view.cards) <= 8
    assert {b.name for b in view.boxes} <= {"blocks", "0", "1", "head"}
    for budget in (1, 4, 10, 30, 60, 90, 200):
        shown = fold(transformer(2), budget=budget, fold_repeats=False, leaf_copies=False)
        outline = fold(transformer(2), budget=1, fold_repeats=False, leaf_copies=False)
        assert len(shown.cards) <= max(budget, len(outline.cards))


def test_twelve_blocks_fold_to_one_card() -> None:
    view = transformer(12)
    folded = fold(view, budget=5)
    whole = fold(view, budget=5, expand=("blocks",))
    assert any(c.group and c.group.repeat == 12 for c in whole.cards)
    assert "Block \u00d7 12" in titles(whole)
    assert len(folded.cards) == 5
    half = fold(view, budget=80)
    assert "Block \u00d7 11" in titles(half)
    assert any(b.path == "blocks.0" for b in half.boxes)
    assert half.header == "showing 34 of 353 ops, 11 boxes folded"


def test_repeats_need_equal_structure() -> None:
    pad = Sketch("different")
    x = pad.leaf("x", [[1.0]], "input")
    for at, op in enumerate(("tanh", "exp", "tanh", "tanh", "tanh")):
        with pad.scope(str(at), label="Layer"):
            x = pad.op(op, pad.op("relu", x))
    boxes = [b for b in prepare(pad.view(), budget=80).boxes.values() if b.kind == "repeat"]
    assert [(b.repeat, b.name) for b in boxes] == [(3, "2 to 4"), (2, "3 to 4")]


def test_wiring_counts_as_structure() -> None:
    """max(x) - x and x - max(x) have the same ops."""
    pad = Sketch("wiring")
    x = pad.leaf("x", [[1.0, 2.0]], "input")
    for at in range(6):
        with pad.scope(str(at), label="Layer"):
            top = pad.op("tanh", x)
            low = pad.op("exp", x)
            x = pad.op("sub", top, low) if at < 3 else pad.op("sub", low, top)
    boxes = [b for b in prepare(pad.view(), budget=80).boxes.values() if b.kind == "repeat"]
    assert [b.repeat for b in boxes if b.parent == -1] == [3, 3]


def test_globs() -> None:
    names = {b.path for b in fold(transformer(2), budget=20, expand=("blocks.1.mlp",)).boxes}
    assert {"blocks", "blocks.1", "blocks.1.mlp"} <= names
    shut = fold(transformer(1), collapse=("Linear",), budget=500)
    assert not [b for b in shut.boxes if b.label == "Linear"]
    both = fold(transformer(1), collapse=("*",), expand=("blocks.0.attention",), budget=500)
    assert [b.path for b in both.boxes] == ["blocks", "blocks.0", "blocks.0.attention"]


@pytest.mark.parametrize(
    ("detail", "kinds"), [("ops", {"module", "composed"}), ("composed", {"module"})]
)
def test_detail(detail: str, kinds: set[str]) -> None:
    view = fold(transformer(3), detail=detail, budget=1)  # type: ignore[arg-type]
    assert {b.kind for b in view.boxes} == kinds
    if detail == "ops":
        assert len([c for c in view.cards if c.copy_of is None]) == len(transformer(3).cards)


def test_detail_modules_opens_only_what_holds_modules() -> None:
    view = fold(transformer(1), detail="modules")
    assert {b.name for b in view.boxes} == {"blocks", "0", "attention", "mlp"}


def test_unknown_detail_and_bad_budget_say_what_to_write() -> None:
    with pytest.raises(ValueError, match="'auto', 'ops', 'composed' or 'modules'"):
        fold(xor(), detail="all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1"):
        fold(xor(), budget=0)


def test_an_unrolled_loop_is_cut_where_it_repeats() -> None:
    view = fold(rnn(200))
    assert "step \u00d7 198" in titles(view) or "step \u00d7 199" in titles(view)
    assert len(view.cards) < 40
    assert view.ops == 1001


def test_the_body_of_a_loop_is_found() -> None:
    import numpy as np

    assert body_of(np.array([9, 8] + [1, 2, 3] * 20 + [7])) == (2, 3, 20)
    assert body_of(np.array([1] * 50)) is None
    assert body_of(np.arange(50)) is None


def test_shared_leaves_have_reference_copies() -> None:
    view = fold(rnn(5))
    copies = [c for c in view.cards if c.copy_of is not None]
    assert {c.name for c in copies} == {"W", "U", "b"}
    assert len(copies) == 12
    leaf_uses = [sum(e.source == c.id for e in view.edges) for c in view.cards if c.is_leaf]
    assert set(leaf_uses) == {1}
    weight = next(c for c in view.cards if c.name == "W" and c.copy_of is None)
    first_use = next(e.target for e in rnn(5).edges if e.source == weight.id)
    assert [e.target for e in view.edges if e.source == weight.id] == [first_use]
    plain = fold(rnn(5), leaf_copies=False)
    assert not [c for c in plain.cards if c.copy_of is not None]


def test_a_weight_tied_across_modules_is_copied() -> None:
    pad = Sketch("tied")
    x = pad.leaf("x", [[1.0]], "input")
    with pad.scope("encoder"):
        w = pad.leaf("encoder.weight", [[2.0]])
        h = pad.op("matmul", x, w)
    with pad.scope("decoder"):
        pad.op("matmul", h, w)
    copies = [c for c in fold(pad.view()).cards if c.copy_of == w]
    assert [c.box for c in copies] == [1]


@pytest.mark.parametrize("make", [xor, softmax_box, square, hostile, transformer, lambda: rnn(30)])
@pytest.mark.parametrize("budget", [1, 7, 80, 10_000])
def test_folding_loses_nothing(make, budget: int) -> None:  # type: ignore[no-untyped-def]
    view = make()
    folded = fold(view, budget=budget)
    real = [c for c in folded.cards if c.copy_of is None]
    assert sum(c.group.cards if c.group else 1 for c in real) == len(view.cards)
    assert folded.ops == view.ops
    ids = {c.id for c in folded.cards}
    assert len(ids) == len(folded.cards)
    assert all(e.source in ids and e.target in ids for e in folded.edges)
    boxes = {b.id for b in folded.boxes}
    assert all(c.box == -1 or c.box in boxes for c in folded.cards)
    place = {c.id: n for n, c in enumerate(folded.cards)}
    assert all(place[e.source] < place[e.target] for e in folded.edges)
    tree(folded)


def test_the_same_view_folds_the_same() -> None:
    assert fold(transformer(4)) == fold(transformer(4))


def test_malformed_boxes_are_refused() -> None:
    card = Card(0, "x")
    with pytest.raises(ValueError, match="lies in box 3"):
        fold(View("v", (replace(card, box=3),), boxes=(Box(0, "a"),)))
    with pytest.raises(ValueError, match="smaller"):
        fold(View("v", (card,), boxes=(Box(0, "a", parent=1), Box(1, "b"))))
    with pytest.raises(ValueError, match="same id"):
        fold(View("v", (card, card)))


def test_an_empty_view_and_empty_boxes() -> None:
    assert fold(View("nothing", ())).header == "showing 0 of 0 ops"
    view = View("v", (Card(0, "x"),), boxes=(Box(0, "empty"),))
    assert fold(view).boxes == ()


@pytest.mark.slow
def test_100_000_cards_fold_to_a_few() -> None:
    view = fold(chain(100_000))
    assert len(view.cards) <= 80
    assert view.ops == 99_999


@pytest.mark.slow
def test_100_000_different_ops_are_cut_evenly_and_deeply() -> None:
    cards = tuple(Card(i, f"op{i * i % 9973}") for i in range(100_000))
    edges = tuple(Edge(i - 1, i) for i in range(1, len(cards)))
    index = prepare(View("noise", cards, edges), budget=80)
    assert max(len(items) for items in index.items.values()) <= 80
    shown = close(index, open_boxes(index, budget=80))
    assert len(shown.cards) <= 80


def test_10_000_boxes_in_one_another() -> None:
    depth = 10_000
    boxes = tuple(Box(i, f"level {i}", parent=i - 1) for i in range(depth))
    view = View("deep", (Card(0, "x", box=depth - 1), Card(1, "tanh")), (Edge(0, 1),), boxes)
    assert len(fold(view).cards) == 2


def test_parts_leave_a_short_level_alone() -> None:
    view = xor()
    assert prepare(view, budget=80).as_view() == replace(view, total=view.ops)


@pytest.mark.parametrize("make", [softmax_box, transformer, lambda: rnn(30), lambda: chain(1000)])
@pytest.mark.parametrize("budget", [7, 80])
def test_the_tree_that_is_folded_is_the_tree_of_its_view(make, budget: int) -> None:  # type: ignore[no-untyped-def]
    """What was counted on the way is what counting afresh gives."""
    index = prepare(make(), budget=budget)
    again = tree(index.as_view())
    assert list(index.boxes) == list(range(len(index.boxes)))
    for what in ("boxes", "items", "home", "first", "size", "ops", "depth"):
        assert getattr(index, what) == getattr(again, what), what


def test_boxes_are_numbered_in_order_of_appearance() -> None:
    index = prepare(rnn(30), budget=16)
    stack, seen = [-1], []
    while stack:
        box = stack.pop()
        seen.append(box)
        stack += [i for is_box, i in reversed(index.items[box]) if is_box]
    assert seen == list(range(-1, len(index.boxes)))
