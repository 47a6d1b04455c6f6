"""Fused multiply-add against exact rational arithmetic, and the half types."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinygrad_edu.generator.rounding import bfloat16_values, fma32, fma64, round_to

# No example fails because the machine was busy.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_MODEST = st.floats(-(2.0**60), 2.0**60).filter(lambda x: x == 0 or abs(x) > 2.0**-60)


def _single(value: float) -> float:
    return float(np.float32(value))


def _nearest_float32(exact: Fraction) -> float:
    """The float32 nearest to a rational, ties to even, by comparing distances."""
    start = np.float32(float(exact))
    near = [
        start,
        np.nextafter(start, np.float32(np.inf)),
        np.nextafter(start, np.float32(-np.inf)),
    ]
    return float(
        min(near, key=lambda x: (abs(Fraction(float(x)) - exact), int(x.view(np.uint32)) & 1))
    )


@unhurried
@given(*[_MODEST.map(_single)] * 3)
def test_fma32_rounds_once(a: float, b: float, c: float) -> None:
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    actual = fma32(np.array([a], np.float32), b, c)
    assert actual.dtype == np.float32
    assert float(actual[0]) == _nearest_float32(exact)


def test_fma32_where_two_roundings_differ() -> None:
    # (1 ± e)(1 ∓ e + e²) = 1 ± e³: a product so near to half an ulp of c that float64 adds it as
    # exactly half, which then rounds to even.
    for e, sign, c in [(2.0**-12, 1, 1.0), (2.0**-11, -1, 1.0 + 2.0**-23)]:
        a, b = 1 + sign * e, 2.0**-24 * (1 - sign * e + e * e)
        assert _single(a) == a
        assert _single(b) == b
        exact = Fraction(a) * Fraction(b) + Fraction(c)
        for direction in (1, -1):
            expected = _nearest_float32(exact * direction)
            assert fma32(np.array([a * direction], np.float32), b, c * direction) == [expected]
            assert _single(a * b * direction + c * direction) != expected


@unhurried
@given(_MODEST, _MODEST, _MODEST)
def test_fma64_rounds_once(a: float, b: float, c: float) -> None:
    expected = float(Fraction(a) * Fraction(b) + Fraction(c))
    assert float(fma64(np.array([a]), b, c)[0]) == expected


def test_fma64_needs_rounding_to_odd() -> None:
    # Half an ulp of 1 and 2⁻⁷⁸ of that: the error terms alone decide, and do not fit one float64.
    x = 2.0**-26
    a, b = 1 + x, 2.0**-53 * (1 - x + x * x)
    assert fma64(np.array([a, -a]), b, 1.0).tolist() == [1 + 2.0**-52, 1 - 2.0**-53]
    assert fma64(np.array([a, -a]), -b, -1.0).tolist() == [-1 - 2.0**-52, -1 + 2.0**-53]


@unhurried
@given(
    st.integers(1, 2**53 - 1),
    st.integers(2**52, 2**53 - 1),
    st.integers(-40, 40),
    st.sampled_from([-1, 1]),
)
def test_fma64_near_cancellation(a: int, b: int, shift: int, sign: int) -> None:
    x, y = a * 2.0**-53, b * 2.0**-52
    c = sign * x * y * (1 + shift * 2.0**-52)
    exact = Fraction(x) * Fraction(y) + Fraction(c)
    assert float(fma64(np.array([x]), y, c)[0]) == float(exact)


@unhurried
@given(
    st.floats(0, 1).filter(lambda x: x == 0 or x > 2.0**-60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_fma64_at_any_scale(a: float, b: float, c: float) -> None:
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    try:
        expected = float(exact)
    except OverflowError:
        expected = math.inf if exact > 0 else -math.inf
    with np.errstate(over="ignore"):
        assert float(fma64(np.array([a]), b, c)[0]) == expected


def test_a_zero_result_is_positive() -> None:
    assert not np.signbit(fma32(np.array([-0.0], np.float32), 1.0, 0.0)).any()
    assert not np.signbit(fma64(np.array([-0.0]), 1.0, 0.0)).any()


def test_bfloat16_rounds_to_the_nearest_even() -> None:
    step = 2.0**-7
    values = np.array([1 + step / 2, 1 + 3 * step / 2, 1 + step / 2 + 2**-20, -1 - step / 4])
    assert bfloat16_values(values).tolist() == [1.0, 1 + 2 * step, 1 + step, -1.0]


def test_float16_goes_through_float32() -> None:
    # Just above a float16 midpoint, by less than float32 can tell: the second rounding is a tie.
    value = np.array([1 + 2.0**-11 + 2.0**-40])
    assert round_to(value, "float16").tolist() == [1.0]
    assert np.float16(value[0]) == 1 + 2.0**-10
