"""Counts: geometric, Poisson and binomial variates.

Where a draw rejects candidates, the number of words it takes is part of the stream, so these
follow PyTorch's choice of algorithm and of its constants.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import libm
from .memory_order import check_destination, fill_in_memory_order
from .mersenne import Generator, resolve_generator
from .rounding import precision_of, round_to, wide_precision_of
from .uniforms import unit_float64, unit_stream


def geometric_(out: NDArray[Any], p: float, *, generator: Generator | None = None) -> NDArray[Any]:
    """Fill `out` with the number of trials up to the first success: ``ceil(log u / log1p(−p))``.

    `out` is floating or integer, filled in its memory order; returns it.

    Raises
    ------
    RuntimeError
        If p is not in (0, 1); if `out` cannot be written.
    """
    check_destination(out, "geometric_")
    if out.dtype.kind == "f":
        precision_of(out.dtype, "geometric_")
    if not 0 < p < 1:
        raise RuntimeError(
            f"geometric_ expects p to be in (0, 1), but got p={p:g}; p is the probability of "
            "success of one trial"
        )
    unit = unit_float64(resolve_generator(generator), out.size)
    trials = np.ceil(libm.log(unit) / math.log1p(-p))
    if out.dtype.kind == "f":
        trials = round_to(trials, precision_of(out.dtype, "geometric_"))
    return fill_in_memory_order(out, trials)


def _poisson(rate: float, unit: Callable[[], float]) -> float:
    """One Poisson variate.

    Below rate 10 by multiplying uniforms down to exp(−rate); from there on by W. Hörmann, "The
    transformed rejection method for generating Poisson random variables", Insurance: Mathematics
    and Economics 12 (1993), algorithm PTRS.
    """
    if rate == 0:
        return 0.0
    if rate < 10:
        floor, product, factors = math.exp(-rate), 1.0, 0
        while True:
            product *= unit()
            if product <= floor:
                return float(factors)
            factors += 1
    log_rate = math.log(rate)
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u = unit() - 0.5
        v = unit()
        tail = 0.5 - abs(u)
        if tail == 0:
            continue
        k = math.floor((2.0 * a / tail + b) * u + rate + 0.43)
        if tail >= 0.07 and v <= squeeze:
            return float(k)
        if k < 0 or (tail < 0.013 and v > tail):
            continue
        height = _log(v) + math.log(inverse_alpha) - math.log(a / (tail * tail) + b)
        if height <= -rate + k * log_rate - math.lgamma(k + 1):
            return float(k)


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def poisson(rate: NDArray[Any], *, generator: Generator | None = None) -> NDArray[Any]:
    """Return one Poisson variate for each rate, in `rate`'s shape and dtype, drawn row-major.

    Raises
    ------
    RuntimeError
        If a rate is negative or NaN.
    NotImplementedError
        If `rate` is not floating.
    """
    precision = precision_of(rate.dtype, "poisson")
    if not np.all(np.greater_equal(rate, 0)):
        raise RuntimeError(
            f"invalid Poisson rate, expected rate to be non-negative, but found {np.min(rate):g}; "
            "write its exponential or softplus"
        )
    with unit_stream(resolve_generator(generator)) as unit:
        drawn = [_poisson(number, unit) for number in rate.ravel().tolist()]
    return round_to(np.array(drawn, np.float64), precision).reshape(rate.shape)


# log k! less its Stirling approximation, for k = 0 … 9.
_STIRLING_TAIL = (
    0.0810614667953272,
    0.0413406959554092,
    0.0276779256849983,
    0.02079067210376509,
    0.0166446911898211,
    0.0138761288230707,
    0.0118967099458917,
    0.0104112652619720,
    0.00925546218271273,
    0.00833056343336287,
)


def _stirling_tail(k: float) -> float:
    if k <= 9:
        return _STIRLING_TAIL[int(k)]
    square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)


def _binomial_by_rejection(count: float, p: float, unit: Callable[[], float]) -> float:
    """W. Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46 (1993).

    Algorithm BTRS, for count·p ≥ 10 and p ≤ ½.
    """
    spread = math.sqrt(count * p * (1 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    centre = count * p + 0.5
    squeeze = 0.92 - 4.2 / b
    odds = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * spread
    mode = math.floor((count + 1) * p)
    while True:
        u = unit() - 0.5
        v = unit()
        tail = 0.5 - abs(u)
        if tail == 0:
            continue
        k = math.floor((2 * a / tail + b) * u + centre)
        if k < 0 or k > count:
            continue
        if tail >= 0.07 and v <= squeeze:
            return float(k)
        bound = (
            (mode + 0.5) * math.log((mode + 1) / (odds * (count - mode + 1)))
            + (count + 1) * math.log((count - mode + 1) / (count - k + 1))
            + (k + 0.5) * math.log(odds * (count - k + 1) / (k + 1))
            + _stirling_tail(mode)
            + _stirling_tail(count - mode)
            - _stirling_tail(k)
            - _stirling_tail(count - k)
        )
        if _log(v * alpha / (a / (tail * tail) + b)) <= bound:
            return float(k)


def _binomial_by_waiting(count: float, p: float, unit: Callable[[], float]) -> float:
    """Count how many geometric waiting times fit into `count` trials."""
    log_failure = math.log1p(-p)
    elapsed, successes = 0.0, 0
    while True:
        waiting = _log(unit()) / log_failure
        elapsed += math.ceil(waiting) if math.isfinite(waiting) else math.inf
        if elapsed > count:
            return float(successes)
        successes += 1


def _binomial(count: float, p: float, unit: Callable[[], float]) -> float:
    if count <= 0 or p <= 0:
        return 0.0
    if p >= 1:
        return count
    if p > 0.5:
        return count - _binomial(count, 1.0 - p, unit)
    draw = _binomial_by_rejection if count * p >= 10 else _binomial_by_waiting
    return draw(count, p, unit)


def binomial(
    count: NDArray[Any], prob: NDArray[Any], *, generator: Generator | None = None
) -> NDArray[Any]:
    """Return the number of successes in `count` trials of probability `prob`, element by element.

    The arrays broadcast and have one dtype, float32 or float64, which is the result's; drawn
    row-major.

    Raises
    ------
    RuntimeError
        If a count is negative, a probability outside [0, 1], or the dtypes differ.
    NotImplementedError
        If the dtype is another.
    """
    precision = wide_precision_of(count.dtype, "binomial")
    if count.dtype != prob.dtype:
        raise RuntimeError(
            f"binomial expects count and prob of one dtype, got {count.dtype} and {prob.dtype}; "
            f"write count.astype({prob.dtype})"
        )
    if not np.all(np.greater_equal(count, 0)):
        raise RuntimeError(f"binomial expects count >= 0, but found {np.min(count):g}")
    if not np.all((prob >= 0) & (prob <= 1)):
        raise RuntimeError("binomial expects every prob in [0, 1]")
    counts, probabilities = np.broadcast_arrays(count, prob)
    with unit_stream(resolve_generator(generator)) as unit:
        drawn = [
            _binomial(trials, p, unit)
            for trials, p in zip(counts.ravel().tolist(), probabilities.ravel().tolist())
        ]
    return round_to(np.array(drawn, np.float64), precision).reshape(counts.shape)
