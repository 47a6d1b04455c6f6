"""Reference copies of leaves that are used in many places.

A weight that feeds fifty steps of an RNN ties the layout into a knot, for the reader and for the
layout engine (over 100 s instead of 0.05 s). So each use beyond the first gets a dashed card of
its own which points nowhere else.
"""

from __future__ import annotations

from dataclasses import replace

from ..model import Annotation, Card, Edge, Summary, View

MANY = 3  # uses up to which a leaf is drawn once


def with_copies(view: View) -> View:
    """`view` with a copy, per consumer, of each leaf used more than 3 times or across boxes.

    The leaf itself stays with its first consumer, in its own box if it is used there. Both edges
    of `w * w` start at the same card.
    """
    cards = {c.id: c for c in view.cards}
    uses: dict[int, list[int]] = {}
    number: dict[int, int] = {}
    for e in view.edges:
        if e.source in cards and cards[e.source].is_leaf:
            uses.setdefault(e.source, []).append(e.target)
            number[e.source] = number.get(e.source, 0) + e.count
    shared: dict[int, int] = {}
    for leaf, targets in uses.items():
        homes = {cards[t].box for t in targets}
        abroad = cards[leaf].box != -1 and not homes <= {cards[leaf].box}
        if len(set(targets)) > 1 and (number[leaf] > MANY or (abroad and len(homes) > 1)):
            home = cards[leaf].box
            at_home = [t for t in targets if home != -1 and cards[t].box == home]
            shared[leaf] = (at_home or targets)[0]
    if not shared:
        return view
    next_id = max(cards) + 1
    copies: dict[tuple[int, int], Card] = {}
    edges: list[Edge] = []
    for e in view.edges:
        if e.source not in shared or e.target == shared[e.source]:
            edges.append(e)
            continue
        key = (e.source, e.target)
        if key not in copies:
            copies[key] = _copy(cards[e.source], cards[e.target], next_id)
            next_id += 1
        edges.append(replace(e, source=copies[key].id))
    before: dict[int, list[Card]] = {}
    for (_, target), copy in copies.items():
        before.setdefault(target, []).append(copy)
    ordered: list[Card] = []
    for c in view.cards:
        ordered.extend(before.get(c.id, ()))
        ordered.append(c)
    return replace(view, cards=tuple(ordered), edges=tuple(edges))


def _copy(leaf: Card, target: Card, new_id: int) -> Card:
    marks: tuple[Annotation, ...] = leaf.annotations
    return replace(
        leaf,
        id=new_id,
        box=target.box,
        value=Summary(reason="drawn elsewhere in full"),
        grad=Summary(reason="drawn elsewhere in full"),
        saved="",
        cost="",
        source="",
        annotations=marks,
        copy_of=leaf.id,
    )
