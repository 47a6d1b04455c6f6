"""Long stretches without scopes, cut into boxes of kind "part" so that they can be folded.

A loop written without modules (an RNN unrolled by hand) is cut where its body repeats; anything
else is cut evenly, parts within parts, none with more items than the budget.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ..model import Box
from .boxtree import BoxTree, Item
from .nesting import Nesting
from .structure import Structures

LONGEST_BODY = 256
LEAST = 16  # no level shorter than this is cut, however small the budget


def long_levels(index: BoxTree, budget: int) -> list[int]:
    """The boxes (and the picture itself) that hold more items than the budget of cards."""
    return [level for level, items in index.items.items() if len(items) > max(budget, LEAST)]


def cut(nest: Nesting, levels: list[int], budget: int, structures: Structures) -> None:
    """Cut `levels` into parts of at most `budget` items."""
    cutter = _Cutter(nest, max(budget, LEAST))
    cards = nest.index.cards
    for level in levels:
        steps = [i for i in nest.items[level] if i[0] or not cards[i[1]].is_leaf]
        if len(steps) > 2:
            cutter.cut_level(level, steps, _words(nest.index, structures.number, steps))
    cutter.place_leaves(levels)
    nest.settle()
    structures.renew(levels)


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
    """Makes part boxes and puts items into them."""

    def __init__(self, nest: Nesting, budget: int) -> None:
        self.nest = nest
        self.budget = budget

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
        if not label:
            index = self.nest.index
            counts = Counter(
                index.boxes[i].name if is_box else index.cards[i].op for is_box, i in part
            )
            words = [f"{w} \u00d7 {k:,}" if k > 1 else w for w, k in counts.most_common(4)]
            label = ", ".join(words) + (", ..." if len(counts) > 4 else "")
        return self.nest.enclose(parent, part, Box(-1, name, kind="part", label=label))

    def place_leaves(self, levels: list[int]) -> None:
        """Move each leaf of a cut level into the innermost part that holds all its uses."""
        index = self.nest.index
        at = {
            i: level
            for level in levels
            for is_box, i in index.items[level]
            if not is_box and index.cards[i].is_leaf
        }
        users: dict[int, list[int]] = {}
        for e in index.view.edges:
            if e.source in at and e.target in index.cards:
                users.setdefault(e.source, []).append(e.target)
        for leaf, targets in users.items():
            level = at[leaf]
            home = self._common(level, [self._chain(t, level) for t in targets])
            if home != level:
                self.nest.move((False, leaf), home)

    def _chain(self, card: int, level: int) -> list[int]:
        """The boxes from `level` (left out) down to `card`'s, parts included."""
        box = self.nest.parent((False, card))
        out = []
        while box not in (level, -1):
            out.append(box)
            box = self.nest.parent((True, box))
        return out[::-1]

    def _common(self, level: int, chains: list[list[int]]) -> int:
        home = level
        for boxes in zip(*chains):
            if len(set(boxes)) > 1 or boxes[0] not in self.nest.made:
                break
            home = boxes[0]
        return home
