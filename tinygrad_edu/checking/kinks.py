"""Kinks, cusps and steps, found by second differences.

`G(h) = [f(h) - 2 f(0) + f(-h)] / h = J + h f'' + O(h^3)` with the jump `J = f'(0+) - f'(0-)`. When
`h` is halved, `G` is halved where `f` is smooth, stays at a kink, grows by 1.41 at a cusp like
`sqrt|x|` and by 2 at a step. A cusp that is odd (the cube root) shows in the central difference
instead. `R = 2 G(h/2) - G(h)` removes the curvature and leaves `J`.

At a kink every slope between the one-sided ones is a derivative in Clarke's sense (Clarke,
Optimization and Nonsmooth Analysis, 1983, section 2.1): ReLU'(0) may be anything in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .differences import Array, Line

__all__ = [
    "CUSP",
    "KINK",
    "NAMES",
    "SCREEN_STEP",
    "SMOOTH",
    "STEP",
    "Screen",
    "count_kinds",
    "plainly_smooth",
    "screen",
]

SMOOTH, KINK, CUSP, STEP = 0, 1, 2, 3
NAMES = ("smooth", "kink", "cusp", "step")
SCREEN_STEP = float(np.finfo(float).eps) ** (1 / 3)
_CLOSER = 1e-4
_APART = 0.05
_SIGNIFICANT = 16.0
# Straight to the loop in C: `plainly_smooth` is asked about every op of every graph.
_largest, _every = np.maximum.reduce, np.logical_and.reduce
_ERROR = 64 * float(np.finfo(float).eps)
_STRAIGHT, _SAME_SLOPE = 1e-3, 1e-6


@dataclass(frozen=True, slots=True)
class Screen:
    """What one look at a line found, per output element.

    Attributes
    ----------
    value : array
        `f(0)`.
    slope, slope_error : array
        Extrapolated central difference and its absolute error. At a kink it is the mean of both
        one-sided slopes.
    jump : array
        `f'(0+) - f'(0-)`; 0 where smooth.
    low, high : array
        The Clarke interval `[min, max]` of the one-sided slopes, widened by the error of the
        extrapolation.
    kind : array of int
        SMOOTH, KINK, CUSP or STEP.
    coarse : array of int
        The class at the screen's step. Differs from `kind` where the kink is beside the point, not
        at it: a complex step is right there, a difference with that step is not.
    noise : array
        Absolute rounding error of the function's values.
    evaluations : int
    """

    value: Array
    slope: Array
    slope_error: Array
    jump: Array
    low: Array
    high: Array
    kind: Array
    coarse: Array
    noise: Array
    evaluations: int

    @property
    def smooth(self) -> bool:
        """No kink, cusp or step at this point, in any element."""
        return not bool(self.kind.any())

    def summary(self) -> str:
        """For people: `2 kinks, 1 step`, or an empty string."""
        return count_kinds(self.kind)


def plainly_smooth(plus: Array, value: Array, minus: Array, slope: Array) -> bool:
    """No kink within `SCREEN_STEP` either way, where the values are these, and this is the slope.

    Stricter than `screen`, with two evaluations instead of five: a False says nothing.
    """
    largest = float(_largest(np.abs(slope), None))
    noise = 16 * _ERROR * float(_largest(np.abs(value), None)) / SCREEN_STEP
    apart = np.abs((plus - minus) / (2 * SCREEN_STEP) - slope)
    bent = np.abs(plus - 2 * value + minus) / SCREEN_STEP
    # What is not finite is not below either limit.
    return bool(
        _every(apart <= _SAME_SLOPE * largest + noise, None)
        and _every(bent <= _STRAIGHT * largest + noise, None)
    )


def count_kinds(kind: Array) -> str:
    """For people: `2 kinks, 1 step`, or an empty string."""
    found = [(int(np.count_nonzero(kind == code)), NAMES[code]) for code in (KINK, CUSP, STEP)]
    return ", ".join(f"{n} {name}{'s' if n > 1 else ''}" for n, name in found if n)


def screen(line: Line, step: float = SCREEN_STEP, *, measure: bool = False) -> Screen:
    """Classify each element of a line at 0: 5 evaluations where all is smooth, else about 30.

    Parameters
    ----------
    line : callable, float -> array
    step : float
    measure : bool
        Measure the rounding of the function's values even where all looks smooth.
    """
    with np.errstate(all="ignore"):
        values = _Values(line)
        eps = max(values.eps, float(np.finfo(float).eps))
        # Rounding of f, and of x + h u where u has the size of x.
        size = np.maximum(values.largest(step), values.largest(step / 2))
        noise = 4 * eps * (size + np.abs(values.central(step)))
        suspicious = _suspicious(values, step, noise / step)
        if measure or suspicious.any():
            # Sums hide rounding larger than eps |f|; see it before calling it a step.
            noise = np.maximum(noise, 4 * values.measured_noise(step * _APART))
            suspicious = _suspicious(values, step, noise / step)
        slope = values.extrapolated(step)
        drift = np.abs(values.central(step / 2) - values.central(step))
        if not suspicious.any():
            error = drift + 4 * noise / step
            zero = np.zeros(slope.shape)
            codes = np.zeros(slope.shape, dtype=np.int8)
            return Screen(
                values(0.0), slope, error, zero, slope, slope, codes, codes, noise, values.calls
            )
        coarse = np.where(suspicious, _classify(values, step, noise / step), SMOOTH)
        coarse = coarse.astype(np.int8)
        closer = step * _CLOSER
        seen = _suspicious(values, closer, noise / closer)
        persists = seen & (_classify(values, closer, noise / closer) != SMOOTH)
        # A jump too small to be seen through the round-off of the closer look keeps its class.
        unseen = np.abs(values.second(step / 2)) < 2 * _SIGNIFICANT * noise / closer
        kind = np.where(persists | unseen, coarse, SMOOTH).astype(np.int8)
        doubt = drift + np.abs(values.second(step / 2) - values.second(step)) + 4 * noise / step
        at_kink = coarse == KINK
        jump = np.where(at_kink, 2 * values.second(step / 2) - values.second(step), 0.0)
        half = np.abs(jump) / 2 + np.where(at_kink, doubt, 0.0)
        error = np.where(coarse == kind, doubt, np.inf)
        return Screen(
            values(0.0),
            slope,
            error,
            jump,
            slope - half,
            slope + half,
            kind,
            coarse,
            noise,
            values.calls,
        )


def _suspicious(values: _Values, step: float, noise: Array) -> Array:
    """Elements whose second difference stays when the step shrinks, or whose slope drifts."""
    jump = np.abs(2 * values.second(step / 2) - values.second(step))
    inner, outer = values.central(step / 2), values.central(step)
    drift = np.abs(inner - outer)
    unsettled = (drift > 0.1 * np.abs(inner)) & (drift > _SIGNIFICANT * noise)
    return np.asarray((jump > _SIGNIFICANT * noise) | unsettled)


def _classify(values: _Values, step: float, noise: Array) -> Array:
    """Class of each element from the growth of `G` and of `D` when the step is halved."""
    second = [values.second(step / 2**k) for k in range(3)]
    slope = [values.central(step / 2**k) for k in range(3)]
    floor = _SIGNIFICANT * noise
    even = np.where(np.abs(second[2]) > floor, np.abs(second[2] / second[1]), 0.0)
    odd = np.where(np.abs(slope[2]) > floor, np.abs(slope[2] / slope[1]), 0.0)
    growth = np.maximum(even, odd)
    first, next_ = 2 * second[1] - second[0], 2 * second[2] - second[1]
    stable = (np.abs(next_ - first) <= 0.25 * np.abs(first)) & (np.abs(first) > floor)
    # A kink at a distance d < h/2 beside the point: G(h) = J (1 - d/h), and 0 once h < d. Longer
    # steps all agree on the middle of its slopes, and must be told.
    jump = 2 * second[0] - second[1]
    expected = 3 * second[1] - 2 * second[0]
    expected = np.where(expected * jump > 0, expected, 0.0)
    beside = (np.abs(second[2] - expected) <= 0.1 * np.abs(jump)) & (np.abs(jump) > floor)
    beside &= second[1] * jump > 0.05 * jump**2
    kind = np.where(stable | beside, KINK, SMOOTH)
    kind = np.where(growth > 1.15, CUSP, kind)
    return np.where(growth > 1.8, STEP, kind)


class _Values:
    """Values of a line, each computed once."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._seen: dict[float, Array] = {}
        self.calls = 0
        dtype = self(0.0).dtype
        self.eps = float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0

    def __call__(self, t: float) -> Array:
        if t not in self._seen:
            value = np.asarray(self._line(t))
            self._seen[t] = value if value.dtype.kind == "f" else value.astype(float)
            self.calls += 1
        return self._seen[t]

    def central(self, h: float) -> Array:
        return np.asarray((self(h) - self(-h)) / (2 * h))

    def second(self, h: float) -> Array:
        return np.asarray((self(h) - 2 * self(0.0) + self(-h)) / h)

    def extrapolated(self, h: float) -> Array:
        return np.asarray((4 * self.central(h / 2) - self.central(h)) / 3)

    def largest(self, h: float) -> Array:
        return np.asarray(
            np.maximum(np.maximum(np.abs(self(h)), np.abs(self(-h))), np.abs(self(0.0)))
        )

    def measured_noise(self, h: float) -> Array:
        """Median of six third differences, three on either side of 0: rounding alone.

        Each side is smooth; the median, since another kink may lie within one of them.
        """
        differences = []
        for sign in (1, -1):
            side = np.stack([self(sign * k * h) for k in range(1, 7)])
            differences.append(np.abs(np.diff(side, 3, axis=0)))
        return np.asarray(np.median(np.concatenate(differences), axis=0))
