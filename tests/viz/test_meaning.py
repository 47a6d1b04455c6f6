"""What cards say that they are: products, derivatives, indices; which card is whose."""

from __future__ import annotations

import gc
from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, viz
from tinygrad_edu.engine.backward import BackwardLabel
from tinygrad_edu.viz.labels import rows
from tinygrad_edu.viz.model import HIDDEN


def said(graph: Any, name: str) -> dict[str, str]:
    return dict(rows(graph.card(name)))


def test_a_linear_layer_is_written_as_a_product() -> None:
    model = nn.Sequential(nn.Linear(3, 2))
    X = tg.ones(4, 3)
    out = model(X).sum()
    g = viz.graph(out, expand=("*",))
    assert said(g, "inner")["is"] == "X @ 0.weight.T"
    assert "X @ 0.weight.T" in g.to_text()
    assert "X @ 0.weight.T" in g.to_svg()
    assert "X @ 0.weight.T" in g.to_dot()
    assert '"meaning"' in g.to_json()


def test_operands_without_a_plain_name_are_called_by_their_argument() -> None:
    names = {'<b>"x"</b>': tg.ones(2, 3), "W": tg.ones(3, 2).requires_grad_()}
    odd, W = names.values()
    y = odd @ W
    g = viz.graph(y @ y, names=names)
    assert [c.meaning for c in g.view.cards if c.op == "matmul"] == ["a @ W", "y @ y"]


def test_gradients_are_called_by_what_they_are_of() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    h = x.tanh()
    loss = (h * h).sum()
    (grads,) = tg.autograd.grad(loss, [x], create_graph=True)
    end = grads.sum()
    del grads
    g = viz.graph(end)
    card = g.card("d loss/d x")
    assert card.op == "mul"
    assert card.order == 1
    assert card.of == g.card(x).id
    assert said(g, "d loss/d x")["op"] == "mul"


def test_a_gradient_with_a_name_of_its_own_says_what_it_is() -> None:
    x = tg.tensor(0.5, requires_grad=True)
    y = x.tanh()
    (d1,) = tg.autograd.grad(y, x, create_graph=True)
    (d2,) = tg.autograd.grad(d1, x, create_graph=True)
    (d3,) = tg.autograd.grad(d2, x, create_graph=True)
    g = viz.graph(y, d1, d2, d3)
    assert said(g, "d1")["is"] == "d y/d x"
    assert said(g, "d2")["is"] == "d2 y/d x2"
    assert said(g, "d3")["is"] == "d3 y/d x3"
    assert {g.card(n).of for n in ("d1", "d2", "d3")} == {g.card("x").id}
    orders = [b.name for b in g.view.boxes if b.kind == "order"]
    assert orders == ["order 1", "order 2", "order 3"]


def test_mixed_derivatives_name_both_variables() -> None:
    a = tg.tensor(2.0, requires_grad=True)
    b = tg.tensor(3.0, requires_grad=True)
    y = a * a * b * b
    (da,) = tg.autograd.grad(y, a, create_graph=True)
    (dab,) = tg.autograd.grad(da, b, create_graph=True)
    assert said(viz.graph(dab), "dab")["is"] == "d2 y/d a d b"
    assert float(dab) == 4 * 2 * 3


def test_what_the_sweep_did_not_make_bears_no_derivatives_name() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    seed = tg.tensor([1.0, 1.0], requires_grad=True) * 2
    (g,) = tg.autograd.grad(x + 0.0, x, seed, create_graph=True)
    graph = viz.graph(g * seed)
    assert not [c for c in graph.view.cards if c.title.startswith("d ") or c.of is not None]


def test_a_root_that_is_gone_is_not_named() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    (g,) = tg.autograd.grad((x * x).sum(), x, create_graph=True)
    assert [c.of for c in viz.graph(g, names={"g": g}).view.cards if c.of is not None] == []


def test_naming_keeps_nothing_alive() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    loss = (x**3).sum()
    (g,) = tg.autograd.grad(loss, x, create_graph=True)
    label = g._node.scope[0]
    assert isinstance(label, BackwardLabel)
    assert label == "backward"
    assert label.root() is loss._node
    gc.disable()
    try:
        del loss
        assert label.root() is None
        del g, x
        assert [pair for pair in label.made if pair[0]() or pair[1]()] == []
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("take", "words"),
    [
        (lambda t: t[:, 1], "index=[:, 1]"),
        (lambda t: t[..., -1], "index=[..., -1]"),
        (lambda t: t[1:3], "index=[1:3]"),
        (lambda t: t[::2], "index=[::2]"),
        (lambda t: t[tg.tensor([0, 1, 2, 0, 1, 2, 2, 2]), 0], "index=[array(8,), 0]"),
        (lambda t: t.sum(dim=0, keepdim=True), "axis=0, keepdims=True"),
        (lambda t: t.permute(1, 0), "axes=(1, 0)"),
    ],
)
def test_parameters_are_written_as_one_types_them(take: Any, words: str) -> None:
    t = tg.arange(12.0).reshape(3, 4).requires_grad_()
    taken = take(t)
    assert viz.graph(taken).card(taken).kwargs == words


def test_the_card_of_a_tensor_or_a_name() -> None:
    x = tg.tensor([1.0, -2.0], requires_grad=True)
    h = (x * x).exp()
    loss = h.sum()
    loss.backward()
    g = viz.graph(loss)
    assert g.card(x) is g.card("x")
    assert g.card(h).grad.text == "[1 1]"
    assert g.card(loss).role == "output"
    assert g.card("mul").op == "mul"
    with pytest.raises(KeyError, match="not in this graph"):
        g.card(tg.ones(3))
    with pytest.raises(KeyError, match="no card is called 'nobody'"):
        g.card("nobody")
    two = viz.graph((x * x * x).sum())
    with pytest.raises(KeyError, match=r"2 cards are called 'mul': mul #1, mul #2"):
        two.card("mul")


def test_rows_that_are_not_wanted_are_not_there() -> None:
    x = tg.tensor([1.0, -2.0], requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    bare = viz.graph(loss, values=False, grads=False, edge_labels=False)
    for text in (bare.to_text(), bare.to_svg(), bare.to_dot(), bare.to_mermaid()):
        assert "val" not in text
        assert "grad" not in text.replace("tinygrad", "").replace("gradient", "")
        assert HIDDEN not in text
    assert "(2,)</text>" not in bare.to_svg()
    only = viz.graph(loss, grads=False)
    assert said(only, "x") == {"val": "[1 -2]"}
    assert said(viz.graph(loss, values=False), "x") == {"grad": "[2 -4]"}


def test_colours_by_time_are_measured() -> None:
    x = tg.rand(200, 200).requires_grad_()
    small = x.sum()
    loss = (x @ x @ x).sum() + small
    g = viz.graph(loss, color_by="time")
    ops = [c for c in g.view.cards if not c.is_leaf]
    assert all(c.seconds is not None and c.seconds > 0 for c in ops)
    assert all(c.cost.endswith(("us", "ms")) for c in ops)
    assert all(c.paint for c in ops)
    assert all(c.seconds is None and not c.paint for c in g.view.cards if c.is_leaf)
    assert "quickest of five" in g.view.note
    products = [c.seconds or 0.0 for c in ops if c.op == "matmul"]
    assert min(products) > (g.card(loss).seconds or 0.0)


def test_time_of_what_is_not_known_is_not_shown() -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).exp().sum()
    loss.backward()
    with tg.no_grad():
        w -= 1.0
    g = viz.graph(loss, color_by="time")
    assert g.card("mul").seconds is None
    assert g.card("mul").cost == ""


def test_what_a_composition_computed_without_gradient_is_said_where_it_is_so() -> None:
    x = tg.tensor([[2.0, 1.0, 0.1], [1.0, -2.0, 3.0]], requires_grad=True)
    g = viz.graph(tg.softmax(x, dim=-1).sum() + tg.relu(x).sum())
    meanings = [c.meaning for c in g.view.cards if c.role == "constant" and c.meaning]
    assert meanings == ["max(a, axis=1)", "b <= 0"]
    other = tg.tensor([[2.0], [2.5]])
    mask = tg.tensor([[True, False, True], [True, False, False]])
    g = viz.graph(tg.where(mask, x - other, x).sum())
    assert not [c.meaning for c in g.view.cards if c.meaning]


def test_a_mask_that_is_nowhere_true_is_not_dead() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    with viz.record():
        y = tg.relu(x).sum()
    assert viz.graph(y).find("dead") == []
    with viz.record():
        y = tg.relu(-x).sum()
    assert [c.op for c in viz.graph(y).find("dead")] == ["where"]
