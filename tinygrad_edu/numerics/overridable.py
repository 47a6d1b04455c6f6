"""Functions of ours that answer to other kinds of arrays, as NumPy's own functions do."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["overridable"]

PLAIN = frozenset(
    {np.ndarray, int, float, bool, type(None), np.float32, np.float64, np.dtype, slice}
)


def _overrides(x: Any) -> bool:
    """Whether `x` is of a kind that wants to be asked (a Tensor, a symbol), and no array."""
    return x.__class__ not in PLAIN and hasattr(x.__class__, "__array_function__")


def overridable(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of ours be written in rules like one of NumPy's.

    On arrays it runs as it is; handed anything that implements `__array_function__` (a Tensor, a
    symbol) it asks that, exactly as NumPy's own functions do. What it was made of is its `raw`.
    """

    @functools.wraps(forward)
    def call(*args: Any, **kwargs: Any) -> Any:
        first = args[0]
        for x in args:
            kind = x.__class__
            if kind in PLAIN:
                continue
            if kind is tuple or kind is list:
                if x is not first:
                    continue
                found = next((p for p in x if _overrides(p)), None)
                if found is None:
                    continue
                x, kind = found, found.__class__
            if _overrides(x):
                return x.__array_function__(call, (kind,), args, kwargs)
        return forward(*args, **kwargs)

    call.__dict__["raw"] = forward
    return call
