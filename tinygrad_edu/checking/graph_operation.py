"""A recorded call as an `Operation` that can be run again at other inputs and audited alone.

The engine sums the gradients of broadcast operands back to their shape, for elementwise primitives
alone: their rules may answer in the output's shape, and the sum is part of the contract. Any other
rule must answer in the input's shape. So a rule that forgets such a sum is reported, also in a
custom `Function`, where the engine would sum it silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..autograd.bundle import Bundle
from ..autograd.custom_primitive import CustomPrimitive, keep
from ..engine.mode import changed_mode
from ..engine.node import Leaf, Node
from ..engine.record import saved_values
from ..engine.traced import raw, wrap
from ..numerics.sums import sum_to_size
from ..primitives.elementwise import to_dtype
from .differences import Array

__all__ = ["NodeOperation", "run_primitive"]


def run_primitive(primitive: Any, operands: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """The output of a primitive on arrays and numbers, in double precision.

    A cast to a shorter float is the identity here: its rounding has no derivative.
    """
    if primitive is to_dtype and np.dtype(params["dtype"]).kind == "f":
        (x,) = operands
        return x if x.dtype.kind in "fc" else x.astype(float)
    for given in operands:
        if given.__class__ is np.ndarray and given.dtype.kind == "c":
            # What writes one operand into another would drop the imaginary part.
            operands = [
                x.astype(complex) if x.__class__ is np.ndarray and x.dtype.kind == "f" else x
                for x in operands
            ]
            break
    if primitive.variadic:
        return primitive.forward(tuple(operands), **params)
    return primitive.forward(*operands, **params)


class NodeOperation:
    """One node of a graph with its recorded operands.

    Parameters
    ----------
    node : Node
        A recorded call.
    operands : sequence
        What it was called on: arrays, and numbers or indices that stay as they are.

    Attributes
    ----------
    places : list of int
        Which operands are arrays: the inputs of `forward` and `vjp`, in this order.
    live : list of int
        Positions among those inputs that a gradient flows to.
    """

    def __init__(self, node: Node, operands: Sequence[Any]) -> None:
        self.node = node
        self.primitive: Any = node.primitive
        self.params = node.params
        self.operands = list(operands)
        self.places = [k for k, x in enumerate(self.operands) if isinstance(x, np.ndarray)]
        names = self.primitive.inputs * (len(self.operands) if self.primitive.variadic else 1)
        self.names = names
        self.live = [
            place
            for place, k in enumerate(self.places)
            if isinstance(node.inputs[k], Node)
            and node.inputs[k].requires_grad
            and self.primitive.rules[names[k]] is not None
            and self.operands[k].dtype.kind == "f"
        ]
        live = set(self.live)
        self._nodes: list[Any] = list(self.operands)
        for place, k in enumerate(self.places):
            if place in live:
                self._nodes[k] = Leaf(self.operands[k].shape, np.dtype(float))
        # Two inputs may be one node (x * x); the rules still answer for each alone.
        self._wanted = [names[self.places[place]] for place in self.live]
        # Outputs that are infinite or NaN as recorded: constants, of which nothing can be compared.
        value = node.notes.value if node.notes is not None else None
        bad = None if not isinstance(value, np.ndarray) else ~np.isfinite(value)
        self.masked = bad if bad is not None and bad.any() else None
        self._recipes: dict[Any, list[tuple[int, Any]]] = {}

    @property
    def name(self) -> str:
        return str(self.primitive.name)

    @property
    def complex_ok(self) -> bool:
        return bool(self.primitive.complex_ok)

    @property
    def attributes(self) -> Mapping[str, object]:
        numbers = {
            f"{self.names[k]}": x
            for k, x in enumerate(self.operands)
            if isinstance(x, (int, float)) and not isinstance(x, bool)
        }
        return {**numbers, **self.params}

    @property
    def input_names(self) -> Sequence[str]:
        if self.primitive.variadic:
            return [f"{self.names[k]}[{k}]" for k in self.places]
        return [str(self.names[k]) for k in self.places]

    def inputs(self) -> list[Array]:
        """The recorded arrays."""
        return [self.operands[k] for k in self.places]

    def _full(self, inputs: Sequence[Array]) -> list[Any]:
        full = list(self.operands)
        for k, x in zip(self.places, inputs, strict=True):
            full[k] = x
        return full

    def forward(self, inputs: Sequence[Array]) -> Array:
        """The output; several outputs are laid end to end."""
        out = run_primitive(self.primitive, self._full(inputs), self.params)
        if isinstance(out, tuple):
            return np.concatenate([np.asarray(part).ravel() for part in out])
        if self.masked is not None:
            return np.where(self.masked, 0.0, out)
        return np.asarray(out)

    def _saved(self, arrays: Sequence[Any], output: Array) -> tuple[Any, ...]:
        """What the rules need, in their order; what does not change from call to call is kept."""
        if self.primitive.variadic:
            return saved_values(self.primitive, self._wanted, arrays, self.params, output)
        recipe = self._recipes.get(output.dtype)
        if recipe is None:
            first = saved_values(self.primitive, self._wanted, arrays, self.params, output)
            recipe = []
            for name, value in zip(self.primitive.saved_names, first, strict=True):
                if value is None or name not in (*self.primitive.inputs, "y"):
                    recipe.append((-2, value))
                else:
                    recipe.append((-1 if name == "y" else self.primitive.inputs.index(name), None))
            self._recipes[output.dtype] = recipe
        return tuple(
            fixed if k == -2 else (output if k == -1 else arrays[k]) for k, fixed in recipe
        )

    def vjp(
        self, inputs: Sequence[Array], output: Array, cotangent: Array
    ) -> Sequence[Array | None]:
        """`cotangent^T J` for each input, from the rules as they are registered now."""
        arrays = self._full(inputs)
        if self.masked is not None:
            cotangent = np.where(self.masked, 0.0, cotangent)
            output = np.asarray(run_primitive(self.primitive, arrays, self.params))
        if isinstance(self.primitive, CustomPrimitive):
            pulled = _custom_vjp(self.primitive, arrays, self._nodes, cotangent)
        else:
            saved = self._saved(arrays, output)
            pulled = self.primitive.pull(tuple(self._nodes), saved, cotangent)
        found: list[Array | None] = []
        for k in self.places:
            c = pulled[k]
            if c is not None:
                c = np.asarray(raw(c))
                if self.primitive.elementwise and c.shape != arrays[k].shape == (
                    _fits(c.shape, arrays[k].shape, output.shape)
                ):
                    c = sum_to_size(c, arrays[k].shape)
            found.append(c)
        return found


def _fits(
    given: tuple[int, ...], wanted: tuple[int, ...], output: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The wanted shape, if the sum back from the output's shape is the engine's to do."""
    return wanted if given == output else None


def _custom_vjp(
    primitive: CustomPrimitive, arrays: Sequence[Array], nodes: Sequence[Any], g: Array
) -> Sequence[Any]:
    """Run a `Function` forward and backward again: what it saves depends on its inputs."""
    args = list(primitive.constants)
    tensors = []
    for place, array in zip(primitive.places, arrays, strict=True):
        args[place] = wrap(np.array(array))
        tensors.append(args[place])
    ctx = type(primitive.ctx)()
    ctx.needs_input_grad = primitive.ctx.needs_input_grad
    with changed_mode(recording=False, watcher=None):
        out = primitive.cls._run(ctx, tuple(args))
    outs = tuple(out) if isinstance(out, (tuple, list)) else (out,)
    fresh = _Unsummed(primitive.cls, ctx, tuple(args))
    fresh.outputs, fresh.several = primitive.outputs, primitive.several
    saved = keep(fresh, ctx._to_save, tensors, outs)
    cotangent: Any = g
    if fresh.several:
        cotangent, start = Bundle({}, (), ()), 0
        for i, y in enumerate(outs):
            part = g[start : start + y._data.size].reshape(y._data.shape)
            cotangent.parts[i] = np.asarray(part)
            start += y._data.size
        cotangent.shape = tuple(y._data.shape for y in outs)
        cotangent.dtype = tuple(y._data.dtype for y in outs)
    return fresh.pull(tuple(nodes), saved, cotangent)


class _Unsummed(CustomPrimitive):
    """A custom function whose gradients are left in the shape its `backward` gave them."""

    def fitting(self, c: Any, parent: Any, place: int, records: bool) -> Any:
        if c is None or not isinstance(parent, Node):
            return None
        return np.asarray(raw(c))
