"""Functions that sum up, or run along, an axis.

`kept` gives the output of a reduction back the axes it lost, `spread` fills them again: between
them they undo any reduction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.primitive import REDUCTION, SHAPE
from ..numerics.overridable import overridable
from ..numerics.sums import column_sums, row_maxima, row_sums, sum_to_size
from .declaring import Domain, primitive, sample

Axis = Any  # an int, a tuple of ints or None
M = (2, 3)
CUBE = (2, 3, 2)
ZEROS = np.array([[1.5, 0.0, -2.0], [0.0, 3.0, 0.0], [0.5, -1.0, 2.0]])
TIED = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 1.0]])


def kept(x: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """A reduction's output `x` with the reduced axes of `shape` kept as ones."""
    if keepdims or (axis is None and not shape):
        return x
    along = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = {a % len(shape) for a in along}
    return x.reshape(tuple(1 if i in axes else n for i, n in enumerate(shape)))


@overridable
def spread(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` repeated along its axes of length one to fill `shape`, in memory of its own.

    Not a view of stride 0, which BLAS cannot read: what is spread is about to be multiplied.
    """
    if not isinstance(x, np.ndarray | np.generic):  # another library's array
        return np.broadcast_to(x, shape)
    out = np.empty(shape, x.dtype)
    out[...] = x
    return out


def shrink(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` over the axes that `spread` filled."""
    extra = len(g.shape) - len(shape)
    axes = tuple(i for i in range(len(g.shape)) if i < extra or shape[i - extra] == 1 != g.shape[i])
    return np.sum(g, axis=axes).reshape(shape) if axes else g.reshape(shape)


spread_op = primitive(
    spread,
    x=lambda g, x_shape: shrink(g, x_shape),
    params={"shape": ()},
    family=SHAPE,
    samples=[sample((1, 3), shape=(4, 2, 3)), sample((2, 1), shape=(2, 3)), sample((), shape=(2,))],
    name="spread",
    complex_ok=True,
)
REDUCED = {"axis": None, "keepdims": False}
# Typed as what they are called with: their stubs know no `keepdims` that is a variable.
REDUCE: dict[str, Any] = {
    "sum": np.add.reduce,
    "prod": np.multiply.reduce,
    "max": np.maximum.reduce,
    "min": np.minimum.reduce,
}


@overridable
def total(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum over `axis` (`np.add.reduce` skips a layer of Python that `np.sum` has)."""
    if x.__class__ is not np.ndarray:  # another library's array
        return np.sum(x, axis=axis, keepdims=keepdims)
    if axis is None and not keepdims:
        return np.add.reduce(x, None)
    if axis.__class__ is int and x.ndim == 2 and x.dtype.kind == "f" and x.size:
        rows = axis in (1, -1)
        if rows or axis in (0, -2):
            y = row_sums(x) if rows else column_sums(x)
            return y.reshape((-1, 1) if rows else (1, -1)) if keepdims else y
    return REDUCE["sum"](x, axis=axis, keepdims=keepdims)


sum_back = primitive(
    sum_to_size,
    x=lambda g, x_shape: np.broadcast_to(g, x_shape),
    params={"shape": ()},
    family=REDUCTION,
    samples=[
        sample(M, shape=M[1:]),
        sample(M, shape=(M[0], 1)),
        sample(CUBE, shape=(1, CUBE[2])),
        sample(M, shape=()),
    ],
    name="sum_to_size",
    complex_ok=True,
)
sum = primitive(
    total,
    x=lambda g, x_shape, axis, keepdims: spread(kept(g, x_shape, axis, keepdims), x_shape),
    params=REDUCED,
    family=REDUCTION,
    samples=[
        sample(M),
        sample(CUBE, axis=1),
        sample(CUBE, axis=(0, 2), keepdims=True),
        sample(M, axis=-1),
    ],
    name="sum",
    complex_ok=True,
)


def others(x: Any) -> Any:
    """`x` of shape (…, n) as (…, n, n), with row i's own entry replaced by 1."""
    n = x.shape[-1]
    return np.where(np.eye(n, dtype=bool), 1, np.expand_dims(x, -2))


def prod_rule(g: Any, x: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """g times the product of the *other* entries: y / x only where nothing is 0."""
    shape = x.shape
    g = kept(g, shape, axis, keepdims)
    if bool((x != 0).all()):
        return g * kept(y, shape, axis, keepdims) / x
    if axis is None:
        return g * np.prod(others(x.reshape((-1,))), axis=-1).reshape(shape)
    moved = np.moveaxis(x, axis, -1)
    return g * np.moveaxis(np.prod(others(moved), axis=-1), -1, axis)


@overridable
def product(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The product over `axis`."""
    reduce = REDUCE["prod"] if x.__class__ is np.ndarray else np.prod
    return reduce(x, axis=axis, keepdims=keepdims)


prod = primitive(
    product,
    x=prod_rule,
    params=REDUCED,
    family=REDUCTION,
    samples=[
        sample(Domain(M, 0.5, 2.0)),
        sample(CUBE, axis=1),
        sample(ZEROS, axis=1),
        sample(ZEROS, axis=0, keepdims=True),
        sample(np.array([0.0, 2.0, 3.0])),
    ],
    name="prod",
    complex_ok=True,
)


def extreme_rule(g: Any, x: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """g shared evenly among the entries that attain the extreme."""
    winners = x == kept(y, x.shape, axis, keepdims)
    share = np.sum(winners, axis=axis, keepdims=True, dtype=g.dtype)
    return kept(g, x.shape, axis, keepdims) * winners / share


@overridable
def largest(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The maximum over `axis`."""
    if (axis == 1 or axis == -1) and x.ndim == 2 and x.shape[0] > 1 and x.size:
        y = row_maxima(x)
        return y.reshape(-1, 1) if keepdims else y
    reduce = REDUCE["max"] if x.__class__ is np.ndarray else np.max
    return reduce(x, axis=axis, keepdims=keepdims)


@overridable
def smallest(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The minimum over `axis`."""
    reduce = REDUCE["min"] if x.__class__ is np.ndarray else np.min
    return reduce(x, axis=axis, keepdims=keepdims)


EXTREMES = [sample(M), sample(CUBE, axis=1), sample(CUBE, axis=(0, 2), keepdims=True)]
EXTREMES += [sample(TIED, kink=True), sample(TIED, axis=1, kink=True)]
amax = primitive(
    largest,
    x=extreme_rule,
    params=REDUCED,
    family=REDUCTION,
    samples=EXTREMES,
    name="amax",
    label="max",
    kinks="where several entries are largest",
)
amin = primitive(
    smallest,
    x=extreme_rule,
    params=REDUCED,
    family=REDUCTION,
    samples=EXTREMES,
    name="amin",
    label="min",
    kinks="where several entries are smallest",
)

# Running sums and products ------------------------------------------------------------------------


def running_back(g: Any, axis: int) -> Any:
    """The sum of `g` from each place to the end of the axis."""
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


@overridable
def running_sum(x: Any, axis: int = 0) -> Any:
    """Sums up to and including each place."""
    return np.add.accumulate(x, axis=axis)


cumsum = primitive(
    running_sum,
    x=lambda g, axis: running_back(g, axis),
    params={"axis": 0},
    family=REDUCTION,
    samples=[sample(CUBE, axis=1), sample((4,))],
    name="cumsum",
    complex_ok=True,
)


def cumprod_rule(g: Any, x: Any, y: Any, axis: int) -> Any:
    """Each output holds x as a factor; divide it out, or leave it out where something is 0."""
    if bool((x != 0).all()):
        return running_back(g * y, axis) / x
    x, g = np.moveaxis(x, axis, -1), np.moveaxis(g, axis, -1)
    n = x.shape[-1]
    later = np.triu(np.ones((n, n), x.dtype.type))  # row i: the outputs that contain x_i
    without = np.cumprod(others(x), axis=-1) * later
    return np.moveaxis(np.sum(without * np.expand_dims(g, -2), axis=(-1,)), -1, axis)


@overridable
def running_product(x: Any, axis: int = 0) -> Any:
    """Products up to and including each place."""
    return np.multiply.accumulate(x, axis=axis)


cumprod = primitive(
    running_product,
    x=cumprod_rule,
    params={"axis": 0},
    family=REDUCTION,
    samples=[sample(Domain(CUBE, 0.5, 2.0), axis=1), sample(ZEROS, axis=1), sample(ZEROS, axis=0)],
    name="cumprod",
    complex_ok=True,
)


def running_share(g: Any, x: Any, y: Any, axis: int) -> Any:
    """Σ over the outputs i that hold x_j: g_i exp(x_j − y_i)."""
    g, x, y = (np.moveaxis(a, axis, -1) for a in (g, x, y))
    n = x.shape[-1]
    later = ~np.tri(n, dtype=bool)  # a later x_j has no share, and e^(x_j − y_i) could overflow
    across, down = np.expand_dims(x, -2), np.expand_dims(y, -1)
    nothing = (across == -math.inf) & (down == -math.inf)  # of nothing, all have NaN for a share
    share = np.exp(np.where(later | nothing, -math.inf, across - down))
    share = np.where(nothing & ~later, math.nan, share)
    # The axis in a tuple: of matrices `total` asks BLAS for sums along one axis, and `np.sum` does
    # not, so that recorded derivatives would differ from raw ones in the last bit.
    return np.moveaxis(np.sum(np.expand_dims(g, -1) * share, axis=(-2,)), -1, axis)


@overridable
def running_logsumexp(x: Any, axis: int = 0) -> Any:
    """log of the running sum of eˣ."""
    return np.logaddexp.accumulate(x, axis=axis)


logcumsumexp = primitive(
    running_logsumexp,
    x=running_share,
    params={"axis": 0},
    family=REDUCTION,
    samples=[sample(CUBE, axis=1), sample((4,))],
    name="logcumsumexp",
)


def _no_rule(forward: Any, name: str) -> Any:
    params: dict[str, Any] = {"axis": None, "keepdims": False}
    return primitive(
        forward, x=None, params=params, family=REDUCTION, samples=[sample(M)], name=name
    )


argmax = _no_rule(np.argmax, "argmax")
argmin = _no_rule(np.argmin, "argmin")
all = _no_rule(np.all, "all")
any = _no_rule(np.any, "any")
argsort = primitive(
    np.argsort,
    x=None,
    params={"axis": -1, "kind": "stable"},
    family=REDUCTION,
    samples=[sample(M)],
    name="argsort",
)


def size_of(shape: tuple[int, ...], axis: Axis) -> int:
    """How many entries a reduction over `axis` sums up."""
    if axis is None:
        return math.prod(shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return math.prod(shape[a] for a in axes)
