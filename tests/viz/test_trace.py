"""Backward stepped through: the engine's order, its numbers, and the checks of each step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, viz
from tinygrad_edu.engine.primitive import Primitive
from tinygrad_edu.engine.table import find
from tinygrad_edu.viz.reading.finite_differences import step_check


def small() -> tuple[Any, Any, Any]:
    a = tg.tensor([1.0, 2.0], requires_grad=True)
    b = tg.tensor([[3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    c = a * b
    return a, b, (c * c).sum()


def test_steps_follow_the_engine() -> None:
    a, b, y = small()
    bt = viz.backward(y)
    names = {c.id: c.op for c in bt.view.cards}
    assert [names[s.card] for s in bt.steps] == ["sum", "mul", "mul"]
    assert [s.rule for s in bt.steps[1:]] == [("ga = g * b", "gb = g * a")] * 2
    np.testing.assert_array_equal(a.grad.numpy(), [68.0, 208.0])
    np.testing.assert_array_equal(b.grad.numpy(), [[6.0, 32.0], [10.0, 48.0]])


def test_contributions_are_stored_then_added() -> None:
    _, _, y = small()
    step = viz.backward(y).steps[1]
    first, second = step.contributions
    assert (first.stored, second.stored) == ("stored", "added")
    assert first.to == second.to
    assert second.old == first.value == "[[3 8] [5 12]]"
    assert second.total == "[[6 16] [10 24]]"
    assert step.numbers[0] == "ga = [[1 1] [1 1]] * [[3 8] [5 12]] = [[3 8] [5 12]]"


def test_the_sum_that_undoes_a_broadcast_is_named() -> None:
    _, _, y = small()
    to_a = viz.backward(y).steps[2].contributions[0]
    assert "summed over axis 0: (2, 2) -> (2,)" in to_a.unbroadcast
    assert to_a.value == "[68 208]"


def test_each_step_checks_itself() -> None:
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), nn.LogSoftmax(dim=1))
    bt = viz.backward(model(tg.rand(5, 3)).square().mean(), check=True)
    assert bt.steps
    assert all(s.check.startswith("finite differences agree") for s in bt.steps)


def test_a_wrong_rule_is_found_out() -> None:
    right = find(np.multiply)
    assert right is not None
    wrong = Primitive(
        np.multiply,
        {"a": lambda g, b: g * b * 2, "b": lambda g, a: g * a},
        samples=right.samples,
        name="wrong",
    )
    arrays = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    words = step_check(wrong, arrays, {}, np.ones(2), [0, 1])
    assert words.startswith("finite differences disagree: ga[")
    assert step_check(wrong, arrays, {}, np.ones(2), [1]).startswith("finite differences agree")


def test_forward_steps() -> None:
    _, _, y = small()
    first, second, third = viz.backward(y).forward_steps
    assert first.rule == ("y = a * b",)
    assert first.numbers == ("y = [1 2] * [[3 4] [5 6]]",)
    assert first.result == "[[3 8] [5 12]]"
    assert second.index == 1
    assert third.result == "242"


def test_trace_equals_backward() -> None:
    tg.manual_seed(0)
    model = nn.Linear(3, 2)
    x = tg.rand(4, 3)
    model(x).square().sum().backward()
    expected = [p.grad.numpy().copy() for p in model.parameters()]
    for p in model.parameters():
        p.grad = None
    bt = viz.backward(model(x).square().sum())
    for p, g in zip(model.parameters(), expected):
        np.testing.assert_array_equal(p.grad.numpy(), g)
    grads = {c.title: c.grad.full for c in bt.view.cards}
    assert grads["bias"] == np.array2string(expected[1], max_line_width=120, precision=6)


def test_earlier_gradients_are_added_to_and_said() -> None:
    x = tg.tensor([1.0], requires_grad=True)
    (x * 2.0).sum().backward()
    bt = viz.backward((x * 3.0).sum())
    assert x.grad.item() == 5.0
    assert "held gradients already" in bt.view.note


def test_text_html_gif_and_pictures(tmp_path: Path) -> None:
    _, _, y = small()
    bt = viz.backward(y)
    text = bt.to_text(color=False)
    for words in ("backward step 1 of 3", "1 cotangent", "2 rule", "5 added", "6 broadcast"):
        assert words in text
    assert "forward step 1 of 3" in bt.to_text(forward=True, color=False)
    assert repr(bt) == text
    assert "ga = g * b" in bt.to_html()
    assert bt.save(tmp_path / "b.gif").read_bytes().startswith(b"GIF89a")
    assert bt.save(tmp_path / "b.txt").read_text().startswith("backward step 1")
    lit = bt.graph(step=1)
    assert "step 2 of 3" in lit.to_dot()
    assert lit.to_svg() != bt.graph().to_svg()
    with pytest.raises(IndexError, match="3 steps"):
        bt.graph(step=3)


def test_the_box_of_a_step_is_opened() -> None:
    x = tg.rand(2, 3, requires_grad=True)
    bt = viz.backward(tg.softmax(x, dim=1).square().sum(), max_nodes=2)
    inside = next(i for i, s in enumerate(bt.steps) if "exp" in bt.view.cards[s.card].op)
    assert "exp" not in [c.op for c in bt.graph().folded().cards]
    assert "exp" in [c.op for c in bt.graph(step=inside).folded().cards]


def test_backward_refuses_as_the_engine_does() -> None:
    x = tg.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="implicitly created only for scalar"):
        viz.backward(x * 2.0)
    with pytest.raises(TypeError, match="no option 'colour'"):
        viz.backward((x * 2.0).sum(), colour="red")
    assert x.grad is None


def test_gradients_of_any_shape_may_be_there_before() -> None:
    w = tg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    zero = tg.tensor(0.0, requires_grad=True)
    for _ in range(2):
        trace = viz.backward((w * w).sum() + zero * 0)
    assert w.grad.tolist() == [[4.0, 8.0], [12.0, 16.0]]
    assert "Leaves held gradients already" in trace.view.note


def test_lines_are_as_wide_as_what_flows_back_is_large() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    trace = viz.backward((x * 1000.0).sum() + x.sum())
    edges = {(e.source, e.target): e for e in trace.view.edges}
    cards = trace.view.cards
    leaf = next(c.id for c in cards if c.name == "x")
    mul = next(c.id for c in cards if c.op == "mul")
    sums = [c.id for c in cards if c.op == "sum" and (leaf, c.id) in edges]
    assert edges[leaf, mul].rms == 1000.0
    assert edges[leaf, sums[0]].rms == 1.0
    assert edges[leaf, mul].width > edges[leaf, sums[0]].width


def test_marks_of_health_are_on_a_trace_too() -> None:
    x = tg.tensor([1.0, -1.0], requires_grad=True)
    with np.errstate(invalid="ignore"):
        trace = viz.backward(x.log().sum())
    assert [c.op for c in trace.graph().find("NaN starts here")] == ["log"]
