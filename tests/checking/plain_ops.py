"""Ops of plain NumPy with right derivative rules, and inputs for each: for trying the checker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.checking.diagnosis import unbroadcast
from tinygrad_edu.checking.operation import PlainOperation

Array = np.ndarray[Any, Any]
Make = Callable[[np.random.Generator], list[Array]]


@dataclass(frozen=True)
class Case:
    """An op and a maker of inputs for it."""

    op: PlainOperation
    make: Make


def _back(g: Array, x: Array) -> Array:
    summed = unbroadcast(g, x.shape)
    assert summed is not None
    return summed


def elementwise(
    name: str, f: Any, slope: Any, make: Make, complex_ok: bool = True, **attributes: object
) -> Case:
    def rule(xs: Sequence[Array], y: Array, g: Array) -> list[Array | None]:
        return [g * slope(xs[0], y)]

    return Case(PlainOperation(name, f, rule, complex_ok, attributes, ("x",)), make)


def binary(name: str, f: Any, da: Any, db: Any, make: Make, complex_ok: bool = True) -> Case:
    def rule(xs: Sequence[Array], y: Array, g: Array) -> list[Array | None]:
        a, b = xs
        return [_back(g * da(a, b, y), a), _back(g * db(a, b, y), b)]

    return Case(PlainOperation(name, f, rule, complex_ok, {}, ("a", "b")), make)


def general(
    name: str,
    f: Any,
    rule: Any,
    make: Make,
    names: Sequence[str],
    complex_ok: bool = True,
    **attributes: object,
) -> Case:
    return Case(PlainOperation(name, f, rule, complex_ok, attributes, tuple(names)), make)


def normal(*shapes: tuple[int, ...]) -> Make:
    return lambda rng: [rng.standard_normal(s) for s in shapes]


def positive(*shapes: tuple[int, ...]) -> Make:
    return lambda rng: [rng.uniform(0.3, 2.5, s) for s in shapes]


S = (4, 5)


def _softmax(x: Array) -> Array:
    e = np.exp(x - np.max(x.real, axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _gather_rule(xs: Sequence[Array], y: Array, g: Array) -> list[Array | None]:
    out = np.zeros(xs[0].shape)
    np.add.at(out, xs[1], g)
    return [out, None]


def _max_rule(xs: Sequence[Array], y: Array, g: Array) -> list[Array | None]:
    hit = xs[0] == y[:, None]
    return [g[:, None] * hit / hit.sum(axis=1, keepdims=True)]


def _cumprod_rule(xs: Sequence[Array], y: Array, g: Array) -> list[Array | None]:
    t = g * y
    return [np.flip(np.cumsum(np.flip(t, -1), -1), -1) / xs[0]]


def _elu(x: Array) -> Array:
    return np.where(x.real > 0, x, 0.5 * (np.exp(np.where(x.real > 0, 0, x)) - 1))


def _var_rule(xs: Sequence[Array], y: Array, g: Array) -> list[Array | None]:
    x = xs[0]
    return [2 * g[:, None] * (x - x.mean(1, keepdims=True)) / (x.shape[1] - 1)]


CASES: list[Case] = [
    elementwise("tanh", np.tanh, lambda x, y: 1 - y * y, normal(S)),
    elementwise("exp", np.exp, lambda x, y: y, normal(S)),
    elementwise("log", np.log, lambda x, y: 1 / x, positive(S)),
    elementwise("sqrt", np.sqrt, lambda x, y: 0.5 / y, positive(S)),
    elementwise("sin", np.sin, lambda x, y: np.cos(x), normal(S)),
    elementwise("square", np.square, lambda x, y: 2 * x, normal(S)),
    elementwise("negative", np.negative, lambda x, y: -1.0, normal(S)),
    elementwise("reciprocal", np.reciprocal, lambda x, y: -y * y, positive(S)),
    elementwise("log1p", np.log1p, lambda x, y: 1 / (1 + x), positive(S)),
    elementwise("arctan", np.arctan, lambda x, y: 1 / (1 + x * x), normal(S)),
    elementwise("cbrt", np.cbrt, lambda x, y: 1 / (3 * y * y), positive(S), False),
    elementwise("abs", np.abs, lambda x, y: np.sign(x), normal(S), False),
    elementwise("abs called complex", np.abs, lambda x, y: np.sign(x), normal(S)),
    elementwise(
        "relu", lambda x: np.where(x.real > 0, x, 0), lambda x, y: (x > 0) * 1.0, normal(S)
    ),
    elementwise(
        "leaky relu",
        lambda x: np.where(x.real > 0, x, 0.1 * x),
        lambda x, y: np.where(x > 0, 1, 0.1),
        normal(S),
        negative_slope=0.1,
    ),
    elementwise("elu", _elu, lambda x, y: np.where(x > 0, 1, y + 0.5), normal(S), alpha=0.5),
    elementwise("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda x, y: y * (1 - y), normal(S)),
    elementwise(
        "clip",
        lambda x: np.clip(x, -0.7, 0.7),
        lambda x, y: (np.abs(x) < 0.7) * 1.0,
        normal(S),
        False,
        limit=0.7,
    ),
    binary("add", np.add, lambda a, b, y: 1.0, lambda a, b, y: 1.0, normal(S, (5,))),
    binary("subtract", np.subtract, lambda a, b, y: 1.0, lambda a, b, y: -1.0, normal(S, S)),
    binary("multiply", np.multiply, lambda a, b, y: b, lambda a, b, y: a, normal(S, S)),
    binary("multiply row", np.multiply, lambda a, b, y: b, lambda a, b, y: a, normal(S, (5,))),
    binary("divide", np.divide, lambda a, b, y: 1 / b, lambda a, b, y: -y / b, positive(S, S)),
    binary(
        "power",
        np.power,
        lambda a, b, y: b * a ** (b - 1),
        lambda a, b, y: y * np.log(a),
        positive(S, S),
    ),
    binary("hypot", np.hypot, lambda a, b, y: a / y, lambda a, b, y: b / y, normal(S, S), False),
    binary(
        "logaddexp",
        np.logaddexp,
        lambda a, b, y: np.exp(a - y),
        lambda a, b, y: np.exp(b - y),
        normal(S, S),
        False,
    ),
    binary(
        "maximum",
        np.maximum,
        lambda a, b, y: (a > b) + 0.5 * (a == b),
        lambda a, b, y: (b > a) + 0.5 * (a == b),
        normal(S, S),
    ),
    general(
        "matmul",
        np.matmul,
        lambda xs, y, g: [g @ xs[1].T, xs[0].T @ g],
        normal((4, 5), (5, 3)),
        "ab",
    ),
    general(
        "matmul square",
        np.matmul,
        lambda xs, y, g: [g @ xs[1].T, xs[0].T @ g],
        normal((4, 4), (4, 4)),
        "ab",
    ),
    general(
        "sum",
        lambda x: x.sum(axis=0),
        lambda xs, y, g: [np.broadcast_to(g, xs[0].shape)],
        normal(S),
        "x",
        axis=0,
    ),
    general(
        "mean",
        lambda x: x.mean(),
        lambda xs, y, g: [np.full(xs[0].shape, g / xs[0].size)],
        normal(S),
        "x",
    ),
    general(
        "var",
        lambda x: ((x - x.mean(1, keepdims=True)) ** 2).sum(1) / (x.shape[1] - 1),
        _var_rule,
        normal(S),
        "x",
        ddof=1,
    ),
    general(
        "prod",
        lambda x: x.prod(axis=-1),
        lambda xs, y, g: [(g * y)[:, None] / xs[0]],
        positive(S),
        "x",
        axis=-1,
    ),
    general("max", lambda x: x.max(axis=1), _max_rule, normal(S), "x", False, axis=1),
    general(
        "cumsum",
        lambda x: np.cumsum(x, -1),
        lambda xs, y, g: [np.flip(np.cumsum(np.flip(g, -1), -1), -1)],
        normal(S),
        "x",
        axis=-1,
    ),
    general("cumprod", lambda x: np.cumprod(x, -1), _cumprod_rule, positive(S), "x", axis=-1),
    general("transpose", lambda x: x.T, lambda xs, y, g: [g.T], normal(S), "x"),
    general(
        "reshape",
        lambda x: x.reshape(2, 10),
        lambda xs, y, g: [g.reshape(xs[0].shape)],
        normal(S),
        "x",
    ),
    general(
        "gather",
        lambda x, i: x[i],
        _gather_rule,
        lambda rng: [rng.standard_normal((5, 4)), np.array([0, 2, 2, 4, 1, 3])],
        ("x", "index"),
    ),
    general(
        "concatenate",
        lambda a, b: np.concatenate([a, b]),
        lambda xs, y, g: [g[: len(xs[0])], g[len(xs[0]) :]],
        normal((2, 5), (3, 5)),
        "ab",
        axis=0,
    ),
    general(
        "softmax",
        _softmax,
        lambda xs, y, g: [y * (g - (g * y).sum(-1, keepdims=True))],
        normal(S),
        "x",
        axis=-1,
    ),
    general(
        "mean square",
        lambda x: (x * x).mean(),
        lambda xs, y, g: [2 * g * xs[0] / xs[0].size],
        normal(S),
        "x",
    ),
    general(
        "outer",
        np.multiply.outer,
        lambda xs, y, g: [g @ xs[1], xs[0] @ g],
        normal((4,), (3,)),
        "ab",
    ),
    general("floor", np.floor, lambda xs, y, g: [0 * g], normal(S), "x", False),
    general(
        "where",
        lambda m, a, b: np.where(m, a, b),
        lambda xs, y, g: [None, g * xs[0], g * ~xs[0]],
        lambda rng: [rng.random(S) < 0.5, rng.standard_normal(S), rng.standard_normal(S)],
        ("m", "a", "b"),
    ),
]
