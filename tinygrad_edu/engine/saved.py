"""Buffers that were written in place, and whether a value that backward needs is among them."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from .events import LISTENERS, tell
from .node import Node, tick

__all__ = ["WRITES", "SavedValueChanged", "check_saved", "version", "who_wrote", "written"]


class Writes:
    """When each buffer was last written in place, by the clock that numbers nodes.

    `latest` is the last write of all; `stamps` has, by the id of a buffer's owner, when it was
    written, a weak reference to it, and who wrote.
    """

    def __init__(self) -> None:
        self.latest = 0
        self.stamps: dict[int, list[Any]] = {}


WRITES = Writes()


def owner_of(array: Any) -> Any:
    """The array that owns a view's memory."""
    base = getattr(array, "base", None)
    while isinstance(base, np.ndarray):
        array, base = base, base.base
    return array


def written(*arrays: Any, by: str = "") -> None:
    """Note that arrays were written in place, so that backward can tell a saved value changed.

    `by` says who wrote, for whoever asks later why a value is gone (`who_wrote`).
    """
    stamp = WRITES.latest = tick()
    stamps = WRITES.stamps
    for array in arrays:
        owner = array if getattr(array, "base", None) is None else owner_of(array)
        held = stamps.get(id(owner))
        if held is not None:
            held[0] = stamp
            held[2] = by
        else:
            watch_writes(owner, stamp, by)
    if LISTENERS:
        tell("written", arrays, by)


def watch_writes(owner: Any, stamp: int, by: str = "") -> None:
    """Begin to keep the stamp of a buffer, for as long as the buffer lives."""
    key = id(owner)

    def forget(reference: weakref.ref[Any]) -> None:
        WRITES.stamps.pop(key, None)

    try:
        WRITES.stamps[key] = [stamp, weakref.ref(owner, forget), by]
    except TypeError:  # a duck array that cannot be watched
        return


def version(array: Any) -> int:
    """The stamp of the last in-place write to the memory of `array`; 0 if there was none."""
    owner = owner_of(array)
    held = WRITES.stamps.get(id(owner))
    return held[0] if held is not None and held[1]() is owner else 0


def who_wrote(array: Any) -> str:
    """Who wrote the memory of `array` last (`SGD.step`), empty if nobody said so."""
    owner = owner_of(array)
    held = WRITES.stamps.get(id(owner))
    return held[2] if held is not None and held[1]() is owner else ""


class SavedValueChanged(RuntimeError):
    """A value that backward needs was changed in place after it was recorded."""


def check_saved(node: Node) -> None:
    """Refuse to go on if a value saved by `node` was written since.

    Raises
    ------
    SavedValueChanged
        Naming the op, the shape, and what to type instead.
    """
    for name, value in zip(node.primitive.saved_names, node.saved, strict=True):
        parts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(x, np.ndarray) and version(x) > node.index for x in parts):
            shapes = ", ".join(str(np.shape(x)) for x in parts)
            what = "its output" if name == "y" else f"its input `{name}`"
            raise SavedValueChanged(
                f"one of the variables needed for gradient computation has been modified by an "
                f"inplace operation: {node.primitive.name} kept {what}, of shape "
                f"{shapes}, and that was changed (under no_grad, through .data or by "
                f"an optimizer step) before backward used it. Expected it unchanged between "
                f"forward and backward. Call backward first, or change a copy: x = x.clone()."
            )
