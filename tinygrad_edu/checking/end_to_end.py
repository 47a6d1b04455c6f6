"""The function itself against its recorded graph: does a value take a path beside it?

The graph is computed again beside the given point, and so is the function. Where both agree, the
graph is the function, and its rules decide. Where they do not, differences of the function itself
decide; a data-dependent branch is right, and a detached value that cancels (a softmax's shift).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..engine.node import Node
from .differences import Array, central
from .directional import derivative, direction_like, line_through
from .kinks import count_kinds, screen
from .replay import Replay
from .subject import Run, Subject, SubjectFailed
from .tolerance import FAIL, INCONCLUSIVE, Judgement, judge, rounding_of_dot

__all__ = ["BESIDE", "agrees_with_graph", "as_graph", "judged_by_function", "slope_doubt"]

BESIDE = "beside the given point, where it must be run to see all that it depends on,"
_MOVE = 1e-3
_INVISIBLE = 1e-13
_APART = 1e-7
_EPS = float(np.finfo(float).eps)
# What differences of the whole function can see, in double and in single precision.
_COARSE, _COARSEST = 1e-5, 1e-2


def moved_leaves(
    subject: Subject, rng: np.random.Generator, eps: float, far: float = _MOVE
) -> list[Array]:
    """Leaf values a little beside the given ones, in the leaves' dtypes.

    Never so little that it drowns in the rounding `eps` of what is computed from them.
    """
    far = max(far, 64 * eps)
    return [
        np.asarray(x + far * direction_like(x.astype(float), rng)).astype(x.dtype)
        for x in subject.start
    ]


def agrees_with_graph(
    subject: Subject, run: Run, replay: Replay, beside: Sequence[Array]
) -> bool | None:
    """Does the function agree with its graph beside the point? None if it cannot be run there."""
    try:
        there = subject.run(beside, record=False)
    except SubjectFailed:
        return None
    leaves = {leaf._node: x.astype(float) for leaf, x in zip(subject.leaves, beside, strict=True)}
    eps = float(np.finfo(run.shortest(subject.start)).eps)
    short = eps > _EPS
    before = replay.doubled() if short else replay.recorded
    found = replay.values(leaves)
    if len(there.outputs) != len(run.outputs):
        return False
    for y, old, new in zip(run.outputs, run.values, there.values, strict=True):
        if new.shape != old.shape:
            return False
        node = y._node
        graph = found.get(node, old) if node is not None else old
        finite = np.isfinite(old) & np.isfinite(new)
        if short and node is not None and node in before:
            # Compare the moves, and not the values: both sides round differently.
            with np.errstate(invalid="ignore"):
                graph = np.where(finite, graph - np.asarray(before[node]) + old, graph)
        if np.any(np.isfinite(new) != np.isfinite(graph)):
            return False
        old, new, graph = (np.where(finite, y, 0.0).astype(float) for y in (old, new, graph))
        top = float(np.max(np.abs(new - old), initial=0.0))
        size = np.maximum(np.abs(new), np.abs(old))
        size = size + float(np.max(size, initial=0.0))
        if short:
            # In half precision a wide margin would hold any mistake.
            allowed = 1e-3 * top + (512 if eps < 1e-6 else 4) * eps * size
        else:
            allowed = _APART * top + 64 * eps * size
        gap = np.abs(new - graph)
        if np.any(gap > allowed):
            if (
                short
                or node is None
                or np.any(gap > allowed + 64 * _rounding(replay, leaves, node))
            ):
                return False
    return True


def _rounding(replay: Replay, leaves: Mapping[Node, Array], node: Node) -> float:
    """How far the graph's value moves with the last digits of its leaves: terms may cancel."""
    rng = np.random.default_rng(0)
    spread = 0.0
    here = replay.values(leaves).get(node)
    for _ in range(2):
        nudged = {n: x * (1 + 2 * _EPS * rng.integers(-1, 2, x.shape)) for n, x in leaves.items()}
        there = replay.values(nudged).get(node)
        if here is not None and there is not None:
            apart = np.abs(np.asarray(there) - np.asarray(here))
            spread = max(spread, float(np.max(apart, initial=0.0, where=np.isfinite(apart))))
    return spread


def judged_by_function(
    subject: Subject,
    position: int,
    u: Array,
    cotangents: Sequence[Array],
    gradient: Array,
    resolution: float,
    eps: float,
    at: Sequence[Array] | None = None,
    graph: Callable[..., Array] | None = None,
) -> tuple[Judgement, str]:
    """One gradient against differences of the function itself, along one direction.

    `eps` is the rounding of the coarsest number on the way; `graph` the function as its graph
    computes it, where every op of that is known to be right.
    """
    directions: list[Array | None] = [None] * len(subject.leaves)
    directions[position] = u
    line = line_through(
        subject.function(cotangents), subject.start if at is None else at, directions
    )
    try:
        found = derivative(line, "richardson", look=screen(line, eps ** (1 / 3), measure=True))
    except SubjectFailed as problem:
        unknown = judge(float(np.sum(gradient * u)), np.nan, np.inf, 0.0)
        return unknown, f"{BESIDE} {problem}"
    kinked = bool(found.kind.any())
    judged = judge(
        float(np.sum(gradient * u)),
        float(found.value),
        float(found.error),
        rounding_of_dot(gradient, u),
        scale=abs(float(line(0.0))) * 1e-2,
        # Between two one-sided slopes, any value is right.
        resolution=np.inf if kinked else max(resolution, _COARSE if eps == _EPS else _COARSEST),
        low=float(found.low) if kinked else None,
        high=float(found.high) if kinked else None,
    )
    if judged.status == FAIL:
        # Stairs, or a kink just beside the point, which all the longer steps cross: a far smaller
        # step that takes the analytic side leaves it open.
        gap = abs(judged.analytic - judged.numeric)
        for closer in (1e-2, 1e-4):
            step = eps ** (1 / 3) * closer
            slope = float(central(line, step))
            noise = 40 * eps * abs(float(line(0.0))) / step
            if noise <= 0.2 * gap and abs(judged.analytic - slope) <= noise + 0.1 * gap:
                judged = replace(judged, status=INCONCLUSIVE)
        if judged.status == FAIL and graph is not None:
            # The graph has the same slope, with kinks too near for steps this long to pass by: no
            # value takes another way.
            twin = line_through(graph, subject.start if at is None else at, directions)
            same = derivative(twin, "richardson", look=screen(twin, eps ** (1 / 3), measure=True))
            if abs(float(same.value) - judged.numeric) <= 0.1 * gap:
                judged = replace(judged, status=INCONCLUSIVE)
    note = f"{count_kinds(found.kind)} of the function" if kinked else ""
    return judged, note


def as_graph(
    subject: Subject, run: Run, replay: Replay, cotangents: Sequence[Array]
) -> Callable[..., Array]:
    """`leaf values -> <cotangents, outputs>`, by the recorded graph."""

    def projected(*values: Array) -> Array:
        leaves = zip(subject.leaves, values, strict=True)
        found = replay.values({leaf._node: x.astype(float) for leaf, x in leaves})
        with np.errstate(all="ignore"):
            total = sum(
                float(np.sum(np.where(v == 0, 0.0, v * found.get(y._node, old))))
                for v, y, old in zip(cotangents, run.outputs, run.values, strict=True)
            )
        return np.asarray(total)

    return projected


def leaf_slopes(
    replay: Replay, leaf: Node, u: Array, outputs: Sequence[Any], cotangents: Sequence[Array]
) -> tuple[float, float]:
    """`<v, J u>` of the recorded graph for one leaf, without any rule, and its rounding error.

    The error is infinite where differences settle on nothing (stairs on the way).
    """
    slopes: Mapping[Node, Any] = replay.slopes({leaf: u})
    total, error = 0.0, 0.0
    for y, v in zip(outputs, cotangents, strict=True):
        ju = u if y._node is leaf else slopes.get(y._node)
        if ju is not None:
            ju = np.where(v == 0, 0.0, ju)
            total += float(np.sum(v * ju))
            error += rounding_of_dot(v, np.asarray(ju))
        if y._node in replay.doubtful:
            error = float("inf")
    return total, error


def slope_doubt(
    subject: Subject,
    replay: Replay,
    leaf: Node,
    u: Array,
    run: Run,
    cotangents: Sequence[Array],
    beside: Sequence[Array],
) -> float:
    """What a slope of `leaf_slopes` may be off by where large terms cancel.

    Two things: how far it moves with the direction's last digits, and the slope that would be
    invisible among the values of the function (a complex step leaves 1e-20 of what vanishes).
    """
    rng = np.random.default_rng(0)
    found = [leaf_slopes(replay, leaf, u, run.outputs, cotangents)[0]]
    for _ in range(3):
        nudged = u * (1 + _EPS * rng.integers(-2, 3, u.shape))
        found.append(leaf_slopes(replay, leaf, nudged, run.outputs, cotangents)[0])
    try:
        there = subject.run(beside, record=False)
    except SubjectFailed:
        return max(found) - min(found)
    change = 0.0
    if len(there.values) == len(run.values):
        for v, old, new in zip(cotangents, run.values, there.values, strict=True):
            if old.shape == new.shape:
                moved = np.where(v == 0, 0.0, np.abs(new.astype(float) - old))
                change += float(np.sum(np.abs(v) * moved))
    return max(found) - min(found) + _INVISIBLE * change / _MOVE
