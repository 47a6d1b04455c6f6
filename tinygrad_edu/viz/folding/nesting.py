"""New boxes put around items of a tree of boxes, which is renumbered once at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..model import Box
from .boxtree import ROOT, BoxTree, Item, leaf_shift, moved


class Nesting:
    """A tree of boxes that new boxes are being put into.

    Attributes
    ----------
    index : BoxTree
        The tree at the start.
    items : dict
        The children of each box, in order; up to date after `settle`.
    made : dict
        The boxes that were added, by number; each has a larger one than what it was put into.
    """

    def __init__(self, index: BoxTree) -> None:
        self.index = index
        self.items: dict[int, tuple[Item, ...]] = dict(index.items)
        self.made: dict[int, Box] = {}
        self.first, self.size, self.ops = dict(index.first), dict(index.size), dict(index.ops)
        self._around: dict[Item, int] = {}
        self._touched: set[int] = set()
        self._next = max((b.id for b in index.view.boxes), default=-1) + 1
        self._leaf_shift = leaf_shift(index.cards)

    def box(self, number: int) -> Box:
        """The box of that number, old or new; ask `parent` what it lies in."""
        return self.made[number] if number in self.made else self.index.boxes[number]

    def parent(self, item: Item) -> int:
        """The box that an item lies in."""
        at = self._around.get(item)
        if at is not None:
            return at
        is_box, ident = item
        return self.index.boxes[ident].parent if is_box else self.index.home[ident]

    def enclose(self, level: int, members: Iterable[Item], box: Box) -> int:
        """Put `box` into `level`, and items of that level into it; the number that it gets."""
        new = self._next
        self._next += 1
        self.made[new] = box
        self.items[new] = ()
        self._touched.update((level, new))
        self._around[True, new] = level
        for item in members:
            self._around[item] = new
        return new

    def move(self, item: Item, box: int) -> None:
        """Put an item into a new box further inside."""
        self._touched.update((self.parent(item), box))
        self._around[item] = box

    def settle(self) -> None:
        """Bring `items`, and what is counted, up to date."""
        lists: dict[int, list[Item]] = {box: [] for box in self._touched}
        for box in self._touched:
            for item in self.items[box]:
                lists[self._around.get(item, box)].append(item)
        fresh = sorted((b for b in self._touched if b not in self.size and b != ROOT), reverse=True)
        for box in fresh:
            lists[self._around[True, box]].append((True, box))
        for box in fresh:  # what lies in a new box and is new itself has the larger number
            inside = self.items[box] = self._sorted(lists.pop(box))
            self.size[box] = sum(self.size[i] if is_box else 1 for is_box, i in inside)
            self.ops[box] = sum(self.ops[i] if is_box else self._op(i) for is_box, i in inside)
            self.first[box] = min(self._order(item) for item in inside)
        for box, found in lists.items():
            self.items[box] = self._sorted(found)
        self._touched.clear()

    def _op(self, card: int) -> bool:
        return not self.index.cards[card].is_leaf

    def _order(self, item: Item) -> int:
        """When an item ran."""
        is_box, ident = item
        if is_box:
            return self.first[ident]
        return ident if self._op(ident) else ident + self._leaf_shift

    def _sorted(self, found: list[Item]) -> tuple[Item, ...]:
        """Items in the order of `BoxTree.items`, in which leaves stand where they were met."""
        return tuple(sorted(found, key=lambda i: (self.first[i[1]] if i[0] else i[1], i)))

    def children_first(self, only: set[int]) -> list[int]:
        """The boxes of `only`, a set that holds all boxes around its own, innermost first."""
        out = []
        stack = [ROOT]
        while stack:
            box = stack.pop()
            out.append(box)
            stack += [i for is_box, i in self.items[box] if is_box and i in only]
        return out[:0:-1]

    def finish(self) -> BoxTree:
        """The tree with all its boxes, numbered from 0 in order of appearance, parents first."""
        if not self.made:
            return self.index
        number = {ROOT: ROOT}
        boxes: dict[int, Box] = {}
        items: dict[int, tuple[Item, ...]] = {}
        depth = {ROOT: 0}
        stack: list[tuple[int, int]] = [(ROOT, ROOT)]
        while stack:
            old, parent = stack.pop()
            if old != ROOT:
                new = number[old] = len(boxes)
                boxes[new] = moved(self.box(old), new, parent)
                depth[new] = depth[parent] + 1
                parent = new
            stack += [(i, parent) for is_box, i in reversed(self.items[old]) if is_box]
        for old, new in number.items():
            items[new] = tuple(
                [(is_box, number[i] if is_box else i) for is_box, i in self.items[old]]
            )
        index = self.index
        home = {
            card: number[self._around.get((False, card), box)] for card, box in index.home.items()
        }
        counted = [
            {number[b]: n for b, n in found.items() if b in number}
            for found in (self.first, self.size, self.ops)
        ]
        return replace(
            index,
            boxes=boxes,
            home=home,
            items=items,
            first=counted[0],
            size=counted[1],
            ops=counted[2],
            depth=depth,
        )
