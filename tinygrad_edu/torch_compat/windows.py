"""Windows of signal processing, by PyTorch's names: `hann_window`, `hamming_window`, …

With `periodic` (the default) the window goes into a Fourier transform: it is the first `n` entries
of the symmetric one of n + 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..numerics.bessel import i0
from ..numerics.promotion import default_float
from ..tensors.creation import made, size_of

__all__ = [
    "bartlett_window",
    "blackman_window",
    "hamming_window",
    "hann_window",
    "kaiser_window",
]


def window(
    name: str, shape: Any, length: int, periodic: bool, dtype: Any, grad: bool, options: Any
) -> Any:
    """`shape(k, last)` at k = 0 … last, as a tensor; computed in float64 and rounded once."""
    size_of((), options, name)
    kind = np.dtype(dtype or default_float())
    if kind.kind != "f":
        raise RuntimeError(f"{name}: expected a floating-point dtype, got {kind}")
    if length < 0:
        raise RuntimeError(f"{name}: requires non-negative window_length, got {length}")
    if length == 1:
        return made(np.ones(1, kind), grad)
    last = length if periodic else length - 1
    return made(shape(np.arange(length, dtype=np.float64), last).astype(kind), grad)


def cosines(*weights: float) -> Any:
    """w₀ − w₁ cos(2πk / last) + w₂ cos(4πk / last) − …"""

    def shape(k: Any, last: int) -> Any:
        return sum(
            (-1) ** i * w * np.cos(2 * math.pi * i * k / max(last, 1))
            for i, w in enumerate(weights)
        )

    return shape


def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Any:
    """½ (1 − cos(2πk / last)). Source: Blackman and Tukey, 1958."""
    shape = cosines(0.5, 0.5)
    return window("hann_window", shape, window_length, periodic, dtype, requires_grad, options)


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Any:
    """α − β cos(2πk / last). Source: Hamming, Digital filters, 1977."""
    shape = cosines(alpha, beta)
    return window("hamming_window", shape, window_length, periodic, dtype, requires_grad, options)


def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Any:
    """0.42 − ½ cos(2πk / last) + 0.08 cos(4πk / last). Source: Blackman and Tukey, 1958."""
    shape = cosines(0.42, 0.5, 0.08)
    return window("blackman_window", shape, window_length, periodic, dtype, requires_grad, options)


def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Any:
    """1 − |2k / last − 1|: a triangle."""

    def shape(k: Any, last: int) -> Any:
        return 1 - np.abs(2 * k / max(last, 1) - 1)

    return window("bartlett_window", shape, window_length, periodic, dtype, requires_grad, options)


def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Any:
    """I₀(β √(1 − (2k / last − 1)²)) / I₀(β). Source: Kaiser, 1966."""

    def shape(k: Any, last: int) -> Any:
        inside = np.clip(1 - (2 * k / max(last, 1) - 1) ** 2, 0, None)
        return i0(beta * np.sqrt(inside)) / i0(np.asarray(float(beta)))

    return window("kaiser_window", shape, window_length, periodic, dtype, requires_grad, options)
