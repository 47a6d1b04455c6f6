"""Every element of a gradient beside its numeric value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.node import Node
from .differences import Array
from .end_to_end import leaf_slopes
from .replay import Replay
from .tolerance import judge_elements

__all__ = ["Compared", "beside_corrected", "every_element"]

_ULPS = 256 * float(np.finfo(float).eps)


class Compared(NamedTuple):
    """The worst element: its index `at`, both values; and `|a - n| / tolerance` of all elements."""

    at: tuple[int, ...]
    analytic: float
    numeric: float
    ratio: Array


def every_element(
    replay: Replay, leaf: Node, analytic: Array, outputs: Sequence[Any], cotangents: Sequence[Array]
) -> Compared:
    """Compare a gradient with one derivative of the recorded graph for each element.

    Parameters
    ----------
    replay : Replay
        Of the graph that was recorded.
    leaf : Node
    analytic : array
        Its gradient; at least one element.
    outputs, cotangents
        Of the run.

    Returns
    -------
    Compared
        The worst element is the worst by its tolerance.
    """
    numeric, error = np.zeros(analytic.shape), np.zeros(analytic.shape)
    for index in np.ndindex(analytic.shape):
        u = np.zeros(analytic.shape)
        u[index] = 1.0
        numeric[index], error[index] = leaf_slopes(replay, leaf, u, outputs, cotangents)
    # What cancels within an element leaves rounding of the size of the largest.
    top = float(np.max(np.abs(numeric)))
    ratio = judge_elements(analytic, numeric, error + _ULPS * (np.abs(analytic) + top))
    return _worst(ratio, analytic, numeric, ratio)


def beside_corrected(analytic: Array, corrected: Array | None) -> Compared | None:
    """A gradient beside what it would be if every rule were right; None where that is not known.

    The worst element is the one with the largest difference.
    """
    if corrected is None or corrected.shape != analytic.shape or not analytic.size:
        return None
    top = float(np.max(np.abs(corrected)))
    error = _ULPS * (np.abs(analytic) + np.abs(corrected) + top)
    gap = np.where(np.isnan(analytic), np.inf, np.abs(analytic - corrected))
    return _worst(gap, analytic, corrected, judge_elements(analytic, corrected, error))


def _worst(badness: Array, analytic: Array, numeric: Array, ratio: Array) -> Compared:
    index = tuple(int(k) for k in np.unravel_index(int(np.argmax(badness)), badness.shape))
    return Compared(index, float(analytic[index]), float(numeric[index]), ratio)
