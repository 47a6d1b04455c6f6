"""Backward, step by step: what arrives, the rule, the rule with numbers, and what goes where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from ..engine.node import Leaf, Node
from ..engine.primitive import Primitive
from ..engine.watching import Watcher
from ..numerics.sums import sum_to_size
from .formatting import shape_text
from .health import ColorBy, coloured, with_edge_widths, with_health
from .model import Card, Contribution, Edge, Step, Summary, View
from .options import Options, globs, one_of
from .picture import Graph, root_node
from .reading.cards import argument, read
from .reading.finite_differences import step_check
from .reading.names import Names, user_frame
from .reading.outline import Reading
from .reading.rules import contribution_name, formula, forward_symbol, rule_lines, rule_texts
from .reading.summarise import SMALL, elements_text, root_mean_square, summarise
from .reading.symbols import Symbol, expression
from .reading.timing import timed
from .reading.values import is_single
from .writers.gif import to_gif
from .writers.terminal import Color, steps_text

MOST_STEPS_WITH_NUMBERS = 3000
GIF_CARDS = 60


class _Observer(Watcher):
    """Lists what backward does; recording goes on as before."""

    def __init__(self) -> None:
        super().__init__(everything=False)
        self.seen: list[tuple[Node, Any, tuple[Any, ...]]] = []

    def tell_stepped(self, node: Node, g: Any, contributions: tuple[Any, ...]) -> None:
        super().tell_stepped(node, g, contributions)
        self.seen.append((node, g, contributions))


@dataclass(frozen=True)
class BackwardTrace:
    """A backward pass that was run and watched: what `viz.backward` returns.

    Attributes
    ----------
    view : View
        The graph with gradients on its cards, and the steps of both passes.
    options : Options
        How it is drawn.
    """

    view: View
    options: Options

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of backward, in the order in which the engine took them."""
        return tuple(s for s in self.view.steps if s.kind == "backward")

    @property
    def forward_steps(self) -> tuple[Step, ...]:
        """The steps of forward."""
        return tuple(s for s in self.view.steps if s.kind == "forward")

    def graph(self, step: int | None = None) -> Graph:
        """The graph as a picture; with `step`, that step of backward lit and its boxes open.

        Raises
        ------
        IndexError
            There is no such step.
        """
        if step is None:
            return Graph(self.view, self.options)
        steps = self.steps
        if not -len(steps) <= step < len(steps):
            raise IndexError(f"there are {len(steps)} steps of backward; step {step} is not there")
        place = self.view.steps.index(steps[step])
        boxes = {b.id: b for b in self.view.boxes}
        opened = []
        box = next(c.box for c in self.view.cards if c.id == steps[step].card)
        while box >= 0:
            opened.append(boxes[box].path or boxes[box].name)
            box = boxes[box].parent
        options = replace(self.options, step=place, expand=(*self.options.expand, *opened))
        return Graph(self.view, options)

    def to_text(
        self,
        *,
        forward: bool = False,
        first: int = 0,
        last: int | None = None,
        color: Color = "auto",
    ) -> str:
        """The steps as text: cotangent, rule, numbers, contributions, sums.

        Parameters
        ----------
        forward
            The steps of forward instead.
        first, last
            The range of steps, from 0, `last` left out.
        """
        kind = "forward" if forward else "backward"
        return steps_text(self.view, kind=kind, first=first, last=last, color=color)  # type: ignore[arg-type]

    def to_html(self, title: str | None = None) -> str:
        """The page, which steps through both passes with the arrow keys."""
        return Graph(self.view, self.options).to_html(title)

    def to_gif(self, path: str | Path | None = None, *, seconds: float = 1.2) -> bytes:
        """Backward as an animated GIF, written to `path` if one is given.

        Raises
        ------
        ImportError, RenderError
            Pillow or Graphviz is missing; the message says what to install.
        ValueError
            There are too many steps for a GIF.
        """
        picture = Graph(self.view, self.options)
        if len(self.view.cards) <= GIF_CARDS:
            picture = picture.with_options(detail="ops")
        data = to_gif(picture.folded(), seconds=seconds)
        if path is not None:
            Path(path).write_bytes(data)
        return data

    def save(self, path: str | Path) -> Path:
        """Write the trace in the format of the suffix: .html, .gif, .txt or those of a picture."""
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix == ".gif":
            self.to_gif(target)
        elif suffix == ".txt":
            target.write_text(self.to_text(color=False), encoding="utf-8")
        else:
            Graph(self.view, self.options).save(target)
        return target

    def show(self) -> None:
        """Show the page in the browser, or the picture in a notebook."""
        Graph(self.view, self.options).show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle = self.graph()._repr_mimebundle_()
        bundle["text/plain"] = self.to_text(color=False)
        return bundle

    def __repr__(self) -> str:
        return self.to_text(color=False)


def backward(
    loss: Any,
    *,
    gradient: Any = None,
    retain_graph: bool = False,
    model: Any = None,
    names: Mapping[str, Any] | None = None,
    check: bool = False,
    title: str = "",
    color_by: ColorBy = "role",
    direction: Literal["TB", "LR"] = "TB",
    **options: Any,
) -> BackwardTrace:
    """Run backward from `loss`, and show every step of it.

    Gradients are accumulated in the leaves, as `loss.backward()` does.

    Parameters
    ----------
    loss : Tensor
        Where to start.
    gradient : Tensor, optional
        The cotangent to start with; needed where `loss` is not a single number.
    retain_graph : bool
        Keep what the rules need for another backward.
    model, names, title, color_by, direction
        As in `viz.graph`.
    check : bool
        Compare each step with finite differences of the op's forward function.
    **options
        Further options of `viz.graph`: max_nodes, detail, collapse, expand, fold_repeats,
        leaf_copies, theme, renderer.

    Returns
    -------
    BackwardTrace

    Raises
    ------
    RuntimeError
        What `loss.backward()` raises.
    TypeError
        If `loss` is no Tensor, or an option is not known. Nothing was run then.
    """
    known = {f.name for f in fields(Options)} - {"step"}
    if unknown := sorted(set(options) - known):
        raise TypeError(
            f"viz.backward() has no option {unknown[0]!r}; it has {', '.join(sorted(known))}"
        )
    one_of("color_by", color_by, get_args(ColorBy))
    one_of("direction", direction, ("TB", "LR"))
    root = root_node(loss, 0)
    given: dict[str, Any] = {}
    given |= {k: globs(v) if k in ("collapse", "expand") else v for k, v in options.items()}
    settings = replace(Options(), **given)
    found = Names(names, [*user_frame()], model)
    found.tensors.setdefault(root, []).append(loss)
    # Values are read before backward frees them, gradients of earlier passes are set apart.
    reading = read([root], found, gradients=False, title=title)
    leaves = [n for n in reading.by_node if isinstance(n, Leaf)]
    before = {n: n.grad._data.copy() for n in leaves if n.grad is not None}
    watcher = _Observer()
    with watcher:
        loss.backward(gradient, retain_graph=retain_graph)
    steps = _Steps(reading, check)
    view = with_health(replace(steps.view(watcher.seen, before), direction=direction))
    if color_by == "time":
        view = timed(view, reading)
    return BackwardTrace(coloured(view, color_by), settings)


class _Steps:
    """Makes the steps of both passes out of what was observed."""

    def __init__(self, reading: Reading, check: bool) -> None:
        self.reading = reading
        self.check = check
        self.total: dict[Node, Any] = {}
        self.arrived: dict[Node, Any] = {}

    def view(self, seen: list[tuple[Node, Any, tuple[Any, ...]]], before: dict[Any, Any]) -> View:
        forward = [self._forward(n) for n in self.reading.by_node if not isinstance(n, Leaf)]
        forward.sort(key=lambda s: s.card)
        forward = [replace(s, index=i) for i, s in enumerate(forward)]
        numbers = len(seen) <= MOST_STEPS_WITH_NUMBERS
        back = [self._backward(i, *step, numbers) for i, step in enumerate(seen)]
        for node, g in self.total.items():
            if isinstance(node, Leaf):
                self.arrived[node] = g
        order = {node: i for i, (node, _, _) in enumerate(seen)}
        cards = tuple(self._card(c, order) for c in self.reading.complete().cards)
        note = self.reading.view.note
        if before:
            note = f"{note} Leaves held gradients already; those of this pass were added.".strip()
        edges = self._edges(seen)
        steps = (*forward, *back)
        whole = replace(self.reading.view, cards=cards, edges=edges, steps=steps, note=note)
        return with_edge_widths(whole)

    def _edges(self, seen: list[tuple[Node, Any, tuple[Any, ...]]]) -> tuple[Edge, ...]:
        """The edges with the size of what flowed back along them."""
        sizes = {
            (self.reading.by_node[node], i): root_mean_square(np.asarray(c))
            for node, _, contributions in seen
            for i, c in enumerate(contributions)
            if isinstance(c, np.ndarray | np.generic) and np.size(c)
        }
        return tuple(
            replace(e, rms=sizes.get((e.target, e.position))) for e in self.reading.view.edges
        )

    def _card(self, card: Card, order: dict[Node, int]) -> Card:
        node = self.reading.items[card.id].node
        if node is None:
            return card
        g: Any = self.arrived.get(node)
        if isinstance(node, Leaf) and node.grad is not None:
            g = node.grad._data
        grad = card.grad
        if isinstance(g, np.ndarray | np.generic):
            grad = summarise(g, detail=self.reading.detailed)
        elif node.requires_grad:
            grad = Summary(reason="no path to loss" if g is None else "several outputs")
        return replace(card, grad=grad, backward_step=order.get(node))

    def _forward(self, node: Node) -> Step:
        value, why = self.reading.values.of(node) if is_single(node) else (None, "several outputs")
        numbers: tuple[str, ...] = ()
        arrays = self._arrays(node)
        if arrays is not None and isinstance(node.primitive, Primitive):
            if all(np.size(a) <= SMALL for a in arrays):
                call = forward_symbol(node.primitive, arrays, node.params, named=False)
                numbers = (f"y = {expression(call, numbers_of=True)}",)
        return Step(
            kind="forward",
            index=0,
            card=self.reading.by_node[node],
            shape=tuple(node.shape) if is_single(node) else (),
            rule=(formula(node),),
            numbers=numbers,
            result=f"({why})" if value is None else text_of(value),
        )

    def _arrays(self, node: Node) -> list[Any] | None:
        """The operands of a call, or None if one of them is not known."""
        arrays, why = self.reading.values.operands(node)
        return None if why else arrays

    def _backward(
        self, index: int, node: Node, g: Any, contributions: tuple[Any, ...], numbers: bool
    ) -> Step:
        self.arrived[node] = g
        op = node.primitive
        rules = rule_texts(node)
        in_numbers: tuple[str, ...] = ()
        check = ""
        arrays = self._arrays(node)
        value, _ = self.reading.values.of(node)
        plain = isinstance(op, Primitive) and is_single(node) and arrays is not None
        live = [i for i, c in enumerate(contributions) if c is not None]
        if plain and value is not None and arrays is not None and numbers:
            small = [g, *arrays, value]
            if all(np.size(a) <= SMALL for a in small):
                found = rule_lines(op, arrays, node.params, value, np.asarray(g), live=live)
                in_numbers = tuple(_in_numbers(op, i, s) for i, s in found.items())
        wanted = {f"{contribution_name(op, i)} = " for i in live} if plain else set()
        if wanted:
            rules = tuple(r for r in rules if any(r.startswith(w) for w in wanted)) or rules
        if self.check and plain and arrays is not None:
            check = step_check(op, arrays, node.params, np.asarray(g), live)
        parts = []
        for i, (parent, c) in enumerate(zip(node.inputs, contributions)):
            if c is not None and isinstance(parent, Node):
                parts.append(self._contribution(node, i, parent, c))
        return Step(
            kind="backward",
            index=index,
            card=self.reading.by_node[node],
            cotangent=text_of(g),
            shape=tuple(np.shape(g)) if is_single(node) else (),
            rule=rules,
            numbers=in_numbers,
            contributions=tuple(parts),
            check=check,
        )

    def _contribution(self, node: Node, i: int, parent: Node, c: Any) -> Contribution:
        undone = ""
        if isinstance(c, np.ndarray | np.generic) and c.shape != parent.shape:
            extra = c.ndim - len(parent.shape)
            axes = [k for k in range(c.ndim) if k < extra or parent.shape[k - extra] != c.shape[k]]
            words = ", ".join(map(str, axes))
            undone = (
                f"summed over axis {words}: {shape_text(c.shape)} -> {shape_text(parent.shape)}, "
                f"which undoes the broadcast"
            )
            c = sum_to_size(c, parent.shape)
        old = self.total.get(parent)
        total = c if old is None else old + c
        self.total[parent] = total
        return Contribution(
            to=self.reading.by_node[parent],
            argument=argument(node, i),
            value=text_of(c),
            stored="stored" if old is None else "added",
            old="" if old is None else text_of(old),
            total="" if old is None else text_of(total),
            unbroadcast=undone,
        )


def _in_numbers(op: Primitive, i: int, symbol: Symbol) -> str:
    name = contribution_name(op, i)
    text = expression(symbol, numbers_of=True, short=False)
    result = elements_text(symbol.array)
    return f"{name} = {text}" + (f" = {result}" if text != result else "")


def text_of(x: Any) -> str:
    """An array in a line: its elements if they are few, else figures."""
    if isinstance(x, np.ndarray | np.generic | int | float):
        return summarise(x, detail=False).text
    return "one per output" if hasattr(x, "parts") else str(x)
