"""The Taylor test: does the remainder shrink as fast as a right gradient makes it?

With `phi(t) = f(x + t u)` and the claimed slope `a = <g, u>`: `R1(h) = |phi(h) - phi(0) - h a|` has
order 2 if `a` is right and 1 if not. The symmetric remainder `S(h) = |phi(h) - phi(-h) - 2 h a| /
2` has order 3 against 1, and `S(h) / h` at small `h` *is* the error of the slope. Rates alone are
blind below about 0.1 %, so the verdict rests on that error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..engine.traced import raw
from .differences import Array, Line, ridders, with_retries
from .directional import checked_inputs, direction_like, line_through
from .tensor_functions import arrays_of, on_arrays
from .tolerance import RESOLUTION, Status, judge, rounding_of_dot

__all__ = ["DEFAULT_STEPS", "TaylorTest", "taylor_remainders", "taylor_test"]

DEFAULT_STEPS = tuple(0.01 / 2**i for i in range(4))
_FLOOR_ULPS = 8.0


@dataclass(frozen=True)
class TaylorTest:
    """Remainders, rates and the error of a gradient along one direction.

    Attributes
    ----------
    status : PASS, FAIL or INCONCLUSIVE
        From the error of the slope, not from the rates.
    steps : tuple of float
    first_order, symmetric, second_order : tuple of float
        `R1`, `S`, and with a Hessian `R2 = |R1 - h^2 <u, H u> / 2|` (order 3); else empty.
    first_rates, symmetric_rates, second_rates : tuple of float
        `log2` of successive ratios over `log2` of the steps' ratios; NaN below the round-off floor.
    slope, numeric, slope_error : float
        `<g, u>`, the numeric slope, and their relative difference.
    exact : bool
        Every remainder is below the round-off floor: the model is exact (f is linear along u).
    resolution : float
        The smallest relative error this test could see.
    """

    status: Status
    steps: tuple[float, ...]
    first_order: tuple[float, ...]
    symmetric: tuple[float, ...]
    second_order: tuple[float, ...]
    first_rates: tuple[float, ...]
    symmetric_rates: tuple[float, ...]
    second_rates: tuple[float, ...]
    slope: float
    numeric: float
    slope_error: float
    exact: bool
    resolution: float

    def __bool__(self) -> bool:
        return self.status == "PASS"

    def __repr__(self) -> str:
        lines = [
            f"TaylorTest {self.status}   relative error of the gradient along u: "
            f"{self.slope_error:.2e}",
            "  step        R1          rate    S           rate",
        ]
        for k, h in enumerate(self.steps):
            rates = ("", "")
            if k:
                rates = (f"{self.first_rates[k - 1]:.3f}", f"{self.symmetric_rates[k - 1]:.3f}")
            lines.append(
                f"  {h:<10.3e}  {self.first_order[k]:<10.3e}  {rates[0]:<6}  "
                f"{self.symmetric[k]:<10.3e}  {rates[1]:<6}"
            )
        if self.exact:
            lines.append("  model exact: every remainder is rounding alone")
        else:
            lines.append("  a right gradient has rates 2 and 3, a wrong one 1 and 1")
        return "\n".join(lines)


def taylor_remainders(
    line: Line, slope: float, steps: Sequence[float], curvature: float | None = None
) -> tuple[list[float], list[float], list[float], list[float]]:
    """`R1`, `S`, `R2` (empty without `curvature = <u, H u>`) and the floor at each step."""
    start = float(line(0.0))
    first, symmetric, second, floor = [], [], [], []
    eps = float(np.finfo(float).eps)
    for h in steps:
        plus, minus = float(line(h)), float(line(-h))
        first.append(abs(plus - start - h * slope))
        symmetric.append(abs(plus - minus - 2 * h * slope) / 2)
        if curvature is not None:
            second.append(abs(plus - start - h * slope - h * h * curvature / 2))
        largest = max(abs(start), abs(plus), abs(minus))
        floor.append(_FLOOR_ULPS * eps * max(largest, abs(h * slope)))
    return first, symmetric, second, floor


def _rates(
    remainders: list[float], steps: Sequence[float], floor: list[float]
) -> tuple[float, ...]:
    rates = []
    for k in range(1, len(remainders)):
        if remainders[k] <= floor[k] or remainders[k - 1] <= floor[k - 1]:
            rates.append(math.nan)
            continue
        rates.append(
            math.log(remainders[k - 1] / remainders[k]) / math.log(steps[k - 1] / steps[k])
        )
    return tuple(rates)


def taylor_test(
    function: Callable[..., object],
    gradient: object,
    *inputs: object,
    direction: Sequence[object] | None = None,
    hessian_product: float | None = None,
    steps: Sequence[float] | None = None,
    resolution: float = RESOLUTION,
    seed: int = 0,
) -> TaylorTest:
    """Test a claimed gradient of a scalar function along one direction.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns one number.
    gradient : array, or sequence of arrays for several inputs
        The claimed gradient at these inputs.
    inputs : arrays or Tensors of floats
    direction : sequence of arrays, optional
        One per input; random if left out.
    hessian_product : float, optional
        `<u, H u>`; adds the second-order remainder.
    steps : sequence of float, optional
        Decreasing; 0.01, 0.005, 0.0025, 0.00125 by default.

    Raises
    ------
    ValueError
        If shapes do not match, or the function does not return one number.
    """
    function, inputs = on_arrays(function, inputs), tuple(arrays_of(inputs))
    gradient = arrays_of(gradient) if isinstance(gradient, (tuple, list)) else raw(gradient)
    direction = None if direction is None else arrays_of(direction)
    arrays = checked_inputs(inputs, range(len(inputs)))
    given = [gradient] if len(arrays) == 1 and not isinstance(gradient, (tuple, list)) else gradient
    slopes = [np.asarray(g, dtype=float) for g in given]
    if len(arrays) == 1 and len(slopes) != 1:
        slopes = [np.asarray(gradient, dtype=float)]
    if len(slopes) != len(arrays):
        raise ValueError(
            f"{len(slopes)} gradients for {len(arrays)} inputs; give one gradient for each input"
        )
    rng = np.random.default_rng(seed)
    directions = (
        [direction_like(x, rng) for x in arrays]
        if direction is None
        else [np.asarray(u, dtype=float) for u in direction]
    )
    for position, (x, g, u) in enumerate(zip(arrays, slopes, directions, strict=True)):
        for what, array in (("gradient", g), ("direction", u)):
            if array.shape != x.shape:
                raise ValueError(
                    f"input {position} has shape {x.shape}, its {what} has {array.shape}; "
                    f"both must have the input's shape"
                )

    def scalar(*moved: Array) -> Array:
        value = np.asarray(function(*moved))
        if value.size != 1:
            raise ValueError(
                f"the function returned shape {value.shape}; a Taylor test needs one number: "
                f"sum it, or take the inner product with a fixed array"
            )
        return value.reshape(())

    line = line_through(scalar, arrays, list(directions))
    slope = sum(float(np.sum(g * u)) for g, u in zip(slopes, directions, strict=True))
    chosen = tuple(DEFAULT_STEPS if steps is None else steps)
    first, symmetric, second, floor = taylor_remainders(line, slope, chosen, hessian_product)
    estimate = with_retries(line, first=ridders(line))
    rounding = sum(rounding_of_dot(g, u) for g, u in zip(slopes, directions, strict=True))
    judged = judge(
        slope,
        float(estimate.value),
        float(estimate.error),
        rounding,
        scale=1e-2 * abs(float(line(0.0))),
        resolution=resolution,
    )
    exact = all(r <= f for r, f in zip(first, floor, strict=True))
    size = max(abs(judged.numeric), 1e-300)
    return TaylorTest(
        judged.status,
        chosen,
        tuple(first),
        tuple(symmetric),
        tuple(second),
        _rates(first, chosen, floor),
        _rates(symmetric, chosen, floor),
        _rates(second, chosen, floor),
        slope,
        judged.numeric,
        abs(slope - judged.numeric) / size,
        exact,
        judged.resolution,
    )
