"""Powers, chains and vector products."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import wrap
from ..primitives import reduction
from .composed import composed
from .diagonals import vander as powers
from .linalg import matmul
from .matrix_checks import square
from .reduction import axes
from .shaping import broadcast_to
from .shaping import diagonal as _diagonal
from .solving import inv

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


@composed
def matrix_power(A: Tensor, n: int) -> Tensor:
    """A multiplied by itself n times; the inverse's power for negative n."""
    square("matrix_power", A)
    if n < 0:
        return matrix_power(inv(A), -n)
    if n == 0:
        eye = wrap(np.eye(A._data.shape[-1], dtype=A._data.dtype))
        return broadcast_to(eye, A._data.shape).clone() + A * 0
    out: Any = None
    power: Any = A
    while n:
        if n & 1:
            out = power if out is None else matmul(out, power)
        n >>= 1
        if n:
            power = matmul(power, power)
    return out.clone() if out is A else out


@composed
def multi_dot(tensors: Any) -> Tensor:
    """A product of several matrices, multiplied in the cheapest order."""
    parts = list(tensors)
    if len(parts) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(parts)}")
    first, last = parts[0]._data.ndim == 1, parts[-1]._data.ndim == 1
    if first:
        parts[0] = parts[0].unsqueeze(0)
    if last:
        parts[-1] = parts[-1].unsqueeze(-1)
    sizes = [parts[0]._data.shape[0], *(x._data.shape[1] for x in parts)]
    out = _chain(parts, sizes)
    if first:
        out = out.squeeze(0)
    return out.squeeze(-1) if last else out  # type: ignore[no-any-return]


def _chain(parts: list[Any], sizes: list[int]) -> Any:
    """Matrix chain multiplication by dynamic programming (Cormen et al., chapter 14)."""
    n = len(parts)
    cost = [[0] * n for _ in range(n)]
    cut = [[0] * n for _ in range(n)]
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            trials = [
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            ]
            cost[i][j], cut[i][j] = builtins.min(trials)

    def multiply(i: int, j: int) -> Any:
        if i == j:
            return parts[i]
        k = cut[i][j]
        return matmul(multiply(i, k), multiply(k + 1, j))

    return multiply(0, n - 1)


chain_matmul = multi_dot


@composed
def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The vector product along a dimension of size 3."""
    shape = np.broadcast_shapes(input._data.shape, other._data.shape)
    a, b = broadcast_to(input, shape), broadcast_to(other, shape)
    along = axes(a, dim, "cross")
    if shape[along] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {shape[along]}"
        )
    return a.roll(-1, along) * b.roll(-2, along) - a.roll(-2, along) * b.roll(-1, along)


@composed
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The inner products of vectors along a dimension."""
    product = x * y
    return reduction.sum.record(product, axes(product, dim, "vecdot"), False)


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """Rows of powers 1, x, x², … (`torch.vander` has the highest first)."""
    return powers(x if x._data.ndim else x.reshape((1,)), N, True)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices."""
    return _diagonal(A, offset, dim1, dim2)
