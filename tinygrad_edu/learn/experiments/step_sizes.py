"""Error of a numeric derivative against its step: the V, and how to get out of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...checking.complex_step import complex_step
from ...checking.differences import central, forward, optimal_step, ridders
from .result import Experiment

__all__ = ["vcurve"]


def vcurve(points: int = 80) -> Experiment:
    """The error of the derivative of eˣ at 1 against the step, by method and precision.

    Returns
    -------
    Experiment
        `data`: `steps`; relative errors `forward`, `central`, `richardson`, `complex` (float64) and
        `central32`; `best64` and `best32`, the steps that theory calls best.
    """
    steps = np.logspace(-15, 0, points)
    true = math.e

    def line(t: Any) -> Any:
        return np.exp(np.asarray(1.0 + t))

    def line32(t: float) -> Any:
        return np.exp(np.float32(1) + np.float32(t))

    def error(value: Any) -> float:
        return max(abs(float(value) - true) / true, 1e-17)

    steps32 = steps[steps > 1e-7]

    def typical(method: Any, f: Any, h: float) -> float:
        """Root mean square over steps close by: a single step may be lucky."""
        near = [error(method(f, h * k)) for k in np.linspace(0.85, 1.15, 7)]
        return float(np.sqrt(np.mean(np.square(near))))

    data = {
        "steps": steps,
        "forward": np.array([typical(forward, line, h) for h in steps]),
        "central": np.array([typical(central, line, h) for h in steps]),
        "richardson": np.array([error(ridders(line, h).value) for h in steps]),
        "complex": np.array([error(complex_step(line, h)) for h in steps]),
        "steps32": steps32,
        "central32": np.array([typical(_central32, line32, h) for h in steps32]),
        "best64": optimal_step(math.e, math.e),
        "best32": optimal_step(math.e, math.e, np.float32),
    }

    def draw(ax: Any) -> None:
        colors = {"forward": "C1", "central": "C0", "richardson": "C2", "complex": "C3"}
        for name, color in colors.items():
            ax.loglog(steps, data[name], color=color, label=f"{name}, float64")
        ax.loglog(steps32, data["central32"], "--", color="C0", label="central, float32")
        for name, words in (("best64", "best h,\nfloat64:"), ("best32", "best h,\nfloat32:")):
            ax.axvline(data[name], color="0.75", linewidth=0.8, zorder=0)
            ax.annotate(
                f"{words}\n{data[name]:.1e}",
                (data[name], 3e2),
                color="0.4",
                fontsize=8,
                ha="center",
            )
        for words, h, height in (
            ("slope 1", 6e-7, 2e-5),
            ("slope 2", 1e-3, 1e-8),
            ("slope \u22121: rounding / h", 2e-12, 1e-2),
        ):
            ax.annotate(words, (h, height), fontsize=9, color="0.3")
        ax.set_ylim(3e-18, 1e7)
        ax.set_xlabel("step h")
        ax.set_ylabel("relative error of the derivative")
        ax.set_title("The derivative of exp at 1, from values of exp")
        ax.legend(fontsize=8, loc=(0.03, 0.13))

    return Experiment(
        "vcurve",
        "Right of the bottom the formula is wrong: the error of a forward difference falls with h, "
        "that of a central one with h squared. Left of it rounding is divided by h, and the error "
        "grows again with slope -1. The best central step is (3 eps |f| / |f'''|)^(1/3), "
        "about 1e-5 "
        "in float64 and 1e-2 in float32 (grey lines), and even there half of the digits "
        "or more are "
        "lost. Richardson extrapolation takes large steps and cancels their error term by term; a "
        "complex step subtracts nothing, so nothing is lost however small h is.",
        data,
        draw,
    )


def _central32(line: Any, step: float) -> float:
    h = np.float32(step)
    plus, minus = np.float32(1) + h, np.float32(1) - h
    return float(line(h) - line(-h)) / float(plus - minus) if plus != minus else 0.0
