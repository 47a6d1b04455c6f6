"""Checks of models, of single ops, and of every primitive of the table."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F
from tinygrad_edu import nn
from tinygrad_edu.checking import check_all_ops, check_module, check_op
from tinygrad_edu.engine.table import find, with_rule


@pytest.fixture
def model():
    tg.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Dropout(0.5), nn.Linear(5, 3))


def loss(out):
    return F.cross_entropy(out, tg.tensor(np.array([0, 1, 2, 0, 1, 2])))


def state(model):
    return [p.detach().numpy().copy() for p in model.parameters()]


def test_rows_per_named_parameter_and_nothing_changed(model):
    x = tg.randn(6, 4)
    model[0].weight.grad = tg.ones(5, 4)
    before, draws = state(model), tg.get_rng_state().numpy().copy()
    report = check_module(model, x, loss=loss)
    assert report.verdict == "PASS"
    assert [r.name for r in report.rows] == ["0.weight", "0.bias", "3.weight", "3.bias"]
    assert all(np.array_equal(a, b) for a, b in zip(before, state(model), strict=True))
    assert np.array_equal(draws, tg.get_rng_state().numpy())
    assert model.training
    assert model[0].weight.grad.tolist() == np.ones((5, 4)).tolist()
    assert model[0].bias.grad is None


def test_wrong_rule_in_a_model_is_named_with_what_is_downstream(model):
    tanh = find(np.tanh)
    with with_rule(tanh, "x", lambda g, y: g * (1 - y)):
        report = check_module(model, tg.randn(6, 4), loss=loss)
    assert report.first_wrong.op.split()[0] == "tanh"
    wrong = {row.name for row in report.rows if row.status == "FAIL"}
    assert wrong == {"0.weight", "0.bias"}


class Counts(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(tg.ones(3))
        self.idle = nn.Parameter(tg.ones(2))
        self.cut = nn.Parameter(tg.ones(3))
        self.register_buffer("seen", tg.zeros(3))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        with tg.no_grad():
            self.seen += x.sum(dim=0)
        return (x * self.scale).sum() + (self.cut.detach() * 2).sum()


def test_unused_parameters_lost_gradients_and_buffers():
    model = Counts()
    report = check_module(model, tg.tensor(np.arange(6.0).reshape(2, 3)))
    notes = {row.name: (row.status, row.note) for row in report.rows}
    assert notes["scale"] == ("PASS", "")
    assert notes["idle"] == ("PASS", "unused")
    assert notes["cut"] == ("FAIL", "no gradient reaches it")
    assert model.seen.tolist() == [0, 0, 0]
    assert model.calls == 0


def test_data_loss_and_regulariser_are_checked_apart(model):
    def penalty(out):
        return sum((p * p).sum() for p in model.parameters())

    report = check_module(model, tg.randn(6, 4), loss=(loss, penalty))
    assert report.verdict == "PASS"
    assert [r.name for r in report.rows[::4]] == ["loss: 0.weight", "penalty: 0.weight"]


def test_model_without_parameters_is_refused():
    with pytest.raises(TypeError, match="nothing to check"):
        check_module(nn.ReLU(), tg.ones(2))


def test_one_op():
    report = check_op(tg.softmax, np.random.default_rng(0).standard_normal((3, 4)), dim=-1)
    assert report.verdict == "PASS"
    assert len(report.rows) == 2
    assert check_op(np.matmul, np.ones((2, 3)), np.ones((3, 2)), order=1)


def test_every_primitive_to_second_order():
    reports = check_all_ops(seed=1)
    assert len(reports.reports) > 200
    assert reports.verdict == "PASS", reports


def test_a_wrong_primitive_is_found_among_all():
    with with_rule(find(np.sinh), "x", lambda g, x: g * x):
        reports = check_all_ops(order=1, only=lambda op: op.name in ("sinh", "cosh", "tanh"))
    assert [name.split("[")[0] for name in reports.wrong] == ["sinh"]
    assert "1 wrong" in repr(reports)
