"""Which boxes are equal: by their ops, shapes, dtypes and inner edges, not by names or values.

Equality is exact: structures are compared, not hashed.
"""

from __future__ import annotations

from collections.abc import Iterable

from .boxtree import ROOT, Item
from .nesting import Nesting

# A use of one item by another within a level, and as which argument.
Link = tuple[Item, Item, int]


class Structures:
    """A number for each box such that boxes of equal structure, and only they, share it.

    Attributes
    ----------
    number : dict
        By box.
    """

    def __init__(self, nest: Nesting) -> None:
        self.nest = nest
        self.number: dict[int, int] = {}
        self._known: dict[object, int] = {}
        self._links = self._links_by_level()
        self._count(sorted(nest.index.boxes, reverse=True))

    def _links_by_level(self) -> dict[int, list[Link]]:
        """Every edge at the innermost box that holds both its ends."""
        index = self.nest.index
        home, boxes = index.home, index.boxes
        out: dict[int, list[Link]] = {}
        for e in index.view.edges:
            if e.source not in home or e.target not in home:
                continue
            a, b = home[e.source], home[e.target]
            source: Item = (False, e.source)
            target: Item = (False, e.target)
            while a != b:  # a box has a larger number than those around it
                if a > b:
                    source, a = (True, a), boxes[a].parent
                else:
                    target, b = (True, b), boxes[b].parent
            out.setdefault(a, []).append((source, target, e.position))
        return out

    def renew(self, levels: Iterable[int]) -> None:
        """Count again after new boxes were put into `levels` of the tree."""
        nest = self.nest
        changed = set()
        for level in levels:
            links = self._links.pop(level, [])
            for source, target, position in links:
                ends = self._up_to(level, source), self._up_to(level, target)
                at = level
                while ends[0] and ends[1] and ends[0][-1] == ends[1][-1] and ends[0][-1][0]:
                    at = ends[0].pop()[1]
                    ends[1].pop()
                self._links.setdefault(at, []).append((ends[0][-1], ends[1][-1], position))
            changed.add(level)
        changed.update(nest.made)
        around = set()
        for box in changed:
            while box != ROOT and box not in around:
                around.add(box)
                box = nest.parent((True, box))
        self._count(nest.children_first(around))

    def _up_to(self, level: int, item: Item) -> list[Item]:
        """An item and the boxes around it, the last of which lies in `level`."""
        out = [item]
        while (box := self.nest.parent(out[-1])) != level:
            out.append((True, box))
        return out

    def _count(self, boxes: Iterable[int]) -> None:
        """Number boxes, each after those inside it."""
        nest, number, cards = self.nest, self.number, self.nest.index.cards
        for b_id in boxes:
            words: list[object] = []
            place: dict[Item, int] = {}
            for item in nest.items[b_id]:
                place[item] = len(place)
                is_box, i = item
                if is_box:
                    words.append(number[i])
                else:
                    c = cards[i]
                    words.append((c.op, c.role, c.shape, c.dtype, c.kwargs, c.order))
            links = sorted([(place[a], place[b], n) for a, b, n in self._links.get(b_id, ())])
            box = nest.box(b_id)
            key = (box.kind, box.label or box.name, tuple(words), tuple(links))
            number[b_id] = self._known.setdefault(key, len(self._known))
