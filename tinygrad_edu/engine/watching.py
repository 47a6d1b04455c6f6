"""Watching: what takes over every call while someone wants to see all of them.

In ordinary running a call leaves a node only if a gradient will flow through it, and nothing else
is kept. A `Watcher` in force (`Mode.watcher`) runs each call the careful way: it leaves a node for
comparisons, masks and constants too, and notes values and source lines. The graph view, the
gradient check and anomaly mode are watchers.

    with recording() as tape:
        loss = model(x)
    tape.nodes, tape.value(node), node.notes.source
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..numerics.promotion import default_float
from ..primitives.elementwise import to_dtype
from .explain import explain
from .fast import dtype_of
from .mode import current_mode
from .node import Leaf, Node, Still, tick
from .primitive import INDEX, SHAPE, Primitive, sample
from .saved import version
from .traced import Traced, node_when_watched, operand, operands, wrap

__all__ = ["Step", "Tape", "Watcher", "caller", "recording"]

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
NUMPY = os.path.dirname(os.path.abspath(np.__file__)) + os.sep
# Our own files, NumPy's, and the functions that are generated from declarations.
INSIDE = (PACKAGE, NUMPY, "<record ", "<pull ", "<push ")


def _same(x: Any) -> Any:
    return x


def _identity(name: str) -> Primitive:
    """A primitive that hands its input on and stops gradients; not one that users call."""
    return Primitive(
        _same, {"x": None}, name=name, family=SHAPE, complex_ok=True, samples=[sample((2,))]
    )


DETACH, COPY = _identity("detach"), _identity("copy_")


def caller() -> tuple[str, int, str]:
    """The innermost line of the user's own code: file, line number, text."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(INSIDE):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    return file, line, linecache.getline(file, line, frame.f_globals).strip()


class Watcher:
    """Runs every call the careful way and leaves a node for it.

    Use it as a context manager; watchers nest, and each sees every call.

    Parameters
    ----------
    values : bool
        Note each call's output (`node.notes.value`) and input arrays (`node.notes.operands`).
        Values of leaves are copied, since an optimizer will write over them.
    sources : bool
        Note the user's line (`node.notes.source`: file, line number, text).
    everything : bool
        Leave a `Still` node for calls that need no gradient, and a `StillLeaf` for constants.
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

    def judge(self, op: Any, arrays: Sequence[Any], y: Any) -> None:
        """Tell all who watch that a call ran."""
        for watcher in self.chain():
            watcher.ran(op, arrays, y)

    def announce(self, node: Node, y: Any, arrays: Sequence[Any]) -> None:
        """Tell all who watch such calls that there is a node."""
        for watcher in self.chain():
            if watcher.everything or node.requires_grad:
                watcher.made(node, y, arrays)

    def observe(self, node: Node, g: Any, contributions: tuple[Any, ...]) -> None:
        """Tell all who watch of a step of backward."""
        for watcher in self.chain():
            watcher.stepped(node, g, contributions)

    def record(
        self, op: Primitive, inputs: tuple[Any, ...], params: dict[str, Any], operator: bool = False
    ) -> Any:
        """Run a primitive on what a caller passed, and leave a node.

        Parameters
        ----------
        op : Primitive
        inputs : tuple
            Tensors, arrays, numbers: as passed, before promotion.
        params : dict
            Keyword parameters.
        operator : bool
            Answer NotImplemented to operands of unknown kinds.

        Raises
        ------
        RuntimeError, TypeError, IndexError
            What the same call raises when nobody watches.
        """
        fitted = self.fitted(op, inputs, operator)
        if fitted is NotImplemented:
            return NotImplemented
        arrays, nodes = fitted[::2], fitted[1::2]
        try:
            with np.errstate(all="ignore"):
                y = op.forward(arrays, **params) if op.variadic else op.forward(*arrays, **params)
        except (ValueError, TypeError, IndexError) as error:
            raise explain(op, arrays, params, error) from None
        out = wrap(y)
        y = out._data
        self.judge(op, arrays, y)
        mode = current_mode()
        parents = tuple(a if n is None else n for a, n in zip(arrays, nodes, strict=True))
        live = live_inputs(op, parents) if mode.recording else []
        if live:
            saved = saved_values(op, live, arrays, params, y)
            node = out._node = Node(op, parents, params, saved, y.shape, y.dtype, mode.scope)
        elif self.sees_everything():
            node = out._trace = Still(op, parents, params, (), y.shape, y.dtype, mode.scope)
        else:
            return out
        self.announce(node, y, arrays)
        return out

    def fitted(self, op: Primitive, inputs: tuple[Any, ...], operator: bool) -> Any:
        """Arrays and nodes of the operands in turn, in one dtype; casts are recorded as calls."""
        if len(op.inputs) != 1 or op.variadic:
            return operands(op, inputs, operator)
        (x,) = inputs
        array, node = (x._data, self.node_of(x)) if isinstance(x, Traced) else operand(op, x)
        if op.floating and array.dtype.kind in "biu":
            x = to_dtype.record(x if isinstance(x, Traced) else wrap(array), default_float())
            array, node = x._data, self.node_of(x)
        return array, node

    def node_of(self, x: Traced) -> Node | None:
        """The node that stands for a tensor: its own, or, if all is recorded, a `StillLeaf`."""
        if x._node is not None or not self.sees_everything():
            return x._node
        return node_when_watched(x, self.since)

    def sees_everything(self) -> bool:
        """Whether this watcher, or one around it, wants calls that need no gradient."""
        return any(watcher.everything for watcher in self.chain())

    def derived(
        self, name: str, function: Callable[..., Any], inputs: tuple[Any, ...], out: Traced
    ) -> None:
        """Note a call of a function that is no primitive and has no derivative."""
        arrays = [x._data if isinstance(x, Traced) else x for x in inputs]
        names = [f"x{i}" for i in range(len(inputs))] if len(inputs) > 1 else ["x"]
        op = Primitive(
            function,
            dict.fromkeys(names),
            name=name,
            family=INDEX,
            samples=[sample(*[(2,)] * len(inputs))],
        )
        self.judge(op, arrays, out._data)
        if self.sees_everything():
            parents = tuple(self.node_of(x) if isinstance(x, Traced) else x for x in inputs)
            data, scope = out._data, current_mode().scope
            node = out._trace = Still(op, parents, {}, (), data.shape, data.dtype, scope)
            self.announce(node, data, arrays)

    def detach(self, old: Traced, new: Any) -> Any:
        """Note where a detached tensor's data came from."""
        return self.follow(DETACH, old, new)

    def wrote(self, tensor: Any, value: Traced) -> None:
        """Note where the data written into a plain buffer came from."""
        if tensor._node is None:
            self.follow(COPY, value, tensor)

    def follow(self, op: Primitive, old: Traced, new: Any) -> Any:
        """Leave a `Still` node that says the data of `new` is the data of `old`."""
        if self.sees_everything():
            data = new._data
            node = Still(
                op, (self.node_of(old),), {}, (), data.shape, data.dtype, current_mode().scope
            )
            new._trace = node
            self.announce(node, data, (old._data,))
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


def live_inputs(op: Primitive, parents: tuple[Any, ...]) -> list[str]:
    """Names of the inputs that a gradient will flow to."""
    names = op.inputs * len(parents) if op.variadic else op.inputs
    return [
        name
        for name, parent in zip(names, parents, strict=True)
        if op.rules[name] is not None and isinstance(parent, Node) and parent.requires_grad
    ]


def saved_values(
    op: Primitive, live: list[str], arrays: Sequence[Any], params: dict[str, Any], y: Any
) -> tuple[Any, ...]:
    """What the rules of the `live` inputs need, in the order of `Node.saved`."""
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


@contextmanager
def recording(
    *, values: bool = True, sources: bool = True, everything: bool = True
) -> Iterator[Tape]:
    """Record every call made in the block: comparisons, draws, batches and masks too.

    Parameters
    ----------
    values, sources, everything : bool
        What to keep; see `Watcher`.

    Yields
    ------
    Tape
        Its `nodes` in order, and the `steps` of every backward run in the block.
    """
    with Tape(values=values, sources=sources, everything=everything) as tape:
        yield tape
