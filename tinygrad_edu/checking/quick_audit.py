"""The audit of an op that is plainly right: a tenth of the work of `audit_node`.

All inputs move at once along random directions, so one complex step and one product of gradients
with directions decide for all of them; errors in two inputs cannot cancel. Whatever is not plainly
smooth, finite, repeatable and equal to rounding is left to the full audit. A complex step is tried
on every op, declared fit for it or not: real values must confirm it, and the rule must then equal
it to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .audit_result import InputAudit, NodeAudit
from .complex_step import STEP, underflows
from .differences import Array
from .directional import direction_like
from .kinks import SCREEN_STEP
from .operation import Operation, RuleRaised, Sealed
from .sampling import point_and_output_beside
from .tolerance import KAPPA, Judgement

__all__ = ["quick_audit"]

# Straight to the loop in C: this file is asked about every op of every graph.
_total, _largest, _every = np.add.reduce, np.maximum.reduce, np.logical_and.reduce
_ERROR = 64 * float(np.finfo(float).eps)
_SMOOTH = 1e-3
_SCREENED = 1e-6


def quick_audit(
    op: Operation,
    inputs: Sequence[Array],
    wrt: Sequence[int],
    *,
    resolution: float,
    points: int,
    rng: np.random.Generator,
) -> NodeAudit | None:
    """A passing audit, or None where only the full audit can tell."""
    call = Sealed(op)
    here: list[Array] = []
    for x in inputs:
        # A view of its own, so that the recorded array can still be written by its owner.
        view = (x if x.dtype.kind != "f" or x.dtype == float else x.astype(float)).view()
        view.flags.writeable = False
        here.append(view)
    try:
        found = _judged(call, here, wrt, resolution, points, rng)
    except RuleRaised:
        return None
    if found is None or call.wrote:
        return None
    names = list(op.input_names)
    return NodeAudit(
        op.name,
        inputs=[InputAudit(j, names[j], here[j].shape, judgement=found[j]) for j in wrt],
        method="complex step",
        evaluations=call.evaluations,
        rule_calls=call.rule_calls,
    )


def _judged(
    call: Sealed,
    here: list[Array],
    wrt: Sequence[int],
    resolution: float,
    points: int,
    rng: np.random.Generator,
) -> dict[int, Judgement] | None:
    output = call.forward(here)
    if output.dtype.kind != "f" or not output.size or not np.isfinite(output).all():
        return None
    # That calls repeat themselves was seen when the whole function was run twice.
    output.flags.writeable = False
    directions = {j: direction_like(here[j], rng) for j in wrt}
    ju = _complex(call, here, directions)
    if ju is None or not _screened(call, here, directions, output, ju):
        return None
    v = _cotangent(output.shape, rng)
    gradients = call.vjp(here, output, v)
    again = call.vjp(here, output, v)
    for j in wrt:
        g, h = gradients[j], again[j]
        if g is None or h is None or g.shape != here[j].shape or g.tobytes() != h.tobytes():
            return None
    found = _agree(gradients, directions, v, ju, wrt, resolution)
    if found is None:
        return None
    # A second cotangent, larger and of the other sign: a rule must be linear in it.
    w = _cotangent(output.shape, rng, -3.0 if v.flat[0] > 0 else 3.0, positive_first=True)
    if _agree(call.vjp(here, output, w), directions, w, ju, wrt, resolution) is None:
        return None
    for _ in range(points - 1):
        beside = point_and_output_beside(call, here, wrt, rng)
        if beside is None:
            return None
        there, y = beside
        y.flags.writeable = False
        moved = {j: direction_like(there[j], rng) for j in wrt}
        slope = _complex(call, there, moved)
        if slope is None:
            return None
        v = _cotangent(y.shape, rng)
        if _agree(call.vjp(there, y, v), moved, v, slope, wrt, resolution) is None:
            return None
    return found


def _cotangent(
    shape: tuple[int, ...],
    rng: np.random.Generator,
    size: float = 1.0,
    *,
    positive_first: bool = False,
) -> Array:
    """A read-only random cotangent; its first element may be given the sign of `size`."""
    v = np.asarray(size * rng.standard_normal(shape))
    if positive_first and v.flat[0] * size < 0:
        v = np.asarray(-v)
    v.flags.writeable = False
    return v


def _complex(call: Sealed, point: list[Array], directions: dict[int, Array]) -> Array | None:
    moved = list(point)
    for j, u in directions.items():
        moved[j] = np.asarray(point[j] + (1j * STEP) * u)
    try:
        y = call.forward(moved)
    except RuleRaised:
        return None
    if y.dtype.kind != "c" or underflows(y):
        return None
    slope = np.asarray(y.imag / STEP)
    return slope if np.isfinite(slope).all() else None


def _screened(
    call: Sealed, point: list[Array], directions: dict[int, Array], output: Array, ju: Array
) -> bool:
    """No kink within a short step either way, and the complex step agrees with real values."""
    ends = []
    for t in (SCREEN_STEP, -SCREEN_STEP):
        moved = list(point)
        for j, u in directions.items():
            moved[j] = np.asarray(point[j] + t * u)
        ends.append(call.forward(moved))
    plus, minus = ends
    largest = float(_largest(np.abs(ju), None))
    noise = 16 * _ERROR * float(_largest(np.abs(output), None)) / SCREEN_STEP
    apart = np.abs((plus - minus) / (2 * SCREEN_STEP) - ju)
    bent = np.abs(plus - 2 * output + minus) / SCREEN_STEP
    # What is not finite is not below either limit.
    return bool(
        _every(apart <= _SCREENED * largest + noise, None)
        and _every(bent <= _SMOOTH * largest + noise, None)
    )


def _agree(
    gradients: Sequence[Array | None],
    directions: dict[int, Array],
    v: Array,
    ju: Array,
    wrt: Sequence[int],
    resolution: float,
) -> dict[int, Judgement] | None:
    """The judgement for each input, if all inputs together are right to rounding."""
    shares: dict[int, float] = {}
    rounding = 0.0
    for j in wrt:
        g, u = gradients[j], directions[j]
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
        if tolerance == 0:
            seen = 0.0
        elif share == 0:
            return None
        else:
            seen = tolerance / abs(share)
        if not seen <= resolution:
            return None
        size = abs(share)
        relative = abs(gap) / size if size > 0 and math.isfinite(size) else 0.0
        found[j] = Judgement("PASS", share, share - gap, e_num, rounding, tolerance, relative, seen)
    return found
