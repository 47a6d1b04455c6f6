"""Turns a declaration into code: the function that records a call, and the one that pulls back.

A loop over inputs, parameters and saved names would cost a third more per call, and small networks
are made of nothing but calls. So each primitive gets two functions of straight-line code, written
from its declaration and compiled the first time they run. For `np.multiply` they come out as

    def multiply(a, b, *, out=None):
        ...                                     # an `out` is written by `set_out`
        mode = MODE.get() or current_mode()
        if mode.watcher is not None:
            return mode.watcher.record(OP, (a, b), NO_PARAMS)
        ...                                     # a_, b_: arrays of one dtype; a_node, b_node
        y = forward(a_, b_)
        ...
        node.inputs = (a_node or a_, b_node or b_)
        node.saved = (b_, a_)

    def push(inputs, saved, g, cotangents, heap):
        b_, a_ = saved
        a_node, b_node = inputs
        if isinstance(a_node, Node):
            c = rule_a(g, b_)
            ...                                     # summed back if a was broadcast
            cotangents[a_node] = c
        ...

`source_of(op)` shows the text.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from .mode import MODE, SCOPES, current_mode
from .node import NO_PARAMS, Node, tick
from .sweep import misshapen, unbroadcast

if TYPE_CHECKING:
    from .primitive import Primitive

__all__ = ["NAMES", "first_back", "lazily_recorded", "operator_form", "source_of"]

# What the text refers to from the floors above: Tensor, operands, and so on. Filled in by the
# module that defines Tensor, before anything is recorded.
NAMES: dict[str, Any] = {}


def compile_back(op: Primitive) -> None:
    """Make `op.pull` and `op.push` from the rules."""
    names: dict[str, Any] = {"Node": Node, "heappush": heappush, "op": op}
    names |= {"unbroadcast": unbroadcast, "misshapen": misshapen}
    names |= {f"rule_{x}": rule for x, rule in op.rules.items()}
    exec(compile(pull_source(op), f"<pull {op.name}>", "exec"), names)
    op.pull = names["pull"]
    names = {**names, **{f"rule_{x}": on_arrays(rule) for x, rule in op.rules.items() if rule}}
    exec(compile(push_source(op), f"<push {op.name}>", "exec"), names)
    op.push = op.own_push or names["push"]


def on_arrays(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule that will meet arrays alone: our own functions in it skip their look for Tensors."""
    code = getattr(rule, "__code__", None)
    if code is None:
        return rule
    known = rule.__globals__
    raw = {n: known[n].raw for n in code.co_names if hasattr(known.get(n), "raw")}
    if not raw:
        return rule
    return types.FunctionType(code, {**known, **raw}, rule.__name__, None, rule.__closure__)


def _unpacked(op: Primitive) -> list[str]:
    lines = []
    if op.saved_names:
        lines.append(f"    {''.join(f'{n}_, ' for n in op.saved_names)} = saved")
    if not op.variadic:
        lines.append(f"    {''.join(f'{x}_node, ' for x in op.inputs)} = inputs")
    return lines


def pull_source(op: Primitive) -> str:
    """The text of `pull`: the contribution to each input, None where none is wanted."""
    lines = ["def pull(inputs, saved, g):", *_unpacked(op)]
    if op.variadic:
        (x,) = op.inputs
        lines.append(
            f"    return tuple({_rule_call(op, x)} if isinstance(x, Node) and x.requires_grad"
            f" else None for i_, x in enumerate(inputs))"
        )
        return "\n".join(lines)
    parts = []
    for x in op.inputs:
        live = f"isinstance({x}_node, Node) and {x}_node.requires_grad"
        parts.append("None" if op.rules[x] is None else f"{_rule_call(op, x)} if {live} else None")
    lines.append(f"    return ({', '.join(parts)},)")
    return "\n".join(lines)


def push_source(op: Primitive) -> str:
    """The text of `push`: contributions added to the inputs' cotangents, on raw arrays.

    An input met for the first time is put in `heap`, from which the sweep takes the youngest node
    next; see `graph.sweep`.
    """
    lines = ["def push(inputs, saved, g, cotangents, heap):", *_unpacked(op)]
    if op.variadic:
        (x,) = op.inputs
        lines.append("    for i_, node in enumerate(inputs):")
        lines += ["    " + line for line in _pushed(op, x, "node", checked=True)]
        return "\n".join(lines)
    for x in op.inputs:
        if op.rules[x] is not None:
            lines += _pushed(op, x, f"{x}_node", checked=len(op.inputs) > 1)
    if len(lines) == 1:
        lines.append("    return")
    return "\n".join(lines)


def _pushed(op: Primitive, x: str, node: str, *, checked: bool) -> list[str]:
    fit = f"unbroadcast(c, {node}.shape)" if op.elementwise else f"misshapen(op, {node}, c)"
    lines = [
        f"c = {_rule_call(op, x)}",
        f"if c.shape != {node}.shape:",
        f"    c = {fit}",
        f"held = cotangents.get({node})",
        "if held is None:",
        f"    cotangents[{node}] = c",
        f"    heappush(heap, (-{node}.index, {node}))",
        "else:",
        f"    cotangents[{node}] = held + c",
    ]
    if checked:
        lines = [
            f"if isinstance({node}, Node) and {node}.requires_grad:",
            *(f"    {x}" for x in lines),
        ]
    return ["    " + line for line in lines]


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
    written = not operator and "out" not in op.params
    again = f"OP.record({', '.join([*xs, *(f'{p}={p}' for p in op.params)])})"
    lines = [
        f"def {name}({arguments}{', *, out=None' if written else ''}):",
        *(["    if out is not None:", f"        return set_out(out, {again}, '{name}')"] * written),
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
    if len(xs) == 2 and op.elementwise and (all(op.rules.values()) or not op.differentiable):
        return _pair_lines(op, operator)
    pairs = ", ".join(f"{x}_, {x}_node" for x in xs)
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
            if op.elementwise:  # beside floats; beside nothing yet, NumPy weighs it as weak itself
                lines += [
                    f"    elif {x}.__class__ in NUMBERS:",
                    f"        {x}_ = {x}",
                    "        if dtype is not None and dtype.kind == 'f':",
                    f"            {x}_ = constant({x}, dtype)",
                    f"        {x}_node = None",
                ]
        lines += ["    else:", "        plain = False"]
    # What requires grad is a float already; only constants may need promotion.
    nodes = " and ".join(f"{x}_node is None" for x in xs)
    return [
        *lines,
        f"    if not plain or {nodes} and (dtype is None or dtype.kind != 'f'):",
        f"        p = operands(OP, ({', '.join(xs)},), {operator})",
        *(["        if p is NotImplemented:", "            return p"] if operator else []),
        f"        {pairs} = p",
    ]


def _pair_lines(op: Primitive, operator: bool) -> list[str]:
    """The same for two operands that mix: the arithmetic that programs are made of."""
    a, b = op.inputs
    return [
        "    plain = False",
        f"    if isinstance({a}, Tensor):",
        f"        {a}_ = {a}._data",
        f"        {a}_node = {a}._node",
        f"        dtype = {a}_.dtype",
        f"        if isinstance({b}, Tensor):",
        f"            {b}_ = {b}._data",
        f"            {b}_node = {b}._node",
        f"            plain = dtype is {b}_.dtype",
        # a number beside floats: NumPy treats it as weak, as PyTorch does
        f"        elif {b}.__class__ in NUMBERS and dtype.kind == 'f':",
        f"            {b}_ = constant({b}, dtype)",
        f"            {b}_node = None",
        "            plain = True",
        f"    elif {a}.__class__ in NUMBERS and isinstance({b}, Tensor):",
        f"        {b}_ = {b}._data",
        f"        {b}_node = {b}._node",
        f"        dtype = {b}_.dtype",
        "        if dtype.kind == 'f':",
        f"            {a}_ = constant({a}, dtype)",
        f"            {a}_node = None",
        "            plain = True",
        # what requires grad is a float already; only constants may need promotion
        f"    if not plain or {a}_node is None is {b}_node and dtype.kind != 'f':",
        f"        p = operands(OP, ({a}, {b}), {operator})",
        *(["        if p is NotImplemented:", "            return p"] if operator else []),
        f"        {a}_, {a}_node, {b}_, {b}_node = p",
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
    saved = "".join(f"{_saved(op, n, live)}, " for n in op.declared_names)
    return [
        f"    if mode.recording and ({asked}):",
        "        node = out._node = new(Node)",
        "        node.primitive = OP",
        f"        node.inputs = {inputs}",
        f"        node.params = {params}",
        f"        node.saved = ({saved})",
        "        node.shape = y_.shape",
        "        node.dtype = y_.dtype",
        "        node.index = tick()",
        "        node.scope = mode.scope" if SCOPES else "        node.scope = None",
        "        node.notes = None",
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
    users = [x for x in live if name in op.declared_needs[x]]
    if len(live) == 1 or len(users) == len(live):
        return f"{name}_"
    return f"{name}_ if {' or '.join(f'{x}_node is not None' for x in users)} else None"


def _variadic_source(op: Primitive, name: str) -> str:
    """The recording function of a primitive on a sequence of inputs (concatenate, einsum)."""
    (x,) = op.inputs
    params = "{" + ", ".join(f"'{p}': {p}" for p in op.params) + "}"
    arguments = ", ".join([x, *(f"{p}=default_{p}" for p in op.params)])
    saved = []
    for n in op.declared_names:
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
            f"def {name}({arguments}, *, out=None):",
            "    if out is not None:",
            f"        return set_out(out, OP.record({', '.join([x, *op.params])}), '{name}')",
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
        "__name__": "tinygrad_edu.recorded",
        "MODE": MODE,
        "NO_PARAMS": NO_PARAMS,
        "NUMBERS": frozenset({int, float}),
        "Node": Node,
        "OP": op,
        "constant": constant,
        "current_mode": current_mode,
        "dtype_of": dtype_of,
        "forward": op.forward,
        "ndarray": np.ndarray,
        "new": object.__new__,
        "tick": tick,
        "shape_of": np.shape,
    }
    space.update({f"default_{p}": value for p, value in op.params.items()})
    return space


CONSTANTS: dict[Any, Any] = {}


def constant(number: float, dtype: Any) -> Any:
    """A Python number as an array of `dtype`, kept: converting it costs NumPy as much as adding."""
    key = (
        (number, dtype) if number else (str(number), dtype)
    )  # 0.0 and -0.0 are equal, not the same
    held = CONSTANTS.get(key)
    if held is None:
        held = np.array(number, dtype)
        held.flags.writeable = False
        if len(CONSTANTS) > 1000:
            CONSTANTS.clear()
        CONSTANTS[key] = held
    return held


def dtype_of(x: Any) -> Any:
    """The dtype of an array, or of the array a number would make."""
    return x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype


# The body of every function that has not run yet; `compile_now` is another in each one's space.
STUB = (lambda *a, **k: compile_now()(*a, **k)).__code__  # type: ignore[name-defined]  # noqa: F821


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
        function.__kwdefaults__ = real.__kwdefaults__
        return function

    space["compile_now"] = compile_now
    function = types.FunctionType(STUB, space, name)
    function.__qualname__ = name
    function.__module__ = "tinygrad_edu"
    return function


def lazily_recorded(op: Primitive) -> Callable[..., Any]:
    """The function that runs a primitive on Tensors and records the call."""
    name = op.name
    function = lazily(name, lambda: record_source(op, name=name), _namespace(op))
    # What help() and an editor show, of a function that has no body of its own yet.
    function.__doc__ = summary(op.forward)
    names = [(x, inspect.Parameter.empty) for x in op.inputs] + list(op.params.items())
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(x, kind, default=default) for x, default in names]
    )
    return function


def summary(forward: Callable[..., Any]) -> str:
    """What a function says it does, past the signature that NumPy puts first."""
    paragraphs = (forward.__doc__ or "").strip().split("\n\n")
    text = paragraphs[1] if isinstance(forward, np.ufunc) else paragraphs[0]
    return " ".join(text.split())


def operator_form(op: Primitive, name: str, *, swap: bool = False) -> Any:
    """The primitive as one of Python's operators (`__add__`, or `__radd__` with `swap`)."""
    source = lambda: record_source(op, name=name, operator=True, swap=swap)
    return lazily(name, source, _namespace(op))


def first_back(op: Primitive, name: str) -> Callable[..., Any]:
    """A `pull` or `push` that compiles the real ones, puts them in place, and runs its own."""

    def call(*args: Any) -> Any:
        compile_back(op)
        return getattr(op, name)(*args)

    return call


def source_of(op: Primitive) -> str:
    """The text of both functions of a primitive, as they are compiled."""
    return f"{record_source(op, name=op.name)}\n\n{push_source(op)}\n"
