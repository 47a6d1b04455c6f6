"""Taking entries by their place, and the adjoint: adding entries back to their places.

Each taker has a putter as its derivative and the other way round, so both stay recordable to any
order; writing with `np.add.at` inside a rule could not be recorded.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..engine.primitive import INDEX, Frontier
from ..numerics.overridable import overridable
from .declaring import primitive, sample

M = (4, 3)


def is_basic(index: Any) -> bool:
    """Whether an index is ints, slices, None and Ellipsis alone, and so names each entry once."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(i is None or i is Ellipsis or isinstance(i, slice | int) for i in parts)


def names_once(index: Any) -> bool:
    """Whether no entry can be named twice: a basic index, or one boolean mask."""
    if is_basic(index):
        return True
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [i for i in parts if isinstance(i, np.ndarray | list)]
    return len(arrays) == 1 and np.asarray(arrays[0]).dtype == bool


@overridable
def take(x: Any, index: Any) -> Any:
    """`x[index]`, by NumPy's rules of indexing."""
    return x[index]


@overridable
def scatter_add(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with the entries of `x` added at `index`; repeats accumulate."""
    out = np.zeros(shape, x.dtype)
    if names_once(index):
        out[index] = x
    elif isinstance(index, np.ndarray) and out.ndim > 1 and index.size:
        add_rows(out, index, x)
    else:
        np.add.at(out, index, x)
    return out


def add_rows(out: Any, index: Any, x: Any) -> None:
    """Add rows of `x` to the rows of `out` that `index` names: sorted, so each row sums at once."""
    index = index.reshape(-1) % out.shape[0]
    rows = x.reshape(index.size, -1)
    by_row = np.argsort(index, kind="stable")
    index = index[by_row]
    starts = np.flatnonzero(np.concatenate(([True], index[1:] != index[:-1])))
    out.reshape(out.shape[0], -1)[index[starts]] = np.add.reduceat(rows[by_row], starts, axis=0)


SLICES = (slice(None, None, 2), None, slice(2, None, -1))
REPEATED = np.array([0, 2, 2, -1])
MASK = np.array([True, False, True, True])
INDICES: list[Any] = [1, (..., 2), SLICES, REPEATED, MASK, (REPEATED, np.array([0, 1, 1, 2]))]
INDICES += [(slice(1, 3), REPEATED[:2]), (REPEATED[:, None], slice(None)), (None, 2, slice(0, 2))]

getitem = primitive(
    take,
    x=lambda g, index, x_shape: scatter_add(g, index, x_shape),
    params={"index": ()},
    family=INDEX,
    samples=[sample(M, index=i) for i in INDICES],
    name="getitem",
    label="[ ]",
    complex_ok=True,
)
part_rule, push_whole = getitem.rules["x"], getitem.push


def push_part(
    inputs: tuple[Any, ...], saved: Any, g: Any, cotangents: dict[Any, Any], frontier: Frontier
) -> None:
    """Add a part's cotangent into the whole's, in place where nobody else can see that buffer.

    A tensor cut into n parts would else have n buffers of its full size filled with zeros and
    added up. What the ordinary push leaves is a buffer of this sweep's own: the zeros that were
    made for the first part, or the sum that was made for the second.
    """
    index, _ = saved
    (node,) = inputs
    if node in frontier.own and node in cotangents:
        if getitem.rules["x"] is part_rule and is_basic(index):
            cotangents[node][index] += g
            return
    push_whole(inputs, saved, g, cotangents, frontier)
    frontier.own.add(node)


getitem.push = push_part  # type: ignore[method-assign]
scatter_add_op = primitive(
    scatter_add,
    x=lambda g, index: take(g, index),
    params={"index": (), "shape": ()},
    family=INDEX,
    samples=[sample(np.empty(M)[i].shape, index=i, shape=M) for i in INDICES],
    name="scatter_add",
    complex_ok=True,
)


@overridable
def replaced(x: Any, value: Any, index: Any) -> Any:
    """A copy of `x` with `value` written at `index`: what `x[index] = value` means, recorded."""
    out = x.copy()
    out[index] = value
    return out


def value_rule(g: Any, index: Any, value_shape: tuple[int, ...]) -> Any:
    """What arrived at the written places, summed where `value` was broadcast."""
    shape = g.shape
    g = take(g, index)
    if not names_once(index):  # of what was written to one place, the last stayed
        order = np.arange(math.prod(g.shape)).reshape(g.shape)
        last = np.zeros(shape, order.dtype)
        last[index] = order
        g = g * (last[index] == order)
    extra = len(g.shape) - len(value_shape)
    axes = [i for i in range(len(g.shape)) if i < extra or value_shape[i - extra] != g.shape[i]]
    return np.sum(g, axis=tuple(axes)).reshape(value_shape) if axes else g.reshape(value_shape)


setitem = primitive(
    replaced,
    x=lambda g, index: replaced(g, 0, index),
    value=value_rule,
    params={"index": ()},
    family=INDEX,
    samples=[
        sample(M, (3,), index=1),
        sample(M, (), index=(slice(None), 2)),
        sample(M, (3, 3), index=MASK),
        sample(M, (2, 1), index=np.array([0, 3])),
        sample(M, (4, 3), index=REPEATED),
        sample(M, (), index=(REPEATED, np.array([0, 1, 1, 2]))),
    ],
    name="setitem",
    label="[ ]=",
    complex_ok=True,
)

# Along one axis -----------------------------------------------------------------------------------


def along(index: Any, axis: int) -> tuple[Any, ...]:
    """The full index that picks `index` along `axis` and each place's own elsewhere."""
    axis = axis % index.ndim
    ranges = own_places(index.shape[:axis], index.shape[axis + 1 :])
    return (*ranges[:axis], index, *ranges[axis:])


@functools.lru_cache(maxsize=64)
def own_places(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[Any, ...]:
    """For each axis but one its own range, laid along it."""
    rank = len(before) + 1 + len(after)
    sizes = [(k, n) for k, n in enumerate((*before, 0, *after)) if k != len(before)]
    return tuple(np.arange(n).reshape((-1,) + (1,) * (rank - k - 1)) for k, n in sizes)


@overridable
def gathered(x: Any, index: Any, axis: int) -> Any:
    """`out[i, j] = x[i, index[i, j]]` for axis 1, and so on."""
    return x[along(index, axis)]


@overridable
def scattered_add(x: Any, index: Any, axis: int, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with `x` added along `axis` at `index`: the adjoint of `gathered`."""
    out = np.zeros(shape, x.dtype)
    if index.shape[axis] == 1:  # each entry named once: writing is faster than adding
        out[along(index, axis)] = x
    else:
        np.add.at(out, along(index, axis), x)
    return out


ROWS = np.array([[0, 1], [2, 2], [1, 0], [2, 0]])
gather = primitive(
    gathered,
    x=lambda g, index, axis, x_shape: scattered_add(g, index, axis, x_shape),
    index=None,
    params={"axis": 0},
    family=INDEX,
    samples=[sample(M, ROWS, axis=1), sample(M, ROWS[:2], axis=0), sample(M, ROWS[:, :1], axis=1)],
    name="gather",
    complex_ok=True,
)
scatter_along = primitive(
    scattered_add,
    x=lambda g, index, axis: gathered(g, index, axis),
    index=None,
    params={"axis": 0, "shape": ()},
    family=INDEX,
    samples=[
        sample((4, 2), ROWS, axis=1, shape=M),
        sample((2, 2), ROWS[:2], axis=0, shape=M),
        sample((4, 1), ROWS[:, :1], axis=1, shape=M),
    ],
    name="scatter_along",
    complex_ok=True,
)


@overridable
def overwritten(x: Any, value: Any, index: Any, axis: int) -> Any:
    """A copy of `x` with `value` written along `axis` at `index`."""
    out = x.copy()
    out[along(index, axis)] = value
    return out


scatter = primitive(
    overwritten,
    x=lambda g, index, axis: overwritten(g, g.dtype.type(0), index, axis),
    value=lambda g, index, axis: gathered(g, index, axis),
    index=None,
    params={"axis": 0},
    family=INDEX,
    samples=[sample(M, (4, 1), ROWS[:, :1], axis=1), sample(M, (1, 3), ROWS.T[:1, :3], axis=0)],
    name="scatter",
    complex_ok=True,
)

# Windows ------------------------------------------------------------------------------------------

Sizes = tuple[int, ...]


def window_counts(shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """How many windows fit along each of the last axes."""
    spatial = shape[len(shape) - len(size) :]
    return tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(spatial, size, stride, dilation, strict=True)
    )


@overridable
def windows(x: Any, size: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """Every window over the last axes: shape (…, counts…, size…), a view of `x`."""
    lead = x.ndim - len(size)
    counts = window_counts(x.shape, size, stride, dilation)
    if min(counts) < 1:
        raise ValueError(
            f"a window of {size} (dilation {dilation}) is larger than {x.shape[lead:]}"
        )
    steps = x.strides[lead:]
    return np.lib.stride_tricks.as_strided(
        x,
        (*x.shape[:lead], *counts, *size),
        (
            *x.strides[:lead],
            *(n * s for n, s in zip(steps, stride, strict=True)),
            *(n * d for n, d in zip(steps, dilation, strict=True)),
        ),
        writeable=False,
    )


@overridable
def windows_add(x: Any, shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """Windows added back to the places they were cut from: the adjoint of `windows`."""
    out = np.zeros(shape, x.dtype)
    counts = window_counts(shape, size, stride, dilation)
    for place in np.ndindex(*size):
        where = tuple(
            slice(p * d, p * d + (n - 1) * s + 1, s)
            for p, n, s, d in zip(place, counts, stride, dilation, strict=True)
        )
        at: Any = (..., *where)
        out[at] += x[(..., *place)]
    return out


WINDOW = {"size": (), "stride": (), "dilation": ()}
PANES: list[dict[str, Any]] = [
    {"size": (2,), "stride": (1,), "dilation": (1,)},
    {"size": (2, 3), "stride": (2, 1), "dilation": (1, 2)},
]
sliding_window = primitive(
    windows,
    x=lambda g, x_shape, size, stride, dilation: windows_add(g, x_shape, size, stride, dilation),
    params=WINDOW,
    family=INDEX,
    samples=[sample((2, 5), **PANES[0]), sample((2, 5, 7), **PANES[1])],
    name="sliding_window",
    complex_ok=True,
)
sliding_window_add = primitive(
    windows_add,
    x=lambda g, size, stride, dilation: windows(g, size, stride, dilation),
    params={"shape": (), **WINDOW},
    family=INDEX,
    samples=[
        sample((2, 4, 2), shape=(2, 5), **PANES[0]),
        sample((2, 2, 3, 2, 3), shape=(2, 5, 7), **PANES[1]),
    ],
    name="sliding_window_add",
    complex_ok=True,
)


@overridable
def repeated(x: Any, repeats: Any, axis: int) -> Any:
    """Each entry along `axis` as many times as `repeats` says (one number, or one an entry)."""
    return np.repeat(x, repeats, axis=axis)


def repeat_rule(g: Any, x_shape: Sizes, repeats: Any, axis: int) -> Any:
    """The sum over each entry's copies."""
    axis = axis % len(x_shape)
    places = np.repeat(np.arange(x_shape[axis]), repeats)
    return scatter_add(g, (slice(None),) * axis + (places,), x_shape)


repeat = primitive(
    repeated,
    x=repeat_rule,
    params={"repeats": 1, "axis": 0},
    family=INDEX,
    samples=[sample(M, repeats=2, axis=1), sample(M, repeats=np.array([1, 0, 2, 1]), axis=0)],
    name="repeat",
    complex_ok=True,
)
