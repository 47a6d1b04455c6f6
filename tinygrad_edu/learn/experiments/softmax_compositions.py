"""Softmax written two ways: equal on paper, not in floating point."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.traced import wrap
from ...primitives.elementwise import exp
from .result import Experiment

__all__ = ["softmax_stability"]


def softmax_stability(points: int = 201) -> Experiment:
    """Gradient of softmax when every score is shifted: naive, and with the maximum subtracted.

    A shift changes nothing on paper: softmax(x + c) = softmax(x).

    Returns
    -------
    Experiment
        `data`: `scores`, the common shift; `naive` and `stable`, the relative errors of the
        gradient in float32, against float64 with the maximum subtracted; NaN where the gradient is.
    """
    scores = np.linspace(-200, 200, points)
    rng = np.random.default_rng(0)
    beside = rng.standard_normal((8, 5))

    def naive(x: Any) -> Any:
        e = exp.record(x)
        return e / e.sum(-1, keepdim=True)

    def stable(x: Any) -> Any:
        return naive(x - x.detach().amax(-1, keepdim=True))

    def gradient(f: Any, x: Any) -> Any:
        leaf: Any = wrap(x).requires_grad_()
        with np.errstate(all="ignore"):
            f(leaf)[:, 0].sum().backward()
        return leaf.grad._data.astype(float)

    data: dict[str, Any] = {"scores": scores}
    for name, f in (("naive", naive), ("stable", stable)):
        errors = []
        for shift in scores:
            x = (beside + shift).astype(np.float32)
            right = gradient(stable, x.astype(float))
            with np.errstate(all="ignore"):
                gap = np.max(np.abs(gradient(f, x) - right))
            errors.append(float(gap / np.max(np.abs(right))))
        data[name] = np.array(errors)

    def draw(ax: Any) -> None:
        for name, style in (("naive", "-"), ("stable", "--")):
            ax.semilogy(scores, np.maximum(data[name], 1e-9), style, label=name)
        lost = scores[~np.isfinite(data["naive"])]
        for side, words in ((lost[lost > 0], "inf / inf"), (lost[lost < 0], "0 / 0")):
            ax.axvspan(side.min(), side.max(), color="C3", alpha=0.12)
            ax.annotate(
                f"naive:\n{words} = NaN", (side.mean(), 1e-1), ha="center", color="C3", fontsize=9
            )
        ax.set_ylim(1e-9, 10)
        ax.set_xlabel("what is added to every score (on paper, it changes nothing)")
        ax.set_ylabel("relative error of the gradient, float32")
        ax.set_title("Softmax, naive: exp(x) / sum exp(x); stable: the same of x - max(x)")
        ax.legend(loc="center left", fontsize=9)

    return Experiment(
        "softmax_stability",
        "exp overflows float32 above 88.7, so the naive softmax is inf/inf = NaN from there on; "
        "far below 0 (from about -90 on) every exp is 0, and it is 0/0. Subtracting the largest "
        "score changes nothing on paper, since it cancels, and keeps the largest exponent at 0: no "
        "shift does any harm. The shift may be detached: its derivative is 0, and the gradient "
        "check confirms that by differences of the function itself.",
        data,
        draw,
    )
