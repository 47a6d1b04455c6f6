"""NumPy speaks it: `np.exp(t)`, `np.sum(t, axis=0)`, `array * t` keep the graph.

Where NumPy and PyTorch mean different things by one name, NumPy's function keeps NumPy's meaning
(`np.std` divides by n). A function with no rule refuses with its name: nothing is ever silently
detached.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.table import find
from ..engine.traced import Traced, wrap
from ..ops import diagonals, distance, elementwise, joining, reduction, selection, shaping
from ..ops.linalg import products
from ..primitives import indexing as indexing_primitives
from ..primitives import reduction as reduction_primitives
from ..primitives import shaping as shaping_primitives
from ..primitives.elementwise import to_dtype

__all__ = ["array_function", "array_ufunc", "numpy_function"]

MEANINGS: dict[Any, Callable[..., Any]] = {}


def numpy_function(*keys: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a NumPy function its meaning on Tensors; the handler has NumPy's own signature."""

    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        for key in keys:
            MEANINGS[key] = handler
        return handler

    return register


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's hook for ufuncs: `np.exp(t)`, and `array * t` by way of `np.multiply`."""
    op = find(ufunc)
    if method != "__call__":
        raise TypeError(
            f"np.{ufunc.__name__}.{method} works on raw arrays and cannot record a Tensor. "
            f"Use {HINTS.get((ufunc.__name__, method), 'a function such as torch.sum')}, or "
            f"tensor.detach().numpy()."
        )
    if kwargs.get("out") is not None:
        raise TypeError(
            f"np.{ufunc.__name__}(…, out=array) would write a Tensor's value into a plain array "
            f"and lose its graph; write array = array {SIGNS.get(ufunc.__name__, '+')} tensor, or "
            f"tensor.detach().numpy()."
        )
    if kwargs:
        raise TypeError(
            f"np.{ufunc.__name__}: keyword {next(iter(kwargs))!r} is not recorded; "
            f"use torch.where to choose, .to(dtype) to convert"
        )
    if op is None:
        raise refusal(f"np.{ufunc.__name__}")
    return op.record(*inputs)


SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "true_divide": "/", "divide": "/"}
HINTS = {
    ("add", "reduce"): "np.sum",
    ("multiply", "reduce"): "np.prod",
    ("maximum", "reduce"): "np.max",
    ("minimum", "reduce"): "np.min",
    ("add", "accumulate"): "np.cumsum",
    ("multiply", "accumulate"): "np.cumprod",
    ("multiply", "outer"): "torch.outer",
}


def array_function(self: Any, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's hook for all other functions, and the one that our own rules go through."""
    meaning = MEANINGS.get(func)
    if meaning is not None:
        try:
            return meaning(*args, **kwargs)
        except TypeError as error:
            if "unexpected keyword" in str(error):
                raise TypeError(f"np.{func.__name__} of a Tensor: {error}") from None
            raise
    op = find(func)
    if op is not None:
        return op.record(*args, **kwargs)
    raise refusal(f"np.{getattr(func, '__name__', func)}")


def refusal(name: str) -> TypeError:
    """The error for a function that has no rule."""
    return TypeError(
        f"{name} has no derivative rule, so it cannot be recorded on a Tensor. Compose it from "
        f"functions that have one, declare a primitive, or call it on tensor.detach().numpy()."
    )


def as_tensor(x: Any) -> Any:
    """`x` as a Tensor (for the second argument of a NumPy call)."""
    return x if isinstance(x, Traced) else wrap(x)


def plain_axis(axis: Any) -> Any:
    """An axis as NumPy gives it: None, an int or a tuple."""
    return tuple(axis) if isinstance(axis, list) else axis


# Reductions ---------------------------------------------------------------------------------------


def _reduction(record: Callable[..., Any]) -> Callable[..., Any]:
    def call(
        a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False
    ) -> Any:
        if out is not None:
            raise TypeError("out= would write a Tensor's value into a plain array; assign instead")
        x = a if dtype is None else elementwise.cast(a, dtype)
        return record(reduction.summable(x), plain_axis(axis), bool(keepdims))

    return call


def _extreme(record: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Any:
        if out is not None:
            raise TypeError("out= would write a Tensor's value into a plain array; assign instead")
        return record(a, plain_axis(axis), bool(keepdims))

    return call


numpy_function(np.sum)(_reduction(reduction_primitives.sum.record))
numpy_function(np.prod)(_reduction(reduction_primitives.prod.record))
numpy_function(np.max, np.amax)(_extreme(reduction_primitives.amax.record))
numpy_function(np.min, np.amin)(_extreme(reduction_primitives.amin.record))


@numpy_function(np.mean)
def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: Any = False
) -> Any:
    return reduction.mean(elementwise.floating(a), axis, bool(keepdims), dtype=dtype)


def _spread(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: Any = False,
    ) -> Any:
        return function(elementwise.floating(a), axis, correction=ddof, keepdim=bool(keepdims))

    return call


def _cumulative(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, dtype: Any = None) -> Any:
        return function(a.reshape((-1,)), 0) if axis is None else function(a, axis, dtype=dtype)

    return call


numpy_function(np.var)(_spread(reduction.var))
numpy_function(np.std)(_spread(reduction.std))
numpy_function(np.cumsum)(_cumulative(reduction.cumsum))
numpy_function(np.cumprod)(_cumulative(reduction.cumprod))


@numpy_function(np.median)
def _median(
    a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: Any = False
) -> Any:
    x, along = (a.reshape((-1,)), 0) if axis is None else (a, axis)
    n = x._data.shape[along]
    ordered = reduction.sort(x, along).values
    middle = ordered.narrow(along, (n - 1) // 2, 2 - n % 2)
    out_ = reduction.mean(middle, along, bool(keepdims) and axis is not None)
    return out_.reshape((1,) * a._data.ndim) if keepdims and axis is None else out_


@numpy_function(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return reduction.sum(a != 0, axis, bool(keepdims))


@numpy_function(np.sort)
def _sort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    return reduction.sort(
        a.reshape((-1,)) if axis is None else a, -1 if axis is None else axis
    ).values


# Shapes -------------------------------------------------------------------------------------------


@numpy_function(np.reshape)
def _reshape(a: Any, shape: Any = None, order: str = "C", *, copy: Any = None) -> Any:
    return (
        shaping.reshape(a, *shape) if isinstance(shape, tuple | list) else shaping.reshape(a, shape)
    )


@numpy_function(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    return shaping.ravel(a)


@numpy_function(np.transpose, np.permute_dims if hasattr(np, "permute_dims") else np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    return shaping.permute(a, *(range(a._data.ndim)[::-1] if axes is None else axes))


@numpy_function(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return shaping.transpose(a, axis1, axis2)


@numpy_function(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    return shaping.movedim(a, source, destination)


@numpy_function(np.concatenate)
def _concatenate(arrays: Any, axis: Any = 0, out: None = None, **rest: Any) -> Any:
    parts = [as_tensor(np.asarray(x) if isinstance(x, list) else x) for x in arrays]
    if axis is None:
        return joining.cat([shaping.ravel(x) for x in parts], 0)
    return joining.cat(parts, axis)


@numpy_function(np.stack)
def _stack(arrays: Any, axis: int = 0, out: None = None, **rest: Any) -> Any:
    return joining.stack([as_tensor(x) for x in arrays], axis)


@numpy_function(np.vstack)
def _vstack(tup: Any, **rest: Any) -> Any:
    return joining.vstack([as_tensor(x) for x in tup])


@numpy_function(np.hstack)
def _hstack(tup: Any, **rest: Any) -> Any:
    return joining.hstack([as_tensor(x) for x in tup])


@numpy_function(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    n = ary._data.shape[axis]
    if isinstance(indices_or_sections, int) and n % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return list(joining.tensor_split(ary, indices_or_sections, axis))


@numpy_function(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return list(joining.tensor_split(ary, indices_or_sections, axis))


@numpy_function(np.repeat)
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    return shaping.repeat_interleave(a, repeats, axis)


@numpy_function(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    return shaping.tile(A, *(reps if isinstance(reps, tuple | list) else (reps,)))


@numpy_function(np.pad)
def _pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    if mode != "constant":
        raise refusal(f"np.pad(mode={mode!r})")
    value = kwargs.pop("constant_values", 0)
    if kwargs:
        raise TypeError(f"np.pad of a Tensor: unexpected keyword {next(iter(kwargs))!r}")
    widths = np.broadcast_to(np.asarray(pad_width), (array._data.ndim, 2))
    pairs = tuple((int(a), int(b)) for a, b in widths)
    return shaping_primitives.pad.record(array, pairs, float(value))


numpy_function(np.atleast_1d)(joining.atleast_1d)
numpy_function(np.atleast_2d)(joining.atleast_2d)


@numpy_function(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return diagonals.tril(m, k)


@numpy_function(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return diagonals.triu(m, k)


@numpy_function(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    if v._data.ndim == 2:
        return shaping.diagonal(v, k)
    n = v._data.shape[0] + abs(k)
    return shaping_primitives.diagonal_scatter_op.record(v, (n, n), k)


# Choosing -----------------------------------------------------------------------------------------


@numpy_function(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None and y is None:
        return elementwise.where(condition)
    op = find(np.where)
    assert op is not None
    return op.record(condition, x, y)


@numpy_function(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, out: None = None, **kwargs: Any) -> Any:
    low, high = kwargs.pop("min", a_min), kwargs.pop("max", a_max)
    if kwargs:
        raise TypeError(f"np.clip of a Tensor: unexpected keyword {next(iter(kwargs))!r}")
    return elementwise.clamp(a, low, high)


@numpy_function(np.take)
def _take(a: Any, indices: Any, axis: Any = None, out: None = None, mode: str = "raise") -> Any:
    places = np.asarray(indices)
    if axis is None:
        return shaping.ravel(a)[places]
    return a[(slice(None),) * (axis % a._data.ndim) + (places,)]


@numpy_function(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None:
        return indexing_primitives.gather.record(shaping.ravel(arr), np.asarray(indices), 0)
    return selection.take_along_dim(arr, indices, axis)


@numpy_function(np.nonzero)
def _nonzero(a: Any) -> Any:
    return tuple(f._data for f in selection.nonzero(a, as_tuple=True))


# Products -----------------------------------------------------------------------------------------


@numpy_function(np.einsum)
def _einsum(subscripts: Any, *operands: Any, out: None = None, optimize: Any = False) -> Any:
    return products.einsum(subscripts, *[as_tensor(x) for x in operands])


@numpy_function(np.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    return products.tensordot(as_tensor(a), as_tensor(b), axes)


@numpy_function(np.dot)
def _dot(a: Any, b: Any, out: None = None) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    if not a._data.ndim or not b._data.ndim:
        return a * b
    if b._data.ndim > 2:
        return products.tensordot(a, b, ([a._data.ndim - 1], [b._data.ndim - 2]))
    return products.matmul(a, b)


@numpy_function(np.inner)
def _inner(a: Any, b: Any) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    if not a._data.ndim or not b._data.ndim:
        return a * b
    return products.tensordot(a, b, ([a._data.ndim - 1], [b._data.ndim - 1]))


@numpy_function(np.outer)
def _outer(a: Any, b: Any, out: None = None) -> Any:
    return products.outer(shaping.ravel(as_tensor(a)), shaping.ravel(as_tensor(b)))


@numpy_function(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return reduction.sum(shaping.diagonal(a, offset, axis1, axis2), -1)


@numpy_function(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None and ord is not None and x._data.ndim > 1 and ord != "fro":
        raise refusal(f"np.linalg.norm(matrix, ord={ord!r})")
    return distance.norm(x, 2 if ord is None else ord, axis, keepdims)


# Likenesses and questions -------------------------------------------------------------------------


def _like(fill: Callable[..., Any]) -> Callable[..., Any]:
    def call(
        a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
    ) -> Any:
        return wrap(fill(a._data.shape if shape is None else shape, dtype or a._data.dtype))

    return call


numpy_function(np.zeros_like)(_like(np.zeros))
numpy_function(np.ones_like)(_like(np.ones))
numpy_function(np.empty_like)(_like(np.zeros))


@numpy_function(np.full_like)
def _full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
) -> Any:
    return wrap(
        np.full(a._data.shape if shape is None else shape, fill_value, dtype or a._data.dtype)
    )


numpy_function(np.shape)(lambda a: tuple(a._data.shape))
numpy_function(np.ndim)(lambda a: a._data.ndim)
numpy_function(np.size)(lambda a, axis=None: a._data.size if axis is None else a._data.shape[axis])
numpy_function(np.copy)(lambda a, order="K", subok=False: a.clone())


@numpy_function(np.round, np.around)
def _round(a: Any, decimals: int = 0, out: None = None) -> Any:
    return elementwise.round(a, decimals=decimals)


if hasattr(np, "astype"):

    @numpy_function(np.astype)
    def _astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
        return to_dtype.record(x, np.dtype(dtype))


def _comparing(function: Any) -> None:
    """Functions that answer a question about values take the values."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*(x._data if isinstance(x, Traced) else x for x in args), **kwargs)

    numpy_function(function)(call)


QUESTIONS: list[Any] = [np.allclose, np.isclose, np.array_equal, np.array_equiv, np.result_type]
QUESTIONS += [np.array_repr, np.array_str, np.array2string, np.iscomplexobj, np.isrealobj]
for _function in QUESTIONS:
    _comparing(_function)
