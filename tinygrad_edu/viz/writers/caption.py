"""The words above a picture: title, how much is shown, what colours mean, the step."""

from __future__ import annotations

from ..formatting import clean, shorten, text_width, wrap
from ..labels import card_names, step_lines
from ..model import Step, View
from .svg_elements import number_text, text_element

TITLE_SIZE, SIZE = 14.0, 10.0
LINE = 15.0
SWATCH = (20.0, 10.0)
STEP_WIDTH = 110  # characters of a step's line


def legend_words(view: View) -> tuple[str, list[tuple[str, str]]]:
    """What all labels of the legend begin with, and each colour with the rest of its label."""
    labels = [clean(entry.label).split(" ") for entry in view.legend]
    shared = 0
    if len(labels) > 1:
        while all(len(words) > shared + 1 for words in labels) and (
            len({words[shared] for words in labels}) == 1
        ):
            shared += 1
    rest = [(e.color, " ".join(words[shared:])) for e, words in zip(view.legend, labels)]
    return " ".join(labels[0][:shared]) if labels else "", rest


class Caption:
    """The caption as SVG, growing downwards from (0, 0).

    Attributes
    ----------
    parts : list of str
        SVG elements.
    width, height : float
        The room they take.
    """

    def __init__(self, view: View, ink: dict[str, str], step: Step | None) -> None:
        self.ink = ink
        self.parts: list[str] = []
        self.width = 0.0
        self.height = 0.0
        for line in wrap(view.title, 70, 2):
            self.height += 19.0
            self._word(0, line, TITLE_SIZE, ink["text"], bold=True)
        for text in (view.header, *(wrap(view.note, 110, 3) if view.note else ())):
            self._line()
            self._word(0, text, SIZE, ink["muted"])
        if view.legend:
            self._legend(view)
        if step is not None:
            self._step(view, step)
        self.height += 10.0

    def _line(self) -> None:
        self.height += LINE

    def _word(self, x: float, text: str, size: float, color: str, bold: bool = False) -> float:
        """Write `text` at `x` of the current line; returns where it ends."""
        self.parts.append(text_element(x, self.height, text, size, color, bold=bold))
        end = x + text_width(text, size, bold)
        self.width = max(self.width, end)
        return end

    def _legend(self, view: View) -> None:
        common, entries = legend_words(view)
        self._line()
        x = self._word(0, common, SIZE, self.ink["muted"]) + 10 if common else 0.0
        wide, tall = SWATCH
        for color, label in entries:
            if x > 0 and x + wide + text_width(label, SIZE) > 560:
                self._line()
                x = 0.0
            y = self.height - tall + 1
            self.parts.append(
                f'<rect x="{number_text(x)}" y="{number_text(y)}" width="{number_text(wide)}" '
                f'height="{number_text(tall)}" rx="2" fill="{color}" '
                f'stroke="{self.ink["edge"]}" stroke-width="0.5"/>'
            )
            x = self._word(x + wide + 5, label, SIZE, self.ink["text"]) + 14

    def _step(self, view: View, step: Step) -> None:
        total = sum(1 for s in view.steps if s.kind == step.kind)
        (kind, title), *lines = step_lines(step, card_names(view), total)
        self.height += 24.0
        self._word(0, f"{kind} {title}", 12.0, self.ink["lit"], bold=True)
        labels = max((text_width(label, SIZE) for label, _ in lines), default=0.0)
        last = ""
        for label, text in lines:
            self._line()
            if label != last:
                self._word(0, label, SIZE, self.ink["lit"])
            self._word(labels + 12, shorten(text, STEP_WIDTH), SIZE, self.ink["text"])
            last = label
