"""A kink under the magnifying glass: one-sided slopes, and what a difference makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking.differences import central
from ...checking.kinks import NAMES, screen
from .result import Experiment

__all__ = ["kink_zoom"]

CURVES: dict[str, Callable[[Any], Any]] = {
    "relu": lambda t: np.maximum(t, 0.0),
    "abs": np.abs,
    "tanh": np.tanh,
    "cube root": np.cbrt,
    "step": lambda t: np.heaviside(t, 0.5),
}


def kink_zoom(offset: float = 0.0) -> Experiment:
    """One-sided and central slopes of five functions at 0, at ever smaller steps.

    Parameters
    ----------
    offset : float
        Look beside the kink instead.

    Returns
    -------
    Experiment
        `data`: `steps`; for each function `right`, `left`, `central` slopes and the `kind` found.
    """
    steps = np.logspace(-8, 0, 60)
    data: dict[str, Any] = {"steps": steps}
    for name, f in CURVES.items():

        def line(t: Any, f: Callable[[Any], Any] = f) -> Any:
            return np.asarray(f(offset + t))

        here = line(0.0)
        found = screen(line)
        data[name] = {
            "right": np.array([float((line(h) - here) / h) for h in steps]),
            "left": np.array([float((here - line(-h)) / h) for h in steps]),
            "central": np.array([float(central(line, h)) for h in steps]),
            "kind": NAMES[int(found.kind)],
        }

    def draw(axes: Any) -> None:
        for ax, name in zip(axes, CURVES, strict=True):
            found = data[name]
            ax.semilogx(steps, found["right"], color="C0", label="to the right")
            ax.semilogx(steps, found["left"], color="C1", label="to the left")
            ax.semilogx(steps, found["central"], ":", color="k", label="central")
            if found["kind"] == "kink":
                ax.fill_between(steps, found["left"], found["right"], color="C2", alpha=0.15)
                ax.annotate(
                    "any slope in here is right",
                    (0.5, 0.85),
                    xycoords=("axes fraction", "data"),
                    ha="center",
                    fontsize=7,
                    color="C2",
                )
            ax.set_xlim(1, 1e-8)
            if found["kind"] in ("cusp", "step"):
                ax.set_yscale("log")
                ax.set_ylim(0.3, 1e9)
            else:
                ax.set_ylim(-1.4, 2.4)
            ax.set_title(f"{name}: {found['kind']}", fontsize=10)
            ax.set_xlabel("step h (zooming in)", fontsize=8)
            ax.tick_params(labelsize=7)
        axes[0].set_ylabel("slope")
        axes[2].legend(fontsize=7, loc="lower center")

    return Experiment(
        "kink_zoom",
        "From left to right the step shrinks. Of a smooth function both one-sided slopes meet. At "
        "a kink (relu, |x|) they "
        "never do: they settle on two numbers, and any slope between them is a subgradient. A "
        "central difference lands confidently in the middle, on 1/2 for relu, which is "
        "why checkers "
        "that know no kinks reject right networks. At a cusp (the cube root) and a step the slopes "
        "grow without end: there is no derivative, and the check says INCONCLUSIVE.",
        data,
        draw,
        panels=len(CURVES),
        size=(13, 3.2),
    )
