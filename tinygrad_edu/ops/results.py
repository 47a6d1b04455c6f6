"""Functions of two results return a named tuple that prints as PyTorch's `torch.return_types`."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

__all__ = ["Extreme", "extreme"]


class Extreme(NamedTuple):
    """Values along a dimension, and where they stood."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return (
            f"torch.return_types.{type(self).__name__}(\n"
            f"values={self.values!r},\nindices={self.indices!r})"
        )

    def __reduce__(self) -> Any:
        return extreme, (type(self).__name__, *self)


@functools.cache
def _kind(name: str) -> type[Extreme]:
    return type(name, (Extreme,), {"__slots__": (), "__doc__": Extreme.__doc__})


def extreme(name: str, values: Any, indices: Any) -> Extreme:
    """What the function `name` returns."""
    return _kind(name)(values, indices)
