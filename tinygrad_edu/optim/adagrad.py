"""Adagrad and Adadelta: steps that shrink where gradients were large."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked

__all__ = ["Adadelta", "Adagrad"]


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
        checked("learning rate", lr)
        checked("lr_decay value", lr_decay)
        checked("weight_decay value", weight_decay)
        checked("initial_accumulator_value value", initial_accumulator_value)
        checked("epsilon value", eps)
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "eps": eps,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "maximize": maximize,
            },
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and sum."""
        if group["maximize"]:
            g = -g
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        step = state.get("step", 0) + 1
        total = state.get("sum", group["initial_accumulator_value"]) + g * g
        lr = group["lr"] / (1 + (step - 1) * group["lr_decay"])
        new = {"step": step, "sum": total}
        return p - lr * g / (np.sqrt(total) + group["eps"]), new


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
        checked("learning rate", lr)
        checked("rho value", rho, 0.0, 1.0 + 1e-12)
        checked("epsilon value", eps)
        checked("weight_decay value", weight_decay)
        super().__init__(
            params,
            {
                "lr": lr,
                "rho": rho,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
            },
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and means."""
        rho, eps = group["rho"], group["eps"]
        if group["maximize"]:
            g = -g
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
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
