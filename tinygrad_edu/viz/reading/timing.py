"""How long each call takes: its forward function run again on the operands it had."""

from __future__ import annotations

import math
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from ...engine.node import Leaf, Node
from ...engine.primitive import Primitive
from ..formatting import number
from ..model import View
from .outline import Reading
from .values import is_single, run_forward

TIMES = 5  # the quickest of so many counts: everything else on the machine only adds
LONGEST = 2.0  # seconds for all calls together; those left over are timed once


def timed(view: View, reading: Reading) -> View:
    """`view` with the seconds of each call on its card, where its operands are known.

    What is timed is one call of the op's NumPy function on arrays. Recording it, and backward, are
    not in it.
    """
    found: dict[int, float] = {}
    end = perf_counter() + LONGEST
    for item in reading.items:
        if item.node is not None and not isinstance(item.node, Leaf):
            seconds = _seconds(item.node, reading, end)
            if seconds is not None:
                found[item.id] = seconds
    cards = tuple(
        replace(c, seconds=found[c.id], cost=_with_time(c.cost, found[c.id]))
        if c.id in found
        else c
        for c in view.cards
    )
    note = "Times are those of running each op's NumPy function again, the quickest of five."
    return replace(view, cards=cards, note=f"{view.note} {note}".strip())


def _with_time(cost: str, seconds: float) -> str:
    words = f"{number(seconds * 1e6)} us" if seconds < 1e-3 else f"{number(seconds * 1e3)} ms"
    return f"{cost}, {words}" if cost else words


def _seconds(node: Node, reading: Reading, end: float) -> float | None:
    op: Any = node.primitive
    if not isinstance(op, Primitive) or not is_single(node):
        return None
    arrays, why = reading.values.operands(node)
    if why:
        return None
    best = math.inf
    with np.errstate(all="ignore"):
        for _ in range(TIMES):
            start = perf_counter()
            run_forward(op, arrays, node.params)
            now = perf_counter()
            best = min(best, now - start)
            if now > end:
                break
    return best
