"""Functions of Tensors, called by instruments that know arrays alone."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.mode import changed_mode
from ..engine.traced import Traced, raw, wrap

__all__ = ["arrays_of", "on_arrays"]


def arrays_of(inputs: Sequence[Any]) -> list[Any]:
    """The arrays inside Tensors; other inputs as they are."""
    return [np.array(x._data) if isinstance(x, Traced) else x for x in inputs]


def on_arrays(function: Callable[..., Any], inputs: Sequence[Any]) -> Callable[..., Any]:
    """`function` as one of arrays, if some of its inputs are Tensors: those are given as Tensors.

    What it returns, or the members of a tuple, list or dict it returns, come back as arrays.
    """
    places = {k for k, x in enumerate(inputs) if isinstance(x, Traced)}
    if not places:
        return function

    @functools.wraps(function)
    def call(*arrays: Any) -> Any:
        given = [
            wrap(np.asarray(x)) if k in places and isinstance(x, (np.ndarray, np.generic)) else x
            for k, x in enumerate(arrays)
        ]
        with changed_mode(recording=False):
            return _raw(function(*given))

    return call


def _raw(out: Any) -> Any:
    if isinstance(out, Mapping):
        return {key: raw(x) for key, x in out.items()}
    if isinstance(out, (tuple, list)):
        return type(out)(raw(x) for x in out)
    return raw(out)
