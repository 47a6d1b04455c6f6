"""Choices: Bernoulli trials and `multinomial`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .continuous import exponential_
from .memory_order import (
    check_destination,
    dense_like,
    fill_in_memory_order,
    stride_order,
)
from .mersenne import Generator, resolve_generator
from .rounding import precision_of
from .uniforms import unit_float32, unit_float64


def bernoulli_(
    out: NDArray[Any], p: float | NDArray[Any] = 0.5, *, generator: Generator | None = None
) -> NDArray[Any]:
    """Fill `out` with 1 where ``u < p`` and 0 elsewhere, in its memory order. Returns `out`.

    Parameters
    ----------
    out
        An array of any dtype.
    p
        A number: each u is a float64, two words. A floating array that broadcasts to `out`: each u
        has the dtype of `p`, one word for float32 and below, two for float64.
    generator
        By default `default_generator`.

    Raises
    ------
    RuntimeError
        If a probability is outside [0, 1]; if `out` cannot be written.
    NotImplementedError
        If `p` is an array, but not a floating one.
    """
    check_destination(out, "bernoulli_")
    stream = resolve_generator(generator)
    if isinstance(p, np.ndarray):
        precision = precision_of(p.dtype, "bernoulli_")
        if not np.all((p >= 0) & (p <= 1)):
            raise RuntimeError(
                "Expected p_in >= 0 && p_in <= 1 to be true, but got false: bernoulli_ got "
                f"probabilities from {np.min(p):g} to {np.max(p):g}; write sigmoid or clamp first"
            )
        chances = np.broadcast_to(p, out.shape).transpose(stride_order(out)).reshape(-1)
        draw = unit_float64 if precision == "float64" else unit_float32
        return fill_in_memory_order(out, draw(stream, out.size) < chances)
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    # u < p with u = k/2⁵³, compared as integers: the scaling is exact.
    words = stream.double_words(out.size)
    words &= np.uint64(2**53 - 1)
    return fill_in_memory_order(out, words < np.uint64(math.ceil(p * 2.0**53)))


def bernoulli(
    x: NDArray[Any], p: float | None = None, *, generator: Generator | None = None
) -> NDArray[Any]:
    """Return 0 or 1 for each element of `x`, in its shape and dtype, drawn row-major.

    ``bernoulli(x)`` takes the probabilities from `x`; ``bernoulli(x, p)`` takes the number p for
    all, and of `x` only its form. Errors are those of `bernoulli_`.
    """
    if p is None:
        precision_of(x.dtype, "bernoulli")
    return bernoulli_(np.empty(x.shape, x.dtype), x if p is None else p, generator=generator)


def multinomial(
    p: NDArray[Any],
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> NDArray[np.int64]:
    """Return indices of the last dimension of `p`, drawn in proportion to its entries.

    Parameters
    ----------
    p
        Weights, shape (categories,) or (rows, categories), floating, 0 or more; they need not sum
        to 1.
    num_samples
        How many indices for each row.
    replacement
        Whether an index may come twice.
    generator
        By default `default_generator`.

    Returns
    -------
    indices
        Shape (num_samples,) or (rows, num_samples), int64.

    Raises
    ------
    RuntimeError
        If `p` has another shape, an entry is negative or not finite, a row is all zero, or
        `num_samples` is below 1 or, without replacement, above the number of categories.
    NotImplementedError
        If `p` is not floating.

    Notes
    -----
    One sample, or several without replacement: the largest of ``p/E``, E exponential, which is the
    Gumbel-max trick without logarithms. Several with replacement: the cumulative sum is searched
    for one uniform each.
    """
    precision_of(p.dtype, "multinomial")
    _check_weights(p, num_samples, replacement)
    stream = resolve_generator(generator)
    if replacement and num_samples > 1:
        rows = np.atleast_2d(p)
        unit = unit_float64(stream, len(rows) * num_samples).reshape(len(rows), num_samples)
        chosen = np.empty(unit.shape, np.int64)
        for row, draws, indices in zip(rows, unit, chosen):
            wide = np.float64 if p.dtype == np.float64 else np.float32
            total: NDArray[Any] = np.cumsum(row, dtype=wide)
            total /= total[-1]
            total[-1] = 1
            indices[...] = np.searchsorted(total.astype(np.float64), draws, side="left")
        return chosen[0] if p.ndim == 1 else chosen
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        race = p / exponential_(dense_like(p), generator=stream)
    if num_samples == 1:
        winner: NDArray[np.int64] = np.argmax(race, axis=-1, keepdims=True)
        return winner
    return np.argsort(-race, axis=-1, kind="stable")[..., :num_samples].copy()


def _check_weights(p: NDArray[Any], num_samples: int, replacement: bool) -> None:
    if p.ndim not in (1, 2) or p.shape[-1] == 0:
        raise RuntimeError(
            f"multinomial: prob_dist must be 1 or 2 dim with at least one category, got shape "
            f"{p.shape}; write p.reshape(-1, p.shape[-1])"
        )
    if num_samples <= 0:
        raise RuntimeError(f"cannot sample n_sample <= 0 samples, got {num_samples}")
    if not replacement and num_samples > p.shape[-1]:
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement: "
            f"{num_samples} of {p.shape[-1]} categories; write replacement=True"
        )
    if not replacement or num_samples == 1:
        if not np.all((p >= 0) & (p < np.inf)):
            raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    elif np.any(p < 0):
        raise RuntimeError("invalid multinomial distribution (encountering probability entry < 0)")
    elif not np.all(np.isfinite(p)):
        raise RuntimeError(
            "invalid multinomial distribution (encountering probability entry = infinity or NaN)"
        )
    if not np.all(np.any(p > 0, axis=-1)):
        raise RuntimeError(
            "invalid multinomial distribution (sum of probabilities <= 0): "
            "at least one entry of each row has to be positive"
        )
