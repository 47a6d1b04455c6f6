"""Other densities: exponential, Cauchy, log-normal, gamma, Dirichlet.

All are computed in float64 from float64 uniforms, two words each, and rounded to the dtype at the
end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import libm
from .memory_order import destination_precision, fill_in_memory_order
from .mersenne import Generator, resolve_generator
from .normals import single_normals
from .rounding import (
    Precision,
    fma64,
    round_to,
    wide_precision_of,
)
from .uniforms import unit_float64, unit_stream


def exponential_values(
    generator: Generator, count: int, rate: float, precision: Precision
) -> NDArray[Any]:
    """Return `count` exponentials, shape (count,): ``(−1/rate)·log1p(−u)``."""
    unit = unit_float64(generator, count)
    return round_to((-1.0 / rate) * libm.log1p(-unit), precision)


def exponential_(
    out: NDArray[Any],
    rate: float = 1.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Fill `out` with exponentials of the given rate (PyTorch's `lambd`), in its memory order.

    Returns `out`. `dtype` is the dtype drawn, by default `out`'s; see `uniform_`.

    Raises
    ------
    RuntimeError
        If the rate is not positive; if `out` cannot be written.
    NotImplementedError
        If the dtype is not floating.
    """
    precision = destination_precision(out, dtype, "exponential_")
    if not rate > 0:
        raise RuntimeError(
            f"exponential_ expects lambda > 0.0, but found lambda={rate:g}; lambda is a rate, "
            "the inverse of the mean"
        )
    values = exponential_values(resolve_generator(generator), out.size, rate, precision)
    return fill_in_memory_order(out, values)


def cauchy_(
    out: NDArray[Any],
    median: float = 0.0,
    sigma: float = 1.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Fill `out` with ``median + sigma·tan(π·(u − ½))``, in its memory order. Returns `out`.

    Raises
    ------
    RuntimeError
        If sigma is not positive; if `out` cannot be written.
    NotImplementedError
        If the dtype is not floating.
    """
    precision = destination_precision(out, dtype, "cauchy_")
    if not sigma > 0:
        raise RuntimeError(
            f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}; sigma is a width"
        )
    unit = unit_float64(resolve_generator(generator), out.size)
    values = fma64(libm.tan(math.pi * (unit - 0.5)), sigma, median)
    return fill_in_memory_order(out, round_to(values, precision))


def log_normal_(
    out: NDArray[Any],
    mean: float = 1.0,
    std: float = 2.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """Fill `out` with the exponentials of normals, in its memory order. Returns `out`.

    `mean` and `std` are the normals'. The normals are made one by one at any size.

    Raises
    ------
    RuntimeError
        If std is not positive; if `out` cannot be written.
    NotImplementedError
        If the dtype is not floating.
    """
    precision = destination_precision(out, dtype, "log_normal_")
    if not std > 0:
        raise RuntimeError(
            f"log_normal_ expects std > 0.0, but found std={std:g}; std is the standard deviation "
            "of the logarithm"
        )
    normals = single_normals(resolve_generator(generator), out.size)
    values = libm.exp(fma64(normals, std, mean))
    return fill_in_memory_order(out, round_to(values, precision))


# PyTorch writes these constants of the paper as float32.
_THIRD = np.float32(1 / 3)
_SQUEEZE = float(np.float32(0.0331))


def _gamma(alpha: Any, unit: Callable[[], float], normal: Callable[[], float]) -> float:
    """One gamma variate of scale 1 and concentration `alpha`, a float32 or float64 scalar.

    G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM Trans.
    Math. Softw. 26 (2000); below 1 it draws one higher and scales by ``u**(1/alpha)``. What is
    computed from `alpha` alone is rounded to its dtype, the rest is float64.
    """
    scalar = type(alpha)
    scale = 1.0
    if alpha < 1:
        if alpha == 0:
            return 0.0
        scale = math.pow(1.0 - unit(), scalar(1) / alpha)
        alpha += scalar(1)
    d = float(alpha - scalar(_THIRD))
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal()
        y = 1.0 + c * x
        if y <= 0:
            continue
        v = y * y * y
        u = 1.0 - unit()
        square = x * x
        if u < 1.0 - _SQUEEZE * square * square:
            return scale * d * v
        if math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
            return scale * d * v


def _gamma_values(generator: Generator, alpha: NDArray[Any]) -> NDArray[np.float64]:
    with unit_stream(generator) as unit:

        def normal() -> float:
            if (waiting := generator.next_normal) is not None:
                generator.next_normal = None
                return waiting
            angle = 2 * math.pi * unit()
            radius = math.sqrt(-2.0 * math.log1p(-unit()))
            generator.next_normal = radius * math.sin(angle)
            return radius * math.cos(angle)

        drawn = [_gamma(concentration, unit, normal) for concentration in alpha.ravel()]
    return np.array(drawn, np.float64).reshape(alpha.shape)


def _check_concentration(alpha: NDArray[Any], call: str) -> None:
    if not np.all(np.greater_equal(alpha, 0)):
        raise RuntimeError(
            f"{call} expects every concentration >= 0, but found {np.min(alpha):g}; "
            "write its exponential or softplus"
        )


def standard_gamma(alpha: NDArray[Any], *, generator: Generator | None = None) -> NDArray[Any]:
    """Return one gamma variate of scale 1 for each concentration, in `alpha`'s shape and dtype.

    The numbers of `torch._standard_gamma`, on which `distributions.Gamma`, `Beta`, `Chi2` and
    `StudentT` build. A result that would be 0 is the smallest normal number of the dtype.

    Raises
    ------
    RuntimeError
        If a concentration is negative or NaN.
    NotImplementedError
        If `alpha` is neither float32 nor float64.
    """
    precision = wide_precision_of(alpha.dtype, "standard_gamma")
    _check_concentration(alpha, "standard_gamma")
    drawn = round_to(_gamma_values(resolve_generator(generator), alpha), precision)
    positive: NDArray[Any] = np.maximum(drawn, np.finfo(alpha.dtype).tiny)
    return positive


def dirichlet(alpha: NDArray[Any], *, generator: Generator | None = None) -> NDArray[Any]:
    """Return points of the simplex: gamma variates divided by their sum along the last dimension.

    The numbers of `torch._sample_dirichlet` up to the last bit, which depends on the order of its
    summation. Shape and dtype are `alpha`'s; the concentrations lie along its last dimension.

    Raises
    ------
    RuntimeError
        If a concentration is negative or NaN; if `alpha` has no dimension.
    NotImplementedError
        If `alpha` is neither float32 nor float64.
    """
    precision = wide_precision_of(alpha.dtype, "dirichlet")
    _check_concentration(alpha, "dirichlet")
    if alpha.ndim == 0:
        raise RuntimeError(
            "dirichlet expects the concentrations along the last dimension, got a single number; "
            "write dirichlet(np.array([1.0, 1.0]))"
        )
    gamma = _gamma_values(resolve_generator(generator), alpha.astype(np.float64))
    share = round_to(gamma / gamma.sum(axis=-1, keepdims=True), precision)
    info = np.finfo(alpha.dtype)
    below_one = np.nextafter(alpha.dtype.type(1), alpha.dtype.type(0))
    inside: NDArray[Any] = np.clip(share, info.tiny, below_one)
    return inside
