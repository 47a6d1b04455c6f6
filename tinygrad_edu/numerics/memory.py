"""Memory: freed blocks kept for the next step, and gradients taken over without a copy."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

__all__ = ["keep_freed_memory", "owned"]


def keep_freed_memory() -> None:
    """Have the C library keep large freed blocks for the next step.

    glibc takes blocks over 128 KB from the kernel and gives them back, so that every temporary of a
    few hundred KB costs page faults: half the time of a training step on the digits. Freeing one
    large block, which is never touched, raises that threshold for good. Elsewhere it does nothing.
    """
    np.empty(30 << 20, np.uint8)


def owned(g: Any) -> Any:
    """`g` in row-major memory that nothing else refers to, copied only if it must be.

    For gradients on their way from `run_backward` through `accumulate` to a leaf. A rule may hand
    the same array to several inputs (`a + b` does), or a view of one. What only these calls can
    reach is taken as it is: CPython counts its references.
    """
    if type(g) is not np.ndarray:
        return g if hasattr(type(g), "__array_function__") else np.array(g)
    base = g.base
    flags = g.flags
    tidy = flags.c_contiguous and flags.writeable
    del flags  # it refers to the array, and would be counted
    if tidy:
        if base is None:
            if sys.getrefcount(g) <= SOLE:
                return g
        elif type(base) is np.ndarray and base.size == g.size:
            if sys.getrefcount(base) <= SOLE_BASE:
                return g
    return g.copy(order="C")


def counted(g: Any) -> tuple[int, int]:
    """The reference counts that `owned` reads, of an array and its base."""
    base = g.base
    return sys.getrefcount(g), sys.getrefcount(base)


def passed_on(g: Any) -> tuple[int, int]:
    """A call between holder and counter, as `accumulate` is: its argument is one more reference."""
    return counted(g)


def sole_counts() -> tuple[int, int]:
    """What `owned` counts where nothing else refers to an array: Pythons differ in that."""
    plain: dict[int, Any] = {0: np.zeros(2)}
    views: dict[int, Any] = {0: np.zeros(2).reshape((2, 1))}
    first = second = 0
    for key in list(plain):
        g = plain.pop(key)
        first = passed_on(g)[0]
    for key in list(views):
        g = views.pop(key)
        second = passed_on(g)[1]
    return first, second


SOLE, SOLE_BASE = sole_counts()
keep_freed_memory()
