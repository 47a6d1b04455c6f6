"""What the options of `gradcheck` promise: every element, no ops, a budget of seconds."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.engine.table import find, with_rule

RNG = np.random.default_rng(5)
ARRAYS = [RNG.standard_normal(s) for s in [(5, 4), (4, 3), (3,)]]


def net(x, W, b):
    return (tg.tanh(x @ W + b) ** 2).mean()


def wrong_tanh():
    return with_rule(find(np.tanh), "x", lambda g, y: g * (1 - y))


def test_every_element_is_compared_when_asked():
    report = tg.gradcheck(net, *ARRAYS, full=True)
    assert report
    for name, x in zip(("x", "W", "b"), ARRAYS, strict=True):
        assert report.errors(name).shape == x.shape
        assert report.errors(name).max() <= 1
    assert all(row.index is not None for row in report.rows)
    plain = tg.gradcheck(net, *ARRAYS)
    with pytest.raises(KeyError, match="no gradient called 'W'"):
        plain.errors("W")


def test_of_every_element_the_wrong_ones_are_known():
    def rule(g, a):
        right = a.T @ g
        right[2, 1] *= 1.01
        return right

    with with_rule(find(np.matmul), "b", rule):
        report = tg.gradcheck(net, *ARRAYS, full=True)
    wrong = report.errors("W") > 1
    assert np.argwhere(wrong).tolist() == [[2, 1]]
    assert report.rows[1].index == (2, 1)
    assert [row.status for row in report.rows] == ["PASS", "FAIL", "PASS"]


def test_elements_can_be_left_alone():
    with wrong_tanh():
        report = tg.gradcheck(net, *ARRAYS, full=False)
    assert report.verdict == "FAIL"
    assert report.first_wrong.op == "tanh"
    assert not report.ratios
    assert all(row.index is None for row in report.rows)


def test_without_localising_gradients_are_still_judged_and_nothing_is_accused():
    right = tg.gradcheck(net, *ARRAYS, localise=False)
    assert right
    assert all(0 < row.resolution < 1e-7 for row in right.rows)
    assert "localise=False" in right.notes[0]
    with wrong_tanh():
        report = tg.gradcheck(net, *ARRAYS, localise=False)
    assert report.verdict == "FAIL"
    assert not report.nodes
    assert not report.problems
    assert {row.note for row in report.rows} == {"op unknown"}


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_without_localising_scale_changes_nothing(scale):
    def f(x, W, b):
        return net(x, W, b) * scale

    assert tg.gradcheck(f, *ARRAYS, localise=False)
    with wrong_tanh():
        assert tg.gradcheck(f, *ARRAYS, localise=False).verdict == "FAIL"


def test_a_budget_that_is_spent_is_no_pass():
    report = tg.gradcheck(net, *ARRAYS, budget_s=1e-9)
    assert report.verdict == "INCONCLUSIVE"
    assert "spent after 0 of 6 ops" in report.problems[0]
    assert tg.gradcheck(net, *ARRAYS, budget_s=100)
    with wrong_tanh():
        assert tg.gradcheck(net, *ARRAYS, budget_s=1e-9).verdict == "FAIL"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"full": "all"}, "full='all': expected True, False or \"auto\""),
        ({"budget_s": 0}, "budget_s=0: expected seconds"),
        ({"budget_s": float("nan")}, "budget_s=nan: expected seconds"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        tg.gradcheck(net, *ARRAYS, **options)


def test_every_element_at_a_kink_is_left_to_the_ops():
    report = tg.gradcheck(lambda x: tg.abs(x).sum(), np.array([0.0, 1.0, -1.0]), full=True)
    assert report
    assert not report.ratios


def test_every_element_in_float32():
    report = tg.gradcheck(net, *[x.astype(np.float32) for x in ARRAYS], full=True)
    assert report
    assert report.errors("b").max() <= 1
