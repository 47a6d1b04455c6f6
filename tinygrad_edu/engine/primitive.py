"""A primitive: one op that can be differentiated, as its declaration says.

    primitive(np.multiply, a=lambda g, b: g * b, b=lambda g, a: g * a, samples=[…])

The keyword is the input differentiated. The names a rule takes say exactly what it needs, and only
that is kept until backward: `g` the cotangent of the output (the gradient that has arrived there),
`y` the output, an input by its name, `x_shape` and `x_dtype` without the data, a keyword parameter
by its name, and, where inputs are variadic, `i` the position of the input asked for.

Rules are written in NumPy calls and operators. Given arrays they run raw; given Tensors the same
text records, and so gives second derivatives; given symbols it prints itself.

How a rule's answer reaches the node it is for is here too: `Primitive.push`, of which `pay` is the
second half. How a call is recorded is in `record`, the table of all declarations in `table`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heappush
from typing import TYPE_CHECKING, Any

from ..numerics.sums import sum_to_size
from .errors import freed_twice, plain_words, wrong_shape
from .node import Node
from .traced import tied

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

__all__ = ["ELEMENTWISE", "INDEX", "LINALG", "REDUCTION", "SHAPE", "Frontier", "Primitive", "pay"]

ELEMENTWISE, REDUCTION, SHAPE = "elementwise", "reduction", "shape"
INDEX, LINALG = "index", "linalg"

Rule = Callable[..., Any]
RESERVED = ("g", "y", "i")


class Frontier(list[tuple[int, Node]]):
    """The nodes that a cotangent has reached and whose rules have not run: a heap, youngest first.

    Attributes
    ----------
    own : set of nodes
        Those whose cotangent lies in a buffer that this sweep alone can see, so that more may be
        added to it in place; `primitives.indexing` does.
    """

    __slots__ = ("own",)
    own: set[Node]


class Primitive:
    """One op that can be differentiated: its forward function, rules, and what is known of it.

    Attributes
    ----------
    forward : callable
        On arrays: NumPy's function or one of ours.
    key : callable
        What rules and users call: `forward`, or its wrapper that takes Tensors too
        (`numerics.overridable`).
    name, label : str
        The name in errors and code; the sign in pictures.
    family : str
        elementwise, reduction, shape, index or linalg. Of elementwise ops alone the operands are
        broadcast and brought to one dtype, and contributions summed back.
    inputs : tuple of str
        Names of the array inputs, in order; one name and `variadic` for a sequence of them.
    params : dict
        Keyword parameters with their defaults.
    rules : dict
        For each input its derivative rule, or None.
    needs : dict
        For each rule the names it takes after g.
    saved_names : tuple of str
        What the rules need, in the order of `Node.saved`.
    samples : tuple
        Inputs to test it on.
    complex_ok : bool
        Whether forward is analytic and takes complex numbers, so that the gradient check may use
        a complex step.
    kinks : str
        Where it is not differentiable, in words; empty if nowhere.
    floating : bool
        Whether integers are turned to the default float first (`exp` of an integer).
    explain : callable
        `explain(op, arrays, params, error)`: the error to raise when forward raised `error`.
    fit : callable or None
        `fit(op, operands)` brings the operands in a list to what forward takes, in that list; None
        for what is usual (`record.promote` for elementwise ops, else nothing).
    takes_out : bool
        Whether `out=` names a tensor to write the result into: unless an argument bears the name.
    record : callable
        What users call: runs the op on Tensors and records it. Given by `table.declare`
        (`record.recorder`, or its twin in `fast`); an op that is in no table has none.
    """

    record: Callable[..., Tensor]
    # Whether its rules are known to answer in each input's own dtype: tests see to it of our own.
    keeps_dtype = False

    def __init__(
        self,
        forward: Callable[..., Any],
        rules: Mapping[str, Rule | None],
        *,
        samples: Sequence[Any] = (),
        name: str | None = None,
        label: str | None = None,
        family: str = ELEMENTWISE,
        params: Mapping[str, Any] | None = None,
        variadic: bool = False,
        complex_ok: bool = False,
        kinks: str = "",
        floating: bool = False,
        explain: Callable[..., Exception] = plain_words,
        fit: Callable[[Primitive, list[Any]], None] | None = None,
    ) -> None:
        # An overridable function is called here on arrays only: skip its look for other kinds.
        self.key = forward
        self.forward = getattr(forward, "raw", forward)
        self.name = name or forward.__name__
        self.label = label or self.name
        self.family = family
        self.elementwise = family == ELEMENTWISE
        self.inputs = tuple(rules)
        self.params = dict(params or {})
        self.takes_out = "out" not in (*self.inputs, *self.params)
        self.rules = dict(rules)
        self.variadic = variadic
        self.samples = tuple(samples)
        self.complex_ok = complex_ok
        self.kinks = kinks
        self.floating = floating
        self.explain = explain
        self.fit = fit
        self.declare_needs()

    def declare_needs(self) -> None:
        """Read from the rules what they need.

        Raises
        ------
        TypeError
            If a rule asks for something that the op does not have.
        """
        allowed = {*RESERVED, *self.inputs, *self.params}
        allowed |= {f"{x}_{what}" for x in self.inputs for what in ("shape", "dtype")}
        self.needs: dict[str, tuple[str, ...]] = {}
        for x, rule in self.rules.items():
            if rule is None:
                continue
            names = arguments(rule)
            if not names or names[0] != "g" or not set(names) <= allowed:
                raise TypeError(
                    f"the rule of {self.name} for {x} takes {names}; expected g first, then any of "
                    f"{sorted(allowed - {'g'})}."
                )
            self.needs[x] = names[1:]
        wanted = dict.fromkeys(n for names in self.needs.values() for n in names)
        self.saved_names = tuple(n for n in wanted if n != "i")

    @property
    def differentiable(self) -> bool:
        """Whether any input has a rule."""
        return any(self.rules.values())

    def pull(self, inputs: tuple[Any, ...], saved: Any, g: Any) -> tuple[Any, ...]:
        """What the rules give each input: its contribution, None where none is wanted."""
        kept: dict[str, Any] = dict(zip(self.saved_names, saved, strict=True))
        names = self.inputs * len(inputs) if self.variadic else self.inputs
        contributions: list[Any] = []
        for i, (x, parent) in enumerate(zip(names, inputs, strict=True)):
            rule = self.rules[x]
            if rule is None or not (isinstance(parent, Node) and parent.requires_grad):
                contributions.append(None)
                continue
            needed = [i if name == "i" else kept[name] for name in self.needs[x]]
            contributions.append(rule(g, *needed))
        return tuple(contributions)

    def push(
        self,
        inputs: tuple[Any, ...],
        saved: Any,
        g: Any,
        cotangents: dict[Node, Any],
        frontier: Frontier,
    ) -> None:
        """Run the rules and add what they give to the cotangents of the inputs."""
        pay(self, inputs, self.pull(inputs, saved, g), cotangents, frontier)

    def wrap_saved(self, node: Any, saved: Any, wrap: Callable[[Any, Any], Any]) -> tuple[Any, ...]:
        """The saved values as ones that record, each tied to the node it came from."""
        made = []
        for name, value in zip(self.saved_names, saved, strict=True):
            if name == "y":
                value = wrap(value, node)
            elif name in self.rules and value is not None:
                if self.variadic:
                    value = tuple(wrap(v, p) for v, p in zip(value, node.inputs, strict=True))
                else:
                    value = wrap(value, node.inputs[self.inputs.index(name)])
            made.append(value)
        return tuple(made)

    def kept(self, node: Node, name: str, opened: Callable[[Any], Any] | None = None) -> Any:
        """What `node` keeps, by PyTorch's names: `self`, `other`, `result`, or our own.

        `opened` turns what is kept back into an array, where hooks had packed it.

        Raises
        ------
        RuntimeError
            After backward has freed it.
        AttributeError
            For what the rules do not need, and so is not kept.
        """
        if node.freed:
            raise freed_twice(node)
        places = {"self": 0, "other": 1, "exponent": 1, "mat2": 1}
        own = "y" if name == "result" else name
        if name in places and places[name] < len(self.inputs):
            own = self.inputs[places[name]]
        kept = dict(zip(self.saved_names, node.saved, strict=True))
        if kept.get(own) is None or own not in (*self.inputs, "y") or self.variadic:
            raise AttributeError(
                f"{node.name()} keeps no {name!r} for backward; it keeps "
                f"{', '.join(n for n, v in kept.items() if v is not None) or 'nothing'}"
            )
        origin = node if own == "y" else node.inputs[self.inputs.index(own)]
        return tied(kept[own] if opened is None else opened(kept[own]), origin)

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join((*self.inputs, *self.params))})>"


def arguments(rule: Rule) -> tuple[str, ...]:
    """The names of a rule's arguments, read without `inspect`, which is slow."""
    if hasattr(rule, "__signature__"):
        return tuple(rule.__signature__.parameters)
    code = rule.__code__
    return code.co_varnames[: code.co_argcount]


def pay(
    op: Any,
    inputs: tuple[Any, ...],
    contributions: tuple[Any, ...],
    cotangents: dict[Node, Any],
    frontier: Frontier,
) -> None:
    """Add the contributions of one call to the cotangents of its inputs.

    Each is first brought to its input's shape (of elementwise ops alone) and dtype. An input met
    for the first time joins the frontier.

    Raises
    ------
    RuntimeError
        For a rule that answered in a wrong shape.
    """
    for node, c in zip(inputs, contributions, strict=True):
        if c is None:
            continue
        if c.shape != node.shape:
            c = sum_to_size(c, node.shape) if op.elementwise else wrong_shape(op, node, c)
        if c.dtype != node.dtype:
            c = c.astype(node.dtype)
        held = cotangents.get(node)
        if held is None:
            cotangents[node] = c
            heappush(frontier, (-node.index, node))
        else:
            cotangents[node] = held + c
