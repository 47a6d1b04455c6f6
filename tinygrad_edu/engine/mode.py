"""The mode: whether calls are recorded, in which scope, and who watches; for one thread or task."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["MODE", "SCOPES", "Mode", "changed_mode", "current_mode", "scope"]

# Scopes can be left out, to measure what they cost; nothing else asks for that.
SCOPES = os.environ.get("TINYGRAD_EDU_SCOPES", "1") != "0"


class Mode:
    """How calls are recorded, for one thread or task.

    Attributes
    ----------
    recording : bool
        Whether calls on tensors that require grad leave nodes (False under `no_grad`).
    scope : tuple or None
        The innermost open `Scope`.
    watcher
        None, or a `Watcher` that is told of every call: the graph view, the gradient check,
        anomaly mode.
    records_backward : bool
        Whether backward passes are recorded without being asked (`create_graph`), for who reads a
        whole training step: gradients are plain Tensors all the same.
    inference : bool
        Whether tensors made now are inference tensors.
    """

    __slots__ = ("inference", "recording", "records_backward", "scope", "watcher")

    def __init__(self) -> None:
        self.recording = True
        self.scope: tuple[Any, ...] | None = None
        self.watcher: Any = None
        self.records_backward = False
        self.inference = False


# A ContextVar is read faster than a threading.local, and tasks of an event loop are kept apart too.
MODE: ContextVar[Mode | None] = ContextVar("tinygrad_edu_mode", default=None)


def current_mode() -> Mode:
    """This thread's mode, made at the first call."""
    mode = MODE.get()
    if mode is None:
        mode = Mode()
        MODE.set(mode)
    return mode


@contextmanager
def changed_mode(**changes: Any) -> Iterator[Mode]:
    """Run a block with some attributes of the mode changed, for this thread alone."""
    mode = current_mode()
    before = {name: getattr(mode, name) for name in changes}
    for name, value in changes.items():
        setattr(mode, name, value)
    try:
        yield mode
    finally:
        for name, value in before.items():
            setattr(mode, name, value)


@contextmanager
def scope(label: str, owner: Any = None) -> Iterator[None]:
    """Name a stretch of code: the calls in it are drawn in one box."""
    mode = current_mode()
    outer = mode.scope
    mode.scope = (label, owner, outer)
    try:
        yield
    finally:
        mode.scope = outer
