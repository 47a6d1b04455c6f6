"""Adam: steps scaled by running averages of the gradient and its square."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked, decayed

__all__ = ["Adam", "moments"]


def moments(g: Any, state: State, group: State) -> State:
    """The state after one gradient more: how many there were, and running averages of g and g²."""
    beta1, beta2 = group["betas"]
    m, v = state.get("exp_avg"), state.get("exp_avg_sq")
    squared = (1 - beta2) * g * g
    return {
        "step": state.get("step", 0) + 1,
        "exp_avg": g * (1 - beta1) if m is None else m + (1 - beta1) * (g - m),
        "exp_avg_sq": squared if v is None else beta2 * v + squared,
    }


class Adam(Optimizer):
    """p ← p − lr · m̂ / (√v̂ + ε), with m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g².

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo the start from 0.
    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015.

    Parameters
    ----------
    lr : float
        Step size.
    betas : (float, float)
        How much of the averages of the gradient and of its square is kept.
    eps : float
        Added to the denominator.
    weight_decay : float
        λ: adds λ p to the gradient; with `decoupled_weight_decay`, shrinks p by lr λ p instead.
    amsgrad : bool
        Divide by the largest v so far. Source: Reddi et al., 2018.
    maximize : bool
        Climb instead.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            checked(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
            | {
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and averages."""
        beta1, beta2 = group["betas"]
        p, g = decayed(p, g, group)
        new = moments(g, state, group)
        step, m, v = new.values()
        if group["amsgrad"]:
            largest = state.get("max_exp_avg_sq")
            v = new["max_exp_avg_sq"] = v if largest is None else np.maximum(largest, v)
        scale = (1 - beta2**step) ** 0.5
        return p - group["lr"] / (1 - beta1**step) * m / (np.sqrt(v) / scale + group["eps"]), new
