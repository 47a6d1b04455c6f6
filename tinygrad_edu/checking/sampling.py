"""Points near the given one: a rule that is right there by luck is wrong beside it.

Luck is symmetry, zeros, ties or saturation among the values given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .differences import Array
from .directional import element_scale
from .operation import RuleRaised, Sealed, sealed

__all__ = ["JITTER", "jittered", "point_and_output_beside", "point_beside", "shuffled"]

JITTER = 0.2


def jittered(x: Array, size: float, rng: np.random.Generator) -> Array:
    """`x_i (1 + size r_i)` with `r` in [-1, 1]; zeros move by half of `size` times the rms."""
    if x.size == 0:
        return x
    r = rng.uniform(-1, 1, x.shape)
    rms = math.sqrt(float(np.vdot(x, x)) / x.size)
    if rms == 0 or not math.isfinite(rms):
        rms = float(element_scale(x).max(initial=1.0))
    return np.asarray(np.where(x == 0, 0.5 * size * rms * r, x * (1 + size * r)))


def shuffled(x: Array, rng: np.random.Generator) -> Array:
    """The same values in other places: tells a wrong place from a wrong value."""
    return np.asarray(rng.permutation(x.ravel()).reshape(x.shape))


def point_beside(
    call: Sealed,
    inputs: Sequence[Array],
    wrt: Sequence[int],
    rng: np.random.Generator,
    *,
    shuffle: bool = False,
) -> list[Array] | None:
    """Read-only inputs at a point nearby where the op is finite, or None if there is none."""
    found = point_and_output_beside(call, inputs, wrt, rng, shuffle=shuffle)
    return None if found is None else found[0]


def point_and_output_beside(
    call: Sealed,
    inputs: Sequence[Array],
    wrt: Sequence[int],
    rng: np.random.Generator,
    *,
    shuffle: bool = False,
) -> tuple[list[Array], Array] | None:
    """`point_beside`, and the op's output there.

    The move shrinks by 4 up to four times, so that arccos near 1 and log near 0 keep their domain.
    """
    size = JITTER
    for attempt in range(5):
        moved = list(inputs)
        for j in wrt:
            base = shuffled(inputs[j], rng) if shuffle and attempt == 0 else inputs[j]
            moved[j] = sealed(jittered(base, size, rng))
        try:
            with np.errstate(all="ignore"):
                output = call.forward(moved)
        except RuleRaised:
            # Outside the domain is no fault of the op; closer by may be inside.
            size /= 4
            continue
        if np.isfinite(output).all():
            return moved, output
        size /= 4
    return None
