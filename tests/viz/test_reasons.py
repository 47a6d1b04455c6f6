"""Why a card has no gradient, or no value: each reason where it is true, and never a made-up 0."""

from __future__ import annotations

from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, viz


def leaf(*values: float) -> Any:
    return tg.tensor(list(values), requires_grad=True)


def grads(graph: Any) -> dict[str, str]:
    return {c.title: c.grad.shown for c in graph.view.cards}


def test_backward_not_run() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    assert set(grads(viz.graph(loss)).values()) == {"(backward not run)"}


def test_not_asked_for() -> None:
    x = tg.tensor([3.0, 4.0])
    w = leaf(1.0, 2.0)
    loss = (w * x).sum()
    loss.backward()
    found = grads(viz.graph(loss))
    assert found == {"w": "[3 4]", "x": "(not asked for)", "mul": "[1 1]", "loss": "1"}


def test_no_path_to_loss() -> None:
    u, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    with viz.record():
        loss = ((u * 2.0).detach() * w).sum()
        loss.backward()
    found = grads(viz.graph(loss))
    assert found["u"] == "(no path to loss)"
    assert found["w"] == "[2 4]"


def test_parameters_that_a_model_does_not_use() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = nn.Linear(2, 2), nn.Linear(2, 2)

        def forward(self, x: Any) -> Any:
            return self.used(x)

    model = Half()
    loss = model(tg.ones(1, 2)).sum()
    loss.backward()
    found = grads(viz.graph(loss, model=model))
    assert found["idle.weight"] == "(no path to loss)"
    assert found["used.bias"] == "[1 1]"


@pytest.mark.parametrize("taken", [True, False])
def test_gradients_that_are_not_there_any_more(taken: bool) -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    if taken:
        tg.autograd.grad(loss, w)
    else:
        loss.backward()
        w.grad = None
    found = grads(viz.graph(loss))
    assert found["w"] == "(.grad is empty: cleared, or taken by autograd.grad)"
    assert found["mul"] == "(not kept: no .grad is left to compare with)"


def test_freed_and_changed_since() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).exp().sum()
    loss.backward()
    with tg.no_grad():
        w -= 0.5
    g = viz.graph(loss)
    assert grads(g)["mul"].startswith("(not kept: w changed by ")
    assert g.card("mul").value.shown.startswith("(not kept: w changed by ")
    assert g.card("w").value.shown == "[0.5 1.5]"
    assert "value of today" in g.to_text()
    again = viz.graph(loss, recompute=True)
    assert again.card("mul").value.shown == "[0.25 2.25]"
    assert "today's weights" in again.view.note


def test_freed_without_replay_says_freed() -> None:
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = a * b
    y.backward(tg.tensor([1.0, 10.0]))
    found = grads(viz.graph(y))
    assert found["a"] == "[3 40]"
    assert found["y"] == "(not kept: only backward from a single number is run again)"


def test_what_accumulated_is_not_given_out_for_one_backward() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    found = grads(viz.graph(loss))
    assert found["w"] == "[4 8]"
    assert found["mul"] == "(not kept: .grad holds more than this backward)"


def test_a_kept_graph_has_its_gradients() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    assert grads(viz.graph(loss)) == {"w": "[2 4]", "mul": "[1 1]", "loss": "1"}


def test_zero_is_a_number_and_no_reason() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * 0.0).sum()
    loss.backward()
    assert grads(viz.graph(loss))["w"] == "[0 0]"


@pytest.mark.parametrize(
    "make",
    [
        lambda: leaf(2.0).sum(),
        lambda: tg.tensor(2.0, requires_grad=True) * 3.0,
        lambda: (tg.zeros(0, 3, requires_grad=True) * 2.0).sum(),
        lambda: leaf(1.0, float("nan"), float("inf")).sum(),
        lambda: leaf(1.0, float("-inf")) * 2.0,
        lambda: tg.tensor(1.0, requires_grad=True),
    ],
    ids=["sum", "0-d", "zero-size", "NaN and Inf", "Inf", "a leaf alone"],
)
@pytest.mark.parametrize("backward", [False, True])
def test_odd_tensors_draw_in_every_format(make: Any, backward: bool) -> None:
    out = make()
    if backward:
        out.backward(tg.ones_like(out))
    g = viz.graph(out)
    assert g.to_svg().startswith("<svg")
    assert g.to_dot().startswith("digraph")
    assert g.to_html().startswith("<!doctype html>")
    assert "flowchart" in g.to_mermaid()
    assert g.to_text() == g.to_text(width=None, color=False)
    assert g.to_json().startswith("{")
    assert set(g._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}


def test_odd_names_draw_in_every_format_and_stay_text() -> None:
    names = [
        "a'b\"c",
        "</script><script>alert(1)</script>",
        "two\nlines",
        "\U0001f600",
        "x" * 10_000,
    ]
    given = {name: leaf(1.0, 2.0) for name in names}
    total = leaf(0.0, 0.0)
    for tensor in given.values():
        total = total + tensor
    loss = total.sum()
    loss.backward()
    g = viz.graph(loss, names=given)
    for text in (g.to_svg(), g.to_dot(), g.to_mermaid(), g.to_html(), g.to_text()):
        assert "<script>alert" not in text or text == g.to_text()
        assert "two\nlines" not in text
        assert "x" * 500 not in text or text == g.to_html()
    assert [c.title for c in g.view.cards if c.role == "parameter"][1:] == names
