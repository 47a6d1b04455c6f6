"""`tinygrad-edu graph FILE.py:NAME -o out.html`: a graph of what a script computes."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from tinygrad_edu.nn.module import Module
from tinygrad_edu.traced import Traced
from tinygrad_edu.viz.picture import SUFFIXES, Graph, graph
from tinygrad_edu.viz.trace import BackwardTrace

__all__ = ["draw_file"]


def draw_file(
    target: str, output: str | Path | None = None, **options: Any
) -> Graph | BackwardTrace:
    """Run a script, and draw what one of its names holds.

    Parameters
    ----------
    target : str
        `FILE.py:NAME`: a Tensor, a Graph, a BackwardTrace, or a function without arguments that
        returns one.
    output : path, optional
        Where to write it; the suffix says how (.html .svg .png .dot .mmd .json .txt).
    **options
        Those of `viz.graph`.

    Returns
    -------
    Graph or BackwardTrace

    Raises
    ------
    ValueError
        `target` is not of that form, or the suffix is not known.
    FileNotFoundError
        There is no such file.
    AttributeError
        The script has no such name.
    TypeError
        The name holds something that has no graph.
    """
    file, colon, name = target.rpartition(":")
    if not colon or not file or not name.isidentifier():
        raise ValueError(
            f"{target!r} does not say what to draw; write FILE.py:NAME, as in xor.py:loss"
        )
    if output is not None and Path(output).suffix.lower() not in (*SUFFIXES, ".gif"):
        raise ValueError(
            f"cannot tell from {str(output)!r} what to write; use {', '.join(SUFFIXES)}"
        )
    path = Path(file)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {file!r} to run")
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        variables = runpy.run_path(str(path))
    finally:
        sys.path.pop(0)
    if name not in variables:
        public = [n for n, v in variables.items() if isinstance(v, Traced)]
        hint = f"; its tensors are {', '.join(public)}" if public else ""
        raise AttributeError(f"{file} has no {name!r} after it has run{hint}")
    found = variables[name]
    if callable(found) and not isinstance(found, Traced | Module | Graph | BackwardTrace):
        found = found()
    if isinstance(found, Traced):
        named = {k: v for k, v in variables.items() if not k.startswith("_")}
        found = graph(found, names=options.pop("names", None) or named, **options)
    if not isinstance(found, Graph | BackwardTrace):
        raise TypeError(
            f"{name} in {file} is a {type(found).__name__}, which has no graph. Name a Tensor such "
            f"as the loss, or a function without arguments that returns one."
        )
    if output is not None:
        found.save(output)
    return found
