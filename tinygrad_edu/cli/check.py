"""`tinygrad-edu check`: the gradient check of a function in a file."""

from __future__ import annotations

from typing import Annotated

import typer

from ..checking.commands import check_command

__all__ = ["check"]


def check(
    target: Annotated[str, typer.Argument(metavar="FILE.py:NAME", help="Or package.module:NAME.")],
    order: Annotated[int, typer.Option(help="Also derivatives of derivatives, up to here.")] = 1,
    method: Annotated[
        str, typer.Option(help="Of differentiation: auto, complex, richardson or central.")
    ] = "auto",
    points: Annotated[int, typer.Option(help="1: as given; each more is one beside.")] = 2,
    seed: Annotated[int, typer.Option(help="Of the directions.")] = 0,
    html: Annotated[
        str | None, typer.Option(help="Also write the report here.", show_default=False)
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Also say it in words.")] = False,
) -> None:
    """Check the gradients of NAME: which op is wrong, on which line, and what kind of mistake.

    NAME is a function without arguments that returns what to check: fn, *inputs; or model, *inputs;
    or fn, grad_fn, *inputs for a gradient derived by hand. Exit code 0: right; 1: wrong; 2: nobody
    can tell.
    """
    raise typer.Exit(
        check_command(
            target,
            order=order,
            method=method,
            points=points,
            seed=seed,
            html=html,
            explain=explain,
            show=typer.echo,
        )
    )
