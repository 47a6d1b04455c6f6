"""Function: an op of the user's own, with a derivative that the user writes.

    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

    y = Cube.apply(x)

Written in Tensor operations, `backward` can itself be differentiated.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..engine.mode import changed_mode, current_mode
from ..engine.node import ConstantNode, Leaf, Node
from ..engine.primitive import Primitive
from ..engine.record import leave
from ..engine.traced import Traced, raw, wrap, wrapped
from ..ops.views import refuse_leaf, swap
from .custom_primitive import CustomPrimitive, FunctionNode, keep, output_node

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class FunctionCtx:
    """What `forward` leaves for `backward`; any other attribute may be set on it too.

    Attributes
    ----------
    needs_input_grad : tuple of bool
        For each argument of `apply`, whether a gradient will be wanted.
    """

    needs_input_grad: tuple[bool, ...] = ()

    def __init__(self) -> None:
        self._to_save: tuple[Any, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._still: tuple[Any, ...] = ()
        self._materialize = True
        self._node: Callable[[], Any] = lambda: None
        self._unpacked: tuple[Any, ...] | None = None

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep inputs or outputs (or other Tensors, or None) until backward."""
        for i, x in enumerate(tensors):
            if x is not None and not isinstance(x, Traced):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type "
                    f"{type(x).__name__}. Keep other things as attributes: ctx.name = value."
                )
        self._to_save = tensors

    save_for_forward = save_for_backward

    def mark_dirty(self, *args: Any) -> None:
        """Say which inputs `forward` wrote in place; it must return them too."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Any) -> None:
        """Say through which outputs no gradient flows."""
        self._still = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether an output that nothing flowed into gets a gradient of zeros (else None)."""
        self._materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was saved, in order.

        Raises
        ------
        RuntimeError
            After backward has freed it.
        """
        if self._unpacked is not None:
            return self._unpacked
        node = self._node()
        if node is None:
            return self._to_save
        if node.freed:
            raise RuntimeError(
                "Trying to backward through the graph a second time (or directly access saved "
                "tensors after they have already been freed). Call .backward(retain_graph=True) "
                "the first time, or compute the output again."
            )
        return tuple(node.primitive.wrap_saved(node, node.saved, wrapped))

    saved_variables = saved_tensors


class Function:
    """The base of custom functions: subclass it, write `forward` and `backward`, call `apply`.

    Notes
    -----
    `forward` runs unrecorded. `backward` gets one gradient per output and returns one per argument
    of `apply`.
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """`forward(ctx, *args)`, or `forward(*args)` beside a `setup_context`: the output(s)."""
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Keep what backward needs, if `forward` takes no ctx."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the arguments, from those of the outputs."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom "
            "autograd.Function to use it with backward mode AD."
        )

    vjp = backward

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("forward", "backward", "setup_context"):
            method = cls.__dict__.get(name)
            if method is not None and not isinstance(method, staticmethod):
                raise TypeError(
                    f"{cls.__name__}.{name} must be a static method: write @staticmethod above "
                    f"def {name}(ctx, …)"
                )
        if "vjp" in cls.__dict__ and "backward" not in cls.__dict__:
            cls.backward = cls.vjp  # type: ignore[method-assign]

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        name = type(self).__name__
        raise RuntimeError(f"a custom function is called by its class: {name}.apply(x)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run `forward` and record the call as one op.

        Raises
        ------
        RuntimeError
            If `forward` wrote in place into a leaf that requires grad, or marked as dirty what is
            no input.
        TypeError
            If `forward` returned no Tensor.
        """
        mode = current_mode()
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(a, Traced) and a._node is not None for a in args)
        tensors = [a for a in args if isinstance(a, Traced)]
        # Before forward runs, which may write into them.
        nodes = [x._node if mode.watcher is None else mode.watcher.node_of(x) for x in tensors]
        with changed_mode(recording=False, watcher=None):
            out = cls._run(ctx, args)
        outs = tuple(out) if isinstance(out, tuple | list) else (out,)
        live = mode.recording and any(ctx.needs_input_grad)
        cls._check(out, outs, tensors, ctx, live)
        primitive = CustomPrimitive(cls, ctx, args)
        if mode.watcher is not None:
            for y in outs:
                if isinstance(y, Traced):
                    mode.watcher.tell_ran(primitive, [x._data for x in tensors], y._data)
        if not live and (mode.watcher is None or not mode.watcher.sees_everything()):
            return out
        primitive.outputs, primitive.several = len(outs), isinstance(out, tuple | list)
        node = _node(primitive, ctx, tensors, nodes, outs, live)
        results = tuple(_made(y, tensors, node, i, ctx, live) for i, y in enumerate(outs))
        ctx._to_save = ctx._dirty = ctx._still = ()
        ctx._node = weakref.ref(node)
        return results if primitive.several else results[0]

    @classmethod
    def _run(cls, ctx: FunctionCtx, args: tuple[Any, ...]) -> Any:
        """Call `forward` in the form the class uses."""
        if not cls._separate():
            return cls.forward(ctx, *args)
        out = cls.forward(*args)
        cls.setup_context(ctx, args, out)
        return out

    @classmethod
    def _separate(cls) -> bool:
        """Whether `forward` takes no ctx because `setup_context` does."""
        return cls.setup_context is not Function.setup_context

    @classmethod
    def _argument_names(cls, count: int) -> tuple[str, ...]:
        """The names of the first `count` arguments of `forward`, without ctx."""
        names = [
            p.name
            for p in inspect.signature(cls.forward).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        names = names if cls._separate() else names[1:]
        return tuple([*names, *(f"x{i}" for i in range(len(names), count))][:count])

    @classmethod
    def _check(
        cls, out: Any, outs: Sequence[Any], tensors: Sequence[Any], ctx: FunctionCtx, live: bool
    ) -> None:
        """Raise for outputs and marks that make no sense."""
        if not any(isinstance(y, Traced) for y in outs):
            raise TypeError(
                f"{cls.__name__}.forward returned {type(out).__name__}; expected a Tensor or a "
                f"tuple with Tensors"
            )
        for x in ctx._dirty:
            if not any(x is t for t in tensors):
                raise RuntimeError(f"{cls.__name__}: mark_dirty names a tensor that is no input")
            if not any(x is y for y in outs):
                raise RuntimeError(
                    f"Some elements marked as dirty during the forward method were not returned as "
                    f"output. The inputs that are modified inplace must all be outputs of the "
                    f"Function (here {cls.__name__})."
                )
            if live:
                refuse_leaf(x, f"{cls.__name__}.apply")


def _node(
    primitive: CustomPrimitive,
    ctx: FunctionCtx,
    tensors: Sequence[Any],
    nodes: Sequence[Any],
    outs: tuple[Any, ...],
    live: bool,
) -> Node:
    """The node of the call; of several outputs the shape is the tuple of their shapes."""
    arrays = [x._data for x in tensors]
    value: Any = tuple(raw(y) for y in outs) if primitive.several else raw(outs[0])
    parents = tuple(a if n is None else n for a, n in zip(arrays, nodes, strict=True))
    saved = keep(primitive, ctx._to_save, tensors, outs) if live else ()
    kind = FunctionNode if live else ConstantNode
    return leave(kind, primitive, parents, {}, saved, value, arrays)


def _made(y: Any, tensors: Sequence[Any], node: Node, i: int, ctx: FunctionCtx, live: bool) -> Any:
    """Output `i` of `forward` as a tensor of its own, made by `node`."""
    if not isinstance(y, Traced):
        return y
    origin = output_node(node, i)
    flows = live and y._data.dtype.kind in "fc" and not any(y is x for x in ctx._still)
    data = y._data
    if any(y is x for x in ctx._dirty):
        if flows:
            swap(y, wrap(data.copy() if y._view is not None else data, origin))
        return y
    out = y
    if any(y is x for x in tensors) or y._view is not None or isinstance(y._node, Leaf):
        # It shares an input's memory: writing there would change this output behind its node.
        out = wrap(data.copy())
    elif y._node is not None:
        out = wrap(data)
    if flows:
        out._node = origin
    else:
        out._trace = origin
    return out


def _refuse_second(g: Any) -> NoReturn:
    raise RuntimeError(
        "trying to differentiate twice a function that was marked with @once_differentiable"
    )


_ONCE = Primitive(lambda *arrays: arrays[0], {"x": _refuse_second}, name="once")


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `backward` that computes on plain values, so that its result has no derivative."""

    @functools.wraps(fn)
    def backward(ctx: Any, *grads: Any) -> Any:
        live = [g for g in grads if isinstance(g, Traced) and g._node is not None]
        records = current_mode().recording
        with changed_mode(recording=False):
            answer = fn(ctx, *[wrap(g._data) if isinstance(g, Traced) else g for g in grads])
        if not (records and live):
            return answer
        results = answer if isinstance(answer, tuple | list) else (answer,)
        scope = current_mode().scope
        tied = tuple(
            wrap(
                r._data, Node(_ONCE, (live[0]._node,), {}, (), r._data.shape, r._data.dtype, scope)
            )
            if isinstance(r, Traced)
            else r
            for r in results
        )
        return tied if isinstance(answer, tuple | list) else tied[0]

    return backward
