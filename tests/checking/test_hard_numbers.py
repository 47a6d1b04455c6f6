"""Right gradients where numbers are hard to compare: overflow, masks, ties, stairs, wide ranges."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F
from tests.benchmarks.gradcheck_quality import scaled
from tests.checking.random_graphs import random_graph
from tests.checking.test_gradcheck import only, op, rng
from tinygrad_edu.checking.kinks import KINK, SCREEN_STEP, SMOOTH, screen
from tinygrad_edu.engine.table import primitives, with_rule


@pytest.mark.parametrize(
    ("f", "place"),
    [
        (lambda x: x**0.5, "nan at (0,) (1 of 3 entries)"),
        (lambda x: x.log(), "nan at (0,) (1 of 3 entries)"),
        (lambda x: (x.abs() - 2.0).log(), "-inf at (0,) (1 of 3 entries)"),
        (lambda x: (1000 * x).exp().sum(), "inf: no derivative"),
    ],
)
def test_a_function_that_is_not_finite_where_it_is_checked(f, place):
    x = np.array([-2.0, 3.0, 4.0]) if "-inf" in place or "nan" in place else np.ones(3)
    with np.errstate(all="ignore"):
        report = tg.gradcheck(f, np.where(x == -2.0, -1.0, x) if "nan" in place else x)
    assert report.verdict == "INVALID"
    assert place in report.problems[0]


def test_infinite_constants_are_no_obstacle():
    hidden = tg.tensor([True, False, False])

    def scores(x):
        return x.masked_fill(hidden, -np.inf) * 2

    x = rng().standard_normal(3)
    assert tg.gradcheck(scores, x, order=2).verdict == "PASS"
    assert tg.gradcheck(lambda x: F.softmax(scores(x), -1), x, order=2).verdict == "PASS"
    everything = tg.tensor([True, True, True])
    f = lambda x: (x.masked_fill(everything, -np.inf).exp() + x * x).sum()
    assert tg.gradcheck(f, x).verdict == "PASS"


def test_a_branch_that_is_nan_where_it_is_not_taken_spoils_the_gradient():
    x = np.array([1.0, -0.5, 2.0])
    wrong = only(tg.gradcheck(lambda x: tg.where(x > 0, x.sqrt(), x), x))
    assert (wrong.op, wrong.kind, wrong.index) == ("sqrt", "not finite", (1,))
    twice = lambda x: tg.where(x > 0, tg.where(x > 0, x, 1.0).sqrt(), x)
    assert tg.gradcheck(twice, x).verdict == "PASS"


WIDE = {
    "log": lambda x: x.exp().log(),
    "log1p": lambda x: tg.log1p(x.exp()),
    "sqrt": lambda x: x.exp().sqrt(),
    "pow": lambda x: x.exp() ** 0.3,
    "div": lambda x: 1 / x.exp(),
    "softplus": F.softplus,
}


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("size", [15, 80])
def test_numbers_of_very_different_size_in_one_array(name, size):
    for seed in range(3):
        x = rng(seed).uniform(-size, size, (5, 5))
        report = tg.gradcheck(WIDE[name], x)
        assert report.verdict == "PASS", report
    with with_rule(op(np.exp), "x", lambda g, y: g * y * (1 + 1e-6)):
        assert only(tg.gradcheck(WIDE[name], x)).op.split()[0] == "exp"


@pytest.mark.parametrize(
    "f",
    [
        tg.linalg.svdvals,
        tg.linalg.eigvalsh,
        lambda x: tg.linalg.norm(x, 2),
        lambda x: tg.linalg.norm(x, "nuc"),
    ],
)
def test_equal_eigenvalues(f):
    """Along a line only some of the slopes around such a point are seen."""
    assert tg.gradcheck(f, np.eye(4)).verdict == "PASS"
    values = next(p for p in primitives() if p.name == "eigvalsh")
    with with_rule(values, "x", lambda g, x: -x * g.sum()):
        assert tg.gradcheck(tg.linalg.eigvalsh, np.eye(4)).verdict == "FAIL"


@pytest.mark.parametrize(
    "f",
    [
        lambda x: tg.div(x, 0.7, rounding_mode="trunc"),
        lambda x: tg.div(x, 0.7, rounding_mode="floor"),
        lambda x: tg.remainder(x, 0.7),
        lambda x: x - x.round(),
    ],
)
def test_many_stairs(f):
    x = rng().uniform(-9, 9, (20, 25))
    assert tg.gradcheck(f, x).verdict == "PASS"


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (tg.prod, np.array([0.0, 0.0, 2.0, 1.0])),
        (lambda x: F.normalize(x, p=0.5, dim=0), rng().standard_normal((1, 2, 3))),
        (lambda x: F.layer_norm(x, (4,)).sum(), rng().standard_normal((3, 4))),
        (tg.corrcoef, rng(1).standard_normal((3, 2))),
        (lambda x: tg.div(x, 5.0, rounding_mode="trunc"), np.array(3.1)),
    ],
)
def test_gradients_that_vanish(f, x):
    assert tg.gradcheck(f, x, order=2).verdict == "PASS"


def test_a_kink_under_a_large_constant():
    """Differences cross it, and rounding lets none step closer; the graph's own cross it too."""
    graph = random_graph(52004278)
    report = tg.gradcheck(scaled(graph, 1.0, 1e6), *graph.inputs)
    assert report.verdict != "FAIL", report


def test_rounding_that_one_element_makes() -> None:
    """One saturated tanh among thirty: 1 - y^2 has few digits, which few draws show."""
    graph = random_graph(12000869)
    report = tg.gradcheck(graph.fn, *graph.inputs, seed=12000869)
    assert report, report


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("distance", [1e-10, 1e-9, 3.5e-9, 1e-8, 1e-7])
def test_a_kink_beside_the_point(distance, seed):
    """Long steps cross it and agree on the middle of two slopes; that rejects nothing."""
    a = np.random.default_rng(seed).standard_normal((6, 5))
    b = a + 1.0
    a[5, 0], b[5, 0] = 0.00423 + distance, 0.00423
    report = tg.gradcheck(lambda a, b: (tg.minimum(a, b) ** 2).mean(), a, b, seed=seed)
    assert report.verdict != "FAIL", report


@pytest.mark.parametrize("part", [0.01, 0.05, 0.1, 0.2, 0.3, 0.45])
def test_a_kink_beside_the_point_is_told_from_one_at_it(part):
    """At the screen's step it is there, and closer it is not."""
    look = screen(lambda t: np.atleast_1d(np.maximum(t, part * SCREEN_STEP) + np.exp(t)))
    assert (look.coarse.tolist(), look.kind.tolist()) == ([KINK], [SMOOTH])
    assert look.low[0] <= 1.0 <= look.high[0]
