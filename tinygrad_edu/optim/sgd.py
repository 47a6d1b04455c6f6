"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from .optimizer import Optimizer, State, checked

__all__ = ["SGD"]


class SGD(Optimizer):
    """p ← p − lr · v, with v ← μ v + (1 − τ) g.

    Parameters
    ----------
    lr : float
        Step size.
    momentum : float
        μ: how much of the last direction is kept.
    dampening : float
        τ: how much of the gradient is left out of it.
    weight_decay : float
        λ: adds λ p to the gradient.
    nesterov : bool
        Look ahead: step along g + μ v. Source: Sutskever et al., 2013.
    maximize : bool
        Climb instead.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            checked(lr=lr, momentum=momentum, weight_decay=weight_decay)
            | {"dampening": dampening, "nesterov": nesterov, "maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and velocity."""
        if group["maximize"]:
            g = -g
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        momentum = group["momentum"]
        if not momentum:
            return p - group["lr"] * g, state
        v = state.get("momentum_buffer")
        v = +g if v is None else momentum * v + (1 - group["dampening"]) * g
        step = g + momentum * v if group["nesterov"] else v
        return p - group["lr"] * step, {"momentum_buffer": v}
