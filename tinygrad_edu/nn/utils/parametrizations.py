"""Ready-made parametrizations: weight and spectral normalisation, orthogonal matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.saved import written
from ...engine.traced import wrap
from ...generator import normal_
from ...ops.distance import norm
from ..module import Module
from .parametrize import register_parametrization

__all__ = ["spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    """w = g v / ‖v‖, g learned apart from the direction v."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def _length(self, v: Any) -> Any:
        if self.dim == -1:
            return norm(v)
        return norm(v, 2, [k for k in range(v.dim()) if k != self.dim % v.dim()], True)

    def forward(self, weight_g: Any, weight_v: Any) -> Any:
        """The weight."""
        return weight_v * (weight_g / self._length(weight_v))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """Length and direction of a weight."""
        plain = weight.detach()
        return self._length(plain), plain.clone()


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Learn the length and the direction of a weight apart, one length for each slice of `dim`.

    Source: Salimans and Kingma, Weight normalization, 2016.
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _SpectralNorm(Module):
    """w / σ(w), σ the largest singular value, followed by power iteration."""

    _u: Any
    _v: Any

    def __init__(self, weight: Any, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        self.dim = dim if dim >= 0 else dim + weight.dim()
        self.n_power_iterations = n_power_iterations
        self.eps = eps
        matrix = self._matrix(weight)._data
        self.register_buffer("_u", wrap(self._unit(drawn(matrix, 0))))
        self.register_buffer("_v", wrap(self._unit(drawn(matrix, 1))))
        self._follow(matrix, 15)

    def _unit(self, x: Any) -> Any:
        return x / max(np.linalg.norm(x), self.eps)

    def _matrix(self, weight: Any) -> Any:
        if weight.dim() == 1:
            return weight.unsqueeze(0)
        rest = [k for k in range(weight.dim()) if k != self.dim]
        return weight.permute(self.dim, *rest).reshape(weight.shape[self.dim], -1)

    def _follow(self, matrix: Any, times: int) -> None:
        u, v = self._u._data, self._v._data
        for _ in range(times):
            u[...] = self._unit(matrix @ v)
            v[...] = self._unit(matrix.T @ u)
        written(u, v)

    def forward(self, weight: Any) -> Any:
        """The weight with largest singular value 1."""
        matrix = self._matrix(weight)
        if self.training:
            self._follow(matrix._data, self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()
        return weight / (u @ (matrix @ v))

    def right_inverse(self, value: Any) -> Any:
        """What to learn: the weight as it is."""
        return value


def drawn(matrix: Any, axis: int) -> Any:
    """A normal vector as long as one dimension of a matrix."""
    return normal_(np.empty(matrix.shape[axis], matrix.dtype))


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value.

    Source: Miyato et al., Spectral normalization for generative adversarial networks, 2018.

    Raises
    ------
    ValueError
        If the number of iterations is not positive, or there is no such weight.
    """
    if n_power_iterations <= 0:
        raise ValueError(
            f"Expected n_power_iterations to be positive, but got "
            f"n_power_iterations={n_power_iterations}"
        )
    weight = getattr(module, name, None)
    if weight is None:
        raise ValueError(f"Module '{type(module).__name__}' has no parameter or buffer '{name}'")
    if dim is None:
        dim = 1 if getattr(module, "transposed", False) else 0
    function = _SpectralNorm(weight.detach(), n_power_iterations, dim, eps)
    return register_parametrization(module, name, function)
