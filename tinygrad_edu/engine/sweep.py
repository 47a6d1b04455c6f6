"""The sweep: one walk over the graph, from the youngest node to the oldest.

Nodes are numbered as they are made, so inputs are always older than outputs. The walk keeps a heap
of the nodes that a gradient has reached, and always takes the youngest: everyone who used its value
is younger still, so its gradient is complete. Nothing recurses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

import numpy as np

from .errors import freed_twice
from .node import FREED, Node
from .primitive import Frontier, pay
from .saved import WRITES, check_saved

__all__ = ["all_nodes", "order", "sweep"]

by_index = attrgetter("index")


def sweep(
    roots: Sequence[tuple[Node, Any]],
    *,
    targets: set[Node] | None = None,
    retain_graph: bool = False,
    wrap: Callable[[Any, Any], Any] | None = None,
    began: Callable[[Node], None] | None = None,
    observer: Callable[[Node, Any, tuple[Any, ...]], None] | None = None,
    hooked: Callable[[Node, Any], Any] | None = None,
) -> dict[Node, Any]:
    """Run the rules backward from `roots` and return the gradients that arrived.

    Parameters
    ----------
    roots : sequence of (node, cotangent)
        Where to start, and with what.
    targets : set of nodes, optional
        Return theirs, and run only the rules on the way to them; otherwise every leaf's.
    retain_graph : bool
        Keep what the rules need for another walk.
    wrap : callable, optional
        `wrap(array, node)` turns a saved array into a value that records; given, derivatives are
        recorded too (`create_graph`).
    began : callable, optional
        Told of each node whose rules are about to run, while derivatives are recorded.
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
    leading = set() if targets is None else leading_to(targets, order(cotangents))
    frontier = Frontier()
    frontier.own = set()
    for node in cotangents:
        heappush(frontier, (-node.index, node))
    found: dict[Node, Any] = {}
    latest_write = WRITES.latest
    plain = wrap is None and observer is None
    with np.errstate(all="ignore"):
        while frontier:
            node = heappop(frontier)[1]
            g = cotangents.pop(node)
            if targets is not None and node not in leading and node not in targets:
                continue
            if node.notes is not None and hooked is not None:
                g = hooked(node, g)
            op = node.primitive
            if op is None or targets is not None:
                if targets is None or node in targets:
                    # in the input's own dtype, though a rule widened it on the way
                    found[node] = g if g.dtype is node.dtype else g.astype(node.dtype)
                if op is None or node not in leading:
                    continue
            saved = node.saved
            if saved:
                if saved is FREED:
                    raise freed_twice(node)
                if node.index < latest_write:
                    check_saved(node)
                if wrap is not None:
                    saved = op.wrap_saved(node, saved, wrap)
                if not retain_graph:
                    node.saved = FREED
            if plain:
                op.push(node.inputs, saved, g, cotangents, frontier)
                continue
            if began is not None:
                began(node)
            contributions = op.pull(node.inputs, saved, g)
            pay(op, node.inputs, contributions, cotangents, frontier)
            if observer is not None:
                observer(node, g, contributions)
    return found


def order(roots: Iterable[Node]) -> list[Node]:
    """Every node that gradients of `roots` reach, each after all that use it.

    A node's cotangent is complete when the walk arrives: all its users have paid in. Walking
    paths instead would visit a node used twice twice, and a chain of n such nodes 2^n times.
    """
    return reached([root for root in roots if root.requires_grad], False)[::-1]


def all_nodes(roots: Iterable[Node]) -> list[Node]:
    """Every node that `roots` depend on, oldest first, gradient or none."""
    return reached(roots, True)


def reached(roots: Iterable[Node], constants: bool) -> list[Node]:
    """The nodes that inputs lead to from `roots`, oldest first, with or without constant ones."""
    seen = set(roots)
    stack = list(seen)
    while stack:
        for node in stack.pop().inputs:
            if isinstance(node, Node) and node not in seen and (constants or node.requires_grad):
                seen.add(node)
                stack.append(node)
    return sorted(seen, key=by_index)


def leading_to(targets: set[Node], nodes: list[Node]) -> set[Node]:
    """The nodes of an `order` whose rules must run for gradients to arrive at `targets`."""
    useful, leading = set(targets), set()
    for node in reversed(nodes):
        if any(isinstance(parent, Node) and parent in useful for parent in node.inputs):
            useful.add(node)
            leading.add(node)
    return leading
