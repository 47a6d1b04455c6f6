"""Watching: being told of every call, for who wants to see all of them.

In ordinary running a call leaves a node only if a gradient will flow through it, and nothing else
is kept. While a `Watcher` is in force (`Mode.watcher`), the recorder leaves a node for comparisons,
masks and constants too, and tells the watcher, which notes values and source lines. The graph view,
the gradient check and anomaly mode are watchers.

    with recording() as tape:
        loss = model(x)
    tape.nodes, tape.value(node), node.notes.source
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .mode import current_mode
from .node import ConstantLeaf, ConstantNode, Leaf, Node, tick
from .primitive import INDEX, SHAPE, Primitive
from .record import leave
from .saved import version
from .traced import Traced

__all__ = ["Step", "Tape", "Watcher", "caller", "recording"]

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
NUMPY = os.path.dirname(os.path.abspath(np.__file__)) + os.sep
# Our own files, among which generated functions are counted (`fast`), and NumPy's.
INSIDE = (PACKAGE, NUMPY)


def _same(x: Any) -> Any:
    return x


# What hands its input on and stops gradients; nobody calls these.
DETACH = Primitive(_same, {"x": None}, name="detach", family=SHAPE, complex_ok=True)
COPY = Primitive(_same, {"x": None}, name="copy_", family=SHAPE, complex_ok=True)


def caller() -> tuple[str, int, str]:
    """The innermost line of the user's own code: file, line number, text."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(INSIDE):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    return file, line, linecache.getline(file, line, frame.f_globals).strip()


class Watcher:
    """Told of every call, of the node it left, and of each step of backward.

    Use it as a context manager; watchers nest, and each sees every call.

    Parameters
    ----------
    values : bool
        Note each call's output (`node.notes.value`) and input arrays (`node.notes.operands`).
        Values of leaves are copied, since an optimizer will write over them.
    sources : bool
        Note the user's line (`node.notes.source`: file, line number, text).
    everything : bool
        Leave a `ConstantNode` for calls without a gradient, and a `ConstantLeaf` for constants.
    """

    def __init__(
        self, *, values: bool = False, sources: bool = False, everything: bool = True
    ) -> None:
        self.values = values
        self.sources = sources
        self.everything = everything
        self.outer: Watcher | None = None
        # Traces left by earlier watchers are older; a tensor that carries one is a leaf here.
        self.since = tick()
        self.leaves: dict[Leaf, tuple[int, Any]] = {}

    def __enter__(self) -> Any:
        mode = current_mode()
        if mode.watcher is not None and self in mode.watcher.chain():
            raise RuntimeError(
                f"this {type(self).__name__} is watching already; make a second one to nest"
            )
        self.outer = mode.watcher
        mode.watcher = self
        return self

    def __exit__(self, *exception: object) -> None:
        current_mode().watcher = self.outer
        self.outer = None

    # ------------------------------------------------------------------- what subclasses override

    def ran(self, op: Any, arrays: Sequence[Any], y: Any) -> None:
        """Told of each call's arrays and output, before there is a node; may raise to refuse it."""

    def made(self, node: Node, y: Any, arrays: Sequence[Any]) -> None:
        """Told of each node that was left; notes on it what this watcher keeps."""
        if self.values:
            notes = node.note()
            notes.value = y
            notes.operands = tuple(
                self.held(p, a) if isinstance(p, Leaf) else a
                for p, a in zip(node.inputs, arrays, strict=True)
            )
        if self.sources:
            node.note().source = caller()

    def stepped(self, node: Node, g: Any, contributions: tuple[Any, ...]) -> None:
        """Told of each step of backward: a node, its cotangent, what its rules gave each input."""

    # ----------------------------------------------------------------------- what the engine calls

    def chain(self) -> Iterator[Watcher]:
        """This watcher and those around it."""
        watcher: Watcher | None = self
        while watcher is not None:
            yield watcher
            watcher = watcher.outer

    def tell_ran(self, op: Any, arrays: Sequence[Any], y: Any) -> None:
        """Tell all who watch that a call ran."""
        for watcher in self.chain():
            watcher.ran(op, arrays, y)

    def tell_made(self, node: Node, y: Any, arrays: Sequence[Any]) -> None:
        """Tell all who watch such calls that there is a node."""
        for watcher in self.chain():
            if watcher.everything or node.requires_grad:
                watcher.made(node, y, arrays)

    def tell_stepped(self, node: Node, g: Any, contributions: tuple[Any, ...]) -> None:
        """Tell all who watch of a step of backward."""
        for watcher in self.chain():
            watcher.stepped(node, g, contributions)

    def node_of(self, x: Traced) -> Node | None:
        """The node that stands for a tensor: its own, or, if all is recorded, its trace.

        A trace from before this watcher, or from before the memory was last written in place, does
        not say what the tensor holds now: it is a new leaf then.
        """
        if x._node is not None or not self.sees_everything():
            return x._node
        node = getattr(x, "_trace", None)
        if node is None or node.index < self.since or node.index < version(x._data):
            node = x._trace = ConstantLeaf(x._data.shape, x._data.dtype)
            node.note().value = x._data
        return node

    def sees_everything(self) -> bool:
        """Whether this watcher, or one around it, wants calls that need no gradient."""
        return any(watcher.everything for watcher in self.chain())

    def derived(
        self, name: str, function: Callable[..., Any], inputs: tuple[Any, ...], out: Traced
    ) -> None:
        """Note a call of a function that is no primitive and has no derivative."""
        arrays = [x._data if isinstance(x, Traced) else x for x in inputs]
        names = [f"x{i}" for i in range(len(inputs))] if len(inputs) > 1 else ["x"]
        op = Primitive(function, dict.fromkeys(names), name=name, family=INDEX)
        self.tell_ran(op, arrays, out._data)
        if self.sees_everything():
            parents = tuple(self.node_of(x) if isinstance(x, Traced) else x for x in inputs)
            out._trace = leave(ConstantNode, op, parents, {}, (), out._data, arrays)

    def detach(self, old: Traced, new: Any) -> Any:
        """Note where a detached tensor's data came from."""
        return self.follow(DETACH, old, new)

    def wrote(self, tensor: Any, value: Traced) -> None:
        """Note where the data written into a plain buffer came from."""
        if tensor._node is None:
            self.follow(COPY, value, tensor)

    def follow(self, op: Primitive, old: Traced, new: Any) -> Any:
        """Leave a `ConstantNode` that says the data of `new` is the data of `old`."""
        if self.sees_everything():
            parents = (self.node_of(old),)
            new._trace = leave(ConstantNode, op, parents, {}, (), new._data, (old._data,))
        return new

    def held(self, leaf: Leaf, array: Any) -> Any:
        """A copy of a leaf's value as it is now, made once for each time it was written."""
        stamp, copy = self.leaves.get(leaf, (-1, None))
        if copy is None or stamp != version(array):
            copy = np.array(array)
            self.leaves[leaf] = version(array), copy
        return copy

    def value(self, node: Node) -> Any:
        """The array that `node` came to, or None if it was not kept or was written over since."""
        if isinstance(node, Leaf) and node in self.leaves:
            return self.leaves[node][1]
        value = None if node.notes is None else node.notes.value
        return None if value is None or version(value) > node.index else value


class Step(NamedTuple):
    """One step of backward: a node, the cotangent that arrived, what went on to each input."""

    node: Node
    g: Any
    contributions: tuple[Any, ...]


class Tape(Watcher):
    """A watcher that lists what it saw.

    Attributes
    ----------
    nodes : list of Node
        Every call, in order.
    steps : list of Step
        Every step of backward, in order. Contributions are as the rules gave them, before the sum
        that undoes a broadcast.
    """

    def __init__(
        self, *, values: bool = True, sources: bool = True, everything: bool = True
    ) -> None:
        super().__init__(values=values, sources=sources, everything=everything)
        self.nodes: list[Node] = []
        self.steps: list[Step] = []

    def made(self, node: Node, y: Any, arrays: Sequence[Any]) -> None:
        """Note the call, and list it."""
        super().made(node, y, arrays)
        self.nodes.append(node)

    def stepped(self, node: Node, g: Any, contributions: tuple[Any, ...]) -> None:
        """List the step."""
        self.steps.append(Step(node, g, contributions))


def recording(*, values: bool = True, sources: bool = True, everything: bool = True) -> Tape:
    """Record every call made in the block: comparisons, draws, batches and masks too.

    Parameters
    ----------
    values, sources, everything : bool
        What to keep; see `Watcher`.

    Returns
    -------
    Tape
        A context manager: its `nodes` in order, and the `steps` of every backward in the block.
    """
    return Tape(values=values, sources=sources, everything=everything)
