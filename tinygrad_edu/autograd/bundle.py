"""Several outputs of one call: their cotangents travel as one value, a `Bundle`.

A call with several outputs leaves one node whose shape is the tuple of their shapes, and each
output is an `output` node that picks one. The sweep adds what arrives and compares shapes, and so
a bundle has `+`, `shape` and `dtype`, and need be nothing more.
"""

from __future__ import annotations

from typing import Any

from ..engine.primitive import INDEX, Primitive

__all__ = ["OUTPUT", "Bundle"]


class Bundle:
    """Cotangents of the outputs of one call.

    Attributes
    ----------
    parts : dict
        From an output's number to its cotangent; what nothing flowed into is missing.
    shape, dtype : tuple
        Those of all outputs.
    """

    __slots__ = ("dtype", "parts", "shape")

    def __init__(
        self, parts: dict[int, Any], shape: tuple[tuple[int, ...], ...], dtype: tuple[Any, ...]
    ) -> None:
        self.parts = parts
        self.shape = shape
        self.dtype = dtype

    def __add__(self, other: Bundle) -> Bundle:
        parts = dict(self.parts)
        for i, g in other.parts.items():
            parts[i] = parts[i] + g if i in parts else g
        return Bundle(parts, self.shape, self.dtype)

    def astype(self, dtype: tuple[Any, ...]) -> Bundle:
        """Itself, with the node's own tuple of dtypes: its parts are cast where they are used."""
        return Bundle(self.parts, self.shape, dtype)

    def __repr__(self) -> str:
        return f"Bundle({self.parts})"


def _pick(several: Any, index: int, dtypes: Any = None) -> Any:
    return several[index]


# One of several outputs. It is never called by users, so it is in no table.
OUTPUT = Primitive(
    _pick,
    {
        "x": lambda g, index, x_shape, dtypes: Bundle({index: g}, x_shape, dtypes),
    },
    params={"index": 0, "dtypes": ()},
    family=INDEX,
    name="output",
)
