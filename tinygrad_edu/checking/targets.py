"""What a command line names, `file.py:name` or `package.module:name`, found and checked."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ..nn.module import Module
from .derivation import check_derivation
from .directional import Method
from .function_check import gradcheck
from .module_check import check_module
from .report import GradReport

__all__ = ["TargetError", "check_target"]


class TargetError(ValueError):
    """A target that cannot be found or says nothing that could be checked."""


def check_target(
    target: str,
    *,
    order: int = 1,
    method: Method = "auto",
    points: int = 2,
    seed: int = 0,
) -> GradReport:
    """Check what a target names.

    Parameters
    ----------
    target : str
        `file.py:name` or `package.module:name`. The name is of a function that has an attribute
        `gradcheck_inputs` (its inputs, or a function that makes them), or of one without arguments
        that returns what to check: `fn, *inputs`; or `model, *inputs`, with a row for each
        parameter; or `fn, grad_fn, *inputs`, with a gradient derived by hand.
    order, method, points, seed
        As for `gradcheck`; a gradient derived by hand has no order, a model no method.

    Raises
    ------
    TargetError
        Nothing is found, or nothing that can be checked.
    TypeError, ValueError
        As from `gradcheck`, for inputs that have no derivative.
    """
    subject, inputs = _found(target)
    if isinstance(subject, Module):
        return check_module(subject, *inputs, order=order, points=points, seed=seed)
    if inputs and callable(inputs[0]) and not hasattr(inputs[0], "_data"):
        return check_derivation(
            subject, inputs[0], *inputs[1:], method=method, points=points, seed=seed
        )
    return gradcheck(subject, *inputs, order=order, method=method, points=points, seed=seed)


def _found(target: str) -> tuple[Any, tuple[Any, ...]]:
    """The thing to check, and its inputs."""
    # The last colon: a path may begin with a drive.
    place, colon, name = target.rpartition(":")
    if not colon or not name or not place:
        raise TargetError(
            "expected file.py:name or package.module:name; type net.py:loss for the function loss "
            "in net.py"
        )
    fn: Any = _module(place)
    for part in name.split("."):
        fn = _member(fn, part, place)
    given = getattr(fn, "gradcheck_inputs", None)
    if given is not None:
        return fn, tuple(given() if callable(given) else given)
    if not callable(fn):
        raise TargetError(
            f"{name} is {type(fn).__name__}, and nothing that can be called; name a function"
        )
    try:
        made = fn()
    except TypeError as problem:
        raise TargetError(
            f"{name} needs arguments: give it an attribute `gradcheck_inputs`, or name a function "
            f"without arguments that returns (fn, *inputs)"
        ) from problem
    if not isinstance(made, tuple) or not made or not callable(made[0]):
        raise TargetError(
            f"{name}() returned {type(made).__name__}; expected a tuple (fn, *inputs): write "
            f"return fn, x"
        )
    return made[0], made[1:]


def _module(place: str) -> ModuleType:
    is_file = place.endswith(".py")
    folder = str(Path(place).resolve().parent) if is_file else os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if is_file and not Path(place).is_file():
        near = difflib.get_close_matches(
            Path(place).name, [p.name for p in Path(folder).glob("*.py")], 1
        )
        raise TargetError(f"there is no file {place}" + (f"; is it {near[0]}?" if near else ""))
    try:
        if not is_file:
            return importlib.import_module(place)
        spec = importlib.util.spec_from_file_location(Path(place).stem, place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    except Exception as problem:
        raise TargetError(
            f"{place} cannot be imported: {type(problem).__name__}: {problem}"
        ) from problem


def _member(holder: Any, name: str, place: str) -> Callable[..., Any] | Any:
    if hasattr(holder, name):
        return getattr(holder, name)
    near = difflib.get_close_matches(name, [n for n in dir(holder) if not n.startswith("_")], 1)
    raise TargetError(f"{place} holds no {name}" + (f"; is it {near[0]}?" if near else ""))
