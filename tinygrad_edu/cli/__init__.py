"""The command line: `tinygrad-edu`, which is `python -m tinygrad_edu` too."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

INSTALL = "pip install 'tinygrad-edu[all]'"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line; by default the one that the process was started with.

    Raises
    ------
    SystemExit
        Always, at the end: 0 when all went well, 1 when a training failed, 2 for a command that
        cannot be run, 130 after Ctrl-C.
    """
    try:
        import typer
    except ModuleNotFoundError:
        print(
            f"tinygrad-edu: the command line needs Typer, which is not installed. Expected the "
            f"extra 'all'; type\n\n    {INSTALL}\n\nor, in a clone, pip install -e '.[all]'. "
            f"Without it, everything but the command line works: import tinygrad_edu.",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
    del typer
    from .app import app

    app(args=None if arguments is None else list(arguments), prog_name="tinygrad-edu")
