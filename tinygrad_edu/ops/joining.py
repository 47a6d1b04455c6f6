"""Joining tensors, and cutting them into pieces."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced
from ..primitives import shaping
from .composed import composed
from .reduction import axes
from .shaping import narrow, reshape, unsqueeze
from .views import item

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def cat(
    tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None, out: Tensor | None = None
) -> Tensor:
    """Tensors end to end along an existing dimension."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("torch.cat(): expected a non-empty list of Tensors")
    if any(x._data.ndim != 1 for x in tensors):  # PyTorch skips the old empty tensor
        tensors = [x for x in tensors if x._data.shape != (0,)]
    if not tensors[0]._data.ndim:
        raise RuntimeError("cat: zero-dimensional tensors cannot be concatenated; use torch.stack")
    along = axes(tensors[0], dim if axis is None else axis, "cat")
    return shaping.cat.record(tensors, along, out=out)


@composed
def stack(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Tensors of one shape side by side along a new dimension."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty list of Tensors")
    shapes = [tuple(x._data.shape) for x in tensors]
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {shapes[0]} at entry 0 and "
                f"{shape} at entry {i}: use torch.cat to join along a dimension that exists, or "
                f"pad_sequence for sequences of different lengths"
            )
    dim = dim if axis is None else axis
    along = dim if dim >= 0 else dim + len(shapes[0]) + 1
    return cat([shaping.unsqueeze.record(x, along) for x in tensors], along)


def split(input: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of a given size (the last may be smaller), or of given sizes."""
    n = input._data.shape[dim]
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size <= 0:
            raise RuntimeError(f"split: split_size must be positive, got {size}")
        lengths = [size] * (n // size) + ([n % size] if n % size or not n else [])
    else:
        lengths = [int(k) for k in split_size_or_sections]
        if sum(lengths) != n:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size "
                f"at dimension {dim}), but got split_sizes={lengths}"
            )
    starts = np.cumsum([0, *lengths[:-1]])
    return tuple(narrow(input, dim, int(s), k) for s, k in zip(starts, lengths, strict=True))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most so many pieces of one size, the last perhaps smaller."""
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input._data.shape[dim]
    return split(input, max(-(-n // chunks), 1), dim)


def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces as equal as can be, or cut at given places (NumPy's `array_split`)."""
    n = input._data.shape[dim]
    indices_or_sections = plain_number(indices_or_sections)
    if isinstance(indices_or_sections, int):
        k = indices_or_sections
        cuts = [i * (n // k) + min(i, n % k) for i in range(1, k)]
    else:
        cuts = [int(c) for c in indices_or_sections]
    edges = [0, *cuts, n]
    along = dim % input._data.ndim
    return tuple(
        item(input, (slice(None),) * along + (slice(a, b),)) for a, b in itertools.pairwise(edges)
    )


def plain_number(x: Any) -> Any:
    """A tensor of indices as Python numbers."""
    return x._data.tolist() if isinstance(x, Traced) else x


def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces of the columns (of a vector's entries), equal or cut at given places."""
    return _evenly(input, indices_or_sections, 0 if input._data.ndim == 1 else 1, 1)


def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces of the rows."""
    return _evenly(input, indices_or_sections, 0, 2)


def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces of the third dimension."""
    return _evenly(input, indices_or_sections, 2, 3)


def _evenly(input: Tensor, parts: Any, dim: int, least: int) -> tuple[Tensor, ...]:
    if input._data.ndim < least:
        raise RuntimeError(
            f"{'hvd'[least - 1]}split requires a tensor with at least {least} dimension, but got a "
            f"tensor with {input._data.ndim} dimensions!"
        )
    if isinstance(parts, int) and input._data.shape[dim] % parts:
        raise RuntimeError(
            f"attempting to split along dimension {dim}, but the size of the dimension "
            f"{input._data.shape[dim]} is not divisible by the split_size {parts}!"
        )
    return tensor_split(input, parts, dim)


def _at_least(rank: int) -> Callable[..., Any]:
    def raised(*tensors: Any) -> Any:
        if len(tensors) == 1 and not isinstance(tensors[0], Traced):
            tensors = tuple(tensors[0])
        out = []
        for x in tensors:
            if rank == 3 and x._data.ndim == 1:
                x = unsqueeze(unsqueeze(x, 0), 2)
            while x._data.ndim < rank:
                x = unsqueeze(x, -1 if rank == 3 and x._data.ndim == 2 else 0)
            out.append(x)
        return out[0] if len(out) == 1 else tuple(out)

    raised.__name__ = f"atleast_{rank}d"
    raised.__doc__ = (
        f"Tensors of at least {rank} dimensions: ones are added where some are missing."
    )
    return raised


atleast_1d, atleast_2d, atleast_3d = _at_least(1), _at_least(2), _at_least(3)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Joined along columns (along the only dimension of vectors)."""
    parts = [atleast_1d(x) for x in tensors]
    return cat(parts, 0 if parts[0]._data.ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Joined along rows."""
    return cat([atleast_2d(x) for x in tensors], 0)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Joined along the third dimension."""
    return cat([atleast_3d(x) for x in tensors], 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Vectors as columns, matrices side by side."""
    return hstack([reshape(x, -1, 1) if x._data.ndim < 2 else x for x in tensors])


concat = concatenate = cat
row_stack = vstack
split_with_sizes = split
