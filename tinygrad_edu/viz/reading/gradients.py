"""The gradients of a graph: those that leaves and `retain_grad` keep, and those found by replay.

Backward leaves gradients on leaves alone. The others are found by running the rules once more over
a copy of the graph, with values that are known to be those of the first time; they are shown only
if the gradients that are still held come out the same, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.node import ConstantLeaf, ConstantNode, Leaf, Node
from ...engine.primitive import Primitive
from ...engine.record import live_inputs, saved_values
from ...engine.sweep import order, sweep
from ..model import FREED, NO_PATH, NOT_ASKED, NOT_RUN
from .summarise import root_mean_square
from .tape import recorded_gradient
from .values import Values, apart, is_single, same_bits


class Gradients:
    """What is known of the gradient of every node.

    Parameters
    ----------
    nodes
        All nodes, oldest first.
    roots
        The outputs that were drawn.
    values
        Their values.
    replay
        Find gradients that were not kept by running the rules again.

    Attributes
    ----------
    ran : bool
        Whether backward has been run over this graph.
    steps : dict
        Each op's place in the order of backward.
    sizes : dict
        The root mean square of what went to input `i` of a node, by `(node, i)`.
    live : set
        Nodes whose gradient is in memory that others may write, for being too large to copy.
    """

    def __init__(
        self, nodes: Sequence[Node], roots: Sequence[Node], values: Values, *, replay: bool = True
    ) -> None:
        self.roots = roots
        self.reached = order(roots)
        self.on_path = set(self.reached)
        self.known: dict[Node, Any] = {}
        self.sizes: dict[tuple[Node, int], float] = {}
        self.live: set[Node | None] = set()
        self._named: dict[tuple[Primitive, tuple[str, ...]], set[str]] = {}  # what rules ask for
        for node in nodes:
            kept: Any = None
            if isinstance(node, Leaf):
                kept = node.grad._data if node.grad is not None else None
            elif node.notes is not None and node.notes.grad is not None:
                kept = node.notes.grad._data
            else:
                kept = recorded_gradient(node)
            if kept is not None:
                copy = apart(kept)
                self.known[node] = kept if copy is None else copy
                if copy is None:
                    self.live.add(node)
        freed = any(n.freed for n in self.reached)
        self.ran = freed or (
            any(isinstance(n, Leaf) for n in self.known)
            and not any(n.saved and not n.freed for n in self.reached)
        )
        # With retain_graph=True nothing is freed: then what leaves hold says whether it ran.
        self.perhaps = not self.ran and any(isinstance(n, Leaf) for n in self.known)
        self.why = FREED
        self.steps: dict[Node, int] = {}
        if (self.ran or self.perhaps) and replay:
            self._replay(nodes, values)
        if self.ran:
            ops = [n for n in self.reached if not isinstance(n, Leaf)]
            self.steps = {n: i for i, n in enumerate(ops)}

    def of(self, node: Node) -> tuple[Any, str]:
        """A node's gradient, or None and the reason why there is none."""
        g = self.known.get(node)
        if g is not None:
            return g, ""
        if not node.requires_grad:
            return None, NOT_ASKED
        if node not in self.on_path:
            return None, NO_PATH
        if not self.ran:
            return None, NOT_RUN
        if isinstance(node, Leaf):
            return None, ".grad is empty: cleared, or taken by autograd.grad"
        return None, self.why

    def _replay(self, nodes: Sequence[Node], values: Values) -> None:
        held = {n: g for n, g in self.known.items() if n in self.on_path}
        if not held:
            self.why = "not kept: no .grad is left to compare with"
            return
        if any(math.prod(n.shape) != 1 for n in self.roots if is_single(n)):
            self.why = "not kept: only backward from a single number is run again"
            return
        twins: dict[Node, Node] = {}
        back: dict[Node, Node] = {}
        for node in nodes:
            twin = self._twin(node, twins, values)
            if twin is None:
                return
            twins[node], back[twin] = twin, node
        found: dict[Node, Any] = {}
        sizes: dict[tuple[Node, int], float] = {}

        def observe(twin: Node, g: Any, contributions: tuple[Any, ...]) -> None:
            node = back[twin]
            found[node] = g
            for i, c in enumerate(contributions):
                if c is not None and c.size:
                    sizes[node, i] = root_mean_square(c)

        roots = [
            (twins[n], np.ones(n.shape, n.dtype))
            for n in dict.fromkeys(self.roots)
            if n.requires_grad
        ]
        for twin, g in sweep(roots, retain_graph=True, observer=observe).items():
            found[back[twin]] = g
        for node, g in held.items():
            if node not in found or not same_bits(np.asarray(found[node]), g):
                self.why = "not kept: .grad holds more than this backward"
                return
        self.ran = True
        self.sizes = sizes
        self.known = {**found, **self.known}

    def _twin(self, node: Node, twins: dict[Node, Node], values: Values) -> Node | None:
        if isinstance(node, Leaf):
            kind = Leaf if node.requires_grad else ConstantLeaf
            return kind(node.shape, node.dtype)
        op = node.primitive
        inputs = tuple(twins[p] if isinstance(p, Node) else p for p in node.inputs)
        if node not in self.on_path:
            return ConstantNode(op, inputs, node.params, (), node.shape, node.dtype, None)
        if not isinstance(op, Primitive) or not is_single(node):
            self.why = f"not kept: the backward of {op.name} is not run again"
            return None
        live = tuple(live_inputs(op, node.inputs))
        named = self._named.get((op, live))
        if named is None:
            named = self._named[op, live] = {name for x in live for name in op.needs[x]}
        arrays = []
        for parent in node.inputs:
            array, why = values.operand(parent, node)
            if why and not named.isdisjoint(op.inputs):
                self.why = why
                return None
            if array is None:  # the rules ask for its shape and dtype at most
                array = np.broadcast_to(np.zeros((), parent.dtype), parent.shape)
            arrays.append(array)
        y, why = values.of(node)
        if y is None and "y" in named:
            self.why = why
            return None
        # What rules do not name is not looked for: most ops of a chain keep one array or none.
        saved = saved_values(op, list(live), arrays, node.params, y) if op.saved_names else ()
        return Node(op, inputs, node.params, saved, node.shape, node.dtype, None)
