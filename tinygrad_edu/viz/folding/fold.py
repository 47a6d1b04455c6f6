"""Which boxes are open, within a budget of cards, and the view that results.

Everything starts closed and opens in breadth order while the picture stays within its budget, so
a large graph shows its outline and a small one shows everything.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

from ..model import Box, Card, Edge, Group, View
from .boxtree import ROOT, BoxTree, in_box, tree
from .copies import with_copies
from .nesting import Nesting
from .parts import cut, long_levels
from .repeats import enclose_repeats
from .structure import Structures

Detail = Literal["auto", "ops", "composed", "modules"]
STATIC_BUDGET = 80
PAGE_BUDGET = 400


def fold(
    view: View,
    *,
    budget: int = STATIC_BUDGET,
    detail: Detail = "auto",
    collapse: Sequence[str] = (),
    expand: Sequence[str] = (),
    fold_repeats: bool = True,
    leaf_copies: bool = True,
    fill: Callable[[Card], Card] | None = None,
) -> View:
    """The view as it is drawn: closed boxes are cards, shared leaves have copies.

    Parameters
    ----------
    view
        A view with all its cards.
    budget
        How many cards the picture should have at most; what is asked for by `expand` or `detail`
        comes on top.
    detail
        "ops" opens every box, "composed" all but composed functions, "modules" only modules that
        contain modules; "auto" opens what fits.
    collapse, expand
        Globs on a box's path, name or label, as in `("blocks.*", "softmax")`. The first keeps a
        box closed, the second opens it and all around it; `expand` wins.
    fold_repeats
        Draw a row of equal boxes as one card, `Block x 12`.
    leaf_copies
        Draw a leaf that is used more than 3 times, or in another module, once per use.
    fill
        Completes a card that is drawn, where the reader left that until it is known which are.

    Raises
    ------
    ValueError
        `budget` is less than 1, `detail` is none of the four, or the boxes are malformed.
    """
    index = prepare(view, budget=budget, detail=detail, repeats=fold_repeats)
    opened = open_boxes(index, budget=budget, detail=detail, collapse=collapse, expand=expand)
    folded = close(index, opened, fill)
    return with_copies(folded) if leaf_copies else folded


def prepare(view: View, *, budget: int, detail: Detail = "auto", repeats: bool = True) -> BoxTree:
    """The boxes of `view`, with more for long stretches and for repeats; and its ops counted."""
    if budget < 1:
        raise ValueError(f"The budget of cards is {budget}; give a number of at least 1.")
    index = tree(replace(view, total=view.ops))
    levels = long_levels(index, budget)
    if detail == "ops" or not (levels or (repeats and index.boxes)):
        return index
    nest = Nesting(index)
    structures = Structures(nest)
    if levels:
        cut(nest, levels, budget, structures)
    if repeats:
        enclose_repeats(nest, structures)
    return nest.finish()


def open_boxes(
    index: BoxTree,
    *,
    budget: int,
    detail: Detail = "auto",
    collapse: Sequence[str] = (),
    expand: Sequence[str] = (),
) -> frozenset[int]:
    """The ids of the boxes that are drawn open; a box inside a closed one is not among them."""
    shut = {b.id for b in index.boxes.values() if _matches(b, collapse)} if collapse else set()
    forced: set[int] = set()
    for b in index.boxes.values() if expand else ():
        if _matches(b, expand):
            forced.update(index.ancestors(b.id))
    if detail == "auto":
        return _within_budget(index, budget, shut - forced, forced)
    if detail == "ops":
        wanted = set(index.boxes)
    elif detail == "composed":
        wanted = {b.id for b in index.boxes.values() if b.kind != "composed"}
    elif detail == "modules":
        wanted = set()
        for b in index.boxes.values():
            if b.kind == "module":
                wanted.update(index.ancestors(b.id)[1:])
    else:
        raise ValueError(
            f"detail={detail!r} is not known; write 'auto', 'ops', 'composed' or 'modules'."
        )
    return _reachable(index, (wanted - shut) | forced)


def _matches(box: Box, globs: Sequence[str]) -> bool:
    words = {box.path or box.name, box.name, box.label}
    return any(fnmatchcase(word, glob) for glob in globs for word in words)


def _reachable(index: BoxTree, wanted: Iterable[int]) -> frozenset[int]:
    out: set[int] = set()
    for b in sorted(wanted):  # a parent's id is the smaller, so it is decided first
        if index.boxes[b].parent == ROOT or index.boxes[b].parent in out:
            out.add(b)
    return frozenset(out)


def _within_budget(index: BoxTree, budget: int, shut: set[int], forced: set[int]) -> frozenset[int]:
    opened: set[int] = set()
    visible = len(index.items[ROOT])
    for b in sorted(forced):
        opened.add(b)
        visible += len(index.items[b]) - 1
    start = [i for b in (ROOT, *opened) for is_box, i in index.items[b] if is_box]
    queue = deque(sorted(start, key=lambda b: (index.depth[b], b)))
    while queue:
        b = queue.popleft()
        if b not in opened:
            # The rest of a row opens only when all of it fits: half-open rows mislead.
            rest = index.boxes[b].kind == "repeat" and _is_repeat(index, index.boxes[b].parent)
            cost = (index.size[b] if rest else len(index.items[b])) - 1
            if b in shut or visible + cost > budget:
                continue
            opened.add(b)
            visible += len(index.items[b]) - 1
            queue.extend(i for is_box, i in index.items[b] if is_box and i not in opened)
    return _reachable(index, opened)


def _is_repeat(index: BoxTree, box: int) -> bool:
    return box != ROOT and index.boxes[box].kind == "repeat"


def close(
    index: BoxTree, opened: frozenset[int], fill: Callable[[Card], Card] | None = None
) -> View:
    """The view with each outermost box that is not in `opened` as a single card.

    Edges between cards are kept one for one (`x*x` has two); edges at a folded box are laid
    together per pair of ends, with their number.
    """
    view, home = index.view, index.home
    stands_for: dict[int, int] = {ROOT: ROOT}  # box -> the closed box it is hidden in, or ROOT
    drawn: dict[int, int] = {ROOT: ROOT}  # open box -> the drawn box that its cards go into
    for b_id in sorted(index.boxes):
        box = index.boxes[b_id]
        outer = stands_for[box.parent]
        stands_for[b_id] = outer if outer != ROOT else (ROOT if b_id in opened else b_id)
        drawn[b_id] = drawn[box.parent] if box.kind == "repeat" else b_id
    base = max(index.cards, default=-1) + 1
    members: dict[int, list[Card]] = {}
    end: dict[int, int] = {}
    cards: list[Card] = []
    for c in view.cards:
        ident = c.id
        group = stands_for[home[ident]]
        if group == ROOT:
            cards.append(in_box(fill(c) if fill else c, drawn[home[ident]]))
            end[ident] = ident
        else:
            inside = members.get(group)
            if inside is None:
                inside = members[group] = []
            inside.append(c)
            end[ident] = base + group
    between = [e for e in view.edges if end.get(e.source) != end.get(e.target)]
    leaving = {e.source for e in between}
    for group, inside in members.items():
        above = drawn[index.boxes[group].parent]
        cards.append(group_card(index, group, inside, leaving, base, above, fill)[0])
    position = {c.id: c.id for c in cards}
    for group, inside in members.items():
        computed = [c.id for c in inside if not c.is_leaf]
        position[base + group] = max(computed or [c.id for c in inside])
    cards.sort(key=lambda c: (position[c.id], c.id))
    boxes = tuple(
        replace(b, parent=drawn[b.parent])
        for b in index.boxes.values()
        if b.id in opened and stands_for[b.id] == ROOT and b.kind != "repeat"
    )
    edges = _laid_together(between, end, base)
    return replace(view, cards=tuple(cards), edges=edges, boxes=boxes)


def _laid_together(between: list[Edge], end: dict[int, int], base: int) -> tuple[Edge, ...]:
    """Edges between drawn cards, one for each pair of ends where an end is a folded box."""
    out: list[Edge] = []
    place: dict[tuple[int, int], int] = {}
    for e in between:
        if e.source not in end or e.target not in end:
            continue
        pair = (end[e.source], end[e.target])
        if pair == (e.source, e.target):
            out.append(e)
        elif pair in place:
            old = out[place[pair]]
            out[place[pair]] = replace(
                old,
                count=old.count + e.count,
                argument="",
                note="",
                shape=old.shape if old.shape == e.shape else (),
                carries_grad=old.carries_grad or e.carries_grad,
                width=max(old.width, e.width),
            )
        else:
            place[pair] = len(out)
            # Inside a folded box an argument's name would name nothing that is drawn.
            inner = pair[1] >= base
            out.append(
                replace(e, source=pair[0], target=pair[1], argument="" if inner else e.argument)
            )
    return tuple(out)


def group_card(
    index: BoxTree,
    group: int,
    inside: list[Card],
    leaving: set[int],
    base: int,
    home: int,
    fill: Callable[[Card], Card] | None = None,
) -> tuple[Card, Card]:
    """The card that stands for the box `group` when it is folded, and the card it gets its value
    from: the last one inside whose value is used outside.

    Parameters
    ----------
    index
        The tree of the whole view.
    group
        The box's id.
    inside
        Its cards, in order.
    leaving
        The ids of cards with uses outside.
    base
        What is added to the box's id to make the card's.
    home
        The box that the card is drawn in.
    fill
        Completes the card that the value is taken from.
    """
    box = index.boxes[group]
    computed = [c for c in inside if not c.is_leaf]
    out = next((c for c in reversed(computed) if c.id in leaving or c.role == "output"), None)
    out = out or (computed or inside)[-1]
    out = fill(out) if fill else out
    # A repeated box names one round's ops; the card says how often.
    one = box
    while one.kind == "repeat":
        one = index.boxes[next(i for is_box, i in index.items[one.id] if is_box)]
    in_one = [index.cards[i] for i in index.contents(one.id)] if one is not box else inside
    ops = Counter(c.op for c in in_one if not c.is_leaf)
    tags = tuple(dict.fromkeys(t for c in inside for t in c.tags))
    annotations = tuple(dict.fromkeys(a for c in inside for a in c.annotations))[:3]
    seconds = [c.seconds for c in inside if c.seconds is not None]
    sizes = [c.bytes for c in inside if c.bytes is not None]
    rounds = max((c.order for c in inside), default=0)
    card = replace(
        out,
        id=base + group,
        op=box.label or box.name,
        name=f"{box.label or box.name} \u00d7 {box.repeat}" if box.repeat > 1 else box.name,
        role="output" if any(c.role == "output" for c in inside) else "op",
        needs_grad=any(c.needs_grad for c in inside),
        order=rounds,
        box=home,
        kwargs="",
        rule=(),
        saved="",
        cost="",
        seconds=sum(seconds) if seconds else None,
        bytes=sum(sizes) if sizes else None,
        source="",
        tags=tags,
        annotations=annotations,
        forward_step=None,
        backward_step=None,
        of=None,
        group=Group(
            box=group,
            kind=one.kind,
            label=box.label,
            ops=tuple(f"{op} \u00d7 {k}" if k > 1 else op for op, k in ops.items()),
            count=len(computed),
            cards=len(inside),
            repeat=box.repeat,
            parameters=box.parameters,
            closed_form=box.closed_form,
        ),
    )
    return card, out
