"""Central differences and Ridders extrapolation against derivatives known by other means."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking.complex_step import ComplexStepUnavailable, agrees, complex_step
from tinygrad_edu.checking.differences import (
    central,
    forward,
    optimal_step,
    ridders,
    with_retries,
)

# Squire and Trapp's function at 1.5; the derivative from 50-digit arithmetic.
TRUE = 3.622033700716326


def squire_trapp(t):
    x = 1.5 + t
    return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)


def test_complex_step_is_exact_to_rounding():
    assert abs(complex_step(squire_trapp) - TRUE) <= 1e-15 * TRUE


@pytest.mark.parametrize("step", np.geomspace(1e-3, 0.5, 25))
def test_ridders_is_accurate_and_honest_from_any_first_step(step):
    found = ridders(squire_trapp, step)
    error = abs(float(found.value) - TRUE)
    assert error <= 1e-11 * TRUE
    assert error <= float(found.error)


def test_central_difference_has_its_known_error():
    error = abs(float(central(squire_trapp, 1e-5)) - TRUE) / TRUE
    assert error == pytest.approx(2.8e-10, rel=0.05)


def v_curve(dtype):
    """Step and error of a central difference of exp at 1, the difference itself in `dtype`."""
    steps = np.geomspace(1e-14 if dtype is np.float64 else 1e-6, 0.3, 400)
    errors = []
    for step in steps:
        h = dtype(step)
        plus, minus = np.exp(dtype(1) + h), np.exp(dtype(1) - h)
        slope = float(plus - minus) / float((dtype(1) + h) - (dtype(1) - h))
        errors.append(abs(slope - np.e))
    return steps, np.maximum(errors, 1e-300)


def slope_of(steps, errors, low, high):
    kept = (steps >= low) & (steps <= high)
    return np.polyfit(np.log(steps[kept]), np.log(errors[kept]), 1)[0]


def test_v_curve_in_float64():
    steps = np.geomspace(1e-13, 0.3, 400)
    errors = np.array([abs(float(central(lambda t: np.exp(1 + t), h)) - np.e) for h in steps])
    errors = np.maximum(errors, 1e-300)
    assert slope_of(steps, errors, 3e-4, 0.3) == pytest.approx(2, abs=0.05)
    assert slope_of(steps, errors, 1e-13, 1e-7) == pytest.approx(-1, abs=0.15)
    best = optimal_step(np.e, np.e)
    assert best == pytest.approx(8.7e-6, rel=0.01)
    envelope = np.array([np.median(errors[max(k - 12, 0) : k + 13]) for k in range(errors.size)])
    assert best / 5 <= steps[np.argmin(envelope)] <= 5 * best
    assert errors.min() <= 4e-11


def test_v_curve_in_float32():
    steps, errors = v_curve(np.float32)
    best = optimal_step(np.e, np.e, np.float32)
    assert best == pytest.approx(7.1e-3, rel=0.01)
    envelope = np.array([np.median(errors[max(k - 12, 0) : k + 13]) for k in range(errors.size)])
    assert best / 5 <= steps[np.argmin(envelope)] <= 5 * best
    assert errors.min() <= 5e-5


def test_forward_difference_has_order_one():
    steps = np.geomspace(1e-6, 0.1, 50)
    errors = np.array([abs(float(forward(lambda t: np.exp(1 + t), h)) - np.e) for h in steps])
    assert slope_of(steps, errors, 1e-5, 0.1) == pytest.approx(1, abs=0.05)


FUNCTIONS = [
    (np.exp, np.exp),
    (np.sin, np.cos),
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (np.log1p, lambda x: 1 / (1 + x)),
    (lambda x: x**5, lambda x: 5 * x**4),
    (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
]


def test_error_estimates_of_ridders_are_honest():
    rng = np.random.default_rng(11)
    quotients = []
    for _ in range(100):
        for function, slope in FUNCTIONS:
            x = rng.uniform(0.1, 4, 5)
            found = ridders(lambda t, f=function, x=x: f(x * (1 + t)))
            quotients.append(np.abs(found.value - x * slope(x)) / found.error)
    quotient = np.concatenate(quotients)
    assert np.quantile(quotient, 0.99) < 1.5
    assert quotient.max() < 10


def test_each_element_has_an_error_of_its_own():
    x = np.array([1.0, 1.0])
    found = ridders(lambda t: np.array([np.exp(x[0] + t), 1e9 + np.exp(x[1] + t)]))
    assert found.error[0] < 1e-10 < found.error[1]
    assert np.all(np.abs(found.value - np.e) <= 10 * found.error)


def test_first_step_shrinks_until_the_function_is_finite():
    found = ridders(lambda t: np.log(0.001 + t), step=0.5)
    assert float(found.value) == pytest.approx(1000, rel=1e-6)


def test_a_function_that_is_never_finite_has_an_infinite_error():
    assert np.isinf(ridders(lambda t: np.full(2, np.nan)).error).all()


def test_retries_do_not_believe_a_table_that_crossed_a_kink():
    x = 0.01
    found = with_retries(lambda t: np.maximum(np.asarray(x + t), 0.0))
    assert abs(float(found.value) - 1) <= 10 * float(found.error)
    assert float(found.error) < 1e-6


def test_retries_say_so_when_nothing_converges():
    rng = np.random.default_rng(0)
    found = with_retries(lambda t: rng.standard_normal(3))
    assert np.all(found.error > 0.1)


@pytest.mark.parametrize("name", ["cbrt", "floor", "heaviside", "logaddexp", "hypot", "arctan2"])
def test_functions_without_a_complex_loop_are_refused(name):
    function = getattr(np, name)
    arguments = (1.0,) if name in ("cbrt", "floor") else (1.0, 0.5)
    with pytest.raises(ComplexStepUnavailable):
        complex_step(lambda t: function(arguments[0] + t, *arguments[1:]))


def test_abs_hides_in_a_product_and_is_found_by_comparison():
    x = np.array([0.7, -1.3])

    def line(t):
        return np.abs(x + t) * (x + t)

    derivative = complex_step(line)
    real = ridders(line)
    assert not agrees(derivative, real.value, real.error)
    with pytest.raises(ComplexStepUnavailable, match="real array"):
        complex_step(lambda t: np.abs(x + t))


def test_a_cast_that_drops_the_imaginary_part_is_refused():
    with pytest.raises(ComplexStepUnavailable, match="ComplexWarning"):
        complex_step(lambda t: np.asarray(1.0 + t).astype(float) + 0j)
