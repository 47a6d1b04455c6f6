"""`tinygrad-edu experiment`: experiments with gradients, each with a plot and what to see in it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from ..learn.experiments.command import experiment_command

__all__ = ["experiment"]


def experiment(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Without one, all are listed.", show_default=False),
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(help="File of the plot instead of NAME.png.", show_default=False),
    ] = None,
    no_plot: Annotated[bool, typer.Option("--no-plot", help="Only the words.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="Of those that draw random numbers.", show_default=False)
    ] = None,
    answer: Annotated[
        bool, typer.Option("--answer", help="Also the answer key of find_the_bug.")
    ] = False,
) -> None:
    """Run experiment NAME: what to see, and a plot of it."""
    file = plot
    if plot is None and name is not None and not no_plot:
        file = f"{name}.png"
        if find_spec("matplotlib") is None:
            # Nobody asked for it in so many words: the text is worth having by itself.
            typer.echo("(no plot: it needs matplotlib, pip install 'tinygrad-edu[all]')\n")
            file = None
    raise typer.Exit(experiment_command(name, plot=file, seed=seed, answer=answer, show=typer.echo))
