"""Sums that skip NaN, spreads, differences and integrals along a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import raw, wrap
from ..primitives import elementwise, reduction, shaping
from .composed import composed
from .distance import norm
from .elementwise import cast, floating
from .joining import cat
from .linalg.products import matmul
from .reduction import axes, sum
from .shaping import narrow

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


@composed
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum, NaN counted as 0."""
    return sum(without_nan(input), dim, keepdim, dtype=dtype)


@composed
def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean of the entries that are not NaN."""
    x = input if dtype is None else cast(input, dtype)
    along = axes(x, dim, "nanmean")
    counted = (~np.isnan(x._data)).sum(axis=along, keepdims=keepdim)
    total = reduction.sum.record(without_nan(x), along, keepdim)
    return total / wrap(np.asarray(counted, x._data.dtype))  # type: ignore[no-any-return]


def without_nan(x: Any) -> Any:
    """NaN as 0, and no gradient there."""
    if x._data.dtype.kind != "f":
        return x
    return elementwise.where.record(np.isnan(x._data), 0, x)


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """log of the running sum of eˣ along `dim`."""
    if not input._data.ndim:
        return input.clone()
    return reduction.logcumsumexp.record(floating(input), axes(input, dim, "logcumsumexp"))


@composed
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None
) -> Tensor:
    """Differences of neighbours along `dim`, taken n times."""
    if not input._data.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    around = [x for x in (prepend, input, append) if x is not None]
    x: Any = cat(around, dim) if len(around) > 1 and n else input
    for _ in range(min(n, x._data.shape[dim])):
        size = x._data.shape[dim] - 1
        after, before = narrow(x, dim, 1, size), narrow(x, dim, 0, size)
        x = after ^ before if x._data.dtype == bool else after - before
    return x if n else x.clone()  # type: ignore[no-any-return]


@composed
def trapezoid(y: Tensor, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The integral of y along `dim` by the trapezoidal rule."""
    return reduction.sum.record(_trapezoids(y, x, dx, dim), axes(y, dim, "trapezoid"), False)


trapz = trapezoid


@composed
def cumulative_trapezoid(y: Tensor, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The running integral of y along `dim` by the trapezoidal rule."""
    return reduction.cumsum.record(_trapezoids(y, x, dx, dim), axes(y, dim, "cumulative_trapezoid"))


def _trapezoids(y: Any, x: Any, dx: Any, dim: int) -> Any:
    """The area between each two neighbours."""
    size = max(y._data.shape[dim] - 1, 0)
    heights = narrow(y, dim, y._data.shape[dim] - size, size) + narrow(y, dim, 0, size)
    if x is None:
        return heights * (0.5 if dx is None else dx * 0.5)
    if x._data.ndim == 1:
        x = x.reshape((-1,) + (1,) * (y._data.ndim - 1 - dim % y._data.ndim))
        step = diff(x, 1, 0)
    else:
        step = diff(x, 1, dim)
    return heights * step * 0.5


@composed
def cov(
    input: Tensor, *, correction: int = 1, fweights: Any = None, aweights: Any = None
) -> Tensor:
    """The covariances of variables (rows) over observations (columns)."""
    if input._data.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got "
            f"{input._data.ndim}; rows are variables, columns observations"
        )
    x = floating(input)
    x = x.reshape((1, -1)) if x._data.ndim < 2 else x
    n = x._data.shape[1]
    weights: Any = None
    if fweights is not None and aweights is not None:
        weights = fweights * aweights
    else:
        weights = fweights if aweights is None else aweights
    if weights is None:
        mean = reduction.sum.record(x, 1, True) / n
        divisor: Any = n - correction
        spread = x - mean
        weighted = spread
    else:
        total = reduction.sum.record(weights, None, False)
        mean = reduction.sum.record(x * weights, 1, True) / total
        spread = x - mean
        weighted = spread * weights
        if correction == 0:
            divisor = total
        elif aweights is None:
            divisor = total - correction
        else:
            divisor = (
                total - correction * reduction.sum.record(weights * aweights, None, False) / total
            )
    if weights is None:
        divisor = max(divisor, 0)
    else:
        divisor = elementwise.where.record(divisor <= 0, 0.0, divisor)
    out = matmul(weighted, spread.T) / divisor
    return out.squeeze()  # type: ignore[no-any-return]


@composed
def corrcoef(input: Tensor) -> Tensor:
    """The correlations of variables (rows) over observations (columns)."""
    c: Any = cov(input)
    if not c._data.ndim:
        return c / c  # type: ignore[no-any-return]
    spread = elementwise.sqrt.record(shaping.diagonal.record(c))
    scaled = c / spread.unsqueeze(1) / spread.unsqueeze(0)
    from_below = elementwise.where.record(scaled < -1, -1, scaled)
    return elementwise.where.record(from_below > 1, 1, from_below)


@composed
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Slices of `dim` whose p-norm exceeds `maxnorm` scaled down to it."""
    from_others = tuple(k for k in range(input._data.ndim) if k != dim % input._data.ndim)
    length: Any = vector_length(input, p, from_others)
    large = length > maxnorm
    return input * elementwise.where.record(large, maxnorm / (length + 1e-7), 1)


def vector_length(x: Any, p: float, along: Any) -> Any:
    """The p-norm over dimensions, which stay."""
    return norm(x, p, along, True)


@composed
def gradient(
    input: Tensor, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """Slopes along dimensions by second-order differences of neighbours.

    `spacing` is a step, one step a dimension, or the coordinates of each dimension.
    """
    rank = input._data.ndim
    dims: Any = range(rank) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    many = isinstance(spacing, list | tuple)
    return tuple(
        _slope(input, d % rank, spacing[k] if many else spacing, edge_order)
        for k, d in enumerate(dims)
    )


def _slope(x: Any, dim: int, spacing: Any, edge_order: int) -> Any:
    n = x._data.shape[dim]
    if n < edge_order + 1:
        raise RuntimeError(
            "torch.gradient expected each dimension size to be at least edge_order+1"
        )
    at = 1 if spacing is None else raw(spacing)
    at = np.arange(n) * float(at) if np.ndim(at) == 0 else np.asarray(at, np.float64)
    # The slope is linear in x: a matrix of coefficients, whatever the spacing.
    weights = np.stack([np.gradient(row, at, edge_order=edge_order) for row in np.eye(n)], axis=1)  # type: ignore[call-overload]
    moved = x.movedim(dim, -1)
    return matmul(moved, wrap(weights.T.astype(x._data.dtype))).movedim(-1, dim)
