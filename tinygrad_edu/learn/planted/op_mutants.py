"""Mistakes that people make in the rules of particular ops, keyed by NumPy's name for the op.

Each entry is a wrong formula for one input. Whether it is wrong at a given point is for
`mutants.differs` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...checking.differences import Array
from .mutants import Applies, Mutation, replaced

__all__ = ["OF_OP", "op_mutants"]

Formula = Callable[[Sequence[Array], Array, Array], Array]
_FACTOR = ("extra factor",)
_ANY = (
    "extra factor",
    "unclassified",
    "wrong region",
    "factor",
    "wrong shape",
    "factor differs along an axis",
)


def _is(
    name: str,
    kinds: Sequence[str],
    formula: Formula,
    position: int = 0,
    when: Applies | None = None,
) -> Mutation:
    """A mutation that replaces the gradient of one input; it may have another shape."""

    wrap = replaced(lambda rule, j, inputs, output, g: np.asarray(formula(inputs, output, g)))

    def applies(inputs: Sequence[Array], output: Array, at: int) -> bool:
        return at == position and (when is None or when(inputs, output, at))

    return Mutation(name, frozenset(kinds), wrap, applies)


def _scatter(x: Array, index: Array, g: Array) -> Array:
    out = np.zeros(x.shape)
    np.add.at(out, index, g)
    return out


def _overwrite(x: Array, index: Array, g: Array) -> Array:
    out = np.zeros(x.shape)
    out[index] = g
    return out


def _square(inputs: Sequence[Array], output: Array, at: int) -> bool:
    """Both matrices are square, so that a forgotten transpose still fits."""
    return _matrices(inputs, output, at) and len({*inputs[0].shape, *inputs[1].shape}) == 1


def _matrices(inputs: Sequence[Array], output: Array, at: int) -> bool:
    return inputs[0].ndim == inputs[1].ndim == 2


def _spread(reduced: Array, x: Array) -> Array:
    """What a reduction left, with the last axis that it took away, so that both fit."""
    return reduced[..., None] if reduced.ndim == x.ndim - 1 else reduced


OF_OP: dict[str, tuple[Mutation, ...]] = {
    "tanh": (
        _is("1 - y", _FACTOR, lambda x, y, g: g * (1 - y)),
        _is("1 + y^2", _FACTOR, lambda x, y, g: g * (1 + y * y)),
        _is("1 - x^2", _ANY, lambda x, y, g: g * (1 - x[0] ** 2)),
        _is("derivative forgotten", _FACTOR, lambda x, y, g: g * np.ones_like(y)),
    ),
    "exp": (
        _is("x for y", _ANY, lambda x, y, g: g * x[0]),
        _is("derivative forgotten", _FACTOR, lambda x, y, g: 1.0 * g),
    ),
    "log": (
        _is("x for 1/x", _FACTOR, lambda x, y, g: g * x[0]),
        _is("1/y", _ANY, lambda x, y, g: g / y),
    ),
    "sqrt": (
        _is("2 forgotten", ("factor",), lambda x, y, g: g / y),
        _is("y for 1/y", _FACTOR, lambda x, y, g: 0.5 * g * y),
        _is("1/x", _FACTOR, lambda x, y, g: 0.5 * g / x[0]),
    ),
    "square": (
        _is("2 forgotten", ("factor",), lambda x, y, g: g * x[0]),
        _is("2 y", _FACTOR, lambda x, y, g: 2 * g * y),
    ),
    "sin": (
        _is("sine for cosine", _FACTOR, lambda x, y, g: g * y),
        _is("minus cosine", ("wrong sign",), lambda x, y, g: -g * np.cos(x[0])),
    ),
    "cos": (_is("minus forgotten", ("wrong sign",), lambda x, y, g: g * np.sin(x[0])),),
    "arctan": (
        _is("1/(1 + x)", _ANY, lambda x, y, g: g / (1 + x[0])),
        _is("1/(1 - x^2)", _ANY, lambda x, y, g: g / (1 - x[0] ** 2)),
    ),
    "log1p": (_is("1/x", _ANY, lambda x, y, g: g / x[0]),),
    "reciprocal": (
        _is("minus forgotten", ("wrong sign",), lambda x, y, g: g * y * y),
        _is("square forgotten", _FACTOR, lambda x, y, g: -g * y),
    ),
    "absolute": (_is("1", ("wrong region",), lambda x, y, g: 1.0 * g),),
    "abs": (_is("1", ("wrong region",), lambda x, y, g: 1.0 * g),),
    "sigmoid": (
        _is("1 - y forgotten", _FACTOR, lambda x, y, g: g * y),
        _is("x (1 - x)", _ANY, lambda x, y, g: g * x[0] * (1 - x[0])),
        _is("derivative forgotten", _FACTOR, lambda x, y, g: 1.0 * g),
    ),
    "relu": (
        _is("passes everything", ("wrong region",), lambda x, y, g: 1.0 * g),
        _is("boundary at 1", ("unclassified", "wrong region"), lambda x, y, g: g * (x[0] > 1)),
    ),
    "leaky relu": (
        _is("slope forgotten", ("wrong region",), lambda x, y, g: g * (x[0] > 0)),
        _is("slope 1", ("wrong region",), lambda x, y, g: 1.0 * g),
    ),
    "elu": (
        _is("alpha forgotten", _ANY, lambda x, y, g: g * np.where(x[0] > 0, 1, y + 1)),
        _is("y alone", _ANY, lambda x, y, g: g * np.where(x[0] > 0, 1, y)),
    ),
    "clip": (
        _is("passes everything", ("wrong region",), lambda x, y, g: 1.0 * g),
        _is("inside out", _ANY, lambda x, y, g: g * (x[0] != y)),
    ),
    "subtract": (_is("minus forgotten", ("wrong sign",), lambda x, y, g: 1.0 * g, 1),),
    "multiply": (
        _is("own value", ("swapped inputs", *_FACTOR), lambda x, y, g: g * x[0]),
        _is("own value", ("swapped inputs", *_FACTOR), lambda x, y, g: g * x[1], 1),
        _is("value forgotten", _FACTOR, lambda x, y, g: 1.0 * g),
    ),
    "divide": (
        _is("1/b forgotten", _FACTOR, lambda x, y, g: g * x[1]),
        _is("minus forgotten", ("wrong sign",), lambda x, y, g: g * y / x[1], 1),
        _is("square forgotten", _FACTOR, lambda x, y, g: -g * y, 1),
    ),
    "power": (
        _is("exponent not lowered", _FACTOR, lambda x, y, g: g * x[1] * y),
        _is("factor b forgotten", _FACTOR, lambda x, y, g: g * x[0] ** (x[1] - 1)),
        _is("log forgotten", _FACTOR, lambda x, y, g: g * y, 1),
    ),
    "hypot": (
        _is("1/y forgotten", _FACTOR, lambda x, y, g: g * x[0]),
        _is("other input", ("swapped inputs", *_FACTOR), lambda x, y, g: g * x[1] / y),
    ),
    "logaddexp": (
        _is("other share", ("swapped inputs",), lambda x, y, g: g * np.exp(x[1] - y)),
        _is("not normalised", _FACTOR, lambda x, y, g: g * np.exp(x[0])),
    ),
    "maximum": (
        _is("minimum's branch", ("swapped inputs", *_ANY), lambda x, y, g: g * (x[0] < x[1])),
        _is("passes everything", ("wrong region",), lambda x, y, g: 1.0 * g),
    ),
    "matmul": (
        _is("b not transposed", ("unclassified",), lambda x, y, g: g @ x[1], when=_square),
        _is("a not transposed", ("unclassified",), lambda x, y, g: x[0] @ g, 1, _square),
        _is("factors exchanged", ("transposed",), lambda x, y, g: g.T @ x[0], 1, _matrices),
        _is("factors exchanged", ("transposed",), lambda x, y, g: x[1] @ g.T, when=_matrices),
    ),
    "mean": (
        _is("1/n forgotten", ("factor",), lambda x, y, g: np.full(x[0].shape, float(g))),
        _is("n - 1", ("factor",), lambda x, y, g: np.full(x[0].shape, float(g) / (x[0].size - 1))),
    ),
    "mean square": (
        _is("2 forgotten", ("factor",), lambda x, y, g: g * x[0] / x[0].size),
        _is("1/n forgotten", ("factor",), lambda x, y, g: 2 * g * x[0]),
    ),
    "var": (
        _is(
            "n for n - 1",
            ("factor",),
            lambda x, y, g: (
                2 * _spread(g, x[0]) * (x[0] - x[0].mean(-1, keepdims=True)) / x[0].shape[-1]
            ),
        ),
        _is(
            "mean not subtracted",
            ("unclassified",),
            lambda x, y, g: 2 * _spread(g, x[0]) * x[0] / (x[0].shape[-1] - 1),
        ),
    ),
    "prod": (
        _is("1/x forgotten", _FACTOR, lambda x, y, g: _spread(g * y, x[0]) * np.ones_like(x[0])),
        _is("x for 1/x", _FACTOR, lambda x, y, g: _spread(g * y, x[0]) * x[0]),
    ),
    "cumsum": (
        _is("not reversed", _ANY, lambda x, y, g: np.cumsum(g, -1)),
        _is("passes everything", ("coupling ignored",), lambda x, y, g: 1.0 * g),
    ),
    "cumprod": (
        _is(
            "1/x forgotten", _FACTOR, lambda x, y, g: np.flip(np.cumsum(np.flip(g * y, -1), -1), -1)
        ),
        _is("only itself", ("coupling ignored",), lambda x, y, g: g * y / x[0]),
    ),
    "max": (
        _is(
            "all elements",
            ("summed over too many axes", *_ANY),
            lambda x, y, g: _spread(g, x[0]) * np.ones_like(x[0]),
        ),
        _is(
            "the minimum's place",
            ("unclassified",),
            lambda x, y, g: _spread(g, x[0]) * (x[0] == x[0].min(-1, keepdims=True)),
        ),
    ),
    "softmax": (
        _is("diagonal only", ("coupling ignored",), lambda x, y, g: g * y * (1 - y)),
        _is("y g", _ANY, lambda x, y, g: g * y),
        _is("y forgotten in the sum", _ANY, lambda x, y, g: y * (g - g.sum(-1, keepdims=True))),
        _is(
            "sum over the wrong axis",
            ("unclassified",),
            lambda x, y, g: y * (g - (g * y).sum(0, keepdims=True)),
        ),
    ),
    "gather": (
        _is(
            "repeats overwrite",
            ("wrong region", "few elements"),
            lambda x, y, g: _overwrite(x[0], x[1], g),
        ),
        _is(
            "off by one",
            ("shifted by one",),
            lambda x, y, g: _scatter(x[0], (x[1] + 1) % len(x[0]), g),
        ),
    ),
    "concatenate": (
        _is(
            "one place late", ("unclassified", "wrong shape"), lambda x, y, g: g[1 : 1 + len(x[0])]
        ),
    ),
    "where": (
        _is("mask ignored", ("wrong region",), lambda x, y, g: 1.0 * g, 1),
        _is("mask inverted", ("swapped inputs", "wrong region"), lambda x, y, g: g * ~x[0], 1),
    ),
}


def op_mutants(name: str) -> tuple[Mutation, ...]:
    """The wrong formulas known for an op, by NumPy's name for it; none for an op not listed."""
    return OF_OP.get(name, ())
