"""Rules that print themselves: every primitive's, and what composed functions come to."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.engine.primitive import Primitive
from tinygrad_edu.engine.table import primitives
from tinygrad_edu.ops.composed import CLOSED_FORMS
from tinygrad_edu.viz.reading.rules import rule_lines, rule_texts, sample_texts
from tinygrad_edu.viz.reading.symbols import Symbol, expression

assert tg.exp  # the first use of a name loads every declaration
TABLE = [op for op in primitives() if op.differentiable]


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_every_rule_prints_itself(op: Primitive) -> None:
    lines = sample_texts(op)
    differentiated = [x for x in op.inputs if op.rules[x] is not None]
    count = len(op.samples[0].inputs) if op.variadic else len(differentiated)
    assert len(lines) == count
    for line in lines:
        name, equals, text = line.partition(" = ")
        assert equals
        assert name.removeprefix("g").split("[")[0] in op.inputs
        assert text
        assert "object at 0x" not in text
        assert "Symbol" not in text


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_symbols_compute_what_arrays_do(op: Primitive) -> None:
    case = op.samples[0]
    arrays = [np.asarray(a) for a in case.arrays(np.random.default_rng(0))]
    params = {**op.params, **case.params}
    with np.errstate(all="ignore"):
        y = np.asarray(
            op.forward(arrays, **params) if op.variadic else op.forward(*arrays, **params)
        )
        g = np.random.default_rng(1).normal(size=y.shape)
        for i, symbol in rule_lines(op, arrays, params, y, g).items():
            x = op.inputs[0] if op.variadic else op.inputs[i]
            known: dict[str, Any] = {**params, "y": y, "i": i}
            for k, name in enumerate(op.inputs):
                given = tuple(arrays) if op.variadic else arrays[k]
                known[name] = given
                known[f"{name}_shape"] = (
                    tuple(a.shape for a in arrays) if op.variadic else arrays[k].shape
                )
                known[f"{name}_dtype"] = (
                    tuple(a.dtype for a in arrays) if op.variadic else arrays[k].dtype
                )
            expected = op.rules[x](g, *(known[n] for n in op.needs[x]))  # type: ignore[misc]
            np.testing.assert_array_equal(np.asarray(symbol.array), np.asarray(expected))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("mul", ("ga = g * b", "gb = g * a")),
        ("div", ("ga = g / b", "gb = -g * y / b")),
        ("tanh", ("gx = g * (1 - y * y)",)),
        ("log", ("gx = g / x",)),
        ("exp", ("gx = g * y",)),
        ("reshape", ("gx = g.reshape(x.shape)",)),
    ],
)
def test_textbook_lines(name: str, lines: tuple[str, ...]) -> None:
    (op,) = (op for op in TABLE if op.name == name)
    assert sample_texts(op) == lines


def test_a_node_prints_its_own_axis() -> None:
    x = tg.ones(2, 3, requires_grad=True)
    assert rule_texts(x.sum(1)._node) == ("gx = spread(g.reshape((2, 1)), x.shape)",)
    assert rule_texts(x.sum(0)._node) == ("gx = spread(g.reshape((1, 3)), x.shape)",)


def test_brackets_only_where_they_matter() -> None:
    a, b, c = (Symbol(np.ones(2), n) for n in "abc")
    assert expression(a - (b - c)) == "a - (b - c)"
    assert expression(a - b - c) == "a - b - c"
    assert expression(a * (b + c)) == "a * (b + c)"
    assert expression(-(a * b)) == "-(a * b)"
    assert expression((a**b) ** c) == "(a ** b) ** c"
    assert expression(np.exp(-(a * a))) == "exp(-(a * a))"
    assert expression(a // (b // c)) == "a // (b // c)"


def test_long_parts_that_recur_get_a_name() -> None:
    a, b = (Symbol(np.ones(2), n) for n in "ab")
    part = np.exp(a * b + b * a - a)
    assert expression(part * part) == "t1 * t1, where t1 = exp(a * b + b * a - a)"
    assert expression(part * part, short=False).count("exp") == 2


def test_a_rule_may_not_write_into_what_it_is_given() -> None:
    x = Symbol(np.zeros(2), "x")
    with pytest.raises(TypeError, match="must not write"):
        x[0] = 1.0


# Composed functions: the closed form on the folded card against the composition's gradient.

SHAPE = (4, 3)
CALLS: dict[str, tuple[dict[str, Any], Any]] = {
    "mean": ({}, lambda x: x.mean()),
    "var": ({"correction": 1}, lambda x: x.var()),
    "logsumexp": ({"dim": 1}, lambda x: tg.logsumexp(x, 1, keepdim=True)),
    "linear": ({}, None),
    "relu": ({}, tg.relu),
    "sigmoid": ({}, tg.sigmoid),
    "softplus": ({}, nn.functional.softplus),
    "logsigmoid": ({}, nn.functional.logsigmoid),
    "softmax": ({"dim": 1}, lambda x: tg.softmax(x, 1)),
    "log_softmax": ({"dim": 1}, lambda x: tg.log_softmax(x, 1)),
    "softmin": ({"dim": 1}, lambda x: nn.functional.softmin(x, 1)),
    "leaky_relu": ({"negative_slope": 0.01}, nn.functional.leaky_relu),
    "elu": ({"alpha": 1.0}, nn.functional.elu),
    "logit": ({}, None),
    "mse_loss": ({}, None),
    "l1_loss": ({}, None),
    "binary_cross_entropy_with_logits": ({}, None),
    "cross_entropy": ({}, None),
}


def closed_form(name: str, x: Any, y: Any, g: Any, **rest: Any) -> Any:
    """The declared text, computed by NumPy."""

    def softmax(v: Any) -> Any:
        e = np.exp(v - v.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    words: dict[str, Any] = {
        "exp": np.exp, "sum": np.sum, "mean": np.mean, "where": np.where, "sign": np.sign,
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)), "softmax": softmax,
        "onehot": lambda t: np.eye(SHAPE[1])[t], "x": x, "y": y, "g": g,
    }  # fmt: skip
    return eval(CLOSED_FORMS[name], {"__builtins__": {}}, {**words, **rest})


@pytest.mark.parametrize("name", sorted(CLOSED_FORMS))
def test_closed_forms_are_the_compositions_gradient(name: str) -> None:
    assert name in CALLS, f"say here how to call {name}"
    rng = np.random.default_rng(3)
    data = rng.normal(size=SHAPE)
    rest, call = CALLS[name]
    rest = dict(rest)
    n = data.size
    if name == "linear":
        weight = rng.normal(size=(2, 3))
        rest["weight"] = weight
        call = lambda x: nn.functional.linear(x, tg.tensor(weight))
    elif name == "logit":
        data = rng.uniform(0.1, 0.9, SHAPE)
        call = tg.special.logit
    elif name == "cross_entropy":
        target = np.array([0, 2, 1, 1])
        rest["target"], n = target, 4
        call = lambda x: nn.functional.cross_entropy(x, tg.tensor(target))
    elif call is None:
        target = rng.uniform(0, 1, SHAPE)
        rest["target"] = target
        function = getattr(nn.functional, name)
        call = lambda x: function(x, tg.tensor(target))
    x = tg.tensor(data, requires_grad=True)
    y = call(x)
    g = rng.normal(size=tuple(y.shape))
    (found,) = tg.autograd.grad(y, x, tg.tensor(g))
    stated = closed_form(name, data, y.detach().numpy(), g, n=n, **rest)
    np.testing.assert_allclose(
        np.broadcast_to(stated, SHAPE), found.numpy(), rtol=1e-10, atol=1e-12
    )


def test_closed_forms_use_known_words() -> None:
    for text in CLOSED_FORMS.values():
        assert re.fullmatch(r"[\w\s().,+\-*/@=>]+", text), text
