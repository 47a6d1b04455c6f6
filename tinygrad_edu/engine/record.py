"""The recorder: runs a primitive on what a caller passed, and leaves a node where one is due.

`record` is what recording means. `fast` holds straight-line twins of it that are generated from the
declarations and do the same in less time; with `TINYGRAD_EDU_READABLE=1` in the environment
everything runs through here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..numerics.overridable import overridable
from ..numerics.promotion import default_float, result_dtype
from .mode import current_mode
from .node import NO_PARAMS, ConstantNode, Node
from .primitive import SHAPE, Primitive
from .traced import Traced, as_array, node_for, raw, wrap

__all__ = ["CAST", "constant", "leave", "live_inputs", "operands", "operator_form", "promote"]
__all__ += ["record", "recorder", "saved_values"]

# Inputs that select and are not computed with, so they take no part in promotion.
SELECTORS = ("condition", "index")


def record(
    op: Primitive, inputs: Sequence[Any], params: dict[str, Any], operator: bool = False
) -> Any:
    """Run a primitive and record the call.

    Parameters
    ----------
    op : Primitive
    inputs : sequence
        Tensors, arrays, numbers: as passed, before promotion.
    params : dict
        Keyword parameters, all of them.
    operator : bool
        Answer NotImplemented to operands of unknown kinds, as Python's operators must.

    Returns
    -------
    Tensor
        With a node if a gradient may flow through the call. While someone watches everything, calls
        without one leave a node too.

    Raises
    ------
    RuntimeError, TypeError, IndexError
        Whatever `op.explain` makes of the error of the forward function.
    """
    fitted = operands(op, inputs, operator)
    if fitted is NotImplemented:
        return NotImplemented
    arrays, nodes = fitted[::2], fitted[1::2]
    try:
        with np.errstate(all="ignore"):
            y = op.forward(arrays, **params) if op.variadic else op.forward(*arrays, **params)
    except (ValueError, TypeError, IndexError) as error:
        raise op.explain(op, arrays, params, error) from None
    out = wrap(y)
    y, mode = out._data, current_mode()
    if mode.watcher is not None:
        mode.watcher.tell_ran(op, arrays, y)
    parents = tuple(a if node is None else node for a, node in zip(arrays, nodes, strict=True))
    live = live_inputs(op, parents) if mode.recording else []
    if live:
        saved = saved_values(op, live, arrays, params, y)
        out._node = leave(Node, op, parents, params, saved, y, arrays)
    elif mode.watcher is not None and mode.watcher.sees_everything():
        out._trace = leave(ConstantNode, op, parents, params, (), y, arrays)
    return out


def leave(
    kind: type[Node],
    op: Any,
    parents: tuple[Any, ...],
    params: dict[str, Any],
    saved: tuple[Any, ...],
    y: Any,
    arrays: Sequence[Any],
) -> Node:
    """Make the node of a call that came to `y`, and tell who watches; `y` may be a tuple."""
    if isinstance(y, tuple):
        shape: Any = tuple(getattr(part, "shape", None) for part in y)
        dtype: Any = tuple(getattr(part, "dtype", None) for part in y)
    else:
        shape, dtype = y.shape, y.dtype
    mode = current_mode()
    node = kind(op, parents, params, saved, shape, dtype, mode.scope)
    if mode.watcher is not None:
        mode.watcher.tell_made(node, y, arrays)
    return node


def live_inputs(op: Primitive, parents: Sequence[Any]) -> list[str]:
    """Names of the inputs that a gradient will flow to."""
    names = op.inputs * len(parents) if op.variadic else op.inputs
    return [
        name
        for name, parent in zip(names, parents, strict=True)
        if op.rules[name] is not None and isinstance(parent, Node) and parent.requires_grad
    ]


def saved_values(
    op: Primitive, live: Sequence[str], arrays: Sequence[Any], params: dict[str, Any], y: Any
) -> tuple[Any, ...]:
    """What the rules of the `live` inputs need, in the order of `Node.saved`.

    An array that only the rules of other inputs need is not kept: None stands in its place.
    """
    wanted = {name for x in live for name in op.needs[x]}
    known: dict[str, Any] = {**params, "y": y}
    for i, x in enumerate(op.inputs):
        given = tuple(arrays) if op.variadic else (arrays[i],)
        shapes, dtypes = tuple(map(np.shape, given)), tuple(map(dtype_of, given))
        known[f"{x}_shape"] = shapes if op.variadic else shapes[0]
        known[f"{x}_dtype"] = dtypes if op.variadic else dtypes[0]
        known[x] = given if op.variadic else given[0]
    arraylike = {*op.inputs, "y"}
    return tuple(
        known[name] if name in wanted or name not in arraylike else None for name in op.saved_names
    )


# What a caller passed, made to fit ----------------------------------------------------------------


def operands(op: Primitive, values: Sequence[Any], operator: bool) -> Any:
    """Arrays and nodes of a call's operands, in turn, of one dtype where the op mixes them.

    Parameters
    ----------
    op : Primitive
    values : sequence
        Tensors, arrays, numbers (and lists, but for operators).
    operator : bool
        Answer NotImplemented to an unknown kind instead of raising.

    Returns
    -------
    tuple
        (array, node, array, node, …). Beside floats numbers are arrays of no dimensions, beside
        integers they stay numbers, which take the array's dtype. Casts of Tensors are recorded, so
        gradients return in each input's own dtype.
    """
    if len(op.inputs) == 1 and not op.variadic:
        return sole_operand(op, values[0])
    found: list[Any] = []
    for value in values:
        if isinstance(value, Traced | bool | int | float):
            found.append(value)
        elif isinstance(value, np.generic):
            # PyTorch takes a NumPy scalar for a Python number, and so does `np.float64(2) * t`.
            found.append(value.item() if value.dtype.kind in "biuf" else np.asarray(value))
        elif hasattr(type(value), "__array_function__") or (
            isinstance(value, list | tuple) and not operator
        ):
            found.append(as_array(value))
        elif operator:
            return NotImplemented
        else:
            raise TypeError(
                f"{op.name}(): expected Tensors, arrays or numbers, got {type(value).__name__}; "
                f"write torch.tensor(...) around it if it holds numbers"
            )
    if op.fit is not None:
        op.fit(op, found)
    elif op.elementwise or op.variadic:
        promote(op, found)
    flat: list[Any] = []
    for value in found:
        if isinstance(value, Traced):
            flat += (value._data, node_for(value))
        else:
            flat += (value, None)
    return tuple(flat)


def promote(op: Primitive, found: list[Any]) -> None:
    """Replace the operands in `found` by the same in the one dtype that they compute in."""
    names = op.inputs if not op.variadic else [""] * len(found)
    places = [i for i, n in enumerate(names) if n not in SELECTORS]
    arrays = [raw(found[i]) for i in places if not is_number(found[i])]
    numbers = [found[i] for i in places if is_number(found[i])]
    if not arrays:
        found[:] = [np.asarray(x, default_float() if type(x) is float else None) for x in found]
        return
    dtype = result_dtype(arrays, numbers)
    if op.floating and dtype.kind in "biu":
        dtype = default_float()
    for i in places:
        value = found[i]
        if is_number(value):
            if dtype.kind == "f":
                found[i] = constant(value, dtype)
        elif raw(value).dtype != dtype:
            found[i] = cast_to(value, dtype)


def is_number(x: Any) -> bool:
    """Whether an operand is a Python number: weak, so that it takes the others' dtype."""
    return isinstance(x, bool | int | float)


def sole_operand(op: Primitive, x: Any) -> tuple[Any, Node | None]:
    """The array and node of the one operand of an op, whole numbers as floats where it asks so."""
    if not isinstance(x, Traced):
        x = array_of(op, x)
    if op.floating and raw(x).dtype.kind in "biu":
        x = cast_to(x, default_float())
    return (x._data, node_for(x)) if isinstance(x, Traced) else (x, None)


def array_of(op: Primitive, x: Any) -> Any:
    """The array of a sole operand that is no Tensor."""
    if isinstance(x, int | float | bool):
        return np.asarray(x, default_float() if type(x) is float else None)
    if isinstance(x, np.ndarray | np.generic | list | tuple) or hasattr(x, "__array_function__"):
        return as_array(x)
    raise TypeError(
        f"{op.name}(): argument must be a Tensor, not {type(x).__name__}; "
        f"write torch.tensor(...) around numbers and lists"
    )


CONSTANTS: dict[Any, Any] = {}


def constant(number: float, dtype: Any) -> Any:
    """A Python number as an array of `dtype`, kept: converting it costs NumPy as much as adding."""
    # 0.0 and -0.0 are equal, not the same
    key = (number, dtype) if number else (str(number), dtype)
    held = CONSTANTS.get(key)
    if held is None:
        held = np.array(number, dtype)
        held.flags.writeable = False
        if len(CONSTANTS) > 1000:
            CONSTANTS.clear()
        CONSTANTS[key] = held
    return held


def stands_for_number(x: Any) -> bool:
    """Whether an array is the one that `constant` made of a Python number."""
    return getattr(x, "ndim", 1) == 0 and x is constant(x.item(), x.dtype)


def dtype_of(x: Any) -> Any:
    """The dtype of an array, or of the array a number would make."""
    return x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype


@overridable
def cast(x: Any, dtype: Any) -> Any:
    """`x` in another dtype."""
    return x.astype(dtype)


CAST = Primitive(
    cast,
    {"x": lambda g, x_dtype: g.astype(x_dtype)},
    params={"dtype": np.dtype(np.float64)},
    family=SHAPE,
    name="cast",
)


def cast_to(x: Any, dtype: Any) -> Any:
    """A Tensor cast, and the cast recorded; or an array cast."""
    return record(CAST, (x,), {"dtype": dtype}) if isinstance(x, Traced) else x.astype(dtype)


# What users call ----------------------------------------------------------------------------------


OPERATOR = inspect.signature(lambda self, other: None)


def signature(op: Primitive) -> inspect.Signature:
    """The arguments that a primitive is called with: its inputs and its keyword parameters."""
    kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
    names = [*op.inputs, *op.params]
    parameters = [inspect.Parameter(n, kind, default=op.params.get(n, empty)) for n in names]
    if op.takes_out:
        only = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter("out", only, default=None))
    return inspect.Signature(parameters)


def recorder(op: Primitive) -> Callable[..., Any]:
    """The function that users call: binds its arguments as declared, and records.

    An `out` is written by the tensor given (`Traced._receive`).
    """
    takes = signature(op)

    def call(*args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None) if op.takes_out else None
        if out is not None:
            return out._receive(call(*args, **kwargs), op.name)
        try:
            bound = takes.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{op.name}() {error}") from None
        bound.apply_defaults()
        values = bound.arguments
        inputs = values[op.inputs[0]] if op.variadic else [values[x] for x in op.inputs]
        return record(op, tuple(inputs), {p: values[p] for p in op.params} or NO_PARAMS)

    return described(call, op, op.name, takes)


def operator_form(op: Primitive, name: str, *, swap: bool = False) -> Callable[..., Any]:
    """The primitive as one of Python's operators: `__add__`, or `__radd__` with `swap`."""

    def call(self: Any, other: Any) -> Any:
        return record(op, (other, self) if swap else (self, other), NO_PARAMS, True)

    return described(call, op, name, OPERATOR)


def described(
    function: Callable[..., Any], op: Primitive, name: str, takes: inspect.Signature
) -> Callable[..., Any]:
    """A function with the name, the arguments and the first paragraph of help of an op."""
    paragraphs = (op.forward.__doc__ or "").strip().split("\n\n")
    # NumPy puts the signature first
    text = paragraphs[1] if isinstance(op.forward, np.ufunc) else paragraphs[0]
    function.__name__ = function.__qualname__ = name
    # where users find it, not where it was made
    function.__module__ = __package__.partition(".")[0]
    function.__doc__ = " ".join(text.split())
    function.__signature__ = takes  # type: ignore[attr-defined]
    return function
