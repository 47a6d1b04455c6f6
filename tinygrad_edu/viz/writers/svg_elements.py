"""The smallest pieces of our SVG: numbers, text, the style sheet of both themes."""

from __future__ import annotations

from ..markup import element
from ..theme import DARK_INK, ThemeName, dark_of


def number_text(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def text_element(
    x: float,
    y: float,
    text: str,
    size: float,
    color: str,
    *,
    bold: bool = False,
    **attributes: object,
) -> str:
    """A `<text>` whose baseline starts at (x, y)."""
    places = {"x": number_text(x), "y": number_text(y), "font_size": number_text(size)}
    weight = "bold" if bold else None
    return element("text", text, **places, fill=color, font_weight=weight, **attributes)


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
