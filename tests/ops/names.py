"""The package under PyTorch's module names, for expressions written for PyTorch."""

from __future__ import annotations

import importlib
from typing import Any

import tinygrad_edu

ROOMS = ["creation"] + [
    f"ops.{name}"
    for name in (
        "elementwise",
        "reduction",
        "shaping",
        "selection",
        "linalg",
        "factorization",
        "solving",
        "matrix_norms",
        "lu",
        "special",
        "activation",
        "loss",
        "neural",
        "distance",
        "margin_losses",
        "normalization",
        "noise",
        "diagonals",
        "ordering",
        "statistics",
        "places",
        "convolution",
        "padding",
        "pooling",
    )
]


class Names:
    """Looks a name up in the package, then in the files of its ops."""

    def __init__(self, *rooms: str) -> None:
        self.rooms = rooms

    def __getattr__(self, name: str) -> Any:
        for room in self.rooms:
            try:
                module = importlib.import_module(f"tinygrad_edu.{room}" if room else "tinygrad_edu")
            except ModuleNotFoundError:
                continue
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)


torch = Names("", *ROOMS)
F = Names("nn.functional", *ROOMS)
Tensor = tinygrad_edu.Tensor
