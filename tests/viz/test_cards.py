"""Graphs of the engine read: names, boxes, edges, values, gradients and the reasons for none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim, viz
from tinygrad_edu.viz.model import Card
from tinygrad_edu.viz.picture import Graph


class Net(nn.Module):
    """2-2-1 with tanh."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(2, 2)
        self.fc2 = nn.Linear(2, 1)

    def forward(self, x: Any) -> Any:
        return self.fc2(tg.tanh(self.fc1(x)))


def xor() -> tuple[Any, Any, Any]:
    tg.manual_seed(0)
    return Net(), tg.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]), tg.tensor([[0.0], [1], [1], [0]])


def card(graph: Graph, title: str) -> Card:
    found = [c for c in graph.view.cards if c.title == title]
    assert len(found) == 1, [c.title for c in graph.view.cards]
    return found[0]


def test_names_roles_and_boxes() -> None:
    model, X, Y = xor()
    loss = nn.functional.mse_loss(model(X), Y)
    g = viz.graph(loss)
    assert card(g, "X").role == "input"
    assert card(g, "Y").role == "input"
    assert card(g, "fc1.weight").role == "parameter"
    assert card(g, "loss").role == "output"
    boxes = {b.path: b for b in g.view.boxes}
    assert boxes["fc1"].kind == "module"
    assert boxes["fc1"].label == "Linear"
    assert boxes["fc1"].parameters == 6
    assert boxes["model"].parameters == 9
    assert boxes["mse_loss"].kind == "composed"
    assert boxes["mse_loss"].closed_form == "2 * g * (x - target) / n"
    assert card(g, "fc1.weight").box == boxes["fc1"].id
    assert card(g, "X").box == -1


def test_cards_come_after_their_inputs() -> None:
    model, X, Y = xor()
    g = viz.graph(nn.functional.mse_loss(model(X), Y))
    assert [c.id for c in g.view.cards] == list(range(len(g.view.cards)))
    assert all(e.source < e.target for e in g.view.edges)


def test_every_use_is_an_edge() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    g = viz.graph((x * x).sum())
    assert [(e.source, e.target, e.argument) for e in g.view.edges] == [
        (0, 1, "a"),
        (0, 1, "b"),
        (1, 2, "x"),
    ]


def test_broadcasts_are_noted() -> None:
    a, b = tg.ones(4, 2, requires_grad=True), tg.ones(2, requires_grad=True)
    g = viz.graph(a + b)
    assert [e.note for e in g.view.edges] == ["", "(2,)->(4, 2)"]


def test_values_are_those_of_the_computation() -> None:
    model, X, Y = xor()
    hidden = tg.tanh(model.fc1(X))
    out = model.fc2(hidden)
    loss = nn.functional.mse_loss(out, Y)
    expected = {"hidden": hidden, "out": out, "loss": loss}
    for backward in (False, True):
        if backward:
            loss.backward()
        g = viz.graph(loss)
        for name, tensor in expected.items():
            whole = np.array2string(tensor._data, threshold=1001, max_line_width=120, precision=6)
            assert card(g, name).value.full == whole


def test_gradients_found_by_replay_are_those_of_retain_grad() -> None:
    model, X, Y = xor()
    hidden = tg.tanh(model.fc1(X))
    loss = nn.functional.mse_loss(model.fc2(hidden), Y)
    loss.backward()
    replayed = card(viz.graph(loss), "hidden").grad
    for p in model.parameters():
        p.grad = None
    hidden = tg.tanh(model.fc1(X))
    hidden.retain_grad()
    loss = nn.functional.mse_loss(model.fc2(hidden), Y)
    loss.backward()
    assert replayed.known
    assert replayed == card(viz.graph(loss), "hidden").grad


def test_drawing_changes_nothing() -> None:
    model, X, Y = xor()
    loss = nn.functional.mse_loss(model(X), Y)
    state = tg.get_rng_state()
    viz.graph(loss).to_html()
    assert all(p.grad is None for p in model.parameters())
    np.testing.assert_array_equal(state, tg.get_rng_state())
    loss.backward()
    before = [p.grad._data.copy() for p in model.parameters()]
    viz.graph(loss).to_html()
    for p, g in zip(model.parameters(), before):
        np.testing.assert_array_equal(p.grad._data, g)


def test_before_backward_gradients_are_not_zero_but_not_run() -> None:
    x = tg.tensor(2.0, requires_grad=True)
    g = viz.graph(x * x)
    assert card(g, "x").grad.reason == "backward not run"


def test_after_a_step_what_is_unknown_says_who_changed_it() -> None:
    model, X, Y = xor()
    loss = nn.functional.mse_loss(model(X), Y)
    loss.backward()
    before = viz.graph(loss)
    optim.SGD(model.parameters(), lr=0.1).step()
    g = viz.graph(loss)
    assert card(g, "tanh").value.reason == "not kept: fc1.weight changed by SGD.step"
    assert card(g, "tanh").grad.reason == "not kept: fc1.weight changed by SGD.step"
    assert card(g, "loss").value == card(before, "loss").value
    assert card(g, "fc1.weight").grad == card(before, "fc1.weight").grad
    assert "changed by SGD.step" in card(g, "fc1.weight").annotations[0].label


def test_recompute_uses_todays_weights_and_says_so() -> None:
    model, X, Y = xor()
    loss = nn.functional.mse_loss(model(X), Y)
    optim.SGD(model.parameters(), lr=0.1)
    with tg.no_grad():
        model.fc1.weight.mul_(2.0)
    again = tg.tanh(model.fc1(X))
    g = viz.graph(loss, recompute=True)
    assert card(g, "tanh").value.full == viz.graph(again).view.cards[-1].value.full
    assert "today's weights" in g.view.note


def test_what_was_recorded_survives_the_step() -> None:
    model, X, Y = xor()
    with viz.record():
        loss = nn.functional.mse_loss(model(X), Y)
        loss.backward()
    before = viz.graph(loss)
    optim.SGD(model.parameters(), lr=0.1).step()
    after = viz.graph(loss)
    for title in ("tanh", "fc1.weight"):
        assert card(after, title).value == card(before, title).value
        assert card(after, title).value.known
    assert card(after, "tanh").grad == card(before, "tanh").grad
    assert card(after, "tanh").grad.known
    assert "test_cards.py" in card(after, "tanh").source


def test_a_change_that_left_no_trace_is_found_by_what_is_held() -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    h = w + 1.0
    y = (h * 3.0).sum()
    w._data += 5.0  # behind everybody's back
    del h
    g = viz.graph(y)
    assert card(g, "y").value.text == "15"
    assert card(g, "mul").value.reason.startswith("not kept: a leaf was changed")


def test_a_constant_written_in_place_is_refused() -> None:
    x = tg.tensor([1.0, 2.0])
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    y = (w + x).sum()
    x.add_(1.0)
    assert card(viz.graph(y), "add").value.reason == (
        "not kept: an operand was written in place since"
    )


def test_accumulated_gradients_do_not_pass_for_this_backwards() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    (x * 2.0).sum().backward()
    h = x * 3.0
    y = h.sum()
    y.backward()
    assert ".grad holds more than this backward" in card(viz.graph(y), "h").grad.reason
    assert card(viz.graph(y), "x").grad.text == "[5 5]"


def test_parameters_without_a_path_are_drawn_and_say_so() -> None:
    model, X, _ = xor()
    y = model.fc1(X).sum()
    assert card(viz.graph(y, model=model), "fc2.weight").grad.reason == "no path to loss"
    assert not [c for c in viz.graph(y).view.cards if c.title == "fc2.weight"]


def test_given_names_come_first() -> None:
    model, X, _ = xor()
    g = viz.graph(model(X).sum(), names={"truth table": X, "w": model.fc1.weight})
    assert card(g, "truth table")
    assert card(g, "w")


def test_orders_of_derivatives_have_boxes() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    y = x.tanh()
    (d1,) = tg.autograd.grad(y, x, create_graph=True)
    (d2,) = tg.autograd.grad(d1, x, create_graph=True)
    (d3,) = tg.autograd.grad(d2, x, create_graph=True)
    g = viz.graph(y, d1, d2, d3)
    assert [b.name for b in g.view.boxes if b.kind == "order"] == ["order 1", "order 2", "order 3"]
    assert [card(g, n).order for n in ("y", "d1", "d2", "d3")] == [0, 1, 2, 3]
    t = np.tanh(1.0)
    exact = (1 - t * t) * (6 * t * t - 2)
    assert float(card(g, "d3").value.text) == pytest.approx(exact, rel=1e-2)


def test_calls_of_one_module_are_counted() -> None:
    layer = nn.Linear(2, 2)
    g = viz.graph(layer(layer(tg.ones(1, 2))).sum())
    assert [b.call for b in g.view.boxes if b.label == "Linear"] == [0, 1]


def test_scopes_of_users_are_boxes() -> None:
    x = tg.ones(2, requires_grad=True)
    with viz.scope("attention"):
        y = x.exp()
    (box,) = viz.graph(y).view.boxes
    assert (box.name, box.kind) == ("attention", "user")


def test_hidden_names_and_strange_ones() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    name = 'a"<b>\n\N{SNOWMAN}' + "x" * 10_000
    g = viz.graph(x.exp(), names={name: x})
    for text in (g.to_svg(), g.to_dot(), g.to_html(), g.to_mermaid(), g.to_text(), g.to_json()):
        assert 'a"<b>\n' not in text


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1,)])
def test_small_and_empty_shapes(shape: tuple[int, ...]) -> None:
    x = tg.ones(shape, requires_grad=True)
    y = (x * 2.0).sum()
    y.backward()
    assert "mul" in viz.graph(y).to_text()


def test_functions_written_by_hand_are_not_run_again() -> None:
    ran = []

    class Double(tg.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ran.append(1)
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = Double.apply(x).sum()
    y.backward()
    g = viz.graph(y)
    assert ran == [1]
    assert any("is not run again" in c.value.reason for c in g.view.cards)
    assert "written by hand" in viz.graph(y).to_json()


def test_what_is_no_tensor_or_has_no_graph() -> None:
    with pytest.raises(TypeError, match=r"viz\.graph\(loss\)"):
        viz.graph(3.0)
    with pytest.raises(TypeError, match="at least one"):
        viz.graph()
    with pytest.raises(ValueError, match="has no graph"):
        viz.graph(tg.ones(2))


def test_a_long_chain_is_read_without_recursion() -> None:
    x = tg.tensor(0.5, requires_grad=True)
    y = x
    for _ in range(4500):
        y = y + 0.001
    g = viz.graph(y)
    assert g.view.ops == 4500
    assert "showing" in g.to_text()


def test_the_same_graph_gives_the_same_bytes() -> None:
    texts = []
    for _ in range(2):
        model, X, Y = xor()
        loss = nn.functional.mse_loss(model(X), Y)
        loss.backward()
        g = viz.graph(loss)
        texts.append((g.to_dot(), g.to_json(), g.to_html(), g.to_mermaid()))
    assert texts[0] == texts[1]
