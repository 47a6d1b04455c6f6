"""Compare one rule with one op at one point, along one direction, with one cotangent.

`<vjp(v), u>` against `<v, J u>`. The cheap test comes first; a gradient is rejected only after the
careful one, which looks for kinks, confirms the numerical value at other steps, and measures
rounding by moving inputs, outputs and cotangents by one unit in the last place (the idea of CESTAC:
Vignes, Math. Comput. Simul. 35 (1993) 233).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .complex_step import ComplexStepUnavailable, complex_step
from .differences import Array, Line, central, ridders
from .directional import Directional, Method, derivative, element_scale
from .kinks import KINK, SCREEN_STEP, SMOOTH, count_kinds, screen
from .operation import Sealed
from .tolerance import (
    FAIL,
    INCONCLUSIVE,
    KAPPA,
    PASS,
    Judgement,
    judge,
    root_of_squares,
    rounding_of_dot,
)

__all__ = ["Point", "all_at_once", "careful", "cheap", "line_of_input", "ulp_spread"]

_EPS = float(np.finfo(float).eps)
_ERROR = 64 * _EPS
# Straight to the loop in C: `all_at_once` is asked about every op of every graph.
_total = np.add.reduce
_KINKED_OUTPUTS = 64
_NEIGHBOURS = 24
_DRAWS = 3


@dataclass(frozen=True)
class Point:
    """An op at one place.

    Attributes
    ----------
    call : Sealed
    inputs : list of read-only arrays
    output : array
    exact : bool
        The complex step was tested on this op and may be used.
    """

    call: Sealed
    inputs: list[Array]
    output: Array
    exact: bool


def line_of_input(point: Point, position: int, u: Array) -> Line:
    """`t -> op(…, x_j + t u, …)`."""

    def line(t: complex) -> Array:
        moved = list(point.inputs)
        moved[position] = np.asarray(point.inputs[position] + t * u)
        return point.call.forward(moved)

    return line


def _natural_scale(point: Point, v: Array, ju: Array) -> float:
    """Size below which `<v, J u>` counts as 0: its random-sign size, or 1 % of the output's."""
    scale = root_of_squares(v * ju)
    if not point.exact:
        scale = max(scale, 1e-2 * root_of_squares(v * point.output))
    return scale


def cheap(
    point: Point, position: int, u: Array, v: Array, g: Array, resolution: float
) -> tuple[Judgement, Array]:
    """One complex step, or one Ridders table. Also returns `J u`."""
    line = line_of_input(point, position, u)
    if point.exact:
        try:
            ju = complex_step(line)
            e_num = rounding_of_dot(v, ju)
        except ComplexStepUnavailable:
            ju = np.full(point.output.shape, np.nan)
            e_num = float("inf")
    else:
        estimate = ridders(line)
        ju = estimate.value
        e_num = root_of_squares(v * estimate.error)
    with np.errstate(invalid="ignore", over="ignore"):
        judgement = judge(
            float(np.sum(g * u)),
            float(np.sum(v * ju)),
            e_num,
            rounding_of_dot(g, u),
            scale=_natural_scale(point, v, ju),
            resolution=resolution,
        )
    return judgement, ju


def all_at_once(
    gradients: Sequence[Array | None],
    directions: Mapping[int, Array],
    v: Array,
    ju: Array,
    resolution: float,
) -> dict[int, Judgement] | None:
    """A PASS for each input that moves, if all of them together are right to rounding.

    `ju` is the slope along all directions at once. They are random, so errors in two inputs do not
    cancel. None where it takes a comparison of each input alone.
    """
    shares: dict[int, float] = {}
    rounding = 0.0
    for j, u in directions.items():
        g = gradients[j]
        if g is None or g.shape != u.shape or g.dtype.kind != "f":
            return None
        product = g * u
        shares[j] = float(_total(product, None))
        rounding += _ERROR * float(_total(np.abs(product), None))
    weighted = v * ju
    numeric = float(_total(weighted, None))
    e_num = _ERROR * float(_total(np.abs(weighted), None))
    gap = sum(shares.values()) - numeric
    tolerance = KAPPA * (e_num + rounding)
    if not abs(gap) <= tolerance:
        return None
    found = {}
    for j, share in shares.items():
        size = abs(share)
        if tolerance == 0:
            seen = 0.0
        elif size == 0:
            return None
        else:
            seen = tolerance / size
        if not seen <= resolution:
            return None
        relative = abs(gap) / size if size > 0 and math.isfinite(size) else 0.0
        found[j] = Judgement(PASS, share, share - gap, e_num, rounding, tolerance, relative, seen)
    return found


def careful(
    point: Point,
    position: int,
    u: Array,
    v: Array,
    g: Array,
    resolution: float,
    rng: np.random.Generator,
    kinks: str = "accept",
) -> tuple[Judgement, str]:
    """The test that may reject. Returns the judgement and a note on kinks (empty if smooth)."""
    line = line_of_input(point, position, u)
    look = screen(line, measure=True)
    method: Method = "auto" if point.exact else "richardson"
    found = derivative(line, method, look=look, trusted=point.exact)

    def judged(draws: int) -> tuple[Judgement, str]:
        spread = ulp_spread(point, position, u, v, g, rng, draws)
        if not found.kind.any():
            return _judge_smooth(point, u, v, g, found, spread, resolution, line), ""
        return _judge_kinked(point, position, u, v, found, spread, resolution, kinks, line)

    with np.errstate(invalid="ignore", over="ignore"):
        verdict = judged(_DRAWS)
        # Few draws may all leave the one element alone that the rounding comes from (1 - y^2 at a
        # saturated tanh): before a gradient is rejected, there are many.
        return judged(8 * _DRAWS) if verdict[0].status == FAIL else verdict


def _judge_smooth(
    point: Point,
    u: Array,
    v: Array,
    g: Array,
    found: Directional,
    spread: float,
    resolution: float,
    line: Line,
) -> Judgement:
    if found.method == "complex step":
        e_num = rounding_of_dot(v, found.value) + _complex_spread(v, found.value, line)
    else:
        e_num = root_of_squares(v * found.error)
    judged = judge(
        float(np.sum(g * u)),
        float(np.sum(v * found.value)),
        e_num,
        rounding_of_dot(g, u) + spread,
        scale=_natural_scale(point, v, found.value),
        resolution=resolution,
    )
    if judged.status == FAIL and found.method == "Richardson":
        return _second_opinion(judged, point, v, line)
    return judged


def _second_opinion(judged: Judgement, point: Point, v: Array, line: Line) -> Judgement:
    """INCONCLUSIVE if a far smaller step takes the analytic side.

    Steps longer than a period, or than the stairs of a rounding function, agree with one another
    on a slope that is not the derivative.
    """
    for closer in (1e-4, 1e-6):
        step = SCREEN_STEP * closer
        slope = central(line, step)
        noise = 4 * _EPS * (np.abs(point.output) + np.abs(slope)) / step
        close = float(np.sum(v * slope))
        doubt = 10 * root_of_squares(v * noise)
        for_analytic = abs(judged.analytic - close) <= doubt + 1e-2 * abs(judged.analytic)
        for_numeric = abs(judged.numeric - close) <= doubt + 1e-2 * abs(judged.numeric)
        if for_analytic and not for_numeric:
            return replace(judged, status=INCONCLUSIVE)
    return judged


def _complex_spread(v: Array, ju: Array, line: Line) -> float:
    """How far the complex step moves when the point moves by two or three ulp."""
    moves = [3 * _EPS, -2 * _EPS]
    spread = 0.0
    for move in moves:
        try:
            other = complex_step(_shifted(line, move))
        except ComplexStepUnavailable:
            continue
        spread = max(spread, float(np.abs(np.sum(v * (other - ju)))))
    return spread


def _shifted(line: Line, move: float) -> Line:
    return lambda t: line(t + move)


def _judge_kinked(
    point: Point,
    position: int,
    u: Array,
    v: Array,
    found: Directional,
    spread: float,
    resolution: float,
    kinks: str,
    line: Line,
) -> tuple[Judgement, str]:
    """Smooth outputs strictly and together; kinked ones one by one in their Clarke interval."""
    at_kink = found.kind == KINK
    rough = (found.kind != SMOOTH) & ~at_kink
    strict = np.where(found.kind == SMOOTH, v, 0.0)
    g = _gradient(point, position, strict)
    if g is None:
        g = np.zeros(u.shape)
    value = np.where(found.kind == SMOOTH, found.value, 0.0)
    if found.method == "complex step":
        e_num = rounding_of_dot(strict, value)
    else:
        e_num = root_of_squares(strict * np.where(found.kind == SMOOTH, found.error, 0))
    worst = judge(
        float(np.sum(g * u)),
        float(np.sum(strict * value)),
        e_num,
        rounding_of_dot(g, u) + spread,
        scale=_natural_scale(point, strict, value),
        resolution=resolution,
    )
    if worst.status == FAIL and found.method == "Richardson":
        worst = _second_opinion(worst, point, strict, line)
    if worst.status == FAIL:
        # What is smooth along this line may have a kink in others (equal eigenvalues).
        worst = _among_neighbours(worst, point, position, u, strict, (worst.numeric,) * 2)
    if worst.status == INCONCLUSIVE and not np.any(found.kind == SMOOTH):
        worst = judge(0.0, 0.0, 0.0, 0.0)
    if kinks == "skip":
        return worst, _note(found, "not compared there")
    for index in map(tuple, np.argwhere(at_kink)[:_KINKED_OUTPUTS]):
        one = np.zeros(v.shape)
        one[index] = 1.0
        g = _gradient(point, position, one)
        a = 0.0 if g is None else float(np.sum(g * u))
        low, high = float(found.low[index]), float(found.high[index])
        inside = judge(
            a,
            float(found.value[index]),
            float(64 * _EPS * max(abs(low), abs(high))),
            spread,
            scale=max(abs(low), abs(high)),
            resolution=np.inf,
            low=low,
            high=high,
        )
        if inside.status == FAIL and found.method == "Richardson":
            inside = _second_opinion(inside, point, one, line)
        if inside.status == FAIL:
            inside = _among_neighbours(inside, point, position, u, one, (low, high))
        if inside.status != PASS:
            return inside, _note(found, "outside the Clarke interval")
    if kinks == "fail" and worst.status == PASS:
        worst = replace(worst, status=FAIL)
    if rough.any() and worst.status == PASS:
        return replace(worst, status=INCONCLUSIVE), _note(found, "no derivative there")
    return worst, _note(found, "any slope between the one-sided ones is accepted")


def _among_neighbours(
    judged: Judgement, point: Point, position: int, u: Array, v: Array, sides: tuple[float, float]
) -> Judgement:
    """The same against slopes at points all around, of which Clarke's gradient is the hull.

    Along a line through a kink of several dimensions (equal eigenvalues) the two one-sided slopes
    are not all of them. A sample of the others is no proof against a value a little outside it.
    """
    rng = np.random.default_rng(0)
    x = point.inputs[position]
    slopes = list(sides)
    for _ in range(_NEIGHBOURS):
        r = rng.standard_normal(x.shape)
        moved = list(point.inputs)
        moved[position] = np.asarray(x + 1e-4 * element_scale(x) * r)
        there = replace(point, inputs=moved)
        slope = float(np.sum(v * central(line_of_input(there, position, u), 1e-7)))
        if np.isfinite(slope):
            slopes.append(slope)
    low, high = min(slopes), max(slopes)
    blur = 1e-3 * max(abs(low), abs(high))
    if low >= sides[0] - blur and high <= sides[1] + blur:
        return judged
    width = high - low
    if low - blur <= judged.analytic <= high + blur:
        return replace(judged, status=PASS)
    if low - width <= judged.analytic <= high + width:
        return replace(judged, status=INCONCLUSIVE)
    return judged


def _gradient(point: Point, position: int, v: Array) -> Array | None:
    g = point.call.vjp(point.inputs, point.output, v)[position]
    if g is not None and g.shape != point.inputs[position].shape:
        return np.full(point.inputs[position].shape, np.nan)
    return g


def _note(found: Directional, what: str) -> str:
    return f"{count_kinds(found.kind)}: {what}"


def ulp_spread(
    point: Point,
    position: int,
    u: Array,
    v: Array,
    g: Array,
    rng: np.random.Generator,
    draws: int = _DRAWS,
) -> float:
    """How far `<vjp(v), u>` moves when inputs, output and cotangent move by one ulp.

    Counted only if four units move it about four times as far: a rule that compares for equality
    (`x == y`) jumps at once, and that is not rounding.
    """
    analytic = float(np.sum(g * u))
    one, four = 0.0, 0.0
    for _ in range(draws):
        signs = [rng.integers(-1, 2, x.shape) for x in (*point.inputs, point.output, v)]
        one = max(one, abs(_moved(point, position, u, v, signs, 1.0) - analytic))
        four = max(four, abs(_moved(point, position, u, v, signs, 4.0) - analytic))
    if not np.isfinite(one) or (one > 1e-6 * abs(analytic) and four < 2 * one):
        return _consistent_spread(point, position, u, v, analytic, rng)
    return one


def _moved(
    point: Point, position: int, u: Array, v: Array, signs: Sequence[Array], ulps: float
) -> float:
    inputs = [_nudged(x, s, ulps) for x, s in zip(point.inputs, signs, strict=False)]
    g = point.call.vjp(inputs, _nudged(point.output, signs[-2], ulps), _nudged(v, signs[-1], ulps))
    found = g[position]
    if found is None or found.shape != u.shape:
        return 0.0
    return float(np.sum(found * u))


def _nudged(x: Array, signs: Array, ulps: float) -> Array:
    if x.dtype.kind != "f":
        return x
    return np.asarray(x * (1 + ulps * _EPS * signs))


def _consistent_spread(
    point: Point, position: int, u: Array, v: Array, analytic: float, rng: np.random.Generator
) -> float:
    """As `ulp_spread`, with the output computed from the moved inputs, so that `x == y` stays."""
    spread = 0.0
    for _ in range(3):
        inputs = [_nudged(x, rng.integers(-1, 2, x.shape), 1.0) for x in point.inputs]
        output = point.call.forward(inputs)
        found = point.call.vjp(inputs, output, v)[position]
        if found is None or found.shape != u.shape:
            continue
        moved = abs(float(np.sum(found * u)) - analytic)
        if moved <= 1e-3 * abs(analytic):
            spread = max(spread, moved)
    return spread
