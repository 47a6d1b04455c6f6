"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from .optimizer import Optimizer, State, checked, decayed

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """SGD with a shrinking step, and the average of the parameters kept beside (`state["ax"]`).

    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992.

    Parameters
    ----------
    lr, lambd, alpha : float
        At step t the step size is lr / (1 + λ lr t)^α.
    t0 : float
        The step at which averaging starts.
    weight_decay : float
    maximize : bool
        Climb instead.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(
            params,
            checked(lr=lr, weight_decay=weight_decay)
            | {"lambd": lambd, "alpha": alpha, "t0": t0, "maximize": maximize},
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter, its average, and the next step size."""
        p, g = decayed(p, g, group)
        step = state.get("step", 0) + 1
        eta, mu = state.get("eta", group["lr"]), state.get("mu", 1.0)
        p = p * (1 - group["lambd"] * eta) - eta * g
        average = state.get("ax", p * 0)
        average = p if mu == 1 else average + (p - average) * mu
        new = {
            "step": step,
            "eta": group["lr"] / (1 + group["lambd"] * group["lr"] * step) ** group["alpha"],
            "mu": 1 / max(1, step - group["t0"]),
            "ax": average,
        }
        return p, new
