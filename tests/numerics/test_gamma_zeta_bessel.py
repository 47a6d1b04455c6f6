"""The gamma, zeta and Bessel functions and the small ones, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.numerics.accuracy import exact, mp, relative_error
from tinygrad_edu.numerics.bessel import i0, i0e, i1, i1e
from tinygrad_edu.numerics.entropy import entr, sinc, xlog1py, xlogy
from tinygrad_edu.numerics.gamma import digamma, lgamma, multigammaln
from tinygrad_edu.numerics.zeta import polygamma, zeta

random = np.random.default_rng(22)
inf, nan = np.inf, np.nan
POSITIVE = np.concatenate([random.uniform(0, 12, 400), np.logspace(-300, 300, 100)])
BOTH_SIGNS = random.uniform(-30, 30, 300)
CLOSE = random.normal(size=200) * 1e-3

UNARY: dict[str, tuple[Callable[..., Any], Callable[..., Any], list[np.ndarray]]] = {
    # near the zeros 1, 2 and 1.46 too
    "lgamma": (lgamma, mp.loggamma, [POSITIVE, 1 + CLOSE, 2 + CLOSE]),
    "digamma": (digamma, mp.digamma, [POSITIVE, 1.4616321449683622 + CLOSE]),
    "i0": (i0, lambda x: mp.besseli(0, x), [BOTH_SIGNS, random.uniform(300, 713, 50)]),
    "i1": (i1, lambda x: mp.besseli(1, x), [BOTH_SIGNS, np.logspace(-10, 1, 50)]),
    "i0e": (i0e, lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), [BOTH_SIGNS]),
    "i1e": (i1e, lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), [BOTH_SIGNS]),
    "sinc": (sinc, mp.sincpi, [BOTH_SIGNS, np.logspace(-300, 0, 50)[:-1]]),
    "entr": (entr, lambda x: -x * mp.log(x), [random.uniform(0, 10, 300)]),
}


@pytest.mark.parametrize("name", UNARY)
def test_relative_error(name: str) -> None:
    function, truth, regions = UNARY[name]
    for x in regions:
        assert relative_error(function(x), exact(truth, x, digits=50)) < 3e-15
        single = x[(abs(x) < 80) & (abs(x) > 1e-30)].astype(np.float32)
        y = function(single)
        assert y.dtype == np.float32
        assert relative_error(y, exact(truth, single, digits=50)) < 6.1e-8


@pytest.mark.parametrize(("function", "truth"), [(lgamma, mp.loggamma), (digamma, mp.digamma)])
def test_negative_arguments(function: Callable[..., Any], truth: Callable[..., Any]) -> None:
    x = -random.uniform(0, 30, 300)
    want = np.array([float(mp.re(value)) for value in exact(truth, x)])
    np.testing.assert_allclose(function(x), want, rtol=1e-14, atol=3e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 20])
def test_polygamma(n: int) -> None:
    def truth(x: Any) -> Any:
        return (-1) ** (n + 1) * mp.factorial(n) * mp.zeta(n + 1, x)

    x = np.concatenate([random.uniform(0.01, 40, 30), np.logspace(-3, 4, 30)])
    assert relative_error(polygamma(n, x), exact(truth, x, digits=120)) < 3e-15
    if n < 4:
        x = -random.uniform(0.01, 40, 30)
        got = polygamma(n, x)
        want = exact(lambda v: mp.polygamma(n, v), x)
        np.testing.assert_allclose(got, [float(v) for v in want], rtol=1e-13)


def test_polygamma_of_order_zero_and_of_refused_orders() -> None:
    assert polygamma(0, 2.5) == digamma(2.5)
    with pytest.raises(ValueError, match=r"polygamma: got n = -1; expected an order n >= 0"):
        polygamma(-1, 1.0)
    assert polygamma(1, np.float32(1e20)) == np.float32(1e-20)
    assert polygamma(1, 1e300) == pytest.approx(1e-300, rel=1e-15)


def test_zeta() -> None:
    x, q = random.uniform(1.01, 40, 40), 10 ** random.uniform(-2, 2, 40)
    assert relative_error(zeta(x, q), exact(mp.zeta, x, q, digits=120)) < 5e-15
    x, q = 1 + 10 ** random.uniform(-6, 0, 60), 10 ** random.uniform(-2, 6, 60)
    assert relative_error(zeta(x, q), exact(mp.zeta, x, q)) < 5e-15
    assert zeta(2.0, np.ones(3, np.float32)).dtype == np.float32
    assert zeta(np.arange(2.0, 4)[:, None], np.ones(3)).shape == (2, 3)


def test_multigammaln() -> None:
    x = np.array([1.6, 2.0, 7.3], np.float32)
    want = 0.75 * np.log(np.pi) * 2 + sum(lgamma(x.astype(float) - j / 2) for j in range(3))
    got = multigammaln(x, 3)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=1e-7)
    assert multigammaln(np.float64(1.0), 3) == inf
    assert multigammaln(2.5, 1) == lgamma(2.5)
    with pytest.raises(ValueError, match=r"multigammaln: got p = 0"):
        multigammaln(x, 0)


@pytest.mark.parametrize(
    ("function", "x", "y"),
    [
        (lgamma, [0.0, -0.0, -1, -7, inf, -inf], [inf] * 6),
        (lgamma, [1, 2, nan, 1e308, -1e300], [0, 0, nan, inf, inf]),
        (digamma, [0.0, -0.0, inf], [-inf, inf, inf]),
        (digamma, [-1, -2, -inf, nan, -1e300], [nan] * 5),
        (i0, [0.0, inf, -inf, nan, 1e300], [1, inf, inf, nan, inf]),
        (i1, [0.0, inf, -inf, nan, -1e300], [0, inf, -inf, nan, -inf]),
        (i0e, [0.0, inf, -inf, nan], [1, 0, 0, nan]),
        (i1e, [0.0, inf, -inf, nan], [0, 0, 0, nan]),
        (sinc, [0.0, -0.0, 1, -2, 1e308, inf, nan], [1, 1, 0, 0, 0, nan, nan]),
        (entr, [0.0, -0.0, 1, -1, inf, -inf, nan], [0, 0, 0, -inf, -inf, -inf, nan]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_edges(function: Callable[..., Any], x: list[float], y: list[float]) -> None:
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(function(np.array(x)), np.array(y))
    for one, value in zip(x, y):
        np.testing.assert_array_equal(function(one), value)


def test_nought_times_a_logarithm() -> None:
    x = np.array([0.0, 0.0, 0.0, 0.0, 2.0, 2.0, nan])
    y = np.array([0.0, inf, -3.0, nan, 0.0, -3.0, 1.0])
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(xlogy(x, y), [0, 0, 0, nan, -inf, nan, nan])
        y -= 1.0
        np.testing.assert_array_equal(xlog1py(x, y), [0, 0, 0, nan, -inf, nan, nan])
    assert xlog1py(1.0, 1e-20) == 1e-20
    # as with ufuncs, a Python number takes the array's dtype
    assert xlogy(2.0, np.ones(2, np.float32)).dtype == np.float32
    assert xlogy(np.ones((2, 1)), np.ones(3, np.float32)).shape == (2, 3)
    with pytest.raises(TypeError, match="xlogy"):
        xlogy(1j, 1.0)


@pytest.mark.parametrize("function", [lgamma, digamma, i0, i0e, i1, i1e, sinc, entr])
def test_shapes(function: Callable[..., Any]) -> None:
    x = random.normal(size=(3, 5000, 2))
    before = x.copy()
    y = function(x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(y[2, 4990:], function(x[2, 4990:]))
    assert y.shape == x.shape
    assert function(np.zeros((0, 2), np.float32)).shape == (0, 2)
    assert isinstance(function(np.float32(0.25)), np.float32)
