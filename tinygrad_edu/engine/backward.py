"""From Tensors to the sweep and back: checks what was asked, runs it, leaves gradients in place."""

from __future__ import annotations

import warnings
from bisect import bisect
from collections.abc import Sequence
from typing import Any
from weakref import ref

import numpy as np

from ..numerics.memory import owned
from .events import LISTENERS, tell
from .mode import Mode, changed_mode, current_mode
from .node import Leaf, Node, tick
from .record import cast_to
from .saved import written
from .sweep import sweep
from .traced import Traced, wrap, wrapped

__all__ = ["BackwardLabel", "accumulate", "differentiated_scope", "gradients", "run_backward"]

CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter "
    "and its gradient which can cause a memory leak. We recommend using autograd.grad when "
    "creating the graph to avoid this. If you have to use this function, make sure to reset the "
    ".grad fields of your parameters to None after use to break the cycle and avoid the leak."
)


def cotangent(output: Traced, given: Any, records: bool) -> Any:
    """What to start from at `output`: ones for a scalar, else what was given, checked."""
    data = output._data
    if output._node is None:
        raise RuntimeError(
            "element 0 of tensors does not require grad and does not have a grad_fn: nothing it "
            "was made of requires grad. Make a tensor or parameter with requires_grad=True, and "
            "compute outside torch.no_grad()."
        )
    if given is None:
        if data.size != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs, got shape "
                f"{tuple(data.shape)}. Reduce it first (.sum() or .mean()), or pass "
                f"gradient=torch.ones_like(output)."
            )
        g = np.ones(data.shape, data.dtype)
        return wrap(g) if records else g
    if not isinstance(given, Traced):
        given = wrap(np.asarray(given, data.dtype))
    if given._data.shape != data.shape:
        raise RuntimeError(
            f"Mismatch in shape: the gradient given has shape {tuple(given._data.shape)} and the "
            f"output has shape {tuple(data.shape)}; they must be the same."
        )
    if given._data.dtype != data.dtype:
        given = cast_to(given, data.dtype)
    return given if records else given._data


def run_backward(
    outputs: Sequence[Any],
    gradient: Sequence[Any],
    retain_graph: bool | None,
    create_graph: bool,
    inputs: Any = None,
) -> None:
    """Accumulate the gradients of `outputs` into the `.grad` of leaves (or of `inputs`)."""
    targets = None
    if inputs is not None:
        tensors = [inputs] if isinstance(inputs, Traced) else list(inputs)
        if not tensors:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        targets = {required(x, i) for i, x in enumerate(tensors)}
    mode = current_mode()
    records = create_graph or mode.records_backward
    roots = [(x._node, cotangent(x, g, records)) for x, g in zip(outputs, gradient, strict=True)]
    if create_graph:
        warnings.warn(CYCLE, UserWarning, stacklevel=3)
    retain = create_graph if retain_graph is None else retain_graph
    found = run(mode, roots, targets, retain, records)
    for node in list(found):
        g = found.pop(node)  # so that nothing here refers to it twice; see `memory.owned`
        if isinstance(node, Leaf):
            accumulate(node, g, not create_graph)
        else:
            node.note().keeps_grad = True
            node.note().grad = kept_gradient(node, g)


def required(x: Any, position: int) -> Node:
    """The node of a tensor that gradients are asked for."""
    if not isinstance(x, Traced):
        raise TypeError(f"expected Tensors to differentiate by, got {type(x).__name__}")
    if x._node is None:
        raise RuntimeError(
            f"One of the differentiated Tensors does not require grad: number {position}, of shape "
            f"{tuple(x._data.shape)}. Make it with requires_grad=True before computing with it."
        )
    return x._node


def run(
    mode: Mode,
    roots: list[tuple[Any, Any]],
    targets: set[Node] | None,
    retain_graph: bool,
    records: bool,
) -> dict[Node, Any]:
    """The sweep, watched by who watches in this thread; recorded itself if that is asked."""
    if LISTENERS:
        tell("backward_began", [node for node, _ in roots])
    observer = None if mode.watcher is None else mode.watcher.tell_stepped
    if records:
        found = run_recorded(roots, targets, retain_graph, observer)
    else:
        found = sweep(
            roots, targets=targets, retain_graph=retain_graph, observer=observer, hooked=run_hooks
        )
    if LISTENERS:
        tell("backward_ended", [node for node, _ in roots])
    return found


def run_recorded(
    roots: list[tuple[Any, Any]], targets: set[Node] | None, retain_graph: bool, observer: Any
) -> dict[Node, Any]:
    """The sweep with its own calls recorded, in a scope that knows what they differentiate."""
    label = BackwardLabel("backward")
    # the gradient of a gradient is drawn within the backward that made that one
    outer = backward_scope(roots[0][0]) or current_mode().scope
    with changed_mode(recording=True, scope=(label, None, outer)):
        found = sweep(
            roots,
            targets=targets,
            retain_graph=retain_graph,
            wrap=wrapped,
            began=label.began,
            observer=observer,
            hooked=run_hooks,
        )
    if len(roots) == 1:
        label.root = ref(roots[0][0])
        # Gradients of several outputs have no node of their own.
        made = [(getattr(g, "_node", None), node) for node, g in found.items()]
        label.made = [(ref(g), ref(node)) for g, node in made if g is not None]
    return found


class BackwardLabel(str):
    """The label of a recorded backward's scope, which knows what its calls are for.

    No node lives longer for being named: references to nodes are weak.

    Attributes
    ----------
    root : weak reference
        To the node that was differentiated (not set if several were at once; nor is `made`).
    made : list of pairs of weak references
        To the node that holds a gradient, and to the node that it is the gradient by.
    steps, scopes : list
        For each step, the clock when it began and the scope of the node that it differentiated.
    """

    __slots__ = ("made", "root", "scopes", "steps")

    root: ref[Node]
    made: list[tuple[ref[Node], ref[Node]]]
    steps: list[int]
    scopes: list[tuple[Any, ...] | None]

    def __new__(cls, text: str) -> BackwardLabel:
        """A label of that text, without steps."""
        label = super().__new__(cls, text)
        label.steps, label.scopes = [], []
        return label

    def began(self, node: Node) -> None:
        """Note that what is recorded from now on belongs to the derivative of `node`."""
        self.steps.append(tick())
        self.scopes.append(node.scope)


def differentiated_scope(node: Node) -> tuple[Any, ...] | None:
    """The scope that a node of a recorded backward is the derivative of; None of other nodes."""
    made_in = backward_scope(node)
    if made_in is None:
        return None
    label = made_in[0]
    place = bisect(label.steps, node.index)
    return label.scopes[place - 1] if place else None


def backward_scope(node: Node) -> tuple[Any, ...] | None:
    """The scope of the recorded backward that made `node`; None if none did."""
    scope = node.scope
    while scope is not None and not isinstance(scope[0], BackwardLabel):
        scope = scope[2]
    return scope


def run_hooks(node: Node, g: Any) -> Any:
    """Run a node's hooks on its finished gradient, keep it if asked, and return what goes on."""
    notes = node.notes
    assert notes is not None
    if notes.hooks:
        raw = not isinstance(g, Traced)
        given = wrap(np.asarray(g)) if raw else g
        for hook in list(notes.hooks.values()):
            out = hook(given)
            if out is None:
                continue
            if not isinstance(out, Traced) or out._data.shape != given._data.shape:
                shape = tuple(np.shape(getattr(out, "_data", out)))
                raise RuntimeError(
                    f"a gradient hook changed the size of its gradient: given shape "
                    f"{tuple(given._data.shape)}, returned {shape}. Return a Tensor of the same "
                    f"shape, or None."
                )
            given = out
        g = given._data if raw else given
    if notes.keeps_grad:
        notes.grad = kept_gradient(node, g)
    return g


def kept_gradient(node: Node, g: Any) -> Any:
    """A retained gradient: added to the one from an earlier backward."""
    held = node.notes.grad if node.notes is not None else None
    g = apart(g) if isinstance(g, Traced) else wrap(np.array(g))
    return g if held is None else held + g


def accumulate(leaf: Leaf, g: Any, plain: bool = True) -> None:
    """Add `g` to a leaf's gradient, in memory that is the leaf's own.

    A recorded `g` stays differentiable. If a `plain` gradient is asked for, only its `_trace` says
    what it came from.
    """
    held = leaf.grad
    if isinstance(g, Traced):
        total = apart(g) if held is None else held + g
        if plain and total._node is not None:
            node, total = total._node, wrap(total._data)
            total._trace = node
        leaf.grad = total
    elif held is None:
        leaf.grad = wrap(owned(g))
    elif held._node is not None:
        leaf.grad = held + wrap(g)
    else:
        held._data += g
        written(held._data)
    if leaf.after:
        for hook in list(leaf.after.values()):
            hook(leaf.variable)


def apart(g: Any) -> Any:
    """A recorded gradient as a tensor of its own: a rule may hand one on to several inputs."""
    return wrap(g._data.copy(), g._node)


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """What `autograd.grad` returns: gradients of `outputs` by `inputs`, nothing accumulated."""
    ys = [outputs] if isinstance(outputs, Traced) else list(outputs)
    xs = [inputs] if isinstance(inputs, Traced) else list(inputs)
    if grad_outputs is None or isinstance(grad_outputs, Traced):
        grad_outputs = [grad_outputs]
    gs = list(grad_outputs) if len(grad_outputs) == len(ys) else [None] * len(ys)
    if len(grad_outputs) not in (1, len(ys)) or (
        len(grad_outputs) == 1 < len(ys) and grad_outputs[0] is not None
    ):
        raise RuntimeError(f"got {len(ys)} tensors and {len(grad_outputs)} gradients")
    nodes = [required(x, i) for i, x in enumerate(xs)]
    roots = [(y._node, cotangent(y, g, create_graph)) for y, g in zip(ys, gs, strict=True)]
    retain = create_graph if retain_graph is None else retain_graph
    found = run(current_mode(), roots, set(nodes), retain, create_graph)
    results = []
    used: set[int] = set()
    for i, (x, node) in enumerate(zip(xs, nodes, strict=True)):
        g = found.get(node)
        if g is None:
            if materialize_grads:
                results.append(wrap(np.zeros_like(x._data)))
                continue
            if not allow_unused:
                raise RuntimeError(
                    f"One of the differentiated Tensors appears to not have been used in the "
                    f"graph: number {i}, of shape {tuple(x._data.shape)}. Set allow_unused=True if "
                    f"this is the desired behavior, or materialize_grads=True for zeros."
                )
            results.append(None)
        elif isinstance(g, Traced):
            shared = id(g) in used or any(g is r for _, r in roots)
            used.add(id(g))
            results.append(apart(g) if shared else g)
        else:
            array = np.asarray(g)
            shared = id(array) in used or array.base is not None or not array.flags.writeable
            if shared or any(array is r for _, r in roots):
                array = array.copy()
            used.add(id(array))
            results.append(wrap(array))
    return tuple(results)
