"""A graph that was read, ready to be shown, saved and asked."""

from __future__ import annotations

import gc
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..engine.node import Node
from ..engine.traced import Traced
from ..nn.module import Module
from .excerpt import between, cards_named, find, near, without
from .folding.fold import PAGE_BUDGET, STATIC_BUDGET, Detail, fold
from .health import ColorBy, coloured, with_health
from .labels import card_names
from .model import Card, View
from .notebook import display_page, display_picture, in_notebook
from .options import Options, globs, one_of
from .page.build import to_html
from .reading.cards import read
from .reading.names import Names, user_frame
from .reading.outline import Reading
from .reading.timing import timed
from .theme import ThemeName
from .writers.dot import to_digraph, to_dot
from .writers.json_export import to_json
from .writers.mermaid import MAX_EDGES, to_mermaid
from .writers.render import RenderError, render_png, render_svg
from .writers.terminal import Color, to_text

if TYPE_CHECKING:
    import graphviz

SUFFIXES = (".html", ".svg", ".png", ".dot", ".gv", ".mmd", ".json", ".txt")


class Graph:
    """A picture of a computation: what `viz.graph` returns.

    Attributes
    ----------
    view : View
        Every card, edge and box, as plain data.
    options : Options
        How it is drawn.
    """

    def __init__(self, view: View, options: Options, reading: Reading | None = None) -> None:
        self._outline = view
        self.options = options
        self.reading = reading

    @cached_property
    def view(self) -> View:
        """Every card, edge and box, as plain data, with all figures."""
        if self.reading is None:
            return self._outline
        return self.reading.completed(self._outline)

    def folded(self, budget: int | None = None) -> View:
        """What is drawn: the view with boxes closed until it has at most `budget` cards."""
        o = self.options
        with without_collections():
            return fold(
                self._outline,
                budget=budget or o.max_nodes or STATIC_BUDGET,
                detail=o.detail,
                collapse=o.collapse,
                expand=o.expand,
                fold_repeats=o.fold_repeats,
                leaf_copies=o.leaf_copies,
                fill=self.reading.fill if self.reading is not None else None,
            )

    def _lit(self, step: int | None) -> int | None:
        return self.options.step if step is None else step

    # ------------------------------------------------------------------------------- pictures

    @property
    def graphviz(self) -> graphviz.Digraph:
        """The picture as a `Digraph` of the `graphviz` package."""
        dark = self.options.theme == "dark"
        return to_digraph(self.folded(), dark=dark, step=self.options.step)

    def to_dot(self, *, step: int | None = None) -> str:
        """The picture as DOT text."""
        return to_dot(self.folded(), dark=self.options.theme == "dark", step=self._lit(step))

    def to_svg(self, *, step: int | None = None) -> str:
        """The picture as an SVG document; `step` lights one step of a trace."""
        budget = self.options.max_nodes or STATIC_BUDGET
        rendering = render_svg(
            self.folded(),
            renderer=self.options.renderer,
            theme=self.options.theme,
            step=self._lit(step),
            tighter=lambda: self.folded(max(1, budget // 4)),
        )
        return rendering.data.decode("utf-8")

    def to_png(
        self, scale: float = 1.0, max_px: int = 8000, *, dark: bool = False, step: int | None = None
    ) -> bytes:
        """The picture as PNG, at most `max_px` pixels a side.

        Raises
        ------
        RenderError
            There is no Graphviz; the message says what to install.
        """
        return render_png(
            self.folded(),
            renderer=self.options.renderer,
            dark=dark or self.options.theme == "dark",
            step=self._lit(step),
            scale=scale,
            max_px=max_px,
        ).data

    def to_html(self, title: str | None = None, *, max_bytes: int | None = None) -> str:
        """The graph as one self-contained page: folds, steps, searches, offline."""
        o = self.options
        limit = {} if max_bytes is None else {"max_bytes": max_bytes}
        return to_html(
            self.view,
            title=title,
            budget=o.max_nodes or PAGE_BUDGET,
            detail=o.detail,
            collapse=o.collapse,
            expand=o.expand,
            fold_repeats=o.fold_repeats,
            **limit,
        )

    def to_mermaid(self, max_edges: int = MAX_EDGES) -> str:
        """The graph as a Mermaid flowchart, folded until it keeps Mermaid's limits."""
        return to_mermaid(
            self.view, max_edges=max_edges, budget=self.options.max_nodes or STATIC_BUDGET
        )

    def to_text(self, width: int | None = None, color: Color = "auto") -> str:
        """The graph as a tree for the terminal."""
        return to_text(self.folded(), width=width, color=color)

    def to_json(self, *, indent: int | None = None) -> str:
        """Every card, edge and box as JSON."""
        return to_json(self.view, indent=indent)

    def save(self, path: str | Path) -> Path:
        """Write the picture, in the format that the file's suffix names.

        Raises
        ------
        ValueError
            For a suffix other than .html .svg .png .dot .gv .mmd .json .txt. Nothing is written.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in SUFFIXES:
            gif = "; a GIF shows steps: viz.backward(loss).save('steps.gif')"
            raise ValueError(
                f"cannot tell from {target.name!r} what to write; end the name in one of "
                f"{', '.join(SUFFIXES)}{gif if suffix == '.gif' else ''}"
            )
        makers: dict[str, Callable[[], str]] = {
            ".html": self.to_html,
            ".svg": self.to_svg,
            ".dot": self.to_dot,
            ".gv": self.to_dot,
            ".mmd": self.to_mermaid,
            ".json": self.to_json,
            ".txt": lambda: self.to_text(width=100, color=False),
        }
        data = self.to_png() if suffix == ".png" else makers[suffix]().encode("utf-8", "replace")
        target.write_bytes(data)
        return target

    def show(self, *, interactive: bool | None = None) -> None:
        """Show it: in a notebook where there is one, else as a page in the browser.

        Parameters
        ----------
        interactive
            In a notebook, show the page (in a sandboxed frame) instead of the picture.
        """
        if in_notebook():
            if interactive:
                display_page(self.to_html())
            else:
                display_picture(self)
            return
        path = Path(mkdtemp(prefix="tinygrad-edu-")) / "graph.html"
        webbrowser.open(self.save(path).as_uri())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        text = self.to_text(width=100, color=False)
        try:
            return {"image/svg+xml": self.to_svg(), "text/plain": text}
        except RenderError as error:  # a cell shows the tree, and how to get the picture
            return {"text/plain": f"{text}\n{error}\n"}

    def __repr__(self) -> str:
        return self.to_text(color=False)

    # ----------------------------------------------------------------------------- new pictures

    def with_options(self, **changes: Any) -> Graph:
        """The same graph drawn otherwise: any of the drawing options of `viz.graph`."""
        return self._like(self._outline, **changes)

    def _like(self, view: View, **changes: Any) -> Graph:
        return Graph(view, replace(self.options, **changes), self.reading)

    def focus(self, name: str, hops: int = 2) -> Graph:
        """What is within `hops` edges of the cards called `name` (also a glob, or a box's path).

        Raises
        ------
        KeyError
            No card is called that.
        """
        return self._like(near(self._outline, name, hops))

    def path(self, start: str, end: str) -> Graph:
        """The ways from one card to another: `path("X", "loss")`.

        Raises
        ------
        KeyError, ValueError
            No card is called that, or no way leads there.
        """
        return self._like(between(self._outline, start, end))

    def card(self, which: Any) -> Card:
        """The card of a tensor, or of the only thing that bears a name: `g.card(h).grad.text`.

        Raises
        ------
        KeyError
            The tensor is not in this graph, or the name is nobody's or several cards'.
        """
        if isinstance(which, Traced):
            place = self.reading.by_node if self.reading is not None else {}
            found = {place.get(n) for n in (which._node, getattr(which, "_trace", None)) if n}
            cards = [c for c in self.view.cards if c.id in found]
            if not cards:
                raise KeyError(
                    f"the tensor of shape {tuple(which._data.shape)} is not in this graph; draw "
                    f"one that was computed from it"
                )
            return cards[0]
        ids = cards_named(self._outline, str(which))
        if len(ids) > 1:
            words = card_names(self._outline)
            some = ", ".join(words[i] for i in sorted(ids)[:6])
            raise KeyError(f"{len(ids)} cards are called {which!r}: {some}; name one of them")
        return next(c for c in self.view.cards if c.id in ids)

    def find(self, pattern: str) -> list[Card]:
        """The cards that match a regular expression: `find("NaN|softmax")`."""
        return find(self.view, pattern)

    def collapse(self, *globs: str) -> Graph:
        """The same graph with the boxes that match drawn closed: `collapse("blocks.*")`."""
        return self.with_options(collapse=(*self.options.collapse, *globs))

    def expand(self, *globs: str) -> Graph:
        """The same graph with the boxes that match drawn open."""
        return self.with_options(expand=(*self.options.expand, *globs))


def graph(
    *outputs: Any,
    model: Any = None,
    names: Mapping[str, Any] | None = None,
    detail: Detail = "auto",
    max_nodes: int | None = None,
    collapse: Sequence[str] | str = (),
    expand: Sequence[str] | str = (),
    fold_repeats: bool = True,
    values: bool | Literal["auto"] = "auto",
    grads: bool | Literal["auto"] = "auto",
    recompute: bool = False,
    saved: bool = False,
    cost: bool = False,
    color_by: ColorBy = "role",
    edge_labels: bool = True,
    leaf_copies: bool = True,
    direction: Literal["TB", "LR"] = "TB",
    theme: ThemeName = "auto",
    title: str = "",
    renderer: str | None = None,
) -> Graph:
    """Draw the graph that some tensors were computed by.

    Nothing is run but what shows values that were not kept (see `recompute`), and nothing changes.

    Parameters
    ----------
    *outputs : Tensor
        What to draw: usually the loss.
    model : Module, optional
        Names parameters by their dotted paths; parameters that the outputs do not depend on are
        drawn too, and say so. Without it, models are found by the calls they made.
    names : mapping, optional
        `{"X": X}`, or `locals()`. Without it, the variables of the function that draws.
    detail : {"auto", "ops", "composed", "modules"}
        What is drawn open; "auto" opens what fits in `max_nodes`.
    max_nodes : int, optional
        How many cards are drawn: 80 in a picture, 400 on a page.
    collapse, expand : str or sequence of str
        Globs of boxes to draw closed or open: "blocks.*", "softmax".
    fold_repeats : bool
        Draw equal boxes in a row as one, `Block × 12`.
    values, grads : "auto" or bool
        Whether to show them. What was not kept is computed again from the leaves, and shown only
        where it is known to be what it was the first time.
    recompute : bool
        Compute all values from what the leaves hold today, whether or not they changed since.
    saved, cost : bool
        Show on each card what is kept for backward, and the bytes of its value.
    color_by : {"role", "grad", "value", "time", "memory", "order"}
        What the cards' colours mean. For "time" each op's NumPy function is run again.
    edge_labels : bool
        Write argument and shape on each line.
    leaf_copies : bool
        Draw a leaf that is used in many places once per use.
    direction : {"TB", "LR"}
        From top to bottom, or left to right.
    theme : {"auto", "light", "dark"}
        "auto" follows the reader's settings.
    title : str
        By default the outputs' names.
    renderer : str, optional
        A program that lays out DOT; see `viz.doctor()`.

    Returns
    -------
    Graph

    Raises
    ------
    TypeError
        If an output is no Tensor, or there is none.
    ValueError
        If an output has no graph, or an option is not one of its words.
    """
    options = Options(
        max_nodes=max_nodes,
        detail=detail,
        collapse=globs(collapse),
        expand=globs(expand),
        fold_repeats=fold_repeats,
        leaf_copies=leaf_copies,
        theme=theme,
        renderer=renderer,
    )
    one_of("color_by", color_by, get_args(ColorBy))
    one_of("direction", direction, ("TB", "LR"))
    roots = [root_node(x, i) for i, x in enumerate(outputs)]
    if not roots:
        raise TypeError("viz.graph() needs at least one Tensor to draw: viz.graph(loss)")
    variables = user_frame()
    with without_collections():
        found = Names(names, [*variables], model)
        for x in outputs:
            found.tensors.setdefault(x._node or x._trace, []).append(x)
        reading = read(
            roots,
            found,
            replay=bool(values),
            recompute=recompute,
            gradients=bool(grads),
            title=title,
            saved=saved,
            cost=cost,
        )
        view = with_health(replace(reading.view, direction=direction), reading.vitals())
    if color_by == "time":
        view = timed(view, reading)
    if color_by != "role":
        view = coloured(reading.completed(view), color_by)
    view = without(view, values=values is False, grads=grads is False, labels=not edge_labels)
    return Graph(view, options, reading)


@contextmanager
def without_collections() -> Iterator[None]:
    """Pause the garbage collector: it would walk 100,000 records again and again, and find none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def root_node(x: Any, position: int) -> Node:
    """The node of an output.

    Raises
    ------
    TypeError
        It is no Tensor.
    ValueError
        It has no graph, with what to do about that.
    """
    if isinstance(x, Module):
        raise TypeError(
            f"viz.graph() draws what was computed; output {position} is a {type(x).__name__}, a "
            f"module. Call it and draw what it returns: viz.graph(model(x)). For its layers, type "
            f"viz.summary(model, x)"
        )
    if not isinstance(x, Traced):
        raise TypeError(
            f"viz.graph() draws Tensors; output {position} is of type {type(x).__name__}. Pass the "
            f"tensor that your computation ended in: viz.graph(loss)"
        )
    node = x._node or getattr(x, "_trace", None)
    if node is None:
        raise ValueError(
            f"output {position}, of shape {tuple(x._data.shape)}, has no graph: nothing it was "
            f"made of requires grad, or it was made under no_grad or detached. Make one of the "
            f"inputs with requires_grad=True, or compute it inside `with viz.record():`"
        )
    return node


__all__ = ["Graph", "Options", "graph"]
