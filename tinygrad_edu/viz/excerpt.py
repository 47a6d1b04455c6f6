"""Parts of a graph: what is near a card, what lies between two, which cards say a word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from .labels import card_names, describe
from .model import HIDDEN, Card, Summary, View


def find(view: View, pattern: str) -> list[Card]:
    """Cards whose name, op, rule, box or marks match a regular expression, in any case.

    Raises
    ------
    ValueError
        The pattern is no regular expression.
    """
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    paths = {b.id: f"{b.path} {b.label}" for b in view.boxes}
    return [
        c
        for c in view.cards
        if wanted.search(" ".join((describe(c), c.op, *c.rule, paths.get(c.box, ""))))
    ]


def without(view: View, *, values: bool = False, grads: bool = False, labels: bool = False) -> View:
    """`view` without the cards' values or gradients, or the lines' labels."""
    hidden = Summary(reason=HIDDEN)
    if values:
        view = replace(view, cards=tuple(replace(c, value=hidden) for c in view.cards))
    if grads:
        view = replace(view, cards=tuple(replace(c, grad=hidden) for c in view.cards))
    if labels:
        edges = tuple(replace(e, argument="", note="", shape=()) for e in view.edges)
        view = replace(view, edges=edges)
    return view


def cards_named(view: View, name: str) -> set[int]:
    """The ids of the cards that `name` names: a title, `matmul #9`, a glob, or a box's
    path, name or kind: `blocks.0`, `softmax`, `Linear`.

    Raises
    ------
    KeyError
        There is none; the message lists names that there are.
    """
    words = card_names(view)
    found = {c.id for c in view.cards if name in (c.name, c.op, words[c.id])}
    if not found:
        found = {c.id for c in view.cards if fnmatchcase(c.title, name)}
    if not found:
        parents = {b.id: b.parent for b in view.boxes}
        boxes = {
            b.id
            for b in view.boxes
            if any(fnmatchcase(word, name) for word in (b.path or b.name, b.name, b.label))
        }
        for c in view.cards:
            box = c.box
            while box >= 0 and box not in boxes:
                box = parents[box]
            if box >= 0:
                found.add(c.id)
    if not found:
        some = list(dict.fromkeys(c.title for c in view.cards))[:12]
        raise KeyError(f"no card is called {name!r}; there are {', '.join(some)}, …")
    return found


def near(view: View, name: str, hops: int) -> View:
    """The cards within `hops` edges of those that `name` names, either way."""
    neighbours: dict[int, set[int]] = {}
    for e in view.edges:
        neighbours.setdefault(e.source, set()).add(e.target)
        neighbours.setdefault(e.target, set()).add(e.source)
    reached = frontier = cards_named(view, name)
    for _ in range(hops):
        frontier = {n for c in frontier for n in neighbours.get(c, ())} - reached
        reached = reached | frontier
    return excerpt(view, reached)


def between(view: View, start: str, end: str) -> View:
    """The cards on the ways from `start` to `end`.

    Raises
    ------
    ValueError
        No way leads there.
    """
    ahead: dict[int, list[int]] = {}
    behind: dict[int, list[int]] = {}
    for e in view.edges:
        ahead.setdefault(e.source, []).append(e.target)
        behind.setdefault(e.target, []).append(e.source)
    down = _reach(cards_named(view, start), ahead)
    up = _reach(cards_named(view, end), behind)
    if not down & up:
        raise ValueError(f"no way leads from {start!r} to {end!r}")
    return excerpt(view, down & up)


def _reach(start: Iterable[int], edges: dict[int, list[int]]) -> set[int]:
    reached = set(start)
    stack = list(reached)
    while stack:
        for n in edges.get(stack.pop(), ()):
            if n not in reached:
                reached.add(n)
                stack.append(n)
    return reached


def excerpt(view: View, ids: set[int]) -> View:
    """The view with some of its cards, and the edges between those."""
    cards = tuple(c for c in view.cards if c.id in ids)
    edges = tuple(e for e in view.edges if e.source in ids and e.target in ids)
    parents = {b.id: b.parent for b in view.boxes}
    used: set[int] = set()
    for c in cards:
        box = c.box
        while box >= 0 and box not in used:
            used.add(box)
            box = parents[box]
    boxes = tuple(b for b in view.boxes if b.id in used)
    steps = tuple(s for s in view.steps if s.card in ids)
    return replace(view, cards=cards, edges=edges, boxes=boxes, steps=steps, total=view.ops)
