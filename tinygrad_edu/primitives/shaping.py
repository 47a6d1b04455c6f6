"""Functions that move entries and compute nothing: each one's derivative moves them back."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..engine.primitive import SHAPE
from ..numerics.overridable import overridable
from .declaring import primitive, sample
from .reduction import shrink

M = (2, 3)
CUBE = (2, 3, 4)


@overridable
def reshaped(x: Any, shape: tuple[int, ...]) -> Any:
    """The same entries in row-major order, in another shape."""
    return x.reshape(shape)


reshape = primitive(
    reshaped,
    x=lambda g, x_shape: g.reshape(x_shape),
    params={"shape": (-1,)},
    family=SHAPE,
    samples=[sample(M, shape=(3, 2)), sample(CUBE, shape=(-1,)), sample(CUBE, shape=(6, 4))],
    name="reshape",
    complex_ok=True,
)


@functools.cache
def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes `axes`."""
    back = [0] * len(axes)
    for i, a in enumerate(axes):
        back[a] = i
    return tuple(back)


@overridable
def permuted(x: Any, axes: tuple[int, ...]) -> Any:
    """Axes in another order."""
    return x.transpose(axes)


permute = primitive(
    permuted,
    x=lambda g, axes: permuted(g, inverse(axes)),
    params={"axes": ()},
    family=SHAPE,
    samples=[sample(M, axes=(1, 0)), sample(CUBE, axes=(2, 0, 1))],
    name="permute",
    complex_ok=True,
)
expand = primitive(
    np.broadcast_to,
    x=lambda g, x_shape: shrink(g, x_shape),
    params={"shape": ()},
    family=SHAPE,
    samples=[sample((1, 3), shape=(4, 2, 3)), sample((2, 1), shape=(2, 3)), sample((), shape=(2,))],
    name="expand",
    complex_ok=True,
)
squeeze = primitive(
    np.squeeze,
    x=lambda g, x_shape: g.reshape(x_shape),
    params={"axis": None},
    family=SHAPE,
    samples=[sample((2, 1, 3, 1)), sample((2, 1, 3), axis=1)],
    name="squeeze",
    complex_ok=True,
)
unsqueeze = primitive(
    np.expand_dims,
    x=lambda g, x_shape: g.reshape(x_shape),
    params={"axis": 0},
    family=SHAPE,
    samples=[sample(M, axis=0), sample(M, axis=-1)],
    name="unsqueeze",
    complex_ok=True,
)


# Several into one ---------------------------------------------------------------------------------


@overridable
def joined(arrays: Any, axis: int = 0) -> Any:
    """Arrays end to end along an existing axis."""
    return np.concatenate(arrays, axis=axis)


def piece(g: Any, i: int, parts_shape: tuple[tuple[int, ...], ...], axis: int) -> Any:
    """The part of `g` that came from array `i`."""
    axis = axis % len(parts_shape[0])
    start = sum(shape[axis] for shape in parts_shape[:i])
    stop = start + parts_shape[i][axis]
    return g[(slice(None),) * axis + (slice(start, stop),)]


cat = primitive(
    joined,
    parts=piece,
    params={"axis": 0},
    variadic=True,
    family=SHAPE,
    samples=[sample(M, M), sample(M, (2, 1), (2, 2), axis=1), sample(M, (4, 3), axis=-2)],
    name="cat",
    complex_ok=True,
)

# Moving along axes --------------------------------------------------------------------------------


@overridable
def padded(x: Any, widths: tuple[tuple[int, int], ...], value: float = 0.0) -> Any:
    """`value` added before and after each axis, as many as `widths` says."""
    shape = tuple(n + sum(w) for n, w in zip(x.shape, widths, strict=True))
    out = np.full(shape, value, x.dtype)
    out[inside(x.shape, widths)] = x
    return out


def inside(shape: tuple[int, ...], widths: tuple[tuple[int, int], ...]) -> tuple[slice, ...]:
    """Where the unpadded entries lie."""
    return tuple(slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True))


pad = primitive(
    padded,
    x=lambda g, x_shape, widths: g[inside(x_shape, widths)],
    params={"widths": (), "value": 0.0},
    family=SHAPE,
    samples=[sample(M, widths=((1, 0), (0, 2))), sample((3,), widths=((2, 2),), value=1.5)],
    name="pad",
    complex_ok=True,
)
flip = primitive(
    np.flip,
    x=lambda g, axis: np.flip(g, axis),
    params={"axis": None},
    family=SHAPE,
    samples=[sample(M, axis=1), sample(CUBE, axis=(0, 2)), sample(M)],
    name="flip",
    complex_ok=True,
)


def opposite(shift: Any) -> Any:
    """A roll's shifts, the other way."""
    return tuple(-s for s in shift) if isinstance(shift, tuple) else -shift


roll = primitive(
    np.roll,
    x=lambda g, shift, axis: np.roll(g, opposite(shift), axis),
    params={"shift": 1, "axis": None},
    family=SHAPE,
    samples=[sample(M, shift=1, axis=1), sample(M, shift=(1, -1), axis=(0, 1)), sample(M, shift=2)],
    name="roll",
    complex_ok=True,
)

# Diagonals ----------------------------------------------------------------------------------------


@overridable
def diagonal_scatter(
    x: Any, shape: tuple[int, ...], offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Any:
    """Zeros of `shape` with `x` on a diagonal: the adjoint of `np.diagonal`."""
    out = np.zeros(shape, x.dtype)
    np.einsum("...ii->...i", _square(out, x.shape[-1], offset, axis1, axis2))[...] = x
    return out


def _square(a: Any, n: int, offset: int, axis1: int, axis2: int) -> Any:
    """The n by n block of `a` whose main diagonal is the one at `offset`."""
    a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    down, right = max(-offset, 0), max(offset, 0)
    return a[..., down : down + n, right : right + n]


DIAGONAL = {"offset": 0, "axis1": 0, "axis2": 1}
diagonal = primitive(
    np.diagonal,
    x=lambda g, x_shape, offset, axis1, axis2: diagonal_scatter(g, x_shape, offset, axis1, axis2),
    params=DIAGONAL,
    family=SHAPE,
    samples=[sample((3, 4)), sample((4, 3), offset=-1), sample(CUBE, offset=1, axis1=0, axis2=2)],
    name="diagonal",
    complex_ok=True,
)
diagonal_scatter_op = primitive(
    diagonal_scatter,
    x=lambda g, offset, axis1, axis2: np.diagonal(g, offset, axis1, axis2),
    params={"shape": (), **DIAGONAL},
    family=SHAPE,
    samples=[
        sample((3,), shape=(3, 4)),
        sample((3, 2), shape=(2, 3, 4), offset=1, axis1=0, axis2=2),
    ],
    name="diagonal_scatter",
    complex_ok=True,
)
