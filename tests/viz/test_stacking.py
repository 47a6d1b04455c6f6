"""Invisible edges that stack boxes: one for a leaf at most, none where the layout would choke."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.viz.examples import transformer, xor
from tinygrad_edu.viz.model import Card
from tinygrad_edu.viz.writers.layout import MOST_STACKED, stacking_edges


def test_a_parameter_stands_below_what_its_box_reads() -> None:
    view = xor()
    names = {c.id: c.title for c in view.cards}
    pairs = {(names[a], names[b]) for a, b in stacking_edges(view)}
    assert ("tanh", "fc2.weight") in pairs
    assert not any(leaf == "fc1.weight" for _, leaf in pairs)


def test_one_edge_for_a_leaf_however_many_boxes_are_around_it() -> None:
    view = transformer(3)
    edges = stacking_edges(view)
    assert edges
    assert max(Counter(leaf for _, leaf in edges).values()) == 1
    place = {c.id: n for n, c in enumerate(view.cards)}
    used = {e.source: e.target for e in view.edges}
    assert all(place[source] < place[used[leaf]] for source, leaf in edges)


def test_none_in_a_picture_that_is_too_large_for_them() -> None:
    view = xor()
    extra = tuple(Card(1000 + i, "tanh") for i in range(MOST_STACKED))
    assert stacking_edges(replace(view, cards=(*view.cards, *extra))) == []
