"""Curves and small grey pictures as images inside the page."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...viz.markup import Markup, element

__all__ = ["image", "line_chart", "pixels", "png"]

LOGARITHMIC_FROM = 30.0  # a range of values above which the axis is logarithmic
# Each colour in the light theme, which matplotlib draws with, and in the dark one.
INKS = {
    "train": ("#0072b2", "#56b4e9"),
    "test": ("#c44e00", "#ff9d4d"),
    "muted": ("#59616c", "#a5aeba"),
    "rule": ("#dfe3e9", "#303641"),
}
DASHES = {"train": "-", "test": (0, (3, 1.5))}

Points = Sequence[tuple[float, float]]


def image(data: bytes, kind: str, alt: str, **attributes: object) -> Markup:
    """An `<img>` that holds its data."""
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
    return element("img", alt=alt, **attributes, src=source)


def pixels(field: NDArray[Any], alt: str) -> Markup:
    """An `<img>` of a field of numbers 0 … 1, 1 being black."""
    shades = np.rint(255 * (1 - np.clip(field, 0, 1))).astype(np.uint8)
    rows, columns = shades.shape
    return image(png(shades), "png", alt, css="pixels", width=columns, height=rows)


def png(shades: NDArray[np.uint8]) -> bytes:
    """An 8-bit grey PNG of shape (rows, columns)."""
    from PIL import Image  # which matplotlib brings along

    written = io.BytesIO()
    Image.fromarray(shades).save(written, "PNG")
    return written.getvalue()


def line_chart(
    curves: Sequence[tuple[str, Points]], y_title: str, *, percent: bool = False
) -> Markup:
    """Draw curves over epochs.

    Parameters
    ----------
    curves : sequence of (name, points)
        Names are "train" and "test"; points are (epoch, value).
    y_title : str
        What the values are.
    percent : bool
        Whether values 0 … 1 are shown as 0 … 100 %, on an axis that ends at 100 %.

    Returns
    -------
    Markup
        A `<figure>`.
    """
    curves = [(name, [p for p in points if math.isfinite(p[1])]) for name, points in curves]
    curves = [(name, thinned(points)) for name, points in curves if points]
    if not curves:
        return element("p", "Nothing was measured.", css="muted")
    values = [v for _, points in curves for _, v in points]
    logarithmic = not percent and min(values) > 0 and max(values) / min(values) > LOGARITHMIC_FROM
    legend = []
    for name, points in curves:
        last = f"{100 * points[-1][1]:.2f} %" if percent else f"{points[-1][1]:.4g}"
        legend += [" ", element("span", f"{name} {last}", css=f"key {name}")]
    scale = ", logarithmic" if logarithmic else ""
    svg = drawn(curves, percent, logarithmic).encode("utf-8")
    return element(
        "figure",
        element("figcaption", element("b", y_title), scale, legend),
        image(svg, "svg+xml", _spoken(curves, y_title, percent), css="chart"),
        css="plot",
    )


def drawn(curves: Sequence[tuple[str, Points]], percent: bool, logarithmic: bool) -> str:
    """The curves as an SVG document that follows the reader's theme."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    ink = {name: light for name, (light, _) in INKS.items()}
    low = min(v for _, points in curves for _, v in points)
    # Letters as text, and the same bytes each time.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "chart", "font.size": 9}):
        figure = Figure(figsize=(5.6, 2.5), layout="constrained")
        axes = figure.subplots()
        for name, points in curves:
            look: dict[str, Any] = {"color": ink[name], "clip_on": False}
            axes.plot(*zip(*points), linestyle=DASHES[name], gid=name, **look)
            axes.plot(*points[-1], ".", **look)
        axes.set_xlabel("epoch", color=ink["muted"])
        axes.set_xlim(0, max(points[-1][0] for _, points in curves))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        if logarithmic:
            axes.set_yscale("log")
        else:
            axes.locator_params("y", nbins=5)
        if percent:
            axes.set_ylim(math.floor(10 * min(low, 0.9)) / 10, 1)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        elif not logarithmic:
            axes.set_ylim(bottom=min(low, 0))
        axes.tick_params(length=0, which="both", labelcolor=ink["muted"])
        axes.grid(axis="y", color=ink["rule"])
        axes.spines[:].set_visible(False)
        written = io.StringIO()
        bare = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(written, format="svg", transparent=True, metadata=bare)
    svg = written.getvalue()
    for name, light in ink.items():
        svg = svg.replace(light, f"var(--{name})")
    light, dark = (";".join(f"--{n}:{pair[i]}" for n, pair in INKS.items()) for i in (0, 1))
    theme = f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return svg.replace('<style type="text/css">', f'<style type="text/css">{theme}', 1)


def thinned(points: Points, most: int = 400) -> list[tuple[float, float]]:
    """At most so many points, evenly spaced, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(i * step)] for i in range(most)]


def _spoken(curves: Sequence[tuple[str, Points]], y_title: str, percent: bool) -> str:
    def said(v: float) -> str:
        return f"{100 * v:.1f} %" if percent else f"{v:.3g}"

    each = "; ".join(
        f"{name} from {said(points[0][1])} to {said(points[-1][1])}" for name, points in curves
    )
    return f"{y_title} over epochs: {each}"
