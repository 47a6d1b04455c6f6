"""Every optimiser's rule, recorded over three steps, passes its check to second order."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.checking.tables.optimisers import ABSENT, OPTIMISERS
from tinygrad_edu import optim
from tinygrad_edu.checking import gradcheck
from tinygrad_edu.engine.table import find, with_rule

CASES = [(name, k) for name, settings in OPTIMISERS.items() for k in range(len(settings))]


def check(name: str, number: int, order: int = 2, steps: int = 3) -> Any:
    """The parameter and the state after some steps, by the first parameter and every gradient."""
    kind: Any = getattr(optim, name)
    group = kind([tg.zeros(1)], lr=0.1, **OPTIMISERS[name][number]).param_groups[0]
    rule = kind([tg.zeros(1)], lr=0.1, **OPTIMISERS[name][number]).rule

    def run(p: Any, *gradients: Any) -> Any:
        state: dict[str, Any] = {}
        for g in gradients:
            p, state = rule(p, g, state, group)
        return (p, *(x for x in state.values() if isinstance(x, tg.Tensor)))

    rng = np.random.default_rng(3)
    given = [rng.standard_normal((2, 2)) for _ in range(steps + 1)]
    names = ["p", *(f"g{k}" for k in range(1, steps + 1))]
    return gradcheck(run, *given, order=order, names=names)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_rule(name: str, number: int) -> None:
    report = check(name, number)
    assert report.verdict == "PASS", report


def test_every_optimiser_is_accounted_for() -> None:
    kinds = {
        n
        for n in dir(optim)
        if inspect.isclass(getattr(optim, n)) and issubclass(getattr(optim, n), optim.Optimizer)
    }
    assert kinds == {*OPTIMISERS, *ABSENT}


def test_every_flag_is_used_somewhere() -> None:
    """A setting that changes the rule is part of some case."""
    for name, cases in OPTIMISERS.items():
        flags = {
            p.name
            for p in inspect.signature(getattr(optim, name)).parameters.values()
            if isinstance(p.default, bool) and p.name not in ("capturable", "differentiable")
        } - {"maximize"}
        assert flags <= {key for case in cases for key in case}, name


def test_a_wrong_rule_below_an_optimiser_is_found() -> None:
    with with_rule(find(np.sqrt), "x", lambda g, y: g / y):
        report = check("Adam", 0, order=1)
    assert report.verdict == "FAIL"
    assert report.first_wrong.op.split()[0] == "sqrt"


def test_a_rule_that_detaches_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = optim.SGD.rule

    def wrong(self: Any, p: Any, g: Any, state: Any, group: Any) -> Any:
        return right(self, p, g.detach(), state, group)

    monkeypatch.setattr(optim.SGD, "rule", wrong)
    report = check("SGD", 1, order=1)
    assert report.verdict == "FAIL"
    assert {row.name for row in report.rows if row.status == "FAIL"} == {"g1", "g2", "g3"}
