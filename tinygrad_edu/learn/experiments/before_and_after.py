"""Gradients before, during and after training: they vanish, and relative errors mean ever less."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...checking.function_check import gradcheck
from ...engine.traced import wrap
from ...primitives.elementwise import tanh
from .result import Experiment

__all__ = ["before_after"]

FIXED_TOLERANCE = 1e-5


def before_after(steps: int = 600, looks: int = 16, seed: int = 0) -> Experiment:
    """A right gradient, checked from initialisation to convergence, with fixed and with own limits.

    Parameters
    ----------
    steps : int
        Of gradient descent.
    looks : int
        Times that the gradient is looked at.
    seed : int

    Returns
    -------
    Experiment
        `data`: `steps`; `size`, the largest entry of the gradient; `relative`, the relative error
        of a central difference with the step 1e-5; `ratio`, the error by the check's own tolerance;
        `verdicts`.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((24, 3))
    target = np.tanh(x @ rng.standard_normal((3, 2)))
    given, wanted = wrap(x), wrap(target)

    def loss(W: Any) -> Any:
        gap = tanh.record(given @ W) - wanted
        return (gap * gap).mean()

    def value(W: Any) -> float:
        return float(np.mean((np.tanh(x @ W) - target) ** 2))

    def gradient(W: Any) -> Any:
        leaf: Any = wrap(np.array(W)).requires_grad_()
        loss(leaf).backward()
        return np.array(leaf.grad._data)

    chosen = np.unique(np.geomspace(1, steps + 1, looks).astype(int) - 1)
    found: dict[str, list[Any]] = {"size": [], "relative": [], "ratio": [], "verdicts": []}
    W = rng.standard_normal((3, 2)) * 0.5
    for step in range(steps + 1):
        g = gradient(W)
        if step in chosen:
            _look(found, loss, value, W, g)
        W = W - 1.5 * g
    data: dict[str, Any] = {"steps": chosen, **{k: np.array(v) for k, v in found.items()}}

    def draw(ax: Any) -> None:
        ax.loglog(chosen + 1, data["size"], "o-", markersize=4, label="size of the gradient")
        ax.loglog(
            chosen + 1,
            np.maximum(data["relative"], 1e-17),
            "s-",
            markersize=4,
            label="relative error of a central difference, h = 1e-5",
        )
        ax.loglog(
            chosen + 1,
            np.maximum(data["ratio"], 1e-4),
            "^-",
            markersize=4,
            label="error / tolerance of the check",
        )
        ax.axhline(1.0, color="C2", linewidth=0.8, linestyle=":")
        ax.axhline(FIXED_TOLERANCE, color="C1", linewidth=0.8, linestyle=":")
        ax.annotate("above here the check says FAIL", (1, 1.3), fontsize=8, color="C2")
        ax.annotate(
            f"above here a fixed limit of {FIXED_TOLERANCE:g} does",
            (1, FIXED_TOLERANCE * 1.5),
            fontsize=8,
            color="C1",
        )
        ax.set_ylim(2e-11, 30)
        ax.set_xlabel("step of training, counted from 1")
        ax.set_title("One right gradient, from initialisation to convergence")
        ax.legend(fontsize=8)

    return Experiment(
        "before_after",
        "The rules are right all the time. As training converges the gradient vanishes, while the "
        "rounding of the loss stays: the relative error of a difference with a fixed step grows, "
        "crosses any fixed limit, and a checker that knows no better rejects a right gradient "
        "for having trained well. The check's own tolerance is made of the errors that both sides "
        "have, so its quotient stays below 1 from the first step to the last. Check before "
        "training if you must choose: there the gradients are large and every digit counts.",
        data,
        draw,
    )


def _look(found: dict[str, list[Any]], loss: Any, value: Any, W: Any, g: Any) -> None:
    """One check, and one central difference along each entry."""
    h = 1e-5
    numeric = np.zeros(W.shape)
    for index in np.ndindex(W.shape):
        u = np.zeros(W.shape)
        u[index] = h
        numeric[index] = (value(W + u) - value(W - u)) / (2 * h)
    report = gradcheck(loss, W)
    row = report.rows[0]
    found["size"].append(float(np.max(np.abs(g))))
    found["relative"].append(float(np.max(np.abs(numeric - g)) / np.max(np.abs(g))))
    found["ratio"].append(max(abs(row.analytic - row.numeric) / row.tolerance, 0.0))
    found["verdicts"].append(report.verdict)
