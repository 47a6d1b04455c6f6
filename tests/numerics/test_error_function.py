"""erf: two ulp everywhere, at both precisions."""

from __future__ import annotations

import functools
import math
import warnings

import numpy as np
import pytest

from tests.numerics.accuracy import exact, mp, ulp_error
from tinygrad_edu.numerics import error_function
from tinygrad_edu.numerics.error_function import erf

DTYPES = [np.float32, np.float64]
random = np.random.default_rng(20)


@functools.cache
def allowed(dtype: type) -> float:
    """Two ulp; more in float32 where NumPy's tanh, of which erf is made there, is further off.

    That is so on processors without AVX2: 2.2 ulp instead of 1.4.
    """
    x = np.linspace(0.03, 4.2, 300_000, dtype=np.float32)
    truth = np.tanh(x.astype(np.float64))
    off = float((abs(np.tanh(x) - truth) / np.spacing(truth.astype(np.float32))).max())
    return 2.0 if dtype == np.float64 or off < 1.5 else off + 0.75


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "x",
    [
        random.normal(size=2000) * 1.5,
        random.uniform(0, 0.02, 1000),
        np.linspace(-6.2, 6.2, 2001),
        np.logspace(-30, 1, 1000),
        # both sides of the edges of the cells
        np.nextafter(np.arange(1, 1600, 7) / 256, 0),
        np.arange(1, 1600, 7) / 256,
    ],
    ids=["normal", "small", "dense", "scales", "below edges", "edges"],
)
def test_two_ulp(dtype: type, x: np.ndarray) -> None:
    x = x.astype(dtype)
    assert ulp_error(erf(x), exact(mp.erf, x)) <= allowed(dtype)


def test_tiny_and_denormal_arguments() -> None:
    x = np.array([1e-300, -1e-300, 2.3e-308, 1e-310, 1.5e-320])
    assert ulp_error(erf(x), exact(mp.erf, x)) <= 1
    x = np.array([1e-37, -1e-38, 1e-40, 1e-44], np.float32)
    assert ulp_error(erf(x), exact(mp.erf, x)) <= 1


@pytest.mark.parametrize("bits", range(0x3D00, 0x4086, 0x20))
def test_two_ulp_over_every_float32(bits: int) -> None:
    # a sixteenth of each stretch of 2²¹ neighbours, against float64, itself tested above
    x = np.arange(bits << 16, (bits + 0x20) << 16, 16, dtype=np.int32).view(np.float32)
    truth = erf(x.astype(np.float64))
    ulp = np.spacing(truth.astype(np.float32))
    assert (abs(erf(x) - truth) <= allowed(np.float32) * ulp).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_edges(dtype: type) -> None:
    huge = np.finfo(dtype).max
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, huge, -huge], dtype)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        y = erf(x)
    np.testing.assert_array_equal(y, np.array([0, 0, 1, -1, np.nan, 1, -1], dtype))
    assert np.signbit(y).tolist()[:2] == [False, True]
    assert y.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1, 2, 16, (1 << 14) + 3, (1 << 16) + 1])
def test_odd_and_the_same_bits_whatever_the_size(dtype: type, size: int) -> None:
    x = random.normal(size=size).astype(dtype)
    y = erf(x)
    np.testing.assert_array_equal(erf(-x), -y)
    np.testing.assert_array_equal(y[:7], erf(x[:7]))
    np.testing.assert_array_equal(y[-1], erf(x[-1]))
    np.testing.assert_allclose(y, [math.erf(v) for v in x.tolist()], rtol=4 * np.finfo(dtype).eps)


def test_shapes_and_kinds() -> None:
    assert erf(np.zeros((0, 3), np.float32)).shape == (0, 3)
    x = random.normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_array_equal(erf(x.T[::2]), erf(x).T[::2])
    assert isinstance(erf(np.float32(0.5)), np.float32)
    assert isinstance(erf(0.5), np.float64)
    assert erf([1, 2]).dtype == np.float64
    assert erf(np.ones(3, np.float16)).dtype == np.float16
    with pytest.raises(TypeError, match=r"erf: got an argument of dtype complex128"):
        erf(1j)


def test_the_argument_is_left_alone() -> None:
    for dtype in DTYPES:
        x = np.array([9.0, -0.5, 0.0], dtype)
        x.flags.writeable = False
        erf(x)


def test_the_cells_are_those_of_the_series() -> None:
    with mp.workdps(40):
        scaled = int(mp.nint(2 ** mp.mpf(101) / mp.sqrt(mp.pi)))
    assert scaled == error_function._TWO_OVER_ROOT_PI
    low, _ = error_function._cells()
    middle = error_function._LAST
    for k in (0, 1, 100, 700, 1536):
        with mp.workdps(40):
            assert low[middle + k, 0] == float(mp.erf(mp.mpf(k) / 256))
            assert low[middle - k, 0] == -low[middle + k, 0]
