"""A view in one palette and at one step: what DOT and SVG draw alike."""

from __future__ import annotations

from dataclasses import dataclass

from ..labels import edge_label, mark_color, marks
from ..model import Card, Edge, Step, View
from ..theme import DARK, DARK_INK, LIGHT, LIGHT_INK, ink_on, role_style


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a card, its border, and `paint`, the colour that stands for a figure."""

    fill: str
    header: str
    border: str
    width: float
    line: str
    text: str
    muted: str
    paint: str
    is_rounded: bool


class Scene:
    """What a drawing of a view asks for.

    Parameters
    ----------
    view
        A folded view (or any other).
    dark
        Use the dark palette.
    step
        The number of a step in `view.steps`: its card is lit, and cards that the pass has not
        reached are dimmed.

    Raises
    ------
    IndexError
        There is no such step.
    """

    def __init__(self, view: View, dark: bool = False, step: int | None = None) -> None:
        if step is not None and not 0 <= step < len(view.steps):
            raise IndexError(f"There is no step {step}: the view has {len(view.steps)} steps.")
        self.view = view
        self.dark = dark
        self.styles = DARK if dark else LIGHT
        self.ink = DARK_INK if dark else LIGHT_INK
        self.step: Step | None = None if step is None else view.steps[step]
        self.reached = set() if self.step is None else _reached(view, self.step)
        self.fan_in: dict[int, int] = {}
        for e in view.edges:
            self.fan_in[e.target] = self.fan_in.get(e.target, 0) + e.count

    def label(self, edge: Edge) -> str:
        """What stands on a line."""
        return edge_label(edge, self.fan_in.get(edge.target, 0) <= 1)

    def is_dim(self, card: int) -> bool:
        """Whether the pass has not come to a card yet."""
        return self.step is not None and card not in self.reached

    def look(self, card: Card) -> Look:
        """A card's colours and border."""
        style = role_style(card.role, card.group.kind if card.group else None, self.dark)
        fill, header, paint = style.fill, card.paint or style.header, card.paint
        border, width, line = style.border, style.width, style.line
        text, muted = self.ink["text"], self.ink["muted"]
        if card.copy_of is not None:
            line = "dashed"
        for note in card.annotations:
            border, width, line = note.color, note.width, note.style
        if self.step is not None and card.id == self.step.card:
            border, width, line = self.ink["lit"], 3.0, "solid"
            fill = header = self.ink["litfill"]
            paint = ""
        elif self.is_dim(card.id):
            fill = header = self.ink["page"]
            border, text, muted = self.ink["dim"], self.ink["faint"], self.ink["faint"]
            paint = ""
        return Look(fill, header, border, width, line, text, muted, paint, style.rounded)

    def band(self, card: Card, look: Look) -> tuple[str, str, str] | None:
        """The band below a card: its colour, the colour of its words, and the words.

        It is solid for an alarm, and pale with a sign for a tag of health.
        """
        words = ", ".join(marks(card))
        if not words:
            return None
        alarm = mark_color(card)
        if alarm:
            return alarm, ink_on(alarm), words
        return self.ink["page" if self.is_dim(card.id) else "litfill"], look.text, f"! {words}"


def _reached(view: View, step: Step) -> set[int]:
    """The cards that the pass has come to by `step`: forward everything computed so far, backward
    everything that has a part of its gradient."""
    before = [s for s in view.steps if s.kind == step.kind and s.index <= step.index]
    done = {s.card for s in before}
    if step.kind == "backward":
        done |= {c.to for s in before for c in s.contributions}
    else:
        done |= {c.id for c in view.cards if c.is_leaf}
    return done
