"""Views, and writing in place: what `x += y` and `x[i] = v` mean to the graph.

With gradients off the buffer itself is written, and the write is stamped so that backward can tell
a saved value changed. While recording, the new value is computed out of place and put, with its
node, into the same Tensor: what was saved keeps its value and gradients stay right. A write through
a view goes on into the base, and every other view of that base is cut from it anew.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.mode import changed_mode, current_mode
from ..engine.node import Leaf
from ..engine.saved import written
from ..engine.traced import Traced, wrap
from ..primitives.elementwise import to_dtype
from ..primitives.indexing import getitem, setitem

__all__ = ["as_view", "assign", "in_place", "root_of", "set_in_place", "set_out", "share"]

Cut = Callable[[Any], Any]


def as_view(out: Any, base: Any, cut: Cut) -> Any:
    """Tie `out`, which shares memory with `base`, to it; `cut(base)` cuts it anew."""
    memory = out._data.base
    if memory is None or (memory is not base._data and memory is not base._data.base):
        return out
    # The root is noted, so that a long chain of views need not be walked.
    root = base if base._view is None else base._view[2]
    out._view = (base, cut, root)
    note(root, weakref.ref(out), None)
    return out


def share(old: Any, new: Any) -> None:
    """Note that `new`, a detached `old`, shares its memory: recorded writes show in both.

    Nothing strong leads from `new` to `old`: a loss kept for a plot must not keep its graph.
    """
    cuts: list[Cut] = []
    while old._view is not None:
        base, cut, _ = old._view
        cuts.append(cut)
        old = base
    note(old, weakref.ref(new), cuts)


def note(root: Any, reference: weakref.ref[Any], cuts: list[Cut] | None) -> None:
    """Add to the list of what shares the memory of `root`, cleared of the dead as it doubles."""
    sharers = getattr(root, "_views", None)
    if sharers is None:
        sharers = root._views = []
    elif len(sharers) >= 64 and not len(sharers) & (len(sharers) - 1):
        root._views = sharers = [entry for entry in sharers if entry[0]() is not None]
    sharers.append((reference, cuts))


def root_of(tensor: Any) -> Any:
    """The tensor that a view is a view of, at the end of the chain."""
    return tensor if tensor._view is None else tensor._view[2]


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
    refuse_memory(data, what, tied=tensor._view is not None)
    mode = current_mode()
    if not mode.recording or (tensor._node is None and value._node is None):
        refuse_read_only(data, what)
        if mode.recording:
            refuse_lost(tensor)
        np.copyto(data, new, casting="unsafe")
        written(data, by=what)
        if mode.watcher is not None:
            mode.watcher.wrote(tensor, value)
        return tensor
    refuse_leaf(tensor, what)
    refuse_lost(tensor)
    if new.dtype != data.dtype:
        value = value.to(data.dtype)
    if value is tensor or value._data.base is not None or value._data is data:
        value = value.clone()
    swap(tensor, value)
    return tensor


def set_out(out: Any, value: Any, name: str) -> Any:
    """Write a result into a tensor that the caller brought: `torch.mul(a, b, out=c)`.

    Raises
    ------
    RuntimeError
        While recording, if either requires grad (PyTorch refuses too), and for a shape or dtype
        that `out` cannot hold. An empty tensor takes any shape.
    """
    call = f"{name}(..., out=)"
    if current_mode().recording and not (value._node is None is out._node):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, "
            f"but one of the arguments requires grad. Take the result: y = torch.{name}(...)."
        )
    if not out._data.size and out._data.shape != value._data.shape:
        refuse_dtype(out._data.dtype, value._data.dtype, call)
        out._data, out._view = value._data.astype(out._data.dtype), None
        return out
    return set_in_place(out, value, call)


def refuse_memory(data: Any, what: str, tied: bool = False) -> None:
    """Raise if entries share a place in memory, as in an expanded tensor."""
    if data.flags.writeable or not data.size:
        return
    repeated = any(step == 0 and n > 1 for step, n in zip(data.strides, data.shape, strict=True))
    if repeated or tied:
        raise RuntimeError(
            f"{what}: unsupported operation: more than one element of the written-to tensor refers "
            f"to a single memory location (shape {tuple(data.shape)}: an expanded tensor repeats "
            f"entries). Please clone() the tensor before performing the operation."
        )


def refuse_read_only(data: Any, what: str) -> None:
    """Raise if the memory may not be written."""
    if not data.flags.writeable:
        raise RuntimeError(
            f"{what}: this tensor's memory is read-only, as the array was that it was made of; "
            f"write to a copy: x = x.clone()."
        )


def refuse_lost(tensor: Any) -> None:
    """Raise for a view made under no_grad: the graph does not know how it came from its base."""
    if tensor._node is None and root_of(tensor)._node is not None:
        raise RuntimeError(
            "A view was created in no_grad mode and is being modified inplace with grad mode "
            "enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You "
            "can clarify your code by moving both the view and the inplace either both inside the "
            "no_grad block (if you don't want the inplace to be tracked) or both outside (if you "
            "want the inplace to be tracked)."
        )


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
    while tensor._view is not None:
        base, cut, _ = tensor._view
        numbered = wrap(np.arange(base._data.size).reshape(base._data.shape))
        with changed_mode(recording=False, watcher=None):
            places = cut(numbered)._data
        flat = base.reshape((-1,)) if base._data.ndim != 1 else base
        merged = setitem.record(flat, value.reshape((-1,)), places.reshape(-1))
        value = merged.reshape(base._data.shape) if base._data.ndim != 1 else merged
        tensor = base
    tensor._data, tensor._node = value._data, value._node
    if tensor._data.base is not None:
        tensor._data = tensor._data.copy()
    recut(tensor)


def recut(root: Any) -> None:
    """Compute every living tensor that shares the memory of `root` from its new value."""
    for reference, cuts in list(getattr(root, "_views", ())):
        sharer = reference()
        if sharer is None:
            continue
        if cuts is None:
            if sharer._view is not None and sharer._view[2] is root:
                base, cut, _ = sharer._view
                fresh = cut(base)
                sharer._data, sharer._node = fresh._data, fresh._node
            continue
        with changed_mode(recording=False, watcher=None):
            fresh = root
            for cut in reversed(cuts):
                fresh = cut(fresh)
        sharer._data = fresh._data
        recut(sharer)


def assign(tensor: Any, index: Any, value: Any) -> None:
    """`tensor[index] = value`."""
    if isinstance(value, Traced):
        refuse_dtype(tensor._data.dtype, value._data.dtype, "x[index] = value")
    data = tensor._data
    refuse_memory(data, "x[index] = value", tied=tensor._view is not None)
    mode = current_mode()
    live = tensor._node is not None or (isinstance(value, Traced) and value._node is not None)
    if not (mode.recording and live):
        refuse_read_only(data, "x[index] = value")
        if mode.recording:
            refuse_lost(tensor)
        write(data, index, value._data if isinstance(value, Traced) else value)
        written(data, by="x[index] = value")
        return
    refuse_leaf(tensor, "x[index] = value")
    refuse_lost(tensor)
    if not isinstance(value, Traced):
        value = wrap(np.asarray(value, data.dtype))
    elif value._data.dtype != data.dtype:
        value = to_dtype.record(value, data.dtype)
    place = part(data, index)
    if not fits(value._data.shape, place.shape):
        raise misfit(value._data.shape, place.shape)
    while value._data.ndim > place.ndim:
        value = value.reshape(value._data.shape[1:])
    swap(tensor, setitem.record(tensor, value, index))


def write(data: Any, index: Any, value: Any) -> None:
    """`data[index] = value` on arrays, refusing in words."""
    place = part(data, index)
    if not fits(np.shape(value), place.shape):
        raise misfit(np.shape(value), place.shape)
    data[index] = value


def part(data: Any, index: Any) -> Any:
    """`data[index]`, with PyTorch's word for an axis in the error."""
    try:
        return data[index]
    except IndexError as error:
        raise IndexError(
            f"{str(error).replace('axis', 'dimension')} (the tensor's shape is {tuple(data.shape)})"
        ) from None


def fits(given: tuple[int, ...], place: tuple[int, ...]) -> bool:
    """Whether a value can be broadcast to the place it is written to; leading 1s are let go."""
    extra = len(given) - len(place)
    if extra > 0 and any(n != 1 for n in given[:extra]):
        return False
    pairs = zip(reversed(given), reversed(place), strict=False)
    return all(n in (1, m) for n, m in pairs)


def misfit(given: tuple[int, ...], place: tuple[int, ...]) -> RuntimeError:
    """The error for a value that does not fit where it is written."""
    return RuntimeError(
        f"shape mismatch: value tensor of shape {list(given)} cannot be broadcast to indexing "
        f"result of shape {list(place)}: x[index] = value writes a value of the shape of x[index], "
        f"or one that broadcasts to it."
    )


def item(x: Any, index: Any) -> Any:
    """`x[index]`, tied to `x` as a view where it is one."""
    rank = x._data.ndim
    if index.__class__ is int:
        if rank == 1:  # NumPy would answer with a number, which is no view
            index = (index, Ellipsis)
    elif index.__class__ is tuple and len(index) == rank and all(type(i) is int for i in index):
        index = (*index, Ellipsis)
    out = getitem.record(x, index)
    if out._data.base is not None:
        return as_view(out, x, lambda base: getitem.record(base, index))
    return out


def in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """The form of a function that writes its result into its first argument."""
    name = f"{function.__name__}_"

    @functools.wraps(function)
    def call(input: Any, *args: Any, **kwargs: Any) -> Any:
        return input._become(function(input, *args, **kwargs), name)

    call.__name__ = name
    call.__doc__ = f"In place: {function.__doc__}"
    return call
