"""What the user calls things: variables of the code that draws, dotted paths of parameters."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.node import Leaf, Node
from ...engine.traced import Traced
from ...nn.module import Module
from ...optim.optimizer import Optimizer

PACKAGE = str(Path(os.path.abspath(__file__)).parents[2]) + os.sep
MOST_ITEMS = 256  # of a list or dictionary that is looked into


def user_frame() -> tuple[dict[str, Any], dict[str, Any]]:
    """The local and global variables of the innermost function that is not the package's own."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return dict(frame.f_locals), frame.f_globals


class Names:
    """Names of nodes, arrays and modules, from what the user gave and from variables.

    A name that was given explicitly comes first, then a parameter's dotted path, then the tensor's
    own name, then a variable: the local ones before the global ones, in the order of assignment.

    Parameters
    ----------
    given
        From names to tensors, arrays or modules; `locals()` will do.
    scopes
        Mappings of variables to look through, the nearest first.
    model
        Whose parameters and modules bear dotted names.
    """

    def __init__(
        self,
        given: Mapping[str, Any] | None = None,
        scopes: Iterable[Mapping[str, Any]] = (),
        model: Any = None,
    ) -> None:
        self.given: dict[Node, str] = {}
        self.nodes: dict[Node, str] = {}
        self.arrays: dict[int, str] = {}
        self.paths: dict[int, str] = {}  # id(module) -> dotted path
        self.outer: dict[int, int] = {}  # id(module) -> that of the module around it, 0 for none
        self.labels: dict[int, str] = {}  # id(root module) -> variable
        self.parameters: dict[Node, tuple[str, int]] = {}  # leaf -> path and id(owner)
        self.tensors: dict[Node, list[Any]] = {}
        self.optimizers: list[Optimizer] = []
        self.roots: list[Module] = []
        # What the maps above are keyed by, held so that no id is given out again meanwhile.
        self.held: list[Any] = []
        self.whole_model = model is not None
        if model is not None:
            self.add_model(model)
        for name, value in _named(given or {}, private=True):
            self._add(name, value)
        self.given = dict(self.nodes)
        for variables in scopes:
            for name, value in _named(variables, private=False):
                self._add(name, value)

    def _add(self, name: str, value: Any) -> None:
        if isinstance(value, Traced):
            self._add_tensor(name, value)
        elif isinstance(value, np.ndarray):
            self.arrays.setdefault(id(value), name)
            self.held.append(value)
        elif isinstance(value, Module):
            self.labels.setdefault(id(value), name)
            self.held.append(value)
        elif isinstance(value, Optimizer):
            if not any(value is o for o in self.optimizers):
                self.optimizers.append(value)

    def _add_tensor(self, name: str, tensor: Any) -> None:
        self.held.append(tensor)
        for node in (tensor._node, getattr(tensor, "_trace", None)):
            if node is not None:
                self.nodes.setdefault(node, name)
                self.tensors.setdefault(node, []).append(tensor)
                gradient = node.grad if isinstance(node, Leaf) else None
                if gradient is not None and gradient._node is not None:
                    self.nodes.setdefault(gradient._node, f"{name}.grad")
        if isinstance(tensor._data, np.ndarray):
            self.arrays.setdefault(id(tensor._data), name)

    def add_model(self, model: Module, prefix: str = "") -> None:
        """Take the dotted paths of a model's modules and parameters."""
        if any(model is r for r in self.roots):
            return
        self.roots.append(model)
        stack: list[tuple[str, Module, int]] = [(prefix, model, 0)]
        seen: set[int] = set()
        while stack:
            path, module, outer = stack.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            self.paths.setdefault(id(module), path)
            self.outer.setdefault(id(module), outer)
            start = f"{path}." if path else ""
            for own, parameter in module._parameters.items():
                node = parameter._node
                if node is not None and node not in self.parameters:
                    self.parameters[node] = (start + own, id(module))
                    self.tensors.setdefault(node, []).append(parameter)
            for own in module._buffer_names:
                buffer = vars(module)[own]
                if buffer is not None:
                    self.arrays.setdefault(id(buffer._data), start + own)
                    self.held.append(buffer)
            below = [(start + own, child, id(module)) for own, child in module._modules.items()]
            stack += reversed(below)

    def add_models_of(self, nodes: Iterable[Node]) -> None:
        """Find the outermost modules that calls were made in, where no model was given."""
        if self.roots:
            return
        found: dict[int, Module] = {}
        for node in nodes:
            scope, outermost = node.scope, None
            while scope is not None:
                if isinstance(scope[1], Module):
                    outermost = scope[1]
                scope = scope[2]
            if outermost is not None:
                found.setdefault(id(outermost), outermost)
        inner: set[int] = set()
        if len(found) > 1:
            inner = {id(m) for root in found.values() for m in root.modules() if m is not root}
        roots = [m for key, m in found.items() if key not in inner]
        # A loss without parameters or parts is no model: it would only lengthen all names.
        models = [m for m in roots if any(True for _ in m.named_parameters())]
        for root in roots:
            alone = len(models) <= 1 or root not in models
            self.add_model(root, "" if alone else self.labels.get(id(root), type(root).__name__))

    def sizes(self) -> dict[int, int]:
        """How many parameters each known module has, those of the modules in it included."""
        total = dict.fromkeys(self.outer, 0)
        for leaf, (_, owner) in self.parameters.items():
            size = math.prod(leaf.shape)
            while owner:
                total[owner] += size
                owner = self.outer[owner]
        return total

    def of_node(self, node: Node) -> str:
        """What a node is called, empty if nobody named it."""
        if node in self.given:
            return self.given[node]
        if node in self.parameters:
            return self.parameters[node][0]
        if node in self.nodes:
            return self.nodes[node]
        if isinstance(node, Leaf):
            own = getattr(node.variable, "_name", None)
            if own:
                return str(own)
        notes = node.notes
        return notes.name or "" if notes is not None else ""

    def of_array(self, array: Any) -> str:
        """What a constant array is called, empty if nobody named it."""
        if not isinstance(array, np.ndarray):
            return ""
        base = array.base  # t[:, None] is still t
        if id(array) in self.arrays or base is None or np.size(base) != array.size:
            return self.arrays.get(id(array), "")
        return self.arrays.get(id(base), "")

    def of_module(self, module: Any) -> tuple[str, str]:
        """A module's short name and dotted path; the outermost is called by its variable."""
        path = self.paths.get(id(module))
        if path:
            return path.rsplit(".", 1)[-1], path
        return self.labels.get(id(module), type(module).__name__), ""


def _named(variables: Mapping[str, Any], private: bool) -> Iterator[tuple[str, Any]]:
    """Names and values, those inside lists and dictionaries as `ws[0]`, after all plain ones."""
    inside: list[tuple[str, Any]] = []
    for name, value in list(variables.items()):
        if not private and name.startswith("_"):
            continue
        if isinstance(value, list | tuple | dict):
            inside.append((name, value))
        else:
            yield name, value
    for name, value in inside:
        if len(value) > MOST_ITEMS:
            continue
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(items):
            yield f"{name}[{key!r}]", item
