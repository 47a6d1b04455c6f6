"""From the engine's nodes to a `View`: cards, edges and boxes of a recorded graph.

Reading runs nothing and changes nothing. What a node came to is `values`' business, its gradient
`gradients`', the boxes of scopes `scopes`'; here they are put on cards and named.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ...engine.node import Leaf, Node
from ...engine.sweep import all_nodes
from ...tensors.tensor import Parameter
from ..formatting import shape_text, shorten
from ..health import edge_width
from ..model import NO_PATH, Annotation, Card, Edge, Role, View
from ..theme import LIGHT_INK
from .gradients import Gradients
from .meaning import Derivatives, product_text
from .names import Names
from .outline import DETAILED, UNREAD, Item, Reading
from .scopes import ScopeBoxes, derivative_orders
from .summarise import elements_text
from .symbols import literal
from .values import Values, is_single


def read(
    roots: Sequence[Node],
    names: Names,
    *,
    replay: bool = True,
    recompute: bool = False,
    gradients: bool = True,
    title: str = "",
    saved: bool = False,
    cost: bool = False,
) -> Reading:
    """Read the graph that `roots` depend on.

    Parameters
    ----------
    roots
        The nodes of the outputs.
    names
        What the user calls things.
    replay, recompute
        See `Values`.
    gradients
        Find gradients that were not kept by running the rules again.
    title
        The picture's; by default the outputs' names.
    saved, cost
        Put on each card what was saved for backward, and how many bytes its value takes.
    """
    nodes = all_nodes(roots)
    names.add_models_of(nodes)
    values = Values(nodes, names.tensors, names.of_node, replay=replay, recompute=recompute)
    found = Gradients(nodes, roots, values, replay=replay and gradients)
    items, place = _items(nodes)
    boxes = ScopeBoxes(nodes, names)
    orders = derivative_orders(nodes, boxes)
    writer = _Writer(names, boxes, values, found, orders, place, set(roots), saved, cost)
    edges: list[Edge] = []
    cards: list[Card] = []
    for item in items:
        if item.node is None or isinstance(item.node, Leaf):
            cards.append(writer.leaf(item))
        else:
            cards.append(writer.op(item, item.node))
            edges += writer.edges(item, item.node, cards)
    words = title or ", ".join(dict.fromkeys(cards[place[r]].title for r in roots))
    note = "Values are recomputed with today's weights." if recompute else ""
    unused = _unused(names, place, len(cards))
    view = View(
        title=words or "graph",
        cards=(*cards, *(c for c, _ in unused)),
        edges=tuple(edges),
        boxes=tuple(boxes.made),
        total=writer.ops,
        note=note,
    )
    items += [Item(c.id, leaf) for c, leaf in unused]
    values.known.update({leaf: leaf.variable._data for _, leaf in unused})
    values.settle()
    by_node = {i.node: i.id for i in items if i.node is not None}
    return Reading(view, items, by_node, values, found, detailed=len(cards) <= DETAILED)


def _items(nodes: Sequence[Node]) -> tuple[list[Item], dict[Any, int]]:
    """The cards to be, in order: leaves and constants just before their first use.

    Also where each node, and each constant (by `id`, numbers by use), is found among them.
    """
    items: list[Item] = []
    place: dict[Any, int] = {}
    for node in nodes:
        if isinstance(node, Leaf):
            continue
        sources = []
        for i, parent in enumerate(node.inputs):
            is_node = isinstance(parent, Node)
            key = parent if is_node else _constant_key(node, i)
            at = place.get(key)
            if at is None:
                at = place[key] = len(items)
                # A node that was not met yet is a leaf: ops are older and were.
                made = Item(at, parent) if is_node else Item(at, None, parent)
                made.user = node
                items.append(made)
            sources.append(at)
        place[node] = len(items)
        items.append(Item(len(items), node, None, None, tuple(sources)))
    for node in nodes:
        if node not in place:
            place[node] = len(items)
            items.append(Item(len(items), node))
    return items, place


def _constant_key(node: Node, i: int) -> Any:
    """What tells a constant operand from others: numbers are told apart by their use."""
    constant = node.inputs[i]
    large = isinstance(constant, np.ndarray) and constant.size > 1
    return id(constant) if large else (node, i)


@dataclass
class _Writer:
    """Writes the cards and edges of one graph.

    `place` tells each node's card, `roots` are the nodes of its outputs; `ops` counts the cards of
    ops written so far.
    """

    names: Names
    boxes: ScopeBoxes
    values: Values
    found: Gradients
    orders: dict[Node, int]
    place: dict[Any, int]
    roots: set[Node]
    saved: bool
    cost: bool
    ops: int = 0

    def __post_init__(self) -> None:
        sizes = [s for s in self.found.sizes.values() if math.isfinite(s)]
        self.largest = max(sizes, default=None)
        self.derivatives = Derivatives(self.name_of)
        self.arguments: dict[tuple[Any, int], list[tuple[str, bool]]] = {}

    def name_of(self, x: Any) -> str:
        """What the user calls a node or a constant."""
        return self.names.of_node(x) if isinstance(x, Node) else self.names.of_array(x)

    def leaf(self, item: Item) -> Card:
        """The card of a parameter, an input or a constant."""
        names, node = self.names, item.node
        user_box = self.boxes.of(item.user.scope) if item.user is not None else -1
        notes: tuple[Annotation, ...] = ()
        role: Role
        if node is None:
            value = item.constant
            name = names.of_array(value)
            large = isinstance(value, np.ndarray) and value.size > 1
            role = "input" if name else "constant"
            shape, dtype = np.shape(value) if large else (), dtype_name(getattr(value, "dtype", ""))
            box, needs = (-1 if name else user_box), False
            if not name and isinstance(value, int | float | np.ndarray) and not large:
                name = elements_text(value)
            if isinstance(value, np.ndarray):
                shape = value.shape  # of an empty or one-element array too
        else:
            name = names.of_node(node)
            owner = names.parameters.get(node)
            tensor = getattr(node, "variable", None)
            learned = owner is not None or isinstance(tensor, Parameter) or node.requires_grad
            role = "parameter" if learned else ("input" if name else "constant")
            if not name and not node.requires_grad and node.notes is not None:
                name = names.of_array(node.notes.value)
                role = "input" if name else "constant"
            shape, dtype, needs = node.shape, dtype_name(node.dtype), node.requires_grad
            box = self.boxes.owned.get(owner[1], -1) if owner is not None else -1
            if role == "constant":
                box = user_box
            if node in self.values.changed:
                by = self.values.changed[node]
                words = "value of today: changed" + (f" by {by}" if by else "") + " since"
                notes = (Annotation(words, LIGHT_INK["change"], 1.5, "dashed"),)
        return Card(
            id=item.id,
            op=role,
            role=role,
            name=name,
            shape=tuple(shape),
            dtype=dtype,
            value=UNREAD,
            grad=UNREAD,
            needs_grad=needs,
            box=box,
            order=self.orders.get(node, 0) if node is not None else 0,
            annotations=notes,
        )

    def op(self, item: Item, node: Node) -> Card:
        """The card of a call."""
        op = node.primitive
        several = not is_single(node)
        shape = () if several else tuple(node.shape)
        size = 0 if several else math.prod(shape) * node.dtype.itemsize
        source = node.notes.source if node.notes is not None else None
        step = self.ops
        self.ops += 1
        name = self.names.of_node(node)
        derivative, of = "", None
        if self.orders:
            derivative = self.derivatives.text(node)
            found = self.derivatives.of(node)
            of = self.place.get(found[1]) if found is not None else None
        return Card(
            id=item.id,
            op=op.name,
            role="output" if node in self.roots else "op",
            forward_step=step,
            name=name or derivative,
            meaning=(derivative if name else "") or product_text(node, self.name_of),
            shape=shape,
            dtype="" if several else dtype_name(node.dtype),
            value=UNREAD,
            grad=UNREAD,
            needs_grad=node.requires_grad,
            backward_step=self.found.steps.get(node),
            order=self.orders.get(node, 0),
            of=of,
            box=self.boxes.of(node.scope),
            kwargs=_kwargs(node) if node.params else "",
            saved=_saved(node) if self.saved else "",
            cost=f"{size:,} bytes" if self.cost else "",
            bytes=size,
            source=f"{source[0].rsplit('/', 1)[-1]}:{source[1]}  {source[2]}" if source else "",
        )

    def edges(self, item: Item, node: Node, cards: list[Card]) -> list[Edge]:
        """One edge for each use of an input by a call; `cards` are those up to the call's."""
        out = []
        sizes, largest = self.found.sizes, self.largest
        op = node.primitive
        key = op, len(node.inputs)
        arguments = self.arguments.get(key)
        if arguments is None:
            arguments = self.arguments[key] = _arguments(node)
        made = tuple(node.shape)
        elementwise = getattr(op, "elementwise", False)
        for i, (parent, source) in enumerate(zip(node.inputs, item.sources)):
            flows = False
            word, derived = arguments[i]
            if isinstance(parent, Node):
                shape = cards[source].shape
                flows = derived and parent.requires_grad and node.requires_grad
            else:
                shape = np.shape(parent)
            stretched = elementwise and shape != made and shape != ()
            rms = sizes.get((node, i)) if sizes else None
            width = 1.2  # where nothing is known of gradients
            if largest and rms is not None:
                width = round(edge_width(rms, largest), 2)
            out.append(
                Edge(
                    source=source,
                    target=item.id,
                    argument=word,
                    position=i,
                    shape=shape,
                    note=f"{shape_text(shape)}->{shape_text(made)}" if stretched else "",
                    carries_grad=flows,
                    rms=rms,
                    width=width,
                )
            )
        return out


@cache
def dtype_name(dtype: Any) -> str:
    """`float32`; asking NumPy each time takes longer than all else on a card."""
    return str(dtype)


def _kwargs(node: Node) -> str:
    defaults = getattr(node.primitive, "params", {})
    words = []
    for name, value in node.params.items():
        if (
            name in defaults
            and type(value) is type(defaults[name])
            and _same(value, defaults[name])
        ):
            continue
        if value is None:
            continue
        words.append(f"{name}={literal(value, as_index=name == 'index')}")
    return shorten(", ".join(words), 80)


def _same(a: Any, b: Any) -> bool:
    return bool(np.all(a == b)) if isinstance(a, np.ndarray) else bool(a == b)


def _saved(node: Node) -> str:
    if node.freed:
        return "freed"
    words = []
    for name, value in zip(getattr(node.primitive, "saved_names", ()), node.saved):
        if isinstance(value, np.ndarray):
            words.append(f"{name} {shape_text(value.shape)}")
    return ", ".join(words) or "nothing"


def argument(node: Node, i: int) -> str:
    """The name of input `i` of a call."""
    op = node.primitive
    inputs: Sequence[str] = getattr(op, "inputs", ())
    if getattr(op, "variadic", False):
        return f"{inputs[0]}[{i}]"
    return inputs[i] if i < len(inputs) else f"input {i}"


def _arguments(node: Node) -> list[tuple[str, bool]]:
    """The name of each input of a call, and whether there is a rule for its gradient."""
    rules = getattr(node.primitive, "rules", {})
    words = [argument(node, i) for i in range(len(node.inputs))]
    return [(word, rules.get(word.split("[")[0], True) is not None) for word in words]


def _unused(names: Names, place: dict[Any, int], start: int) -> list[tuple[Card, Leaf]]:
    """Cards of the parameters of a model that was given and that the outputs do not depend on."""
    out: list[tuple[Card, Leaf]] = []
    for leaf, (path, _) in names.parameters.items():
        if leaf in place or not names.whole_model or not isinstance(leaf, Leaf):
            continue
        card = Card(
            id=start + len(out),
            op="parameter",
            role="parameter",
            name=path,
            shape=leaf.shape,
            dtype=str(leaf.dtype),
            value=UNREAD,
            grad=UNREAD,
            tags=(NO_PATH,),
        )
        out.append((card, leaf))
    return out
