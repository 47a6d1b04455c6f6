"""The check from a command line: callables that return an exit code, for whoever parses arguments.

python -m tinygrad_edu.checking pkg.mod:fn --order 2
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .experiments import EXPERIMENTS
from .function_check import gradcheck
from .report import GradReport
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
    show: Callable[[str], object] = print,
) -> int:
    """Check the function that `pkg.mod:fn` names, and print the report.

    The function is either called without arguments and returns `(fn, *inputs)`, or has an attribute
    `gradcheck_inputs` with its inputs (or a function that makes them).

    Parameters
    ----------
    target : str
        `package.module:function`.
    order, method, points, seed
        As for `gradcheck`.
    html : str, optional
        Also write the report to this file.
    show : callable
        Where text goes.

    Returns
    -------
    int
        0 pass, 1 wrong, 2 undecided or not to be checked.
    """
    try:
        fn, inputs = _found(target)
        report = gradcheck(fn, *inputs, order=order, method=method, points=points, seed=seed)
    except (ValueError, TypeError, ImportError, AttributeError) as problem:
        show(f"{target}: {problem}")
        return 2
    show(str(report))
    if html is not None:
        report.to_html(html)
        show(f"written to {html}")
    return exit_code(report)


def _found(target: str) -> tuple[Callable[..., Any], Sequence[Any]]:
    module_name, colon, name = target.partition(":")
    if not colon or not name:
        raise ValueError("expected package.module:function, as in examples.net:loss")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    fn: Any = importlib.import_module(module_name)
    for part in name.split("."):
        fn = getattr(fn, part)
    given = getattr(fn, "gradcheck_inputs", None)
    if given is not None:
        return fn, tuple(given() if callable(given) else given)
    try:
        made = fn()
    except TypeError as problem:
        raise ValueError(
            f"{name} needs arguments: give it an attribute `gradcheck_inputs`, or name a function "
            f"without arguments that returns (fn, *inputs)"
        ) from problem
    if not isinstance(made, tuple) or not made or not callable(made[0]):
        raise ValueError(f"{name}() returned no tuple (fn, *inputs)")
    return made[0], made[1:]


def experiment_command(
    name: str | None = None,
    *,
    plot: str | None = None,
    show: Callable[[str], object] = print,
) -> int:
    """Run an experiment by name: print what to see, and save its plot if a file is named.

    Without a name, list them.
    """
    if name is None:
        for each, run in EXPERIMENTS.items():
            show(f"{each:18} {(run.__doc__ or '').splitlines()[0]}")
        return 0
    if name not in EXPERIMENTS:
        show(f"there is no experiment {name!r}; there is: {', '.join(EXPERIMENTS)}")
        return 2
    found = EXPERIMENTS[name]()
    show(str(found))
    if plot is not None:
        found.save(plot)
        show(f"plot written to {plot}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m tinygrad_edu.checking`."""
    parser = argparse.ArgumentParser(
        prog="python -m tinygrad_edu.checking", description="Check the gradients of a function."
    )
    parser.add_argument("target", help="package.module:function")
    parser.add_argument("--order", type=int, default=1)
    parser.add_argument("--method", default="auto")
    parser.add_argument("--points", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--html", help="also write the report to this file")
    return check_command(**vars(parser.parse_args(arguments)))
