"""An array, and the node of the call that made it: what Tensor grows from.

`wrap` makes results. Their class is `Traced` itself as long as nothing else is asked for; the class
that users meet says so in its own head, `class Tensor(…, results=True)`, and no floor below needs
to know its name.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from .mode import current_mode
from .node import Leaf, Node
from .saved import written

__all__ = ["Traced", "answer_with", "as_array", "leaf_of", "node_for", "nondifferentiable", "raw"]
__all__ += ["tied", "wrap", "wrapped"]


class Traced:
    """An array, and the node of the call that made it (None for a constant).

    `_data`, `_node` and `_view` (what it is a view of) are always set. The others only where they
    are needed, and read with a default: `_leaf` is where its gradient arrives, `_trace` the node
    that it has while someone watches though no gradient flows, `_views` are the views of it.
    """

    __slots__ = ("__weakref__", "_data", "_leaf", "_name", "_node", "_trace", "_view", "_views")
    _data: Any
    _node: Node | None
    _view: tuple[Any, Any, Any] | None
    _leaf: Leaf
    _trace: Node
    _name: str
    _views: list[Any]

    def __init_subclass__(cls, *, results: bool = False, **options: Any) -> None:
        """With `results=True`, the results of calls are of this class from now on."""
        super().__init_subclass__(**options)
        if results:
            answer_with(cls)

    def _receive(self, value: Traced, name: str) -> Any:
        """Hold the result `value` of the call `name(…, out=self)`."""
        np.copyto(self._data, value._data)
        written(self._data, by=f"{name}(..., out=)")
        return self


# The class of results, here and in the name spaces of functions that were generated (`fast`).
Result: type[Traced] = Traced
ANSWERS: list[dict[str, Any]] = []


def answer_with(cls: type[Traced]) -> None:
    """Make `cls` the class of results."""
    global Result
    Result = cls
    for space in ANSWERS:
        space["Result"] = cls


def wrap(data: Any, node: Node | None = None) -> Any:
    """A Tensor around an array, as the output of `node`."""
    tensor = object.__new__(Result)
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


def raw(x: Any) -> Any:
    """The array inside a Tensor; anything else as it is."""
    return x._data if isinstance(x, Traced) else x


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


def leaf_of(x: Traced) -> Leaf:
    """The leaf that holds a user-made tensor's gradient, made when first needed."""
    leaf = getattr(x, "_leaf", None)
    if leaf is None or leaf.shape != x._data.shape or leaf.dtype != x._data.dtype:
        leaf = x._leaf = Leaf(x._data.shape, x._data.dtype)
        leaf.holder = weakref.ref(x)
    return leaf


def node_for(x: Traced) -> Node | None:
    """The node of a tensor; while someone watches, constants have nodes too."""
    watcher = current_mode().watcher
    if x._node is not None or watcher is None:
        return x._node
    return watcher.node_of(x)  # type: ignore[no-any-return]


def nondifferentiable(name: str, function: Callable[..., Any], *inputs: Any) -> Any:
    """What a function without a derivative makes of tensors, as a tensor (argsort, bincount).

    It needs no declaration; while someone watches, it leaves a node like any call.
    """
    out = wrap(function(*[raw(x) for x in inputs]))
    watcher = current_mode().watcher
    if watcher is not None:
        watcher.derived(name, function, inputs, out)
    return out
