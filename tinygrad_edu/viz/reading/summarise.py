"""Arrays in words and figures: a card's value row, its histogram, its heat-map."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..formatting import number
from ..model import Heatmap, Histogram, Summary

SMALL = 6  # elements that a card prints one by one
FULL = 1000  # elements whose full text the page may show
BINS = 20
HEATMAP_SIDE = 64


def summarise(array: Any, *, detail: bool = True) -> Summary:
    """What a card says of `array`.

    Up to 6 elements are printed, each to 3 significant digits; more are described as
    `mean sd [min .. max]` over the finite ones, with the share of zeros past 50 % and the number
    of NaN and infinite elements. Statistics are taken in float64, scaled so that they neither
    overflow nor underflow.

    Parameters
    ----------
    array
        Anything `numpy.asarray` takes: any shape, also `()` and zero-size; bool, integer, float or
        complex.
    detail
        Also fill `full` (up to 1,000 elements), `histogram` and `heatmap`.

    Returns
    -------
    Summary
    """
    values = np.asarray(array)
    if values.dtype.kind not in "biufc":
        return Summary(text=f"{values.dtype} {values.shape}", size=int(values.size))
    if values.size == 0:
        return Summary(text=f"empty, shape {values.shape}")
    magnitude = np.abs(values) if values.dtype.kind == "c" else values
    wide = magnitude.astype(np.float64).ravel()
    finite_mask = np.isfinite(wide)
    finite = wide if finite_mask.all() else wide[finite_mask]
    nan = int(np.isnan(wide).sum())
    inf = wide.size - finite.size - nan
    zero = int(wide.size - np.count_nonzero(wide))
    mean, sd, rms, largest = _moments(finite)
    if values.size <= SMALL:
        text = elements_text(values)
    elif values.dtype.kind == "b":
        text = f"{int(values.sum())} of {values.size} true"
    else:
        text = _statistics_text(values.dtype, finite, mean, sd, zero, values.size)
    text += _nonfinite_text(nan, inf, values.size)
    numeric = values.dtype.kind != "c"
    return Summary(
        text=text,
        size=int(values.size),
        nan=nan,
        inf=inf,
        zero=zero,
        rms=rms,
        largest=largest,
        full=full_text(values) if detail and values.size <= FULL else "",
        histogram=histogram(finite) if detail and values.size > 1 and numeric else None,
        heatmap=heatmap(values) if detail and numeric else None,
    )


def root_mean_square(array: Any) -> float:
    """The root of the mean of squared magnitudes, in float64; NaN or infinite if an element is.

    Squares that overflow are taken again, scaled; NumPy may warn of them all the same.
    """
    flat = np.asarray(array).ravel()
    wide = (np.abs(flat) if flat.dtype.kind == "c" else flat).astype(np.float64, copy=False)
    if not wide.size:
        return 0.0
    square = float(wide.dot(wide))
    if 1e-290 < square < math.inf:
        return math.sqrt(square / wide.size)
    if square == 0.0 and not wide.any():
        return 0.0
    largest = float(np.abs(wide).max())
    if not math.isfinite(largest):
        return largest
    scaled = wide / largest
    return largest * math.sqrt(float(np.dot(scaled, scaled)) / wide.size)


def _moments(
    finite: NDArray[np.float64],
) -> tuple[float, float, float | None, float | None]:
    """Mean, sd, root mean square and largest magnitude, without overflow on the way."""
    if finite.size == 0:
        return math.nan, math.nan, None, None
    largest = float(np.max(np.abs(finite)))
    if largest == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    scaled = finite / largest
    mean = float(scaled.mean())
    sd = float(scaled.std())
    rms = math.sqrt(float(np.mean(scaled * scaled)))
    return mean * largest, sd * largest, rms * largest, largest


def _statistics_text(
    dtype: np.dtype[Any],
    finite: NDArray[np.float64],
    mean: float,
    sd: float,
    zero: int,
    size: int,
) -> str:
    if finite.size == 0:
        return "no finite element"
    low, high = float(finite.min()), float(finite.max())
    if dtype.kind in "iu":
        bounds = f"[{_integer(low)} .. {_integer(high)}]"
    else:
        bounds = f"[{number(low)} .. {number(high)}]"
    if low == high:
        which = "all" if finite.size == size else "all finite"
        text = f"{which} {bounds[1:].split(' ')[0]}"
    else:
        what = "|z| mean" if dtype.kind == "c" else "mean"
        text = f"{what} {number(mean)} sd {number(sd)} {bounds}"
    if 0.5 < zero / size < 1.0:
        text += f" {_percent(zero, size)} zero"
    return text


def _integer(value: float) -> str:
    return str(int(value)) if abs(value) < 1e6 else number(value)


def _percent(part: int, size: int) -> str:
    """A share in whole percent which never rounds to a false 100 %."""
    return ">99%" if part * 200 >= size * 199 else f"{round(100 * part / size)}%"


def _nonfinite_text(nan: int, inf: int, size: int) -> str:
    if size <= SMALL:
        return ""
    text = f" NaN {nan}/{size}" if nan else ""
    return text + (f" Inf {inf}/{size}" if inf else "")


def _element(value: Any, kind: str) -> str:
    if kind == "b":
        return "True" if value else "False"
    if kind in "iu":
        return str(int(value)) if abs(int(value)) < 10**9 else number(float(value))
    if kind == "c":
        return f"{number(float(value.real))}{'+' if value.imag >= 0 else ''}{value.imag:.3g}j"
    return number(float(value))


def elements_text(array: Any) -> str:
    """All elements on one line, nested as the array is: `[[0.089 -0.093] [0.453 0.074]]`."""
    values = np.asarray(array)
    kind = values.dtype.kind
    words = [_element(v, kind) for v in values.ravel().tolist()]
    for side in reversed(values.shape):
        words = [f"[{' '.join(words[i : i + side])}]" for i in range(0, len(words), side)]
    return words[0]


def full_text(array: Any) -> str:
    """The array's own text with all its elements, at most 1,000 of them, in 120 columns."""
    return np.array2string(np.asarray(array), threshold=FULL + 1, max_line_width=120, precision=6)


def histogram(array: Any, bins: int = BINS) -> Histogram | None:
    """Counts of the finite elements in `bins` equal bins, or None when there are none."""
    values = np.asarray(array, dtype=np.float64).ravel()
    values = values[np.isfinite(values)]
    if values.size == 0:
        return None
    low, high = float(values.min()), float(values.max())
    if low == high:
        middle = bins // 2
        counts = (0,) * middle + (int(values.size),) + (0,) * (bins - middle - 1)
        return Histogram(low, high, counts)
    # By hand: numpy.histogram overflows when high - low does, and fails on subnormal ranges.
    half = high / 2 - low / 2
    place = (values / 2 - low / 2) / half if half > 0 else np.zeros_like(values)
    index = np.minimum((place * bins).astype(np.int64), bins - 1)
    return Histogram(low, high, tuple(np.bincount(index, minlength=bins).tolist()))


def heatmap(array: Any) -> Heatmap | None:
    """A vector or matrix of at most 64 x 64 as data for a heat-map, else None.

    Leading axes of length 1 are dropped; a vector is one row.
    """
    values = np.asarray(array)
    while values.ndim > 2 and values.shape[0] == 1:
        values = values[0]
    if values.ndim == 1:
        values = values[None, :]
    if values.ndim != 2 or values.size < 2 or max(values.shape) > HEATMAP_SIDE:
        return None
    flat = values.astype(np.float64).ravel()
    finite = np.isfinite(flat)
    limit = float(np.max(np.abs(flat[finite]))) if finite.any() else 0.0
    numbers = tuple(
        float(f"{v:.4g}") if ok else None for v, ok in zip(flat.tolist(), finite.tolist())
    )
    return Heatmap(int(values.shape[0]), int(values.shape[1]), numbers, limit)
