"""One wrong link in a derivation spoils every gradient before it; it is named by its line."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.checking.drawing import WRONG

RNG = np.random.default_rng(11)
X = RNG.standard_normal((7, 4))
T = np.eye(3)[RNG.integers(0, 3, 7)]
PARAMETERS = [
    RNG.standard_normal((4, 5)),
    RNG.standard_normal(5),
    RNG.standard_normal((5, 3)),
    RNG.standard_normal(3),
]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def check(hidden, hidden_slope, output, loss, at_output):
    def f(W1, b1, W2, b2):
        z1 = X @ W1 + b1
        a1 = hidden(z1)
        z2 = a1 @ W2 + b2
        p = output(z2)
        return loss(p)

    def gradient(W1, b1, W2, b2):
        z1 = X @ W1 + b1
        a1 = hidden(z1)
        dz2 = at_output(output(a1 @ W2 + b2))
        dz1 = dz2 @ W2.T * hidden_slope(z1, a1)
        return X.T @ dz1, dz1.sum(0), a1.T @ dz2, dz2.sum(0)

    return tg.check_derivation(f, gradient, *PARAMETERS)


def cross_entropy(p):
    return -(T * np.log(p)).sum()


def mean_square(p):
    return ((p - T) ** 2).mean()


def right_slope(z, a):
    return a * (1 - a)


def test_a_right_network_passes():
    assert check(sigmoid, right_slope, softmax, cross_entropy, lambda p: p - T)


@pytest.mark.parametrize(
    ("slope", "kind", "told"),
    [
        (lambda z, a: np.ones_like(z), "extra factor", "the sigma'(z1) of a sigmoid is missing"),
        (lambda z, a: sigmoid(a) * (1 - sigmoid(a)), "extra factor", "applied twice"),
        (lambda z, a: z * (1 - z), "extra factor", "y (1 - y) is taken with y = z1"),
        (lambda z, a: (a * (1 - a)) ** 2, "extra factor", "a factor sigma'(z1) too many"),
    ],
)
def test_mistakes_in_a_hidden_layer_leave_the_output_layer_right(slope, kind, told):
    report = check(sigmoid, slope, softmax, cross_entropy, lambda p: p - T)
    assert [row.status for row in report.rows] == ["FAIL", "FAIL", "PASS", "PASS"]
    (finding,) = report.culprits
    assert finding.kind == kind
    assert finding.input_name == "W1, b1"
    assert told in finding.message
    assert "test_origin.py:" in finding.message
    assert "z1 = X @ W1 + b1" in finding.message


def test_a_relu_without_its_step():
    report = check(
        lambda z: np.maximum(z, 0), lambda z, a: 1.0, softmax, cross_entropy, lambda p: p - T
    )
    (finding,) = report.culprits
    assert finding.kind == "derivative left out"
    assert finding.input_name == "W1, b1"
    assert "at z1" in finding.message
    assert "that of the maximum of test_origin.py:" in finding.message
    assert "left out" in report.explain()


def test_the_square_of_a_tanh_taken_of_the_wrong_variable():
    report = check(np.tanh, lambda z, a: 1 - z**2, softmax, cross_entropy, lambda p: p - T)
    assert "1 - y^2 is taken with y = z1" in report.first_wrong.message


def test_the_gradient_of_another_loss_behind_a_softmax():
    report = check(sigmoid, right_slope, softmax, mean_square, lambda p: p - T)
    (finding,) = report.culprits
    assert finding.kind == "derivative left out"
    assert finding.input_name == "W1, b1, W2, b2"
    assert "10.5 x that of the div of test_origin.py:" in finding.message
    assert "(return e / e.sum(" in finding.message
    assert "10.5 = z2.size/2: the factor 2/21 of a mean square is missing" in finding.message


def test_the_step_is_red_in_the_graph_of_the_function():
    report = check(sigmoid, lambda z, a: 1.0, softmax, cross_entropy, lambda p: p - T)
    cards = report.graph().view.cards
    marked = {c.title: c.annotations[0].label for c in cards if c.annotations}
    assert marked == {
        "add": "by hand: extra factor 1/sigma'(z1)",
        "W1": "by hand: wrong because of z1",
        "b1": "by hand: wrong because of z1",
    }
    assert "by hand: extra factor" in report.graph().to_text()
    assert WRONG in report.graph().to_svg()


def test_a_deep_network_is_searched_by_the_lines_that_have_names():
    weights = [0.5 * RNG.standard_normal((4, 4)) for _ in range(12)]

    def f(W):
        h = X
        for M in weights:
            h = sigmoid(h @ M)
        z = h @ W
        return ((sigmoid(z) - X) ** 2).sum()

    def gradient(W):
        h = X
        for M in weights:
            h = sigmoid(h @ M)
        return h.T @ (2 * (sigmoid(h @ W) - X))

    report = tg.check_derivation(f, gradient, RNG.standard_normal((4, 4)))
    assert "at z (" in report.first_wrong.message
    assert "the sigma'(z) of a sigmoid is missing" in report.first_wrong.message


def test_two_mistakes_at_once_are_not_taken_for_one():
    report = check(sigmoid, lambda z, a: np.cos(z), softmax, mean_square, lambda p: (p - T) ** 3)
    assert report.verdict == "FAIL"
    assert {n.kind for n in report.culprits} == {"unclassified"}
    assert len(report.culprits) == 4


def test_functions_of_tensors_are_searched_too():
    x, t = tg.tensor(X), tg.tensor(T)

    def f(W1, b1, W2, b2):
        h = tg.sigmoid(x @ W1 + b1)
        out = h @ W2 + b2
        return ((tg.sigmoid(out) - t) ** 2).mean()

    def gradient(W1, b1, W2, b2):
        h = tg.sigmoid(x @ W1 + b1)
        d = (tg.sigmoid(h @ W2 + b2) - t) * 2 / t.numel()
        d1 = d @ W2.T * h * (1 - h)
        return {"W1": x.T @ d1, "b1": d1.sum(0), "W2": h.T @ d, "b2": d.sum(0)}

    report = tg.check_derivation(f, gradient, *[tg.tensor(p) for p in PARAMETERS])
    (finding,) = report.culprits
    assert finding.input_name == "W1, b1, W2, b2"
    assert "out = h @ W2 + b2" in finding.message
    assert "the sigma'(out) of a sigmoid is missing" in finding.message


def test_what_tensors_cannot_do_is_no_error():
    def f(W):
        return float(np.sum(np.asarray(np.sinh(W.copy(order="F"))) ** 2))

    report = tg.check_derivation(f, lambda W: np.cos(W) ** 3, RNG.standard_normal((3, 3)))
    assert report.first_wrong.kind == "unclassified"


def test_biases_in_columns_summed_over_units_too():
    x, y = X.T, T.T

    def f(W, b):
        e = np.exp(W @ x + b)
        return -(y * np.log(e / e.sum(axis=0))).sum() / 7

    def gradient(W, b):
        e = np.exp(W @ x + b)
        dz = (e / e.sum(axis=0) - y) / 7
        return dz @ x.T, dz.sum()

    report = tg.check_derivation(
        f, gradient, RNG.standard_normal((3, 4)), RNG.standard_normal((3, 1))
    )
    assert [row.status for row in report.rows] == ["PASS", "FAIL"]
    assert report.first_wrong.kind == "summed over too many axes"
    assert "b would never move" in report.first_wrong.message


def test_the_same_call_gives_the_same_report():
    first, again = (
        check(sigmoid, right_slope, softmax, mean_square, lambda p: p - T) for _ in range(2)
    )
    assert first == again
    assert str(first) == str(again)
    assert len(str(first).splitlines()) <= 25
