"""The boxes of a view as a tree: who contains what, in which order, and how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from ..model import Box, Card, View

ROOT = -1
# A child of a box: (True, box id) or (False, card id).
Item = tuple[bool, int]


@dataclass(frozen=True)
class BoxTree:
    """What `tree` returns.

    `home` is the box of each card; cards and their own `box` are as the view has them. `items`
    lists the children of each box (`ROOT` for the picture itself) in the order of their first card;
    `first` is that order, by box. `size` counts the cards inside a box, `ops` the computed ones,
    `depth` the boxes around it.
    """

    view: View
    cards: dict[int, Card]
    boxes: dict[int, Box]
    home: dict[int, int]
    items: dict[int, tuple[Item, ...]]
    first: dict[int, int]
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

    def as_view(self) -> View:
        """The view with the tree's boxes, and its cards in them."""
        home = self.home
        cards = tuple(in_box(c, home[c.id]) for c in self.view.cards)
        return replace(self.view, cards=cards, boxes=tuple(self.boxes.values()))


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
    home: dict[int, int] = {}
    size = dict.fromkeys(boxes, 0)
    ops = dict.fromkeys(boxes, 0)
    first: dict[int, int] = {}
    after_all = leaf_shift(cards)
    for c in view.cards:
        ident, box = c.id, c.box
        home[ident] = box
        if box == ROOT:
            continue
        if box not in boxes:
            raise ValueError(
                f"Card {ident} ({c.title!r}) lies in box {box}, which the view does not have; "
                f"its boxes are numbered {_range(boxes)}."
            )
        size[box] += 1
        if c.is_leaf:
            ident += after_all
        else:
            ops[box] += 1
        if first.get(box, ident) >= ident:
            first[box] = ident
    order = sorted(boxes)
    for b_id in reversed(order):
        parent = boxes[b_id].parent
        if parent != ROOT and size[b_id]:
            size[parent] += size[b_id]
            ops[parent] += ops[b_id]
            if first.get(parent, first[b_id]) >= first[b_id]:
                first[parent] = first[b_id]
    depth = {ROOT: 0}
    lists: dict[int, list[tuple[int, Item]]] = {ROOT: []}
    kept: dict[int, Box] = {}
    for b_id in order:
        if not size[b_id]:
            continue
        box_itself = kept[b_id] = boxes[b_id]
        depth[b_id] = depth[box_itself.parent] + 1
        lists[b_id] = []
        lists[box_itself.parent].append((first[b_id], (True, b_id)))
    for ident, box in home.items():
        lists[box].append((ident, (False, ident)))
    items = {b: tuple([item for _, item in sorted(found)]) for b, found in lists.items()}
    return BoxTree(view, cards, kept, home, items, first, size, ops, depth)


def leaf_shift(cards: Iterable[int]) -> int:
    """What is added to a leaf's id to say when a box ran: after all ops.

    An op's place says that, not a leaf's, for a leaf may be far older than its use.
    """
    return max(cards, default=0) + 1


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


def moved(box: Box, number: int, parent: int) -> Box:
    """`replace(box, id=number, parent=parent)`, faster."""
    if box.id == number and box.parent == parent:
        return box
    out = object.__new__(Box)
    for get, put in _BOX_SLOTS:
        put(out, get(box))
    _BOX["id"].__set__(out, number)
    _BOX["parent"].__set__(out, parent)
    return out


def _range(ids: Iterable[int]) -> str:
    found = sorted(ids)
    return f"{found[0]} to {found[-1]}" if found else "not at all: there are none"
