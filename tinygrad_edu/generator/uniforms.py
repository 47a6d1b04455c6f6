"""Words to uniforms: `rand` and `uniform_`.

A float32 is the low 24 bits of one word, a float64 the low 53 bits of two; both are exact, and in
[0, 1). Everything else of this package that is random starts from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike, NDArray

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

_STREAM_BLOCK = 256


def unit_float32(generator: Generator, count: int) -> NDArray[np.float32]:
    """Return `count` numbers in [0, 1), ``(word mod 2**24) / 2**24``; one word each."""
    words = generator.words(count)
    words &= np.uint32(0xFFFFFF)
    unit = words.astype(np.float32)
    unit *= np.float32(2.0**-24)
    return unit


def unit_float64(generator: Generator, count: int) -> NDArray[np.float64]:
    """Return `count` numbers in [0, 1), ``(double word mod 2**53) / 2**53``; two words each."""
    words = generator.double_words(count)
    words &= np.uint64(2**53 - 1)
    unit = words.astype(np.float64)
    unit *= 2.0**-53
    return unit


@contextmanager
def unit_stream(generator: Generator) -> Iterator[Callable[[], float]]:
    """Give a function that returns the next float64 uniform, for draws of unknown length.

    Words are drawn ahead in blocks; at the end the generator stands after the last one used. If
    the block raises, the generator is where it was, cached normal included.
    """
    used = 0
    block: list[float] = []

    def next_unit() -> float:
        nonlocal used, block
        at = used % _STREAM_BLOCK
        if at == 0:
            block = unit_float64(generator, _STREAM_BLOCK).tolist()
        used += 1
        return block[at]

    with generator.lock:
        start = generator.get_state()
        try:
            yield next_unit
        except BaseException:
            generator.set_state(start)
            raise
        normal = generator.next_normal
        generator.set_state(start)
        generator.words(2 * used)
        generator.next_normal = normal


def uniform_values(
    generator: Generator, count: int, low: float, high: float, precision: Precision
) -> NDArray[Any]:
    """Return `count` numbers of [low, high), shape (count,): ``fma(x, high − low, low)``.

    A result that rounding has carried up to `high` becomes `low`.
    """
    wide = precision == "float64"
    scalar = np.float64 if wide else np.float32
    lo, hi = scalar(low), scalar(high)
    values: NDArray[Any] = (
        unit_float64(generator, count) if wide else unit_float32(generator, count)
    )
    if low == 0 and high == 1:
        if precision == "float64" or precision == "float32":
            return values
    elif lo == -hi:
        # fma(x, 2h, −h) is (2x − 1)·h rounded once, and 2x − 1 is exact.
        values += values
        values -= scalar(1)
        values *= hi
    else:
        fma = fma64 if wide else fma32
        values = fma(values, float(hi - lo), float(lo))
    # The fold is made in the dtype drawn: half types often round up to `high`.
    values = round_to(values, precision)
    ends = round_to(np.array([lo, hi]), precision)
    values[values == ends[1]] = ends[0]
    return values


def check_bounds(low: float, high: float, precision: Precision) -> None:
    """Refuse bounds that `uniform_` refuses.

    Raises
    ------
    RuntimeError
        If low > high, a bound is not a number of the dtype, or their distance is none.
    """
    if low > high:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={low:g} > "
            f"to={high:g}; swap the bounds"
        )
    largest = float(np.finfo(np.float16 if precision == "float16" else STORAGE[precision]).max)
    if not (-largest <= low and high <= largest and high - low <= largest):
        raise RuntimeError(
            f"uniform_ expects bounds, and a distance between them, of at most {largest:g} in "
            f"{precision}, but found from={low:g}, to={high:g}"
        )


def uniform_(
    out: NDArray[Any],
    low: float = 0.0,
    high: float = 1.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Fill `out` with uniforms of [low, high), in its memory order. Returns `out`.

    Parameters
    ----------
    out
        A floating array of any shape and strides.
    low, high
        The bounds, PyTorch's `from` and `to`; rounded to the dtype first.
    dtype
        The dtype drawn, by default `out`'s; `"bfloat16"` gives a float32 array bfloat16's values.
    generator
        By default `default_generator`.

    Raises
    ------
    RuntimeError
        If low > high or a bound is out of range; if `out` cannot be written.
    NotImplementedError
        If the dtype is not floating.
    """
    precision = destination_precision(out, dtype, "uniform_")
    check_bounds(low, high, precision)
    stream = resolve_generator(generator)
    return fill_in_memory_order(out, uniform_values(stream, out.size, low, high, precision))


def rand(
    shape: SupportsIndex | Sequence[SupportsIndex],
    *,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Return a new array of uniforms of [0, 1).

    `dtype` is float16, float32, float64, or `"bfloat16"` (as float32 values).

    Raises
    ------
    RuntimeError
        If a size is negative.
    NotImplementedError
        If the dtype is not floating.
    """
    sizes = as_shape(shape)
    precision = precision_of(dtype, "rand")
    out = np.empty(sizes, STORAGE[precision])
    return uniform_(out, dtype=precision, generator=generator)


def rand_like(
    x: NDArray[Any], *, dtype: DTypeLike | None = None, generator: Generator | None = None
) -> NDArray[Any]:
    """Return uniforms of [0, 1) in `x`'s shape, memory order and, by default, dtype."""
    precision = precision_of(x.dtype if dtype is None else dtype, "rand_like")
    return uniform_(dense_like(x, STORAGE[precision]), dtype=precision, generator=generator)
