"""The networks of the five systems: layers of `nn.Linear` with activations between them.

`build` makes one from a recipe; the functions before it are the ways to fill its parameters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from .. import nn
from ..optim import SGD, AdamW, Optimizer
from ..optim.lr_scheduler import CosineAnnealingLR
from .settings import Recipe

__all__ = [
    "build",
    "half_squared_error",
    "he_normal",
    "loss_of",
    "normal",
    "optimizer_of",
    "pytorch",
    "uniform",
]

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}


def normal(scale: float) -> Callable[[nn.Module], None]:
    """Weights from scale · N(0, 1), biases 0."""

    def start(model: nn.Module) -> None:
        for name, parameter in model.named_parameters():
            if name.endswith("weight"):
                nn.init.normal_(parameter, 0.0, scale)
            else:
                nn.init.zeros_(parameter)

    return start


def uniform(bound: float) -> Callable[[nn.Module], None]:
    """Weights and biases uniform in ±bound."""

    def start(model: nn.Module) -> None:
        for parameter in model.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    return start


def he_normal(model: nn.Module) -> None:
    """Weights from N(0, 2/inputs), biases 0. Source: He et al., 2015."""
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        else:
            nn.init.zeros_(parameter)


def pytorch(model: nn.Module) -> None:
    """As `nn.Linear` starts out: uniform in ±1/√inputs."""


def build(recipe: Recipe) -> nn.Sequential:
    """Make the network of a recipe, its parameters drawn from the default generator.

    A softmax at the output belongs to the loss: the network ends with its logits.
    """
    parts: list[nn.Module] = []
    pairs = list(itertools.pairwise(recipe.layers))
    for i, (inputs, outputs) in enumerate(pairs):
        parts.append(nn.Linear(inputs, outputs))
        if i < len(pairs) - 1:
            parts.append(ACTIVATIONS[recipe.hidden_activation]())
    if recipe.output_activation == "sigmoid":
        parts.append(nn.Sigmoid())
    model = nn.Sequential(*parts)
    recipe.start(model)
    return model


def half_squared_error(output: Any, target: Any) -> Any:
    """½(ŷ − a)², averaged over all entries."""
    return 0.5 * ((output - target) ** 2).mean()


def loss_of(recipe: Recipe) -> Callable[[Any, Any], Any]:
    """The loss that a recipe names."""
    if recipe.loss == "cross-entropy":
        return nn.CrossEntropyLoss()
    return nn.MSELoss() if recipe.loss == "mean squared error" else half_squared_error


def optimizer_of(recipe: Recipe, model: nn.Module) -> tuple[Optimizer, Any]:
    """The optimiser that a recipe names, and its learning-rate schedule or None."""
    optimizer: Optimizer
    if recipe.optimizer == "AdamW":
        optimizer = AdamW(model.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    else:
        optimizer = SGD(model.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    if not recipe.cosine:
        return optimizer, None
    return optimizer, CosineAnnealingLR(optimizer, recipe.epochs)
