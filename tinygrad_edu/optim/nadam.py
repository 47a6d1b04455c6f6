"""Adam with Nesterov's look-ahead."""

from __future__ import annotations

from typing import Any

import numpy as np

from .adam import moments
from .optimizer import Optimizer, State, checked, decayed

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """Adam with Nesterov's look-ahead, and a momentum that grows with the steps.

    p ← p − lr (1 − μₜ) / (1 − Πμ) · g / d − lr μₜ₊₁ / (1 − Πμ μₜ₊₁) · m / d, d = √v̂ + ε and
    μₜ = β₁ (1 − ½ 0.96^(t ψ)), ψ the momentum decay. Source: Dozat, Incorporating Nesterov momentum
    into Adam, 2016. Other parameters are those of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            checked(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                momentum_decay=momentum_decay,
            )
            | {"decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter, averages, and product of momenta."""
        beta1, beta2 = group["betas"]
        lr, psi = group["lr"], group["momentum_decay"]
        p, g = decayed(p, g, group)
        new = moments(g, state, group)
        step, m, v = new.values()
        mu = beta1 * (1 - 0.5 * 0.96 ** (step * psi))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * psi))
        # PyTorch keeps the product in float32.
        product = float(np.float32(state.get("mu_product", 1.0)) * np.float32(mu))
        d = np.sqrt(v / (1 - beta2**step)) + group["eps"]
        p = p - lr * (1 - mu) / (1 - product) * g / d
        p = p - lr * mu_next / (1 - product * mu_next) * m / d
        return p, {**new, "mu_product": product}
