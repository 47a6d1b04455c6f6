"""What a command line names, `FILE.py:NAME` or `package.module:NAME`: run, and looked up."""

from __future__ import annotations

import difflib
import importlib
import os
import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["NoSuchFile", "NoSuchName", "Target", "TargetError", "named"]


class TargetError(ValueError):
    """A target that is not of that form, or holds nothing that can be used."""


class NoSuchFile(TargetError, FileNotFoundError):
    """There is no file of that name."""


class NoSuchName(TargetError, AttributeError):
    """The file or module holds no such name."""


@dataclass(frozen=True)
class Target:
    """What was named.

    Attributes
    ----------
    place, name : str
        The two sides of the colon.
    value : object
        What the name holds.
    variables : mapping
        All that the file or module holds.
    """

    place: str
    name: str
    value: Any
    variables: Mapping[str, Any]


def named(target: str, *, to: str, fits: Callable[[Any], bool] | None = None) -> Target:
    """Run a file, or import a module, and find a name in it.

    The folder of a file, or else the working directory, stays on the path: functions may import
    their neighbours when they are called.

    Parameters
    ----------
    target : str
        The name may have dots: `net.py:Net.loss`.
    to : str
        What it is wanted for, in messages: "draw", "check".
    fits : callable, optional
        Whether a value can be used so; where the name is not found, names of such are offered.

    Raises
    ------
    TargetError
        `target` is not of that form.
    NoSuchFile, NoSuchName
    Exception
        Whatever the file raises.
    """
    # The last colon: a path may begin with a drive.
    place, _, name = target.rpartition(":")
    if not place or not all(part.isidentifier() for part in name.split(".")):
        raise TargetError(
            f"{target!r} does not say what to {to}; write FILE.py:NAME or package.module:NAME, as "
            f"in xor.py:loss"
        )
    path = Path(place)
    is_file = path.suffix == ".py" or path.is_file()
    folder = str(path.resolve().parent) if is_file else os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if is_file and not path.is_file():
        near = difflib.get_close_matches(path.name, [p.name for p in Path(folder).glob("*.py")], 1)
        raise NoSuchFile(f"there is no file {place!r} to run{_is_it(near)}")
    variables = runpy.run_path(place) if is_file else vars(importlib.import_module(place))
    first, *rest = name.split(".")
    if first not in variables:
        ran = " after it has run" if is_file else ""
        raise NoSuchName(f"{place} has no {first!r}{ran}{_offered(first, variables, to, fits)}")
    value = variables[first]
    for part in rest:
        if not hasattr(value, part):
            near = difflib.get_close_matches(part, dir(value), 1)
            raise NoSuchName(f"{first} of {place} has no {part!r}{_is_it(near)}")
        value = getattr(value, part)
    return Target(place, name, value, variables)


def _offered(
    name: str, variables: Mapping[str, Any], to: str, fits: Callable[[Any], bool] | None
) -> str:
    """What could have been meant."""
    public = [n for n in variables if not n.startswith("_")]
    fitting = [n for n in public if fits is not None and fits(variables[n])]
    if fitting:
        return f"; what it has to {to}: {', '.join(fitting)}"
    return _is_it(difflib.get_close_matches(name, public, 1))


def _is_it(near: list[str]) -> str:
    return f"; is it {near[0]}?" if near else ""
