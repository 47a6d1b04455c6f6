"""Every element of a gradient beside a derivative of the recorded graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.node import Node
from .differences import Array
from .end_to_end import leaf_slopes
from .replay import Replay
from .tolerance import judge_elements

__all__ = ["every_element"]

_ULPS = 256 * float(np.finfo(float).eps)


def every_element(
    replay: Replay,
    leaf: Node,
    analytic: Array,
    outputs: Sequence[Any],
    cotangents: Sequence[Array],
) -> tuple[tuple[int, ...], float, float, Array]:
    """Compare a gradient element by element.

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
    (index, float, float, array)
        The worst element by its tolerance, its analytic and numeric value, and |a - n| / tolerance
        of all of them.
    """
    numeric, error = np.zeros(analytic.shape), np.zeros(analytic.shape)
    for index in np.ndindex(analytic.shape):
        u = np.zeros(analytic.shape)
        u[index] = 1.0
        numeric[index], error[index] = leaf_slopes(replay, leaf, u, outputs, cotangents)
    # What cancels within an element leaves rounding of the size of the largest.
    top = float(np.max(np.abs(numeric)))
    ratio = judge_elements(analytic, numeric, error + _ULPS * (np.abs(analytic) + top))
    worst = tuple(int(k) for k in np.unravel_index(int(np.argmax(ratio)), ratio.shape))
    return worst, float(analytic[worst]), float(numeric[worst]), ratio
