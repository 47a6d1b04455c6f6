"""Padding as layers."""

from __future__ import annotations

from typing import Any

from ..ops.padding import pad
from ..tensors.tensor import Tensor
from .module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    """Entries added around the last dimensions.

    Parameters
    ----------
    padding : int or sequence of int
        One width for every side, or widths (before, after) of the last dimension, then of the one
        before it, and so on.
    """

    _dimensions = 0
    _mode = "constant"
    value = 0.0

    def __init__(self, padding: Any) -> None:
        super().__init__()
        count = 2 * self._dimensions
        widths = (padding,) * count if isinstance(padding, int) else tuple(padding)
        if len(widths) != count:
            raise ValueError(
                f"{type(self).__name__}: expected one width or {count} (before and after, the last "
                f"dimension first), got {padding}"
            )
        self.padding = widths

    def forward(self, input: Tensor) -> Tensor:
        """The input padded."""
        return pad(input, self.padding, self._mode, self.value)

    def extra_repr(self) -> str:
        """The widths."""
        return f"{self.padding}"


class _ConstantPadNd(_Pad):
    """A constant around."""

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        """The widths and the constant."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """A constant before and after sequences."""

    _dimensions = 1


class ConstantPad2d(_ConstantPadNd):
    """A constant around images."""

    _dimensions = 2


class ConstantPad3d(_ConstantPadNd):
    """A constant around volumes."""

    _dimensions = 3


class ZeroPad1d(_Pad):
    """Zeros before and after sequences."""

    _dimensions = 1


class ZeroPad2d(_Pad):
    """Zeros around images."""

    _dimensions = 2


class ZeroPad3d(_Pad):
    """Zeros around volumes."""

    _dimensions = 3


class ReflectionPad1d(_Pad):
    """Sequences mirrored at their ends."""

    _dimensions, _mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Images mirrored at their edges."""

    _dimensions, _mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """Volumes mirrored at their faces."""

    _dimensions, _mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """Sequences with their ends repeated."""

    _dimensions, _mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """Images with their edges repeated."""

    _dimensions, _mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """Volumes with their faces repeated."""

    _dimensions, _mode = 3, "replicate"


class CircularPad1d(_Pad):
    """Sequences as on a ring."""

    _dimensions, _mode = 1, "circular"


class CircularPad2d(_Pad):
    """Images as on a torus."""

    _dimensions, _mode = 2, "circular"


class CircularPad3d(_Pad):
    """Volumes as on a torus."""

    _dimensions, _mode = 3, "circular"
