"""Curves as inline SVG, coloured by the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

__all__ = ["line_chart"]

WIDTH, HEIGHT = 560.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 24.0, 14.0, 36.0
LOGARITHMIC_FROM = 30.0  # a range of values above which the axis is logarithmic

Points = Sequence[tuple[float, float]]


def line_chart(curves: Sequence[tuple[str, Points]], y_title: str, *, percent: bool = False) -> str:
    """Draw curves over epochs.

    Parameters
    ----------
    curves : sequence of (name, points)
        Points are (epoch, value). Names are also classes of the style sheet: train, test.
    y_title : str
        What the values are.
    percent : bool
        Whether values 0 … 1 are shown as 0 … 100 %, on an axis that ends at 100 %.

    Returns
    -------
    str
        An `<svg>` element.
    """
    curves = [
        (name, thinned([p for p in points if math.isfinite(p[1])])) for name, points in curves
    ]
    curves = [(name, points) for name, points in curves if points]
    if not curves:
        return '<p class="muted">Nothing was measured.</p>'
    values = [v for _, points in curves for _, v in points]
    epochs = [e for _, points in curves for e, _ in points]
    low, high = min(values), max(values)
    logarithmic = not percent and low > 0 and high / low > LOGARITHMIC_FROM
    ticks, (bottom, top) = _axis(low, high, logarithmic, percent)
    first, last = 0.0, float(max(epochs))

    def x_of(epoch: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - first) / (last - first)

    def y_of(value: float) -> float:
        if logarithmic:
            share = (math.log(value) - math.log(bottom)) / (math.log(top) - math.log(bottom))
        else:
            share = (value - bottom) / (top - bottom)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    label: Callable[[float], str] = (
        (lambda v: f"{100 * v:g} %") if percent else (lambda v: f"{v:g}")
    )
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
        f'aria-label="{escape(_spoken(curves, y_title, percent))}">'
    ]
    for tick in ticks:
        y = y_of(tick)
        parts.append(
            f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{LEFT - 8:g}" y="{y + 4:.1f}" text-anchor="end">'
            f"{label(tick)}</text>"
        )
    for tick in _round_steps(first, last, 5):
        x = x_of(tick)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 17:g}" text-anchor="middle">'
            f"{tick:,.0f}</text>"
        )
    parts.append(
        f'<text class="axis" x="{(LEFT + WIDTH - RIGHT) / 2:g}" y="{HEIGHT - 3:g}" '
        f'text-anchor="middle">epoch</text>'
    )
    for name, points in curves:
        path = " ".join(f"{x_of(e):.1f},{y_of(v):.1f}" for e, v in points)
        end = points[-1]
        parts.append(
            f'<polyline class="curve {escape(name)}" points="{path}"/>'
            f'<circle class="end {escape(name)}" cx="{x_of(end[0]):.1f}" cy="{y_of(end[1]):.1f}" '
            f'r="3.2"><title>{escape(name)}: {label(end[1])} after {end[0]:,} epochs</title>'
            f"</circle>"
        )
    parts.append("</svg>")
    scale = ", logarithmic" if logarithmic else ""
    legend = " ".join(
        f'<span class="key {escape(name)}">{escape(name)} '
        f"{f'{100 * points[-1][1]:.2f} %' if percent else f'{points[-1][1]:.4g}'}</span>"
        for name, points in curves
    )
    return (
        f'<figure class="plot"><figcaption><b>{escape(y_title)}</b>{scale} {legend}</figcaption>'
        f"{''.join(parts)}</figure>"
    )


def thinned(points: Points, most: int = 400) -> list[tuple[float, float]]:
    """At most so many points, evenly spaced, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(i * step)] for i in range(most)]


def _axis(
    low: float, high: float, logarithmic: bool, percent: bool
) -> tuple[list[float], tuple[float, float]]:
    """Ticks, and both ends of the axis."""
    if logarithmic:
        exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ends = (10.0 ** exponents[0], 10.0 ** exponents[-1])
        every = max(1, (len(exponents) + 4) // 5)
        return [10.0**e for e in exponents[::every]], ends
    if percent:
        low = min(low, 0.9)
        bottom = math.floor(low * 10) / 10
        return _round_steps(bottom, 1.0, 5), (bottom, 1.0)
    low = 0.0 if low >= 0 else low
    high = high if high > low else low + 1
    ticks = _round_steps(low, high, 5)
    step = ticks[1] - ticks[0]
    return [*ticks, ticks[-1] + step], (low, ticks[-1] + step)


def _round_steps(low: float, high: float, about: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    begin = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - begin + 1
    return [round((begin + i) * step, 12) for i in range(count)]


def _spoken(curves: Sequence[tuple[str, Points]], y_title: str, percent: bool) -> str:
    def said(v: float) -> str:
        return f"{100 * v:.1f} %" if percent else f"{v:.3g}"

    each = "; ".join(
        f"{name} from {said(points[0][1])} to {said(points[-1][1])}" for name, points in curves
    )
    return f"{y_title} over epochs: {each}"
