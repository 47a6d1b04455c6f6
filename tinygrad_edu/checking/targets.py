"""What a command line names, checked: a function, a model, or a gradient derived by hand."""

from __future__ import annotations

from typing import Any

from ..nn.module import Module
from ..utils.targets import TargetError, named
from .derivation import check_derivation
from .directional import Method
from .function_check import gradcheck
from .module_check import check_module
from .report import GradReport

__all__ = ["check_target"]


def check_target(
    target: str, *, order: int = 1, method: Method = "auto", points: int = 2, seed: int = 0
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
    try:
        found = named(target, to="check")
    except TargetError:
        raise
    except Exception as problem:
        raise TargetError(
            f"{target.rpartition(':')[0]} cannot be imported: {type(problem).__name__}: {problem}"
        ) from problem
    fn, name = found.value, found.name
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
