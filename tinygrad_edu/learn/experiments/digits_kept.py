"""How many digits each step of a computation keeps, in single and half precision."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...engine.traced import wrap
from ...primitives.elementwise import sqrt
from .result import Experiment

__all__ = ["dtype_compare"]

DTYPES: dict[str, Any] = {"float32": np.float32, "float16": np.float16}


def dtype_compare(offset: float = 20.0, seed: int = 0) -> Experiment:
    """Digits that each step keeps in float32 and float16: a standard deviation, written two ways.

    Parameters
    ----------
    offset : float
        Mean of the numbers, whose standard deviation is 1.
    seed : int

    Returns
    -------
    Experiment
        `data`: for each formula and dtype the names of its `steps`, and the right digits of each
        step's `value` and `gradient`, against float64.
    """
    x = np.random.default_rng(seed).standard_normal(64) + offset
    # Numbers that every precision holds exactly: what is lost is lost by the steps.
    x = x.astype(np.float16).astype(float)
    data: dict[str, Any] = {}
    for formula, run in (("mean of squares", _mean_of_squares), ("squares of gaps", _gaps)):
        names, *exact = _values(run, x)
        for label, dtype in DTYPES.items():
            _, *found = _values(run, x.astype(dtype))
            data[f"{formula}, {label}"] = {
                "steps": names,
                "value": _digits(found[0], exact[0]),
                "gradient": _digits(found[1], exact[1]),
            }

    def draw(axes: Any) -> None:
        for ax, formula in zip(axes, ("mean of squares", "squares of gaps"), strict=True):
            for k, label in enumerate(DTYPES):
                found = data[f"{formula}, {label}"]
                place = np.arange(len(found["steps"]))
                for what, style, shift in (("value", "-", 0.09), ("gradient", "--", -0.09)):
                    ax.plot(
                        found[what],
                        place + shift,
                        "o" + style,
                        color=f"C{k}",
                        markersize=5,
                        label=f"{label}, {what}",
                    )
                ax.axvline(-math.log10(np.finfo(DTYPES[label]).eps), color=f"C{k}", alpha=0.25)
            ax.set_yticks(place, found["steps"])
            ax.invert_yaxis()
            ax.set_xlim(-0.2, 8.5)
            ax.set_xlabel("right digits")
            ax.grid(axis="x", alpha=0.2)
        axes[0].set_title("sqrt(mean(x²) \u2212 mean(x)²)", fontsize=10)
        axes[1].set_title("sqrt(mean((x \u2212 mean(x))²))", fontsize=10)
        axes[1].legend(fontsize=8, loc="lower left")

    return Experiment(
        "dtype_compare",
        f"Numbers of mean {offset:g} and standard deviation 1. On paper both formulas are the "
        f"same. Read downwards, as forward runs, for the values, and upwards for the gradients. "
        f"The pale lines are all the digits that a number of each kind has. In the left formula "
        f"the difference of two large, nearly equal numbers loses those that they share: every "
        f"step before it was right to the last digit, and what comes after cannot be better. On "
        f"the right the differences are taken first, of numbers that are still exact (what reaches "
        f"mean(x) there is a sum that cancels to 0, so it has no digits). The rules of "
        f"both pass the gradient check in float64; digits are lost by the order of steps, not by a "
        f"wrong derivative.",
        data,
        draw,
        panels=2,
        size=(10.5, 4.2),
    )


def _mean_of_squares(x: Any) -> list[tuple[str, Any]]:
    square = x * x
    second = square.mean()
    first = x.mean()
    squared = first * first
    gap = second - squared
    return [
        ("x", x),
        ("x²", square),
        ("mean(x²)", second),
        ("mean(x)", first),
        ("mean(x)²", squared),
        ("difference", gap),
        ("sqrt", sqrt.record(gap)),
    ]


def _gaps(x: Any) -> list[tuple[str, Any]]:
    first = x.mean()
    gap = x - first
    square = gap * gap
    variance = square.mean()
    return [
        ("x", x),
        ("mean(x)", first),
        ("difference", gap),
        ("square", square),
        ("mean", variance),
        ("sqrt", sqrt.record(variance)),
    ]


def _values(run: Any, x: Any) -> tuple[list[str], list[Any], list[Any]]:
    leaf: Any = wrap(x).requires_grad_()
    with np.errstate(all="ignore"):
        steps = run(leaf)
        for _, value in steps[1:]:
            value.retain_grad()
        steps[-1][1].backward()
    return (
        [name for name, _ in steps],
        [value._data.astype(float) for _, value in steps],
        [value.grad._data.astype(float) for _, value in steps],
    )


def _digits(found: list[Any], exact: list[Any]) -> Any:
    """-log10 of the largest error by the largest value; NaN where the exact value is 0."""
    top = max(float(np.max(np.abs(b))) for b in exact)
    digits = []
    for a, b in zip(found, exact, strict=True):
        size = float(np.max(np.abs(b)))
        if size <= 1e-12 * top:
            digits.append(math.nan)
            continue
        gap = float(np.max(np.abs(a - b))) / size
        right = math.inf if gap == 0 else -math.log10(gap)
        digits.append(min(max(right, 0.0), 8.0) if math.isfinite(gap) else 0.0)
    return np.array(digits)
