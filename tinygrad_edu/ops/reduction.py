"""Sums, means and their kin, extremes, orders and running totals."""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, nondifferentiable, wrap
from ..primitives import elementwise, indexing, reduction
from .composed import composed
from .elementwise import cast, floating
from .results import Extreme, extreme

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

Dim = int | tuple[int, ...] | list[int] | None


def axes(input: Any, dim: Dim, name: str) -> Any:
    """`dim` as NumPy takes it: None, an int or a tuple of ints, checked against the rank.

    Raises
    ------
    IndexError
        If a dimension is out of range.
    """
    if dim is None:
        return None
    rank = builtins.max(input._data.ndim, 1)
    if type(dim) is int:
        if -rank <= dim < rank:
            return dim if input._data.ndim else None
    elif isinstance(dim, tuple | list):
        if not dim:
            return None
        whole = tuple(int(d) for d in dim)
        if builtins.all(-rank <= d < rank for d in whole):
            return whole if input._data.ndim else None
    elif hasattr(dim, "__index__"):
        return axes(input, dim.__index__(), name)
    raise IndexError(
        f"{name}: Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but "
        f"got {dim}); the tensor's shape is {tuple(input._data.shape)}."
    )


def summable(input: Any) -> Any:
    """`input` with bools and small integers counted in int64, as PyTorch sums them."""
    kind = input._data.dtype
    return cast(input, np.int64) if kind.kind in "biu" and kind != np.int64 else input


def sum(
    input: Tensor,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Dim = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The sum over `dim`, or over everything; integers add up in int64."""
    x = cast(input, dtype) if dtype is not None else input
    if x._data.dtype.kind != "f":
        x = summable(x)
    along = axes(x, dim if axis is None else axis, "sum")
    return reduction.sum.record(x, along, keepdim or keepdims, out=out)


@composed(closed_form="g / n")
def mean(
    input: Tensor,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Dim = None,
    keepdims: bool = False,
) -> Tensor:
    """The mean over `dim`, or over everything.

    Raises
    ------
    RuntimeError
        For integers, whose mean is no integer: convert with `.float()`.
    """
    x = cast(input, dtype) if dtype is not None else input
    if x._data.dtype.kind not in "fc":
        raise RuntimeError(
            f"mean(): could not infer output dtype. Input dtype must be either a floating point or "
            f"complex dtype. Got: {x._data.dtype}. Convert with .float() first."
        )
    along = axes(x, dim if axis is None else axis, "mean")
    n = reduction.size_of(x._data.shape, along)
    return reduction.sum.record(x, along, keepdim or keepdims) / n


def prod(
    input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None, axis: Dim = None
) -> Tensor:
    """The product over `dim`, or over everything."""
    x = summable(cast(input, dtype) if dtype is not None else input)
    along = axes(x, dim if axis is None else axis, "prod")
    return reduction.prod.record(x, along, keepdim)


def amax(input: Tensor, dim: Dim = (), keepdim: bool = False, *, axis: Dim = None) -> Tensor:
    """The maximum over `dim`; entries that tie share the gradient evenly."""
    along = axes(input, dim if axis is None else axis, "amax")
    return reduction.amax.record(input, along, keepdim)


def amin(input: Tensor, dim: Dim = (), keepdim: bool = False, *, axis: Dim = None) -> Tensor:
    """The minimum over `dim`; entries that tie share the gradient evenly."""
    along = axes(input, dim if axis is None else axis, "amin")
    return reduction.amin.record(input, along, keepdim)


def aminmax(input: Tensor, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Minimum and maximum at once."""
    return amin(input, dim, keepdim), amax(input, dim, keepdim)


def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, axis: Dim = None) -> Any:
    """The largest entry; along a dimension, (values, indices); of two tensors, elementwise.

    Over everything, ties share the gradient; along a dimension the first gets all of it.
    """
    over_all, of_two = reduction.amax.record, elementwise.maximum.record
    return _extreme("max", over_all, of_two, input, dim if axis is None else axis, keepdim)


def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, axis: Dim = None) -> Any:
    """The smallest entry; along a dimension, (values, indices); of two tensors, elementwise."""
    over_all, of_two = reduction.amin.record, elementwise.minimum.record
    return _extreme("min", over_all, of_two, input, dim if axis is None else axis, keepdim)


def of_nan(input: Any) -> Tensor:
    """NaN as a result; its gradient is shared among the entries that are NaN, which made it so."""
    found = np.isnan(input._data)
    return reduction.sum.record(indexing.getitem.record(input, found), None, False) / int(
        found.sum()
    )


def _extreme(name: str, over_all: Any, of_two: Any, input: Tensor, dim: Any, keepdim: bool) -> Any:
    """The body of max and min, in PyTorch's three meanings."""
    if dim is None:
        out = over_all(input, None, False)
        return of_nan(input) if out._data != out._data else out
    if isinstance(dim, Traced):
        return of_two(input, dim)
    along = axes(input, dim, name)
    if along is None:
        return extreme(name, input.clone(), wrap(np.asarray(0)))
    if not input._data.shape[along]:
        raise IndexError(
            f"{name}(): Expected reduction dim {dim} to have non-zero size; the tensor's shape is "
            f"{tuple(input._data.shape)}."
        )
    find = np.argmax if name == "max" else np.argmin
    places = nondifferentiable(f"arg{name}", lambda x: find(x, axis=along, keepdims=True), input)
    return picked(name, input, places, along, keepdim)


def picked(name: str, input: Any, places: Any, axis: int, keepdim: bool) -> Extreme:
    """The entries at `places` (one along `axis`), and the places, as a pair."""
    indices: Any = places if isinstance(places, Traced) else wrap(places)
    values = indexing.gather.record(input, indices, axis)
    if keepdim:
        return extreme(name, values, indices)
    kept = indices._data.shape
    shape = tuple(n for k, n in enumerate(kept) if k != axis % len(kept))
    return extreme(name, values.reshape(shape), indices.reshape(shape))


def axis_of_extreme(name: str, input: Any, dim: Dim) -> Any:
    """The dimension along which to look, once it is sure that there is something to find."""
    along = axes(input, dim, name)
    if input._data.dtype == bool:  # of truth values none is larger in PyTorch's eyes
        raise RuntimeError(f"{name}: not implemented for 'Bool'; count with .int() first")
    if not input._data.size:
        raise IndexError(f"{name}(): the tensor has no entries (shape {input._data.shape})")
    return along


def argmax(input: Tensor, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
    """Where the largest entry is: the first such place, along `dim` or in the flattened tensor."""
    along = axis_of_extreme("argmax", input, dim if axis is None else axis)
    return reduction.argmax.record(input, along, keepdim)  # type: ignore[no-any-return]


def argmin(input: Tensor, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
    """Where the smallest entry is: the first such place."""
    along = axis_of_extreme("argmin", input, dim if axis is None else axis)
    return reduction.argmin.record(input, along, keepdim)  # type: ignore[no-any-return]


def all(input: Tensor, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
    """Whether every entry is true (not 0)."""
    along = axes(input, dim if axis is None else axis, "all")
    return reduction.all.record(input, along, keepdim)  # type: ignore[no-any-return]


def any(input: Tensor, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
    """Whether some entry is true (not 0)."""
    along = axes(input, dim if axis is None else axis, "any")
    return reduction.any.record(input, along, keepdim)  # type: ignore[no-any-return]


# Spread -------------------------------------------------------------------------------------------


def safe_sqrt(x: Tensor) -> Tensor:
    """√x with gradient 0 at 0, where the slope of √ is infinite: the smallest subgradient."""
    flat = x == 0
    return elementwise.where.record(
        flat, 0, elementwise.sqrt.record(elementwise.where.record(flat, 1, x))
    )


@composed(closed_form="2 * g * (x - mean(x)) / (n - correction)")
def var(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    axis: Dim = None,
) -> Tensor:
    """The variance: Σ(x − mean)² / (n − correction), with Bessel's correction 1 unless told."""
    dim, correction = _corrected(dim, unbiased, correction, axis)
    x = input
    if x._data.dtype.kind not in "fc":
        raise RuntimeError(
            f"std and var only support floating point and complex dtypes, got {x._data.dtype}. "
            f"Convert with .float() first."
        )
    along = axes(x, dim, "var")
    n = reduction.size_of(x._data.shape, along)
    centred = x - reduction.sum.record(x, along, True) / n
    squares = reduction.sum.record(centred * centred, along, keepdim)
    left = n - correction
    if left <= 0 and not centred._data.any():  # 0 / 0, and NaN for a gradient, as PyTorch has it
        return reduction.sum.record(x * math.nan, along, keepdim)
    return squares / (left if left > 0 else 0.0)


def _corrected(
    dim: Any, unbiased: bool | None, correction: float | None, axis: Dim
) -> tuple[Any, float]:
    if isinstance(dim, bool):  # PyTorch's older form, x.var(unbiased)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    return (dim if axis is None else axis), correction


@composed
def std(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    axis: Dim = None,
) -> Tensor:
    """The standard deviation, √var; of equal entries it is 0 with gradient 0."""
    dim, correction = _corrected(dim, unbiased, correction, axis)
    return safe_sqrt(var(input, dim, correction=correction, keepdim=keepdim))


def var_mean(input: Tensor, dim: Any = None, **options: Any) -> tuple[Tensor, Tensor]:
    """Variance and mean."""
    over = None if isinstance(dim, bool) else dim
    return var(input, dim, **options), mean(input, over, options.get("keepdim", False))


def std_mean(input: Tensor, dim: Any = None, **options: Any) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean."""
    over = None if isinstance(dim, bool) else dim
    return std(input, dim, **options), mean(input, over, options.get("keepdim", False))


@composed(closed_form="g * exp(x - y)")
def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """log Σ eˣ, shifted by the maximum so that nothing overflows."""
    x = floating(input)
    along = axes(x, dim, "logsumexp")
    top = reduction.amax.record(x.detach(), along, True)
    top = elementwise.where.record(elementwise.isfinite.record(top), top, 0)
    total = reduction.sum.record(elementwise.exp.record(x - top), along, True)
    out = elementwise.log.record(total) + top
    if keepdim:
        return out
    return out.reshape(np.empty(x._data.shape, bool).any(axis=along).shape)


def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """How many entries are not 0."""
    return sum(input != 0, dim)


# Running ------------------------------------------------------------------------------------------


def cumsum(input: Tensor, dim: int | None = None, *, dtype: Any = None, axis: Any = None) -> Tensor:
    """Sums up to and including each place along `dim`."""
    x = summable(cast(input, dtype) if dtype is not None else input)
    along = axes(x, dim if axis is None else axis, "cumsum")
    return reduction.cumsum.record(x, along) if x._data.ndim else x.clone()


def cumprod(
    input: Tensor, dim: int | None = None, *, dtype: Any = None, axis: Any = None
) -> Tensor:
    """Products up to and including each place along `dim`."""
    x = summable(cast(input, dtype) if dtype is not None else input)
    along = axes(x, dim if axis is None else axis, "cumprod")
    return reduction.cumprod.record(x, along) if x._data.ndim else x.clone()


# Order --------------------------------------------------------------------------------------------


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The places of the entries in sorted order along `dim`."""
    return sort(input, dim, descending, stable=stable).indices  # type: ignore[no-any-return]


def sort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False
) -> Extreme:
    """Entries in order along `dim`, and where each stood."""
    along = axes(input, dim, "sort")
    if along is None:
        return extreme("sort", input.clone(), wrap(np.asarray(0)))

    def order(data: Any) -> Any:
        if not descending:
            return np.argsort(data, axis=along, kind="stable")
        # Reversed twice, so that equal entries keep their order.
        places = np.flip(np.argsort(np.flip(data, along), axis=along, kind="stable"), along)
        return data.shape[along] - 1 - places

    places = nondifferentiable("argsort", order, input)
    return extreme("sort", indexing.gather.record(input, places, along), places)


def topk(
    input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Extreme:
    """The `k` largest (or smallest) entries along `dim`, in order, and where they stood."""
    values, indices = sort(input, dim, descending=largest)
    along = axes(input, dim, "topk")
    if along is None:
        return extreme("topk", values, indices)
    n = input._data.shape[along]
    if not 0 <= k <= n:
        raise RuntimeError(f"topk: selected index k out of range: k={k} of {n} along dim {dim}")
    first = (slice(None),) * (along % input._data.ndim) + (slice(0, k),)
    return extreme("topk", values[first], indices[first])


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Extreme:
    """The k-th smallest entry along `dim`, counted from 1."""
    return _kth("kthvalue", input, k, dim, keepdim)


def _kth(name: str, input: Tensor, k: int, dim: int, keepdim: bool) -> Extreme:
    along = axes(input, dim, "kthvalue")
    if along is None:
        return extreme(name, input.clone(), wrap(np.asarray(0)))
    if not 1 <= k <= input._data.shape[along]:
        raise RuntimeError(
            f"kthvalue(): selected number k out of range for dimension {dim}: k={k} of "
            f"{input._data.shape[along]}"
        )
    places = np.take(np.argsort(input._data, axis=along, kind="stable"), [k - 1], axis=along)
    return picked(name, input, places, along, keepdim)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the middle entries (PyTorch's median; NumPy's averages the two)."""
    data = input._data
    if dim is None:
        if not data.size:
            return wrap(np.asarray(math.nan, data.dtype))
        if data.dtype.kind == "f" and np.isnan(data).any():
            return of_nan(input)
        middle = np.sort(data, axis=None)[(data.size - 1) // 2]
        return reduction.amax.record(indexing.getitem.record(input, data == middle), None, False)
    along = axes(input, dim, "median")
    if along is None:
        return extreme("median", input.clone(), wrap(np.asarray(0)))
    if data.dtype.kind == "f" and np.isnan(data).any():
        order = np.argsort(data, axis=along, kind="stable")
        found = np.isnan(data)
        middle = np.take(order, [(data.shape[along] - 1) // 2], axis=along)
        first = np.argmax(found, axis=along, keepdims=True)
        places = np.where(found.any(axis=along, keepdims=True), first, middle)
        return picked("median", input, places, along, keepdim)
    return _kth("median", input, (data.shape[along] + 1) // 2, dim, keepdim)
