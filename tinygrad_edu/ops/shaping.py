"""Shapes: views of the same entries, turning and repeating them; `x.unsqueeze_(0)` and the like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.node import Leaf
from ..engine.traced import Traced
from ..primitives import indexing, reduction, shaping
from .composed import composed
from .reduction import axes
from .views import as_view, item

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape given as numbers or as one sequence of them."""
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    return tuple(n if type(n) is int else int(n) for n in shape)


def view_of(input: Any, cut: Callable[[Any], Any]) -> Tensor:
    """The output of a shape primitive, tied to `input` where it shares its memory."""
    return as_view(cut(input), input, cut)  # type: ignore[no-any-return]


def own(out: Any, input: Any) -> Tensor:
    """`out` in memory of its own, where NumPy answers with a view and PyTorch with a copy."""
    if np.may_share_memory(out._data, input._data):
        out._data = out._data.copy()
    return out  # type: ignore[no-any-return]


def reshape(input: Tensor, *shape: Any, **options: Any) -> Tensor:
    """The same entries in another shape; one dimension may be −1, to be worked out."""
    new = sizes(named(shape, options, "shape") if options else shape)
    return view_of(input, lambda x: shaping.reshape.record(x, new))


def view(input: Tensor, *shape: Any) -> Any:
    """As `reshape`, but refuses to copy; given a dtype, the same bits read as that dtype."""
    if len(shape) == 1 and isinstance(shape[0], np.dtype | type):
        return input.detach().__class__._from(input._data.view(shape[0]))
    out = reshape(input, *shape)
    if out._view is None and out._data.size and not np.shares_memory(out._data, input._data):
        raise RuntimeError(
            f"view size is not compatible with input tensor's size and stride (shape "
            f"{tuple(input._data.shape)} to {sizes(shape)}): at least one dimension spans across "
            f"two contiguous subspaces. Use .reshape(...) instead."
        )
    return out


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` as one."""
    shape = input._data.shape
    if not shape:
        return reshape(input, 1)
    first, last = axes(input, start_dim, "flatten") % len(shape), end_dim % len(shape)
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    n = int(np.prod(shape[first : last + 1]))
    return reshape(input, *shape[:first], n, *shape[last + 1 :])


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One dimension as several."""
    shape = input._data.shape
    dim = axes(input, dim, "unflatten") % len(shape)
    return reshape(input, *shape[:dim], *sizes, *shape[dim + 1 :])


def ravel(input: Tensor) -> Tensor:
    """All entries in one dimension."""
    return reshape(input, -1)


def permute(input: Tensor, *dims: Any, **options: Any) -> Tensor:
    """The dimensions in another order."""
    order = sizes(named(dims, options, "dims"))
    rank = input._data.ndim
    if sorted(d % rank if rank else d for d in order) != list(range(rank)):
        raise RuntimeError(
            f"permute(dims): {order} is not an order of the {rank} dimensions of shape "
            f"{tuple(input._data.shape)}; name each once, as in permute(0, 2, 1)."
        )
    order = tuple(d % rank for d in order)
    return view_of(input, lambda x: shaping.permute.record(x, order))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions swapped."""
    rank = input._data.ndim
    if not rank:
        return view_of(input, lambda x: shaping.permute.record(x, ()))
    i, j = axes(input, dim0, "transpose") % rank, axes(input, dim1, "transpose") % rank
    order = list(range(rank))
    order[i], order[j] = j, i
    return permute(input, *order)


def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; vectors stay as they are."""
    if input._data.ndim > 2:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 dimensions, but self is {input._data.ndim}D; "
            f"use .transpose(-1, -2)"
        )
    return permute(input, *range(input._data.ndim)[::-1])


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions moved to other places, the rest in order."""
    order = np.moveaxis(np.empty((1,) * input._data.ndim), source, destination).ndim
    places = list(range(order))
    sources = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    rank = input._data.ndim
    sources, targets = [s % rank for s in sources], [d % rank for d in targets]
    rest = iter([p for p in places if p not in sources])
    at = dict(zip(targets, sources, strict=True))
    return permute(input, *[at[i] if i in at else next(rest) for i in range(rank)])


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without the dimensions of size 1 (those in `dim`, if given)."""
    shape = input._data.shape
    if dim is None:
        gone = tuple(i for i, n in enumerate(shape) if n == 1)
    else:
        dims = axes(input, dim, "squeeze")
        dims = () if dims is None else (dims,) if isinstance(dims, int) else dims
        gone = tuple(d % len(shape) for d in dims if shape[d] == 1)
    return view_of(input, lambda x: shaping.squeeze.record(x, gone))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new dimension of size 1 at `dim`."""
    rank = input._data.ndim
    if not -rank - 1 <= dim <= rank:
        raise IndexError(
            f"unsqueeze: Dimension out of range (expected to be in range of [{-rank - 1}, {rank}], "
            f"but got {dim})"
        )
    return view_of(input, lambda x: shaping.unsqueeze.record(x, dim))


def expand(input: Tensor, *shape: Any) -> Tensor:
    """Dimensions of size 1 repeated without copying; −1 keeps a size."""
    new = list(sizes(shape))
    old = input._data.shape
    if len(new) < len(old):
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(new)}) must be greater or equal to the "
            f"number of dimensions in the tensor ({len(old)})"
        )
    extra = len(new) - len(old)
    new = [old[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(new)]
    out = view_of(input, lambda x: shaping.expand.record(x, tuple(new)))
    if out._data.shape == old:  # nothing was repeated, so it can be written
        out._data.flags.writeable = input._data.flags.writeable
    return out


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of another tensor."""
    return expand(input, *other._data.shape)


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """`reshape` to the shape of another tensor."""
    return reshape(input, *other._data.shape)


def view_as(input: Tensor, other: Tensor) -> Any:
    """`view` in the shape of another tensor."""
    return view(input, *other._data.shape)


def sum_to_size(input: Tensor, *size: Any) -> Tensor:
    """The sum over dimensions that broadcasting `size` to this shape stretched."""
    shape, old = sizes(size), input._data.shape
    extra = len(old) - len(shape)
    along = tuple(i for i in range(len(old)) if i < extra or shape[i - extra] == 1 != old[i])
    out: Any = reduction.sum.record(input, along, False) if along else input
    return reshape(out, *shape)


def broadcast_to(input: Tensor, shape: Any) -> Tensor:
    """`expand` to a shape."""
    return expand(input, *shape)


def broadcast_tensors(*tensors: Tensor) -> list[Tensor]:
    """All expanded to their common shape."""
    shape = np.broadcast_shapes(*(x._data.shape for x in tensors))
    return [expand(x, *shape) for x in tensors]


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """The part of a dimension from `start`, `length` long."""
    along = axes(input, dim, "narrow") % input._data.ndim
    start = start % input._data.shape[along] if start < 0 else int(start)
    if length < 0 or start + length > input._data.shape[along]:
        raise RuntimeError(
            f"narrow: start ({start}) + length ({length}) exceeds dimension size "
            f"({input._data.shape[along]})"
        )
    return item(input, (slice(None),) * along + (slice(start, start + length),))  # type: ignore[no-any-return]


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """One slice of a dimension, which goes away."""
    along = axes(input, dim, "select") % input._data.ndim
    return item(input, (slice(None),) * along + (int(index),))  # type: ignore[no-any-return]


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Every slice of a dimension."""
    return tuple(select(input, dim, i) for i in range(input._data.shape[dim]))


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The entries at equal places of two dimensions, as a last dimension."""

    def cut(x: Any) -> Any:
        out = shaping.diagonal.record(x, offset, dim1, dim2)
        out._data.flags.writeable = x._data.flags.writeable  # NumPy's is read-only
        return out

    return view_of(input, cut)


# Joining and splitting ----------------------------------------------------------------------------


# Turning and repeating ----------------------------------------------------------------------------


def named(given: tuple[Any, ...], options: dict[str, Any], name: str) -> tuple[Any, ...]:
    """Positional sizes or dimensions, which PyTorch also takes by name: `x.flip(dims=(0,))`."""
    if name in options:
        given = (options.pop(name),)
    if options:
        raise TypeError(f"got an unexpected keyword argument {next(iter(options))!r}")
    return given


def flip(input: Tensor, *dims: Any, **options: Any) -> Tensor:
    """Entries in the opposite order along dimensions."""
    dims = named(dims, options, "dims")
    along = tuple(d % max(input._data.ndim, 1) for d in sizes(dims))
    return own(shaping.flip.record(input, along), input)


def fliplr(input: Tensor) -> Tensor:
    """The columns in the opposite order."""
    return flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    """The rows in the opposite order."""
    return flip(input, 0)


def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by k quarter circles in the plane of two dimensions."""
    a, b = dims
    if k % 4 == 0:
        return input.clone()
    if k % 4 == 2:
        return flip(input, a, b)
    return flip(transpose(input, a, b), a) if k % 4 == 1 else transpose(flip(input, a), a, b)


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Entries moved along dimensions, those pushed out coming in at the other end."""
    many = tuple(shifts) if isinstance(shifts, list) else shifts
    return shaping.roll.record(input, many, tuple(dims) if isinstance(dims, list) else dims)


@composed
def tile(input: Tensor, *dims: Any, **options: Any) -> Tensor:
    """The whole tensor repeated along each dimension."""
    times = sizes(named(dims, options, "dims"))
    shape = input._data.shape
    times = (1,) * (len(shape) - len(times)) + times
    shape = (1,) * (len(times) - len(shape)) + shape
    x = shaping.reshape.record(input, tuple(k for n in shape for k in (1, n)))
    x = shaping.expand.record(
        x, tuple(k for n, r in zip(shape, times, strict=True) for k in (r, n))
    )
    total = tuple(n * r for n, r in zip(shape, times, strict=True))
    return own(shaping.reshape.record(x, total), input)


def repeat(input: Tensor, *repeats: Any, **options: Any) -> Tensor:
    """The whole tensor repeated along each dimension (NumPy's `tile`)."""
    return tile(input, *named(repeats, options, "repeats"))


def repeat_interleave(
    input: Tensor, repeats: Any, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each entry repeated (NumPy's `repeat`)."""
    if dim is None:
        input, dim = ravel(input), 0
    times = repeats._data if isinstance(repeats, Traced) else repeats
    return indexing.repeat.record(input, times, axes(input, dim, "repeat_interleave"))


swapaxes = swapdims = transpose
moveaxis = movedim


def rearranging(function: Callable[..., Any]) -> Callable[..., Any]:
    """The form of `function` that gives its result to the tensor it was called on: `x.t_()`."""
    name = f"{function.__name__}_"

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        views = [ref for ref, cuts in getattr(self, "_views", ()) if cuts is None and ref()]
        if isinstance(self._node, Leaf) or (self._node is not None and views):
            what = "a leaf that requires grad" if isinstance(self._node, Leaf) else "viewed"
            raise RuntimeError(
                f"{name}(): this tensor of shape {tuple(self._data.shape)} is {what}, so it cannot "
                f"be rearranged in place; write x = x.{name[:-1]}(…)"
            )
        out = function(self, *args, **kwargs)
        if self._view is not None:
            base, cut, root = self._view
            self._view = (base, lambda b: function(cut(b), *args, **kwargs), root)
        self._data, self._node = out._data, out._node
        return self

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`{name[:-1]}` of this tensor, which becomes the result."
    return call


squeeze_ = rearranging(squeeze)
swapaxes_ = rearranging(swapaxes)
t_ = rearranging(t)
transpose_ = rearranging(transpose)
unsqueeze_ = rearranging(unsqueeze)
