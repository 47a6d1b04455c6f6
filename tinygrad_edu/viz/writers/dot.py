"""A view as DOT, through the `graphviz` package.

The dialect is one that every Graphviz renders alike: Helvetica only, colours as `#rrggbb`, no
`rank=same`, no SUB or SUP. Ids follow the order of creation and never an address, so the same view
gives the same bytes.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from ..formatting import clean, text_width, wrap
from ..labels import badges, box_label, card_names, heading, rows, step_lines, type_text
from ..model import Box, Card, Edge, Step, View
from ..theme import paint_ink
from .caption import legend_words
from .layout import BACKBONE, stacking_edges
from .scene import Look, Scene

if TYPE_CHECKING:
    import graphviz


def node_id(card: Card) -> str:
    """`n12` for a card, `g12` for a folded box, `r12` for a leaf's copy."""
    return f"{'g' if card.group else 'n' if card.copy_of is None else 'r'}{card.id}"


def to_digraph(view: View, *, dark: bool = False, step: int | None = None) -> graphviz.Digraph:
    """The view as a `graphviz.Digraph`.

    Parameters
    ----------
    view
        A folded view (or any other).
    dark
        Use the dark palette.
    step
        The number of a step in `view.steps`: its card is lit, cards that the pass has not reached
        are dimmed, and the step's text stands below the graph.

    Raises
    ------
    IndexError
        There is no such step.
    """
    import graphviz

    writer = _Writer(view, dark, step)
    graph = graphviz.Digraph(name="graph")
    for line in writer.defaults():
        graph.attr(line[0], **line[1])
    graph.attr("graph", label=writer.caption(), labelloc="t", labeljust="l")
    inner: dict[int, graphviz.Digraph] = {b.id: _cluster(writer, b) for b in view.boxes}
    for c in view.cards:
        home = inner.get(c.box, graph)
        home.node(node_id(c), label=writer.card(c))
    children: dict[int, list[int]] = {}
    for b in view.boxes:
        children.setdefault(b.parent if b.parent in inner else -1, []).append(b.id)
    # A subgraph is copied when it is attached, so the innermost come first.
    for b_id in sorted(inner, reverse=True):
        for child in children.get(b_id, ()):
            inner[b_id].subgraph(inner[child])
    for child in children.get(-1, ()):
        graph.subgraph(inner[child])
    ids = {c.id: node_id(c) for c in view.cards}
    for e in view.edges:
        if e.source in ids and e.target in ids:
            graph.edge(ids[e.source], ids[e.target], **writer.edge(e))
    for source, leaf in stacking_edges(view):
        graph.edge(ids[source], ids[leaf], style="invis")
    return graph


def to_dot(view: View, *, dark: bool = False, step: int | None = None) -> str:
    """The view as DOT text; see `to_digraph`."""
    return str(to_digraph(view, dark=dark, step=step).source)


def _cluster(writer: _Writer, box: Box) -> graphviz.Digraph:
    import graphviz

    cluster = graphviz.Digraph(name=f"cluster_{box.id}")
    cluster.attr("graph", **writer.box(box))
    return cluster


def _plain(text: str) -> str:
    """A quoted DOT string's content: backslashes would be escapes (`\\N`, `\\G`)."""
    return clean(text).replace("\\", "\\\\")


def _text(text: str) -> str:
    """Safe inside an HTML-like label, where Graphviz would expand `\\N` and `\\G` too."""
    return html.escape(clean(text), quote=True).replace("\\", "&#92;") or " "


class _Writer(Scene):
    """Turns records into attributes, in one palette and at one step."""

    def __init__(self, view: View, dark: bool, step: int | None) -> None:
        super().__init__(view, dark, step)
        self.leaves = {c.id for c in view.cards if c.is_leaf}

    def defaults(self) -> list[tuple[str, dict[str, str]]]:
        ink = self.ink
        graph = {
            "rankdir": self.view.direction,
            "bgcolor": ink["page"],
            "fontname": "Helvetica",
            "fontcolor": ink["text"],
            "fontsize": "12",
            "nodesep": "0.28",
            "ranksep": "0.42",
            "pad": "0.25",
        }
        node = {"shape": "plain", "fontname": "Helvetica", "fontsize": "10"}
        node["fontcolor"] = ink["text"]
        edge = {"fontname": "Helvetica", "fontsize": "8", "fontcolor": ink["muted"]}
        edge |= {"color": ink["edge"], "arrowsize": "0.6"}
        return [("graph", graph), ("node", node), ("edge", edge)]

    def caption(self) -> str:
        """Title, how much is shown, the legend, and the step's text."""
        muted = self.ink["muted"]
        title = "<BR/>".join(_text(line) for line in wrap(self.view.title, 70, 2))
        lines = [f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="14"><B>{title}</B></FONT></TD></TR>']
        small = [self.view.header] + ([self.view.note] if self.view.note else [])
        for text in small:
            lines.append(
                f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="10" COLOR="{muted}">{_text(text)}'
                "</FONT></TD></TR>"
            )
        if self.view.legend:
            lines.append(self._legend())
        if self.step is not None:
            lines += self._step_rows(self.step)
        table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">'
        return f"<{table}{''.join(lines)}</TABLE>>"

    def _legend(self) -> str:
        common, entries = legend_words(self.view)
        muted = self.ink["muted"]
        cells = [f'<TD><FONT POINT-SIZE="9" COLOR="{muted}">{_text(common)} </FONT></TD>']
        for color, label in entries:
            cells.append(f'<TD BGCOLOR="{color}" WIDTH="20" HEIGHT="10" FIXEDSIZE="TRUE"></TD>')
            cells.append(f'<TD><FONT POINT-SIZE="9">{_text(label)}  </FONT></TD>')
        table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="1">'
        return f'<TR><TD ALIGN="LEFT">{table}<TR>{"".join(cells)}</TR></TABLE></TD></TR>'

    def _step_rows(self, step: Step) -> list[str]:
        total = sum(1 for s in self.view.steps if s.kind == step.kind)
        (kind, title), *lines = step_lines(step, card_names(self.view), total)
        lit = self.ink["lit"]
        heading = f'<FONT POINT-SIZE="12" COLOR="{lit}"><B>{_text(f"{kind} {title}")}</B></FONT>'
        out = []
        last = ""
        for label, text in lines:
            for part in wrap(text, 90, 2):
                shown = label if label != last else ""
                words = f'<FONT POINT-SIZE="10" COLOR="{lit}">{_text(shown)}  </FONT>'
                out.append(
                    f'<TR><TD ALIGN="LEFT">{words}</TD><TD ALIGN="LEFT">'
                    f'<FONT POINT-SIZE="10">{_text(part)}</FONT></TD></TR>'
                )
                last = label
        table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
        body = f'<TR><TD ALIGN="LEFT">{table}{"".join(out)}</TABLE></TD></TR>' if out else ""
        return [f'<TR><TD ALIGN="LEFT">{heading}</TD></TR>', body]

    def card(self, card: Card) -> str:
        """An HTML-like table: heading, then one row per fact."""
        look = self.look(card)
        shape = f"{type_text(card)}" + "".join(f"  {b}" for b in badges(card))
        name = "<BR/>".join(_text(part) for part in wrap(heading(card), 34, 3))
        head_ink = paint_ink(look.header) if card.paint else look.text
        side_ink = head_ink if card.paint else look.muted
        # Graphviz does not clip a cell's colour to a rounded border, so only square cards have one.
        below = self.band(card, look)
        square = not look.is_rounded or bool(card.paint or below)
        band = f' BGCOLOR="{look.header}"' if square else ""
        out = [
            f'<TR><TD ALIGN="LEFT" BALIGN="LEFT"{band}>'
            f'<FONT POINT-SIZE="11" COLOR="{head_ink}"><B>{name}</B></FONT></TD>'
            f'<TD ALIGN="RIGHT"{band}>'
            f'<FONT POINT-SIZE="9" COLOR="{side_ink}">  {_text(shape)}</FONT></TD></TR>'
        ]
        found = rows(card)
        labels = max((text_width(label, 9) for label, _ in found), default=0.0) + 6
        for label, value in found:
            # Spaces, not columns: Graphviz would share a heading's width among columns.
            gap = " " * max(1, round((labels - text_width(label, 9)) / text_width(" ", 10)))
            out.append(
                f'<TR><TD ALIGN="LEFT" COLSPAN="2"><FONT POINT-SIZE="9" COLOR="{look.muted}">'
                f'{_text(label)}</FONT><FONT COLOR="{look.text}">{gap}{_text(value)}</FONT>'
                "</TD></TR>"
            )
        if below:
            fill, ink, words = below
            out.append(
                f'<TR><TD ALIGN="LEFT" COLSPAN="2" BGCOLOR="{fill}"><FONT POINT-SIZE="9" '
                f'COLOR="{ink}"><B>{_text(words)}</B></FONT></TD></TR>'
            )
        return self._table(out, look, not square)

    def _table(self, body: list[str], look: Look, is_rounded: bool) -> str:
        shape = ["ROUNDED"] if is_rounded else []
        if look.line == "dashed":
            shape.append("DASHED")
        # Table borders are whole points; thinner ones would vanish.
        width = max(1, round(look.width))
        style = f' STYLE="{",".join(shape)}"' if shape else ""
        inner = (
            f'<TABLE BORDER="{1 if look.line == "double" else width}" CELLBORDER="0" '
            f'CELLSPACING="0" CELLPADDING="4" COLOR="{look.border}" BGCOLOR="{look.fill}"{style}>'
            f"{''.join(body)}</TABLE>"
        )
        if look.line != "double":
            return f"<{inner}>"
        return (
            f'<<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2" '
            f'COLOR="{look.border}" STYLE="ROUNDED"><TR><TD>{inner}</TD></TR></TABLE>>'
        )

    def box(self, box: Box) -> dict[str, str]:
        style = self.styles[box.kind]
        name, rest = box_label(box)
        label = f"<B>{_text(name)}</B>"
        if rest:
            label += f'<FONT POINT-SIZE="9" COLOR="{self.ink["muted"]}">   {_text(rest)}</FONT>'
        return {
            "label": f"<{label}>",
            "labelloc": "t",
            "labeljust": "l",
            "fontsize": "11",
            "margin": "12",
            "style": "rounded,filled" + (",dashed" if style.line == "dashed" else ""),
            "fillcolor": style.fill,
            "color": style.border,
            "penwidth": f"{style.width:g}",
        }

    def edge(self, edge: Edge) -> dict[str, str]:
        out = {
            # A label needs a little air on its left, or it touches the line.
            "label": _plain(f"  {self.label(edge)} "),
            "penwidth": f"{edge.width:.2f}".rstrip("0").rstrip("."),
        }
        if edge.source not in self.leaves:
            out["weight"] = str(BACKBONE)
        if not edge.carries_grad:
            out |= {"style": "dashed", "color": self.ink["faint"], "penwidth": "1"}
        if edge.note:
            out["fontcolor"] = self.styles["composed"].border
        step = self.step
        if step is not None:
            if edge.target == step.card and (step.kind == "forward" or edge.carries_grad):
                out |= {"color": self.ink["lit"], "penwidth": "2.6"}
                if step.kind == "backward":
                    out["dir"] = "back"
            elif edge.target not in self.reached:
                out |= {"color": self.ink["dim"], "fontcolor": self.ink["faint"]}
        return out
