"""When two derivatives count as equal, and when nobody can tell.

`pass` iff `|a - n| <= kappa (e_num + e_ana)`: the tolerance is made of estimated errors, never of
fixed numbers, so it scales with the loss. The *resolution* `rho = kappa (e_num + e_ana) / max(|n|,
scale)` is the smallest relative error that this comparison could have seen; above the resolution
asked for, a pass is worth nothing and becomes INCONCLUSIVE.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .differences import Array

__all__ = [
    "FAIL",
    "INCONCLUSIVE",
    "INVALID",
    "Judgement",
    "KAPPA",
    "NONDETERMINISTIC",
    "PASS",
    "RESOLUTION",
    "Status",
    "judge",
    "judge_elements",
    "root_of_squares",
    "rounding_of_dot",
    "worst_status",
]

Status = Literal["PASS", "FAIL", "INCONCLUSIVE", "NONDETERMINISTIC", "INVALID"]
PASS: Status = "PASS"
FAIL: Status = "FAIL"
INCONCLUSIVE: Status = "INCONCLUSIVE"
NONDETERMINISTIC: Status = "NONDETERMINISTIC"
INVALID: Status = "INVALID"

# Ridders' estimate was exceeded tenfold in 0.02 % of 5,000 cases, never a hundredfold.
KAPPA = 10.0
RESOLUTION = 1e-7
_ULPS = 64.0
_SEVERITY: tuple[Status, ...] = (PASS, INCONCLUSIVE, NONDETERMINISTIC, FAIL, INVALID)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One comparison of an analytic with a numeric derivative.

    Attributes
    ----------
    status : PASS, FAIL or INCONCLUSIVE
    analytic, numeric : float
    e_num, e_ana : float
        Estimated absolute errors of the two.
    tolerance : float
        `kappa (e_num + e_ana)`.
    relative_error : float
        `|a - n| / max(|a|, |n|)`; 0 where both are 0.
    resolution : float
        Smallest relative error this comparison could see.
    """

    status: Status
    analytic: float
    numeric: float
    e_num: float
    e_ana: float
    tolerance: float
    relative_error: float
    resolution: float


def rounding_of_dot(left: Array, right: Array, eps: float = float(np.finfo(float).eps)) -> float:
    """Cheap bound of the rounding in `<left, right>`: `64 eps sum |left_i right_i|`."""
    return _ULPS * eps * float(np.abs(left * right).sum())


def root_of_squares(x: Array) -> float:
    """`sqrt(sum x_i^2)`, without underflow: errors of a loss of 1e-300 are not 0."""
    top = float(np.max(np.abs(x), initial=0.0))
    if top == 0 or not math.isfinite(top):
        return top
    return top * float(np.sqrt(np.sum((x / top) ** 2)))


def judge(
    analytic: float,
    numeric: float,
    e_num: float,
    e_ana: float,
    *,
    scale: float = 0.0,
    resolution: float = RESOLUTION,
    low: float | None = None,
    high: float | None = None,
) -> Judgement:
    """Compare two numbers by the errors they are known to have.

    Parameters
    ----------
    analytic, numeric : float
    e_num, e_ana : float
        Absolute errors; infinite or NaN makes the comparison INCONCLUSIVE.
    scale : float
        Size below which the derivative counts as 0 for the resolution (a typical derivative of this
        function).
    resolution : float
        Relative error that must have been visible for a PASS.
    low, high : float, optional
        Clarke interval at a kink: any analytic value inside is right.
    """
    tolerance = KAPPA * (e_num + e_ana)
    low, high = numeric if low is None else low, numeric if high is None else high
    distance = max(low - analytic, analytic - high, 0.0)
    size = max(abs(analytic), abs(numeric))
    relative = distance / size if size > 0 else 0.0
    reference = max(abs(numeric), scale)
    if tolerance == 0:
        seen = 0.0
    else:
        seen = tolerance / reference if reference > 0 else math.inf
    if not math.isfinite(analytic) and math.isfinite(numeric):
        return Judgement(FAIL, analytic, numeric, e_num, e_ana, tolerance, math.inf, seen)
    if not (math.isfinite(tolerance) and math.isfinite(numeric)):
        status: Status = INCONCLUSIVE
    elif distance > tolerance:
        status = FAIL
    elif seen > resolution:
        status = INCONCLUSIVE
    else:
        status = PASS
    return Judgement(status, analytic, numeric, e_num, e_ana, tolerance, relative, seen)


def judge_elements(analytic: Array, numeric: Array, error: Array) -> Array:
    """`|a - n| / tolerance` for each element: above 1 is wrong. `error` is `e_num + e_ana`.

    Where the tolerance is 0 the quotient is 0 if both agree exactly and infinite if not.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.abs(analytic - numeric) / (KAPPA * error)
    quotient = np.where(analytic == numeric, 0.0, quotient)
    return np.asarray(np.where(np.isnan(quotient), np.inf, quotient))


def worst_status(*statuses: Status) -> Status:
    """The gravest of several; PASS if there are none."""
    return max(statuses, key=_SEVERITY.index, default=PASS)
