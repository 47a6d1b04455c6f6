"""Colours by size and marks of ill health, as functions from a view to a view."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from .formatting import number
from .model import Annotation, Card, LegendEntry, Summary, View
from .theme import LIGHT_INK, RAMP
from .vitals import Vitals, vitals_of

ColorBy = Literal["role", "grad", "value", "time", "memory", "order"]
VANISHING = 1e-7  # of the largest gradient in the picture
EXPLODING = 1e3  # times the loss's own gradient
ALARM = LIGHT_INK["alarm"]
# Pale Okabe-Ito hues, one per derivative order; none is the palette's, which the dark theme turns.
ORDERS = ("#eff1f5", "#cee4f4", "#fbecaa", "#f2dfeb", "#c7e9db", "#ffdfc7")


def edge_width(rms: float | None, largest: float | None) -> float:
    """A line's width in points: `0.8 + 3.2 * (1 + log10(rms / largest) / 4)`, from 0.8 to 4.

    Four orders of magnitude below the largest gradient, and where there is none, a line is thin.
    """
    if not rms or not largest:
        return 0.8
    return min(4.0, max(0.8, 0.8 + 3.2 * (1 + math.log10(rms / largest) / 4)))


def with_edge_widths(view: View) -> View:
    """Lines as wide as the gradient that flows back along them is large."""
    sizes = [e.rms for e in view.edges if e.rms is not None and math.isfinite(e.rms)]
    largest = max(sizes, default=None)
    if not largest:
        return view
    edges = tuple(
        e if e.rms is None else replace(e, width=round(edge_width(e.rms, largest), 2))
        for e in view.edges
    )
    return replace(view, edges=edges)


def coloured(view: View, by: ColorBy) -> View:
    """Cards filled by a quantity, with a legend in numbers.

    "grad" and "value" show the root mean square, "time" seconds and "memory" bytes, all on a
    logarithmic scale; "order" the derivative order; "role" changes nothing.

    Raises
    ------
    ValueError
        `by` is none of these.
    """
    quantities: dict[str, tuple[str, str, Callable[[Card], float | None]]] = {
        "grad": ("gradient, root mean square", "", lambda c: c.grad.rms),
        "value": ("value, root mean square", "", lambda c: c.value.rms),
        "time": ("time", " s", lambda c: c.seconds),
        "memory": ("memory", " B", lambda c: c.bytes),
    }
    if by == "role":
        return view
    if by == "order":
        found = sorted({c.order for c in view.cards})
        hues = {n: ORDERS[n % len(ORDERS)] for n in found}
        cards = tuple(replace(c, paint=hues[c.order]) for c in view.cards)
        legend = tuple(LegendEntry(hues[n], f"derivative order {n}") for n in found)
        return replace(view, cards=cards, legend=view.legend + legend)
    if by not in quantities:
        raise ValueError(
            f"color_by={by!r} is not known; write 'role', 'grad', 'value', 'time', 'memory' or "
            "'order'."
        )
    word, unit, size_of = quantities[by]
    logs: dict[int, float] = {}
    for c in view.cards:
        size = size_of(c)
        if size is not None and 0.0 < size < math.inf:
            logs[c.id] = math.log10(size)
    if not logs:
        return replace(view, legend=(*view.legend, LegendEntry("#e3e6ea", f"no {word} recorded")))
    low, high = min(logs.values()), max(logs.values())

    def shade(log: float) -> str:
        share = (log - low) / (high - low) if high > low else 0.5
        return RAMP[round(share * (len(RAMP) - 1))]

    cards = tuple(replace(c, paint=shade(logs[c.id])) if c.id in logs else c for c in view.cards)
    marks = [low + (high - low) * k / 4 for k in range(5)] if high > low else [low]
    legend = tuple(LegendEntry(shade(m), f"{word} {number(10.0**m)}{unit}") for m in marks)
    return replace(view, cards=cards, legend=view.legend + legend)


def with_health(view: View, vitals: Vitals | None = None) -> View:
    """All marks together: vanishing, exploding, dead, no path, and where NaN starts.

    Parameters
    ----------
    view
        The whole graph, or a part of it that speaks for itself.
    vitals
        What is known of its cards' values and gradients; by default what the cards say.
    """
    vitals = vitals_of(view) if vitals is None else vitals
    return with_nan_origins(with_tags(view, vitals), vitals)


def with_tags(view: View, vitals: Vitals | None = None) -> View:
    """Cards tagged `vanishing`, `exploding` and `dead`.

    Vanishing is a gradient below 1e-7 of the graph's largest, exploding one above 1e3 times the
    loss's own, dead a ReLU (or a maximum with 0) whose value is zero everywhere.
    """
    vitals = vitals_of(view) if vitals is None else vitals
    sizes, blank = vitals.sizes, vitals.blank
    faint = VANISHING * max(sizes.values(), default=0.0)
    outputs = [sizes.get(c.id, 0.0) for c in view.cards if c.role == "output"]
    loud = EXPLODING * (max(outputs, default=0.0) or math.inf)
    odd = {i for i, size in sizes.items() if 0.0 < size < faint or size > loud} | blank
    if not odd:
        return view
    boxes = {b.id: b.label.lower() for b in view.boxes}
    cards = list(view.cards)
    for place, c in enumerate(cards):
        if c.id not in odd:
            continue
        tags = list(c.tags)
        size = sizes.get(c.id, 0.0)
        if c.needs_grad and c.group is None:
            if 0.0 < size < faint:
                tags.append("vanishing")
            if size > loud:
                tags.append("exploding")
        rectifies = c.op in ("relu", "maximum") or (not c.is_leaf and boxes.get(c.box) == "relu")
        if rectifies and c.id in blank and c.dtype != "bool":  # a mask that is nowhere true is well
            tags.append("dead: all zero")
        if len(tags) > len(c.tags):
            cards[place] = replace(c, tags=tuple(dict.fromkeys(tags)))
    return replace(view, cards=tuple(cards))


def with_nan_origins(view: View, vitals: Vitals | None = None) -> View:
    """Mark where NaN or infinity starts, forward and backward, apart from what it infected.

    Forward, the origin is a card that is not finite though everything it was computed from is; a
    leaf that is not finite is one too. Backward, it is a card whose gradient is not finite though
    its own value and every gradient it is summed from are. Origins get a thick alarm border and
    `NaN starts here`; infected cards a thin one and `NaN 12/320`.
    """
    vitals = vitals_of(view) if vitals is None else vitals
    values, grads = vitals.values, vitals.grads
    if not values and not grads:
        return view
    ids = {c.id for c in view.cards}
    parents: dict[int, list[int]] = {}
    users: dict[int, list[int]] = {}
    for e in view.edges:
        if e.source in ids and e.target in ids:
            parents.setdefault(e.target, []).append(e.source)
            users.setdefault(e.source, []).append(e.target)
    harmful = _harmful(view, vitals, parents, users)
    cards = list(view.cards)
    for place, c in enumerate(cards):
        if c.copy_of is not None:
            continue
        if c.id in values:
            if c.id not in harmful:
                continue  # meant, as the -inf of a mask is; its figures say it is there
            caused = any(p in values for p in parents.get(c.id, ()))
            note = _infected(values[c.id]) if caused else _origin(values[c.id], "")
        elif c.id in grads:
            caused = any(u in grads or u in values for u in users.get(c.id, ()))
            note = _infected(grads[c.id]) if caused else _origin(grads[c.id], "backward ")
        else:
            continue
        cards[place] = replace(c, annotations=(*c.annotations, note))
    return replace(view, cards=tuple(cards))


def _harmful(
    view: View, vitals: Vitals, parents: dict[int, list[int]], users: dict[int, list[int]]
) -> set[int]:
    """Cards whose infinities came to something: a NaN, an infinite output, or a bad gradient.

    A mask of -inf before a softmax is meant: what it reaches is finite again.
    """
    values = vitals.values
    ends = {c.id for c in view.cards if c.role == "output" or c.id not in users}
    stack = [i for i, value in values.items() if value.nan or i in ends or i in vitals.grads]
    found = set(stack)
    while stack:
        for p in parents.get(stack.pop(), ()):
            if p not in found and p in values:
                found.add(p)
                stack.append(p)
    return found


def _origin(summary: Summary, where: str) -> Annotation:
    what = "NaN" if summary.nan else "Inf"
    return Annotation(f"{where}{what} starts here", ALARM, 4.0)


def _infected(summary: Summary) -> Annotation:
    what, count = ("NaN", summary.nan) if summary.nan else ("Inf", summary.inf)
    # Of a single number the card says it already.
    label = f"{what} {count}/{summary.size}" if summary.size > 1 else ""
    return Annotation(label, ALARM, 1.0)
