"""A model layer by layer: output shapes, parameters, memory and multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.mode import changed_mode
from ..engine.node import Node
from ..engine.watching import recording
from ..nn.module import Module
from ..tensors.creation import zeros
from ..tensors.tensor import tensor
from .formatting import shape_text
from .reading.names import Names
from .reading.values import is_single

__all__ = ["Layer", "ModelSummary", "summary"]


@dataclass(frozen=True)
class Layer:
    """One call of a module.

    Attributes
    ----------
    path, kind : str
        The dotted name and the class.
    depth : int
        How many modules it is in.
    shape : tuple of int
        Of its output.
    parameters : int
        Its own and those of the modules in it, counted at their first call; later calls have 0.
    bytes : int
        What all values computed in it take.
    multiply_adds : int
        Of the matrix products in it: m·n·k for (m, k) by (k, n).
    """

    path: str
    kind: str
    depth: int
    shape: tuple[int, ...]
    parameters: int
    bytes: int
    multiply_adds: int


@dataclass(frozen=True)
class ModelSummary:
    """What `viz.summary` returns: prints as a table.

    Attributes
    ----------
    layers : tuple of Layer
        Every call of a module, outermost first, in order.
    parameters, trainable : int
        Of the whole model, shared ones once.
    bytes : int
        What all values of one forward take, without parameters.
    multiply_adds : int
        Of one forward.
    """

    layers: tuple[Layer, ...]
    parameters: int
    trainable: int
    bytes: int
    multiply_adds: int

    def __str__(self) -> str:
        heads = ("layer", "output", "parameters", "memory", "multiply-adds")
        table = [heads]
        for x in self.layers:
            name = "  " * x.depth + (
                f"{x.path.rsplit('.', 1)[-1]} ({x.kind})" if x.path else x.kind
            )
            table.append(
                (
                    name,
                    shape_text(x.shape),
                    f"{x.parameters:,}" if x.parameters else "-",
                    bytes_text(x.bytes),
                    f"{x.multiply_adds:,}" if x.multiply_adds else "-",
                )
            )
        wide = [max(len(row[i]) for row in table) for i in range(len(heads))]
        lines = []
        for row in table:
            cells = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, wide))]
            lines.append("  ".join(cells).rstrip())
        rule = "-" * (sum(wide) + 2 * (len(wide) - 1))
        frozen = self.parameters - self.trainable
        return "\n".join(
            [
                lines[0],
                rule,
                *lines[1:],
                rule,
                f"parameters     {self.parameters:,}" + (f", {frozen:,} frozen" if frozen else ""),
                f"memory         {bytes_text(self.bytes)} of values in one forward",
                f"multiply-adds  {self.multiply_adds:,} in one forward",
            ]
        )

    __repr__ = __str__


def bytes_text(n: int) -> str:
    """`1.2 MB`."""
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return f"{n} B"


def summary(model: Module, input: Any) -> ModelSummary:
    """Run a model once and count, layer by layer.

    The model runs in evaluation mode and without gradients; its modes are put back afterwards.

    Parameters
    ----------
    model : Module
    input : Tensor, array, a tuple of several, or a shape
        What to call it with; for a shape like `(32, 64)`, zeros.

    Returns
    -------
    ModelSummary
        Prints as a table.

    Raises
    ------
    TypeError
        If `model` is no Module.
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"viz.summary() takes a Module and an input for it, got {type(model).__name__}"
        )
    arguments = _arguments(input)
    modes = [(m, m.training) for m in model.modules()]
    try:
        model.eval()
        with (
            changed_mode(recording=False, scope=None),
            recording(values=False, sources=False) as tape,
        ):
            model(*arguments)
    finally:
        for module, training in modes:
            module.training = training
    return _count(model, tape.nodes)


def _arguments(given: Any) -> tuple[Any, ...]:
    if isinstance(given, tuple) and given and all(type(n) is int for n in given):
        return (zeros(*given),)
    several = given if isinstance(given, tuple | list) else (given,)
    return tuple(tensor(x) if isinstance(x, np.ndarray) else x for x in several)


def _count(model: Module, nodes: Sequence[Node]) -> ModelSummary:
    names = Names(model=model)
    calls: dict[int, list[Any]] = {}  # id(scope) -> [scope, depth, last node, bytes, products]
    size = products = 0
    for node in nodes:
        n = math.prod(node.shape) * node.dtype.itemsize if is_single(node) else 0
        p = multiply_adds(node)
        size, products = size + n, products + p
        chain = []
        scope = node.scope
        while scope is not None:
            if isinstance(scope[1], Module):
                chain.append(scope)
            scope = scope[2]
        for depth, call in enumerate(reversed(chain)):
            entry = calls.setdefault(id(call), [call, depth, node, 0, 0])
            entry[2] = node
            entry[3] += n
            entry[4] += p
    counted: set[int] = set()
    layers = []
    for call, depth, last, n, p in calls.values():
        module = call[1]
        own = {id(q): int(q._data.size) for q in module.parameters()}
        first = id(module) not in counted
        counted.add(id(module))
        layers.append(
            Layer(
                path=names.of_module(module)[1],
                kind=type(module).__name__,
                depth=depth,
                shape=tuple(last.shape),
                parameters=sum(own.values()) if first else 0,
                bytes=n,
                multiply_adds=p,
            )
        )
    parameters = list(model.parameters())
    total = sum(int(p._data.size) for p in parameters)
    trainable = sum(int(p._data.size) for p in parameters if p.requires_grad)
    return ModelSummary(tuple(layers), total, trainable, size, products)


def multiply_adds(node: Node) -> int:
    """Multiplications (each with its addition) of one call; 0 for all but products of matrices."""
    op = node.primitive.name if node.primitive is not None else ""
    shapes = [tuple(getattr(x, "shape", ())) for x in node.inputs]
    if op in ("matmul", "inner") and shapes[0]:
        return int(math.prod(node.shape) * shapes[0][-1])
    if op == "einsum":
        terms = node.params["subscripts"].split("->")[0].split(",")
        sides = {k: n for term, shape in zip(terms, shapes) for k, n in zip(term, shape)}
        return int(math.prod(sides.values())) * max(1, len(terms) - 1)
    return 0
