"""From the engine's nodes to a `View`: cards, edges and boxes of a recorded graph.

Reading runs nothing and changes nothing. What a node came to is `values`' business, its gradient
`gradients`'; here they are put on cards, named and laid in the boxes of their scopes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from tinygrad_edu.graph import Leaf, Node, Scope, all_nodes
from tinygrad_edu.nn.module import Module
from tinygrad_edu.ops.composed import CLOSED_FORMS
from tinygrad_edu.tensor import Parameter
from tinygrad_edu.viz.gradients import Gradients
from tinygrad_edu.viz.model import (
    NO_PATH,
    NOT_ASKED,
    Annotation,
    Box,
    BoxKind,
    Card,
    Edge,
    Role,
    Summary,
    View,
)
from tinygrad_edu.viz.names import Names
from tinygrad_edu.viz.rules import rule_texts
from tinygrad_edu.viz.summarise import elements_text, summarise
from tinygrad_edu.viz.theme import LIGHT_INK
from tinygrad_edu.viz.values import Values, is_single
from tinygrad_edu.viz.wording import shape_text, shorten

# Up to here every card's figures are computed at once; a larger graph fills in those it shows.
EAGER = 4000
# Past this many cards, full texts, histograms and heat-maps are left to smaller pictures.
DETAILED = 1500


@dataclass
class Item:
    """One card to be: a node, or a constant (`node` is None) that a node was given."""

    id: int
    node: Node | None
    constant: Any = None
    user: Node | None = None


@dataclass
class Reading:
    """A graph as read: the view without figures, and where to find them."""

    view: View
    items: list[Item]
    by_node: dict[Node, int]
    values: Values
    gradients: Gradients
    detailed: bool
    eager: bool
    filled: dict[int, Card] = field(default_factory=dict)

    def fill(self, card: Card) -> Card:
        """The card with its value and gradient."""
        if card.id >= len(self.items) or card.value.reason != UNREAD.reason:
            return card
        done = self.filled.get(card.id)
        if done is None:
            item = self.items[card.id]
            rule = () if item.node is None or card.is_leaf else rule_texts(item.node)
            done = replace(card, value=self._value(item), grad=self._grad(item), rule=rule)
            self.filled[card.id] = done
        return replace(card, value=done.value, grad=done.grad, rule=done.rule)

    def complete(self) -> View:
        """The view with all figures."""
        return replace(self.view, cards=tuple(map(self.fill, self.view.cards)))

    def _value(self, item: Item) -> Summary:
        if item.node is None:
            return figures(item.constant, self.detailed)
        if not is_single(item.node):
            return Summary(reason=f"{len(item.node.shape)} outputs")
        value, why = self.values.of(item.node)
        return Summary(reason=why) if value is None else figures(value, self.detailed)

    def _grad(self, item: Item) -> Summary:
        if item.node is None:
            return Summary(reason=NOT_ASKED)
        g, why = self.gradients.of(item.node)
        if g is None or not hasattr(g, "dtype") or isinstance(g.dtype, tuple):
            return Summary(reason=why or "several outputs")
        return figures(g, self.detailed)


UNREAD = Summary(reason="not read yet")


def figures(array: Any, detailed: bool) -> Summary:
    """`summarise`, for anything a node may have been given."""
    if isinstance(array, int | float | bool | complex | np.ndarray | np.generic):
        return summarise(array, detail=detailed)
    return Summary(text=shorten(str(array), 60))


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
    boxes = _Boxes(nodes, names)
    orders = _orders(nodes, boxes)
    spine = set(roots)
    edges: list[Edge] = []
    cards: list[Card] = []
    ops = 0
    for item in items:
        if item.node is None or isinstance(item.node, Leaf):
            cards.append(_leaf_card(item, names, boxes, values, orders))
        else:
            role: Role = "output" if item.node in spine else "op"
            cards.append(_op_card(item, names, boxes, found, orders, role, ops, saved, cost))
            edges += _edges(item, place, found)
            ops += 1
    words = title or ", ".join(dict.fromkeys(cards[place[r]].title for r in roots))
    note = "Values are recomputed with today's weights." if recompute else ""
    unused = _unused(names, place, len(cards), found)
    view = View(
        title=words or "graph",
        cards=(*cards, *(c for c, _ in unused)),
        edges=tuple(edges),
        boxes=tuple(boxes.made),
        total=ops,
        note=note,
    )
    items += [Item(c.id, leaf) for c, leaf in unused]
    values.known.update({n: values_of(n) for _, n in unused})
    by_node = {i.node: i.id for i in items if i.node is not None}
    reading = Reading(
        view, items, by_node, values, found, len(cards) <= DETAILED, len(cards) <= EAGER
    )
    if reading.eager:
        for card in view.cards:
            reading.fill(card)
    return reading


def values_of(leaf: Any) -> Any:
    """What a leaf's tensor holds today."""
    return leaf.variable._data


def _items(nodes: Sequence[Node]) -> tuple[list[Item], dict[Any, int]]:
    """The cards to be, in order: leaves and constants just before their first use.

    Also where each node, and each constant (by `id`, numbers by use), is found among them.
    """
    items: list[Item] = []
    place: dict[Any, int] = {}

    def add(key: Any, node: Node | None, constant: Any, user: Node | None) -> None:
        place[key] = len(items)
        items.append(Item(len(items), node, constant, user))

    for node in nodes:
        if isinstance(node, Leaf):
            continue
        for i, parent in enumerate(node.inputs):
            key = input_key(node, i)
            if key not in place:
                if isinstance(parent, Node):
                    add(key, parent, None, node)  # a leaf: ops are older and were met before
                else:
                    add(key, None, parent, node)
        add(node, node, None, None)
    for node in nodes:
        if node not in place:
            add(node, node, None, None)
    return items, place


def input_key(node: Node, i: int) -> Any:
    """What tells input `i` of a node from others: numbers are told apart by their use."""
    parent = node.inputs[i]
    if isinstance(parent, Node):
        return parent
    if isinstance(parent, np.ndarray) and parent.size > 1:
        return id(parent)
    return node, i


class _Boxes:
    """The boxes of the scopes that nodes were made in."""

    def __init__(self, nodes: Sequence[Node], names: Names) -> None:
        self.names = names
        self.made: list[Box] = []
        self.ids: dict[int, int] = {}
        self.owned: dict[int, int] = {}  # id(module) -> the box of its first call
        self.calls: dict[tuple[int, str], int] = {}
        self.sizes = names.sizes()
        for node in nodes:
            if node.scope is not None:
                self.of(node.scope)

    def of(self, scope: tuple[Any, ...] | None) -> int:
        """The id of the box of a scope, made (with those around it) when first met."""
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

    def composed(self, box: int) -> bool:
        """Whether a box is a composed function's."""
        return box >= 0 and self.made[box].kind == "composed"


def _orders(nodes: Sequence[Node], boxes: _Boxes) -> dict[Node, int]:
    """How often each node's value was differentiated, from the backward scopes around it."""
    sweeps: dict[int, int] = {}
    inside: dict[int, int] = {}  # the "order" box around each box
    for made in boxes.made:
        outer = inside.get(made.parent, -1)
        inside[made.id] = made.id if made.kind == "order" else outer
        if made.kind == "order":  # one lies in another for being of the next order: drawn apart
            sweeps[made.id] = sweeps.get(outer, 0) + 1
            if outer >= 0:
                boxes.made[made.id] = replace(made, parent=boxes.made[outer].parent)
    if not any(b >= 0 for b in inside.values()):
        return {}
    orders: dict[Node, int] = {}
    for node in nodes:
        above = max((orders.get(p, 0) for p in node.inputs if isinstance(p, Node)), default=0)
        box = inside.get(boxes.of(node.scope), -1) if node.scope is not None else -1
        if box >= 0:
            # One sweep is of one order: that of what it differentiates, and one more.
            own = {p for p in node.inputs if isinstance(p, Node)}
            outside = max(
                (orders.get(p, 0) for p in own if not _in_box(p, box, boxes, inside)), default=0
            )
            sweeps[box] = max(sweeps.get(box, 1), outside + 1)
            orders[node] = sweeps[box]
        else:
            orders[node] = above
    for node in nodes:
        box = inside.get(boxes.of(node.scope), -1) if node.scope is not None else -1
        if box >= 0:
            orders[node] = sweeps[box]
    for box, n in sweeps.items():
        boxes.made[box] = replace(
            boxes.made[box], name=f"order {n}", label="gradient", path=f"order {n}", call=0
        )
    return orders


def _in_box(node: Node, box: int, boxes: _Boxes, inside: dict[int, int]) -> bool:
    return node.scope is not None and inside.get(boxes.of(node.scope), -1) == box


def _leaf_card(
    item: Item, names: Names, boxes: _Boxes, values: Values, orders: dict[Node, int]
) -> Card:
    user_box = boxes.of(item.user.scope) if item.user is not None else -1
    notes: tuple[Annotation, ...] = ()
    role: Role
    if item.node is None:
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
        node = item.node
        name = names.of_node(node)
        owner = names.parameters.get(node)
        tensor = getattr(node, "variable", None)
        learned = owner is not None or isinstance(tensor, Parameter) or node.requires_grad
        role = "parameter" if learned else ("input" if name else "constant")
        if not name and not node.requires_grad and node.notes is not None:
            name = names.of_array(node.notes.value)
            role = "input" if name else "constant"
        shape, dtype, needs = node.shape, dtype_name(node.dtype), node.requires_grad
        box = boxes.owned.get(owner[1], -1) if owner is not None else -1
        if role == "constant":
            box = user_box
        if node in values.changed:
            by = values.changed[node]
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
        order=orders.get(item.node, 0) if item.node is not None else 0,
        annotations=notes,
    )


def _op_card(
    item: Item,
    names: Names,
    boxes: _Boxes,
    found: Gradients,
    orders: dict[Node, int],
    role: Role,
    forward_step: int,
    saved: bool,
    cost: bool,
) -> Card:
    node = item.node
    assert node is not None
    op = node.primitive
    several = not is_single(node)
    shape = () if several else tuple(node.shape)
    size = 0 if several else math.prod(shape) * node.dtype.itemsize
    source = node.notes.source if node.notes is not None else None
    return Card(
        id=item.id,
        op=op.name,
        role=role,
        forward_step=forward_step,
        name=names.of_node(node),
        shape=shape,
        dtype="" if several else dtype_name(node.dtype),
        value=UNREAD,
        grad=UNREAD,
        needs_grad=node.requires_grad,
        backward_step=found.steps.get(node),
        order=orders.get(node, 0),
        box=boxes.of(node.scope),
        kwargs=_kwargs(node),
        saved=_saved(node) if saved else "",
        cost=f"{size:,} bytes" if cost else "",
        bytes=size,
        source=f"{source[0].rsplit('/', 1)[-1]}:{source[1]}  {source[2]}" if source else "",
    )


@cache
def layer_form(module: str, name: str) -> str:
    """The closed form of the function that a layer of ours is: nn.Softmax computes softmax."""
    if not module.startswith("tinygrad_edu.nn."):
        return ""
    forms = {function.replace("_", ""): form for function, form in CLOSED_FORMS.items()}
    return forms.get(name.lower(), "")


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
        text = (
            shape_text(value.shape) if isinstance(value, np.ndarray) and value.size > 6 else value
        )
        words.append(f"{name}={text}")
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


def _edges(item: Item, place: dict[Any, int], found: Gradients) -> list[Edge]:
    node = item.node
    assert node is not None
    out = []
    elementwise = getattr(node.primitive, "elementwise", False)
    rules = getattr(node.primitive, "rules", {})
    for i, parent in enumerate(node.inputs):
        shape = tuple(parent.shape) if isinstance(parent, Node) else np.shape(parent)
        if isinstance(parent, Node) and not is_single(parent):
            shape = ()
        word = argument(node, i)
        stretched = elementwise and shape != tuple(node.shape) and shape != ()
        flows = isinstance(parent, Node) and parent.requires_grad and node.requires_grad
        if rules.get(word.split("[")[0], True) is None:
            flows = False
        out.append(
            Edge(
                source=place[input_key(node, i)],
                target=item.id,
                argument=word,
                position=i,
                shape=shape,
                note=f"{shape_text(shape)}->{shape_text(tuple(node.shape))}" if stretched else "",
                carries_grad=flows,
                rms=found.sizes.get((node, i)),
            )
        )
    return out


def _unused(
    names: Names, place: dict[Any, int], start: int, found: Gradients
) -> list[tuple[Card, Node]]:
    """Cards of the parameters of a model that was given and that the outputs do not depend on."""
    out: list[tuple[Card, Node]] = []
    for leaf, (path, _) in names.parameters.items():
        if leaf in place or not names.whole_model:
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
