"""The complex step: a derivative without a subtraction, exact to rounding where it applies.

`J u = Im f(x + i h u) / h` with `h = 1e-20` (Squire and Trapp, SIAM Review 40 (1998) 110; Martins,
Sturdza and Alonso, ACM TOMS 29 (2003) 245).

It needs every operation inside `f` to be analytic and to have a complex loop. `np.cbrt`, `hypot`,
`logaddexp`, `arctan2`, `floor` and `heaviside` have none and raise; `np.abs`, `np.sign` and a
conjugate transpose run and are *silently wrong*. Hence no complex step is believed before it agrees
with a difference of real values.
"""

from __future__ import annotations

import warnings

import numpy as np

from .differences import Array, Line

__all__ = [
    "AGREEMENT",
    "ComplexStepUnavailable",
    "STEP",
    "agrees",
    "complex_step",
    "slope_in",
    "underflows",
]

STEP = 1e-20
AGREEMENT = 1e-6
# Below it times the machine epsilon, floats have fewer digits.
_SMALL = 1e-290


class ComplexStepUnavailable(Exception):
    """The function refused complex input, or dropped the imaginary part on its way."""


def complex_step(line: Line, step: float = STEP) -> Array:
    """Derivative at 0 of `line`, called once with an imaginary `t`.

    Raises
    ------
    ComplexStepUnavailable
        If the function raises on complex input, returns a real array, or is not finite.
    """
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # Casting complex to real only warns, and loses the derivative.
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = np.asarray(line(1j * step))
    except (
        Exception
    ) as reason:  # whatever a foreign function raises on complex input means the same
        raise ComplexStepUnavailable(f"{type(reason).__name__}: {reason}") from reason
    return slope_in(value, step)


def slope_in(value: Array, step: float = STEP) -> Array:
    """The derivative in what a function returned for a complex step.

    Raises
    ------
    ComplexStepUnavailable
        If there is none.
    """
    if value.dtype.kind != "c":
        raise ComplexStepUnavailable("the function returned a real array for complex input")
    if underflows(value):
        raise ComplexStepUnavailable("the numbers are too small to hold a complex step")
    derivative = np.asarray(value.imag / step)
    if not np.isfinite(derivative).all():
        raise ComplexStepUnavailable("the complex step is not finite")
    return derivative


def underflows(value: Array) -> bool:
    """Are these numbers, or their imaginary parts, so small that digits are lost?"""
    # One reduction of both: every call of every op passes here.
    pairs = np.abs(np.ascontiguousarray(value).view(value.real.dtype)).reshape(-1, 2)
    real, imaginary = np.maximum.reduce(pairs, axis=0, initial=0.0).tolist()
    return bool(0 < real < _SMALL or 0 < imaginary < _SMALL)


def agrees(derivative: Array, reference: Array, error: Array, where: Array | bool = True) -> bool:
    """Does a complex step agree with a real difference to 1e-6 of its largest element?

    Parameters
    ----------
    derivative, reference, error : arrays of one shape
        The complex step; a difference of real values; the difference's absolute error.
    where : boolean array
        Elements to compare; leave out those at a kink, where a complex step follows one branch.
    """
    if derivative.shape != reference.shape:
        return False
    largest = float(np.max(np.abs(reference), initial=0.0, where=np.isfinite(reference)))
    # Written so that a NaN beside the point, the end of a domain, counts as apart.
    apart = ~(np.abs(derivative - reference) <= AGREEMENT * largest + 10 * error)
    return not bool(np.any(apart & where))
