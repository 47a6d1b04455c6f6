"""PyTorch's older weight normalisation, by a hook: `weight_g` and `weight_v` are learned.

`parametrizations.weight_norm` does the same under `parametrizations.weight`.
"""

from __future__ import annotations

from typing import Any

from ...ops.distance import norm
from ...tensors.tensor import Parameter

__all__ = ["remove_weight_norm", "weight_norm"]


class WeightNorm:
    """Computes a weight before each forward: g v / ‖v‖."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = dim

    def length(self, v: Any) -> Any:
        """‖v‖ of each slice of `dim`, or of all."""
        if self.dim is None:
            return norm(v)
        return norm(v, 2, [k for k in range(v.dim()) if k != self.dim % v.dim()], True)

    def compute(self, module: Any) -> Any:
        """The weight."""
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return v * (g / self.length(v))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute(module))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Learn the length and the direction of a weight apart.

    Source: Salimans and Kingma, Weight normalization, 2016.

    Raises
    ------
    RuntimeError
        If this weight is normalised already.
    ValueError
        If there is no such parameter.
    """
    for hook, _ in module._forward_pre_hooks.values():
        if isinstance(hook, WeightNorm) and hook.name == name:
            raise RuntimeError(
                f"Cannot register two weight_norm hooks on the same parameter {name}; call "
                f"remove_weight_norm first"
            )
    if name not in module._parameters:
        raise ValueError(f"{type(module).__name__} has no parameter {name!r} to normalise")
    hook = WeightNorm(name, dim)
    weight = getattr(module, name).detach()
    delattr(module, name)
    module.register_parameter(f"{name}_g", Parameter(hook.length(weight)))
    module.register_parameter(f"{name}_v", Parameter(weight.clone()))
    setattr(module, name, hook.compute(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Make a normalised weight an ordinary parameter again.

    Raises
    ------
    ValueError
        If it is not normalised.
    """
    for key, (hook, _) in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            weight = hook.compute(module).detach()
            for gone in (name, f"{name}_g", f"{name}_v"):
                delattr(module, gone)
            module.register_parameter(name, Parameter(weight))
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"weight_norm of '{name}' not found in {type(module).__name__}")
