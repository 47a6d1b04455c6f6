"""`tinygrad-edu graph`: draw what a script computes."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import typer

from ..viz.command import draw_file
from ..viz.picture import Graph
from ..viz.writers.render import RenderError

__all__ = ["graph"]

EXPECTED = (ValueError, TypeError, AttributeError, OSError, RenderError, ImportError)

DETAILS = ("auto", "ops", "composed", "modules")
COLOURS = ("role", "grad", "value", "time", "memory", "order")
THEMES = ("auto", "light", "dark")


def graph(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE.py:NAME",
            help="A script, and what in it to draw: a Tensor, a Module, or a function without "
            "arguments that returns one.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Where to write: .html .svg .png .dot .mmd .json .txt, or .gif of a backward "
            "trace. Without it, a tree is printed.",
            show_default=False,
        ),
    ] = None,
    input: Annotated[
        list[str] | None,
        typer.Option(help="For a Module: the shape of its input, such as 4,2; may be repeated."),
    ] = None,
    max_nodes: Annotated[int | None, typer.Option(help="How many cards at most.")] = None,
    detail: Annotated[str, typer.Option(help=f"What is drawn open: {', '.join(DETAILS)}.")] = (
        "auto"
    ),
    expand: Annotated[
        list[str] | None, typer.Option(help="Boxes to draw open, such as 'blocks.0*'.")
    ] = None,
    collapse: Annotated[
        list[str] | None, typer.Option(help="Boxes to draw closed, such as softmax.")
    ] = None,
    color_by: Annotated[
        str, typer.Option(help=f"What colours mean: {', '.join(COLOURS)}.")
    ] = "role",
    theme: Annotated[str, typer.Option(help=f"One of {', '.join(THEMES)}.")] = "auto",
) -> None:
    """Run FILE.py and draw what NAME holds when it has run.

    tinygrad-edu graph xor.py:loss -o xor.html
    """
    options: dict[str, Any] = {
        "max_nodes": max_nodes,
        "detail": _one_of("--detail", detail, DETAILS),
        "color_by": _one_of("--color-by", color_by, COLOURS),
        "theme": _one_of("--theme", theme, THEMES),
        "expand": tuple(expand or ()),
        "collapse": tuple(collapse or ()),
    }
    if max_nodes is not None and max_nodes < 1:
        _fail(f"--max-nodes {max_nodes} was given; expected at least 1. Type --max-nodes 80")
    shapes = [_shape(text) for text in input or ()]
    try:
        drawn = draw_file(target, out, input=shapes, **options)
    except Exception as error:  # a script may raise anything
        trace = _in_script(error, target)
        if trace is None and isinstance(error, OSError) and error.strerror:
            _fail(f"{error.filename} cannot be used ({error.strerror}); give another path")
        if trace is None and isinstance(error, EXPECTED):
            _fail(str(error))
        if trace is None:
            raise
        traceback.print_exception(type(error), error, trace)
        _fail(f"{target.rpartition(':')[0]} stopped before there was a graph; see above", 1)
    if out is None:
        typer.echo(drawn.to_text(), nl=False)
        return
    header = drawn.folded().header if isinstance(drawn, Graph) else f"{len(drawn.steps)} steps"
    typer.echo(f"{out}: {header}")


def _one_of(option: str, given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        _fail(
            f"{option} {given} was given; expected one of {', '.join(known)}. "
            f"Type {option} {known[0]}"
        )
    return given


def _shape(text: str) -> tuple[int, ...]:
    try:
        shape = tuple(int(part) for part in text.replace("x", ",").split(",") if part.strip())
    except ValueError:
        shape = (-1,)
    if any(n < 0 for n in shape):
        _fail(
            f"--input {text} was given; expected a shape: whole numbers with commas between them. "
            f"Type --input 4,2"
        )
    return shape


def _in_script(error: BaseException, target: str) -> TracebackType | None:
    """Where an error's traceback enters the script, or None if it came from elsewhere."""
    script = Path(target.rpartition(":")[0])
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.name == script.name and file.is_file() and file.samefile(script):
            return trace
        trace = trace.tb_next
    return None


def _fail(message: str, code: int = 2) -> NoReturn:
    print(f"tinygrad-edu: {message}", file=sys.stderr)
    raise typer.Exit(code)
