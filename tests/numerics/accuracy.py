"""Measuring an approximation against a witness of many digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

mp = pytest.importorskip("mpmath")


def exact(function: Callable[..., Any], *arguments: ArrayLike, digits: int = 40) -> list[Any]:
    """Apply an mpmath function to each element, exactly as stored, with `digits` digits."""
    with mp.workdps(digits):
        return [
            function(*map(mp.mpf, xs)) for xs in zip(*(np.ravel(a).tolist() for a in arguments))
        ]


def ulp_error(result: NDArray[Any], truth: list[Any]) -> float:
    """Return the largest |result - truth|, in units in the last place of truth."""
    worst = 0.0
    for got, want in zip(result.ravel(), truth):
        rounded = got.dtype.type(float(want))
        if not np.isfinite(rounded) or not np.isfinite(got):
            assert got == rounded or (np.isnan(got) and np.isnan(rounded)), (got, want)
            continue
        worst = max(worst, float(abs(mp.mpf(float(got)) - want) / float(np.spacing(abs(rounded)))))
    return worst


def relative_error(result: NDArray[Any], truth: list[Any]) -> float:
    """Return the largest |result - truth| / |truth|; a truth of 0 must be met exactly."""
    worst = 0.0
    for got, want in zip(result.ravel().tolist(), truth):
        if want == 0:
            assert got == 0
            continue
        worst = max(worst, float(abs(mp.mpf(got) - want) / abs(want)))
    return worst
