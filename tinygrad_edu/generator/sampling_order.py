"""The order in which data are visited: samplers, shuffled loaders, random splits.

Samplers are lazy as PyTorch's are: an iterator draws when its items are asked for, so what else
draws from the same generator in between matters, and so does whether a loop stops early.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .choices import multinomial
from .integers import randint, random_, randperm
from .mersenne import Generator

_REPLACEMENT_CHUNK = 32


def draw_base_seed(generator: Generator | None = None) -> int:
    """Draw the seed that every `iter(DataLoader)` draws, shuffled or not: one int64, two words."""
    return int(random_(np.empty((), np.int64), generator=generator))


def random_order(
    n: int,
    *,
    replacement: bool = False,
    num_samples: int | None = None,
    generator: Generator | None = None,
) -> Iterator[int]:
    """Yield the indices of a `RandomSampler` over n items, which a shuffled `DataLoader` uses.

    Parameters
    ----------
    n
        The number of items.
    replacement
        Draw each index anew, rather than from a permutation.
    num_samples
        How many indices, by default n; more than n means several permutations.
    generator
        Without one, the first index draws an int64 seed from the default generator, for a
        generator of its own. With one, permutations come straight from it; at the end one more is
        drawn for the remainder, even if that is empty.
    """
    wanted = n if num_samples is None else num_samples
    if generator is None:
        generator = Generator().manual_seed(draw_base_seed())
    if replacement:
        for _ in range(wanted // _REPLACEMENT_CHUNK):
            yield from randint(0, n, _REPLACEMENT_CHUNK, generator=generator).tolist()
        yield from randint(0, n, wanted % _REPLACEMENT_CHUNK, generator=generator).tolist()
    else:
        for _ in range(wanted // n):
            yield from randperm(n, generator=generator).tolist()
        yield from randperm(n, generator=generator).tolist()[: wanted % n]


def subset_random_order(
    indices: Sequence[int], *, generator: Generator | None = None
) -> Iterator[int]:
    """Yield the items of `indices` in random order, as `SubsetRandomSampler` does."""
    for position in randperm(len(indices), generator=generator).tolist():
        yield indices[position]


def weighted_random_order(
    weights: Sequence[float] | NDArray[Any],
    num_samples: int,
    replacement: bool = True,
    *,
    generator: Generator | None = None,
) -> Iterator[int]:
    """Yield indices drawn in proportion to `weights`, as `WeightedRandomSampler` does.

    Errors are those of `multinomial`, at the first index.
    """
    p = np.asarray(weights, np.float64)
    yield from multinomial(p, num_samples, replacement, generator=generator).tolist()


def split_lengths(n: int, lengths: Sequence[int] | Sequence[float]) -> list[int]:
    """Return the lengths of the parts of n items; fractions that sum to 1 are rounded.

    Each fraction f gives ⌊f·n⌋, and what is left goes round one by one from the first part on.

    Raises
    ------
    ValueError
        If a fraction is outside [0, 1], or the lengths do not sum to n.
    """
    total = sum(lengths)
    if not (math.isclose(total, 1) and total <= 1):
        if total != n:
            raise ValueError(
                "Sum of input lengths does not equal the length of the input dataset! "
                f"{list(lengths)} sum to {total}, the data have {n} items"
            )
        return [int(length) for length in lengths]
    for i, fraction in enumerate(lengths):
        if not 0 <= fraction <= 1:
            raise ValueError(f"Fraction at index {i} is not between 0 and 1: {fraction}")
    parts = [math.floor(n * fraction) for fraction in lengths]
    for i in range(n - sum(parts)):
        parts[i % len(parts)] += 1
    return parts


def random_split_order(
    n: int,
    lengths: Sequence[int] | Sequence[float],
    *,
    generator: Generator | None = None,
) -> list[list[int]]:
    """Return the indices of each part of `random_split`: one permutation, cut in order.

    Errors are those of `split_lengths`.
    """
    parts = split_lengths(n, lengths)
    order = randperm(sum(parts), generator=generator).tolist()
    ends = np.cumsum(parts).tolist()
    return [order[end - part : end] for part, end in zip(parts, ends)]
