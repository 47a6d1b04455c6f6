"""What differs between two graphs: one picture, and the same in text.

Cards are paired by scope path, op and place among their like, then, what is left over, by structure
alone; so a renamed module still finds its counterpart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import replace
from hashlib import blake2b
from typing import Literal

from .formatting import shape_text
from .labels import card_names
from .model import Annotation, Card, LegendEntry, View
from .picture import Graph
from .theme import LIGHT_INK
from .writers.terminal import Color

__all__ = ["Differences", "diff"]

By = Literal["structure", "values", "grads"]
PLUS, MINUS, CHANGE = LIGHT_INK["plus"], LIGHT_INK["minus"], LIGHT_INK["change"]


class Differences(Graph):
    """The second graph with what is new, gone and changed marked: what `viz.diff` returns.

    Attributes
    ----------
    lines : tuple of str
        One per difference: `+` new, `-` gone, `~` changed.
    """

    lines: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.lines

    def to_text(self, width: int | None = None, color: Color = "auto") -> str:
        """The differences, one per line."""
        return "\n".join(self.lines or ("No difference.",)) + "\n"


def diff(g1: Graph, g2: Graph, by: By = "structure") -> Differences:
    """Compare two graphs: two steps of training, a student's and a solution's.

    Parameters
    ----------
    g1, g2 : Graph
    by : {"structure", "values", "grads"}
        "structure" compares ops, shapes, dtypes and edges, "values" also the values and "grads"
        the gradients, as their summaries print them.

    Returns
    -------
    Differences
        `.lines`, `.same`, and all that a `Graph` can do.

    Raises
    ------
    TypeError
        If one is no Graph.
    ValueError
        If `by` is none of the three.
    """
    for name, g in (("g1", g1), ("g2", g2)):
        if not isinstance(g, Graph):
            raise TypeError(
                f"viz.diff() compares two Graphs; {name} is a {type(g).__name__}. Draw it first: "
                f"viz.diff(viz.graph(a), viz.graph(b))"
            )
    view, lines = _compared(g1.view, g2.view, by)
    out = Differences(view, g2.options)
    out.lines = lines
    return out


def _compared(old: View, new: View, by: By) -> tuple[View, tuple[str, ...]]:
    """The second view with the first one's lost cards in it, marked, and the marks as text."""
    if by not in ("structure", "values", "grads"):
        raise ValueError(f"by={by!r} is not known; write 'structure', 'values' or 'grads'.")
    pairs = match(old, new)
    back = {n: o for o, n in pairs.items()}
    old_cards = {c.id: c for c in old.cards}
    new_names, old_names = card_names(new), card_names(old)
    old_inputs, new_inputs = _inputs(old), _inputs(new)
    lines: list[str] = []
    cards: list[Card] = []
    for c in new.cards:
        if c.id not in back:
            lines.append(f"+ {new_names[c.id]} {shape_text(c.shape)}")
            cards.append(_marked(c, Annotation("+ new", PLUS, 3.0)))
            continue
        was = old_cards[back[c.id]]
        rewired = [pairs.get(p) for p in old_inputs.get(was.id, [])] != new_inputs.get(c.id, [])
        changes = _changes(was, c, by) + (["other inputs"] if rewired else [])
        if changes:
            lines.append(f"~ {new_names[c.id]}: {'; '.join(changes)}")
            cards.append(_marked(c, *(Annotation(f"~ {x}", CHANGE, 2.0) for x in changes)))
        else:
            cards.append(c)
    lost = [c for c in old.cards if c.id not in pairs]
    shift = max((c.id for c in new.cards), default=-1) + 1
    here = dict(pairs)
    for c in lost:
        here[c.id] = shift + c.id
        lines.append(f"- {old_names[c.id]} {shape_text(c.shape)}")
        ghost = replace(c, id=shift + c.id, box=-1, forward_step=None, backward_step=None, of=None)
        cards.append(_marked(ghost, Annotation("- gone", MINUS, 2.0, "dashed")))
    gone = {c.id for c in lost}
    edges = new.edges + tuple(
        replace(e, source=here[e.source], target=here[e.target], carries_grad=False)
        for e in old.edges
        if (e.source in gone or e.target in gone) and e.source in here and e.target in here
    )
    legend = (
        LegendEntry(PLUS, "+ only in the second"),
        LegendEntry(MINUS, "- only in the first"),
        LegendEntry(CHANGE, "~ changed"),
    )
    title = f"{old.title} and {new.title}" if old.title != new.title else new.title
    view = replace(
        new, title=title, cards=tuple(cards), edges=edges, legend=legend, steps=(), total=0
    )
    return view, tuple(lines)


def _marked(card: Card, *notes: Annotation) -> Card:
    return replace(card, annotations=card.annotations + notes)


def _inputs(view: View) -> dict[int, list[int]]:
    out: dict[int, list[tuple[int, int]]] = {}
    for e in view.edges:
        out.setdefault(e.target, []).append((e.position, e.source))
    return {target: [s for _, s in sorted(found)] for target, found in out.items()}


def _changes(was: Card, now: Card, by: By) -> list[str]:
    out = []
    if was.op != now.op:
        out.append(f"{was.op} -> {now.op}")
    if was.shape != now.shape:
        out.append(f"{shape_text(was.shape)} -> {shape_text(now.shape)}")
    if was.dtype != now.dtype:
        out.append(f"{was.dtype} -> {now.dtype}")
    if was.kwargs != now.kwargs:
        out.append(f"{was.kwargs or 'no options'} -> {now.kwargs or 'no options'}")
    if by == "values" and was.value.shown != now.value.shown:
        out.append(f"val {was.value.shown} -> {now.value.shown}")
    if by == "grads" and was.grad.shown != now.grad.shown:
        out.append(f"grad {was.grad.shown} -> {now.grad.shown}")
    return out


def match(old: View, new: View) -> dict[int, int]:
    """Which card of `new` each card of `old` is; cards without a counterpart are left out."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for view_keys in (_by_place, _by_structure):
        pool: dict[Hashable, deque[int]] = {}
        for c, key in zip(new.cards, view_keys(new)):
            if c.id not in taken:
                pool.setdefault(key, deque()).append(c.id)
        for c, key in zip(old.cards, view_keys(old)):
            if c.id not in pairs and pool.get(key):
                pairs[c.id] = pool[key].popleft()
                taken.add(pairs[c.id])
    return pairs


def _by_place(view: View) -> list[Hashable]:
    paths = {b.id: (b.path or b.name, b.call) for b in view.boxes}
    return [(paths.get(c.box), c.op, _kind(c), c.name if c.is_leaf else "") for c in view.cards]


def _kind(card: Card) -> str:
    """A card's role; an op that the picture ends in is an op like others."""
    return "op" if card.role == "output" else card.role


def _by_structure(view: View) -> list[Hashable]:
    """Each card's op, shape and the structure of all it was computed from, as one hash."""
    inputs = _inputs(view)
    out: dict[int, bytes] = {}
    for c in view.cards:
        above = [out.get(p, b"") for p in inputs.get(c.id, [])]
        words = repr((c.op, _kind(c), c.shape, c.dtype, c.kwargs, above))
        out[c.id] = blake2b(words.encode("utf-8", "replace"), digest_size=16).digest()
    return [out[c.id] for c in view.cards]
