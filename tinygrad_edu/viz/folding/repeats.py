"""Boxes of equal structure in a row, put into one box: `Block x 12`."""

from __future__ import annotations

from ..model import Box
from .boxtree import Item
from .nesting import Nesting
from .structure import Structures

LEAST = 3  # a row of two is drawn as two


def enclose_repeats(nest: Nesting, structures: Structures) -> None:
    """Put every row of three or more equal boxes inside a box of kind "repeat".

    The row's first box stays beside a box that holds the rest, so that one example can be open
    while the others are folded: `Block x 12` opens to `blocks.0` and `Block x 11`.
    """
    for level, items in list(nest.items.items()):
        for row in _rows(nest, structures.number, items):
            whole: list[Item] = [(True, b) for b in row]
            outer = nest.enclose(level, whole, _repeat_box(nest, row))
            nest.enclose(outer, whole[1:], _repeat_box(nest, row[1:]))
    nest.settle()


def _repeat_box(nest: Nesting, row: list[int]) -> Box:
    first, last = nest.box(row[0]), nest.box(row[-1])
    word = first.label or first.name
    between = f"{first.name} to {last.name}" if first.name != last.name else first.name
    return Box(
        id=-1,
        name=between,
        kind="repeat",
        label=word,
        path=f"{first.path or first.name} to {last.path or last.name}",
        parameters=sum(nest.box(b).parameters for b in row),
        repeat=len(row),
    )


def _rows(nest: Nesting, number: dict[int, int], items: tuple[Item, ...]) -> list[list[int]]:
    """Maximal rows of equal boxes; leaves that stand between them do not break a row."""
    if len(items) < LEAST:
        return []
    rows: list[list[int]] = []
    row: list[int] = []
    cards = nest.index.cards
    for is_box, item in items:
        if not is_box and cards[item].is_leaf:
            continue
        if is_box and row and number[item] == number[row[0]]:
            row.append(item)
            continue
        if len(row) >= LEAST:
            rows.append(row)
        row = [item] if is_box else []
    if len(row) >= LEAST:
        rows.append(row)
    return rows
