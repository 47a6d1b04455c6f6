"""Normals: `randn`, `normal_` and `normal`, by Box and Muller in PyTorch's two ways.

Below 16 elements, and in arrays that are not contiguous, normals are made one by one in float64,
two per pair of uniforms, and the second of a pair waits in the generator for the next such call.
From 16 elements on they are made in blocks of 16 in the array's own dtype: eight radii, eight
angles, eight cosines, eight sines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import libm, single_precision
from .memory_order import (
    as_shape,
    dense_like,
    destination_precision,
    fill_in_memory_order,
)
from .mersenne import Generator, resolve_generator
from .rounding import (
    STORAGE,
    Precision,
    fma32,
    fma64,
    precision_of,
    round_to,
)
from .uniforms import unit_float32, unit_float64

_BLOCK = 16
# 2¹⁵ numbers at a time keep the intermediate arrays in the processor's cache: twice as fast.
_ROWS_AT_A_TIME = 2**15 // _BLOCK


def single_normals(generator: Generator, count: int) -> NDArray[np.float64]:
    """Return `count` standard normals made one by one, shape (count,), float64.

    Two uniforms u₁, u₂ give ``sqrt(−2·log1p(−u₂))·cos(2π·u₁)`` and the same with the sine; a sine
    left over stays in the generator, one found there comes first.
    """
    with generator.lock:
        waiting = generator.next_normal
        if count == 0:
            return np.empty(0)
        pairs = (count + (waiting is None)) // 2
        uniforms = unit_float64(generator, 2 * pairs)
        angle = uniforms[0::2] * (2 * math.pi)
        radius = np.sqrt(-2.0 * libm.log1p(-uniforms[1::2]))
        sine, cosine = libm.sin_cos(angle)
        made = np.stack([radius * cosine, radius * sine], axis=1).reshape(-1)
        if waiting is not None:
            made = np.concatenate([[waiting], made])
        generator.next_normal = float(made[count]) if made.size > count else None
        return made[:count]


def block_normals(generator: Generator, count: int, precision: Precision) -> NDArray[Any]:
    """Return `count` ≥ 16 standard normals made in blocks, shape (count,), float32 or float64.

    The uniforms of all elements come first, then, if the count is no multiple of 16, 16 more for
    the last 16 elements. The half types do not draw the uniforms which those replace.
    """
    draw = unit_float64 if precision == "float64" else unit_float32
    whole = count - count % _BLOCK
    with generator.lock:
        values = np.empty(count, np.float64 if precision == "float64" else np.float32)
        drawn = count if precision in ("float64", "float32") else whole
        values[:drawn] = draw(generator, drawn)
        _box_muller(values[:whole].reshape(-1, _BLOCK))
        if whole != count:
            values[-_BLOCK:] = draw(generator, _BLOCK)
            _box_muller(values[-_BLOCK:].reshape(1, _BLOCK))
    return values


def _box_muller(rows: NDArray[Any]) -> None:
    # In each row of 16 uniforms: the first eight make the radii, the last eight the angles.
    half = _BLOCK // 2
    scalar = rows.dtype.type
    log, sin_cos = (
        (single_precision.log, single_precision.sin_cos)
        if rows.dtype == np.float32
        else (libm.log, libm.sin_cos)
    )
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        block = rows[start : start + _ROWS_AT_A_TIME]
        radius = np.sqrt(scalar(-2) * log(scalar(1) - block[:, :half]))
        sine, cosine = sin_cos(scalar(2 * math.pi) * block[:, half:])
        np.multiply(radius, cosine, out=block[:, :half])
        np.multiply(radius, sine, out=block[:, half:])


def normal_values(
    generator: Generator,
    count: int,
    mean: float,
    std: float,
    precision: Precision,
    *,
    contiguous: bool = True,
) -> NDArray[Any]:
    """Return `count` normals, shape (count,): ``fma(z, std, mean)``, z a standard normal."""
    if count < _BLOCK or not contiguous:
        return round_to(fma64(single_normals(generator, count), std, mean), precision)
    values = block_normals(generator, count, precision)
    if precision == "float64":
        return fma64(values, std, mean)
    return round_to(fma32(values, float(np.float32(std)), float(np.float32(mean))), precision)


def _check_std(std: float) -> None:
    if not std >= 0:
        raise RuntimeError(
            f"normal expects std >= 0.0, but found std {std:g}; std is a standard deviation, "
            "write its absolute value"
        )


def normal_(
    out: NDArray[Any],
    mean: float = 0.0,
    std: float = 1.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Fill `out` with normals of the given mean and standard deviation. Returns `out`.

    Parameters
    ----------
    out
        A floating array of any shape and strides; its strides matter (see the module).
    dtype
        The dtype drawn, by default `out`'s; `"bfloat16"` gives a float32 array bfloat16's values.
    generator
        By default `default_generator`.

    Raises
    ------
    RuntimeError
        If std < 0; if `out` cannot be written.
    NotImplementedError
        If the dtype is not floating.
    """
    precision = destination_precision(out, dtype, "normal_")
    _check_std(std)
    stream = resolve_generator(generator)
    values = normal_values(
        stream, out.size, mean, std, precision, contiguous=out.flags.c_contiguous
    )
    return fill_in_memory_order(out, values)


def randn(
    shape: SupportsIndex | Sequence[SupportsIndex],
    *,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Return a new array of standard normals.

    `dtype` is float16, float32, float64, or `"bfloat16"` (as float32 values).

    Raises
    ------
    RuntimeError
        If a size is negative.
    NotImplementedError
        If the dtype is not floating.
    """
    sizes = as_shape(shape)
    precision = precision_of(dtype, "randn")
    return normal_(np.empty(sizes, STORAGE[precision]), dtype=precision, generator=generator)


def randn_like(
    x: NDArray[Any], *, dtype: DTypeLike | None = None, generator: Generator | None = None
) -> NDArray[Any]:
    """Return standard normals in `x`'s shape, memory order and, by default, dtype."""
    precision = precision_of(x.dtype if dtype is None else dtype, "randn_like")
    return normal_(dense_like(x, STORAGE[precision]), dtype=precision, generator=generator)


def normal(
    mean: float | NDArray[Any],
    std: float | NDArray[Any] = 1.0,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Return normals whose mean and standard deviation may vary from element to element.

    Parameters
    ----------
    mean, std
        Numbers or floating arrays; arrays broadcast. The result has the dtype of `mean` if that is
        an array, else of `std`.
    shape, dtype
        Of the result if both are numbers, and only then.
    generator
        By default `default_generator`.

    Raises
    ------
    RuntimeError
        If any std is negative.
    TypeError
        If both are numbers and `shape` is missing, or an array comes with a `shape`.
    NotImplementedError
        If an array is not floating.
    """
    mean_array, std_array = isinstance(mean, np.ndarray), isinstance(std, np.ndarray)
    if not mean_array and not std_array:
        if shape is None:
            raise TypeError(
                f"normal(mean={mean}, std={std}) needs a shape when both are numbers; "
                "write normal(mean, std, (2, 3))"
            )
        out = np.empty(as_shape(shape), STORAGE[precision_of(dtype, "normal")])
        return normal_(out, float(mean), float(std), dtype=dtype, generator=generator)
    if shape is not None:
        raise TypeError(
            "normal takes a shape only with a number for both mean and std; an array gives the "
            "result its own shape, leave it out"
        )
    if std_array and np.any(np.less(std, 0)):
        raise RuntimeError(
            f"normal expects all elements of std >= 0.0, but found {np.min(std):g}; "
            "write the absolute values"
        )
    if not std_array:
        _check_std(float(std))
    result_dtype = (mean if mean_array else std).dtype  # type: ignore[union-attr]
    precision_of(result_dtype, "normal")
    result = np.empty(np.broadcast_shapes(np.shape(mean), np.shape(std)), result_dtype)
    # PyTorch scales by a number inside the draw, by an array afterwards, with its own rounding.
    normal_(result, 0.0, 1.0 if std_array else float(std), generator=generator)
    if std_array:
        np.multiply(result, std, out=result, casting="same_kind")
    np.add(result, mean, out=result, casting="same_kind")
    return result
