"""Steps in the unit of the parameter, from running means of squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked, decayed

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """p ← p − lr · Δ, with Δ = √(u + ε) / √(v + ε) · g, v and u running means of g² and Δ².

    Source: Zeiler, Adadelta: an adaptive learning rate method, 2012.

    Parameters
    ----------
    lr : float
        A factor for Δ.
    rho : float
        How much of the means is kept.
    eps, weight_decay : float
    maximize : bool
        Climb instead.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            checked(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay) | {"maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and means."""
        rho, eps = group["rho"], group["eps"]
        p, g = decayed(p, g, group)
        zero = g * 0
        v = rho * state.get("square_avg", zero) + (1 - rho) * g * g
        u = state.get("acc_delta", zero)
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        new = {
            "step": state.get("step", 0) + 1,
            "square_avg": v,
            "acc_delta": rho * u + (1 - rho) * delta * delta,
        }
        return p - group["lr"] * delta, new
