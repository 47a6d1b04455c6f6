"""Integers: `randint`, `random_` and `randperm`.

A number of a range is a word modulo its length: a 32-bit word below 2²⁸, a 64-bit word from there
on. (The modulus favours small numbers by at most one part in sixteen; that is PyTorch's.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .memory_order import (
    as_shape,
    check_destination,
    fill_in_memory_order,
)
from .mersenne import Generator, resolve_generator

_SINGLE_WORD_RANGE = 2**28
_SINGLE_WORD_PERMUTATION = (2**32 - 1) // 20

# The largest number up to which a dtype holds every integer.
_LARGEST = {
    np.dtype(np.int64): 2**63 - 1,
    np.dtype(np.int32): 2**31 - 1,
    np.dtype(np.int16): 2**15 - 1,
    np.dtype(np.int8): 2**7 - 1,
    np.dtype(np.uint8): 2**8 - 1,
    np.dtype(np.bool_): 1,
    np.dtype(np.float64): 2**53,
    np.dtype(np.float32): 2**24,
    np.dtype(np.float16): 2**11,
}


def _largest(dtype: np.dtype[Any], call: str) -> int:
    largest = _LARGEST.get(dtype)
    if largest is None:
        raise NotImplementedError(
            f"{call} is not implemented for {dtype}: it draws bool, uint8, int8 … int64 and "
            f"float16 … float64; write {call}(…, dtype=int64)"
        )
    return largest


def _smallest(dtype: np.dtype[Any]) -> int:
    if dtype.kind in "bu":
        return 0
    return -_LARGEST[dtype] - (dtype.kind == "i")


def range_values(generator: Generator, count: int, low: int, length: int) -> NDArray[np.int64]:
    """Return `count` integers of low … low + length − 1, shape (count,), int64."""
    if length < _SINGLE_WORD_RANGE:
        return (generator.words(count) % np.uint32(length)).astype(np.int64) + low
    words = generator.double_words(count)
    if length < 2**64:
        words %= np.uint64(length)
        words += np.uint64(low % 2**64)  # modulo 2⁶⁴, which is how negative int64 are stored
    return words.view(np.int64)


def _check_range(low: int, high: int, dtype: np.dtype[Any], call: str) -> None:
    if low >= high:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}; "
            f"{call} leaves out the upper end"
        )
    for name, bound in (("from", low), ("to - 1", high - 1)):
        if not _smallest(dtype) <= bound <= _largest(dtype, call):
            raise RuntimeError(
                f"{name} is out of bounds for {dtype}: {call} got {bound}, and {dtype} holds every "
                f"integer of {_smallest(dtype)} to {_largest(dtype, call)}; choose a wider dtype"
            )


def random_(
    out: NDArray[Any],
    low: int | None = None,
    high: int | None = None,
    *,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Fill `out` with integers, in its memory order. Returns `out`.

    ``random_(out)`` draws from 0 to the largest number of the dtype (2⁵³, 2²⁴, 2¹¹ for floats: up
    to there every integer is a number of the dtype), ``random_(out, low, high)`` from low to
    high − 1, ``random_(out, low)`` from low to the dtype's largest, ``random_(out, high=n)`` from 0
    to n − 1.

    Raises
    ------
    RuntimeError
        If the range is empty or does not fit the dtype; if `out` cannot be written.
    NotImplementedError
        If PyTorch has no such draw for the dtype.
    """
    check_destination(out, "random_")
    largest = _largest(out.dtype, "random_")
    stream = resolve_generator(generator)
    if low is None and high is None:
        # Here the dtype decides between the words, not the length of the range.
        wide = out.dtype in (np.dtype(np.int64), np.dtype(np.float64))
        words = stream.double_words(out.size) if wide else stream.words(out.size)
        return fill_in_memory_order(out, words % words.dtype.type(largest + 1))
    low = 0 if low is None else low
    high = largest + 1 if high is None else high
    _check_range(low, high, out.dtype, "random_")
    return fill_in_memory_order(out, range_values(stream, out.size, low, high - low))


def randint(
    low: int,
    high: int,
    shape: SupportsIndex | Sequence[SupportsIndex],
    *,
    dtype: DTypeLike = np.int64,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Return a new array of integers of low … high − 1.

    Raises
    ------
    RuntimeError
        If the range is empty or does not fit the dtype, or a size is negative.
    """
    sizes = as_shape(shape)
    _largest(np.dtype(dtype), "randint")
    _check_range(low, high, np.dtype(dtype), "randint")
    return random_(np.empty(sizes, dtype), low, high, generator=generator)


def randperm(
    n: int, *, dtype: DTypeLike = np.int64, generator: Generator | None = None
) -> NDArray[Any]:
    """Return a permutation of 0 … n − 1, shape (n,), by Fisher and Yates from the front.

    Element i changes places with element ``i + word mod (n − i)``; n − 1 words.

    Raises
    ------
    RuntimeError
        If n is negative, or greater than what the dtype counts to.
    """
    (n,) = as_shape((n,))
    largest = _largest(np.dtype(dtype), "randperm")
    if n - 1 > largest:
        raise RuntimeError(
            f"n is too large for result tensor type: randperm({n}) in {np.dtype(dtype)}, which "
            f"holds every integer to {largest}; write dtype=int64"
        )
    stream = resolve_generator(generator)
    steps = max(n - 1, 0)
    if n < _SINGLE_WORD_PERMUTATION:
        offsets = stream.words(steps) % np.arange(n, n - steps, -1, dtype=np.uint32)
    else:
        offsets = stream.double_words(steps) % np.arange(n, n - steps, -1, dtype=np.uint64)
    places = np.arange(steps) + offsets.astype(np.int64)
    order = list(range(n))
    for i, j in enumerate(places.tolist()):
        order[i], order[j] = order[j], order[i]
    return np.array(order, dtype)
