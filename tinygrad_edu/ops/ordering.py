"""Running extremes, quantiles, and counting: which values occur, how often, and where they fit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..engine.traced import Traced, raw, wrap
from ..primitives import indexing, reduction
from .composed import composed
from .reduction import axes, of_nan, picked, sort
from .results import Extreme, extreme

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def cummax(input: Tensor, dim: int) -> Extreme:
    """The largest entry so far along `dim`, and where it stood (the last such place)."""
    return _running(input, dim, np.maximum, "cummax")


def cummin(input: Tensor, dim: int) -> Extreme:
    """The smallest entry so far along `dim`, and where it stood (the last such place)."""
    return _running(input, dim, np.minimum, "cummin")


def _running(input: Tensor, dim: int, best_of: Any, name: str) -> Extreme:
    along = axes(input, dim, name)
    if along is None:
        return extreme(name, input.clone(), wrap(np.asarray(0)))
    data = input._data
    best = best_of.accumulate(data, axis=along)
    here = (data == best) | ((data != data) & (best != best))
    index = np.arange(data.shape[along]).reshape((-1,) + (1,) * (data.ndim - 1 - along % data.ndim))
    places = np.maximum.accumulate(np.where(here, index, 0), axis=along)
    return extreme(name, indexing.gather.record(input, places, along), wrap(places))


def msort(input: Tensor) -> Tensor:
    """Entries in order along the first dimension."""
    return sort(input, 0).values  # type: ignore[no-any-return]


def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Extreme:
    """The entry met most often along `dim` (the smallest of several), and its last place."""
    along = axes(input, dim, "mode")
    if along is None:
        return extreme("mode", input.clone(), wrap(np.asarray(0)))
    moved = np.moveaxis(input._data, along, -1)
    counts = (moved[..., :, None] == moved[..., None, :]).sum(-1)
    often = counts == counts.max(-1, keepdims=True)
    least = np.where(often, moved, np.inf if moved.dtype.kind == "f" else np.iinfo(moved.dtype).max)
    chosen = often & (moved == least.min(-1, keepdims=True))
    n = moved.shape[-1]
    places = n - 1 - np.argmax(chosen[..., ::-1], axis=-1, keepdims=True)
    return picked("mode", input, np.moveaxis(places, -1, along), along, keepdim)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the middle entries, NaN left out."""
    data = input._data
    if dim is None:
        kept = data[~np.isnan(data)]
        if not kept.size:
            return of_nan(input) if data.size else wrap(np.asarray(math.nan, data.dtype))
        middle = np.sort(kept, axis=None)[(kept.size - 1) // 2]
        return reduction.amax.record(indexing.getitem.record(input, data == middle), None, False)
    along = axes(input, dim, "nanmedian")
    if along is None:
        return extreme("nanmedian", input.clone(), wrap(np.asarray(0)))
    order = np.argsort(data, axis=along, kind="stable")  # NaN comes last
    count = (~np.isnan(data)).sum(axis=along, keepdims=True)
    places = np.take_along_axis(order, np.maximum(count - 1, 0) // 2, axis=along)
    return picked("nanmedian", input, places, along, keepdim)


# Quantiles ----------------------------------------------------------------------------------------


@composed
def quantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """The value that a share `q` of the entries along `dim` lies below, between neighbours."""
    return _quantile(input, q, dim, keepdim, interpolation, skip_nan=False)  # type: ignore[no-any-return]


@composed
def nanquantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """`quantile`, NaN left out."""
    return _quantile(input, q, dim, keepdim, interpolation, skip_nan=True)  # type: ignore[no-any-return]


def _quantile(
    input: Any, q: Any, dim: int | None, keepdim: bool, interpolation: str, skip_nan: bool
) -> Any:
    rank = input._data.ndim
    q = q if isinstance(q, Traced) else wrap(np.asarray(q, input._data.dtype))
    if q._data.dtype != input._data.dtype:
        raise RuntimeError(
            f"quantile() q tensor must be same dtype as the input tensor, got {q._data.dtype} and "
            f"{input._data.dtype}"
        )
    shares = q._data
    if shares.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if shares.size and not (shares.min() >= 0 and shares.max() <= 1):
        raise RuntimeError("quantile() q values must be in the range [0, 1]")
    x = input.reshape((-1,)) if dim is None else input.movedim(dim, -1) if rank else input
    x = x if x._data.ndim else x.reshape((1,))
    ordered = sort(x, -1).values
    nan = np.isnan(x._data)
    count = (~nan).sum(-1, keepdims=True)
    n = x._data.shape[-1]
    rank_of = shares.reshape(-1) * (np.maximum(count - 1, 0) if skip_nan else n - 1)
    if not skip_nan:  # one NaN makes NaN: the last of the sorted
        rank_of = np.where(nan.any(-1, keepdims=True), n - 1, rank_of)
    lower, upper = np.floor(rank_of), np.ceil(rank_of)
    if interpolation == "lower":
        upper = rank_of = lower
    elif interpolation == "higher":
        lower = rank_of = upper
    elif interpolation == "nearest":
        lower = upper = rank_of = np.rint(rank_of)
    elif interpolation == "midpoint":
        rank_of = (lower + upper) / 2
    elif interpolation != "linear":
        raise RuntimeError(
            f"quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {interpolation}"
        )
    shape = (*x._data.shape[:-1], shares.size)
    low = np.broadcast_to(lower, shape).astype(np.int64)
    high = np.broadcast_to(upper, shape).astype(np.int64)
    share: Any = wrap(np.broadcast_to(rank_of - lower, shape).astype(x._data.dtype))
    if interpolation == "linear" and q._node is not None:  # the place moves with q
        steps = wrap(np.broadcast_to(np.maximum(count - 1, 0), shape).astype(x._data.dtype))
        share = share + (q - q.detach()).reshape((-1,)) * steps
    below, above = (
        indexing.gather.record(ordered, low, -1),
        indexing.gather.record(ordered, high, -1),
    )
    moving = bool((low != high).any()) or q._node is not None
    out = below + (above - below) * share if moving else below
    out = out.movedim(-1, 0)  # q comes first
    if keepdim:
        if dim is None:
            out = out.reshape((shares.size,) + (1,) * rank)
        elif rank:
            out = out.unsqueeze(dim if dim < 0 else dim + 1)
    return out if shares.ndim else out.reshape(out._data.shape[1:])


# Counting -----------------------------------------------------------------------------------------


def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different entries (or slices of `dim`) in order; on request which each is, how many."""
    values, inverse, counts = np.unique(
        input._data, return_inverse=True, return_counts=True, axis=dim
    )
    shape = input._data.shape if dim is None else (input._data.shape[dim],)
    out = [wrap(values)]
    out += [wrap(inverse.reshape(shape))] if return_inverse else []
    out += [wrap(counts)] if return_counts else []
    return out[0] if len(out) == 1 else tuple(out)


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """Entries (or slices of `dim`) without those equal to the one before."""
    data = input._data.reshape(-1) if dim is None else np.moveaxis(input._data, dim, 0)
    n = data.shape[0]
    new = np.ones(n, bool)
    if n > 1:
        new[1:] = (data[1:] != data[:-1]).reshape(n - 1, -1).any(1)
    values = data[new]
    inverse = np.cumsum(new) - 1
    counts = np.diff(np.append(np.flatnonzero(new), n))
    out = [wrap(values if dim is None else np.moveaxis(values, 0, dim))]
    out += (
        [wrap(inverse.reshape(input._data.shape if dim is None else n))] if return_inverse else []
    )
    out += [wrap(counts)] if return_counts else []
    return out[0] if len(out) == 1 else tuple(out)


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Tensor:
    """Where each value would be put in (the last dimension of) an ordered sequence."""
    which: Any = "right" if right or side == "right" else "left"
    values = np.asarray(raw(input))
    sequence = raw(sorted_sequence)
    if sorter is not None:
        sequence = np.take_along_axis(sequence, raw(sorter), -1)
    kind = np.int32 if out_int32 else np.int64
    if sequence.ndim == 1:
        return wrap(np.asarray(np.searchsorted(sequence, values, which), kind))  # type: ignore[no-any-return]
    found = np.empty(values.shape, kind)
    for row in np.ndindex(*sequence.shape[:-1]):
        found[row] = np.searchsorted(sequence[row], values[row], which)
    return wrap(found)  # type: ignore[no-any-return]


def bucketize(
    input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """The bucket between `boundaries` that each value falls in."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Where entries are among `test_elements`; `assume_unique` promises that neither repeats."""
    found = np.isin(np.asarray(raw(elements)), raw(test_elements), assume_unique, invert)
    return wrap(found)  # type: ignore[no-any-return]


def bincount(input: Tensor, weights: Any = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, … is met, or the sum of the weights where it is."""
    if input._data.ndim != 1 or (input._data.size and input._data.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    return wrap(np.bincount(input._data, raw(weights), minlength))  # type: ignore[no-any-return]


def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many entries fall in each of `bins` equal parts of [min, max]."""
    data = input._data
    low, high = float(min), float(max)
    if low == high and data.size:
        low, high = float(data.min()), float(data.max())
    if low == high:
        low, high = low - 1, high + 1
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"range of [{low}, {high}] is not finite")
    counts = np.histogram(data, bins, (low, high))[0]
    return wrap(counts.astype(data.dtype))  # type: ignore[no-any-return]


class Histogram(NamedTuple):
    """Counts, and the edges between which they were counted."""

    hist: Any
    bin_edges: Any


def histogram(
    input: Tensor, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False
) -> Histogram:
    """How many entries (or what weight of them) fall between edges."""
    edges = raw(bins) if isinstance(bins, Traced) else bins
    data = input._data
    weights = None if weight is None else raw(weight).reshape(-1)
    if range is None and not isinstance(bins, Traced) and data.size and data.min() == data.max():
        range = (float(data.min()) - 0.5, float(data.max()) + 0.5)
    if range is not None and range[0] == range[1]:
        range = (range[0] - 0.5, range[1] + 0.5)
    counts, at = np.histogram(data.reshape(-1), edges, range, weights=weights, density=density)
    return Histogram(wrap(counts.astype(data.dtype)), wrap(at.astype(data.dtype)))
