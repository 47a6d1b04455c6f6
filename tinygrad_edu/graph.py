"""The graph: nodes, the order they were made in, and the sweep that runs backward over them.

A call that is recorded leaves a `Node`: which primitive ran, on which nodes and constants, and what
its derivative rules asked to keep. Nodes point at nodes and never at Tensors, so a value that no
rule needs is freed as soon as the user lets go of it, and no reference cycle keeps memory alive.

Offered here: `Node`, `Leaf`, `Mode` and the current one, `order`, `sweep`, and `written`, which
notes that a buffer was changed in place. Nothing here knows what a Tensor is: values are whatever
`+` works on.
"""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .numerics.sums import column_sums, row_sums

if TYPE_CHECKING:
    from .primitives.registry import Primitive

__all__ = [
    "Leaf",
    "Mode",
    "Node",
    "Notes",
    "Scope",
    "current_mode",
    "order",
    "recording",
    "scope",
    "sweep",
    "tick",
    "written",
]

# One clock for nodes and in-place writes: a node is always younger than its inputs, so sorting by
# index is a topological sort, and a buffer written after a node was made has a later stamp.
tick: Callable[[], int] = itertools.count(1).__next__

# Scopes can be left out, to measure what they cost; nothing else asks for that.
SCOPES = os.environ.get("TINYGRAD_EDU_SCOPES", "1") != "0"

NO_PARAMS: dict[str, Any] = {}
FREED: tuple[Any, ...] = ("freed",)


class Scope(NamedTuple):
    """What a call was part of: a module, a composed function, or a name the user gave.

    The engine makes them as plain tuples of the same three entries, which costs a tenth as much;
    identity (`is`) tells two calls apart.
    """

    label: str
    owner: Any
    parent: tuple[Any, ...] | None


class Notes:
    """What only some nodes carry: hooks, a kept gradient, a name, values, a source line."""

    __slots__ = ("grad", "hooks", "keeps_grad", "name", "operands", "source", "value")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[[Any], Any]] | None = None
        self.keeps_grad = False
        self.grad: Any = None
        self.name: str | None = None
        self.value: Any = None
        self.operands: tuple[Any, ...] | None = None
        self.source: tuple[str, int, str] | None = None


class Node:
    """One recorded call.

    Attributes
    ----------
    primitive : Primitive
        What ran.
    inputs : tuple
        In the order of the call, duplicates kept: a `Node` where the input was recorded, else the
        constant itself (an array, a number).
    params : dict
        Keyword parameters (`axis=0`).
    saved : tuple
        The values that the primitive's rules name, emptied by backward.
    shape, dtype
        Of the output.
    index : int
        When it was made; inputs are always older.
    scope : tuple or None
        The innermost `Scope` it was made in.
    notes : Notes or None
        Hooks, a kept gradient, recorded values: what most nodes do without.
    """

    __slots__ = (
        "__weakref__",
        "dtype",
        "index",
        "inputs",
        "notes",
        "params",
        "primitive",
        "saved",
        "scope",
        "shape",
    )
    requires_grad = True

    def __init__(
        self,
        primitive: Any,
        inputs: tuple[Any, ...],
        params: dict[str, Any],
        saved: tuple[Any, ...],
        shape: tuple[int, ...],
        dtype: Any,
        scope: tuple[Any, ...] | None,
    ) -> None:
        self.primitive: Primitive = primitive
        self.inputs = inputs
        self.params = params
        self.saved = saved
        self.shape = shape
        self.dtype = dtype
        self.index = tick()
        self.scope = scope
        self.notes: Notes | None = None

    @property
    def parents(self) -> tuple[Node, ...]:
        """The inputs that are nodes, in order, duplicates kept."""
        return tuple(p for p in self.inputs if isinstance(p, Node))

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """PyTorch's form of `parents`: each with the number of its output, None for constants."""
        found = [p if isinstance(p, Node) and p.requires_grad else None for p in self.inputs]
        if len(found) == 2 and found[0] is None and not getattr(self.inputs[0], "shape", ()):
            found.reverse()  # PyTorch takes `2 * x` as x times 2
        return tuple((p, 0) for p in found)

    def name(self) -> str:
        """What PyTorch calls the node: `MulBackward0`."""
        own = getattr(self.primitive, "backward_name", None)
        if own is not None:
            return str(own)
        return "".join(w[:1].upper() + w[1:] for w in self.primitive.name.split("_")) + "Backward0"

    @property
    def freed(self) -> bool:
        """Whether backward has dropped what the rules need."""
        return self.saved is FREED

    def note(self) -> Notes:
        """The node's notes, made when first asked for."""
        if self.notes is None:
            self.notes = Notes()
        return self.notes

    def __repr__(self) -> str:
        name = self.primitive.name if self.primitive is not None else "leaf"
        return f"<{type(self).__name__} {name} {self.shape} {self.dtype} #{self.index}>"


class Still(Node):
    """A recorded call through which no gradient flows (a comparison, a mask, a batch)."""

    __slots__ = ()
    requires_grad = False


class Leaf(Node):
    """Where the graph begins: a tensor that the user made. Its gradient arrives here.

    Attributes
    ----------
    grad
        The accumulated gradient (a Tensor) or None.
    after : list
        Called with the leaf's tensor after its gradient was accumulated.
    holder : weakref or None
        The tensor, for those that must be handed it.
    """

    __slots__ = ("after", "grad", "holder")

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        super().__init__(None, (), NO_PARAMS, (), shape, dtype, None)
        self.grad: Any = None
        self.after: dict[int, Callable[[Any], Any]] | None = None
        self.holder: Callable[[], Any] | None = None

    @property
    def variable(self) -> Any:
        """The tensor whose gradient arrives here; None once that is gone."""
        return None if self.holder is None else self.holder()

    def name(self) -> str:
        """What PyTorch calls it."""
        return "torch::autograd::AccumulateGrad"


class StillLeaf(Leaf):
    """A leaf that needs no gradient, recorded because someone watches."""

    __slots__ = ()
    requires_grad = False


class Mode:
    """How calls are recorded, for one thread or task.

    Attributes
    ----------
    recording : bool
        Whether calls on tensors that require grad leave nodes (False under `no_grad`).
    scope : tuple or None
        The innermost open `Scope`.
    watcher
        None, or an object whose `record(primitive, operands, params)` takes over every call:
        the graph view, the gradient check, anomaly mode.
    inference : bool
        Whether tensors made now are inference tensors.
    """

    __slots__ = ("inference", "recording", "scope", "watcher")

    def __init__(self) -> None:
        self.recording = True
        self.scope: tuple[Any, ...] | None = None
        self.watcher: Any = None
        self.inference = False

    def copy(self) -> Mode:
        """An equal mode of its own."""
        twin = Mode()
        twin.recording, twin.scope = self.recording, self.scope
        twin.watcher, twin.inference = self.watcher, self.inference
        return twin


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


@contextmanager
def recording(watcher: Any) -> Iterator[Any]:
    """Let `watcher` take over every call made in the block (see `Mode.watcher`)."""
    with changed_mode(watcher=watcher):
        yield watcher


# --------------------------------------------------------------------------------------------------
# Buffers that were written in place


class Writes:
    """When each buffer was last written in place, by the clock that numbers nodes."""

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
    for name, value in zip(node.primitive.saved_names, node.saved, strict=False):
        if isinstance(value, np.ndarray) and version(value) > node.index:
            what = "its output" if name == "y" else f"its input `{name}`"
            raise SavedValueChanged(
                f"one of the variables needed for gradient computation has been modified by an "
                f"inplace operation: {node.primitive.name} kept {what}, of shape "
                f"{tuple(value.shape)}, and that was changed (under no_grad, through .data or by "
                f"an optimizer step) before backward used it. Expected it unchanged between "
                f"forward and backward. Call backward first, or change a copy: x = x.clone()."
            )


# --------------------------------------------------------------------------------------------------
# Backward

by_index = attrgetter("index")


def order(roots: Iterable[Node]) -> list[Node]:
    """Every node that gradients of `roots` reach, each after all that use it.

    A node's cotangent is complete when the walk arrives: all its users have paid in. Walking
    paths instead would visit a node used twice twice, and a chain of n such nodes 2^n times.
    """
    seen = {root for root in roots if root.requires_grad}
    stack = list(seen)
    while stack:
        for parent in stack.pop().inputs:
            if isinstance(parent, Node) and parent not in seen and parent.requires_grad:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=by_index, reverse=True)


def all_nodes(roots: Iterable[Node]) -> list[Node]:
    """Every node that `roots` depend on, oldest first, gradient or none."""
    seen = set(roots)
    stack = list(seen)
    while stack:
        for parent in stack.pop().inputs:
            if isinstance(parent, Node) and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=by_index)


def restrict(nodes: list[Node], targets: set[Node]) -> list[Node]:
    """The nodes of an `order` on a path to one of `targets`."""
    useful = set(targets)
    for node in reversed(nodes):
        if any(isinstance(parent, Node) and parent in useful for parent in node.inputs):
            useful.add(node)
    return [node for node in nodes if node in useful]


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent over the axes that broadcasting stretched, back to `shape`."""
    extra = len(g.shape) - len(shape)
    if type(g) is np.ndarray and g.ndim == 2 and g.dtype.kind == "f":
        # a bias beside a batch, a sum of each row: the commonest cases, spared the detours
        if extra == 1 and g.shape[1:] == shape:
            return column_sums(g)
        if shape == (g.shape[0], 1):
            return row_sums(g).reshape(shape)
    stretched = [i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1]
    axes = (*range(extra), *stretched)
    if axes:
        g = np.sum(g, axis=axes)
    return g if g.shape == shape else np.reshape(g, shape)


def misshapen(primitive: Any, parent: Node, g: Any) -> Any:
    """Raise for a rule that answered in the wrong shape."""
    raise RuntimeError(
        f"the derivative rule of {primitive.name} gave a gradient of shape {tuple(g.shape)} for an "
        f"input of shape {parent.shape}. A rule must answer in the shape of its input (only "
        f"elementwise ops are summed back by the engine)."
    )


def again(node: Node) -> RuntimeError:
    """The error for walking a graph whose saved values are gone."""
    return RuntimeError(
        f"Trying to backward through the graph a second time (or directly access saved tensors "
        f"after they have already been freed): what {node.primitive.name} (output shape "
        f"{node.shape}) kept was freed by the first backward. Call .backward(retain_graph=True) "
        f"the first time, or compute the loss again."
    )


def sweep(
    roots: Sequence[tuple[Node, Any]],
    *,
    targets: set[Node] | None = None,
    retain_graph: bool = False,
    wrap: Callable[[Any, Any], Any] | None = None,
    observer: Callable[[Node, Any, tuple[Any, ...]], None] | None = None,
    hooked: Callable[[Node, Any], Any] | None = None,
) -> dict[Node, Any]:
    """Run the rules backward from `roots` and return the gradients that arrived.

    Parameters
    ----------
    roots : sequence of (node, cotangent)
        Where to start, and with what.
    targets : set of nodes, optional
        Stop at these and return theirs; otherwise every leaf's.
    retain_graph : bool
        Keep what the rules need for another walk.
    wrap : callable, optional
        `wrap(array, node)` turns a saved array into a value that records; given, derivatives are
        recorded too (`create_graph`).
    observer : callable, optional
        Told of each step: the node, its cotangent, the contributions to its inputs.
    hooked : callable, optional
        Runs a node's hooks on its finished cotangent and returns the cotangent to go on with.

    Raises
    ------
    RuntimeError
        If the graph was freed, a saved value changed, or a rule answered in a wrong shape.
    """
    cotangents: dict[Node, Any] = {}
    for node, g in roots:
        held = cotangents.get(node)
        cotangents[node] = g if held is None else held + g
    if targets is None and wrap is None and observer is None:
        return plain_sweep(cotangents, retain_graph, hooked)
    useful = None if targets is None else set(restrict(order(cotangents), targets))
    # The youngest node that a cotangent has reached is next: all its users are younger still, so
    # it has heard from every one of them.
    heap = [(-node.index, node) for node in cotangents]
    heapify(heap)
    found: dict[Node, Any] = {}
    latest_write = WRITES.latest
    raw = wrap is None and observer is None
    with np.errstate(all="ignore"):
        while heap:
            node = heappop(heap)[1]
            g = cotangents.pop(node)
            if useful is not None and node not in useful:
                continue
            if node.notes is not None and hooked is not None:
                g = hooked(node, g)
            primitive = node.primitive
            if targets is None:
                if primitive is None:
                    found[node] = g
                    continue
            elif node in targets:
                found[node] = g
            if primitive is None:
                continue
            saved = node.saved
            if saved:
                if saved is FREED:
                    raise again(node)
                if node.index < latest_write:
                    check_saved(node)
                if wrap is not None:
                    saved = primitive.wrap_saved(node, saved, wrap)
                if not retain_graph:
                    node.saved = FREED
            if raw:
                primitive.push(node.inputs, saved, g, cotangents, heap)
                continue
            contributions = primitive.pull(node.inputs, saved, g)
            for parent, c in zip(node.inputs, contributions, strict=True):
                if c is None:
                    continue
                if c.shape != parent.shape:
                    if not primitive.elementwise:
                        misshapen(primitive, parent, c)
                    c = unbroadcast(c, parent.shape)
                if c.dtype != parent.dtype:
                    c = c.astype(parent.dtype)
                held = cotangents.get(parent)
                if held is None:
                    heappush(heap, (-parent.index, parent))
                    cotangents[parent] = c
                else:
                    cotangents[parent] = held + c
            if observer is not None:
                observer(node, g, contributions)
    return found


def plain_sweep(
    cotangents: dict[Node, Any], retain_graph: bool, hooked: Callable[[Node, Any], Any] | None
) -> dict[Node, Any]:
    """The sweep of an ordinary backward: to every leaf, on arrays, with nobody looking on.

    The same walk as in `sweep`, without the questions that only other callers need answered: in
    small networks those took a tenth of the time.
    """
    heap = [(-node.index, node) for node in cotangents]
    heapify(heap)
    found: dict[Node, Any] = {}
    latest_write = WRITES.latest
    with np.errstate(all="ignore"):
        while heap:
            node = heappop(heap)[1]
            g = cotangents.pop(node)
            if node.notes is not None and hooked is not None:
                g = hooked(node, g)
            primitive = node.primitive
            if primitive is None:
                found[node] = g
                continue
            saved = node.saved
            if saved:
                if saved is FREED:
                    raise again(node)
                if node.index < latest_write:
                    check_saved(node)
                if not retain_graph:
                    node.saved = FREED
            primitive.push(node.inputs, saved, g, cotangents, heap)
    return found
