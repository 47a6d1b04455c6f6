"""The texts of derivative rules, made by running the rules on symbols: they cannot drift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ...engine.node import Node
from ...engine.primitive import Primitive
from .symbols import Named, Symbol, expression, plain
from .values import run_forward

# Rules run on arrays of the node's own shapes; past this many elements an op's sample stands in.
LARGEST = 200_000


def rule_lines(
    op: Primitive,
    inputs: Sequence[Any],
    params: dict[str, Any],
    y: Any,
    g: Any,
    *,
    live: Any = None,
) -> dict[int, Symbol]:
    """Each rule of `op` run on symbols that stand for `inputs`, by the input's position.

    Parameters
    ----------
    op
        The primitive.
    inputs, params
        Arrays and keyword parameters of the call.
    y, g
        Its output and the cotangent of that.
    live
        Positions of the inputs wanted; all by default.
    """
    found: dict[int, Symbol] = {}
    with np.errstate(all="ignore"):
        for i in range(len(inputs)):
            x = op.inputs[0] if op.variadic else op.inputs[i]
            rule = op.rules[x]
            if rule is None or (live is not None and i not in live):
                continue
            symbols = _symbols(op, inputs, params, y, i)
            made = rule(Symbol(g, "g"), *(symbols[name] for name in op.needs[x]))
            if not isinstance(made, Symbol):
                made = Symbol(np.asarray(plain(made)), "constant", ())
            found[i] = made
    return found


def _symbols(
    op: Primitive, inputs: Sequence[Any], params: dict[str, Any], y: Any, i: int
) -> dict[str, Any]:
    known: dict[str, Any] = {**op.params, **params, "y": Symbol(y, "y"), "i": i}
    shapes = [tuple(np.shape(a)) for a in inputs]
    dtypes = [getattr(a, "dtype", None) or np.asarray(a).dtype for a in inputs]
    if op.variadic:
        (x,) = op.inputs
        known[x] = tuple(Symbol(np.asarray(a), f"{x}[{k}]") for k, a in enumerate(inputs))
        known[f"{x}_shape"] = tuple(shapes)
        known[f"{x}_dtype"] = tuple(dtypes)
        return known
    for x, a, shape, dtype in zip(op.inputs, inputs, shapes, dtypes):
        known[x] = Symbol(np.asarray(a), x) if isinstance(a, np.ndarray | int | float) else a
        known[f"{x}_shape"] = Named.of(shape, f"{x}.shape")
        known[f"{x}_dtype"] = dtype
    return known


def contribution_name(op: Primitive, i: int) -> str:
    """`ga`, `gx`; for a sequence of inputs `gx[2]`."""
    return f"g{op.inputs[0]}[{i}]" if op.variadic else f"g{op.inputs[i]}"


def texts(op: Primitive, found: dict[int, Symbol]) -> tuple[str, ...]:
    """`ga = g * b` for each rule that was run."""
    return tuple(f"{contribution_name(op, i)} = {expression(s)}" for i, s in found.items())


@cache
def sample_texts(op: Primitive) -> tuple[str, ...]:
    """The rules of an op on the first of its samples; inputs without a rule have no line."""
    case = op.samples[0]
    inputs = case.arrays(np.random.default_rng(0))
    params = {**op.params, **case.params}
    arrays = [np.asarray(a) for a in inputs]
    with np.errstate(all="ignore"):
        y = run_forward(op, arrays, params)
    y = np.asarray(y)
    return texts(op, rule_lines(op, arrays, params, y, np.ones(y.shape, y.dtype)))


_KNOWN: dict[Any, tuple[str, ...]] = {}


def rule_texts(node: Node) -> tuple[str, ...]:
    """The rules of a node's op with its own shapes and parameters, one line per input."""
    op = node.primitive
    if not isinstance(op, Primitive):
        return (f"backward of {op.name}, written by hand",)
    shapes = tuple(_shape_and_kind(x) for x in node.inputs)
    key = (op, shapes, node.shape, str(node.dtype), _frozen(node.params))
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) > 2000:
            _KNOWN.clear()
        known = _KNOWN[key] = _node_texts(node, op, shapes)
    return known


def _node_texts(node: Node, op: Primitive, shapes: Any) -> tuple[str, ...]:
    size = sum(math.prod(s) for s, *_ in shapes) + math.prod(node.shape)
    if size > LARGEST or not all(isinstance(s, tuple) for s, *_ in shapes):
        return sample_texts(op)
    inputs = [
        _stand_in(x.shape, x.dtype) if isinstance(x, Node) else np.asarray(x) for x in node.inputs
    ]
    y = _stand_in(node.shape, node.dtype)
    try:
        return texts(op, rule_lines(op, inputs, node.params, y, y))
    except (np.linalg.LinAlgError, ValueError, TypeError, IndexError):
        return sample_texts(op)  # made-up numbers that this op does not take


def _stand_in(shape: tuple[int, ...], dtype: Any) -> Any:
    """Example numbers of the right shape: positive, far apart, and invertible if square."""
    size = math.prod(shape)
    values = 0.1 + 0.8 * ((np.arange(size) * 0.6180339887) % 1.0)
    array = values.reshape(shape)
    if len(shape) > 1 and shape[-1] == shape[-2]:
        array = array + 2 * np.eye(shape[-1])
    return array.astype(dtype)


def _shape_and_kind(x: Any) -> tuple[Any, ...]:
    if isinstance(x, Node):
        return (x.shape, str(x.dtype))
    if isinstance(x, np.ndarray) and x.size > 6:
        return (x.shape, str(x.dtype))
    return (np.shape(x), str(x))


def _frozen(params: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        (k, v.tobytes() if isinstance(v, np.ndarray) else str(v)) for k, v in params.items()
    )


def formula(node: Node) -> str:
    """What a forward step computes: `y = a @ b`."""
    op = node.primitive
    if not isinstance(op, Primitive):
        return f"y = {op.name}({', '.join(getattr(op, 'inputs', ()))})"
    return f"y = {expression(forward_symbol(op, list(node.inputs), node.params, named=True))}"


def forward_symbol(
    op: Primitive, inputs: Sequence[Any], params: dict[str, Any], *, named: bool, y: Any = None
) -> Symbol:
    """The op's own call as a symbol, without running it."""
    words = [f"{op.inputs[0]}[{i}]" if op.variadic else op.inputs[i] for i in range(len(inputs))]
    operands: list[Any] = []
    for word, x in zip(words, inputs):
        number = isinstance(x, int | float) or (isinstance(x, np.ndarray) and x.ndim == 0)
        operands.append(x if named and number else Symbol(None if named else np.asarray(x), word))
    shown = {
        k: v
        for k, v in params.items()
        if v is not None and not (k in op.params and type(v) is bool and op.params[k] is v)
    }
    name = getattr(op.forward, "__name__", op.name)
    kind = name if isinstance(op.forward, np.ufunc) or name in ("product",) else op.name
    given = (tuple(operands),) if op.variadic else tuple(operands)
    return Symbol(y, kind, given, shown)
