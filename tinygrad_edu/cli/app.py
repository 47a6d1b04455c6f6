"""The commands, put together with Typer. Each is a function in a file of its own."""

from __future__ import annotations

import typer

from .. import __version__
from .check import check
from .experiment import experiment
from .graph import graph
from .run import run

__all__ = ["app"]

app = typer.Typer(
    help="An autograd framework for learning, made of NumPy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"tinygrad-edu {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Say which version this is."
    ),
) -> None:
    pass


app.command("run")(run)
app.command("graph")(graph)
app.command("check")(check)
app.command("experiment")(experiment)
