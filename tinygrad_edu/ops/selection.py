"""Choosing entries by index or mask, and writing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, raw, wrap
from ..primitives import elementwise, indexing
from .composed import composed
from .reduction import axes

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def places(index: Any, n: int, name: str) -> Any:
    """An index tensor's array, checked to hold whole numbers within a dimension of size `n`."""
    array = np.asarray(raw(index))
    if array.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}(): Expected dtype int64 for index, got {array.dtype}; convert with .long()"
        )
    if array.size and (array.max() >= n or array.min() < -n):
        worst = int(array.max()) if array.max() >= n else int(array.min())
        raise IndexError(
            f"{name}(): index {worst} is out of bounds for dimension with size {n}; "
            f"indices run from 0 to {n - 1}"
        )
    return array


def gather(input: Tensor, dim: int, index: Any, *, sparse_grad: bool = False) -> Tensor:
    """`out[i][j] = input[i][index[i][j]]` for dim 1, and so on."""
    along = axes(input, dim, "gather")
    if along is None:
        return input.reshape((1,))[raw(index).reshape(-1)].reshape(raw(index).shape)
    array = places(index, input._data.shape[along], "gather")
    if not array.size:  # nothing is chosen, so an index of any rank will do
        return indexing.getitem.record(input.reshape((-1,)), array)
    if array.ndim != input._data.ndim:
        raise RuntimeError(
            f"gather(): Index tensor must have the same number of dimensions as input tensor, got "
            f"shapes {array.shape} and {tuple(input._data.shape)}; use .unsqueeze(dim) on the "
            f"index."
        )
    return indexing.gather.record(input, array, along)


def take_along_dim(input: Tensor, indices: Any, dim: int | None = None) -> Tensor:
    """As `gather`, with indices broadcast against the input."""
    if dim is None:
        return gather(input.reshape((-1,)), 0, wrap(np.asarray(raw(indices)).reshape(-1)))
    array = np.asarray(raw(indices))
    along = dim % input._data.ndim
    shape = list(input._data.shape)
    shape[along] = array.shape[along]
    full = np.broadcast_shapes(tuple(shape), array.shape)
    data = list(full)
    data[along] = input._data.shape[along]
    return gather(input.expand(*data), along, wrap(np.broadcast_to(array, full)))


def index_select(input: Tensor, dim: int, index: Any) -> Tensor:
    """The entries of `dim` that `index` (a vector) names."""
    if not input._data.ndim:
        return index_select(input.reshape((1,)), 0, index).reshape(())
    along = axes(input, dim, "index_select") % input._data.ndim
    array = places(index, input._data.shape[along], "index_select").reshape(-1)
    return indexing.getitem.record(input, (slice(None),) * along + (array,) if along else array)


def masked_select(input: Tensor, mask: Any) -> Tensor:
    """The entries where the mask holds, as a vector."""
    shape = np.broadcast_shapes(input._data.shape, raw(mask).shape)
    full = input if input._data.shape == shape else input.expand(*shape)
    return indexing.getitem.record(full, np.broadcast_to(raw(mask), shape))


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """Where the entries are not 0: a row of indices each, or a tuple of one tensor a dimension."""
    found = np.nonzero(np.atleast_1d(input._data))
    if as_tuple:
        return tuple(wrap(f) for f in found)
    rows = np.stack(found, axis=1) if input._data.ndim else np.empty((len(found[0]), 0), np.int64)
    return wrap(rows)


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
