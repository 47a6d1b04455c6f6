"""The checker finds what is planted in the table, and the table is as before afterwards."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.checking.random_graphs import at_kinks, random_graph
from tinygrad_edu.engine.fast import recorder
from tinygrad_edu.engine.table import READABLE, find, primitives, with_rule
from tinygrad_edu.learn.planted.mutants import GENERIC
from tinygrad_edu.learn.planted.planting import planted
from tinygrad_edu.learn.planted.selftest import selftest


def test_planted_mistakes_are_found_and_named():
    before = [(dict(op.rules), op.saved_names) for op in primitives()]
    result = selftest(limit=200)
    assert result, result
    kinds = sum(p.kind_right for p in result.planted)
    assert kinds >= 0.95 * len(result.planted)
    assert before == [(dict(op.rules), op.saved_names) for op in primitives()]


def test_a_planted_rule_is_gone_after_an_error():
    exp = find(np.exp)
    rule = exp.rules["x"]
    try:
        with planted(exp, 0, GENERIC[0]):
            raise KeyError
    except KeyError:
        assert exp.rules["x"] is rule
    assert tg.gradcheck(lambda x: x.exp(), np.ones(2))


@pytest.mark.skipif(READABLE, reason="about a function that is generated when first called")
def test_a_function_first_called_under_a_planted_rule_is_afterwards_as_declared():
    tanh = find(np.tanh)
    fresh = recorder(tanh)
    x = tg.tensor([0.5], dtype=tg.float64, requires_grad=True)
    with with_rule(tanh, "x", lambda g, x, y: g * x * y):
        fresh(x)
    (g,) = tg.autograd.grad(fresh(x).sum(), x, create_graph=True)
    np.testing.assert_allclose(g.item(), 1 - np.tanh(0.5) ** 2)


def test_right_graphs_pass():
    for seed in range(12):
        graph = random_graph(seed)
        assert tg.gradcheck(graph.fn, *graph.inputs, seed=seed)
        tied = at_kinks(graph)
        assert tg.gradcheck(tied.fn, *tied.inputs, seed=seed)
        short = [x.astype(np.float32) for x in graph.inputs]
        assert tg.gradcheck(graph.fn, *short, seed=seed)
