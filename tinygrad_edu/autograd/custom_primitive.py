"""One call of a custom function, in the form that the sweep and the readers of the graph expect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.mode import changed_mode
from ..engine.node import ConstantNode, Node
from ..engine.primitive import Frontier, Primitive, pay
from ..engine.traced import Traced, as_array, raw, wrap, wrapped
from ..numerics.sums import sum_to_size
from .bundle import OUTPUT, Bundle

__all__ = ["CustomPrimitive", "FunctionNode", "output_node"]

CUSTOM = "custom"


class CustomPrimitive:
    """One call of a `Function`, as the sweep and the readers of the graph see a primitive.

    It has what they read of a `Primitive`; the rules are the class's `backward`.
    """

    family = CUSTOM
    elementwise = False
    variadic = False
    complex_ok = False
    differentiable = True
    floating = False
    kinks = ""
    samples: tuple[Any, ...] = ()
    kept = Primitive.kept

    def __init__(self, cls: Any, ctx: Any, args: tuple[Any, ...]) -> None:
        self.cls = cls
        self.ctx = ctx
        self.name = self.label = cls.__name__
        self.backward_name = f"{cls.__name__}Backward"
        self.key = cls.apply
        # Where the Tensors stood among the arguments, and the rest as it was.
        self.places = tuple(i for i, a in enumerate(args) if isinstance(a, Traced))
        self.constants = tuple(None if isinstance(a, Traced) else a for a in args)
        names = cls._argument_names(len(args))
        self.inputs = tuple(names[i] for i in self.places)
        self.params: dict[str, Any] = {}
        self.rules: dict[str, Any] = dict.fromkeys(self.inputs, cls.backward)
        self.needs: dict[str, tuple[str, ...]] = dict.fromkeys(self.inputs, ())
        self.saved_names: tuple[str, ...] = ()
        # Of each saved value: the number of its input, ("output", its number), or None.
        self.origins: tuple[Any, ...] = ()
        self.outputs = 1
        self.several = False

    @property
    def record(self) -> Callable[..., Any]:
        """What a user calls."""
        return self.cls.apply  # type: ignore[no-any-return]

    def forward(self, *arrays: Any, **_: Any) -> Any:
        """Run `forward` again on arrays; the output, or the tuple of outputs, as arrays."""
        args = list(self.constants)
        for place, array in zip(self.places, arrays, strict=True):
            args[place] = wrap(np.array(array))
        with changed_mode(recording=False, watcher=None):
            out = self.cls._run(type(self.ctx)(), tuple(args))
        return tuple(map(raw, out)) if isinstance(out, tuple) else raw(out)

    def wrap_saved(self, node: Node, saved: Any, wrap: Callable[[Any, Any], Any]) -> Any:
        """The saved values as Tensors that know their nodes."""
        made = []
        for value, origin in zip(saved, self.origins, strict=True):
            if value is None or isinstance(value, Traced):
                made.append(value)
            elif isinstance(origin, tuple):
                made.append(wrap(value, output_node(node, origin[1])))
            else:
                made.append(tensor_of(value, None if origin is None else node.inputs[origin]))
        return tuple(made)

    def pull(self, inputs: tuple[Any, ...], saved: Any, g: Any) -> tuple[Any, ...]:
        """Run the user's `backward`: one contribution per input, None where none is wanted.

        Raises
        ------
        RuntimeError
            For a wrong number of gradients, or one of a wrong shape.
        """
        parts = g.parts if isinstance(g, Bundle) else {0: g}
        records = any(isinstance(p, Traced) for p in parts.values())
        given = tuple(self.given(parts, g, i) for i in range(self.outputs))
        ctx = self.ctx
        ctx._unpacked = tuple(
            value
            if value is None or isinstance(value, Traced)
            else tensor_of(value, inputs[origin] if isinstance(origin, int) else None)
            for value, origin in zip(saved or (), self.origins, strict=bool(saved))
        )
        try:
            if records:
                answer = self.cls.backward(ctx, *given)
            else:
                with changed_mode(recording=False, watcher=None):
                    answer = self.cls.backward(ctx, *given)
        finally:
            ctx._unpacked = None
        return self.checked(answer, inputs, records)

    def push(
        self,
        inputs: tuple[Any, ...],
        saved: Any,
        g: Any,
        cotangents: dict[Node, Any],
        frontier: Frontier,
    ) -> None:
        """Add the contributions to the inputs' cotangents."""
        pay(self, inputs, self.pull(inputs, saved, g), cotangents, frontier)

    def given(self, parts: dict[int, Any], g: Any, i: int) -> Any:
        """The gradient of output `i` as `backward` gets it."""
        if i in parts:
            part = parts[i]
            return part if isinstance(part, Traced) else wrap(np.asarray(part))
        shape = g.shape[i] if isinstance(g, Bundle) else g.shape
        if not self.ctx._materialize or shape is None:
            return None
        return wrap(np.zeros(shape, g.dtype[i] if isinstance(g, Bundle) else g.dtype))

    def checked(self, answer: Any, inputs: tuple[Any, ...], records: bool) -> tuple[Any, ...]:
        """What `backward` returned, checked against the arguments."""
        results = answer if isinstance(answer, tuple | list) else (answer,)
        expected = len(self.constants)
        if len(results) != expected and (
            len(results) < expected or any(r is not None for r in results[expected:])
        ):
            raise RuntimeError(
                f"function {self.backward_name} returned an incorrect number of gradients "
                f"(expected {expected}, got {len(results)}): backward must return one for each "
                f"argument of apply, None for those that are no Tensors."
            )
        for i, result in enumerate(results[:expected]):
            if result is not None and i not in self.places:
                raise RuntimeError(
                    f"function {self.backward_name} returned a gradient different from None at "
                    f"position {i + 1}, but the corresponding forward input was not a Variable"
                )
        return tuple(
            self.fitting(results[place], parent, place, records)
            for place, parent in zip(self.places, inputs, strict=True)
        )

    def fitting(self, c: Any, parent: Any, place: int, records: bool) -> Any:
        """One contribution in the shape of its input, summed where it was broadcast."""
        if c is None or not (isinstance(parent, Node) and parent.requires_grad):
            return None
        if not isinstance(c, Traced):
            if not isinstance(c, np.ndarray | np.generic | int | float):
                raise TypeError(
                    f"function {self.backward_name} returned {type(c).__name__} at position "
                    f"{place + 1}; expected a Tensor or None"
                )
            c = wrap(as_array(c))
        g = c if records else c._data
        if g.shape == parent.shape:
            return g
        try:
            fits = np.broadcast_shapes(parent.shape, tuple(g.shape)) == tuple(g.shape)
        except ValueError:
            fits = False
        if not fits:
            raise RuntimeError(
                f"Function {self.backward_name} returned an invalid gradient at index {place} - "
                f"got {list(g.shape)} but expected shape compatible with {list(parent.shape)}"
            )
        return sum_to_size(g, parent.shape)

    def __repr__(self) -> str:
        return f"<custom function {self.name}({', '.join(self.inputs)})>"


def tensor_of(value: Any, origin: Any) -> Any:
    """A saved array as a Tensor, tied to its node if it has one."""
    return wrapped(value, origin) if isinstance(origin, Node) else wrap(value)


class FunctionNode(Node):
    """The node of a custom function; attributes set on `ctx` can be read from it, as in PyTorch."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in Node.__slots__:
            raise AttributeError(name)
        return getattr(self.primitive.ctx, name)


class OutputNode(Node):
    """One of several outputs of a custom function; users are shown the function's own node."""

    __slots__ = ()

    def name(self) -> str:
        """The function's."""
        return str(self.inputs[0].name())

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The function's."""
        return self.inputs[0].next_functions  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in Node.__slots__:
            raise AttributeError(name)
        return getattr(self.inputs[0], name)


def output_node(node: Node, i: int) -> Node:
    """The node of output `i` of a call."""
    if not node.primitive.several:
        return node
    params = {"index": i, "dtypes": node.dtype}
    saved = tuple({**params, "x_shape": node.shape}[name] for name in OUTPUT.saved_names)
    kind = OutputNode if node.requires_grad else ConstantNode
    return kind(OUTPUT, (node,), params, saved, node.shape[i], node.dtype[i], node.scope)  # type: ignore[arg-type]


def keep(
    primitive: CustomPrimitive, to_save: Sequence[Any], tensors: Sequence[Any], outs: Sequence[Any]
) -> tuple[Any, ...]:
    """The saved arrays, with where each came from noted on the primitive.

    An output is noted by its number, not by its node: the node holds it, and a circle of references
    would keep both from being freed.
    """
    origins: list[Any] = []
    saved: list[Any] = []
    names: list[str] = []
    for x in to_save:
        as_input = next((i for i, t in enumerate(tensors) if t is x), None)
        as_output = next((i for i, y in enumerate(outs) if y is x), None)
        saved.append(None if x is None else x._data)
        if as_output is not None:
            origins.append(("output", as_output))
            names.append("y")
        elif as_input is not None:
            origins.append(as_input)
            names.append(primitive.inputs[as_input])
        else:
            origins.append(None)
            names.append(f"saved[{len(names)}]")
            if x is not None and x._node is not None:
                saved[-1] = x
    primitive.origins, primitive.saved_names = tuple(origins), tuple(names)
    return tuple(saved)
