"""The boxes of a recorded graph, one for each scope that calls were made in, and the derivative
orders of its nodes, which the scopes of backward tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ...engine.node import Node, Scope
from ...nn.module import Module
from ...ops.composed import CLOSED_FORMS
from ..model import Box, BoxKind
from .names import Names


class ScopeBoxes:
    """The boxes of the scopes that nodes were made in.

    Attributes
    ----------
    made : list of Box
        In the order in which scopes were entered.
    owned : dict
        The box of a module's first call, by the module's id.
    """

    def __init__(self, nodes: Sequence[Node], names: Names) -> None:
        self.names = names
        self.made: list[Box] = []
        self.ids: dict[int, int] = {}
        self.owned: dict[int, int] = {}
        self.calls: dict[tuple[int, str], int] = {}
        self.sizes = names.sizes()
        for node in nodes:
            if node.scope is not None:
                self.of(node.scope)

    def of(self, scope: tuple[Any, ...] | None) -> int:
        """The id of the box of a scope, made (with those around it) when first met."""
        if scope is None:
            return -1
        known = self.ids.get(id(scope))
        if known is not None:
            return known
        chain = []
        while scope is not None and id(scope) not in self.ids:
            chain.append(scope)
            scope = scope[2]
        box = self.ids[id(scope)] if scope is not None else -1
        for inner in reversed(chain):
            box = self.ids[id(inner)] = self._make(Scope(*inner), box)
        return box

    def _make(self, scope: Scope, parent: int) -> int:
        new = len(self.made)
        outer = self.made[parent].path if parent >= 0 else ""
        kind: BoxKind = "user"
        name = label = str(scope.label)
        path = ".".join(filter(None, (outer, name)))
        closed_form = ""
        parameters = 0
        if isinstance(scope.owner, Module):
            kind = "module"
            name, dotted = self.names.of_module(scope.owner)
            path = dotted or name
            name = self._within(dotted, parent) or name
            self.owned.setdefault(id(scope.owner), new)
            parameters = self.sizes.get(id(scope.owner), 0)
            closed_form = layer_form(type(scope.owner).__module__, type(scope.owner).__name__)
        elif scope.owner is not None:
            kind = "composed"
            closed_form = CLOSED_FORMS.get(label, "")
        elif label == "backward":
            kind = "order"
        key = (id(scope.owner), path)
        call = self.calls.get(key, 0)
        self.calls[key] = call + 1
        self.made.append(Box(new, name, kind, parent, label, path, call, closed_form, parameters))
        return new

    def _within(self, dotted: str, parent: int) -> str:
        """A module's path as seen from the module around it: `blocks.0` in the model, `norm1` in
        `blocks.0`."""
        while parent >= 0 and self.made[parent].kind != "module":
            parent = self.made[parent].parent
        outer = f"{self.made[parent].path}." if parent >= 0 else ""
        return dotted.removeprefix(outer)


@cache
def layer_form(module: str, name: str) -> str:
    """The closed form of the rule of a layer's function: nn.Softmax computes softmax."""
    if not module.startswith("tinygrad_edu.nn."):
        return ""
    forms = {function.replace("_", ""): form for function, form in CLOSED_FORMS.items()}
    return forms.get(name.lower(), "")


def derivative_orders(nodes: Sequence[Node], boxes: ScopeBoxes) -> dict[Node, int]:
    """How often each node's value was differentiated; nothing if there is no derivative.

    The boxes of backward passes are named after their orders, and put beside one another.
    """
    sweeps: dict[int, int] = {}
    inside: dict[int, int] = {}  # the "order" box around each box
    for made in boxes.made:
        outer = inside.get(made.parent, -1)
        inside[made.id] = made.id if made.kind == "order" else outer
        if made.kind == "order":  # one lies in another for being of the next order: drawn apart
            sweeps[made.id] = sweeps.get(outer, 0) + 1
            if outer >= 0:
                boxes.made[made.id] = replace(made, parent=boxes.made[outer].parent)
    if not sweeps:
        return {}
    around = {node: inside.get(boxes.of(node.scope), -1) for node in nodes}
    orders: dict[Node, int] = {}
    for node in nodes:
        parents = {p for p in node.inputs if isinstance(p, Node)}
        box = around[node]
        if box >= 0:
            # One sweep is of one order: that of what it differentiates, and one more.
            outside = max((orders.get(p, 0) for p in parents if around[p] != box), default=0)
            sweeps[box] = max(sweeps[box], outside + 1)
            orders[node] = sweeps[box]
        else:
            orders[node] = max((orders.get(p, 0) for p in parents), default=0)
    for node in nodes:
        if around[node] >= 0:
            orders[node] = sweeps[around[node]]
    for box, n in sweeps.items():
        boxes.made[box] = replace(
            boxes.made[box], name=f"order {n}", label="gradient", path=f"order {n}", call=0
        )
    return orders
