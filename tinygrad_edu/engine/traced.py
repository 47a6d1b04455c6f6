"""What every Tensor is made of, and how the operands of a call are made to fit each other.

`Traced` holds an array and the node that made it. `operands` turns what a caller passed (Tensors,
arrays, numbers) into arrays of one dtype and their nodes; casts it makes are recorded, so gradients
return in each input's own dtype.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..numerics.promotion import default_float, result_dtype
from ..primitives.elementwise import to_dtype
from .explain import explain
from .fast import NAMES
from .mode import current_mode
from .node import Leaf, Node, StillLeaf
from .saved import version
from .sweep import again

__all__ = ["Traced", "as_array", "operands", "still", "wrap"]

# Inputs that select and are not computed with, so they take no part in promotion.
SELECTORS = ("condition", "index")


class Traced:
    """An array, and the node of the call that made it (None for a constant).

    Slots after the first three are set only where they are needed; `leaf_of`, `views` and
    `node_when_watched` read them with a default.
    """

    __slots__ = ("__weakref__", "_data", "_leaf", "_name", "_node", "_trace", "_view", "_views")
    _data: Any
    _node: Node | None
    _view: tuple[Any, Any, Any] | None
    _leaf: Leaf
    _trace: Node
    _name: str
    _views: list[Any]


def wrap(data: Any, node: Node | None = None) -> Any:
    """A Tensor around an array, as the output of `node`."""
    tensor: Traced = object.__new__(NAMES["Tensor"])
    tensor._data = data if type(data) is np.ndarray else as_array(data)
    tensor._node = node
    tensor._view = None
    return tensor


def as_array(x: Any) -> Any:
    """`x` as an array: NumPy's scalars become 0-d, other kinds of arrays stay what they are."""
    if isinstance(x, np.ndarray):
        # A matrix or masked array has rules of its own; ours are written for plain arrays.
        return x if type(x) is np.ndarray else np.asarray(x)
    if hasattr(type(x), "__array_function__"):
        return x
    return np.asarray(x)


def wrapped(value: Any, origin: Any) -> Any:
    """A saved array as a Tensor that came from `origin` (a node), or as the constant it was."""
    if isinstance(origin, Node) and value is not None:
        if origin.requires_grad:
            return wrap(value, origin)
        constant = wrap(value)
        constant._trace = origin
        return constant
    return value


def tied(value: Any, origin: Any) -> Any:
    """A saved array as the user's own Tensor where it is that one's memory, else as an output."""
    holder = origin.variable if isinstance(origin, Leaf) else None
    if holder is not None and holder._data is value:
        return holder
    return wrapped(value, origin) if isinstance(origin, Node) else wrap(value)


def saved_value(node: Node, name: str) -> Any:
    """What a node keeps for backward, by PyTorch's names: `self`, `other`, `result`, or our own.

    Raises
    ------
    RuntimeError
        After backward has freed it.
    AttributeError
        For what the rules do not need, and so is not kept.
    """
    if node.freed:
        raise again(node)
    op = node.primitive
    places = {"self": 0, "other": 1, "exponent": 1, "mat2": 1}
    own = "y" if name == "result" else name
    if name in places and places[name] < len(op.inputs):
        own = op.inputs[places[name]]
    kept = dict(zip(op.saved_names, node.saved, strict=True))
    if kept.get(own) is None or own not in (*op.inputs, "y") or op.variadic:
        raise AttributeError(
            f"{node.name()} keeps no {name!r} for backward; it keeps "
            f"{', '.join(n for n, v in kept.items() if v is not None) or 'nothing'}"
        )
    value = kept[own]
    if hasattr(op, "unpacked"):  # by autograd.graph.saved_tensors_hooks
        (value,) = op.unpacked((value,))
    return tied(value, node if own == "y" else node.inputs[op.inputs.index(own)])


# `grad_fn._saved_self` and its like. As properties: with a `__getattr__` of its own, a class loses
# Python's fast path to every attribute, and nodes are read all the time.
for _name in ("self", "other", "exponent", "mat2", "result"):
    setattr(Node, f"_saved_{_name}", property(functools.partial(saved_value, name=_name)))


def operand(op: Any, x: Any) -> tuple[Any, Node | None]:
    """The array of a sole operand that is no Tensor."""
    if isinstance(x, int | float | bool):
        return np.asarray(x, default_float() if type(x) is float else None), None
    if isinstance(x, np.ndarray | np.generic | list | tuple) or hasattr(x, "__array_function__"):
        return as_array(x), None
    raise TypeError(
        f"{op.name}(): argument must be a Tensor, not {type(x).__name__}; "
        f"write torch.tensor(...) around numbers and lists"
    )


def operands(op: Any, values: Sequence[Any], operator: bool) -> Any:
    """Arrays and nodes of a call's operands, in turn, promoted to one dtype where the op mixes.

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
        (array, node, array, node, …); numbers stay numbers, which NumPy treats as weak.
    """
    found: list[Any] = []
    for value in values:
        if isinstance(value, Traced | bool | int | float):
            found.append(value)
        elif isinstance(value, np.generic):
            # PyTorch takes a NumPy scalar for a Python number, and so does `np.float64(2) * t`.
            found.append(value.item() if value.dtype.kind in "biuf" else np.asarray(value))
        elif isinstance(value, np.ndarray) or hasattr(type(value), "__array_function__"):
            found.append(as_array(value))
        elif isinstance(value, list | tuple) and not operator:
            found.append(np.asarray(value, None))
        elif operator:
            return NotImplemented
        else:
            raise TypeError(
                f"{op.name}(): expected Tensors, arrays or numbers, got {type(value).__name__}; "
                f"write torch.tensor(...) around it if it holds numbers"
            )
    mixed = op.elementwise or op.variadic
    if mixed:
        promote(op, found)
    elif op.name in ("matmul", "inner"):
        same_dtype(op, found)
    flat: list[Any] = []
    for value in found:
        if isinstance(value, Traced):
            flat += (value._data, node_for(value))
        else:
            flat += (value, None)
    return tuple(flat)


def promote(op: Any, found: list[Any]) -> None:
    """Bring the operands in `found` to the dtype they compute in, in place of each other."""
    names = op.inputs if not op.variadic else [""] * len(found)
    places = [i for i, n in enumerate(names) if n not in SELECTORS]
    arrays = [raw(found[i]) for i in places if hasattr(found[i], "dtype")]
    numbers = [found[i] for i in places if not hasattr(found[i], "dtype")]
    if not arrays:
        found[:] = [np.asarray(x, default_float() if type(x) is float else None) for x in found]
        return
    dtype = result_dtype(arrays, numbers)
    if op.floating and dtype.kind in "biu":
        dtype = default_float()
    refuse_kind(op, dtype)
    for i in places:
        value = found[i]
        if not hasattr(value, "dtype"):
            continue
        if value.dtype != dtype:
            found[i] = (
                to_dtype.record(value, dtype) if isinstance(value, Traced) else value.astype(dtype)
            )


def refuse_kind(op: Any, dtype: Any) -> None:
    """Raise for what PyTorch does not define on booleans."""
    if dtype.kind == "b" and op.name in ("sub", "floor_divide", "remainder"):
        raise RuntimeError(
            f"{op.name}: not defined for two bool tensors. Use ^ (logical_xor) or ~ (logical_not) "
            f"on truth values, or .int() to count with them."
        )


def same_dtype(op: Any, found: list[Any]) -> None:
    """Matrix products do not mix dtypes: it is nearly always a mistake, and a slow one."""
    dtypes = [x.dtype for x in found if hasattr(x, "dtype")]
    if len(dtypes) != len(found):
        raise TypeError(f"{op.name}: both operands must be Tensors; use * to multiply by a number")
    if dtypes[0] != dtypes[1]:
        plain = [i for i, x in enumerate(found) if not isinstance(x, Traced)]
        if len(plain) == 1:  # an array beside a tensor takes the tensor's dtype, if both are floats
            i = plain[0]
            if found[i].dtype.kind == "f" == found[1 - i].dtype.kind:
                found[i] = found[i].astype(found[1 - i].dtype)
                return
        if op.name == "inner":
            raise RuntimeError(
                f"linear: mat1 and mat2 must have the same dtype, but got {dtypes[0]} and "
                f"{dtypes[1]}: the input is {dtypes[0]}, the layer's weight {dtypes[1]}. Convert "
                f"the input with .float(), or the model with model.double()."
            )
        raise RuntimeError(
            f"{op.name}: expected both tensors to have the same dtype, but got: {dtypes[0]} != "
            f"{dtypes[1]}. Convert one: .float(), .double() or .to(other.dtype)."
        )


def raw(x: Any) -> Any:
    """The array inside a Tensor; anything else as it is."""
    return x._data if isinstance(x, Traced) else x


def still(name: str, function: Callable[..., Any], *inputs: Any) -> Any:
    """What a function without a derivative makes of tensors, as a tensor (an order, a count).

    It needs no declaration; while someone watches, it leaves a node like any call.
    """
    out = wrap(function(*[raw(x) for x in inputs]))
    watcher = current_mode().watcher
    if watcher is not None:
        watcher.derived(name, function, inputs, out)
    return out


def node_for(x: Traced) -> Node | None:
    """The node of a tensor; while someone watches, constants have nodes too."""
    watcher = current_mode().watcher
    if x._node is not None or watcher is None:
        return x._node
    return watcher.node_of(x)  # type: ignore[no-any-return]


def node_when_watched(x: Traced, since: int = 0) -> Node:
    """The node that stands for a tensor in a graph where everything is recorded.

    A trace from before `since`, or from before the memory was last written in place, does not say
    what the tensor holds now: it is a new leaf then.
    """
    if x._node is not None:
        return x._node
    node = getattr(x, "_trace", None)
    if node is None or node.index < since or node.index < version(x._data):
        node = x._trace = StillLeaf(x._data.shape, x._data.dtype)
        node.note().value = x._data
    return node


def leaf_of(x: Traced) -> Leaf:
    """The leaf that holds a user-made tensor's gradient, made when first needed."""
    leaf = getattr(x, "_leaf", None)
    if leaf is None or leaf.shape != x._data.shape or leaf.dtype != x._data.dtype:
        leaf = x._leaf = Leaf(x._data.shape, x._data.dtype)
        leaf.holder = weakref.ref(x)
    return leaf


def keep_freed_memory() -> None:
    """Have the C library keep large freed blocks for the next step.

    glibc takes blocks over 128 KB from the kernel and gives them back, so that every temporary of a
    few hundred KB costs page faults: half the time of a training step on the digits. Freeing one
    large block, which is never touched, raises that threshold for good. Elsewhere it does nothing.
    """
    np.empty(30 << 20, np.uint8)


keep_freed_memory()
NAMES.update(
    as_array=as_array,
    default_float=default_float,
    explain=explain,
    operand=operand,
    operands=operands,
)
