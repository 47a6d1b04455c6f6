"""Turns a declaration into code: the function that records a call, and the one that pulls back.

A loop over inputs, parameters and saved names would cost a third more per call, and small networks
are made of nothing but calls. So each primitive gets two functions of straight-line code, written
from its declaration and compiled the first time they run. For `np.multiply` they come out as

    def multiply(a, b):
        mode = MODE.get() or current_mode()
        if mode.watcher is not None:
            return mode.watcher.record(OP, (a, b), NO_PARAMS)
        ...                                     # a_, b_: arrays of one dtype; a_node, b_node
        y = forward(a_, b_)
        ...
        node = Node(OP, (a_node or a_, b_node or b_), NO_PARAMS, (b_, a_), ...)

    def pull(inputs, saved, g):
        a, b = inputs
        b_, a_ = saved
        return (rule_a(g, b_) if live(a) else None, rule_b(g, a_) if live(b) else None)

`source_of(op)` shows the text.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import MODE, NO_PARAMS, Node, current_mode

if TYPE_CHECKING:
    from .registry import Primitive

__all__ = ["NAMES", "first_pull", "lazily_recorded", "operator_form", "source_of"]

# What the text refers to from the floors above: Tensor, operands, and so on. Filled in by the
# module that defines Tensor, before anything is recorded.
NAMES: dict[str, Any] = {}


def compile_pull(op: Primitive) -> Callable[..., tuple[Any, ...]]:
    """The function `(inputs, saved, g) -> contributions` of a primitive."""
    names: dict[str, Any] = {"Node": Node}
    for x, rule in op.rules.items():
        names[f"rule_{x}"] = rule
    exec(compile(pull_source(op), f"<pull {op.name}>", "exec"), names)
    pull: Callable[..., tuple[Any, ...]] = names["pull"]
    return pull


def pull_source(op: Primitive) -> str:
    """The text of `pull`."""
    lines = ["def pull(inputs, saved, g):"]
    if op.saved_names:
        lines.append(f"    {''.join(f'{n}_, ' for n in op.saved_names)} = saved")
    if op.variadic:
        (x,) = op.inputs
        call = _rule_call(op, x)
        lines.append(
            f"    return tuple({call} if isinstance(x, Node) and x.requires_grad else None"
            f" for i_, x in enumerate(inputs))"
        )
        return "\n".join(lines)
    if len(op.inputs) == 1:
        (x,) = op.inputs
        lines.append(f"    return ({_rule_call(op, x)},)")
        return "\n".join(lines)
    lines.append(f"    {', '.join(f'{x}_node' for x in op.inputs)} = inputs")
    parts = []
    for x in op.inputs:
        if op.rules[x] is None:
            parts.append("None")
        else:
            live = f"isinstance({x}_node, Node) and {x}_node.requires_grad"
            parts.append(f"{_rule_call(op, x)} if {live} else None")
    lines.append(f"    return ({', '.join(parts)},)")
    return "\n".join(lines)


def _rule_call(op: Primitive, x: str) -> str:
    return f"rule_{x}({', '.join(['g', *(f'{n}_' for n in op.needs[x])])})"


# --------------------------------------------------------------------------------------------------


def record_source(op: Primitive, *, name: str, operator: bool = False, swap: bool = False) -> str:
    """The text of the recording function.

    Parameters
    ----------
    name : str
        What to call it.
    operator : bool
        Answer `NotImplemented` to operands of unknown kinds, as Python's operators must.
    swap : bool
        Take the operands in the opposite order (`__radd__`).
    """
    if op.variadic:
        return _variadic_source(op, name)
    xs = op.inputs
    arguments = ", ".join(reversed(xs) if swap else xs)
    if op.params:
        arguments += ", " + ", ".join(f"{p}=default_{p}" for p in op.params)
    params = "{" + ", ".join(f"'{p}': {p}" for p in op.params) + "}" if op.params else "NO_PARAMS"
    tuple_of_inputs = f"({''.join(f'{x}, ' for x in xs)})"
    lines = [
        f"def {name}({arguments}):",
        "    mode = MODE.get()",
        "    if mode is None:",
        "        mode = current_mode()",
        "    if mode.watcher is not None:",
        f"        return mode.watcher.record(OP, {tuple_of_inputs}, {params}, {operator})",
    ]
    lines += _operand_lines(op, operator)
    arrays = ", ".join(f"{x}_" for x in xs)
    passed = ", ".join([arrays, *(f"{p}={p}" for p in op.params)])
    lines += [
        "    try:",
        f"        y_ = forward({passed})",
        "    except (ValueError, TypeError, IndexError) as error:",
        f"        raise explain(OP, ({arrays},), {params}, error) from None",
        "    if y_.__class__ is not ndarray:",
        "        y_ = as_array(y_)",
        "    out = new(Tensor)",
        "    out._data = y_",
        "    out._view = None",
    ]
    if op.differentiable:
        lines += _node_lines(op, params)
    else:
        lines.append("    out._node = None")
    lines.append("    return out")
    return "\n".join(lines)


def _operand_lines(op: Primitive, operator: bool) -> list[str]:
    """Lines that leave `x_` (array) and `x_node` (Node or None) for every input."""
    xs = op.inputs
    if len(xs) == 1:
        (x,) = xs
        lines = [
            f"    if isinstance({x}, Tensor):",
            f"        {x}_ = {x}._data",
            f"        {x}_node = {x}._node",
            "    else:",
            f"        {x}_, {x}_node = operand(OP, {x})",
        ]
        if op.floating:
            lines += [
                f"    if {x}_node is None and {x}_.dtype.kind in 'biu':",
                f"        {x}_ = {x}_.astype(default_float())",
            ]
        return lines
    pairs = ", ".join(f"{x}_, {x}_node" for x in xs)
    numbers = op.elementwise  # a number beside floats: NumPy treats it as weak, as PyTorch does
    lines = ["    plain = True", "    dtype = None"]
    for x in xs:
        lines += [
            f"    if isinstance({x}, Tensor):",
            f"        {x}_ = {x}._data",
            f"        {x}_node = {x}._node",
        ]
        if op.rules[x] is None and op.differentiable:  # an index or a condition: not computed with
            lines += [
                f"    elif {x}.__class__ is ndarray:",
                f"        {x}_, {x}_node = {x}, None",
            ]
        else:
            lines += [
                "        if dtype is None:",
                f"            dtype = {x}_.dtype",
                f"        elif dtype is not {x}_.dtype:",
                "            plain = False",
            ]
            if numbers:
                lines += [
                    f"    elif {x}.__class__ in NUMBERS:",
                    f"        {x}_, {x}_node = {x}, None",
                ]
        lines += ["    else:", "        plain = False"]
    return [
        *lines,
        "    if not plain or dtype is None or dtype.kind != 'f':",
        f"        p = operands(OP, ({', '.join(xs)},), {operator})",
        *(["        if p is NotImplemented:", "            return p"] if operator else []),
        f"        {pairs} = p",
    ]


def _node_lines(op: Primitive, params: str) -> list[str]:
    """Lines that give `out` its node, or none."""
    xs = op.inputs
    live = [x for x in xs if op.rules[x] is not None]
    asked = " or ".join(f"{x}_node is not None" for x in live)
    if len(xs) == 1:
        inputs = f"({xs[0]}_node,)"
    else:
        parts = [
            f"{x}_ if {x}_node is None else {x}_node" if op.rules[x] is not None else f"{x}_"
            for x in xs
        ]
        inputs = f"({', '.join(parts)},)"
    saved = "".join(f"{_saved(op, n, live)}, " for n in op.saved_names)
    return [
        f"    if mode.recording and ({asked}):",
        f"        out._node = Node(OP, {inputs}, {params}, ({saved}), y_.shape, y_.dtype, mode.scope)",
        "    else:",
        "        out._node = None",
    ]


def _saved(op: Primitive, name: str, live: list[str]) -> str:
    """The expression for one saved value: None where no rule that will run needs it."""
    if name in op.params:
        return name
    for x in op.inputs:
        if name == f"{x}_shape":
            return f"shape_of({x}_)"
        if name == f"{x}_dtype":
            return f"dtype_of({x}_)"
    users = [x for x in live if name in op.needs[x]]
    if len(live) == 1 or len(users) == len(live):
        return f"{name}_"
    return f"{name}_ if {' or '.join(f'{x}_node is not None' for x in users)} else None"


def _variadic_source(op: Primitive, name: str) -> str:
    """The recording function of a primitive on a sequence of inputs (concatenate, einsum)."""
    (x,) = op.inputs
    params = "{" + ", ".join(f"'{p}': {p}" for p in op.params) + "}"
    arguments = ", ".join([x, *(f"{p}=default_{p}" for p in op.params)])
    saved = []
    for n in op.saved_names:
        if n == x:
            saved.append("tuple(arrays)")
        elif n == f"{x}_shape":
            saved.append("tuple([shape_of(a) for a in arrays])")
        elif n == f"{x}_dtype":
            saved.append("tuple([dtype_of(a) for a in arrays])")
        else:
            saved.append("y_" if n == "y" else n)
    return "\n".join(
        [
            f"def {name}({arguments}):",
            "    mode = MODE.get()",
            "    if mode is None:",
            "        mode = current_mode()",
            "    if mode.watcher is not None:",
            f"        return mode.watcher.record(OP, tuple({x}), {params}, False)",
            f"    p = operands(OP, tuple({x}), False)",
            "    arrays, nodes = p[::2], p[1::2]",
            "    try:",
            f"        y_ = forward(arrays{''.join(f', {p}={p}' for p in op.params)})",
            "    except (ValueError, TypeError, IndexError) as error:",
            f"        raise explain(OP, arrays, {params}, error) from None",
            "    if y_.__class__ is not ndarray:",
            "        y_ = as_array(y_)",
            "    out = new(Tensor)",
            "    out._data = y_",
            "    out._view = None",
            "    out._node = None",
            "    if mode.recording and any([n is not None for n in nodes]):",
            "        inputs = tuple([a if n is None else n for a, n in zip(arrays, nodes)])",
            f"        out._node = Node(OP, inputs, {params}, ({''.join(f'{s}, ' for s in saved)}),"
            " y_.shape, y_.dtype, mode.scope)",
            "    return out",
        ]
    )


# --------------------------------------------------------------------------------------------------


def _namespace(op: Primitive) -> dict[str, Any]:
    space: dict[str, Any] = {
        "MODE": MODE,
        "NO_PARAMS": NO_PARAMS,
        "NUMBERS": frozenset({int, float}),
        "Node": Node,
        "OP": op,
        "current_mode": current_mode,
        "dtype_of": dtype_of,
        "forward": op.forward,
        "ndarray": np.ndarray,
        "new": object.__new__,
        "shape_of": np.shape,
    }
    space.update({f"default_{p}": value for p, value in op.params.items()})
    return space


def dtype_of(x: Any) -> Any:
    """The dtype of an array, or of the array a number would make."""
    return x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype


def lazily(name: str, source: Callable[[], str], space: dict[str, Any]) -> Callable[..., Any]:
    """A function whose text is compiled at its first call, keeping its identity.

    Compiling the whole table at import would take as long as importing NumPy; and `tg.tanh`,
    `Tensor.tanh` and the table must hold one and the same object. So the object is made with a
    body that compiles the real one and takes over its code.
    """

    def compile_now() -> Callable[..., Any]:
        space.update(NAMES)
        scratch = dict(space)
        exec(compile(source(), f"<record {name}>", "exec"), scratch)
        real = scratch[name]
        function.__code__ = real.__code__
        function.__defaults__ = real.__defaults__
        return function

    space["compile_now"] = compile_now
    stub = compile("lambda *a, **k: compile_now()(*a, **k)", f"<record {name}>", "eval")
    code = next(c for c in stub.co_consts if isinstance(c, types.CodeType))
    function = types.FunctionType(code, space, name)
    function.__qualname__ = name
    function.__module__ = "tinygrad_edu"
    return function


def lazily_recorded(op: Primitive) -> Callable[..., Any]:
    """The function that runs a primitive on Tensors and records the call."""
    name = op.name
    return lazily(name, lambda: record_source(op, name=name), _namespace(op))


def operator_form(op: Primitive, name: str, *, swap: bool = False) -> Any:
    """The primitive as one of Python's operators (`__add__`, or `__radd__` with `swap`)."""
    source = lambda: record_source(op, name=name, operator=True, swap=swap)  # noqa: E731
    return lazily(name, source, _namespace(op))


def first_pull(op: Primitive) -> Callable[[tuple[Any, ...], Any, Any], tuple[Any, ...]]:
    """A `pull` that compiles the real one, puts it in its own place, and runs it."""

    def pull(inputs: tuple[Any, ...], saved: Any, g: Any) -> tuple[Any, ...]:
        op.pull = compile_pull(op)
        return op.pull(inputs, saved, g)

    return pull


def source_of(op: Primitive) -> str:
    """The text of both functions of a primitive, as they are compiled."""
    return f"{record_source(op, name=op.name)}\n\n{pull_source(op)}\n"
