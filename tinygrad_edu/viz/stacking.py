"""Invisible edges that keep a box below what it reads.

Graphviz starts a box as high as its parameters reach, which is beside the box before it: the
picture becomes a staircase. One invisible edge from what the box reads to each of its parameters
stacks boxes instead. They are few, for they cost: at 300 cards a second edge for each parameter
takes Graphviz from 2 seconds to more than 30.
"""

from __future__ import annotations

from tinygrad_edu.viz.model import View

MOST_CARDS = 400  # past which the layout takes too long with them


def stacking_edges(view: View) -> list[tuple[int, int]]:
    """Pairs (card, leaf), such that drawing the leaf below the card stacks the boxes.

    The card is the latest one outside a box that an op inside the box reads; a leaf is a source
    inside it. Of the boxes around a leaf, the one that reads the latest card decides.
    """
    if len(view.cards) > MOST_CARDS:
        return []
    parent = {b.id: b.parent for b in view.boxes}
    cards = {c.id: c for c in view.cards}
    place = {c.id: n for n, c in enumerate(view.cards)}
    chains: dict[int, list[int]] = {-1: []}
    for b in sorted(parent):
        chains[b] = [*chains.get(parent[b], []), b]
    fed = {e.target for e in view.edges}
    latest: dict[int, int] = {}
    for e in view.edges:
        if e.source not in fed:
            continue
        outside = chains.get(cards[e.source].box, [])
        for b in chains.get(cards[e.target].box, []):
            if b not in outside and place[e.source] > place.get(latest.get(b, -1), -1):
                latest[b] = e.source
    out = []
    for c in view.cards:
        if c.id in fed:
            continue
        above = [latest[b] for b in chains.get(c.box, []) if b in latest]
        if above:
            out.append((max(above, key=place.__getitem__), c.id))
    return out
