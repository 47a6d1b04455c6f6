"""Directional derivatives of functions of several arrays, by the best method each allows.

`method="auto"`: the complex step if it agrees with a difference of real values, else Richardson
extrapolation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from .complex_step import ComplexStepUnavailable, agrees, complex_step
from .differences import Array, Line, central, ridders, with_retries
from .kinks import KINK, SCREEN_STEP, SMOOTH, Screen, screen
from .tensor_functions import arrays_of, on_arrays

__all__ = [
    "Directional",
    "Function",
    "METHODS",
    "Method",
    "NumericGrad",
    "checked_inputs",
    "derivative",
    "direction_like",
    "element_scale",
    "line_through",
    "numeric_grad",
    "trustworthy",
]

Function = Callable[..., Array]
Method = Literal["auto", "central", "richardson", "complex"]
METHODS: tuple[Method, ...] = ("auto", "central", "richardson", "complex")
_TINY = 1e-6
_ULPS = 64 * float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class Directional:
    """A directional derivative `J u`.

    Attributes
    ----------
    value, error : array, shape of the function's output
        `J u` and its absolute error.
    jump : array
        `f'(0+) - f'(0-)` along `u`; 0 where smooth.
    low, high : array
        Clarke interval; both equal `value` where smooth.
    kind : array of int
        SMOOTH, KINK, CUSP or STEP of `kinks`.
    method : str
        "complex step", "Richardson" or "central".
    evaluations : int
    """

    value: Array
    error: Array
    jump: Array
    low: Array
    high: Array
    kind: Array
    method: str
    evaluations: int


class NumericGrad(NamedTuple):
    """Numeric gradient (of a scalar function) or Jacobian, by elements of one input.

    `value`, `error` (absolute) and `jump` have shape `output.shape + input.shape`; `method` names
    what made them.
    """

    value: Array
    error: Array
    jump: Array
    method: str


def element_scale(x: Array) -> Array:
    """Natural step of each element: `max(|x_i|, 0.01 rms)`, and 1 where everything is 0.

    Steps in proportion to it stay inside the domain of log and sqrt; so elements below a millionth
    of the rms step by their own size.
    """
    size = np.abs(x)
    flat = size.ravel()
    rms = math.sqrt(float(flat @ flat) / x.size) if x.size else 0.0
    if not math.isfinite(rms):
        # Infinite entries (the mask of a softmax) stay where they are.
        finite = np.isfinite(size)
        size = np.where(finite, size, 0.0)
        top = float(np.max(size)) or 1.0
        return np.where(finite, np.maximum(size, 0.01 * top), 0.0)
    scale = np.maximum(size, 0.01 * rms if rms > 0 else 1.0)
    if rms > 0 and float(np.minimum.reduce(flat)) < _TINY * rms:
        least = float(np.min(size, initial=np.inf, where=size > 0))
        if least < _TINY * rms:
            scale = np.where(size < _TINY * rms, np.maximum(size, least), scale)
    return np.asarray(scale)


def direction_like(x: Array, rng: np.random.Generator) -> Array:
    """A random direction with `|u_i|` between 0.5 and 1.5 of `element_scale(x)`."""
    r = rng.random(x.shape) * 2 - 1
    return np.asarray(element_scale(x) * (r + np.copysign(0.5, r)))


def line_through(
    function: Function, inputs: Sequence[Array], directions: Sequence[Array | None]
) -> Line:
    """`t -> f(x + t u)`; inputs whose direction is None stand still."""

    def line(t: complex) -> Array:
        moved = [
            x if u is None else np.asarray(x + t * u)
            for x, u in zip(inputs, directions, strict=True)
        ]
        return np.asarray(function(*moved))

    return line


def _smooth(value: Array, error: Array, method: str, evaluations: int) -> Directional:
    zero = np.zeros(value.shape)
    return Directional(
        value, error, zero, value, value, np.zeros(value.shape, np.int8), method, evaluations
    )


def _complex_error(value: Array) -> Array:
    return np.asarray(_ULPS * np.abs(value))


def derivative(
    line: Line,
    method: Method = "auto",
    *,
    look: Screen | None = None,
    retries: bool = True,
    trusted: bool = False,
) -> Directional:
    """Derivative at 0 of a line, with its error, jump and method.

    Parameters
    ----------
    line : callable, float -> array
    method : "auto", "central", "richardson" or "complex"
    look : Screen, optional
        A kink screen of this line made before; made here if missing.
    retries : bool
        Confirm Richardson's value at a twelfth and a six-hundredth of the step.
    trusted : bool
        The complex step of this function was tested before.

    Raises
    ------
    ComplexStepUnavailable
        `method="complex"` and the function does not allow it, or its complex step contradicts its
        real values.
    ValueError
        For an unknown method.
    """
    if method not in METHODS:
        raise ValueError(
            f"method={method!r} is not a method of differentiation; use one of {', '.join(METHODS)}"
        )
    if look is None:
        look = screen(line)
    evaluations = look.evaluations
    if method == "central":
        value = central(line, SCREEN_STEP)
        found = _smooth(value, look.slope_error, "central", evaluations + 2)
    else:
        found = _best(line, method, look, evaluations, retries, trusted)
    # A difference takes a kink beside the point for one at it, and converges to the middle.
    exact = found.method == "complex step"
    kind = look.kind if exact else look.coarse
    if not kind.any():
        return found
    at_kink = kind == KINK
    rough = (kind != SMOOTH) & ~at_kink
    branch = found.value
    least, most = (branch, branch) if exact else (look.slope, look.slope)
    low = np.where(at_kink, np.minimum(look.low, least), branch)
    high = np.where(at_kink, np.maximum(look.high, most), branch)
    value = np.where(at_kink, look.slope, branch)
    error = np.where(at_kink, look.slope_error, np.where(rough, np.inf, found.error))
    jump = np.where(at_kink, look.jump, 0.0)
    return Directional(value, error, jump, low, high, kind, found.method, found.evaluations)


def trustworthy(line: Line, value: Array, look: Screen) -> bool:
    """Does a complex step agree with the function's real values, at some step?

    Where it does not at the screen's step, the function may vary too fast for that step, or round
    more than its size tells: look again closer, with measured rounding.
    """
    if agrees(value, look.slope, look.slope_error, look.coarse == SMOOTH):
        return True
    for closer in (1.0, 1e-2, 1e-4, 1e-5):
        step = SCREEN_STEP * closer
        again = screen(line, step, measure=True)
        largest = float(np.max(np.abs(again.slope), initial=0.0))
        sharp = float(np.max(again.slope_error, initial=0.0)) <= 1e-2 * largest
        if sharp and not again.coarse.any() and agrees(value, again.slope, again.slope_error):
            return True
    return False


def _best(
    line: Line, method: Method, look: Screen, evaluations: int, retries: bool, trusted: bool
) -> Directional:
    if method in ("auto", "complex"):
        try:
            value = complex_step(line)
            evaluations += 1
            if not (trusted or trustworthy(line, value, look)):
                raise ComplexStepUnavailable("the complex step contradicts the function's values")
            return _smooth(value, _complex_error(value), "complex step", evaluations)
        except ComplexStepUnavailable:
            if method == "complex":
                raise
            evaluations += 1
    first = ridders(line, noise=look.noise)
    estimate = with_retries(line, first=first, noise=look.noise) if retries else first
    evaluations += first.evaluations + (estimate.evaluations if retries else 0)
    return _smooth(estimate.value, estimate.error, "Richardson", evaluations)


def checked_inputs(inputs: Sequence[object], wrt: Sequence[int]) -> list[Array]:
    """Private float64 copies of the inputs that are differentiated; the others as arrays.

    Raises
    ------
    TypeError
        For an integer, boolean or complex input that should be differentiated.
    ValueError
        For a NaN or an infinity in one.
    """
    arrays: list[Array] = []
    for position, given in enumerate(inputs):
        array = np.asarray(given)
        if position not in wrt:
            arrays.append(array)
            continue
        if array.dtype.kind != "f":
            raise TypeError(
                f"input {position} has dtype {array.dtype} and no derivative; give it as floats "
                f"(x.astype(float)), or leave it out of wrt"
            )
        bad = ~np.isfinite(array)
        if bad.any():
            index = tuple(int(k) for k in np.argwhere(bad)[0])
            raise ValueError(
                f"input {position} holds {array[index]} at index {index}; a gradient can be "
                f"checked at finite points "
                f"only: replace the value or drop the row"
            )
        arrays.append(np.array(array, dtype=float))
    return arrays


def numeric_grad(
    function: Function, *inputs: object, wrt: int = 0, method: Method = "auto"
) -> NumericGrad:
    """Derivative of `function` by every element of one input, from values of the function alone.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns one array (a Tensor, if the inputs are Tensors).
    inputs : arrays or Tensors
    wrt : int
        Position of the input to differentiate by.
    method : "auto", "central", "richardson" or "complex"

    Returns
    -------
    NumericGrad
        `(value, error, jump, method)`, arrays of shape `output.shape + input.shape`.
    """
    function, inputs = on_arrays(function, inputs), tuple(arrays_of(inputs))
    if not 0 <= wrt < len(inputs):
        raise IndexError(
            f"wrt={wrt}, but there are {len(inputs)} inputs; use 0 to {len(inputs) - 1}"
        )
    arrays = checked_inputs(inputs, (wrt,))
    x = arrays[wrt]
    scale = element_scale(x)
    out_shape = np.shape(function(*arrays))
    value, error, jump = (np.zeros((*out_shape, *x.shape)) for _ in range(3))
    methods: list[str] = []
    for index in np.ndindex(x.shape):
        u = np.zeros(x.shape)
        u[index] = scale[index]
        directions: list[Array | None] = [None] * len(arrays)
        directions[wrt] = u
        found = derivative(line_through(function, arrays, directions), method)
        place = (..., *index)
        value[place] = found.value / scale[index]
        error[place] = found.error / scale[index]
        jump[place] = found.jump / scale[index]
        methods.append(found.method)
    return NumericGrad(value, error, jump, " and ".join(sorted(set(methods))) or "none needed")
