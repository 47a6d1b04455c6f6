"""The built-in picture: our own SVG over the built-in layout, and the style sheet of all SVGs."""

from __future__ import annotations

import html
import itertools

from tinygrad_edu.viz.cardtext import (
    badges,
    box_label,
    card_names,
    describe,
    edge_label,
    heading,
    mark_color,
    marks,
    rows,
    step_lines,
    type_text,
)
from tinygrad_edu.viz.dot import reached
from tinygrad_edu.viz.fontmetrics import text_width
from tinygrad_edu.viz.layered import Layout, Point, Rectangle, layered_layout
from tinygrad_edu.viz.model import Box, Card, Edge, Step, View
from tinygrad_edu.viz.theme import (
    DARK,
    DARK_INK,
    LIGHT,
    LIGHT_INK,
    ThemeName,
    dark_of,
    ink_on,
    role_style,
)
from tinygrad_edu.viz.wording import shorten, wrap

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
MARGIN = 18.0
HEAD_LINE, ROW_LINE = 14.0, 16.0
HEAD_SIZE, ROW_SIZE, SMALL_SIZE = 11.0, 10.0, 9.0
INSET = 8.0
# Lines may pass under words; a rim in the ground's colour keeps the words readable.
_HALO = ' paint-order="stroke" stroke="{}" stroke-width="3" stroke-linejoin="round"'


def document_style(theme: ThemeName) -> str:
    """A `<style>` that turns the light colours dark where the reader prefers dark.

    The rules match the colours' own attributes, so they serve any SVG made with our palette.
    """
    if theme != "auto":
        return ""
    rules = []
    for light, dark in sorted(dark_of().items()):
        for attribute in ("fill", "stroke"):
            rules.append(f'.tinygrad-edu-graph [{attribute}="{light}"]{{{attribute}:{dark}}}')
    text = f".tinygrad-edu-graph text:not([fill]){{fill:{DARK_INK['text']}}}"
    return f"<style>@media (prefers-color-scheme:dark){{{text}{''.join(rules)}}}</style>"


def built_in_svg(view: View, *, theme: ThemeName = "auto", step: int | None = None) -> str:
    """The view as an SVG document, laid out and drawn without Graphviz.

    Raises
    ------
    ValueError
        The view has more than 400 cards.
    IndexError
        There is no such step.
    """
    if step is not None and not 0 <= step < len(view.steps):
        raise IndexError(f"There is no step {step}: the view has {len(view.steps)} steps.")
    pen = _Pen(view, theme == "dark", view.steps[step] if step is not None else None)
    sizes = {c.id: pen.size(c) for c in view.cards}
    titles = {}
    for b in view.boxes:
        name, rest = box_label(b)
        titles[b.id] = text_width(f"{name}   {rest}", HEAD_SIZE, bold=True) + 2 * INSET
    layout = layered_layout(view, sizes, titles)
    return pen.document(layout, theme)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _esc(text: str) -> str:
    return html.escape(text, quote=True)


class _Pen:
    """Draws the pieces of one picture."""

    def __init__(self, view: View, dark: bool, step: Step | None) -> None:
        self.view = view
        self.dark = dark
        self.ink = DARK_INK if dark else LIGHT_INK
        self.step = step
        self.reached = reached(view, step) if step is not None else set()
        self.middle: dict[int, float] = {}
        self.fan_in: dict[int, int] = {}
        for e in view.edges:
            self.fan_in[e.target] = self.fan_in.get(e.target, 0) + e.count

    def size(self, card: Card) -> tuple[float, float]:
        names = wrap(heading(card), 34, 3)
        small = "  ".join([type_text(card), *badges(card)])
        width = max(text_width(n, HEAD_SIZE, bold=True) for n in names)
        width += 14 + text_width(small, SMALL_SIZE)
        label, body = self._columns(card)
        width = max(width, label + 8 + body if rows(card) else 0)
        words = marks(card)
        width = max(width, text_width(", ".join(words), SMALL_SIZE, bold=True))
        height = len(names) * HEAD_LINE + 8 + ROW_LINE * len(rows(card))
        height += 4 if rows(card) else 0
        return width * 1.03 + 2 * INSET, height + (ROW_LINE if words else 0)

    def _columns(self, card: Card) -> tuple[float, float]:
        found = rows(card)
        return (
            max((text_width(label, SMALL_SIZE) for label, _ in found), default=0),
            max((text_width(text, ROW_SIZE) for _, text in found), default=0),
        )

    def document(self, layout: Layout, theme: ThemeName) -> str:
        caption = self._caption()
        top = MARGIN + sum(line for _, _, line in caption) + 8
        wide = max([text_width(t, s, True) for t, s, _ in caption] + [layout.width])
        width, height = wide + 2 * MARGIN, top + layout.height + MARGIN
        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="tinygrad-edu-graph" role="img" '
            f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}" '
            f'style="max-width:100%;height:auto" font-family="{FONT}">'
            f"<title>{_esc(shorten(self.view.title, 200))}</title>"
            f"<desc>{_esc(self.view.header)}</desc>{document_style(theme)}"
            f'<rect width="100%" height="100%" fill="{self.ink["page"]}"/>'
        ]
        y = MARGIN
        for place, (text, size, line) in enumerate(caption):
            y += line
            bold = ' font-weight="bold"' if place == 0 else ""
            out.append(self._text(MARGIN, y - 4, text, size, extra=bold))
        self.middle = {i: r.x + r.width / 2 for i, r in layout.cards.items()}
        shift = MARGIN + (wide - layout.width) / 2
        out.append(f'<g transform="translate({_n(shift)} {_n(top)})">')
        for b in self.view.boxes:
            if b.id in layout.boxes:
                out.append(self._box(b, layout.boxes[b.id]))
        for i, path in layout.edges.items():
            out.append(self._edge(self.view.edges[i], path))
        for b in self.view.boxes:
            if b.id in layout.boxes:
                out.append(self._box_text(b, layout.boxes[b.id]))
        for i, path in layout.edges.items():
            out.append(self._edge_text(self.view.edges[i], path))
        for c in self.view.cards:
            out.append(self._card(c, layout.cards[c.id]))
        out.append("</g></svg>")
        return "\n".join(out) + "\n"

    def _caption(self) -> list[tuple[str, float, float]]:
        """Lines above the graph as (text, font size, line height)."""
        out = [(shorten(self.view.title, 90), 14.0, 20.0), (self.view.header, 10.0, 15.0)]
        if self.view.note:
            out += [(line, 10.0, 15.0) for line in wrap(self.view.note, 110, 3)]
        out += [(f"■ {entry.label}", 10.0, 15.0) for entry in self.view.legend]
        if self.step is not None:
            total = sum(1 for s in self.view.steps if s.kind == self.step.kind)
            for label, text in step_lines(self.step, card_names(self.view), total):
                out.append((shorten(f"{label}  {text}", 150), 10.0, 15.0))
        return out

    def _text(
        self, x: float, y: float, text: str, size: float, color: str = "", extra: str = ""
    ) -> str:
        fill = color or self.ink["text"]
        return (
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{fill}"{extra}>'
            f"{_esc(text)}</text>"
        )

    def _box(self, box: Box, place: Rectangle) -> str:
        style = (DARK if self.dark else LIGHT)[box.kind]
        dash = ' stroke-dasharray="5 3"' if style.line == "dashed" else ""
        full = f"{box.path or box.name}: {box.kind}"
        return (
            f'<g><title>{_esc(shorten(full, 200))}</title><rect x="{_n(place.x)}" '
            f'y="{_n(place.y)}" width="{_n(place.width)}" height="{_n(place.height)}" rx="9" '
            f'fill="{style.fill}" stroke="{style.border}" stroke-width="{style.width}"{dash}/></g>'
        )

    def _box_text(self, box: Box, place: Rectangle) -> str:
        style = (DARK if self.dark else LIGHT)[box.kind]
        name, rest = box_label(box)
        halo = _HALO.format(style.fill)
        x, y = place.x + INSET, place.y + 16
        out = self._text(x, y, name, HEAD_SIZE, extra=' font-weight="bold"' + halo)
        if rest:
            after = x + text_width(name, HEAD_SIZE, bold=True) * 1.03 + 8
            out += self._text(after, y, rest, SMALL_SIZE, self.ink["muted"], halo)
        return out

    def _edge_text(self, edge: Edge, path: tuple[Point, ...]) -> str:
        faint = self.step is not None and edge.target not in self.reached
        color = self.ink["faint" if faint else "muted"]
        if edge.note and not faint:
            color = (DARK if self.dark else LIGHT)["composed"].border
        text = edge_label(edge, self.fan_in[edge.target] <= 1)
        (_, ay), (bx, by) = path[-2], path[-1]
        target = self.middle[edge.target]
        left = bx < target - 1
        side = ' text-anchor="end"' if left else ""
        x = bx - 5 if left else bx + 5
        halo = _HALO.format(self.ink["page"])
        return self._text(x, max(ay + 9, by - 9), text, 8.0, color, side + halo)

    def _edge(self, edge: Edge, path: tuple[Point, ...]) -> str:
        color, width, dash = self.ink["edge"], edge.width, ""
        if not edge.carries_grad:
            color, width, dash = self.ink["faint"], 1.0, ' stroke-dasharray="4 3"'
        backward = False
        if self.step is not None:
            forward = self.step.kind == "forward"
            if edge.target == self.step.card and (forward or edge.carries_grad):
                color, width, backward = self.ink["lit"], 2.6, not forward
            elif edge.target not in self.reached:
                color = self.ink["dim"]
        tip, before = (path[0], path[1]) if backward else (path[-1], path[-2])
        down = 1.0 if before[1] <= tip[1] else -1.0
        size = 4.5 + width * 0.6
        # The line ends where the arrow head begins, so thick lines keep sharp tips.
        end = (tip[0], tip[1] - down * size)
        points = [end, *path[1:]] if backward else [*path[:-1], end]
        x0, y0 = points[0]
        line = f"M{_n(x0)} {_n(y0)}"
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            middle = (ay + by) / 2
            line += f"C{_n(ax)} {_n(middle)} {_n(bx)} {_n(middle)} {_n(bx)} {_n(by)}"
        head = (
            f"M{_n(tip[0])} {_n(tip[1])}L{_n(tip[0] - size * 0.6)} {_n(end[1])}"
            f"L{_n(tip[0] + size * 0.6)} {_n(end[1])}Z"
        )
        return (
            f'<path d="{line}" fill="none" stroke="{color}" stroke-width="{_n(width)}"{dash}/>'
            f'<path d="{head}" fill="{color}"/>'
        )

    def _card(self, card: Card, place: Rectangle) -> str:
        style = role_style(card.role, card.group.kind if card.group else None, self.dark)
        fill, header, border = style.fill, card.paint or style.header, style.border
        width, line = style.width, style.line
        text, muted = self.ink["text"], self.ink["muted"]
        if card.copy_of is not None:
            line = "dashed"
        for note in card.annotations:
            border, width, line = note.color, note.width, note.style
        if self.step is not None:
            if card.id == self.step.card:
                border, width, line = self.ink["lit"], 3.0, "solid"
                fill = header = self.ink["litfill"]
            elif card.id not in self.reached:
                fill = header = self.ink["page"]
                border, text, muted = self.ink["dim"], self.ink["faint"], self.ink["faint"]
        x, y, w, h = place.x, place.y, place.width, place.height
        names = wrap(heading(card), 34, 3)
        radius = 6 if style.rounded else 0
        head = len(names) * HEAD_LINE + 8
        dash = ' stroke-dasharray="4 3"' if line == "dashed" else ""
        frame = f'x="{_n(x)}" y="{_n(y)}" width="{_n(w)}"'
        full = describe(card)
        out = [
            f'<g id="{"c" if card.copy_of is None else "r"}{card.id}">'
            f"<title>{_esc(full.split(':')[0])}</title><desc>{_esc(full)}</desc>"
            f'<rect {frame} height="{_n(h)}" rx="{radius}" fill="{fill}"/>'
            f'<path d="{_top(x, y, w, min(head, h), radius)}" fill="{header}"/>'
        ]
        if line == "double":
            out.append(
                f'<rect x="{_n(x - 2.5)}" y="{_n(y - 2.5)}" width="{_n(w + 5)}" '
                f'height="{_n(h + 5)}" rx="{radius + 2}" fill="none" stroke="{border}"/>'
            )
        ink = ink_on(card.paint) if card.paint else text
        for n, part in enumerate(names):
            at = y + HEAD_LINE * (n + 1) + 1
            bold = ' font-weight="bold"'
            out.append(self._text(x + INSET, at, part, HEAD_SIZE, ink, bold))
        small = "  ".join([type_text(card), *badges(card)])
        right = ' text-anchor="end"'
        small_ink = ink if card.paint else muted
        out.append(
            self._text(x + w - INSET, y + HEAD_LINE + 1, small, SMALL_SIZE, small_ink, right)
        )
        label_width, _ = self._columns(card)
        at = y + head + 2
        for label, words in rows(card):
            at += ROW_LINE
            out.append(self._text(x + INSET, at - 4, label, SMALL_SIZE, muted))
            out.append(self._text(x + INSET + label_width + 8, at - 4, words, ROW_SIZE, text))
        alarm = marks(card)
        if alarm:
            bottom = y + h - ROW_LINE
            band = mark_color(card, self.ink["alarm"])
            out.append(
                f'<rect x="{_n(x)}" y="{_n(bottom)}" width="{_n(w)}" height="{_n(ROW_LINE)}" '
                f'fill="{band}"/>'
            )
            out.append(
                self._text(
                    x + INSET,
                    bottom + 12,
                    ", ".join(alarm),
                    SMALL_SIZE,
                    ink_on(band),
                    ' font-weight="bold"',
                )
            )
        out.append(
            f'<rect {frame} height="{_n(h)}" rx="{radius}" fill="none" stroke="{border}" '
            f'stroke-width="{_n(1.0 if line == "double" else width)}"{dash}/></g>'
        )
        return "".join(out)


def _top(x: float, y: float, w: float, h: float, r: float) -> str:
    """The heading's band: rounded above, square below."""
    return (
        f"M{_n(x)} {_n(y + h)}V{_n(y + r)}Q{_n(x)} {_n(y)} {_n(x + r)} {_n(y)}H{_n(x + w - r)}"
        f"Q{_n(x + w)} {_n(y)} {_n(x + w)} {_n(y + r)}V{_n(y + h)}Z"
    )
