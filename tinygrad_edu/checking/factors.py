"""Names for numbers: which 2, 1/m or sqrt(d) a gradient is off by, and what that usually means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["NamedFactor", "candidate_factors", "name_factor", "show_number"]

_CLOSE = 1e-7


@dataclass(frozen=True, slots=True)
class NamedFactor:
    """A number `k` in `analytic = k x numeric`, with a name and the usual cause.

    `text` is like `18 = x.size`; `cause` like `the 1/m of a mean is missing`; both may be empty.
    """

    value: float
    text: str
    cause: str


def show_number(value: float) -> str:
    """`18`, `0.5`, `1.000001`: seven significant digits, more only where 1 would hide the error."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(abs(value) - 1) < 1e-3 and abs(value) != 1:
        digits = min(16, 2 + math.ceil(-math.log10(abs(abs(value) - 1))))
        return f"{value:.{digits}g}"
    return f"{value:.7g}"


def candidate_factors(
    shapes: Mapping[str, Sequence[int]], attributes: Mapping[str, object]
) -> list[tuple[float, str, str]]:
    """`(value, name, cause)` of every likely forgotten or doubled factor, simplest first."""
    half, double = "a factor 2 is missing (d(x^2) = 2x dx)", "one factor 2 too many"
    found: list[tuple[float, str, str]] = [
        (2.0, "2", double),
        (0.5, "1/2", half),
        (3.0, "3", "one factor 3 too many"),
        (1 / 3, "1/3", "a factor 3 is missing (d(x^3) = 3x^2 dx)"),
    ]
    sizes: list[tuple[float, str, bool]] = []
    for name, shape in shapes.items():
        total = math.prod(shape)
        if total > 1:
            sizes.append((float(total), f"{name}.size", True))
        for axis, length in enumerate(shape):
            if 1 < length != total:
                sizes.append((float(length), f"{name}.shape[{axis}]", False))
    for size, name, _ in sizes:
        found.append((size, name, f"the 1/{_plain(size)} of a mean is missing"))
        found.append((1 / size, f"1/{name}", "averaged where the function sums"))
    for size, name, _ in sizes:
        found.append(
            (size / 2, f"{name}/2", f"the factor 2/{_plain(size)} of a mean square is missing")
        )
        found.append((2 / size, f"2/{name}", "averaged where the function sums, and doubled"))
        found.append((2 * size, f"2 {name}", f"the 1/{_plain(size)} is missing, and doubled"))
        found.append(
            (1 / (2 * size), f"1/(2 {name})", "averaged where the function sums, and halved")
        )
        found.append((math.sqrt(size), f"sqrt({name})", "a square root of the size"))
        found.append((1 / math.sqrt(size), f"1/sqrt({name})", "a square root of the size"))
        if size > 2:
            unbiased = "n against n - 1 in a variance"
            found.append((size / (size - 1), f"n/(n - 1) with n = {name}", unbiased))
            found.append(((size - 1) / size, f"(n - 1)/n with n = {name}", unbiased))
    for name, given in attributes.items():
        if isinstance(given, bool) or not isinstance(given, (int, float, np.floating, np.integer)):
            continue
        value = float(given)
        found.append((value, name, f"{name} is applied once too often"))
        found.append((1 - value, f"1 - {name}", f"1 - {name} is applied once too often"))
        if value != 0:
            found.append((1 / value, f"1/{name}", f"{name} is missing"))
        if value != 1:
            found.append((1 / (1 - value), f"1/(1 - {name})", f"1 - {name} is missing"))
        if value > 0 and value != 1:
            found.append(
                (math.log(value), f"log({name})", f"log({name}) is applied once too often")
            )
            found.append((1 / math.log(value), f"1/log({name})", f"log({name}) is missing"))
    found += [
        (math.pi, "pi", "one pi too many"),
        (1 / math.pi, "1/pi", "a pi is missing"),
        (math.sqrt(2), "sqrt(2)", "one sqrt(2) too many"),
        (1 / math.sqrt(2), "1/sqrt(2)", "a sqrt(2) is missing"),
        (math.sqrt(math.pi) / 2, "sqrt(pi)/2", "the 2/sqrt(pi) of erf is missing"),
        (math.sqrt(2 * math.pi), "sqrt(2 pi)", "the 1/sqrt(2 pi) of a normal is missing"),
        (4.0, "4", "a factor 2 squared too many"),
        (0.25, "1/4", "a factor 4 is missing"),
        (math.log(2), "log(2)", "one log(2) too many"),
        (1 / math.log(2), "1/log(2)", "the log(2) of a base-2 function is missing"),
        (math.log(10), "log(10)", "the 1/log(10) of a base-10 function is missing"),
        (1 / math.log(10), "1/log(10)", "one 1/log(10) too many"),
        (180 / math.pi, "180/pi", "degrees for radians"),
        (math.pi / 180, "pi/180", "degrees for radians"),
    ]
    return [(value, name, cause) for value, name, cause in found if value not in (0.0, 1.0, -1.0)]


def _plain(size: float) -> str:
    return f"{int(size)}"


def name_factor(
    k: float, shapes: Mapping[str, Sequence[int]], attributes: Mapping[str, object]
) -> NamedFactor:
    """Name `k` if it is a likely factor; `text` and `cause` are empty if it is just a number.

    Where several names fit, the first two are given: a batch of two cannot be told from a forgotten
    2.
    """
    fits: list[tuple[str, str]] = []
    for value, name, cause in candidate_factors(shapes, attributes):
        if abs(abs(k) - abs(value)) <= _CLOSE * abs(value) and (k > 0) == (value > 0):
            fits.append((name, cause))
    if not fits:
        return NamedFactor(k, "", "")
    number = show_number(k)
    names = [name for name, _ in fits if name != number][:2]
    text = " = ".join([number, " or ".join(names)]) if names else number
    causes = [fits[0][1]]
    if fits[0][0] == number:
        # A 2 or 3 of the formula, or a dimension that happens to be 2 or 3.
        causes += [cause for name, cause in fits[1:] if name in names and cause != fits[0][1]][:1]
    return NamedFactor(k, text, ", or ".join(causes))
