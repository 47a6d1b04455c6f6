"""PyTorch's older spectral normalisation, by a hook: `weight_orig` is learned.

`parametrizations.spectral_norm` does the same under `parametrizations.weight`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.traced import wrap
from ...generator import normal_
from ...tensors.tensor import Parameter

__all__ = ["remove_spectral_norm", "spectral_norm"]


class SpectralNorm:
    """Computes a weight before each forward: w / σ(w), with σ = uᵀ w v followed by power iteration.

    Parameters
    ----------
    name : str
    n_power_iterations : int
        Steps of the iteration in each forward in training.
    dim : int
        The dimension of the outputs.
    eps : float
        The least length to divide by.
    """

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got "
                f"n_power_iterations={n_power_iterations}"
            )
        self.name = name
        self.n_power_iterations = n_power_iterations
        self.dim = dim
        self.eps = eps

    def unit(self, x: Any) -> Any:
        """A vector of length 1 in the direction of x."""
        return x / max(np.linalg.norm(x), self.eps)

    def matrix(self, weight: Any) -> Any:
        """The weight as a matrix, a row for each output."""
        if self.dim:
            rest = [k for k in range(weight.dim()) if k != self.dim]
            weight = weight.permute(self.dim, *rest)
        return weight.reshape(weight.shape[0], -1)

    def compute(self, module: Any, follow: bool) -> Any:
        """The weight; with `follow`, after steps of the power iteration."""
        weight = getattr(module, f"{self.name}_orig")
        matrix = self.matrix(weight)
        u, v = (getattr(module, f"{self.name}_{x}") for x in "uv")
        if follow:
            for _ in range(self.n_power_iterations):
                v.copy_(wrap(self.unit(matrix._data.T @ u._data)))
                u.copy_(wrap(self.unit(matrix._data @ v._data)))
            u, v = u.clone(), v.clone()
        return weight / (u @ (matrix @ v))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute(module, module.training))


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Any:
    """Divide a weight by its largest singular value, as power iteration finds it.

    Source: Miyato et al., Spectral normalization for generative adversarial networks, 2018.

    Parameters
    ----------
    dim : int, optional
        The dimension of the outputs: 0, but 1 for transposed convolutions.

    Raises
    ------
    RuntimeError
        If this weight is normalised already.
    ValueError
        If there is no such parameter, or the number of iterations is not positive.
    """
    for hook, _ in module._forward_pre_hooks.values():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            raise RuntimeError(
                f"Cannot register two spectral_norm hooks on the same parameter {name}; call "
                f"remove_spectral_norm first"
            )
    if name not in module._parameters:
        raise ValueError(f"{type(module).__name__} has no parameter {name!r} to normalise")
    if dim is None:
        dim = 1 if getattr(module, "transposed", False) else 0
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    weight = getattr(module, name)
    matrix = hook.matrix(weight.detach())._data
    u, v = (hook.unit(normal_(np.empty(n, matrix.dtype))) for n in matrix.shape)
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.detach())
    module.register_buffer(f"{name}_u", wrap(u))
    module.register_buffer(f"{name}_v", wrap(v))
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Make a normalised weight an ordinary parameter again.

    Raises
    ------
    ValueError
        If it is not normalised.
    """
    for key, (hook, _) in module._forward_pre_hooks.items():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            weight = hook.compute(module, follow=False).detach()
            for gone in (name, f"{name}_u", f"{name}_v", f"{name}_orig"):
                delattr(module, gone)
            module.register_parameter(name, Parameter(weight))
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"spectral_norm of '{name}' not found in {type(module).__name__}")
