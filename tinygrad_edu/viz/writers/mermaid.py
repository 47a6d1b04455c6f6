"""A view as a Mermaid flowchart, for Markdown that draws them (GitHub, notebooks, wikis).

Mermaid refuses more than 500 edges or 50,000 characters by default, so a larger view is folded
until it fits.
"""

from __future__ import annotations

import json

from ..folding.boxtree import ROOT, tree
from ..folding.fold import STATIC_BUDGET, fold
from ..formatting import clean, shorten
from ..labels import badges, box_label, edge_label, heading, marks, rows, type_text
from ..model import Card, View
from ..theme import LIGHT
from .dot import node_id

MAX_EDGES = 500
MAX_CHARACTERS = 50_000
# Shapes speak where a page strips colours: parameters are subroutines, inputs stadiums.
_SHAPES = {
    "parameter": ("[[", "]]"),
    "input": ("([", "])"),
    "constant": ("[/", "/]"),
    "op": ("(", ")"),
    "output": ("{{", "}}"),
}


def to_mermaid(
    view: View,
    *,
    max_edges: int = MAX_EDGES,
    max_characters: int = MAX_CHARACTERS,
    budget: int = STATIC_BUDGET,
) -> str:
    """The view as Mermaid text, folded until it keeps Mermaid's limits.

    Raises
    ------
    ValueError
        Even with every box folded the view is beyond the limits.
    """
    while True:
        folded = fold(view, budget=budget)
        text = mermaid_text(folded)
        if len(folded.edges) <= max_edges and len(text) <= max_characters:
            return text
        if budget == 1:
            raise ValueError(
                f"Folded as far as it goes, this view still has {len(folded.edges)} edges and "
                f"{len(text)} characters, and Mermaid draws {max_edges} and {max_characters}; "
                "save it as .html or .svg instead."
            )
        budget //= 2


def mermaid_text(view: View) -> str:
    """A folded view as Mermaid text, whatever its size."""
    # The title is YAML, in which a JSON string is a string; elsewhere Mermaid wants entities.
    lines = ["---", f"title: {json.dumps(shorten(view.title, 80), ensure_ascii=False)}", "---"]
    lines += [f"flowchart {view.direction}", f"  %% {view.header}"]
    index = tree(view)
    indent = "  "
    stack: list[tuple[bool, int] | None] = list(reversed(index.items[ROOT]))
    while stack:
        item = stack.pop()
        if item is None:
            indent = indent[:-2]
            lines.append(f"{indent}end")
            continue
        is_box, ident = item
        if not is_box:
            lines.append(indent + _node(index.cards[ident]))
            continue
        name, rest = box_label(index.boxes[ident])
        label = _quoted(name + (f" : {rest}" if rest else ""))
        lines.append(f"{indent}subgraph b{ident}[{label}]")
        indent += "  "
        stack.append(None)
        stack.extend(reversed(index.items[ident]))
    ids = {c.id: node_id(c) for c in view.cards}
    fan_in: dict[int, int] = {}
    for e in view.edges:
        fan_in[e.target] = fan_in.get(e.target, 0) + e.count
    for e in view.edges:
        label = _quoted(edge_label(e, fan_in[e.target] <= 1))
        arrow = "-->" if e.carries_grad else "-.->"
        lines.append(f"  {ids[e.source]} {arrow}|{label}| {ids[e.target]}")
    kinds: dict[str, list[str]] = {}
    for c in view.cards:
        kinds.setdefault(c.group.kind if c.group else c.role, []).append(ids[c.id])
    for kind, members in kinds.items():
        style = LIGHT[kind]
        dash = ",stroke-dasharray:5 3" if style.line == "dashed" else ""
        lines.append(
            f"  classDef {kind} fill:{style.header},stroke:{style.border},"
            f"stroke-width:{style.width:g}px,color:#1c2128{dash}"
        )
        lines.append(f"  class {','.join(members)} {kind}")
    for b in view.boxes:
        style = LIGHT[b.kind]
        dash = ",stroke-dasharray:5 3" if style.line == "dashed" else ""
        lines.append(f"  style b{b.id} fill:{style.fill},stroke:{style.border}{dash}")
    return "\n".join(lines) + "\n"


def _node(card: Card) -> str:
    kind = card.role if card.group is None else "op"
    before, after = _SHAPES[kind]
    head = "  ".join([heading(card), type_text(card), *badges(card)])
    body = [head if len(head) < 200 else shorten(head, 120)]
    body += [f"{label} {text}" for label, text in rows(card)] + marks(card)
    return f"{node_id(card)}{before}{_quoted(*body)}{after}"


def _quoted(*lines: str) -> str:
    """Lines as one quoted Mermaid string: entities for all that could end it or be markup."""
    return '"' + "<br/>".join(_entities(clean(line)) for line in lines) + '"'


def _entities(text: str) -> str:
    # Mermaid writes entities as #name; or #number; and takes ` and _ * for Markdown.
    out = []
    for character in text:
        if character.isalnum() or character in " .,:()[]+-=/^'%_":
            out.append(character)
        else:
            out.append(f"#{ord(character)};")
    return "".join(out)
