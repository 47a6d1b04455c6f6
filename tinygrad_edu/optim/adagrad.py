"""Adagrad: steps that shrink where gradients were large."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked, decayed

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """p ← p − lr · g / (√s + ε), with s ← s + g².

    Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.

    Parameters
    ----------
    lr : float
        Step size; at step t it is lr / (1 + (t − 1) lr_decay).
    lr_decay, weight_decay : float
    initial_accumulator_value : float
        Where s starts.
    eps : float
        Added to the denominator.
    maximize : bool
        Climb instead.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            checked(
                lr=lr,
                lr_decay=lr_decay,
                eps=eps,
                weight_decay=weight_decay,
                initial_accumulator_value=initial_accumulator_value,
            )
            | {"maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and sum."""
        p, g = decayed(p, g, group)
        step = state.get("step", 0) + 1
        total = state.get("sum", group["initial_accumulator_value"]) + g * g
        lr = group["lr"] / (1 + (step - 1) * group["lr_decay"])
        new = {"step": step, "sum": total}
        return p - lr * g / (np.sqrt(total) + group["eps"]), new
