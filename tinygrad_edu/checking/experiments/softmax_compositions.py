"""Softmax written two ways: equal on paper, not in floating point."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...primitives.elementwise import exp
from ...traced import wrap
from .result import Experiment

__all__ = ["softmax_stability"]


def softmax_stability(points: int = 60) -> Experiment:
    """Value and gradient of softmax for growing scores, naive and with the maximum subtracted.

    Returns
    -------
    Experiment
        `data`: `scores`; `naive` and `stable`, the relative errors of the gradient in float32,
        against float64 with the maximum subtracted.
    """
    scores = np.logspace(-1, 3, points)

    def naive(x: Any) -> Any:
        e = exp.record(x)
        return e / e.sum()

    def stable(x: Any) -> Any:
        return naive(x - x.detach().amax())

    def gradient(f: Any, size: float, dtype: Any) -> Any:
        x: Any = wrap(np.array([1.0, 0.999, -1.0], dtype) * dtype(size)).requires_grad_()
        with np.errstate(all="ignore"):
            f(x)[0].backward()
        return x.grad._data.astype(float)

    data: dict[str, Any] = {"scores": scores}
    for name, f in (("naive", naive), ("stable", stable)):
        errors = []
        for size in scores:
            right = gradient(stable, float(size), np.float64)
            with np.errstate(all="ignore"):
                gap = np.max(np.abs(gradient(f, float(size), np.float32) - right))
            errors.append(float(gap / np.max(np.abs(right))))
        data[name] = np.array(errors)

    def draw(ax: Any) -> None:
        for name in ("naive", "stable"):
            ax.loglog(scores, np.maximum(data[name], 1e-9), label=name)
        ax.set_xlabel("largest score")
        ax.set_ylabel("relative error of the gradient, float32")
        ax.legend()

    return Experiment(
        "softmax_stability",
        "exp overflows float32 above 88.7, so the naive softmax is inf/inf = NaN from "
        "there on: its "
        "line ends. Subtracting the largest score changes nothing on paper, since it cancels, and "
        "keeps every exponent below 0. The shift may be detached: its derivative is 0, and the "
        "gradient check confirms that by differences of the function itself.",
        data,
        draw,
    )
