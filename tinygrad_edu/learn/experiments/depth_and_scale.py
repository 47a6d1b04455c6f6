"""Gradients through many layers: how they vanish, and how the initial scale decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...engine.traced import wrap
from ...ops.activation import relu, sigmoid
from ...primitives.elementwise import tanh
from .result import Experiment

__all__ = ["initialisation", "vanishing"]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid,
    "tanh": tanh.record,
    "relu": relu,
}


def layer_gradients(
    activation: Callable[[Any], Any], depth: int, width: int, scale: float, seed: int
) -> Any:
    """The root mean square of the loss's gradient at each layer's input, first layer first."""
    rng = np.random.default_rng(seed)
    h: Any = wrap(rng.standard_normal((64, width))).requires_grad_()
    values = [h]
    for _ in range(depth):
        W = wrap(rng.standard_normal((width, width)) * scale / np.sqrt(width))
        h = activation(h @ W)
        h.retain_grad()
        values.append(h)
    (h * wrap(rng.standard_normal(h._data.shape))).sum().backward()
    return np.array([float(np.sqrt(np.mean(v.grad._data**2))) for v in values])


def vanishing(depth: int = 30, width: int = 64, seed: int = 0) -> Experiment:
    """The size of the gradient at each layer of a deep network, by activation.

    Returns
    -------
    Experiment
        `data`: for each activation the root mean square gradient by layer.
    """
    data = {
        name: layer_gradients(f, depth, width, np.sqrt(2) if name == "relu" else 1.0, seed)
        for name, f in ACTIVATIONS.items()
    }

    def draw(ax: Any) -> None:
        for name, sizes in data.items():
            ax.semilogy(sizes, label=name)
        quarter = data["sigmoid"][-1] * 0.25 ** np.arange(depth, -1, -1.0)
        ax.semilogy(quarter, ":", color="0.5", label="a quarter each layer")
        ax.annotate(
            "backward",
            (0.3, 0.8),
            (0.5, 0.8),
            xycoords="axes fraction",
            va="center",
            color="0.3",
            arrowprops={"arrowstyle": "->", "color": "0.3"},
        )
        ax.set_xlabel("layer (0: the input)")
        ax.set_ylabel("root mean square of the gradient")
        ax.set_title(f"The gradient in a network of {depth} layers")
        ax.legend(fontsize=9)

    return Experiment(
        "vanishing",
        "Read from right to left, as backward runs. A sigmoid's slope is at most 1/4, so "
        "each layer "
        "takes at least three quarters away: after thirty layers nothing is left of the gradient, "
        "and the first layers do not learn. tanh has slope 1 at 0 and loses less; relu "
        "with weights "
        "of variance 2/n keeps the size. All of these gradients pass the check: a "
        "vanished gradient "
        "is right, and useless.",
        data,
        draw,
    )


def initialisation(
    scales: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0), depth: int = 15, seed: int = 0
) -> Experiment:
    """The gradient at the first layer against the scale of the initial weights.

    Returns
    -------
    Experiment
        `data`: `scales`, and for each activation the gradient at the first layer over that at the
        last.
    """
    chosen = np.geomspace(min(scales), max(scales), 17)
    data: dict[str, Any] = {"scales": chosen}
    for name, f in ACTIVATIONS.items():
        sizes = [layer_gradients(f, depth, 64, float(s), seed) for s in chosen]
        data[name] = np.array([g[0] / g[-1] for g in sizes])

    def draw(ax: Any) -> None:
        for name in ACTIVATIONS:
            ax.loglog(chosen, np.maximum(data[name], 1e-30), label=name)
        ax.axhline(1.0, color="0.7", linewidth=0.8)
        for scale, words in ((1.0, "Glorot"), (math.sqrt(2), "He")):
            ax.axvline(scale, color="0.7", linewidth=0.8)
            ax.annotate(f" {words}", (scale, 0.02), xycoords=("data", "axes fraction"), color="0.4")
        ticks = [0.25, 0.5, 1, 2, 4]
        ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("standard deviation of the weights, in units of 1/sqrt(n)")
        ax.set_ylabel("gradient at the first layer / at the last")
        ax.set_title(f"{depth} layers: what the first weights do to the gradient")
        ax.legend(fontsize=9)

    return Experiment(
        "initialisation",
        "Each layer multiplies the gradient by about scale x slope of the activation, so fifteen "
        "layers raise that to the fifteenth power. Only near the grey line do early and late "
        "layers learn at one pace: at sqrt(2) for relu (He), a bit above 1 for tanh (Glorot), for "
        "sigmoid not even at 4. Above it gradients explode: fast for relu, more slowly for tanh, "
        "whose saturation holds them back.",
        data,
        draw,
    )
