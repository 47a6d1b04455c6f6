"""Views, and writing in place: what `x += y` and `x[i] = v` mean to the graph.

With gradients off the buffer itself is written, and the write is stamped so that backward can tell
a saved value changed. While recording, the new value is computed out of place and put, with its
node, into the same Tensor: what was saved keeps its value and gradients stay right. A write through
a view goes on into the base, and every other view of that base is cut from it anew.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from .graph import Leaf, current_mode, written
from .primitives.indexing import getitem, setitem
from .traced import Traced, wrap

__all__ = ["as_view", "assign", "root_of", "set_in_place"]


def as_view(out: Any, base: Any, again: Callable[[Any], Any]) -> Any:
    """Tie `out`, which shares memory with `base`, to it; `again(base)` cuts it anew."""
    memory = out._data.base
    if memory is None or (memory is not base._data and memory is not base._data.base):
        return out
    out._view = (base, again)
    root = root_of(base)
    views = getattr(root, "_views", None)
    if views is None:
        views = root._views = []
    elif len(views) >= 64 and not len(views) & (len(views) - 1):  # each time the list doubles
        root._views = views = [v for v in views if v() is not None]
    views.append(weakref.ref(out))
    return out


def root_of(tensor: Any) -> Any:
    """The tensor that a view is a view of, at the end of the chain."""
    while tensor._view is not None:
        tensor = tensor._view[0]
    return tensor


def refuse_leaf(tensor: Any, what: str) -> None:
    """Raise if a write would lose the history of a leaf that requires grad."""
    if not isinstance(tensor._node, Leaf):
        root = root_of(tensor)
        if root is not tensor and isinstance(root._node, Leaf):
            raise RuntimeError(
                f"a view of a leaf Variable that requires grad is being used in an in-place "
                f"operation ({what}, on a view of shape {tuple(tensor._data.shape)}). Write under "
                f"torch.no_grad() to change the parameter, or compute out of place: y = x * 2."
            )
        return
    raise RuntimeError(
        f"a leaf Variable that requires grad is being used in an in-place operation ({what}, shape "
        f"{tuple(tensor._data.shape)}). Write under torch.no_grad() to change the parameter, or "
        f"compute out of place: y = x + 1 instead of x += 1."
    )


def set_in_place(tensor: Any, value: Any, what: str) -> Any:
    """Make `tensor` hold `value`, a Tensor of its shape: the end of every `op_`.

    Parameters
    ----------
    tensor : Tensor
        What is written.
    value : Tensor
        What it holds from now on; cast to `tensor`'s dtype, which may not lower its category.
    what : str
        The call as the user wrote it, for errors.

    Raises
    ------
    RuntimeError
        For a leaf that requires grad while recording, a shape that does not fit, or a dtype that
        the tensor cannot hold.
    """
    data, new = tensor._data, value._data
    if new.shape != data.shape:
        raise RuntimeError(
            f"{what}: output with shape {tuple(data.shape)} doesn't match the broadcast shape "
            f"{tuple(new.shape)}. An in-place operation keeps the tensor's shape; write "
            f"x = x + y to get a larger one."
        )
    refuse_dtype(data.dtype, new.dtype, what)
    if not current_mode().recording or (tensor._node is None and value._node is None):
        if not data.flags.writeable:
            raise RuntimeError(
                f"{what}: this tensor's memory is shared or read-only (an expanded tensor repeats "
                f"one entry); write to a copy: x = x.clone()."
            )
        np.copyto(data, new, casting="unsafe")
        written(data)
        return tensor
    refuse_leaf(tensor, what)
    if new.dtype != data.dtype:
        value = value.to(data.dtype)
    if value._data is data or value._data.base is not None:
        value = value.clone()
    swap(tensor, value)
    return tensor


def refuse_dtype(held: Any, given: Any, what: str) -> None:
    """Raise if writing dtype `given` into `held` would lose its category (float into int)."""
    ranks = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}
    if ranks[given.kind] > ranks[held.kind]:
        raise RuntimeError(
            f"{what}: result type {given} can't be cast to the tensor's type {held}. Convert the "
            f"tensor first: x = x.to(torch.{given})."
        )


def swap(tensor: Any, value: Any) -> None:
    """Put the value and node of `value` into `tensor`, and into all that shares its memory."""
    if tensor._view is None:
        tensor._data, tensor._node = value._data, value._node
        recut(tensor)
        return
    base, again = tensor._view
    places = again(wrap(np.arange(base._data.size).reshape(base._data.shape)))._data
    flat = base.reshape((-1,)) if base._data.ndim != 1 else base
    merged = setitem.record(flat, value.reshape((-1,)), places.reshape(-1))
    swap(base, merged.reshape(base._data.shape) if base._data.ndim != 1 else merged)


def recut(root: Any) -> None:
    """Cut every living view of `root` from its new value."""
    held = [v() for v in getattr(root, "_views", ())]
    for view in held:
        if view is not None and root_of(view) is root:
            base, again = view._view
            fresh = again(base)
            view._data, view._node = fresh._data, fresh._node


def assign(tensor: Any, index: Any, value: Any) -> None:
    """`tensor[index] = value`."""
    if isinstance(value, Traced):
        refuse_dtype(tensor._data.dtype, value._data.dtype, "x[index] = value")
    live = tensor._node is not None or (isinstance(value, Traced) and value._node is not None)
    if not (current_mode().recording and live):
        data = tensor._data
        if not data.flags.writeable:
            raise RuntimeError(
                "x[index] = value: this tensor's memory is shared or read-only (an expanded tensor "
                "repeats one entry); write to a copy: x = x.clone()."
            )
        try:
            data[index] = value._data if isinstance(value, Traced) else value
        except ValueError as error:
            given = tuple(np.shape(value._data if isinstance(value, Traced) else value))
            raise RuntimeError(
                f"x[index] = value: a value of shape {given} does not fit the place it is written "
                f"to, of shape {tuple(data[index].shape)} ({error})."
            ) from None
        written(data)
        return
    refuse_leaf(tensor, "x[index] = value")
    if not isinstance(value, Traced):
        value = wrap(np.asarray(value, tensor._data.dtype))
    elif value._data.dtype != tensor._data.dtype:
        value = value.to(tensor._data.dtype)
    while value._data.ndim > tensor._data[index].ndim and value._data.shape[0] == 1:
        value = value.reshape(value._data.shape[1:])
    swap(tensor, setitem.record(tensor, value, index))


def item(x: Any, index: Any) -> Any:
    """`x[index]`, tied to `x` as a view where it is one."""
    out = getitem.record(x, index)
    if out._data.base is not None:
        return as_view(out, x, lambda base: getitem.record(base, index))
    return out
