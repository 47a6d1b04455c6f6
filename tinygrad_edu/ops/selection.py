"""Reading chosen entries: by index, by mask, window by window, and by strides."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import raw, wrap
from ..primitives import indexing
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


def index_along(axis: int, part: Any) -> tuple[Any, ...]:
    """The index that takes `part` of dimension `axis`, and all of the others."""
    return (slice(None),) * axis + (part,)


def take(input: Tensor, index: Any) -> Tensor:
    """The entries at `index` of the tensor read as a vector."""
    at = places(index, input._data.size, "take")
    return indexing.getitem.record(input.reshape((-1,)), at)


def argwhere(input: Tensor) -> Tensor:
    """Where entries are not 0: one row of indices each."""
    return wrap(np.argwhere(input._data))  # type: ignore[no-any-return]


def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """Entries read from the memory of `input` with given steps, as a copy."""
    data = input._data
    flat = np.arange(data.size).reshape(-1)
    size, stride = tuple(size), tuple(stride)
    offset = storage_offset or 0
    at = np.full(size, offset)
    for k, (n, s) in enumerate(zip(size, stride, strict=True)):
        at = at + (np.arange(n) * s).reshape([-1 if j == k else 1 for j in range(len(size))])
    if at.size and at.max() >= flat.size:
        raise RuntimeError(
            f"as_strided: size {size} and stride {stride} reach entry {int(at.max())}, and the "
            f"tensor's memory has {flat.size}"
        )
    return indexing.getitem.record(input.reshape((-1,)), at)


def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of `size` along a dimension, `step` apart, as a new last dimension."""
    if not input._data.ndim:
        return input.reshape((1,))
    along = axes(input, dimension, "unfold")
    n = input._data.shape[along]
    if size > n:
        raise RuntimeError(
            f"maximum size for tensor at dimension {dimension} is {n} but size is {size}"
        )
    windows = np.arange(0, n - size + 1, step)[:, None] + np.arange(size)
    rank = input._data.ndim
    out = indexing.getitem.record(input, index_along(along % rank, windows))
    return out.movedim(along % rank + 1, -1)


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Positions in a flattened tensor as coordinates in one of `shape`, a tensor for each.

    Raises
    ------
    ValueError
        If a position lies outside, or the positions are no whole numbers.
    """
    size = (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)
    flat = np.asarray(raw(indices))
    if flat.dtype.kind not in "iu":
        raise ValueError(f"unravel_index: expected 'indices' to be integer dtype, got {flat.dtype}")
    if any(n < 0 for n in size):
        raise ValueError(f"unravel_index: 'shape' cannot have negative values, got {size}")
    count = math.prod(size)
    if flat.size and not -count <= flat.min() <= flat.max() < count:
        raise ValueError(
            f"unravel_index: indices from {flat.min()} to {flat.max()} are not within the "
            f"{count} entries of shape {size}"
        )
    return tuple(wrap(x) for x in np.unravel_index(flat % max(count, 1), size))
