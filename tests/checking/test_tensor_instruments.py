"""Numeric gradients, Taylor and adjoint tests and derivations of functions of Tensors."""

from __future__ import annotations

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.checking import adjoint_test, check_derivation, numeric_grad, taylor_test

X = np.array([0.3, -0.7, 1.1])


def value(x):
    return (x.exp() * x.sin()).sum()


def slope(x):
    return x.exp() * (x.sin() + x.cos())


def test_numeric_gradient_of_a_function_of_tensors():
    found = numeric_grad(value, tg.tensor(X))
    np.testing.assert_allclose(found.value, slope(tg.tensor(X)).numpy(), rtol=1e-12)


def test_taylor_test_reads_the_error_of_a_gradient():
    u = [np.array([1.0, -2.0, 0.5])]
    x = tg.tensor(X)
    right = taylor_test(value, slope(x), x, direction=u)
    assert right
    assert abs(min(right.first_rates) - 1.996) < 0.02
    assert all(abs(rate - 3) < 0.01 for rate in right.symmetric_rates)
    wrong = taylor_test(value, slope(x) * (1 + 1e-4), x, direction=u)
    assert wrong.status == "FAIL"
    assert abs(wrong.first_rates[0] - 2.013) < 0.005
    assert abs(wrong.slope_error - 1e-4) < 1e-6


def test_adjoint_test_of_a_rule_of_tensors():
    W = tg.tensor(np.random.default_rng(0).standard_normal((3, 4)))

    def right(v):
        y = tg.softmax(W, dim=-1)
        return [y * (v - (v * y).sum(dim=-1, keepdim=True))]

    def wrong(v):
        y = tg.softmax(W, dim=-1)
        return [y * v * (1 - y)]

    assert adjoint_test(lambda W: tg.softmax(W, dim=-1), right, W)
    assert not adjoint_test(lambda W: tg.softmax(W, dim=-1), wrong, W)


def test_derivation_written_in_tensors():
    rng = np.random.default_rng(0)
    x = tg.tensor(rng.standard_normal((5, 3)))

    def loss(W, b):
        return (x @ W + b).tanh().sum()

    def gradient(W, b):
        h = (x @ W + b).tanh()
        d = 1 - h * h
        return x.T @ d, d.sum() * tg.ones(4, dtype=tg.float64)

    report = check_derivation(
        loss, gradient, tg.tensor(rng.standard_normal((3, 4))), tg.tensor(rng.standard_normal(4))
    )
    assert [(r.name, r.status) for r in report.rows] == [("W", "PASS"), ("b", "FAIL")]
    assert report.culprits[0].kind == "summed over too many axes"
    assert report.culprits[0].location.startswith("test_tensor_instruments.py:")
