"""Experiments from a command line: a callable that returns an exit code, for whoever parses
arguments."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from typing import Any

from . import EXPERIMENTS, HiddenBug

__all__ = ["experiment_command"]


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
