"""`tinygrad-edu graph FILE.py:NAME -o out.html`: a graph of what a script computes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine.mode import changed_mode
from ..engine.traced import Traced
from ..nn.module import Module
from ..tensors.creation import zeros
from ..utils.targets import named
from .picture import SUFFIXES, Graph, graph
from .reading.tape import record
from .trace import BackwardTrace

__all__ = ["draw_file"]


def draw_file(
    target: str,
    output: str | Path | None = None,
    *,
    input: Sequence[Sequence[int]] = (),
    **options: Any,
) -> Graph | BackwardTrace:
    """Run a script, and draw what one of its names holds.

    Parameters
    ----------
    target : str
        `FILE.py:NAME` or `package.module:NAME`: a Tensor, a Module, a Graph, a BackwardTrace, or a
        function without arguments that returns one.
    output : path, optional
        Where to write it; the suffix says how (.html .svg .png .dot .mmd .json .txt, and .gif for a
        BackwardTrace).
    input : sequence of shapes
        For a Module: what to call it with, zeros of these shapes.
    **options
        Those of `viz.graph`.

    Returns
    -------
    Graph or BackwardTrace

    Raises
    ------
    ValueError
        `target` is not of that form, the suffix is not known, or a Module came without `input`.
    FileNotFoundError
        There is no such file.
    AttributeError
        The script has no such name.
    TypeError
        The name holds something that has no graph.
    """
    suffix = None if output is None else Path(output).suffix.lower()
    if suffix is not None and suffix not in (*SUFFIXES, ".gif"):
        raise ValueError(
            f"cannot tell from {str(output)!r} what to write; use {', '.join(SUFFIXES)}"
        )
    place = named(target, to="draw", fits=_drawable)
    found, name = place.value, place.name
    if callable(found) and not (isinstance(found, type) or _drawable(found)):
        found = found()
    names = {k: v for k, v in place.variables.items() if not k.startswith("_")}
    if isinstance(found, Module):
        found = _called(name, found, input, options)
    elif isinstance(found, Traced):
        found = graph(found, names=options.pop("names", None) or names, **options)
    if not isinstance(found, Graph | BackwardTrace):
        raise TypeError(
            f"{name} in {place.place} is of type {type(found).__name__}, which has no graph. Name "
            f"a Tensor such as the loss, a Module, or a function without arguments that "
            f"returns one."
        )
    if suffix == ".gif" and isinstance(found, Graph):
        raise ValueError(
            f"a .gif shows the steps of backward, and {name} holds none; name what "
            f"viz.backward(loss) returned, or write one of {', '.join(SUFFIXES)}"
        )
    if output is not None:
        found.save(output)
    return found


def _drawable(value: Any) -> bool:
    return isinstance(value, Traced | Module | Graph | BackwardTrace)


def _called(
    name: str, model: Module, shapes: Sequence[Sequence[int]], options: dict[str, Any]
) -> Graph:
    """The graph of one call of a model, on zeros."""
    if not shapes:
        raise ValueError(
            f"{name} is a {type(model).__name__}, a module, which has no graph before it is "
            f"called; say with what: --input 4,2 calls it with zeros of that shape"
        )
    given = [zeros(*shape) for shape in shapes]
    words = ["x"] if len(given) == 1 else [f"x{i + 1}" for i in range(len(given))]
    with changed_mode(recording=True), record():
        out = model(*given)
    names = {**dict(zip(words, given)), **(options.pop("names", None) or {})}
    if isinstance(out, Traced):
        names["output"] = out
    several = out if isinstance(out, tuple | list) else (out,)
    roots = [x for x in several if isinstance(x, Traced)]
    return graph(*roots, model=model, names=names, **options)
