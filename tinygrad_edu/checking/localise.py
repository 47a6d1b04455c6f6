"""Find single wrong elements of a large gradient by bisection, in `log2(n)` derivatives each.

With the analytic gradient `g = J^T v` known in full, `<g, u> - <v, J u>` for `u` on a block of
elements is the sum of the block's errors with random signs; halving the block that holds an error
ends at its element. The discrepancy of one half is the difference of the whole and the other half,
so each halving costs one directional derivative.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .differences import Array
from .tolerance import KAPPA, rounding_of_dot

__all__ = ["Hunt", "WrongElement", "wrong_elements"]

# u -> (<v, J u>, absolute error)
DirectionalDerivative = Callable[[Array], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class WrongElement:
    """One wrong element: its index, both values, and the error of the numeric one."""

    index: tuple[int, ...]
    analytic: float
    numeric: float
    error: float


@dataclass
class Hunt:
    """What a bisection found.

    Attributes
    ----------
    elements : list of WrongElement
        Largest error first.
    derivatives : int
        Directional derivatives used.
    complete : bool
        Every element not listed was seen to be right along a random direction.
    """

    elements: list[WrongElement] = field(default_factory=list)
    derivatives: int = 0
    complete: bool = False


def wrong_elements(
    analytic: Array,
    directional: DirectionalDerivative,
    scale: Array | None = None,
    *,
    rng: np.random.Generator,
    limit: int = 8,
    budget: int = 200,
) -> Hunt:
    """Find up to `limit` wrong elements of `analytic`, largest discrepancy first.

    Parameters
    ----------
    analytic : array
        `J^T v` as the rule gives it.
    directional : callable
        `u -> (<v, J u>, absolute error)`, computed without the rule.
    scale : array, optional
        Positive size of the step for each element; 1 if left out.
    rng : numpy Generator
        Draws the signs, so that two errors do not cancel.
    limit, budget : int
        Elements to find, and directional derivatives to spend, at most.
    """
    flat = analytic.ravel()
    size = np.ones(flat.size) if scale is None else scale.ravel()
    signs = np.where(rng.random(flat.size) < 0.5, -size, size)
    hunt = Hunt()

    def discrepancy(start: int, stop: int) -> tuple[float, float]:
        u = np.zeros(flat.size)
        u[start:stop] = signs[start:stop]
        numeric, error = directional(u.reshape(analytic.shape))
        hunt.derivatives += 1
        rounding = rounding_of_dot(flat[start:stop], signs[start:stop])
        return float(flat[start:stop] @ signs[start:stop]) - numeric, KAPPA * (error + rounding)

    if flat.size == 0:
        hunt.complete = True
        return hunt
    gap, tolerance = discrepancy(0, flat.size)
    blocks = [(-abs(gap), 0, flat.size, gap, tolerance)] if abs(gap) > tolerance else []
    while blocks and len(hunt.elements) < limit and hunt.derivatives < budget:
        _, start, stop, gap, tolerance = heapq.heappop(blocks)
        if stop - start == 1:
            _confirm(hunt, flat, analytic.shape, start, directional, size)
            continue
        middle = (start + stop) // 2
        left, left_tolerance = discrepancy(start, middle)
        right, right_tolerance = gap - left, tolerance + left_tolerance
        for part, bound, first, last in (
            (left, left_tolerance, start, middle),
            (right, right_tolerance, middle, stop),
        ):
            if abs(part) > bound:
                heapq.heappush(blocks, (-abs(part), first, last, part, bound))
    hunt.complete = not blocks and bool(hunt.elements)
    hunt.elements.sort(key=lambda e: -abs(e.analytic - e.numeric))
    return hunt


def _confirm(
    hunt: Hunt,
    flat: Array,
    shape: tuple[int, ...],
    place: int,
    directional: DirectionalDerivative,
    size: Array,
) -> None:
    """Measure one element alone: the blocks' differences carry the rounding of the others."""
    u = np.zeros(flat.size)
    u[place] = size[place]
    numeric, error = directional(u.reshape(shape))
    hunt.derivatives += 1
    numeric, error = numeric / size[place], error / size[place]
    mine = float(flat[place])
    if abs(mine - numeric) > KAPPA * (error + 64 * float(np.finfo(float).eps) * abs(mine)):
        index = tuple(int(k) for k in np.unravel_index(place, shape))
        hunt.elements.append(WrongElement(index, mine, numeric, error))
