"""Adam that starts without dividing."""

from __future__ import annotations

from typing import Any

import numpy as np

from .adam import moments
from .optimizer import Optimizer, State, checked, decayed

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """Adam that divides by √v only once enough steps have made v reliable.

    Source: Liu et al., On the variance of the adaptive learning rate and beyond, 2020. Parameters
    are those of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            checked(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
            | {"decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and averages."""
        beta1, beta2 = group["betas"]
        p, g = decayed(p, g, group)
        new = moments(g, state, group)
        step, m, v = new.values()
        share = 1 - beta2**step
        most = 2 / (1 - beta2) - 1  # the length of the average that v is, in the end and now
        length = most - 2 * step * beta2**step / share
        direction = m / (1 - beta1**step) * group["lr"]
        if length > 5:
            trust = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            direction = direction * (share**0.5 / (np.sqrt(v) + group["eps"])) * trust**0.5
        return p - direction, new
