"""The check from a command line: callables that return an exit code, for whoever parses arguments.

python -m tinygrad_edu.checking net.py:loss --order 2
"""

from __future__ import annotations

import argparse
import difflib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from .experiments import EXPERIMENTS, HiddenBug
from .report import GradReport
from .targets import check_target
from .tolerance import FAIL, NONDETERMINISTIC, PASS

__all__ = ["check_command", "exit_code", "experiment_command", "main"]


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


def experiment_command(
    name: str | None = None,
    *,
    plot: str | None = None,
    seed: int | None = None,
    answer: bool = False,
    show: Callable[[str], object] = print,
) -> int:
    """Run an experiment by name: print what to see, and save its plot if a file is named.

    Without a name, list them.

    Parameters
    ----------
    name, plot : str, optional
    seed : int, optional
        For those that draw random numbers.
    answer : bool
        Also print the answer key, of an experiment that asks something.
    show : callable
        Where text goes.

    Returns
    -------
    int
        0, or 2 for what cannot be run.
    """
    if name is None:
        width = max(map(len, EXPERIMENTS))
        for each, run in EXPERIMENTS.items():
            show(f"{each:{width}}  {(run.__doc__ or '').splitlines()[0]}")
        return 0
    if name not in EXPERIMENTS:
        near = difflib.get_close_matches(name, EXPERIMENTS, 1, 0.4)
        hint = f"; is it {near[0]}?" if near else ""
        show(f"there is no experiment {name!r}{hint} There is: {', '.join(EXPERIMENTS)}")
        return 2
    options: dict[str, Any] = {}
    if seed is not None:
        if "seed" not in inspect.signature(EXPERIMENTS[name]).parameters:
            show(f"{name} draws no random numbers, so seed {seed} says nothing; leave it out")
            return 2
        options["seed"] = seed
    found = EXPERIMENTS[name](**options)
    if answer and not isinstance(found, HiddenBug):
        show(f"{name} asks nothing that has an answer; find_the_bug does. Leave the answer out")
        return 2
    show(str(found))
    if answer and isinstance(found, HiddenBug):
        show(f"\nThe answer: {found.answer()}")
    if plot is not None:
        try:
            found.save(plot)
        except (ImportError, OSError, ValueError) as problem:
            show(f"\nno plot was made: {problem}")
            return 2
        show(f"\nplot: {plot}")
    return 0


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
