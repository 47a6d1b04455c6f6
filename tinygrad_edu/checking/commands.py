"""The check from a command line: callables that return an exit code, for whoever parses arguments.

python -m tinygrad_edu.checking net.py:loss --order 2
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from .report import GradReport
from .targets import check_target
from .tolerance import FAIL, NONDETERMINISTIC, PASS

__all__ = ["check_command", "exit_code", "main"]


def exit_code(report: GradReport) -> int:
    """0 for PASS, 1 for a wrong gradient, 2 for what could not be decided."""
    return {PASS: 0, FAIL: 1, NONDETERMINISTIC: 1}.get(report.verdict, 2)


def check_command(
    target: str,
    *,
    order: int = 1,
    method: Any = "auto",
    points: int = 2,
    seed: int = 0,
    html: str | None = None,
    explain: bool = False,
    show: Callable[[str], object] = print,
) -> int:
    """Check what `file.py:name` or `pkg.mod:name` names, and print the report.

    Parameters
    ----------
    target, order, method, points, seed
        As for `targets.check_target`.
    html : str, optional
        Also write the report to this file.
    explain : bool
        Print it in words too.
    show : callable
        Where text goes.

    Returns
    -------
    int
        0 pass, 1 wrong, 2 undecided or not to be checked.
    """
    try:
        report = check_target(target, order=order, method=method, points=points, seed=seed)
    except (ValueError, TypeError) as problem:
        show(f"{target}: {problem}")
        return 2
    show(str(report))
    if explain:
        show(f"\n{report.explain()}")
    if html is not None:
        try:
            report.to_html(html)
        except OSError as problem:
            show(str(problem))
            return 2
        show(f"written to {html}")
    return exit_code(report)


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m tinygrad_edu.checking`."""
    parser = argparse.ArgumentParser(
        prog="python -m tinygrad_edu.checking", description="Check the gradients of a function."
    )
    parser.add_argument("target", help="file.py:name or package.module:name")
    parser.add_argument("--order", type=int, default=1)
    parser.add_argument("--method", default="auto")
    parser.add_argument("--points", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--html", help="also write the report to this file")
    parser.add_argument("--explain", action="store_true", help="also say it in words")
    return check_command(**vars(parser.parse_args(arguments)))
