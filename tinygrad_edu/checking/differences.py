"""Derivatives along a line from values of the function, with an honest error per element.

A *line* is `t -> f(x + t u)` for a point `x` and a direction `u`; its derivative at 0 is `J u`.

- `central`: `[f(h) - f(-h)] / 2h`, error `h^2 |f'''| / 6 + eps |f| / h`.
- `ridders`: Richardson extrapolation of central differences, best entry and error per element.
- `with_retries`: three Ridders tables of different size, for the moment before a gradient is
  rejected.

References: Ridders, Adv. Eng. Software 4 (1982) 75-76; Press et al., Numerical Recipes, section
5.7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Array",
    "Estimate",
    "FIRST_STEP",
    "LEVELS",
    "Line",
    "RETRY_DIVISORS",
    "central",
    "forward",
    "optimal_step",
    "ridders",
    "with_retries",
]

Array = npt.NDArray[Any]
Line = Callable[[Any], Array]

FIRST_STEP = 0.05 / 3
LEVELS = 6
RETRY_DIVISORS = (12.0, 600.0)
_CLOSER_DIVISORS = (3e4, 1e5)
_ROUND_OFF_ULPS = 4.0
# Next to 0, floats stand this far apart and no closer.
_LEAST = 4 * float(np.finfo(float).smallest_subnormal)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A directional derivative and its uncertainty.

    Attributes
    ----------
    value : array, shape of the function's output
        `J u`.
    error : array, same shape
        Estimated absolute error of each element; `inf` where no finite value was found.
    floor : array, same shape
        The part of `error` that is round-off; far below `error` where nothing converged.
    evaluations : int
        How often the function was called.
    """

    value: Array
    error: Array
    floor: Array
    evaluations: int


def forward(line: Line, step: float) -> Array:
    """One-sided difference `[f(h) - f(0)] / h`; error `h |f''| / 2 + eps |f| / h`."""
    return np.asarray((line(step) - line(0.0)) / step)


def central(line: Line, step: float) -> Array:
    """Central difference `[f(h) - f(-h)] / 2h`; error `h^2 |f'''| / 6 + eps |f| / h`."""
    return np.asarray((line(step) - line(-step)) / (2 * step))


def optimal_step(value: float, third_derivative: float, dtype: npt.DTypeLike = np.float64) -> float:
    """Step of a central difference that balances truncation and round-off.

    `h* = (3 eps |f| / |f'''|)^(1/3)`; the error there is `1.5 eps |f| / h*`.
    """
    eps = float(np.finfo(np.dtype(dtype)).eps)
    if third_derivative == 0.0:
        return 1.0
    return float((3 * eps * abs(value) / abs(third_derivative)) ** (1 / 3))


def _precision(*values: Array) -> float:
    """Machine epsilon of the coarsest floating dtype among the values."""
    kinds = [value.dtype for value in values if value.dtype.kind in "fc"]
    found: list[float] = [float(np.finfo(kind).eps) for kind in kinds]
    return max(found, default=float(np.finfo(float).eps))


def ridders(
    line: Line, step: float = FIRST_STEP, levels: int = LEVELS, noise: Array | float = 0.0
) -> Estimate:
    """Extrapolate central differences to step 0 and say how far to trust each element.

    `T[0,k] = D(h / 2^k)`, `T[m,k] = (4^m T[m-1,k+1] - T[m-1,k]) / (4^m - 1)`; the error of an entry
    is the larger distance to its two parents plus the round-off `4 eps (max|f| + |D|) / h`: that of
    `f`, and that of `x + h u` for a `u` of the size of `x`. Each output element keeps the entry
    with the least error (Ridders 1982).

    Parameters
    ----------
    line : callable, float -> array
        `t -> f(x + t u)`. It is called with real `t` of both signs.
    step : float
        First step `h`; divided by 4 until both values are finite.
    levels : int
        Rows of the table. Stops early where round-off alone exceeds the errors already reached.
    noise : array or float
        Measured absolute error of the function's values, where it exceeds `4 eps |f|`.
    """
    with np.errstate(all="ignore"):
        evaluations = 0
        for _ in range(12):
            plus, minus = np.asarray(line(step)), np.asarray(line(-step))
            evaluations += 2
            if np.isfinite(plus).all() and np.isfinite(minus).all():
                break
            step /= 4
        eps = max(_precision(plus, minus), float(np.finfo(float).eps))
        magnitude = np.maximum(np.abs(plus), np.abs(minus)).astype(float)
        previous = [np.asarray((plus.astype(float) - minus) / (2 * step))]
        best = previous[0]
        magnitude = magnitude + np.abs(best)
        error = np.full(best.shape, np.inf)
        floor = np.zeros(best.shape)
        noise = np.maximum(noise, np.where(magnitude > 0, _LEAST, 0.0))
        for level in range(1, levels):
            step /= 2
            if np.all(np.maximum(_ROUND_OFF_ULPS * eps * magnitude, noise) / step >= error):
                break
            plus, minus = np.asarray(line(step)), np.asarray(line(-step))
            evaluations += 2
            magnitude = np.maximum(magnitude, np.maximum(np.abs(plus), np.abs(minus)))
            round_off = np.maximum(_ROUND_OFF_ULPS * eps * magnitude, noise) / step
            row = [np.asarray((plus.astype(float) - minus) / (2 * step))]
            for order in range(1, level + 1):
                power = 4.0**order
                parent, older = row[-1], previous[order - 1]
                entry = np.asarray((power * parent - older) / (power - 1))
                distance = np.maximum(np.abs(entry - parent), np.abs(entry - older)) + round_off
                closer = distance < error
                best = np.where(closer, entry, best)
                error = np.where(closer, distance, error)
                floor = np.where(closer, round_off, floor)
                row.append(entry)
            previous = row
        error = np.where(np.isfinite(best), error, np.inf)
    return Estimate(best, error, floor, evaluations)


def with_retries(
    line: Line, step: float = FIRST_STEP, first: Estimate | None = None, noise: Array | float = 0.0
) -> Estimate:
    """Ridders' tables at `step`, `step / 12`, `step / 600`; per element the two that agree best.

    The error of an element is raised to the disagreement of those two beyond their own errors, so
    that a numerical derivative that has not converged cannot be used to reject a gradient.
    """
    tables = [first if first is not None else ridders(line, step, noise=noise)]
    tables += [ridders(line, step / divisor, noise=noise) for divisor in RETRY_DIVISORS]
    found = _agreeing(tables)
    if not np.isfinite(found.error).all():
        # One of many elements may have a stair within reach of every step so far.
        closer = [ridders(line, step / divisor, noise=noise) for divisor in _CLOSER_DIVISORS]
        tables += closer
        last = _agreeing(closer)
        known = np.isfinite(found.error)
        found = Estimate(
            np.where(known, found.value, last.value),
            np.where(known, found.error, last.error),
            np.where(known, found.floor, last.floor),
            0,
        )
    fresh = tables if first is None else tables[1:]
    return replace(found, evaluations=sum(table.evaluations for table in fresh))


def _agreeing(tables: Sequence[Estimate]) -> Estimate:
    """For each element the table that another one confirms best; without one its error is inf."""
    value, floor = tables[0].value, tables[0].floor
    error = np.full(value.shape, np.inf)
    with np.errstate(invalid="ignore"):
        for i, one in enumerate(tables):
            for j, other in enumerate(tables):
                if i == j:
                    continue
                doubt = np.abs(one.value - other.value) - other.error
                distance = np.maximum(one.error, doubt)
                # A table that converged to nothing confirms nothing, and 0 within its error is
                # no agreement: steps longer than a period find 0 everywhere.
                settled = _converged(one) & _converged(other)
                distance = np.where(settled, distance, np.inf)
                closer = distance < error
                value = np.where(closer, one.value, value)
                floor = np.where(closer, one.floor, floor)
                error = np.where(closer, distance, error)
    return Estimate(value, error, floor, 0)


def _converged(table: Estimate) -> Array:
    """The error is finite, and small beside the value or not far above the round-off."""
    small = table.error <= np.maximum(1e-3 * np.abs(table.value), 100 * table.floor)
    return np.asarray(np.isfinite(table.error) & small)
