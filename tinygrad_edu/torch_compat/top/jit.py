"""`torch.jit`: PyTorch's older compiler. Functions and modules run here as they are written."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = [
    "compile",
    "export",
    "ignore",
    "is_scripting",
    "is_tracing",
    "load",
    "save",
    "script",
    "trace",
]


def script(obj: Any, *args: Any, **kwargs: Any) -> Any:
    """The function or module itself: there is nothing to compile to, and results are the same."""
    return obj


def trace(func: Any, example_inputs: Any = None, *args: Any, **kwargs: Any) -> Any:
    """The function or module itself, which follows every branch where PyTorch keeps one."""
    return func


def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """A decorator that changes nothing."""
    return drop if callable(drop) else lambda function: function


def export(fn: Any) -> Any:
    """The function itself."""
    return fn


def is_scripting() -> bool:
    """Whether code is being compiled: False."""
    return False


def is_tracing() -> bool:
    """Whether code is being traced: False."""
    return False


def refuse(what: str) -> NoReturn:
    """Raise: there is no compiled form to write or read."""
    raise NotImplementedError(
        f"torch.jit.{what} is not built: there is no compiled form. Use torch.save(model."
        f"state_dict(), path) and model.load_state_dict(torch.load(path))."
    )


def save(m: Any, f: Any, *args: Any, **kwargs: Any) -> None:
    """Raises NotImplementedError; save the state_dict."""
    refuse("save()")


def load(f: Any, *args: Any, **kwargs: Any) -> Any:
    """Raises NotImplementedError; load a state_dict."""
    refuse("load()")


def compile(
    model: Any = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: Any = "inductor",
    mode: str | None = None,
    options: Any = None,
    disable: bool = False,
) -> Any:
    """The function or module itself, or a decorator that returns it: nothing is compiled.

    PyTorch answers with something faster that computes the same; what is computed is the same here
    too. The settings are taken for its sake.
    """
    return (lambda function: function) if model is None else model
