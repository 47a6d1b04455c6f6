"""Long stretches without scopes, cut into boxes of kind "part" so that they can be folded.

A loop written without modules (an RNN unrolled by hand) is cut where its body repeats; anything
else is cut evenly, parts within parts, none with more items than the budget.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu.viz.boxtree import BoxTree, Item, in_box, renumbered, tree
from tinygrad_edu.viz.model import Box, View
from tinygrad_edu.viz.repeats import structures

LONGEST_BODY = 256
LEAST = 16  # no level shorter than this is cut, however small the budget


def with_parts(view: View, budget: int) -> View:
    """`view` with every level of more than `budget` items cut into parts."""
    budget = max(budget, LEAST)
    index = tree(view)
    long_levels = [level for level, items in index.items.items() if len(items) > budget]
    if not long_levels:
        return view
    number = structures(index, view.edges)
    consumers: dict[int, list[int]] = {}
    for e in view.edges:
        if e.source in index.cards and index.cards[e.source].is_leaf:
            consumers.setdefault(e.source, []).append(e.target)
    cutter = _Cutter(index, budget, max((b.id for b in view.boxes), default=-1) + 1)
    for level in sorted(long_levels):
        steps = [i for i in index.items[level] if i[0] or not index.cards[i[1]].is_leaf]
        if len(steps) > 2:
            cutter.cut_level(level, steps, _words(index, number, steps))
    cutter.place_leaves(sorted(long_levels), consumers)
    cards = tuple(in_box(c, cutter.card_box.get(c.id, c.box)) for c in view.cards)
    boxes = tuple(replace(b, parent=cutter.box_parent.get(b.id, b.parent)) for b in view.boxes)
    return renumbered(replace(view, cards=cards, boxes=boxes + tuple(cutter.made)))


def _words(index: BoxTree, number: dict[int, int], steps: list[Item]) -> NDArray[np.int64]:
    """One number per item, equal where the items are alike."""
    known: dict[object, int] = {}
    out = np.empty(len(steps), dtype=np.int64)
    for at, (is_box, item) in enumerate(steps):
        if is_box:
            word: object = number[item]
        else:
            c = index.cards[item]
            word = (c.op, c.shape, c.dtype, c.kwargs)
        out[at] = known.setdefault(word, len(known))
    return out


def body_of(words: NDArray[np.int64]) -> tuple[int, int, int] | None:
    """The longest periodic stretch of `words` as `(start, period, times)`, if it is most of it."""
    n = len(words)
    best: tuple[int, int, int] | None = None
    best_cover = n // 2
    for period in range(2, min(LONGEST_BODY, n // 3) + 1):
        same = words[:-period] == words[period:]
        breaks = np.flatnonzero(~same)
        edges = np.concatenate(([-1], breaks, [len(same)]))
        gaps = np.diff(edges) - 1
        widest = int(np.argmax(gaps))
        times = (int(gaps[widest]) + period) // period
        start = int(edges[widest]) + 1
        if times < 3 or len(set(words[start : start + period].tolist())) < 2:
            continue
        # Longer periods must earn their place: a multiple of the true period covers no more.
        if times * period > best_cover * 1.02:
            best, best_cover = (start, period, times), times * period
    return best


class _Cutter:
    """Makes part boxes and keeps what moves into them."""

    def __init__(self, index: BoxTree, budget: int, next_id: int) -> None:
        self.index = index
        self.budget = budget
        self.next_id = next_id
        self.made: list[Box] = []
        self.card_box: dict[int, int] = {}
        self.box_parent: dict[int, int] = {}
        self.part_parent: dict[int, int] = {}

    def cut_level(self, level: int, steps: list[Item], words: NDArray[np.int64]) -> None:
        body = body_of(words)
        if body is None:
            self._cut_evenly(level, steps)
            return
        start, period, times = body
        end = start + period * times
        bodies = [steps[at : at + period] for at in range(start, end, period)]
        for part in (steps[:start], steps[end:]):
            if len(part) > self.budget:
                self._cut_evenly(level, part)
        for at, part in enumerate(bodies):
            box = self._make(level, part, f"step {at}", "step")
            if len(part) > self.budget:
                self._cut_evenly(box, part)

    def _cut_evenly(self, level: int, steps: list[Item]) -> None:
        pending = [(level, steps)]
        while pending:
            parent, whole = pending.pop()
            pieces = max(2, self.budget // 2)
            width = max(2, -(-len(whole) // pieces))
            for at in range(0, len(whole), width):
                part = whole[at : at + width]
                box = self._make(parent, part, f"ops {at + 1:,} to {at + len(part):,}")
                if len(part) > self.budget:
                    pending.append((box, part))

    def _make(self, parent: int, part: list[Item], name: str, label: str = "") -> int:
        box = self.next_id
        self.next_id += 1
        if not label:
            counts = Counter(
                self.index.boxes[i].name if is_box else self.index.cards[i].op for is_box, i in part
            )
            words = [f"{w} \u00d7 {k:,}" if k > 1 else w for w, k in counts.most_common(4)]
            label = ", ".join(words) + (", ..." if len(counts) > 4 else "")
        self.made.append(Box(id=box, name=name, kind="part", parent=parent, label=label))
        self.part_parent[box] = parent
        for is_box, i in part:
            (self.box_parent if is_box else self.card_box)[i] = box
        return box

    def place_leaves(self, levels: list[int], consumers: dict[int, list[int]]) -> None:
        """Move each leaf of a cut level into the innermost part that holds all its uses."""
        parts = set(self.part_parent)
        for level in levels:
            for is_box, i in self.index.items[level]:
                if is_box or not self.index.cards[i].is_leaf or i not in consumers:
                    continue
                home = self._common(level, [self._chain(t, level) for t in consumers[i]])
                if home in parts:
                    self.card_box[i] = home

    def _chain(self, card: int, level: int) -> list[int]:
        """The boxes from `level` (left out) down to `card`'s, parts included."""
        box = self.card_box.get(card, self.index.cards[card].box)
        out = []
        while box not in (level, -1):
            out.append(box)
            if box in self.part_parent:
                box = self.part_parent[box]
            else:
                box = self.box_parent.get(box, self.index.boxes[box].parent)
        return out[::-1]

    def _common(self, level: int, chains: list[list[int]]) -> int:
        home = level
        for boxes in zip(*chains):
            if len(set(boxes)) > 1 or boxes[0] not in self.part_parent:
                break
            home = boxes[0]
        return home
