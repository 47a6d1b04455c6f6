"""The sweep: one walk over the graph, from the youngest node to the oldest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import Any

import numpy as np

from ..numerics.sums import column_sums, row_sums
from .node import FREED, Node
from .saved import WRITES, check_saved

__all__ = ["all_nodes", "order", "restrict", "sweep", "unbroadcast"]

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
