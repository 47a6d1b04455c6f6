"""The Taylor remainder of a right and of a nearly right gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...checking.taylor import taylor_test
from .result import Experiment

__all__ = ["taylor"]


def taylor(error: float = 1e-4) -> Experiment:
    """Remainders of f(x) = Σ eˣ sin x against the step, with a right and a wrong gradient.

    Parameters
    ----------
    error : float
        Relative error of the wrong gradient.

    Returns
    -------
    Experiment
        `data`: `steps`; `right` and `wrong`, each a `TaylorTest`.
    """
    x, u = np.array([0.3, -0.7, 1.1]), np.array([1.0, -2.0, 0.5])
    steps = tuple(float(h) for h in 0.1 / 2.0 ** np.arange(24))

    def f(x: Any) -> Any:
        return (np.exp(x) * np.sin(x)).sum()

    g = np.exp(x) * (np.sin(x) + np.cos(x))
    right = taylor_test(f, g, x, direction=[u], steps=steps)
    wrong = taylor_test(f, g * (1 + error), x, direction=[u], steps=steps)
    data = {"steps": np.array(steps), "right": right, "wrong": wrong}

    def draw(ax: Any) -> None:
        for name, test, color in (("right", right, "C0"), ("wrong", wrong, "C3")):
            ax.loglog(
                steps,
                np.maximum(test.first_order, 1e-18),
                color=color,
                label=f"R1, {name} gradient",
            )
            ax.loglog(
                steps,
                np.maximum(test.symmetric, 1e-18),
                "--",
                color=color,
                label=f"S, {name} gradient",
            )
        for words, h, height in (
            ("slope 1: S/h is the error", 1.3e-8, 6e-10),
            ("slope 2", 1.2e-6, 3e-13),
            ("slope 3", 3e-3, 2e-9),
        ):
            ax.annotate(words, (h, height), fontsize=9, color="0.3")
        ax.set_xlabel("step h")
        ax.set_ylabel("remainder")
        ax.set_title(f"Remainders with a right gradient, and with one off by {error:g}")
        ax.legend(fontsize=9)

    return Experiment(
        "taylor",
        "R1 = |f(x + hu) - f(x) - h<g, u>| falls with h squared if g is right and with h if it is "
        "not; the symmetric S falls with h cubed, or with h. A gradient that is off by one part in "
        "ten thousand looks right until h is small: the rate at the usual steps is 2.01, "
        "and a test "
        "of rates alone passes it. Read the line where it bends: S/h is the error of the gradient, "
        f"here {wrong.slope_error:.1e}. At the bottom left is rounding.",
        data,
        draw,
    )
