"""Padding, by a constant or by the tensor's own entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..primitives import indexing, shaping
from .composed import composed
from .selection import index_along

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

take = indexing.getitem.record


def spans(pad: Sequence[int], rank: int, name: str) -> list[tuple[int, int]]:
    """PyTorch's flat list of widths, last dimension first, as one pair for each of `rank` axes."""
    widths = [int(n) for n in pad]
    if len(widths) % 2:
        raise RuntimeError(
            f"{name}: Padding length must be divisible by 2 (a width before and one after for each "
            f"dimension, the last first), got {widths}"
        )
    if len(widths) > 2 * rank:
        raise RuntimeError(
            f"{name}: Padding length should be less than or equal to two times the input "
            f"dimension, got {len(widths)} widths for {rank} dimensions"
        )
    pairs = [(widths[i], widths[i + 1]) for i in range(0, len(widths), 2)]
    return [(0, 0)] * (rank - len(pairs)) + pairs[::-1]


def cut(x: Any, pairs: Sequence[tuple[int, int]]) -> Any:
    """`x` without what negative widths take away."""
    if all(a >= 0 and b >= 0 for a, b in pairs):
        return x
    shape = x._data.shape
    parts = tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(shape, pairs, strict=True))
    return take(x, parts)


def constant_padded(x: Any, pairs: Sequence[tuple[int, int]], value: float) -> Any:
    """`x` with `value` around it; negative widths cut."""
    wide = tuple((max(a, 0), max(b, 0)) for a, b in pairs)
    y = cut(x, pairs)
    if any(n < 0 for n in y._data.shape) or any(
        n + a + b < 0 for n, (a, b) in zip(x._data.shape, pairs, strict=True)
    ):
        raise RuntimeError(
            f"pad: negative widths {list(pairs)} cut more than shape {tuple(x._data.shape)} holds"
        )
    return shaping.pad.record(y, wide, value) if any(a or b for a, b in wide) else y


def piece(x: Any, axis: int, start: int, stop: int) -> Any:
    """The entries from `start` up to `stop` along one dimension; None where there are none."""
    return None if start == stop else take(x, index_along(axis, slice(start, stop)))


# Each of the following answers what goes before and what goes after `x`, None for a width of 0.


def reflected(x: Any, axis: int, before: int, after: int) -> tuple[Any, Any]:
    """Mirrored at the first and the last entry, which are not repeated."""
    n = x._data.shape[axis]
    if before >= n or after >= n:
        raise RuntimeError(
            f"pad: Padding size should be less than the corresponding input dimension, but got: "
            f"padding ({before}, {after}) at dimension {axis} of input {list(x._data.shape)}"
        )

    def turned(part: Any) -> Any:
        return None if part is None else shaping.flip.record(part, axis)

    first = turned(piece(x, axis, 1, before + 1))
    return first, turned(piece(x, axis, n - 1 - after, n - 1))


def replicated(x: Any, axis: int, before: int, after: int) -> tuple[Any, Any]:
    """The first and the last entry repeated."""
    shape = x._data.shape

    def repeated(place: int, width: int) -> Any:
        wide = (*shape[:axis], width, *shape[axis + 1 :])
        return shaping.expand.record(piece(x, axis, place, place + 1), wide) if width else None

    return repeated(0, before), repeated(shape[axis] - 1, after)


def wound(x: Any, axis: int, before: int, after: int) -> tuple[Any, Any]:
    """As on a ring: before the first entry comes the last."""
    n = x._data.shape[axis]
    if before > n or after > n:
        raise RuntimeError(
            f"pad: Padding value causes wrapping around more than once: padding ({before}, "
            f"{after}) at dimension {axis} of input {list(x._data.shape)}"
        )
    return piece(x, axis, n - before, n), piece(x, axis, 0, after)


MODES = {"reflect": reflected, "replicate": replicated, "circular": wound}


@composed
def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Entries added before and after dimensions.

    Parameters
    ----------
    pad : sequence of int
        Widths (before, after) of the last dimension, then of the one before it, and so on; a
        negative width cuts.
    mode : "constant", "reflect", "replicate" or "circular"
    value : float
        The constant.

    Raises
    ------
    RuntimeError
        If there are more widths than dimensions, or a reflection is wider than its dimension.
    """
    pairs = spans(pad, input._data.ndim, "pad")
    if mode == "constant":
        return constant_padded(input, pairs, 0.0 if value is None else value)  # type: ignore[no-any-return]
    if mode not in MODES:
        raise NotImplementedError(f"pad: mode {mode!r} is not one of constant, {', '.join(MODES)}")
    if value:
        raise ValueError(f'Padding mode "{mode}" doesn\'t take in value argument')
    negative = [(min(a, 0), min(b, 0)) for a, b in pairs]
    out: Any = cut(input, negative) if mode == "circular" else input
    for axis in reversed(range(input._data.ndim)):
        before, after = pairs[axis]
        if max(before, after) > 0:
            first, last = MODES[mode](out, axis, max(before, 0), max(after, 0))
            out = shaping.cat.record([x for x in (first, out, last) if x is not None], axis)
    return out if mode == "circular" else cut(out, negative)  # type: ignore[no-any-return]
