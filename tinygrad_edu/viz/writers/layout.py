"""A layout by Graphviz: bare boxes go in, places come out, and the drawing is our own.

Graphviz is asked for places alone (`-Tjson0`): cards are boxes of the size we draw, edge labels and
headings are empty tables of the room they need. So a picture looks the same whichever program laid
it out, text stands where our own metrics say, and no name ever reaches the program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model import View

ARROW = 0.8  # Graphviz's unit of 10 points: what a line leaves free before its arrow's tip
HEADING = 16.0  # height of a box's heading
LABEL_AIR = 11.0  # around an edge's label, so that it does not touch its line
# How much straighter lines between ops are drawn than lines from leaves: the computation is the
# spine of the picture, and weights and inputs stand beside it.
BACKBONE = 2
MOST_STACKED = 400  # cards past which the layout takes too long with stacking edges
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Top left corner and size, y pointing down."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything goes: cards and boxes by id, edges by their place in the view.

    An edge is a Bezier curve's control points and then the tip of its arrow; the middle of its
    label is in `labels`.
    """

    cards: dict[int, Rectangle]
    boxes: dict[int, Rectangle]
    edges: dict[int, tuple[Point, ...]]
    labels: dict[int, Point]
    width: float
    height: float


def bare_dot(
    view: View,
    sizes: Mapping[int, tuple[float, float]],
    titles: Mapping[int, float],
    labels: Mapping[int, float],
) -> str:
    """DOT of empty boxes.

    Parameters
    ----------
    view
        A folded view.
    sizes
        Width and height of each card, in points.
    titles
        Width of each box's heading.
    labels
        Width of each edge's label, by the edge's place in the view.
    """
    out = [
        f"digraph{{rankdir={view.direction};nodesep=0.3;ranksep=0.4;"
        f'node[shape=box,fixedsize=true,label=""];edge[arrowsize={ARROW}];'
    ]
    inside: dict[int, list[str]] = {-1: []}
    inside.update((b.id, []) for b in view.boxes)
    for c in view.cards:
        width, height = sizes[c.id]
        home = inside.get(c.box, inside[-1])
        home.append(f"n{c.id}[width={width / 72:.4f},height={height / 72:.4f}]")
    children: dict[int, list[int]] = {b: [] for b in inside}
    for b in view.boxes:
        children[b.parent if b.parent in inside else -1].append(b.id)
    out += inside[-1]
    stack: list[int | None] = [*reversed(children[-1])]
    while stack:
        box = stack.pop()
        if box is None:
            out.append("}")
            continue
        room = _blank(titles.get(box, 0.0), HEADING)
        out.append(f"subgraph cluster_{box}{{margin=12;labeljust=l;label={room};")
        out += inside[box]
        stack += [None, *reversed(children[box])]
    tall = 11.0 if view.direction == "TB" else 11.0 + 2 * LABEL_AIR
    here = {c.id for c in view.cards}
    leaves = {c.id for c in view.cards if c.is_leaf}
    for i, e in enumerate(view.edges):
        if e.source in here and e.target in here:
            weight = 1 if e.source in leaves else BACKBONE
            room = _blank(labels.get(i, 0.0) + LABEL_AIR, tall)
            out.append(f"n{e.source}->n{e.target}[id=e{i},weight={weight},label={room}]")
    out += [f"n{source}->n{leaf}[style=invis]" for source, leaf in stacking_edges(view)]
    return "\n".join(out) + "}"


def _blank(width: float, height: float) -> str:
    return (
        f'<<table fixedsize="true" border="0" cellborder="0" cellpadding="0" cellspacing="0" '
        f'width="{max(1, round(width))}" height="{round(height)}"><tr><td></td></tr></table>>'
    )


def placed(answer: bytes | str, view: View, sizes: Mapping[int, tuple[float, float]]) -> Layout:
    """The places in Graphviz's JSON, y pointing down.

    Raises
    ------
    ValueError, KeyError
        The answer is not what Graphviz writes, or leaves out a card.
    """
    found: dict[str, Any] = json.loads(answer)
    _, _, wide, tall = (float(n) for n in found["bb"].split(","))
    at: dict[str, dict[str, Any]] = {thing["name"]: thing for thing in found.get("objects", ())}
    cards = {}
    for c in view.cards:
        x, y = (float(n) for n in at[f"n{c.id}"]["pos"].split(","))
        width, height = sizes[c.id]
        cards[c.id] = Rectangle(x - width / 2, tall - y - height / 2, width, height)
    boxes = {}
    for b in view.boxes:
        thing = at.get(f"cluster_{b.id}")
        if thing is not None and "bb" in thing:  # a box without cards has no place
            left, bottom, right, top = (float(n) for n in thing["bb"].split(","))
            boxes[b.id] = Rectangle(left, tall - top, right - left, top - bottom)
    edges: dict[int, tuple[Point, ...]] = {}
    labels: dict[int, Point] = {}
    for line in found.get("edges", ()):
        if not line.get("id", "").startswith("e"):
            continue  # an invisible one
        i = int(line["id"][1:])
        words = line["pos"].split(" ")
        tip = words.pop(0)[2:] if words[0].startswith("e,") else words[-1]
        edges[i] = tuple(_point(word, tall) for word in (*words, tip))
        if "lp" in line:
            labels[i] = _point(line["lp"], tall)
    return Layout(cards, boxes, edges, labels, wide, tall)


def _point(word: str, tall: float) -> Point:
    x, y = word.split(",")
    return float(x), tall - float(y)


def stacking_edges(view: View) -> list[tuple[int, int]]:
    """Pairs (card, leaf), such that drawing the leaf below the card stacks the boxes.

    Graphviz starts a box as high as its parameters reach, which is beside the box before it: the
    picture becomes a staircase. One invisible edge from what the box reads to each of its
    parameters stacks boxes instead. They are few, for they cost: at 300 cards a second edge for
    each parameter takes Graphviz from 2 seconds to more than 30.

    The card is the latest one outside a box that an op inside the box reads; a leaf is a source
    inside it. Of the boxes around a leaf, the one that reads the latest card decides.
    """
    if len(view.cards) > MOST_STACKED:
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
