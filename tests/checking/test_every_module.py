"""Every class of module passes its check to second order, by every parameter and input."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.checking.tables.cases import draws, filled
from tests.checking.tables.modules import ABSENT, MODULES
from tinygrad_edu import nn
from tinygrad_edu.checking import check_module
from tinygrad_edu.engine.table import find, with_rule

# Names kept for old scripts say so.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated")
CASES = [
    (name, number, training)
    for name, cases in MODULES.items()
    for number in range(len(cases))
    for training in (True, False)
]


class Called(nn.Module):
    """A module called with options."""

    def __init__(self, inner: nn.Module, options: dict[str, Any]) -> None:
        super().__init__()
        self.inner = inner
        self.options = options

    def forward(self, *inputs: Any) -> Any:
        return self.inner(*inputs, **self.options)


def check(name: str, number: int, training: bool, order: int = 2) -> Any:
    case = MODULES[name][number]
    tg.manual_seed(3)
    model = case.build()
    rng = np.random.default_rng(5)
    values = [tg.tensor(np.asarray(x.make(rng, x.shape))) for x in draws(case.inputs)]
    if name.startswith("Lazy"):
        model(*(x.float() for x in values))
    for x in values:
        x.requires_grad_()
    inputs = filled(case.inputs, iter(values))
    model.double().train(training)
    if case.options:
        model = Called(model, case.options).train(training)
    return check_module(model, *inputs, order=order)


HEAVY = ("Transformer", "TransformerDecoder", "TransformerEncoder")


def is_slow(name: str, number: int, training: bool) -> bool:
    return number > 0 or not training or name in HEAVY


@pytest.mark.parametrize(
    ("name", "number", "training"),
    [pytest.param(*c, marks=[pytest.mark.slow] if is_slow(*c) else []) for c in CASES],
)
def test_module(name: str, number: int, training: bool) -> None:
    report = check(name, number, training)
    assert report.verdict == "PASS", report


def test_every_class_is_accounted_for() -> None:
    kinds = {
        n
        for n in dir(nn)
        if inspect.isclass(getattr(nn, n)) and issubclass(getattr(nn, n), nn.Module)
    }
    missing = kinds - {*" ".join(ABSENT.values()).split()} - {*MODULES}
    assert not missing, f"add a line to tests/checking/tables/modules.py for: {missing}"
    assert {*MODULES} <= kinds


def test_a_wrong_primitive_is_found_through_a_module() -> None:
    op = find(np.tanh)
    assert op is not None
    with with_rule(op, "x", lambda g, y: g * (1 - y)):
        report = check("RNN", 0, True, order=1)
    assert report.verdict == "FAIL"
    assert report.first_wrong.op.split()[0] == "tanh"


def test_a_module_that_detaches_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = nn.LayerNorm.forward
    monkeypatch.setattr(nn.LayerNorm, "forward", lambda self, x: right(self, x.detach()) + 0 * x)
    report = check("LayerNorm", 0, True, order=1)
    assert report.verdict == "FAIL"
    assert {r.name for r in report.rows if r.status == "FAIL"} == {"input 0"}
