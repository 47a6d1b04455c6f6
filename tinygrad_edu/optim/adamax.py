"""Adam by the largest gradient of late."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked, decayed

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """p ← p − lr / (1 − β₁ᵗ) · m / u, dividing by u ← max(β₂ u, |g| + ε) and not by √v.

    Source: Kingma and Ba, Adam, section 7, 2015. Parameters are those of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(
            params,
            checked(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
            | {"maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and averages."""
        beta1, beta2 = group["betas"]
        p, g = decayed(p, g, group)
        step = state.get("step", 0) + 1
        m, u = state.get("exp_avg"), state.get("exp_inf")
        m = g * (1 - beta1) if m is None else m + (1 - beta1) * (g - m)
        size = np.abs(g) + group["eps"]
        u = size if u is None else np.maximum(beta2 * u, size)
        new = {"step": step, "exp_avg": m, "exp_inf": u}
        return p - group["lr"] / (1 - beta1**step) * m / u, new
