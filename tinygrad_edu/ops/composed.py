"""Composed functions: what one calls is marked with its name, so that it is drawn as one box."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, overload

from ..engine.events import LISTENERS, tell
from ..engine.mode import MODE, SCOPES, current_mode
from .views import set_out

__all__ = ["CLOSED_FORMS", "composed"]

F = TypeVar("F", bound=Callable[..., Any])

# What a composed function's derivative comes to, in words, for the folded box of the graph view.
CLOSED_FORMS: dict[str, str] = {}


@overload
def composed(function: F) -> F: ...
@overload
def composed(
    function: None = None, *, closed_form: str = "", loss: bool = False
) -> Callable[[F], F]: ...
def composed(function: F | None = None, *, closed_form: str = "", loss: bool = False) -> Any:
    """Mark a function as a composition: every primitive it calls carries its name as scope.

    Parameters
    ----------
    closed_form : str
        The gradient with respect to the first input, written with NumPy names and `x`, `y`, `g`.
    loss : bool
        Whether it is a loss, of an input and a target: those who listen are told of each call.
    """
    if function is None:
        return functools.partial(composed, closed_form=closed_form, loss=loss)
    label = function.__name__
    if closed_form:
        CLOSED_FORMS[label] = closed_form
    if not SCOPES:
        return function

    code: Any = getattr(function, "__code__", None)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    own_out = "out" in names

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if "out" in kwargs and not own_out:
            brought = kwargs.pop("out")
            result = call(*args, **kwargs)
            return result if brought is None else set_out(brought, result, label)
        if loss and LISTENERS:
            tell("loss_called", label, *[*args, *kwargs.values()][:2])
        mode = MODE.get()
        if mode is None:
            mode = current_mode()
        outer = mode.scope
        mode.scope = (label, function, outer)
        try:
            return function(*args, **kwargs)
        finally:
            mode.scope = outer

    return call
