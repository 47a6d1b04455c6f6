"""A kink under the magnifying glass: one-sided slopes, and what a difference makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..differences import central
from ..kinks import NAMES, screen
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

    def draw(ax: Any) -> None:
        for name in CURVES:
            (shown,) = ax.semilogx(
                steps, data[name]["right"], label=f"{name}: {data[name]['kind']}"
            )
            ax.semilogx(steps, data[name]["left"], "--", color=shown.get_color())
        ax.set_ylim(-3, 6)
        ax.set_xlabel("step h")
        ax.set_ylabel("slope to the right (line), to the left (dashes)")
        ax.legend()

    return Experiment(
        "kink_zoom",
        "Zoom in on a smooth function and both one-sided slopes meet. At a kink (relu, |x|) they "
        "never do: they settle on two numbers, and any slope between them is a subgradient. A "
        "central difference lands confidently in the middle, on 1/2 for relu, which is "
        "why checkers "
        "that know no kinks reject right networks. At a cusp (the cube root) and a step the slopes "
        "grow without end: there is no derivative, and the check says INCONCLUSIVE.",
        data,
        draw,
    )
