"""The package under PyTorch's module names, for expressions written for PyTorch."""

from __future__ import annotations

import importlib
from typing import Any

import tinygrad_edu

ROOMS = ["tensors.creation"] + [
    f"ops.{name}"
    for name in (
        "elementwise",
        "reduction",
        "shaping",
        "joining",
        "selection",
        "scattering",
        "linalg.products",
        "linalg.factorization",
        "linalg.solving",
        "linalg.norms",
        "linalg.lu",
        "special",
        "activation",
        "loss",
        "class_losses",
        "linear",
        "embedding",
        "distance",
        "pixel_shuffle",
        "margin_losses",
        "normalization",
        "dropout",
        "diagonals",
        "ordering",
        "statistics",
        "convolution",
        "padding",
        "pooling",
        "adaptive_pooling",
    )
]


class Names:
    """Looks a name up in the package, then in the files of its ops."""

    def __init__(self, *rooms: str) -> None:
        self.rooms = rooms

    def __getattr__(self, name: str) -> Any:
        for room in self.rooms:
            module = importlib.import_module(f"tinygrad_edu.{room}" if room else "tinygrad_edu")
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)


torch = Names("", *ROOMS)
F = Names("nn.functional", *ROOMS)
Tensor = tinygrad_edu.Tensor
