"""Every public function and Tensor method passes its check to second order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.checking.tables.cases import Case, bound
from tests.checking.tables.discovery import absent, checks, public_names, resolve, unaccounted
from tests.checking.tables.functions import FUNCTIONS
from tinygrad_edu.checking import gradcheck
from tinygrad_edu.engine.table import find, with_rule

# Names kept for old scripts say so.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated")
CHECKS = checks()
# One case of each function at every run of the suite, the others with the slow batteries.
FIRST = [name for name in CHECKS if name.endswith("[0]") and name[:-3] in FUNCTIONS]


def report_of(function: Callable[..., Any], case: Case) -> Any:
    call, values = bound(function, case)
    # Two runs of a dropout of three channels draw the same mask once in eight times.
    tg.manual_seed(0)
    return gradcheck(call, *values, order=case.order)


@pytest.mark.parametrize("name", FIRST)
def test_function(name: str) -> None:
    report = report_of(*CHECKS[name])
    assert report.verdict == "PASS", report


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CHECKS if name not in FIRST])
def test_function_otherwise(name: str) -> None:
    """Other shapes and options; in place; as an operator."""
    report = report_of(*CHECKS[name])
    assert report.verdict == "PASS", report


def test_every_public_name_is_checked_or_said_to_have_no_derivative() -> None:
    missing = unaccounted()
    assert not missing, (
        f"add a line with sample arguments to tests/checking/tables/functions.py for each, or the "
        f"reason why it has no derivative to ABSENT there: {', '.join(missing)}"
    )


def test_a_new_public_name_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = unaccounted()
    monkeypatch.setattr(tg.nn.functional, "brand_new", lambda x: x, raising=False)
    assert set(unaccounted()) - set(before) == {"F.brand_new"}


def test_the_tables_name_only_what_there_is() -> None:
    known = set(public_names())
    assert set(FUNCTIONS) <= known
    assert set(absent()) <= known
    for name in FUNCTIONS:
        assert callable(resolve(name)), name


def test_what_is_said_to_have_no_derivative_is_not_in_the_table() -> None:
    assert not set(absent()) & set(FUNCTIONS)


@pytest.mark.parametrize(
    ("key", "name", "rule", "through"),
    [
        (np.exp, "x", lambda g, y: g * (y + 1e-6), "softmax[0]"),
        (np.log1p, "x", lambda g, x: g / (1 - x), "F.softplus[0]"),
        (np.matmul, "b", lambda g, a: -np.swapaxes(a, -1, -2) @ g, "F.linear[0]"),
    ],
)
def test_a_wrong_primitive_is_found_through_a_function(
    key: Any, name: str, rule: Any, through: str
) -> None:
    op = find(key)
    assert op is not None
    with with_rule(op, name, rule):
        report = report_of(*CHECKS[through])
    assert report.verdict == "FAIL", report
    assert report.first_wrong.op.split()[0] == op.name


def test_a_wrong_composition_is_found() -> None:
    """A function whose primitives are right, and which lets a value slip past the graph."""

    def leaky(x: Any, dim: int) -> Any:
        e = x.exp()
        return e / e.detach().sum(dim, keepdim=True)

    report = report_of(leaky, FUNCTIONS["softmax"][0])
    assert report.verdict == "FAIL"
    assert report.first_wrong.kind == "untracked path"


def test_a_derivative_that_is_no_function_is_found_at_order_2() -> None:
    class Sine(tg.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x.sin()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return g * x.detach().cos()

    report = report_of(Sine.apply, FUNCTIONS["sin"][0])
    assert report.verdict == "FAIL"
    assert "order 2" in report.problems[0]
