"""The special functions against PyTorch's and SciPy's, edges included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.numerics.bessel import i0, i0e, i1, i1e
from tinygrad_edu.numerics.complementary_error_function import erfc, erfcx
from tinygrad_edu.numerics.entropy import entr, sinc, xlog1py, xlogy
from tinygrad_edu.numerics.error_function import erf
from tinygrad_edu.numerics.gamma import digamma, lgamma, multigammaln
from tinygrad_edu.numerics.inverse_error_function import erfinv
from tinygrad_edu.numerics.normal_distribution import log_ndtr, ndtr, ndtri
from tinygrad_edu.numerics.zeta import polygamma, zeta

inf, nan = np.inf, np.nan
EDGES = [0.0, -0.0, 1, -1, 2, -2, -3, 0.5, -0.5, -2.5, 8, 1e-300, 1e-320, 1e150, -1e150]
EDGES += [inf, -inf, nan]
VALUES = np.concatenate([EDGES, np.random.default_rng(23).normal(size=300) * 4])

UNARY = [erf, erfc, erfcx, erfinv, ndtr, log_ndtr, ndtri, lgamma, digamma, i0, i0e, i1, i1e]
UNARY += [sinc, entr]
# Where PyTorch's value is an accident of its formula, not a convention: I₀(∞) = exp(∞)·0 is NaN,
# Φ(x) is 0 from x = -38/√2 on, and sinc(1) is what rounding leaves.
ACCIDENTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "i0": np.isinf,
    "i1": np.isinf,
    "ndtr": lambda x: x < -14,
    "sinc": lambda x: (x == np.rint(x)) & (x != 0) & np.isfinite(x),
}


@pytest.mark.torch
@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_torch(function: Callable[..., Any]) -> None:
    torch = pytest.importorskip("torch")
    name = function.__name__
    theirs = torch.lgamma if name == "lgamma" else getattr(torch.special, name)
    x = VALUES[~ACCIDENTS.get(name, np.isneginf)(VALUES) | np.isnan(VALUES)]
    np.testing.assert_allclose(
        function(x), theirs(torch.from_numpy(x)).numpy(), rtol=2e-13, atol=1e-15
    )
    x = x[~(abs(x) > 1e38) | np.isinf(x)].astype(np.float32)
    np.testing.assert_allclose(
        function(x), theirs(torch.from_numpy(x)).numpy(), rtol=3e-5, atol=1e-6
    )


@pytest.mark.torch
def test_torch_functions_of_two_arguments() -> None:
    torch = pytest.importorskip("torch")
    a, b = (grid.ravel() for grid in np.meshgrid(VALUES[:60], VALUES[:60]))
    ta, tb = torch.from_numpy(a), torch.from_numpy(b)
    np.testing.assert_allclose(xlogy(a, b), torch.special.xlogy(ta, tb).numpy(), rtol=1e-14)
    np.testing.assert_allclose(xlog1py(a, b), torch.special.xlog1py(ta, tb).numpy(), rtol=1e-14)
    x, q = (
        grid.ravel()
        for grid in np.meshgrid(
            [-1, 0.5, 1, 1.5, 2, 3, 7, 50], [0, -1, -1.5, -20.3, 0.3, 1, 2.5, 40]
        )
    )
    # PyTorch adds the terms of negative q as they come, and loses what cancels
    want = torch.special.zeta(torch.from_numpy(x), torch.from_numpy(q)).numpy()
    np.testing.assert_allclose(zeta(x, q), want, rtol=5e-12)
    x = np.array([1.0, 1.5, 3, 20, inf, nan])
    for p in (1, 2, 3):
        want = torch.special.multigammaln(torch.from_numpy(x), p).numpy()
        np.testing.assert_allclose(multigammaln(x, p), want, rtol=1e-14, atol=1e-14)


@pytest.mark.torch
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_torch_polygamma(n: int) -> None:
    torch = pytest.importorskip("torch")
    x = np.array([0.0, 0.25, 0.5, 1, 2, 2.5, 7, 30, -0.5, -2.5, nan])
    want = torch.special.polygamma(n, torch.from_numpy(x)).numpy()
    # PyTorch's trigamma has nine digits
    np.testing.assert_allclose(polygamma(n, x), want, rtol=1e-8 if n == 1 else 1e-13)


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_scipy(function: Callable[..., Any]) -> None:
    special = pytest.importorskip("scipy.special")
    theirs = special.gammaln if function is lgamma else getattr(special, function.__name__, np.sinc)
    x = np.random.default_rng(24).uniform(-9, 9, 2000)
    np.testing.assert_allclose(function(x), theirs(x), rtol=1e-12, atol=1e-14)


def test_scipy_functions_of_two_arguments() -> None:
    special = pytest.importorskip("scipy.special")
    random = np.random.default_rng(25)
    x, q = random.uniform(1.001, 40, 2000), 10 ** random.uniform(-2, 3, 2000)
    np.testing.assert_allclose(zeta(x, q), special.zeta(x, q), rtol=1e-14)
    for n in (1, 2, 5):
        np.testing.assert_allclose(polygamma(n, q), special.polygamma(n, q), rtol=1e-13)
