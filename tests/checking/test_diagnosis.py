"""Each kind of mistake, planted; and near misses that must not be called that kind."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking.diagnosis import KINDS, Evidence, Sample, diagnose, unbroadcast
from tinygrad_edu.checking.explanations import EXPLANATIONS
from tinygrad_edu.checking.factors import name_factor, show_number
from tinygrad_edu.checking.node_audit import audit_node
from tinygrad_edu.checking.operation import PlainOperation


def audited(function, rule, *inputs, seed=0, complex_ok=True, **attributes):
    """The one wrong input of a planted op."""
    names = ("a", "b", "c")[: len(inputs)] if len(inputs) > 1 else ("x",)
    op = PlainOperation("planted", function, rule, complex_ok, attributes, names)
    found = audit_node(op, list(inputs), seed=seed)
    assert found.status == "FAIL"
    assert len(found.wrong) == 1
    return found.wrong[0].diagnosis


RNG = np.random.default_rng(42)
X = RNG.standard_normal((4, 5))
P = RNG.uniform(0.3, 2.5, (4, 5))
SQUARE = RNG.standard_normal((4, 4))


def test_every_kind_is_explained():
    assert set(KINDS) <= set(EXPLANATIONS)


@pytest.mark.parametrize(
    ("kind", "words", "function", "rule", "inputs"),
    [
        ("wrong sign", "-1 x", np.tanh, lambda x, y, g: [-g * (1 - y * y)], [X]),
        ("factor", "a factor 2 is missing", np.square, lambda x, y, g: [g * x[0]], [X]),
        ("factor", "1.000001 x", np.tanh, lambda x, y, g: [g * (1 - y * y) * (1 + 1e-6)], [X]),
        (
            "factor",
            "20 = x.size: the 1/20 of a mean is missing",
            np.mean,
            lambda x, y, g: [np.full(x[0].shape, g)],
            [X],
        ),
        (
            "factor",
            "averaged where the function sums",
            lambda x: x.sum(0),
            lambda x, y, g: [np.broadcast_to(g, x[0].shape) / 4],
            [X],
        ),
        ("zero gradient", "0 everywhere", np.exp, lambda x, y, g: [0 * g], [X]),
        ("no gradient", "no gradient for x", np.exp, lambda x, y, g: [None], [X]),
        (
            "not finite",
            "first at",
            np.exp,
            lambda x, y, g: [np.where(x[0] < 0, np.nan, g * y)],
            [X],
        ),
        (
            "transposed",
            "transposed",
            np.matmul,
            lambda x, y, g: [g @ x[1].T, (x[0].T @ g).T],
            [SQUARE, SQUARE + 1],
        ),
        (
            "transposed",
            "shape 3x5, not 5x3",
            np.matmul,
            lambda x, y, g: [g @ x[1].T, g.T @ x[0]],
            [X, RNG.standard_normal((5, 3))],
        ),
        (
            "missing broadcast sum",
            "summed back",
            np.add,
            lambda x, y, g: [g, g],
            [X, RNG.standard_normal(5)],
        ),
        (
            "summed over too many axes",
            "axis 0",
            np.add,
            lambda x, y, g: [g, g.sum()],
            [X, RNG.standard_normal(5)],
        ),
        (
            "one slice only",
            "first slice along axis 0",
            np.add,
            lambda x, y, g: [g, g[0]],
            [X, RNG.standard_normal(5)],
        ),
        (
            "one slice missing",
            "last slice along axis 0",
            np.add,
            lambda x, y, g: [g, g[:-1].sum(0)],
            [X, RNG.standard_normal(5)],
        ),
        ("wrong shape", "reshape", np.exp, lambda x, y, g: [(g * y).reshape(2, 10)], [X]),
        ("ignores the cotangent", "multiply by g", np.exp, lambda x, y, g: [y], [X]),
        ("not linear in the cotangent", "sign", np.exp, lambda x, y, g: [np.abs(g) * y], [X]),
        ("not linear in the cotangent", "twice", np.exp, lambda x, y, g: [g * g * y], [X]),
        ("added constant", "0.1 too large", np.exp, lambda x, y, g: [g * y + 0.1], [X]),
        ("shifted by one", "+1 along axis 1", np.exp, lambda x, y, g: [np.roll(g * y, 1, 1)], [X]),
        ("reversed", "axis 1", np.exp, lambda x, y, g: [(g * y)[:, ::-1]], [X]),
        (
            "swapped inputs",
            "belongs to b",
            np.multiply,
            lambda x, y, g: [g * x[0], g * x[0]],
            [X, P],
        ),
        (
            "extra factor",
            "tanh'(x) is missing",
            np.tanh,
            lambda x, y, g: [g],
            [X],
        ),
        ("extra factor", "factor x too many", np.exp, lambda x, y, g: [g * y * x[0]], [X]),
        ("extra factor", "1 - y stands for", np.tanh, lambda x, y, g: [g * (1 - y)], [X]),
        ("rounded", "float32", np.exp, lambda x, y, g: [(g * y).astype(np.float32)], [X]),
        ("wrong region", "x < 0", np.exp, lambda x, y, g: [g * y * np.where(x[0] < 0, 3, 1)], [X]),
        (
            "wrong region",
            "a < b",
            np.maximum,
            lambda x, y, g: [g, g * (x[1] > x[0])],
            [X, P - 1],
        ),
    ],
)
def test_planted(kind, words, function, rule, inputs):
    found = audited(function, rule, *inputs)
    assert found.kind == kind
    assert words in found.message


def softmax(x):
    e = np.exp(x - np.max(x.real, -1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_softmax_with_its_diagonal_only():
    found = audited(softmax, lambda x, y, g: [g * y * (1 - y)], X)
    assert found.kind == "coupling ignored"


def test_gather_off_by_one():
    index = np.array([0, 2, 2, 4, 1, 3])

    def rule(xs, y, g):
        out = np.zeros(xs[0].shape)
        np.add.at(out, (xs[1] + 1) % 5, g)
        return [out, None]

    found = audited(lambda x, i: x[i], rule, RNG.standard_normal((5, 4)), index)
    assert found.kind == "shifted by one"
    assert "axis 0" in found.message


def test_repeated_indices_that_overwrite():
    index = np.array([0, 2, 2, 4, 1, 3])

    def rule(xs, y, g):
        out = np.zeros(xs[0].shape)
        out[xs[1]] = g
        return [out, None]

    found = audited(lambda x, i: x[i], rule, RNG.standard_normal((5, 4)), index)
    assert found.kind == "wrong region"
    assert "indexed more than once" in found.message


def test_branch_with_an_attribute():
    def elu(x):
        return np.where(x.real > 0, x, 0.5 * (np.exp(np.where(x.real > 0, 0, x)) - 1))

    found = audited(elu, lambda x, y, g: [g * np.where(x[0] > 0, 1, 2 * (y + 0.5))], X, alpha=0.5)
    assert found.kind == "wrong region"
    assert "2 x numeric" in found.message


def test_straight_through_estimate():
    found = audited(np.round, lambda x, y, g: [g], X, complex_ok=False)
    assert found.kind == "the true gradient is zero"


def test_few_elements_are_counted_and_indexed():
    def rule(xs, y, g):
        out = g * y
        out[2, 3] *= 1.5
        return [out]

    found = audited(np.exp, rule, X)
    assert found.kind == "few elements"
    assert found.index == (2, 3)
    assert "1 of 20" in found.message


def test_clipped():
    found = audited(np.exp, lambda x, y, g: [np.clip(g * y, -0.5, 0.5)], X)
    # Clipping is not linear in the cotangent, which is seen first.
    assert found.kind in ("not linear in the cotangent", "clipped")


# Near misses.


def test_a_symmetric_matrix_is_not_called_transposed():
    n = np.array([[1.0, 2.0], [2.0, 5.0]])
    sample = Sample((n,), n, np.ones((2, 2)), (2 * n,), (n,))
    assert diagnose(Evidence(0, [sample])).kind == "factor"


def test_a_factor_in_one_sample_only_is_no_factor():
    n = np.array([1.0, -2.0, 0.5, 3.0])
    samples = [
        Sample((n,), n, np.ones(4), (2 * n,), (n,)),
        Sample((n + 1,), n, np.ones(4), (2 * n + np.array([0, 0.1, -0.3, 0.2]),), (n,)),
    ]
    assert diagnose(Evidence(0, samples)).kind == "unclassified"


def test_one_number_is_a_multiple_of_any_other():
    x = np.array([0.3])
    sample = Sample((x,), x, np.ones(1), (np.array([0.7312]),), (np.array([1.0]),))
    assert diagnose(Evidence(0, [sample])).kind != "factor"
    sample = Sample((x,), x, np.ones(1), (np.array([2.0]),), (np.array([1.0]),))
    assert diagnose(Evidence(0, [sample])).kind == "factor"


def test_two_unrelated_wrong_elements_are_no_region():
    def rule(xs, y, g):
        out = g * y
        out[0, 0] += g[0, 0]
        out[3, 2] -= g[3, 2]
        return [out]

    assert audited(np.exp, rule, X).kind == "few elements"


def test_the_wrong_transpose_of_a_square_product_is_unclassified():
    found = audited(
        np.matmul, lambda x, y, g: [g @ x[1], x[0].T @ g], SQUARE, RNG.standard_normal((4, 4))
    )
    assert found.kind == "unclassified"


def test_noise_is_unclassified():
    noise = RNG.standard_normal(X.shape)
    found = audited(np.exp, lambda x, y, g: [g * y + noise * g.sum()], X)
    assert found.kind == "unclassified"


def test_right_only_for_symmetric_matrices():
    symmetric = SQUARE + SQUARE.T
    op = PlainOperation(
        "W @ W", lambda w: w @ w, lambda x, y, g: [g @ x[0] + x[0] @ g], True, {}, ("W",)
    )
    found = audit_node(op, [symmetric])
    assert found.status == "FAIL"
    assert found.wrong[0].beside
    assert "by coincidence" in found.wrong[0].message


@pytest.mark.parametrize(
    ("k", "text"),
    [
        (2, "2"),
        (18, "18 = x.size"),
        (1 / 3, "0.3333333 = 1/3 or 1/x.shape[1]"),
        (np.sqrt(6), "2.44949 = sqrt(x.shape[0])"),
        (np.pi, "3.141593 = pi"),
        (0.25, "0.25 = alpha or 1/4"),
        (0.7312, ""),
        (2.000001, ""),
    ],
)
def test_names_of_factors(k, text):
    assert name_factor(k, {"x": (6, 3)}, {"alpha": 0.25}).text == text


def test_numbers_close_to_one_show_their_difference():
    assert show_number(1 + 1e-6) == "1.000001"
    assert show_number(1 + 5e-4) == "1.0005"
    assert show_number(0.5) == "0.5"


def test_unbroadcast():
    g = np.ones((2, 3, 4))
    assert unbroadcast(g, (3, 1)).shape == (3, 1)
    assert float(unbroadcast(g, ()).item()) == 24
    assert unbroadcast(g, (5,)) is None
