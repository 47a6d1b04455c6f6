"""Writing to chosen places of a copy: by index, by mask, and slice by slice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, raw, wrap
from ..primitives import elementwise, indexing, reduction
from .composed import composed
from .elementwise import cast
from .reduction import axes
from .selection import index_along, places

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def plain(index: Any) -> Any:
    """One part of an index as an array."""
    array = np.asarray(raw(index))
    return array if array.dtype.kind in "iub" else array.astype(np.int64)


def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """`input` with `values` written (or added) at the places that the index tensors name."""
    index = tuple(slice(None) if i is None else plain(i) for i in indices)
    shape = input._data[index].shape
    if values._data.ndim > len(shape):
        values = values.reshape(values._data.shape[values._data.ndim - len(shape) :])
    if not accumulate:
        return indexing.setitem.record(input, values, index)
    full = values if values._data.shape == shape else values.expand(*shape)
    return input + indexing.scatter_add_op.record(full, index, input._data.shape)


def index_copy(input: Tensor, dim: int, index: Any, source: Tensor) -> Tensor:
    """`input` with slices of `source` written to the places of `dim` that `index` names."""
    if not input._data.ndim:
        return source.reshape(()) + 0 * input
    along = axes(input, dim, "index_copy")
    at = places(index, input._data.shape[along], "index_copy").reshape(-1)
    where = index_along(along % input._data.ndim, at)
    return indexing.setitem.record(input, source.reshape(input._data[where].shape), where)


def index_fill(input: Tensor, dim: int, index: Any, value: Any) -> Tensor:
    """`input` with a number written to the places of `dim` that `index` names."""
    filled: Any = value if isinstance(value, Traced) else wrap(np.asarray(value, input._data.dtype))
    filled = cast(filled, input._data.dtype)
    if not input._data.ndim:
        return filled.reshape(()) + 0 * input  # type: ignore[no-any-return]
    along = axes(input, dim, "index_fill")
    at = places(index, input._data.shape[along], "index_fill").reshape(-1)
    return indexing.setitem.record(input, filled, index_along(along % input._data.ndim, at))


@composed
def masked_scatter(input: Tensor, mask: Any, source: Tensor) -> Tensor:
    """`input` with the entries of `source`, in order, where the mask holds."""
    shape = np.broadcast_shapes(input._data.shape, raw(mask).shape)
    chosen = np.broadcast_to(raw(mask), shape)
    n = int(chosen.sum())
    if source._data.size < n:
        raise RuntimeError(
            f"masked_scatter: expected number of elements in source ({source._data.size}) to be "
            f"at least the number of ones in the mask ({n})"
        )
    x = input if input._data.shape == shape else input.expand(*shape)
    return indexing.setitem.record(x, source.reshape((-1,))[:n], chosen)


def put(input: Tensor, index: Any, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with `source` written (or added) at `index` of the tensor read as a vector."""
    at = places(index, input._data.size, "put").reshape(-1)
    flat = index_put(input.reshape((-1,)), (at,), source.reshape((-1,)), accumulate)
    return flat.reshape(input._data.shape)


@composed
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """`input` with `src` in the place of one slice."""
    along = axes(input, dim, "select_scatter")
    return indexing.setitem.record(input, src, index_along(along % input._data.ndim, int(index)))


@composed
def slice_scatter(
    input: Tensor,
    src: Tensor,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    """`input` with `src` in the place of `input[start:end:step]`."""
    along = axes(input, dim, "slice_scatter")
    part = slice(start, end, step)
    return indexing.setitem.record(input, src, index_along(along % input._data.ndim, part))


# Reductions into places ---------------------------------------------------------------------------


def scatter_reduce(
    input: Tensor, dim: int, index: Any, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """`src` reduced into the places of `dim` that `index` names: sum, prod, mean, amax or amin."""
    if not input._data.ndim:
        x, at, values = input.reshape((1,)), np.asarray(raw(index)).reshape(1), src.reshape((1,))
        return scatter_reduce(x, 0, at, values, reduce, include_self=include_self).reshape(())
    along = axes(input, dim, "scatter_reduce") % input._data.ndim
    at = places(index, input._data.shape[along], "scatter_reduce")
    cut = tuple(slice(0, n) for n in at.shape)
    values = src if src._data.shape == at.shape else indexing.getitem.record(src, cut)
    where = indexing.along(at, along)
    return _reduced_into(input, np.broadcast_arrays(*where), values, reduce, include_self)  # type: ignore[no-any-return]


def index_reduce(
    input: Tensor, dim: int, index: Any, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """Slices of `source` reduced into the places of `dim` that `index` names."""
    if not input._data.ndim:
        x, values = input.reshape((1,)), source.reshape((-1,))
        return index_reduce(x, 0, index, values, reduce, include_self=include_self).reshape(())
    along = axes(input, dim, "index_reduce") % input._data.ndim
    at = places(index, input._data.shape[along], "index_reduce").reshape(-1)
    shape = list(input._data.shape)
    shape[along] = at.size
    grid = list(np.indices(shape))
    grid[along] = np.broadcast_to(
        at.reshape([-1 if k == along else 1 for k in range(len(shape))]), shape
    )
    return _reduced_into(input, grid, source.reshape(shape), reduce, include_self)  # type: ignore[no-any-return]


@composed
def _reduced_into(input: Any, where: Any, src: Any, reduce: str, include_self: bool) -> Any:
    """Group each place's contributions (its own entry among them) and reduce the groups."""
    shape = input._data.shape
    flat = np.ravel_multi_index(tuple(np.asarray(w) for w in where), shape).reshape(-1)
    size = int(np.prod(shape))
    base, values = input.reshape((-1,)), src.reshape((-1,))
    hits = np.bincount(flat, minlength=size)
    kind = input._data.dtype
    own = np.ones(size, bool) if include_self else hits == 0
    count = hits + own
    if reduce in ("sum", "mean"):
        out = indexing.scatter_add_op.record(values, flat, (size,)) + elementwise.where.record(
            own, base, 0
        )
        if reduce == "mean":
            divided = wrap(np.maximum(count, 1).astype(kind))
            out = out / divided if kind.kind == "f" else out // divided
        return out.reshape(shape)
    # The groups as rows of a table, empty places filled with what changes nothing.
    order = np.argsort(flat, kind="stable")
    rank = np.empty(flat.size, np.int64)
    starts = np.cumsum(hits) - hits
    rank[order] = np.arange(flat.size) - starts[flat[order]]
    width = int(hits.max(initial=0)) + 1
    neutral = {"prod": 1.0, "amax": -np.inf, "amin": np.inf}
    if reduce not in neutral:
        raise RuntimeError(
            f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    fill = neutral[reduce]
    if kind.kind != "f" and reduce != "prod":
        fill = np.iinfo(kind).min if reduce == "amax" else np.iinfo(kind).max
    table = wrap(np.full((size, width), fill, kind))
    table = indexing.setitem.record(
        table, elementwise.where.record(own, base, wrap(np.asarray(fill, kind))), (slice(None), 0)
    )
    table = indexing.setitem.record(table, values, (flat, rank + 1))
    record = {"prod": reduction.prod, "amax": reduction.amax, "amin": reduction.amin}[reduce].record
    return record(table, 1, False).reshape(shape)


@composed
def masked_fill(input: Tensor, mask: Any, value: Any) -> Tensor:
    """`input` with `value` where the mask holds."""
    if raw(mask).dtype != bool:
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {raw(mask).dtype}; "
            f"compare first: mask == 0"
        )
    if isinstance(value, int | float) and input._data.dtype.kind in "biu":
        value = input._data.dtype.type(value)
        value = wrap(np.asarray(value))
    return elementwise.where.record(mask, value, input)


def scatter(
    input: Tensor, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: Any = None
) -> Tensor:
    """A copy of `input` with `src` (a tensor or a number) written along `dim` at `index`."""
    source: Any = src if src is not None else value
    along = axes(input, dim, "scatter")
    if along is None:
        src = source.reshape((1,)) if hasattr(source, "reshape") else source
        at = np.asarray(raw(index)).reshape(1)
        return scatter(input.reshape((1,)), 0, at, src, reduce=reduce).reshape(())
    array = places(index, input._data.shape[along], "scatter")
    if isinstance(source, Traced):
        cut = tuple(slice(0, n) for n in array.shape)
        source = (
            source if source._data.shape == array.shape else indexing.getitem.record(source, cut)
        )
        if source._data.dtype != input._data.dtype:
            raise RuntimeError(
                f"scatter(): Expected self.dtype to be equal to src.dtype, got "
                f"{input._data.dtype} and {source._data.dtype}; convert src."
            )
    else:
        source = wrap(np.full(array.shape, source, input._data.dtype))
    if reduce == "add":
        return scatter_add(input, dim, wrap(array), source)
    if reduce == "multiply":
        return input * scatter(input * 0 + 1, dim, wrap(array), source)
    return indexing.scatter.record(input, source, array, along)


@composed
def scatter_add(input: Tensor, dim: int, index: Any, src: Tensor) -> Tensor:
    """`input` with `src` added along `dim` at `index`; repeats accumulate."""
    along = axes(input, dim, "scatter_add")
    if along is None:
        at = np.asarray(raw(index)).reshape(1)
        return scatter_add(input.reshape((1,)), 0, at, src.reshape((1,))).reshape(())
    array = places(index, input._data.shape[along], "scatter_add")
    cut = tuple(slice(0, n) for n in array.shape)
    source = src if src._data.shape == array.shape else indexing.getitem.record(src, cut)
    return input + indexing.scatter_along.record(source, array, along, input._data.shape)


@composed
def index_add(input: Tensor, dim: int, index: Any, source: Tensor, *, alpha: float = 1) -> Tensor:
    """`input` with `alpha · source` added to the entries of `dim` that `index` names."""
    if not input._data.ndim:
        flat = source.reshape((-1,))
        return index_add(input.reshape((1,)), 0, index, flat, alpha=alpha).reshape(())
    along = axes(input, dim, "index_add") % input._data.ndim
    array = places(index, input._data.shape[along], "index_add").reshape(-1)
    where = (slice(None),) * along + (array,) if along else array
    added = indexing.scatter_add_op.record(source, where, input._data.shape)
    return input + (added if alpha == 1 else added * alpha)
