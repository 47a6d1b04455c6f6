"""The boxes of a view as a tree: who contains what, in which order, and how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from tinygrad_edu.viz.model import Box, Card, View

ROOT = -1
# A child of a box: (True, box id) or (False, card id).
Item = tuple[bool, int]


@dataclass(frozen=True)
class BoxTree:
    """What `tree` returns.

    `items` lists the children of each box (`ROOT` for the picture itself) in the order of their
    first card; `size` counts the cards inside a box, `ops` the computed ones, `depth` the boxes
    around it.
    """

    cards: dict[int, Card]
    boxes: dict[int, Box]
    items: dict[int, tuple[Item, ...]]
    size: dict[int, int]
    ops: dict[int, int]
    depth: dict[int, int]

    def ancestors(self, box: int) -> list[int]:
        """`box` and the boxes around it, innermost first."""
        out = []
        while box != ROOT:
            out.append(box)
            box = self.boxes[box].parent
        return out

    def contents(self, box: int) -> list[int]:
        """The ids of all cards inside `box`, at any depth, in order."""
        out = []
        stack = [box]
        while stack:
            for is_box, item in self.items[stack.pop()]:
                if is_box:
                    stack.append(item)
                else:
                    out.append(item)
        return sorted(out)


def tree(view: View) -> BoxTree:
    """Index the boxes of `view`.

    Boxes without cards are left out.

    Raises
    ------
    ValueError
        A card or box names a box that does not exist, a box's parent does not come before it, or
        two cards share an id.
    """
    boxes = {b.id: b for b in view.boxes}
    cards = {c.id: c for c in view.cards}
    if len(cards) != len(view.cards):
        raise ValueError("Two cards of the view have the same id; give each card its own.")
    for b in view.boxes:
        if b.parent != ROOT and (b.parent not in boxes or b.parent >= b.id):
            raise ValueError(
                f"Box {b.id} ({b.name!r}) has the parent {b.parent}, which is not a box with a "
                "smaller id; number boxes in the order in which scopes are entered."
            )
    size = dict.fromkeys(boxes, 0)
    ops = dict.fromkeys(boxes, 0)
    first: dict[int, int] = {}
    after_all = max(cards, default=0) + 1
    for c in view.cards:
        if c.box == ROOT:
            continue
        if c.box not in boxes:
            raise ValueError(
                f"Card {c.id} ({c.title!r}) lies in box {c.box}, which the view does not have; "
                f"its boxes are numbered {_range(boxes)}."
            )
        size[c.box] += 1
        ops[c.box] += not c.is_leaf
        # An op's place, not a leaf's, says when a box ran: a leaf may be far older than its use.
        key = c.id if not c.is_leaf else c.id + after_all
        first[c.box] = min(first.get(c.box, key), key)
    order = sorted(boxes)
    for b_id in reversed(order):
        parent = boxes[b_id].parent
        if parent != ROOT and size[b_id]:
            size[parent] += size[b_id]
            ops[parent] += ops[b_id]
            first[parent] = min(first.get(parent, first[b_id]), first[b_id])
    depth = {ROOT: 0}
    lists: dict[int, list[tuple[int, Item]]] = {ROOT: []}
    for b_id in order:
        if not size[b_id]:
            continue
        depth[b_id] = depth[boxes[b_id].parent] + 1
        lists[b_id] = []
        lists[boxes[b_id].parent].append((first[b_id], (True, b_id)))
    for c in view.cards:
        lists[c.box].append((c.id, (False, c.id)))
    items = {b: tuple(item for _, item in sorted(found)) for b, found in lists.items()}
    kept = {b: boxes[b] for b in order if size[b]}
    return BoxTree(cards, kept, items, size, ops, depth)


# The slots themselves: setting one through its name costs several times as much.
_CARD: dict[str, Any] = {f.name: getattr(Card, f.name) for f in fields(Card)}
_BOX: dict[str, Any] = {f.name: getattr(Box, f.name) for f in fields(Box)}
_CARD_SLOTS = tuple((slot.__get__, slot.__set__) for slot in _CARD.values())
_BOX_SLOTS = tuple((slot.__get__, slot.__set__) for slot in _BOX.values())


def in_box(card: Card, box: int) -> Card:
    """`card` inside `box`: `replace(card, box=box)`, which at 100,000 cards takes seconds."""
    if card.box == box:
        return card
    out = object.__new__(Card)
    for get, put in _CARD_SLOTS:
        put(out, get(card))
    _CARD["box"].__set__(out, box)
    return out


def _moved(box: Box, number: int, parent: int) -> Box:
    """`replace(box, id=number, parent=parent)`, faster."""
    out = object.__new__(Box)
    for get, put in _BOX_SLOTS:
        put(out, get(box))
    _BOX["id"].__set__(out, number)
    _BOX["parent"].__set__(out, parent)
    return out


def _range(ids: Iterable[int]) -> str:
    found = sorted(ids)
    return f"{found[0]} to {found[-1]}" if found else "not at all: there are none"


def renumbered(view: View) -> View:
    """`view` with its boxes numbered from 0, each after its parent, in order of appearance.

    Parents may come in any order here; this is what makes room for boxes put around others.
    """
    children: dict[int, list[Box]] = {}
    for b in view.boxes:
        children.setdefault(b.parent, []).append(b)
    number = {ROOT: ROOT}
    out: list[Box] = []
    stack = list(reversed(children.get(ROOT, [])))
    while stack:
        b = stack.pop()
        number[b.id] = len(out)
        parent = number[b.parent]
        same = b.id == len(out) and b.parent == parent
        out.append(b if same else _moved(b, len(out), parent))
        stack.extend(reversed(children.get(b.id, [])))
    cards = tuple(in_box(c, number[c.box]) for c in view.cards)
    return replace(view, cards=cards, boxes=tuple(out))
