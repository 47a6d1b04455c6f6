"""erfc, erfcx, erfinv and the normal distribution, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.numerics.accuracy import exact, mp, relative_error, ulp_error
from tinygrad_edu.numerics.complementary_error_function import erfc, erfcx
from tinygrad_edu.numerics.inverse_error_function import erfinv
from tinygrad_edu.numerics.normal_distribution import log_ndtr, ndtr, ndtri

random = np.random.default_rng(21)
inf, nan = np.inf, np.nan


def exact_erfcx(x: Any) -> Any:
    if x < 60:
        return mp.exp(x * x) * mp.erfc(x)
    return mp.hyp2f0(mp.mpf(1) / 2, 1, -1 / (x * x)) / (x * mp.sqrt(mp.pi))


def exact_ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def exact_log_ndtr(x: Any) -> Any:
    return mp.log(exact_ndtr(x)) if x < 0 else mp.log1p(-exact_ndtr(-x))


UNARY: dict[str, tuple[Callable[..., Any], Callable[[Any], Any], float, list[np.ndarray]]] = {
    "erfc": (
        erfc,
        mp.erfc,
        4,
        [
            random.uniform(-6, 26, 1000),
            random.uniform(0.3, 3, 1000),
            random.uniform(26, 27.2, 100),
            np.array([1e-300, -1e-320, 0.5, np.nextafter(0.5, 1)]),
        ],
    ),
    "erfcx": (
        erfcx,
        exact_erfcx,
        4,
        [random.uniform(-26.6, 50, 1000), random.uniform(0, 1, 500), np.logspace(-10, 308, 200)],
    ),
    "ndtr": (ndtr, exact_ndtr, 5, [random.uniform(-38, 3, 1000), random.uniform(-2, 3, 500)]),
    "log_ndtr": (
        log_ndtr,
        exact_log_ndtr,
        6,
        [random.uniform(-60, 8, 700), random.uniform(-3, 37, 700)],
    ),
    "erfinv": (
        erfinv,
        mp.erfinv,
        4,
        [
            random.uniform(-1, 1, 500),
            1 - np.logspace(-15.9, -0.5, 100),
            np.logspace(-300, -0.01, 100),
        ],
    ),
}


@pytest.mark.parametrize("name", UNARY)
def test_float64(name: str) -> None:
    function, truth, ulp, regions = UNARY[name]
    for x in regions:
        assert ulp_error(function(x), exact(truth, x, digits=60)) <= ulp


@pytest.mark.parametrize("name", UNARY)
def test_float32(name: str) -> None:
    function, truth, _, regions = UNARY[name]
    x = regions[0][:300].astype(np.float32)
    x = x[(abs(x) < 9) & (abs(x) != 1)]
    y = function(x)
    assert y.dtype == np.float32
    assert ulp_error(y, exact(truth, x, digits=60)) <= 0.51


def test_ndtri() -> None:
    def truth(p: Any) -> Any:
        x = mp.mpf(float(ndtri(float(p))))
        for _ in range(2):
            x -= (exact_ndtr(x) - p) * mp.sqrt(2 * mp.pi) * mp.exp(x * x / 2)
        return x

    p = np.concatenate([random.uniform(0, 1, 300), np.logspace(-323, -0.01, 200)])
    assert ulp_error(ndtri(p), exact(truth, p, digits=60)) <= 4


def test_inverses_undo() -> None:
    x = np.linspace(-5, 5, 101)
    # beyond, 1 - Φ(x) has too few bits left
    left = x[x < 1]
    np.testing.assert_allclose(ndtri(ndtr(left)), left, rtol=1e-13, atol=1e-15)
    p = random.uniform(-1, 1, 100)
    assert relative_error(erfinv(p), exact(mp.erfinv, p)) < 5e-16


@pytest.mark.parametrize(
    ("function", "x", "y"),
    [
        (erfc, [0.0, -0.0, inf, -inf, nan, 1e308, -1e308], [1, 1, 0, 2, nan, 0, 2]),
        (erfcx, [0.0, -0.0, inf, -inf, nan, -1e300, -27], [1, 1, 0, inf, nan, inf, inf]),
        (ndtr, [0.0, inf, -inf, nan, 1e308, -1e308, -39], [0.5, 1, 0, nan, 1, 0, 0]),
        (log_ndtr, [inf, -inf, nan, 1e308, -1e308], [0, -inf, nan, 0, -inf]),
        (erfinv, [1, -1, 0.0, -0.0, 1.1, -2, nan, inf], [inf, -inf, 0, -0.0, nan, nan, nan, nan]),
        (ndtri, [0, 1, 0.5, -0.1, 1.1, nan, inf, -inf], [-inf, inf, 0, nan, nan, nan, nan, nan]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_edges(function: Callable[..., Any], x: list[float], y: list[float]) -> None:
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(function(np.array(x)), np.array(y))
        single = np.array(x).clip(-1e38, 1e38).astype(np.float32)
        np.testing.assert_array_equal(
            function(single)[np.isfinite(x)], np.float32(y)[np.isfinite(x)]
        )
    for one, value in zip(x, y):
        np.testing.assert_array_equal(function(one), value)


def test_zero_keeps_its_sign() -> None:
    assert np.signbit(erfinv(np.array([0.0, -0.0]))).tolist() == [False, True]


@pytest.mark.parametrize("function", [erfc, erfcx, erfinv, ndtr, log_ndtr, ndtri])
def test_shapes(function: Callable[..., Any]) -> None:
    x = random.uniform(0, 1, size=(3, 5000, 2))
    before = x.copy()
    y = function(x)
    assert y.shape == x.shape
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(y[2, 4990:], function(x[2, 4990:]))
    assert function(np.zeros((0, 2), np.float32)).shape == (0, 2)
    assert isinstance(function(np.float32(0.25)), np.float32)
    with pytest.raises(TypeError, match=function.__name__):
        function(np.array(1j))
