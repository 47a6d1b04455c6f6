"""The accelerator: functions generated from declarations, which do what `record` and `push` do.

A loop over inputs, parameters and saved names costs far more than a call on small arrays: with it,
a small network's step takes four to five times as long. So each primitive gets two functions of
straight-line code, written from its declaration and compiled when first run. For `np.multiply`:

    def mul(a, b, *, out=None):
        ...
        if mode.watcher is not None:
            return record(OP, (a, b,), NO_PARAMS, False)
        ...                                     # a_, b_: arrays of one dtype; a_node, b_node
        y_ = forward(a_, b_)
        ...
        node.inputs = (a_ if a_node is None else a_node, b_ if b_node is None else b_node,)

    def push_mul(inputs, saved, g, cotangents, frontier):
        b_, a_, = saved
        a_node, b_node, = inputs
        if isinstance(a_node, Node) and a_node.requires_grad:
            c = rule_a(g, b_)
            ...                                 # summed back if a was broadcast
            cotangents[a_node] = c

Nothing here is needed to understand the engine, and only `table` knows of it: the tests hold every
generated function equal, bit for bit, to the readable one. `source_of(op)` is the text; tracebacks,
debuggers and `inspect.getsource` show it too.
"""

from __future__ import annotations

import builtins
import linecache
import os
import types
import warnings
from collections.abc import Callable
from heapq import heappush
from keyword import iskeyword
from typing import Any

import numpy as np

from ..numerics.promotion import default_float
from ..numerics.sums import sum_to_size
from . import traced
from .errors import wrong_shape
from .mode import MODE, SCOPES, current_mode
from .node import NO_PARAMS, Node, tick
from .primitive import Primitive
from .record import (
    OPERATOR,
    SELECTORS,
    constant,
    described,
    dtype_of,
    operands,
    record,
    signature,
    sole_operand,
)
from .traced import ANSWERS, as_array

__all__ = ["forget", "operator_form", "pusher", "recorder", "source_of"]

MODULE = "tinygrad_edu.engine.generated"
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generated")

# log(-1) is NaN and 1/0 infinite without a word, as in PyTorch; `autograd.detect_anomaly` tells
# where one began. NumPy's warnings would point into code that is not the user's.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=MODULE.replace(".", r"\."))


# Functions that compile themselves ----------------------------------------------------------------

# The body of a function that has not run yet; `compile_now` is another in each one's name space.
STUB = (lambda *a, **k: compile_now()(*a, **k)).__code__  # type: ignore[name-defined]  # noqa: F821

# For each primitive, what puts the stub back into its functions.
RESET: dict[Primitive, list[Callable[[], None]]] = {}


def lazily(op: Primitive, name: str, source: Callable[[], str], space: dict[str, Any]) -> Any:
    """A function whose text is compiled at its first call, keeping its identity.

    Compiling the whole table at import would take as long as importing NumPy; and `tg.tanh`,
    `Tensor.tanh` and the table must hold one and the same object. So the object is made with a
    body that compiles the real one and takes over its code. `linecache` is handed the text under
    the name of a file that is nowhere, and shows it wherever Python shows source.
    """
    file = os.path.join(FOLDER, f"{name}.py")
    number = 1
    while file in linecache.cache:
        number += 1
        file = os.path.join(FOLDER, f"{name}_{number}.py")
    stub = STUB.replace(co_filename=file, co_firstlineno=1, co_name=name, co_qualname=name)
    function = types.FunctionType(stub, space, name)

    def compile_now() -> Callable[..., Any]:
        scratch = dict(space)
        exec(compile(source(), file, "exec"), scratch)
        real = scratch[name]
        function.__code__ = real.__code__
        function.__defaults__ = real.__defaults__
        function.__kwdefaults__ = real.__kwdefaults__
        return function

    def reset() -> None:
        function.__code__, function.__defaults__, function.__kwdefaults__ = stub, None, None
        show()

    def show() -> None:
        # linecache's form for text that is made when asked for
        linecache.cache[file] = (lambda: source() + "\n",)

    space["compile_now"] = compile_now
    RESET.setdefault(op, []).append(reset)
    show()
    return function


def forget(op: Primitive) -> None:
    """Have the functions of a primitive written again: its declaration has changed."""
    for reset in RESET.get(op, ()):
        reset()


def recorder(op: Primitive) -> Callable[..., Any]:
    """The function that runs a primitive on Tensors and records the call."""
    name = definable(op.name)
    made = lazily(op, name, lambda: record_source(op, name), recording_space(op))
    return described(made, op, op.name, signature(op))


def operator_form(op: Primitive, name: str, *, swap: bool = False) -> Callable[..., Any]:
    """The primitive as one of Python's operators: `__add__`, or `__radd__` with `swap`."""
    source = lambda: record_source(op, name, operator=True, swap=swap)
    return described(lazily(op, name, source, recording_space(op)), op, name, OPERATOR)


def pusher(op: Primitive) -> Callable[..., None]:
    """The function that runs a primitive's rules and adds to the cotangents of its inputs."""
    name = f"push_{definable(op.name)}"
    space: dict[str, Any] = {
        "__builtins__": builtins,
        "__name__": MODULE,
        "Node": Node,
        "OP": op,
        "heappush": heappush,
        "sum_to_size": sum_to_size.raw,  # type: ignore[attr-defined]
        "wrong_shape": wrong_shape,
    }

    def source() -> str:
        # the rules as they are now: `with_rule` may have changed one
        space.update({f"rule_{x}": on_arrays(rule) for x, rule in op.rules.items() if rule})
        return push_source(op, name)

    return lazily(op, name, source, space)  # type: ignore[no-any-return]


def source_of(op: Primitive) -> str:
    """The text of both functions of a primitive, as they are compiled."""
    name = definable(op.name)
    return f"{record_source(op, name)}\n\n\n{push_source(op, f'push_{name}')}\n"


def definable(name: str) -> str:
    """A name that Python can define: `<lambda>` is none, nor is `and`."""
    return name if name.isidentifier() and not iskeyword(name) else "unnamed"


# Recording ----------------------------------------------------------------------------------------


def recording_space(op: Primitive) -> dict[str, Any]:
    """The names that the text of a recording function uses."""
    space: dict[str, Any] = {
        "__builtins__": builtins,
        "__name__": MODULE,
        "MODE": MODE,
        "NO_PARAMS": NO_PARAMS,
        "NUMBERS": frozenset({int, float}),
        "Node": Node,
        "OP": op,
        "Result": traced.Result,
        "as_array": as_array,
        "constant": constant,
        "current_mode": current_mode,
        "default_float": default_float,
        "dtype_of": dtype_of,
        "forward": op.forward,
        "ndarray": np.ndarray,
        "new": object.__new__,
        "sole_operand": sole_operand,
        "operands": operands,
        "record": record,
        "shape_of": np.shape,
        "tick": tick,
    }
    space.update({f"default_{p}": value for p, value in op.params.items()})
    ANSWERS.append(space)
    return space


def record_source(op: Primitive, name: str, *, operator: bool = False, swap: bool = False) -> str:
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
    xs, params = op.inputs, params_text(op)
    passed = ", ".join([*xs, *(f"{p}={p}" for p in op.params)])
    arguments = ", ".join(
        [*(reversed(xs) if swap else xs), *(f"{p}=default_{p}" for p in op.params)]
    )
    takes_out = op.takes_out and not operator
    inputs = f"tuple({xs[0]})" if op.variadic else f"({', '.join(xs)},)"
    plainly = f"    return record(OP, {inputs}, {params}, {operator})"
    lines = [f"def {name}({arguments}{', *, out=None' if takes_out else ''}):"]
    if takes_out:
        lines.append("    if out is not None:")
        lines.append(f"        return out._receive(OP.record({passed}), '{name}')")
    if {*xs, *op.params} & (WORDS if len(xs) == 1 else WORDS | {"dtype"}):
        return "\n".join([*lines, plainly])
    lines += [
        "    mode = MODE.get()",
        "    if mode is None:",
        "        mode = current_mode()",
        "    if mode.watcher is not None:",
        f"    {plainly}",
        *(several_operands(op) if op.variadic else operand_lines(op, operator)),
        *forward_lines(op, params),
        "    out = new(Result)",
        "    out._data = y_",
        "    out._view = None",
        *(node_lines(op, params) if op.differentiable else ["    out._node = None"]),
        "    return out",
    ]
    return "\n".join(lines)


# Words of the text: an op that has one for the name of an input or a parameter is recorded plainly.
WORDS = frozenset(
    {"out", "mode", "plain", "node", "p", "arrays", "nodes", "error", "forward", "constant"}
)
WORDS |= {"new", "tick", "operands", "sole_operand", "default_float", "as_array", "ndarray"}


def params_text(op: Primitive) -> str:
    """The expression for `Node.params`."""
    return "{" + ", ".join(f"'{p}': {p}" for p in op.params) + "}" if op.params else "NO_PARAMS"


def forward_lines(op: Primitive, params: str) -> list[str]:
    """Lines that leave the output in `y_`."""
    arrays = "arrays" if op.variadic else ", ".join(f"{x}_" for x in op.inputs)
    passed = ", ".join([arrays, *(f"{p}={p}" for p in op.params)])
    given = arrays if op.variadic else f"({arrays},)"
    return [
        "    try:",
        f"        y_ = forward({passed})",
        "    except (ValueError, TypeError, IndexError) as error:",
        f"        raise OP.explain(OP, {given}, {params}, error) from None",
        "    if y_.__class__ is not ndarray:",
        "        y_ = as_array(y_)",
    ]


def several_operands(op: Primitive) -> list[str]:
    """Lines that leave `arrays` and `nodes` of a sequence of inputs (concatenate, einsum)."""
    return [
        f"    p = operands(OP, tuple({op.inputs[0]}), False)",
        "    arrays, nodes = p[::2], p[1::2]",
    ]


def operand_lines(op: Primitive, operator: bool) -> list[str]:
    """Lines that leave `x_` (array) and `x_node` (Node or None) for every input."""
    xs = op.inputs
    if len(xs) == 1:
        (x,) = xs
        lines = [
            f"    if isinstance({x}, Result):",
            f"        {x}_ = {x}._data",
            f"        {x}_node = {x}._node",
            "    else:",
            f"        {x}_, {x}_node = sole_operand(OP, {x})",
        ]
        if op.floating:
            lines += [
                f"    if {x}_node is None and {x}_.dtype.kind in 'biu':",
                f"        {x}_ = {x}_.astype(default_float())",
            ]
        return lines
    if len(xs) == 2 and op.elementwise and not {*xs} & {*SELECTORS}:
        return pair_lines(op, operator)
    lines = ["    plain = True", "    dtype = None"]
    for x in xs:
        lines += [
            f"    if isinstance({x}, Result):",
            f"        {x}_ = {x}._data",
            f"        {x}_node = {x}._node",
        ]
        if x in SELECTORS:
            lines += [f"    elif {x}.__class__ is ndarray:", f"        {x}_, {x}_node = {x}, None"]
        else:
            lines += [
                "        if dtype is None:",
                f"            dtype = {x}_.dtype",
                f"        elif dtype is not {x}_.dtype:",
                "            plain = False",
            ]
            if op.elementwise:
                lines += [
                    f"    elif {x}.__class__ in NUMBERS:",
                    f"        {x}_, {x}_node = {x}, None",
                ]
        lines += ["    else:", "        plain = False"]
    # What requires grad is a float already; only constants may need promotion.
    nodes = " and ".join(f"{x}_node is None" for x in xs)
    lines += [
        f"    if not plain or {nodes} and (dtype is None or dtype.kind != 'f'):",
        *fitted_lines(op, operator),
    ]
    if op.elementwise:  # numbers beside floats
        lines.append("    else:")
        for x in (x for x in xs if x not in SELECTORS):
            lines.append(f"        if {x}_.__class__ in NUMBERS:")
            lines.append(f"            {x}_ = constant({x}, dtype)")
    return lines


def pair_lines(op: Primitive, operator: bool) -> list[str]:
    """The same for two operands that mix: the arithmetic that programs are made of."""
    a, b = op.inputs
    return [
        "    plain = False",
        f"    if isinstance({a}, Result):",
        f"        {a}_ = {a}._data",
        f"        {a}_node = {a}._node",
        f"        dtype = {a}_.dtype",
        f"        if isinstance({b}, Result):",
        f"            {b}_ = {b}._data",
        f"            {b}_node = {b}._node",
        f"            plain = dtype is {b}_.dtype",
        # a number beside floats: NumPy treats it as weak, as PyTorch does
        f"        elif {b}.__class__ in NUMBERS and dtype.kind == 'f':",
        f"            {b}_ = constant({b}, dtype)",
        f"            {b}_node = None",
        "            plain = True",
        f"    elif {a}.__class__ in NUMBERS and isinstance({b}, Result):",
        f"        {b}_ = {b}._data",
        f"        {b}_node = {b}._node",
        f"        dtype = {b}_.dtype",
        "        if dtype.kind == 'f':",
        f"            {a}_ = constant({a}, dtype)",
        f"            {a}_node = None",
        "            plain = True",
        # what requires grad is a float already; only constants may need promotion
        f"    if not plain or {a}_node is None is {b}_node and dtype.kind != 'f':",
        *fitted_lines(op, operator),
    ]


def fitted_lines(op: Primitive, operator: bool) -> list[str]:
    """Lines that leave it to `operands` to make the inputs fit each other."""
    return [
        f"        p = operands(OP, ({', '.join(op.inputs)},), {operator})",
        *(["        if p is NotImplemented:", "            return p"] if operator else []),
        f"        {', '.join(f'{x}_, {x}_node' for x in op.inputs)} = p",
    ]


def node_lines(op: Primitive, params: str) -> list[str]:
    """Lines that give `out` its node, or none."""
    xs = op.inputs
    live = [x for x in xs if op.rules[x] is not None]
    if op.variadic:
        asked = "any([n is not None for n in nodes])"
        inputs = "tuple([a if n is None else n for a, n in zip(arrays, nodes)])"
    else:
        asked = " or ".join(f"{x}_node is not None" for x in live)
        each = [f"{x}_ if {x}_node is None else {x}_node" for x in xs]
        inputs = f"({xs[0]}_node,)" if len(xs) == 1 else f"({', '.join(each)},)"
    saved = "".join(f"{saved_text(op, n, live)}, " for n in op.saved_names)
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


def saved_text(op: Primitive, name: str, live: list[str]) -> str:
    """The expression for one saved value: None where no rule that will run needs it."""
    if name in op.params:
        return name
    for x in op.inputs:
        if name in (f"{x}_shape", f"{x}_dtype"):
            what = name.removeprefix(f"{x}_")
            if op.variadic:
                return f"tuple([{what}_of(a) for a in arrays])"
            # a sole input is an array; one beside others may be a number
            return f"{x}_.{what}" if len(op.inputs) == 1 else f"{what}_of({x}_)"
    if op.variadic:
        return "y_" if name == "y" else "arrays"
    users = [x for x in live if name in op.needs[x]]
    if len(live) == 1 or len(users) == len(live):
        return f"{name}_"
    return f"{name}_ if {' or '.join(f'{x}_node is not None' for x in users)} else None"


# Pushing ------------------------------------------------------------------------------------------


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


def push_source(op: Primitive, name: str) -> str:
    """The text of the pushing function: `Primitive.push` for this op, on raw arrays."""
    lines = [f"def {name}(inputs, saved, g, cotangents, frontier):"]
    if op.saved_names:
        lines.append(f"    {''.join(f'{n}_, ' for n in op.saved_names)} = saved")
    if op.variadic:
        (x,) = op.inputs
        lines.append("    for i_, node in enumerate(inputs):")
        lines += ["    " + line for line in pushed_lines(op, x, "node", checked=True)]
        return "\n".join(lines)
    lines.append(f"    {''.join(f'{x}_node, ' for x in op.inputs)} = inputs")
    for x in op.inputs:
        if op.rules[x] is not None:
            lines += pushed_lines(op, x, f"{x}_node", checked=len(op.inputs) > 1)
    return "\n".join(lines)


def pushed_lines(op: Primitive, x: str, node: str, *, checked: bool) -> list[str]:
    """Lines that run the rule for one input and add what it gives to that input's cotangent."""
    called = f"rule_{x}({', '.join(['g', *(f'{n}_' for n in op.needs[x])])})"
    fit = f"sum_to_size(c, {node}.shape)" if op.elementwise else f"wrong_shape(OP, {node}, c)"
    cast = [f"if c.dtype != {node}.dtype:", f"    c = c.astype({node}.dtype)"]
    lines = [
        f"c = {called}",
        f"if c.shape != {node}.shape:",
        f"    c = {fit}",
        *([] if op.keeps_dtype else cast),
        f"held = cotangents.get({node})",
        "if held is None:",
        f"    cotangents[{node}] = c",
        f"    heappush(frontier, (-{node}.index, {node}))",
        "else:",
        f"    cotangents[{node}] = held + c",
    ]
    if checked:
        asked = f"if isinstance({node}, Node) and {node}.requires_grad:"
        lines = [asked, *("    " + line for line in lines)]
    return ["    " + line for line in lines]
