"""Random draws during a check: the same in every run, and afterwards as if none had been made."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import default_generator

__all__ = ["draws_undone", "random_state", "restore_random_state"]


def random_state() -> Any:
    """Where the generators of this package, NumPy and Python stand."""
    return default_generator.get_state(), np.random.get_state(), random.getstate()


def restore_random_state(state: Any) -> None:
    """Go back to a `random_state`."""
    ours, numpys, pythons = state
    default_generator.set_state(ours)
    np.random.set_state(numpys)
    random.setstate(pythons)


@contextmanager
def draws_undone() -> Iterator[Any]:
    """Leave every generator as it was found; yields that state."""
    state = random_state()
    try:
        yield state
    finally:
        restore_random_state(state)
