"""Compute a recorded graph again: at other leaf values, in double precision, by complex step.

What is discrete (a comparison, an index found by sorting) is computed anew from the new values;
what is continuous and carries no gradient (a detached value) stays as recorded. So wherever the
function itself then differs from its replay, a value took a path that backward does not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.node import Leaf, Node
from .complex_step import STEP, underflows
from .differences import Array, Estimate, ridders, with_retries
from .graph_operation import run_primitive

__all__ = ["Replay"]

_SETTLED = 1e-6


class Replay:
    """A recorded graph that can be computed again.

    Parameters
    ----------
    nodes : sequence of Node
        Oldest first, with values and operands noted.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.steps = [n for n in nodes if not isinstance(n, Leaf) and n.notes is not None]
        self.recorded: dict[Node, Any] = {
            n: n.notes.value for n in self.steps if n.notes is not None
        }
        self.operands: dict[Node, tuple[Any, ...]] = {
            n: n.notes.operands for n in self.steps if n.notes is not None and n.notes.operands
        }
        # Nodes that were shown to be right under complex step, declared fit for it or not.
        self.proven: set[Node] = set()
        # Nodes whose slope no step of a difference settles (stairs), and what comes after them.
        self.doubtful: set[Node] = set()

    def values(self, leaves: Mapping[Node, Array]) -> dict[Node, Any]:
        """Every value that depends on the given leaf values; others are as recorded."""
        found: dict[Node, Any] = dict(leaves)
        with np.errstate(all="ignore"):
            for node in self.steps:
                moved = [p for p in node.inputs if isinstance(p, Node) and p in found]
                if not moved:
                    continue
                # A number made of truth values (the slope of a branch) follows them.
                if not node.requires_grad and _continuous(node) and any(map(_continuous, moved)):
                    continue
                found[node] = run_primitive(
                    node.primitive, self._operands(node, found), node.params
                )
        return found

    def in_double(self) -> Replay:
        """The same graph with values and operands in float64."""
        twin = Replay(self.steps)
        values = self.doubled()
        for node, operands in self.operands.items():
            twin.operands[node] = tuple(
                values[p]
                if isinstance(p, Node) and p in values
                else (x.astype(float) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x)
                for p, x in zip(node.inputs, operands, strict=True)
            )
        twin.recorded = values
        twin.proven = self.proven
        return twin

    def doubled(self) -> dict[Node, Any]:
        """Every value in float64, from the recorded leaves and constants."""
        found: dict[Node, Any] = {}
        with np.errstate(all="ignore"):
            for node in self.steps:
                operands = [
                    x.astype(float) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
                    for x in self._operands(node, found)
                ]
                found[node] = run_primitive(node.primitive, operands, node.params)
        return found

    def slopes(self, directions: Mapping[Node, Array]) -> dict[Node, Any]:
        """Derivative of every node along directions at the leaves.

        By complex step from leaf to output; through a primitive that does not take complex
        numbers, by Richardson extrapolation of that primitive alone.
        """
        found: dict[Node, Any] = {}
        with np.errstate(all="ignore"):
            for node in self.steps:
                operands: list[Any] | None = None
                for k, p in enumerate(node.inputs):
                    if not isinstance(p, Node):
                        continue
                    u = found.get(p)
                    if u is None:
                        u = directions.get(p)
                    if u is not None:
                        if operands is None:
                            operands = list(self.operands[node])
                        if p in self.doubtful:
                            self.doubtful.add(node)
                        operands[k] = np.asarray(operands[k] + 1j * STEP * u)
                if operands is not None and node.requires_grad:
                    found[node] = self._slope(node, operands)
        return found

    def _slope(self, node: Node, operands: Sequence[Any]) -> Any:
        primitive: Any = node.primitive
        if primitive.complex_ok or node in self.proven:
            y = np.asarray(run_primitive(primitive, operands, node.params))
            if y.dtype.kind == "c" and not underflows(y):
                return np.asarray(y.imag / STEP)

        def line(t: float) -> Array:
            moved = [
                np.asarray(x.real + t * (x.imag / STEP))
                if isinstance(x, np.ndarray) and x.dtype.kind == "c"
                else x
                for x in operands
            ]
            return np.asarray(run_primitive(primitive, moved, node.params))

        estimate = ridders(line)
        if _unsettled(estimate):
            estimate = with_retries(line, first=estimate)
            if _unsettled(estimate):
                self.doubtful.add(node)
        return estimate.value

    def _operands(self, node: Node, found: Mapping[Node, Any]) -> list[Any]:
        operands = list(self.operands[node])
        for k, parent in enumerate(node.inputs):
            if isinstance(parent, Node):
                new = found.get(parent)
                if new is not None:
                    operands[k] = new
        return operands


def _unsettled(estimate: Estimate) -> bool:
    top = float(np.max(np.abs(estimate.value), initial=0.0))
    return bool(np.any(estimate.error > _SETTLED * top + 100 * estimate.floor))


def _continuous(node: Node) -> bool:
    kind = getattr(node.dtype, "kind", "f")
    return bool(kind in "fc")
