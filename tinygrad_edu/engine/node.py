"""Nodes: what a recorded call leaves behind.

A `Node` says which primitive ran, on which nodes and constants, and holds what its derivative rules
asked to keep. Nodes point at nodes and never at the Tensors that went in or came out, so a value
that no rule needs is freed as soon as the user lets go of it, and no reference cycle keeps memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["ConstantLeaf", "ConstantNode", "Leaf", "Node", "Notes", "Scope", "tick"]

# One clock for nodes and in-place writes: a node is always younger than its inputs, so sorting by
# index is a topological sort, and a buffer written after a node was made has a later stamp.
tick: Callable[[], int] = itertools.count(1).__next__

NO_PARAMS: dict[str, Any] = {}
# What `saved` is once backward has dropped it.
FREED: tuple[Any, ...] = ("freed",)


class Scope(NamedTuple):
    """What a call was part of: a module, a composed function, or a name the user gave.

    The engine makes them as plain tuples of the same three entries, which costs a tenth as much;
    identity (`is`) tells two calls apart.
    """

    label: str
    owner: Any
    parent: tuple[Any, ...] | None


class Notes:
    """What few nodes need, so that the others do without the room for it.

    Attributes
    ----------
    hooks : dict or None
        Functions to call with the node's finished gradient, by the order of their registration.
    keeps_grad : bool
        Whether backward is to leave the gradient in `grad` (`retain_grad`).
    name : str or None
        What the user calls the value.
    value, operands : arrays or None
        What the call came to and what it was made on, for who recorded values.
    source : (file, line number, text) or None
        The user's line, for who recorded lines.
    """

    __slots__ = ("grad", "hooks", "keeps_grad", "name", "operands", "source", "value")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[[Any], Any]] | None = None
        self.keeps_grad = False
        self.grad: Any = None
        self.name: str | None = None
        self.value: Any = None
        self.operands: tuple[Any, ...] | None = None
        self.source: tuple[str, int, str] | None = None


class Node:
    """One recorded call.

    Attributes
    ----------
    primitive : Primitive
        What ran; None for a leaf.
    inputs : tuple
        In the order of the call, duplicates kept: a `Node` where the input was recorded, else the
        constant itself (an array, a number).
    params : dict
        Keyword parameters (`axis=0`).
    saved : tuple
        The values that the primitive's rules name, emptied by backward.
    shape, dtype
        Of the output.
    index : int
        When it was made; inputs are always older.
    scope : tuple or None
        The innermost `Scope` it was made in.
    notes : Notes or None
        Hooks, a kept gradient, recorded values: what most nodes do without.
    """

    __slots__ = (
        "__weakref__",
        "dtype",
        "index",
        "inputs",
        "notes",
        "params",
        "primitive",
        "saved",
        "scope",
        "shape",
    )
    # Whether a gradient flows through this call.
    requires_grad = True

    def __init__(
        self,
        primitive: Any,
        inputs: tuple[Any, ...],
        params: dict[str, Any],
        saved: tuple[Any, ...],
        shape: tuple[int, ...],
        dtype: Any,
        scope: tuple[Any, ...] | None,
    ) -> None:
        self.primitive = primitive
        self.inputs = inputs
        self.params = params
        self.saved = saved
        self.shape = shape
        self.dtype = dtype
        self.index = tick()
        self.scope = scope
        self.notes: Notes | None = None

    @property
    def parents(self) -> tuple[Node, ...]:
        """The inputs that are nodes, in order, duplicates kept."""
        return tuple(p for p in self.inputs if isinstance(p, Node))

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """PyTorch's form of `parents`: each with the number of its output, None for constants."""
        found = [p if isinstance(p, Node) and p.requires_grad else None for p in self.inputs]
        if len(found) == 2 and found[0] is None and not getattr(self.inputs[0], "shape", ()):
            found.reverse()  # PyTorch takes `2 * x` as x times 2
        return tuple((p, 0) for p in found)

    def name(self) -> str:
        """What PyTorch calls the node: `MulBackward0`."""
        own = getattr(self.primitive, "backward_name", None)  # a custom Function has one
        if own is not None:
            return str(own)
        return "".join(w[:1].upper() + w[1:] for w in self.primitive.name.split("_")) + "Backward0"

    @property
    def freed(self) -> bool:
        """Whether backward has dropped what the rules need."""
        return self.saved is FREED

    def note(self) -> Notes:
        """The node's notes, made when first asked for."""
        if self.notes is None:
            self.notes = Notes()
        return self.notes

    # PyTorch's names for what is kept (`y.grad_fn._saved_result`). Properties, since a class with a
    # `__getattr__` loses Python's fast path to every attribute, and nodes are read all the time.
    _saved_self = property(lambda self: self.primitive.kept(self, "self"))
    _saved_other = property(lambda self: self.primitive.kept(self, "other"))
    _saved_exponent = property(lambda self: self.primitive.kept(self, "exponent"))
    _saved_mat2 = property(lambda self: self.primitive.kept(self, "mat2"))
    _saved_result = property(lambda self: self.primitive.kept(self, "result"))

    def __repr__(self) -> str:
        name = self.primitive.name if self.primitive is not None else "leaf"
        return f"<{type(self).__name__} {name} {self.shape} {self.dtype} #{self.index}>"


class ConstantNode(Node):
    """A recorded call through which no gradient flows (a comparison, a mask, a batch)."""

    __slots__ = ()
    requires_grad = False


class Leaf(Node):
    """Where the graph begins: a tensor that the user made. Its gradient arrives here.

    Attributes
    ----------
    grad
        The accumulated gradient (a Tensor) or None.
    after : dict or None
        Functions to call with the leaf's tensor after its gradient was accumulated.
    holder : weak reference or None
        To the tensor, for those that must be handed it.
    """

    __slots__ = ("after", "grad", "holder")

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        super().__init__(None, (), NO_PARAMS, (), shape, dtype, None)
        self.grad: Any = None
        self.after: dict[int, Callable[[Any], Any]] | None = None
        self.holder: Callable[[], Any] | None = None

    @property
    def variable(self) -> Any:
        """The tensor whose gradient arrives here; None once that is gone."""
        return None if self.holder is None else self.holder()

    def name(self) -> str:
        """What PyTorch calls it."""
        return "torch::autograd::AccumulateGrad"


class ConstantLeaf(Leaf):
    """A leaf that needs no gradient, recorded because someone watches."""

    __slots__ = ()
    requires_grad = False
