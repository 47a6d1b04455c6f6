"""Settings of every optimiser, whose rule is a function of parameter, gradient and state."""

from __future__ import annotations

from typing import Any

__all__ = ["ABSENT", "OPTIMISERS"]

OPTIMISERS: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        {"momentum": 0.5, "dampening": 0.3, "maximize": True},
    ],
    "Adam": [
        {},
        {"weight_decay": 0.1, "betas": (0.5, 0.6)},
        {"amsgrad": True, "maximize": True, "weight_decay": 0.2, "decoupled_weight_decay": True},
    ],
    "AdamW": [{}, {"weight_decay": 0.3, "amsgrad": True}],
    "Adamax": [{}, {"weight_decay": 0.1, "betas": (0.5, 0.6)}],
    "NAdam": [{}, {"weight_decay": 0.1}, {"weight_decay": 0.1, "decoupled_weight_decay": True}],
    "RAdam": [
        {},
        {"betas": (0.5, 0.6)},
        {"betas": (0.9, 0.99), "weight_decay": 0.1, "decoupled_weight_decay": True},
    ],
    "RMSprop": [{}, {"momentum": 0.5, "weight_decay": 0.1}, {"centered": True, "alpha": 0.7}],
    "Adagrad": [{}, {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.2}],
    "Adadelta": [{"eps": 1e-2}, {"eps": 1e-2, "weight_decay": 0.1, "rho": 0.5}],
    "Rprop": [{}, {"etas": (0.4, 1.5), "step_sizes": (1e-3, 0.2)}],
    "ASGD": [{}, {"t0": 0, "lambd": 0.1, "alpha": 0.5, "weight_decay": 0.1}],
}
ABSENT = {
    "Optimizer": "the base class: its rule is its heirs'",
    "LBFGS": "no rule: a search along directions that it finds by calling the loss",
}
