"""Derivatives along a direction, found beside the values: PyTorch's dual numbers.

Here nothing is computed beside: the tangent is found when it is asked for, by differentiating the
graph of the value twice (see `func.jvp`). Values and tangents are PyTorch's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..engine.backward import gradients
from ..engine.mode import changed_mode
from ..engine.traced import Traced, raw, wrap
from ..primitives.elementwise import positive

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]


class UnpackedDualTensor(NamedTuple):
    """A value, and how it moves along the tangents of the inputs (None: not at all)."""

    primal: Any
    tangent: Any


# For each level that is open, the tensors that were given a tangent there.
LEVELS: list[list[tuple[Any, Any]]] = []


def enter_dual_level() -> int:
    """Open a level; there is one at a time, as in PyTorch."""
    if LEVELS:
        raise RuntimeError(
            "Nested forward mode AD is not supported at the moment: exit the level that is open; "
            "func.jvp can be nested"
        )
    LEVELS.append([])
    return len(LEVELS) - 1


def exit_dual_level(*, level: int | None = None) -> None:
    """Close the level, and forget its tangents."""
    if not LEVELS:
        raise RuntimeError("exit_dual_level: no dual level is open")
    LEVELS.pop()


@contextmanager
def dual_level() -> Iterator[int]:
    """A block in which tensors can have tangents."""
    level = enter_dual_level()
    try:
        yield level
    finally:
        exit_dual_level()


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Any:
    """The tensor with a direction to move in.

    Raises
    ------
    RuntimeError
        Outside a level, or for a tangent of another shape or dtype.
    """
    if not LEVELS:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first."
        )
    if raw(tensor).shape != raw(tangent).shape or raw(tensor).dtype != raw(tangent).dtype:
        raise RuntimeError(
            f"make_dual: expected a tangent of the tensor's shape and dtype, got "
            f"{tuple(raw(tangent).shape)}, {raw(tangent).dtype} for {tuple(raw(tensor).shape)}, "
            f"{raw(tensor).dtype}"
        )
    with changed_mode(recording=True):
        if tensor._node is None:
            dual = wrap(tensor._data).requires_grad_()
        else:
            dual = positive.record(tensor)
    LEVELS[-1].append((dual, tangent))
    return dual


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """The value, and the tangent it has in the level that is open."""
    value = tensor.detach()
    if not LEVELS or not isinstance(tensor, Traced) or tensor._node is None:
        return UnpackedDualTensor(value, None)
    inputs = [x for x, _ in LEVELS[-1]]
    for x, tangent in LEVELS[-1]:
        if x is tensor:
            return UnpackedDualTensor(value, tangent)
    with changed_mode(recording=True):
        # u ↦ uᵀJ is linear, and its derivative along v is Jv.
        u = wrap(np.zeros_like(tensor._data)).requires_grad_()
        pulled = gradients([tensor], inputs, [u], True, True, True, False)
        pairs = [
            (p, v)
            for p, (_, v) in zip(pulled, LEVELS[-1], strict=True)
            if p is not None and p._node is not None
        ]
        if not pairs:
            reached = any(p is not None for p in pulled)
            return UnpackedDualTensor(value, wrap(np.zeros_like(tensor._data)) if reached else None)
        (moved,) = gradients(
            [p for p, _ in pairs], [u], [v for _, v in pairs], True, False, True, False
        )
    return UnpackedDualTensor(value, moved)
