"""Modules made without drawing initial values, to be filled at once: `skip_init`."""

from __future__ import annotations

from typing import Any

from ...generator import fork_rng
from ..module import Module

__all__ = ["skip_init"]


def skip_init(module_cls: type[Module], *args: Any, **kwargs: Any) -> Module:
    """A module whose parameters are yet to be set; the generator stays where it is.

    PyTorch leaves the memory unset; the values here are not to be relied on either.

    Raises
    ------
    RuntimeError
        If it is no class of modules.
    """
    if not (isinstance(module_cls, type) and issubclass(module_cls, Module)):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    with fork_rng():
        return module_cls(*args, **kwargs)
