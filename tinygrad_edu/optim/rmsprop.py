"""RMSprop: steps divided by the root of a running mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked, decayed

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """p ← p − lr · g / (√v + ε), with v ← α v + (1 − α) g².

    Source: Hinton, Neural networks for machine learning, lecture 6, 2012.

    Parameters
    ----------
    lr : float
        Step size.
    alpha : float
        How much of the mean square is kept.
    eps : float
        Added to the denominator.
    weight_decay : float
        λ: adds λ p to the gradient.
    momentum : float
        How much of the last direction is kept.
    centered : bool
        Subtract the square of the running mean of g from v. Source: Graves, 2013.
    maximize : bool
        Climb instead.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            checked(lr=lr, momentum=momentum, alpha=alpha, eps=eps, weight_decay=weight_decay)
            | {"centered": centered, "maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and averages."""
        alpha = group["alpha"]
        p, g = decayed(p, g, group)
        v = state.get("square_avg")
        squared = (1 - alpha) * g * g
        v = squared if v is None else alpha * v + squared
        new = {"step": state.get("step", 0) + 1, "square_avg": v}
        if group["centered"]:
            mean = state.get("grad_avg")
            mean = (1 - alpha) * g if mean is None else mean + (1 - alpha) * (g - mean)
            new["grad_avg"] = mean
            v = v - mean * mean
        direction = g / (np.sqrt(v) + group["eps"])
        if group["momentum"]:
            held = state.get("momentum_buffer")
            direction = direction if held is None else group["momentum"] * held + direction
            new["momentum_buffer"] = direction
        return p - group["lr"] * direction, new
