"""Rprop: steps from the sign of the gradient alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """A step for every entry, longer while its gradient keeps its sign; for full batches.

    Source: Riedmiller and Braun, The Rprop algorithm, 1993.

    Parameters
    ----------
    lr : float
        The first step of every entry.
    etas : (float, float)
        What a step is multiplied by when the sign changes, and when it stays.
    step_sizes : (float, float)
        The shortest and longest step.
    maximize : bool
        Climb instead.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(
                f"Invalid eta values: {etas[0]}, {etas[1]}; expected one between 0 and 1, and one "
                f"above 1"
            )
        super().__init__(
            params,
            checked(lr=lr) | {"etas": etas, "step_sizes": step_sizes, "maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter, steps, and gradient to compare with."""
        less, more = group["etas"]
        shortest, longest = group["step_sizes"]
        if group["maximize"]:
            g = -g
        zero = g * 0
        agree = np.sign(g * state.get("prev", zero))
        turned = agree < 0
        factor = np.where(agree > 0, zero + more, np.where(turned, zero + less, zero + 1))
        size = state.get("step_size", zero + group["lr"]) * factor
        size = np.minimum(np.maximum(size, shortest), longest)
        g = np.where(turned, zero, g)  # no step where the sign changed
        new = {"step": state.get("step", 0) + 1, "prev": g, "step_size": size}
        return p - np.sign(g) * size, new
