"""A view and its steps in the terminal: a tree of scopes, in the order of computation."""

from __future__ import annotations

import shutil
import sys
from typing import Literal

from ..folding.boxtree import ROOT, tree
from ..formatting import shorten
from ..labels import (
    badges,
    box_label,
    card_names,
    heading,
    kind_word,
    marks,
    rows,
    step_lines,
    type_text,
)
from ..model import Card, StepKind, View

Color = bool | Literal["auto"]
_CODES = {"parameter": "34", "input": "32", "constant": "90", "output": "33", "op": "1"}
_DIM, _ALARM, _LIT = "2", "1;31", "1;33"


def to_text(view: View, *, width: int | None = None, color: Color = "auto") -> str:
    """The folded view as a tree: boxes hold cards, cards their value and gradient.

    Parameters
    ----------
    view
        A folded view.
    width
        Columns; the terminal's by default, 100 where there is none.
    color
        Whether to use ANSI colours; "auto" does in a terminal.
    """
    columns = width or shutil.get_terminal_size((100, 24)).columns
    pen = _Pen(_wants(color))
    names = card_names(view)
    inputs: dict[int, list[str]] = {}
    for e in view.edges:
        word = shorten(names[e.source], 28) + (f" ({e.count} uses)" if e.count > 1 else "")
        inputs.setdefault(e.target, []).append(word + ("" if e.carries_grad else "*"))
    out = [pen.paint(shorten(view.title, columns), "1"), pen.paint(view.header, _DIM)]
    out += [shorten(view.note, 2 * columns)] if view.note else []
    out += [pen.paint(entry.label, _DIM) for entry in view.legend]
    index = tree(view)
    # (item, prefix of its line, prefix of the lines below it)
    stack: list[tuple[bool, int, str, str]] = []

    def push(level: int, prefix: str) -> None:
        items = [i for i in index.items[level] if i[0] or index.cards[i[1]].copy_of is None]
        for at in range(len(items) - 1, -1, -1):
            last = at == len(items) - 1
            first, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
            stack.append((*items[at], prefix + first, prefix + below))

    push(ROOT, "")
    while stack:
        is_box, ident, first, below = stack.pop()
        if is_box:
            name, rest = box_label(index.boxes[ident])
            kind = index.boxes[ident].kind
            more = f"  {kind}" + (f": {rest}" if rest else "")
            line = first + "▾ " + pen.paint(name, "1") + pen.paint(more, _DIM)
            out.append(line)
            push(ident, below)
            continue
        out += _card_lines(index.cards[ident], inputs.get(ident, []), first, below, pen, columns)
    if any("*" in words for found in inputs.values() for words in found):
        out.append(pen.paint("* no gradient flows", _DIM))
    return "\n".join(out) + "\n"


def _card_lines(
    card: Card, inputs: list[str], first: str, below: str, pen: _Pen, columns: int
) -> list[str]:
    name = shorten(heading(card), 48)
    kind = kind_word(card) if card.role != "op" or card.group else f"#{card.id}"
    words = [kind, type_text(card), *badges(card)]
    call = f"({', '.join(inputs)})" if inputs else ""
    room = columns - len(first) - len(name) - sum(len(w) + 2 for w in words)
    call = shorten(call, max(room, 12))
    code = _CODES[card.role]
    lines = [f"{first}{pen.paint(name, code)}{call}  {pen.paint('  '.join(words), _DIM)}"]
    for label, text in rows(card):
        start = f"{below}   {label:<5} "
        lines.append(f"{start}{shorten(text, max(columns - len(start), 20))}")
    lines += [f"{below}   {pen.paint('! ' + mark, _ALARM)}" for mark in marks(card)]
    return lines


def steps_text(
    view: View,
    *,
    kind: StepKind = "backward",
    first: int = 0,
    last: int | None = None,
    color: Color = "auto",
) -> str:
    """The steps of a pass, each with its cotangent, rule, numbers, contributions and sums.

    Parameters
    ----------
    view
        A view with steps.
    kind
        Which pass.
    first, last
        The range of steps, from 0, `last` left out.
    color
        As in `to_text`.
    """
    pen = _Pen(_wants(color))
    steps = [s for s in view.steps if s.kind == kind]
    if not steps:
        return f"No {kind} steps were recorded.\n"
    names = card_names(view)
    out = []
    for step in steps[first:last]:
        (label, text), *rest = step_lines(step, names, len(steps))
        out.append(pen.paint(f"{label} {text}", _LIT))
        wide = max((len(word) for word, _ in rest), default=0)
        out += [f"  {pen.paint(word.ljust(wide), _DIM)}  {line}" for word, line in rest]
        out.append("")
    return "\n".join(out)


def _wants(color: Color) -> bool:
    return sys.stdout.isatty() if color == "auto" else color


class _Pen:
    """Adds ANSI colours, or does not."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text
