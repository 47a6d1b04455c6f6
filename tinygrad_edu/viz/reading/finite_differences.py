"""One step of backward against finite differences of the op's own forward function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.primitive import Primitive
from ...numerics.sums import sum_to_size
from ..formatting import number
from .rules import contribution_name, rule_lines
from .values import run_forward

STEP = 1e-6  # central differences in float64: the cube root of the rounding unit
AGREES = 1e-5
MOST = 64  # elements that are nudged one by one; of more, this many are picked evenly


def step_check(
    op: Primitive, arrays: Sequence[Any], params: dict[str, Any], g: Any, live: Sequence[int]
) -> str:
    """What central differences in float64 say of the rules of `op` at these inputs.

    Parameters
    ----------
    op : Primitive
    arrays, params
        Operands and keyword parameters of the call.
    g : array
        The cotangent that arrived.
    live : sequence of int
        Positions of the inputs that received a contribution.

    Returns
    -------
    str
        `finite differences agree to 2.1e-09`, or where and how far they do not.
    """
    wide = [_wide(a) for a in arrays]
    g = _wide(g)
    with np.errstate(all="ignore"):
        y = np.asarray(run_forward(op, wide, params))
        found = rule_lines(op, wide, params, y, g, live=live)
        worst, where = 0.0, ""
        for i, symbol in found.items():
            x = wide[i]
            exact = np.asarray(symbol.array)
            if exact.shape != x.shape:
                exact = sum_to_size(exact, x.shape)
            places = np.unique(np.linspace(0, x.size - 1, min(x.size, MOST)).astype(int))
            for k in places if x.size else ():
                slope = _slope(op, wide, params, g, i, int(k))
                got = float(exact.ravel()[k])
                error = abs(slope - got) / max(1.0, abs(slope), abs(got))
                if not error <= worst:  # a NaN is the worst there is
                    worst = error
                    at = tuple(int(n) for n in np.unravel_index(k, x.shape))
                    where = (
                        f"{contribution_name(op, i)}{list(at) if at else ''} is {number(got)}, "
                        f"finite differences give {number(slope)}"
                    )
    if worst <= AGREES:
        return f"finite differences agree to {worst:.1e}"
    kink = f" ({op.name} has a kink {op.kinks})" if op.kinks else ""
    return f"finite differences disagree: {where}{kink}"


def _wide(a: Any) -> Any:
    array = np.asarray(a)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _slope(
    op: Primitive, arrays: list[Any], params: dict[str, Any], g: Any, i: int, k: int
) -> float:
    ends = []
    x = arrays[i]
    h = STEP * max(1.0, abs(float(x.ravel()[k])))
    for sign in (1, -1):
        nudged = x.copy()
        nudged.ravel()[k] += sign * h
        moved = [nudged if j == i else a for j, a in enumerate(arrays)]
        ends.append(np.asarray(run_forward(op, moved, params)))
    return float(np.sum(g * (ends[0] - ends[1]))) / (2 * h)
