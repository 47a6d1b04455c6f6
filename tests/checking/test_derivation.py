"""Gradients derived by hand, with the mistakes that published derivations held."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking.derivation import check_derivation

RNG = np.random.default_rng(3)
SAMPLES, FEATURES, CLASSES = 6, 4, 10
X = RNG.standard_normal((SAMPLES, FEATURES))
ONE_HOT = np.eye(CLASSES)[RNG.integers(0, CLASSES, SAMPLES)]
W = RNG.standard_normal((FEATURES, CLASSES))
B = RNG.standard_normal(CLASSES)
Z = RNG.standard_normal((SAMPLES, 3))
T = (RNG.random((SAMPLES, 3)) < 0.5) * 1.0


def softmax(z):
    e = np.exp(z - np.max(z.real, axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cross_entropy(W, b):
    return -(ONE_HOT * np.log(softmax(X @ W + b))).sum() / SAMPLES


def mean_square(z):
    return ((sigmoid(z) - T) ** 2).mean()


def test_right_derivation_passes_with_every_element_compared():
    def gradient(W, b):
        dz = (softmax(X @ W + b) - ONE_HOT) / SAMPLES
        return X.T @ dz, dz.sum(axis=0)

    report = check_derivation(cross_entropy, gradient, W, B)
    assert report
    assert [row.name for row in report.rows] == ["W", "b"]
    assert report.errors("W").shape == W.shape
    assert report.errors("W").max() <= 1
    assert report.method == "complex step"


@pytest.mark.parametrize("broadcast", [False, True])
def test_bias_summed_over_samples_and_units(broadcast):
    def gradient(W, b):
        dz = (softmax(X @ W + b) - ONE_HOT) / SAMPLES
        db = dz.sum()
        return X.T @ dz, np.full(CLASSES, db) if broadcast else db

    report = check_derivation(cross_entropy, gradient, W, B)
    assert [row.status for row in report.rows] == ["PASS", "FAIL"]
    assert report.first_wrong.kind == "summed over too many axes"
    assert "b would never move" in report.first_wrong.message


def test_output_gradient_of_another_loss():
    report = check_derivation(mean_square, lambda z: sigmoid(z) - T, Z)
    assert report.first_wrong.kind == "extra factor"
    assert "the sigma'(z) of a sigmoid is missing" in report.first_wrong.message
    assert "9 = z.size/2" in report.first_wrong.message


def test_mean_over_all_entries_against_mean_over_samples():
    def loss(z):
        return -(ONE_HOT * np.log(softmax(z))).mean()

    report = check_derivation(
        loss,
        lambda z: (softmax(z) - ONE_HOT) / SAMPLES,
        RNG.standard_normal((SAMPLES, CLASSES)),
    )
    assert report.first_wrong.kind == "factor"
    assert "10 = z.shape[1]: the 1/10 of a mean is missing" in report.first_wrong.message


def test_logistic_loss_without_the_slope_of_the_sigmoid():
    def loss(z):
        p = sigmoid(z)
        return -(T * np.log(p) + (1 - T) * np.log(1 - p)).sum()

    def gradient(z):
        p = sigmoid(z)
        return -(T / p - (1 - T) / (1 - p))

    report = check_derivation(loss, gradient, Z)
    assert report.first_wrong.kind == "extra factor"
    assert report.first_wrong.message.startswith("analytic = numeric x 1/sigma'(z)")


def test_function_name_and_line_are_given():
    def wrong(z):
        return -Z

    finding = check_derivation(mean_square, wrong, Z).first_wrong
    assert finding.op == "wrong"
    assert finding.location.startswith("test_derivation.py:")


def test_gradients_as_dict_list_or_alone():
    def f(a, b):
        return (a * b).sum()

    a, b = Z[0], Z[1]
    assert check_derivation(f, lambda a, b: {"b": a, "a": b}, a, b)
    assert check_derivation(f, lambda a, b: [b, a], a, b)
    only = check_derivation(f, lambda a, b: [b], a, b)
    assert only
    assert [row.name for row in only.rows] == ["a"]
    second = check_derivation(f, lambda a, b: (None, a), a, b)
    assert [row.name for row in second.rows] == ["b"]
    assert not check_derivation(f, lambda a, b: {"b": b, "a": b}, a, b)


def test_parameters_in_a_dict_or_a_list():
    def f(p):
        return ((X @ p["W"] + p["b"]) ** 2).sum()

    def gradient(p):
        d = 2 * (X @ p["W"] + p["b"])
        return {"b": d.sum(0), "W": X.T @ d}

    assert check_derivation(f, gradient, {"W": W, "b": B})
    report = check_derivation(
        f, lambda p: {**gradient(p), "b": -gradient(p)["b"]}, {"W": W, "b": B}
    )
    assert [(row.name, row.status) for row in report.rows] == [("W", "PASS"), ("b", "FAIL")]
    assert report.first_wrong.kind == "wrong sign"
    assert report.call == "check_derivation(f, <lambda>, W, b)"
    assert check_derivation(cross_entropy, lambda W, b: (None, softmax_bias(W, b)), [W, B])


def test_parameters_after_a_star_have_numbers():
    report = check_derivation(lambda *Ws: (Ws[0] * Ws[1]).sum(), lambda *Ws: Ws, Z[0], Z[1])
    assert [row.name for row in report.rows] == ["Ws[0]", "Ws[1]"]
    assert {n.kind for n in report.culprits} == {"swapped inputs"}
    with pytest.raises(ValueError, match="1 names for 2 inputs"):
        check_derivation(lambda a, b: (a * b).sum(), lambda a, b: (b, a), Z[0], Z[1], names=["a"])


def softmax_bias(W, b):
    return ((softmax(X @ W + b) - ONE_HOT) / SAMPLES).sum(axis=0)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (lambda W, b: softmax_bias(W, b)[None, :], "wrong shape"),
        (lambda W, b: softmax(X @ W + b) / SAMPLES - ONE_HOT / SAMPLES, "missing broadcast sum"),
        (lambda W, b: softmax_bias(W, b)[:3], "wrong shape"),
        (lambda W, b: np.zeros(CLASSES), "zero gradient"),
        (lambda W, b: np.full(CLASSES, np.nan), "not finite"),
    ],
)
def test_wrong_shapes_and_empty_answers(given, kind):
    report = check_derivation(cross_entropy, lambda W, b: {"b": given(W, b)}, W, B)
    assert [row.name for row in report.rows] == ["b"]
    assert report.first_wrong.kind == kind
    assert str(report)
    assert report.explain()


def test_integer_labels_are_passed_on():
    labels = np.array([0, 2, 1, 1, 0, 2])

    def f(z, labels):
        return -np.log(softmax(z))[np.arange(SAMPLES), labels].mean()

    def gradient(z, labels):
        return (softmax(z) - np.eye(3)[labels]) / SAMPLES

    assert check_derivation(f, gradient, Z, labels)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_scale_and_offset_of_the_loss_change_nothing(scale, offset):
    def f(z):
        return scale * mean_square(z) + offset

    def gradient(z):
        p = sigmoid(z)
        return scale * 2 / z.size * (p - T) * p * (1 - p)

    assert check_derivation(f, gradient, Z)
    report = check_derivation(f, lambda z: -gradient(z), Z)
    assert report.first_wrong.kind == "wrong sign"


def test_same_seed_same_report():
    first, again = (check_derivation(mean_square, lambda z: Z, Z, seed=4) for _ in range(2))
    assert first == again
    assert repr(first) == repr(again)


def test_inputs_and_random_state_are_as_before():
    z = Z.copy()
    np.random.seed(1)
    state = np.random.get_state()[1].copy()

    def f(z):
        np.random.random()
        return (z * z).sum()

    check_derivation(f, lambda z: 2 * z, z)
    assert np.array_equal(z, Z)
    assert np.array_equal(np.random.get_state()[1], state)


class TestBadInput:
    def test_integers(self):
        with pytest.raises(TypeError, match=r"use x\.astype\(float\)"):
            check_derivation(np.sum, lambda x: x, np.arange(3))

    def test_not_finite(self):
        with pytest.raises(ValueError, match=r"holds nan at index \(1,\)"):
            check_derivation(np.sum, lambda x: x, np.array([1.0, np.nan]))

    def test_not_a_number_returned(self):
        with pytest.raises(ValueError, match=r"f returned shape \(3,\)"):
            check_derivation(np.exp, lambda x: x, np.ones(3))

    def test_too_many_gradients(self):
        with pytest.raises(ValueError, match="3 gradients for 1 inputs"):
            check_derivation(np.sum, lambda x: (x, x, x), np.ones(3))

    def test_unknown_names(self):
        with pytest.raises(ValueError, match="gradients for w; the inputs are called z"):
            check_derivation(mean_square, lambda z: {"w": z}, Z)

    def test_random_function(self):
        rng = np.random.default_rng(0)
        report = check_derivation(lambda x: (x * rng.random(3)).sum(), lambda x: x, np.ones(3))
        assert report.verdict == "NONDETERMINISTIC"

    def test_function_that_raises_half_way(self):
        def f(x):
            raise KeyError("W1")

        report = check_derivation(f, lambda x: x, np.ones(3))
        assert report.verdict == "INVALID"
        assert "KeyError" in report.problems[0]

    def test_functions_that_print_are_heard_once(self, capsys):
        def f(x):
            print("f is called")
            return (x * x).sum()

        def gradient(x):
            print("gradient is called")
            return 2 * x

        report = check_derivation(f, gradient, np.ones(3))
        assert report
        assert report.call == "check_derivation(f, gradient, x)"
        out = capsys.readouterr().out
        assert sorted(out.splitlines()) == ["f is called", "gradient is called"]

    def test_function_of_nothing(self):
        report = check_derivation(lambda x: 3.0, lambda x: 0 * x, np.ones(3))
        assert report
        wrong = check_derivation(lambda x: 3.0, lambda x: x, np.ones(3))
        assert wrong.first_wrong.kind == "the true gradient is zero"

    def test_function_that_changes_its_input(self):
        def f(x):
            x *= 2
            return (x * x).sum()

        x = np.ones(3)
        report = check_derivation(f, lambda x: 8 * x, x)
        assert report.verdict == "FAIL"
        assert "writes into the arrays" in report.problems[0]
        assert np.all(x == 1)
