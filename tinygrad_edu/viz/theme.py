"""Colours, one table for all writers: DOT, SVG, and the page.

Hues are Okabe and Ito's (2008), which people with any colour vision tell apart; fills are pale so
that text keeps a contrast of at least 4.5 to 1 in both themes (tested). Colour never speaks alone:
every role also has its own border, and every mark its word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["light", "dark", "auto"]


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of card or box looks: fills, border colour, width in points and line style."""

    fill: str
    header: str
    border: str
    width: float = 1.0
    line: Literal["solid", "dashed", "double"] = "solid"
    rounded: bool = True


LIGHT: dict[str, Style] = {
    "parameter": Style("#eef6fc", "#cfe5f5", "#0072b2", 1.6, rounded=False),
    "input": Style("#eaf7f1", "#c8eadc", "#00795a", 1.4),
    "constant": Style("#f3f4f6", "#e3e6ea", "#878e99", 1.0, "dashed"),
    "op": Style("#fefeff", "#f0f2f6", "#6e7781"),
    "output": Style("#fff9df", "#fcedab", "#9a6b00", 2.0, "double"),
    "module": Style("#f7f9fc", "#e6ebf3", "#8391a5", 1.2),
    "composed": Style("#fbf4f9", "#f3e0ec", "#a4467e", 1.2, "dashed"),
    "user": Style("#fafaf5", "#ecebd9", "#8a875f", 1.2),
    "order": Style("#f6f5fc", "#e4e1f4", "#6a60a9", 1.6),
    "part": Style("#f8f8f9", "#e9eaed", "#9aa1ab", 1.0, "dashed"),
}
DARK: dict[str, Style] = {
    "parameter": Style("#102c40", "#174562", "#56b4e9", 1.6, rounded=False),
    "input": Style("#10302a", "#17493d", "#3fc197", 1.4),
    "constant": Style("#23272e", "#31363f", "#8d95a1", 1.0, "dashed"),
    "op": Style("#1b1f26", "#272c35", "#838c99"),
    "output": Style("#332c0e", "#4d4213", "#f0c948", 2.0, "double"),
    "module": Style("#171b22", "#242b36", "#66738a", 1.2),
    "composed": Style("#221822", "#3a2638", "#d98cbd", 1.2, "dashed"),
    "user": Style("#1d1d17", "#33322a", "#a5a27c", 1.2),
    "order": Style("#1b1a27", "#2d2a45", "#9d94d8", 1.6),
    "part": Style("#191b1f", "#282b31", "#727985", 1.0, "dashed"),
}
# What is neither a card nor a box.
LIGHT_INK: dict[str, str] = {
    "page": "#fdfdfe",
    "text": "#1c2128",
    "muted": "#525a65",
    "edge": "#5d6673",
    "faint": "#9aa2ad",
    "lit": "#c44e00",
    "litfill": "#ffe6cf",
    "badge": "#e7e9ee",
    "dim": "#c3c8cf",
    "alarm": "#c83f00",
    "alarmtext": "#fffffe",
    "bar": "#f5f7fa",
    "rule": "#d5dae1",
    "control": "#ffffff",
    "plus": "#00704f",
    "minus": "#a8387d",
    "change": "#8a5a00",
}
DARK_INK: dict[str, str] = {
    "page": "#12151a",
    "text": "#e9ecf1",
    "muted": "#aab3bf",
    "edge": "#98a2af",
    "faint": "#6c7683",
    "lit": "#ff9d4d",
    "litfill": "#52300f",
    "badge": "#333a45",
    "dim": "#3e454f",
    "alarm": "#ff8a4f",
    "alarmtext": "#15110e",
    "bar": "#191d24",
    "rule": "#343b46",
    "control": "#232932",
    "plus": "#45cf9f",
    "minus": "#ee93cb",
    "change": "#e8b64a",
}
# Cividis (Nunez, Anderton and Renslow 2018), dark to bright: even in lightness and readable with
# any colour vision.
RAMP = (
    "#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8779",
    "#a69d75", "#c4b56c", "#e4cf5b", "#fee838",
)  # fmt: skip


def role_style(role: str, kind: str | None, dark: bool = False) -> Style:
    """The style of a card: a folded box wears its kind's, everything else its role's."""
    table = DARK if dark else LIGHT
    return table[kind or role]


def dark_of() -> dict[str, str]:
    """Every light colour with the dark colour that takes its place."""
    pairs = {LIGHT_INK[name]: DARK_INK[name] for name in LIGHT_INK}
    for name, style in LIGHT.items():
        other = DARK[name]
        pairs[style.fill] = other.fill
        pairs[style.header] = other.header
        pairs[style.border] = other.border
    return pairs


def luminance(color: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    channels = []
    for at in (1, 3, 5):
        c = int(color[at : at + 2], 16) / 255
        channels.append(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
    red, green, blue = channels
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2): `(lighter + 0.05) / (darker + 0.05)`."""
    a, b = luminance(one), luminance(other)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better on `fill`."""
    return "#111418" if contrast("#111418", fill) >= contrast("#fffffe", fill) else "#fffffe"


def paint_ink(fill: str) -> str:
    """Black or white on a card's own paint, which is the same in both themes.

    The two are no colours of the palette, so the dark theme leaves them as they are.
    """
    return "#101317" if contrast("#101317", fill) >= contrast("#fffffd", fill) else "#fffffd"
