"""Taylor remainders and the dot-product test."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking.adjoint import adjoint_test
from tinygrad_edu.checking.taylor import taylor_test

X = np.array([0.3, -0.7, 1.1])
U = np.array([1.0, -2.0, 0.5])


def function(x):
    return np.sum(np.exp(x) * np.sin(x))


GRADIENT = np.exp(X) * (np.sin(X) + np.cos(X))


def test_rates_of_a_right_gradient():
    found = taylor_test(function, GRADIENT, X, direction=[U])
    assert found
    assert min(found.first_rates) == pytest.approx(1.996, abs=5e-4)
    assert np.allclose(found.symmetric_rates, 3.0, atol=5e-3)
    assert not found.exact


def test_rates_are_blind_to_a_small_error_and_the_verdict_is_not():
    found = taylor_test(function, GRADIENT * (1 + 1e-4), X, direction=[U])
    assert min(found.first_rates) == pytest.approx(2.013, abs=5e-4)
    assert found.status == "FAIL"
    assert found.slope_error == pytest.approx(1e-4, rel=1e-3)


def test_error_of_one_in_a_million_is_read():
    found = taylor_test(function, GRADIENT * (1 + 1e-6), X, direction=[U])
    assert found.status == "FAIL"
    assert found.slope_error == pytest.approx(1e-6, rel=1e-3)


def test_second_order_remainder():
    hessian = 2 * np.exp(X) * np.cos(X)
    found = taylor_test(
        function, GRADIENT, X, direction=[U], hessian_product=float(np.sum(hessian * U * U))
    )
    assert np.allclose(found.second_rates, 3.0, atol=0.05)


def test_linear_function_has_an_exact_model():
    found = taylor_test(lambda x: 3 * x.sum(), np.full(3, 3.0), X)
    assert found
    assert found.exact
    assert "model exact" in repr(found)


def test_several_inputs():
    a, b = X, U
    assert taylor_test(lambda a, b: np.sum(a * b), [b, a], a, b)
    assert not taylor_test(lambda a, b: np.sum(a * b), [a, b], a, b)


def test_shapes_are_refused_in_words():
    with pytest.raises(ValueError, match=r"input 0 has shape \(3,\), its gradient has \(2,\)"):
        taylor_test(function, np.ones(2), X)
    with pytest.raises(ValueError, match="needs one number"):
        taylor_test(np.exp, GRADIENT, X)


def test_adjoint_of_a_product():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((3, 4)), rng.standard_normal((4, 2))
    assert adjoint_test(np.matmul, lambda v: (v @ b.T, a.T @ v), a, b)
    wrong = adjoint_test(np.matmul, lambda v: (v @ b.T, -(a.T @ v)), a, b)
    assert wrong.status == "FAIL"


def test_adjoint_is_not_vacuous_for_a_linear_but_wrong_rule():
    x = np.linspace(-1, 1, 5)
    assert not adjoint_test(np.tanh, lambda v: (v * (1 - np.tanh(x)),), x)


def test_adjoint_without_a_complex_loop():
    x = np.linspace(0.5, 2, 5)
    found = adjoint_test(np.cbrt, lambda v: (v / (3 * np.cbrt(x) ** 2),), x)
    assert found
    assert found.method == "Richardson"


def test_adjoint_refuses_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match="input 0 has shape"):
        adjoint_test(np.exp, lambda v: (v[:2],), np.ones(3))
