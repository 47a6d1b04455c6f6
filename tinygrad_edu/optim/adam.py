"""Adam and its relatives: steps scaled by running averages of the gradient and its square."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Optimizer, State, checked, checked_betas

__all__ = ["Adam", "AdamW", "Adamax", "NAdam", "RAdam"]


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
        checked("learning rate", lr)
        checked("epsilon value", eps)
        checked("weight_decay value", weight_decay)
        checked_betas(betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and averages."""
        beta1, beta2 = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        if group["maximize"]:
            g = -g
        if decay:
            if group["decoupled_weight_decay"]:
                p = p * (1 - lr * decay)
            else:
                g = g + decay * p
        step = state.get("step", 0) + 1
        m, v = state.get("exp_avg"), state.get("exp_avg_sq")
        m = g * (1 - beta1) if m is None else m + (1 - beta1) * (g - m)
        squared = (1 - beta2) * g * g
        v = squared if v is None else beta2 * v + squared
        new = {"step": step, "exp_avg": m, "exp_avg_sq": v}
        if group["amsgrad"]:
            largest = state.get("max_exp_avg_sq")
            v = new["max_exp_avg_sq"] = v if largest is None else np.maximum(largest, v)
        scale = (1 - beta2**step) ** 0.5
        return p - lr / (1 - beta1**step) * m / (np.sqrt(v) / scale + group["eps"]), new


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself, p ← p − lr λ p, apart from the step.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019. Parameters are
    those of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
        )


class Adamax(Optimizer):
    """p ← p − lr / (1 − β₁ᵗ) · m / u, with u ← max(β₂ u, |g| + ε) in the place of Adam's √v.

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
        checked("learning rate", lr)
        checked("epsilon value", eps)
        checked("weight_decay value", weight_decay)
        checked_betas(betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
            },
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and averages."""
        beta1, beta2 = group["betas"]
        if group["maximize"]:
            g = -g
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        step = state.get("step", 0) + 1
        m, u = state.get("exp_avg"), state.get("exp_inf")
        m = g * (1 - beta1) if m is None else m + (1 - beta1) * (g - m)
        size = np.abs(g) + group["eps"]
        u = size if u is None else np.maximum(beta2 * u, size)
        return p - group["lr"] / (1 - beta1**step) * m / u, {
            "step": step,
            "exp_avg": m,
            "exp_inf": u,
        }


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
        checked("learning rate", lr)
        checked("epsilon value", eps)
        checked("weight_decay value", weight_decay)
        checked("momentum_decay value", momentum_decay)
        checked_betas(betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum_decay": momentum_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
            },
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter, averages, and product of momenta."""
        beta1, beta2 = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        if group["maximize"]:
            g = -g
        if decay:
            if group["decoupled_weight_decay"]:
                p = p * (1 - lr * decay)
            else:
                g = g + decay * p
        step = state.get("step", 0) + 1
        psi = group["momentum_decay"]
        mu = beta1 * (1 - 0.5 * 0.96 ** (step * psi))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * psi))
        # PyTorch keeps the product in float32.
        product = float(np.float32(state.get("mu_product", 1.0)) * np.float32(mu))
        m, v = state.get("exp_avg"), state.get("exp_avg_sq")
        m = g * (1 - beta1) if m is None else m + (1 - beta1) * (g - m)
        squared = (1 - beta2) * g * g
        v = squared if v is None else beta2 * v + squared
        d = np.sqrt(v / (1 - beta2**step)) + group["eps"]
        p = p - lr * (1 - mu) / (1 - product) * g / d
        p = p - lr * mu_next / (1 - product * mu_next) * m / d
        return p, {"step": step, "mu_product": product, "exp_avg": m, "exp_avg_sq": v}


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
        checked("learning rate", lr)
        checked("epsilon value", eps)
        checked("weight_decay value", weight_decay)
        checked_betas(betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
            },
        )

    def rule(self, p: Any, g: Any, state: State, group: State) -> tuple[Any, State]:
        """The new parameter and averages."""
        beta1, beta2 = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        if group["maximize"]:
            g = -g
        if decay:
            if group["decoupled_weight_decay"]:
                p = p * (1 - lr * decay)
            else:
                g = g + decay * p
        step = state.get("step", 0) + 1
        m, v = state.get("exp_avg"), state.get("exp_avg_sq")
        m = g * (1 - beta1) if m is None else m + (1 - beta1) * (g - m)
        squared = (1 - beta2) * g * g
        v = squared if v is None else beta2 * v + squared
        new = {"step": step, "exp_avg": m, "exp_avg_sq": v}
        share = 1 - beta2**step
        most = 2 / (1 - beta2) - 1  # the length of the average that v is, in the end and now
        length = most - 2 * step * beta2**step / share
        direction = m / (1 - beta1**step) * lr
        if length > 5:
            trust = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            direction = direction * (share**0.5 / (np.sqrt(v) + group["eps"])) * trust**0.5
        return p - direction, new
