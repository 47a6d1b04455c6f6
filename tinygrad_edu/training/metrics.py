"""Counting right answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.traced import raw

__all__ = ["accuracy", "is_classification"]


def is_classification(output: Any, target: Any) -> bool:
    """Whether targets are classes: indices beside rows of scores, or entries of 0 and 1 only."""
    y, t = np.asarray(raw(output)), np.asarray(raw(target))
    if t.dtype.kind in "iu" and t.ndim == y.ndim - 1:
        return True
    return t.shape == y.shape and bool(np.isin(t, (0, 1)).all())


def accuracy(output: Any, target: Any, threshold: float = 0.5) -> float:
    """The fraction of samples whose answer is right.

    Parameters
    ----------
    output : Tensor or array
        Shape (n, classes), the greatest score being the answer; or (n, 1) or (n,), where the answer
        is whether the score reaches `threshold`.
    target : Tensor or array
        Class indices of shape (n,), or zeros and ones of the shape of `output`.
    threshold : float
        0.5 for probabilities; 0 for logits.

    Raises
    ------
    ValueError
        If the shapes do not go together.
    """
    y, t = np.asarray(raw(output)), np.asarray(raw(target))
    if t.dtype.kind in "iu" and t.ndim == y.ndim - 1 and t.shape == y.shape[:-1]:
        return float(np.mean(y.argmax(-1) == t))
    if t.shape != y.shape:
        raise ValueError(
            f"accuracy was given output of shape {y.shape} and target of shape {t.shape} and dtype "
            f"{t.dtype}; expected class indices of shape {y.shape[:-1]}, or zeros and ones of "
            f"shape {y.shape}"
        )
    if y.ndim > 1 and y.shape[-1] > 1:
        return float(np.mean(y.argmax(-1) == t.argmax(-1)))
    return float(np.mean((y >= threshold) == (t >= 0.5)))
