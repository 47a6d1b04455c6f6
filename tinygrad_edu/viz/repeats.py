"""Boxes of equal structure in a row, put into one box: `Block x 12`.

Two boxes are equal when their ops, shapes, dtypes and inner edges are; names and values do not
count. Equality is exact: structures are compared, not hashed.
"""

from __future__ import annotations

from dataclasses import replace

from tinygrad_edu.viz.boxtree import ROOT, BoxTree, Item, renumbered, tree
from tinygrad_edu.viz.model import Box, Edge, View

LEAST = 3  # a row of two is drawn as two


def structures(index: BoxTree, edges: tuple[Edge, ...]) -> dict[int, int]:
    """A number for each box such that boxes of equal structure, and only they, share it."""
    place: dict[Item, int] = {
        item: at for found in index.items.values() for at, item in enumerate(found)
    }
    inner: dict[int, list[tuple[int, int, int]]] = {b: [] for b in index.boxes}
    for e in edges:
        if e.source not in index.cards or e.target not in index.cards:
            continue
        a, b = index.cards[e.source].box, index.cards[e.target].box
        from_item: Item = (False, e.source)
        to_item: Item = (False, e.target)
        while a != b:  # climb to the innermost box that holds both ends
            if a > b:
                from_item, a = (True, a), index.boxes[a].parent
            else:
                to_item, b = (True, b), index.boxes[b].parent
        if a != ROOT:
            inner[a].append((place[from_item], place[to_item], e.position))
    known: dict[tuple[object, ...], int] = {}
    out: dict[int, int] = {}
    for b_id in sorted(index.boxes, reverse=True):
        box = index.boxes[b_id]
        words: list[object] = []
        for is_box, item in index.items[b_id]:
            if is_box:
                words.append(out[item])
            else:
                c = index.cards[item]
                words.append((c.op, c.role, c.shape, c.dtype, c.kwargs, c.order))
        key = (box.kind, box.label or box.name, tuple(words), tuple(sorted(inner[b_id])))
        out[b_id] = known.setdefault(key, len(known))
    return out


def with_repeats(view: View) -> View:
    """`view` with every row of three or more equal boxes inside a box of kind "repeat".

    The row's first box stays beside a box that holds the rest, so that one example can be open
    while the others are folded: `Block x 12` opens to `blocks.0` and `Block x 11`.
    """
    index = tree(view)
    if len(index.boxes) < LEAST:
        return view
    number = structures(index, view.edges)
    next_id = max(b.id for b in view.boxes) + 1
    moved: dict[int, int] = {}
    made: list[Box] = []
    for level in sorted(index.items):
        for row in _rows(index, number, index.items[level]):
            parent = level
            for start in (0, 1):
                inside = row[start:]
                made.append(_repeat_box(index, inside, next_id, parent))
                parent = next_id
                next_id += 1
                moved[row[start]] = parent
            for b_id in row[1:]:
                moved[b_id] = parent
    if not made:
        return view
    boxes = [replace(b, parent=moved.get(b.id, b.parent)) for b in view.boxes]
    # In order of appearance: a repeat box stands where its first member stood.
    stand_in = {b.id: b for b in made}
    ordered: list[Box] = []
    placed: set[int] = set()
    for b in boxes:
        chain = []
        outer = b.parent
        while outer in stand_in and outer not in placed:
            chain.append(outer)
            placed.add(outer)
            outer = stand_in[outer].parent
        ordered.extend(stand_in[i] for i in reversed(chain))
        ordered.append(b)
    return renumbered(replace(view, boxes=tuple(ordered)))


def _repeat_box(index: BoxTree, row: list[int], new_id: int, parent: int) -> Box:
    first, last = index.boxes[row[0]], index.boxes[row[-1]]
    word = first.label or first.name
    between = f"{first.name} to {last.name}" if first.name != last.name else first.name
    return Box(
        id=new_id,
        name=between,
        kind="repeat",
        parent=parent,
        label=word,
        path=f"{first.path or first.name} to {last.path or last.name}",
        parameters=sum(index.boxes[b].parameters for b in row),
        repeat=len(row),
    )


def _rows(index: BoxTree, number: dict[int, int], items: tuple[Item, ...]) -> list[list[int]]:
    """Maximal rows of equal boxes; leaves that stand between them do not break a row."""
    rows: list[list[int]] = []
    row: list[int] = []
    for is_box, item in items:
        if not is_box and index.cards[item].is_leaf:
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
