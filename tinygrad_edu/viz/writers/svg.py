"""Our own SVG of a view, over a layout that Graphviz made."""

from __future__ import annotations

import math
from typing import Any

from ..formatting import shorten, text_width, wrap
from ..labels import badges, box_label, describe, heading, marks, rows, type_text
from ..markup import element
from ..model import Box, Card, Edge, View
from ..theme import ThemeName, paint_ink
from .caption import Caption
from .layout import Layout, Point, Rectangle
from .scene import Scene
from .svg_elements import document_style, text_element
from .svg_elements import number_text as _n

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
MARGIN = 18.0
HEAD_LINE, ROW_LINE = 14.0, 15.0
HEAD_SIZE, ROW_SIZE, SMALL_SIZE, LABEL_SIZE = 11.0, 10.0, 9.0, 8.0
INSET = 8.0
# Fonts that stand in for Helvetica are up to this much wider.
AIR = 1.03


class Pen(Scene):
    """Measures and draws the pieces of one picture."""

    def __init__(self, view: View, dark: bool = False, step: int | None = None) -> None:
        super().__init__(view, dark, step)
        self.cards = {c.id: c for c in view.cards}
        self.around: dict[int, list[int]] = {-1: []}
        for b in view.boxes:
            self.around[b.id] = [*self.around.get(b.parent, []), b.id]

    # -------------------------------------------------------------------------------- measures

    def sizes(self) -> dict[int, tuple[float, float]]:
        """Width and height of each card."""
        return {c.id: self._size(c) for c in self.view.cards}

    def titles(self) -> dict[int, float]:
        """The width that each box's heading needs."""
        out = {}
        for b in self.view.boxes:
            name, rest = box_label(b)
            wide = text_width(name, HEAD_SIZE, bold=True) + text_width(rest, SMALL_SIZE)
            out[b.id] = wide * AIR + 2 * INSET + 8
        return out

    def labels(self) -> dict[int, float]:
        """The width of each edge's label."""
        return {
            i: text_width(self.label(e), LABEL_SIZE) * AIR for i, e in enumerate(self.view.edges)
        }

    def _size(self, card: Card) -> tuple[float, float]:
        names = wrap(heading(card), 34, 3)
        small = _corner(card)
        width = max(text_width(n, HEAD_SIZE, bold=True) for n in names)
        width += 14 + text_width(small, SMALL_SIZE)
        found = rows(card)
        label, body = _columns(found)
        width = max(width, label + 8 + body if found else 0)
        words = marks(card)
        width = max(width, text_width(", ".join(words), SMALL_SIZE, bold=True))
        height = len(names) * HEAD_LINE + 8 + ROW_LINE * len(found)
        height += 5 if found else 0
        return width * AIR + 2 * INSET, height + (ROW_LINE if words else 0)

    # -------------------------------------------------------------------------------- the whole

    def document(self, layout: Layout, theme: ThemeName) -> str:
        """The SVG document."""
        caption = Caption(self.view, self.ink, self.step)
        top = MARGIN + caption.height
        wide = max(caption.width, layout.width)
        width, height = wide + 2 * MARGIN, top + layout.height + MARGIN
        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="tinygrad-edu-graph" role="img" '
            f'width="{_n(width)}pt" height="{_n(height)}pt" viewBox="0 0 {_n(width)} {_n(height)}" '
            f'style="max-width:100%;height:auto" font-family="{FONT}">'
            + element("title", shorten(self.view.title, 200))
            + element("desc", self.view.header)
            + document_style(theme)
            + f'<rect width="100%" height="100%" fill="{self.ink["page"]}"/>',
            f'<g transform="translate({_n(MARGIN)} {_n(MARGIN)})">',
            *caption.parts,
            "</g>",
        ]
        shift = MARGIN + (wide - layout.width) / 2
        out.append(f'<g transform="translate({_n(shift)} {_n(top)})">')
        boxes = [(b, layout.boxes[b.id]) for b in self.view.boxes if b.id in layout.boxes]
        lines = [(i, self.view.edges[i], path) for i, path in layout.edges.items()]
        out += [self._box(b, place) for b, place in boxes]
        out += [self._edge(e, path) for _, e, path in lines]
        out += [self._box_text(b, place) for b, place in boxes]
        for i, e, _ in lines:
            if i in layout.labels:
                out.append(self._edge_text(e, layout.labels[i]))
        out += [self._card(c, layout.cards[c.id]) for c in self.view.cards]
        out.append("</g></svg>")
        return "\n".join(out) + "\n"

    # ------------------------------------------------------------------------------------ boxes

    def _box(self, box: Box, place: Rectangle) -> str:
        style = self.styles[box.kind]
        dash = ' stroke-dasharray="5 3"' if style.line == "dashed" else ""
        full = f"{box.path or box.name}: {box.kind}"
        return (
            f'<g id="b{box.id}">{element("title", shorten(full, 200))}'
            f'<rect x="{_n(place.x)}" '
            f'y="{_n(place.y)}" width="{_n(place.width)}" height="{_n(place.height)}" rx="9" '
            f'fill="{style.fill}" stroke="{style.border}" stroke-width="{style.width}"{dash}/></g>'
        )

    def _box_text(self, box: Box, place: Rectangle) -> str:
        style = self.styles[box.kind]
        name, rest = box_label(box)
        halo = _halo(style.fill)
        x, y = place.x + INSET, place.y + 15
        out = text_element(x, y, name, HEAD_SIZE, self.ink["text"], bold=True, **halo)
        if rest:
            after = x + text_width(name, HEAD_SIZE, bold=True) * AIR + 8
            out += text_element(after, y, rest, SMALL_SIZE, self.ink["muted"], **halo)
        return out

    # ------------------------------------------------------------------------------------ edges

    def _edge_text(self, edge: Edge, middle: Point) -> str:
        text = self.label(edge)
        if not text:
            return ""
        faint = self.is_dim(edge.target)
        color = self.ink["faint" if faint else "muted"]
        if edge.note and not faint:
            color = self.styles["composed"].border
        halo = _halo(self._ground(edge))
        x, y = middle[0], middle[1] + 3
        return text_element(x, y, text, LABEL_SIZE, color, text_anchor="middle", **halo)

    def _ground(self, edge: Edge) -> str:
        """The colour behind an edge: of the innermost box that holds both ends."""
        one, other = (self.around.get(self.cards[i].box, []) for i in (edge.source, edge.target))
        shared = [a for a, b in zip(one, other) if a == b]
        if not shared:
            return self.ink["page"]
        return self.styles[next(b.kind for b in self.view.boxes if b.id == shared[-1])].fill

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
        size = 4.5 + width * 0.8
        line, tip, toward = _curve(path, size, backward)
        return (
            f'<path d="{line}" fill="none" stroke="{color}" stroke-width="{_n(width)}"{dash}/>'
            f'<path d="{_head(tip, toward, size)}" fill="{color}"/>'
        )

    # ------------------------------------------------------------------------------------ cards

    def _card(self, card: Card, place: Rectangle) -> str:
        look = self.look(card)
        x, y, w, h = place.x, place.y, place.width, place.height
        names = wrap(heading(card), 34, 3)
        found, band = rows(card), self.band(card, look)
        radius = 6.0 if look.is_rounded else 0.0
        head = len(names) * HEAD_LINE + 8 if found or band else h
        dash = ' stroke-dasharray="4 3"' if look.line == "dashed" else ""
        frame = f'x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="{_n(radius)}"'
        full = describe(card)
        out = [
            f'<g id="{"c" if card.copy_of is None else "r"}{card.id}">'
            + element("title", full.split(":")[0])
            + element("desc", full)
            + f'<rect {frame} fill="{look.fill}"/>'
            f'<path d="{_band(x, y, w, min(head, h), radius, h)}" fill="{look.header}"/>'
        ]
        if look.line == "double":
            out.append(
                f'<rect x="{_n(x - 2.5)}" y="{_n(y - 2.5)}" width="{_n(w + 5)}" '
                f'height="{_n(h + 5)}" rx="{_n(radius + 2)}" fill="none" stroke="{look.border}"/>'
            )
        ink = paint_ink(look.paint) if look.paint else look.text
        for n, part in enumerate(names):
            at = y + HEAD_LINE * (n + 1) + 1
            out.append(text_element(x + INSET, at, part, HEAD_SIZE, ink, bold=True))
        small = _corner(card)
        out.append(
            text_element(
                x + w - INSET,
                y + HEAD_LINE + 1,
                small,
                SMALL_SIZE,
                ink if look.paint else look.muted,
                text_anchor="end",
            )
        )
        column = x + INSET + _columns(found)[0] + 8
        at = y + head
        for label, words in found:
            at += ROW_LINE
            out.append(text_element(x + INSET, at - 3, label, SMALL_SIZE, look.muted))
            out.append(text_element(column, at - 3, words, ROW_SIZE, look.text))
        if band:
            out.append(_band_below(band, place, radius))
        out.append(
            f'<rect {frame} fill="none" stroke="{look.border}" '
            f'stroke-width="{_n(1.0 if look.line == "double" else look.width)}"{dash}/></g>'
        )
        return "".join(out)


def _band_below(band: tuple[str, str, str], place: Rectangle, r: float) -> str:
    """Upside down, the heading's band: square above, rounded below."""
    fill, ink, words = band
    x, w, bottom = place.x, place.width, place.y + place.height
    top = bottom - ROW_LINE
    shape = (
        f"M{_n(x)} {_n(top)}H{_n(x + w)}V{_n(bottom - r)}"
        f"Q{_n(x + w)} {_n(bottom)} {_n(x + w - r)} {_n(bottom)}"
        f"H{_n(x + r)}Q{_n(x)} {_n(bottom)} {_n(x)} {_n(bottom - r)}Z"
    )
    text = text_element(x + INSET, top + 11, words, SMALL_SIZE, ink, bold=True)
    return f'<path d="{shape}" fill="{fill}"/>{text}'


def _corner(card: Card) -> str:
    """What stands at the right of the heading: shape, dtype, badges."""
    return " \u00b7 ".join([type_text(card), *badges(card)])


def _columns(found: list[tuple[str, str]]) -> tuple[float, float]:
    """The widths of a card's labels and of its texts."""
    return (
        max((text_width(label, SMALL_SIZE) for label, _ in found), default=0.0),
        max((text_width(text, ROW_SIZE) for _, text in found), default=0.0),
    )


def _halo(ground: str) -> dict[str, Any]:
    """Lines may pass under words; a rim in the ground's colour keeps the words readable."""
    rim = {"stroke": ground, "stroke_width": 3, "stroke_linejoin": "round"}
    return {"paint_order": "stroke", **rim}


def _band(x: float, y: float, w: float, h: float, r: float, whole: float) -> str:
    """The heading's band: rounded above, and below too where it is the whole card."""
    low = r if h >= whole else 0.0
    return (
        f"M{_n(x)} {_n(y + h - low)}V{_n(y + r)}Q{_n(x)} {_n(y)} {_n(x + r)} {_n(y)}"
        f"H{_n(x + w - r)}Q{_n(x + w)} {_n(y)} {_n(x + w)} {_n(y + r)}V{_n(y + h - low)}"
        f"Q{_n(x + w)} {_n(y + h)} {_n(x + w - low)} {_n(y + h)}H{_n(x + low)}"
        f"Q{_n(x)} {_n(y + h)} {_n(x)} {_n(y + h - low)}Z"
    )


def _shifted(start: Point, toward: Point, by: float) -> Point:
    """The point `by` away from `start` in the direction of `toward`."""
    dx, dy = toward[0] - start[0], toward[1] - start[1]
    length = math.hypot(dx, dy)
    if length == 0:
        return start
    return start[0] + dx / length * by, start[1] + dy / length * by


def _head(tip: Point, toward: Point, size: float) -> str:
    """An arrow's head: its tip, and the point on the line that it comes from."""
    base = _shifted(tip, toward, size)
    nx, ny = (tip[1] - base[1]) * 0.55, (base[0] - tip[0]) * 0.55
    return (
        f"M{_n(tip[0])} {_n(tip[1])}L{_n(base[0] + nx)} {_n(base[1] + ny)}"
        f"L{_n(base[0] - nx)} {_n(base[1] - ny)}Z"
    )


def _curve(path: tuple[Point, ...], size: float, backward: bool) -> tuple[str, Point, Point]:
    """Graphviz's Bezier curve as a path, the tip of its arrow, and where that points from."""
    *points, tip = path
    if backward:
        end, tip = tip, points[0]
        # At both ends as far from the card as the arrow's head asks for.
        points[0] = _shifted(points[0], points[1], size)
        line = f"M{_pair(points[0])}C{' '.join(map(_pair, points[1:]))}L{_pair(end)}"
        return line, tip, points[0] if points[0] != tip else points[1]
    toward = points[-1] if points[-1] != tip else points[-2]
    base = _shifted(tip, toward, size - 0.5)
    line = f"M{_pair(points[0])}C{' '.join(map(_pair, points[1:]))}L{_pair(base)}"
    return line, tip, toward


def _pair(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"
