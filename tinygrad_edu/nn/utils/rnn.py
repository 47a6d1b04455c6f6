"""Sequences of different lengths: padded to one length, or packed step by step.

Packing sorts sequences by length, longest first, and puts all their first steps one after the
other, then all second steps, and so on: no step is computed on padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...engine.traced import raw, wrap
from ...ops.joining import stack
from ...primitives import indexing, shaping
from ...tensors.tensor import Tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class PackedSequence(NamedTuple):
    """Sequences packed step by step.

    Attributes
    ----------
    data : Tensor (steps in all, …)
        The first step of every sequence, longest first, then the second steps, and so on.
    batch_sizes : Tensor (longest,)
        How many sequences have each step.
    sorted_indices, unsorted_indices : Tensor or None
        The order of the sequences by length, and back.
    """

    data: Any
    batch_sizes: Any
    sorted_indices: Any = None
    unsorted_indices: Any = None

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """With the data in another dtype."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def cpu(self) -> PackedSequence:
        """These sequences: they are on the CPU."""
        return self

    def double(self) -> PackedSequence:
        """With the data in float64."""
        return self._replace(data=self.data.double())

    def float(self) -> PackedSequence:
        """With the data in float32."""
        return self._replace(data=self.data.float())


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes one; None for None."""
    if permutation is None:
        return None
    order = np.asarray(raw(permutation))
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return wrap(back)


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Padded sequences (steps, batch, …) packed, given how long each is.

    Parameters
    ----------
    enforce_sorted : bool
        Demand that the longest comes first; False sorts here.

    Raises
    ------
    RuntimeError
        If a length is not positive or too large, or the lengths do not decrease.
    """
    long = np.asarray(raw(lengths)).astype(np.int64).reshape(-1)
    order = None
    if not enforce_sorted:
        order = np.argsort(-long, kind="stable")
        long = long[order]
        along = 0 if batch_first else 1
        input = indexing.getitem.record(input, (slice(None),) * along + (order,))
    x = shaping.permute.record(input, (1, 0, *range(2, input._data.ndim))) if batch_first else input
    steps, batch = x._data.shape[:2]
    if long.size != batch:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {long.size} (batch_size="
            f"{batch})"
        )
    if not batch or long.min() <= 0:
        raise RuntimeError(
            f"Length of all samples has to be greater than 0, but found an element in 'lengths' "
            f"that is <= 0: {long.tolist()}"
        )
    if (np.diff(long) > 0).any():
        raise RuntimeError(
            f"`lengths` array must be sorted in decreasing order when `enforce_sorted` is True, "
            f"got {long.tolist()}. You can pass `enforce_sorted=False` to pack_padded_sequence to "
            f"sidestep this requirement"
        )
    if long[0] > steps:
        raise RuntimeError(
            f"Expected the longest length ({long[0]}) to be at most the {steps} steps of input "
            f"{tuple(input._data.shape)}"
        )
    sizes = (long[None, :] > np.arange(int(long[0]))[:, None]).sum(1)
    parts = [indexing.getitem.record(x, (t, slice(0, int(n)))) for t, n in enumerate(sizes)]
    sorted_indices = None if order is None else wrap(order)
    return PackedSequence(
        shaping.cat.record(parts, 0),
        wrap(sizes),
        sorted_indices,
        invert_permutation(sorted_indices),
    )


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Packed sequences padded to one length, (steps, batch, …), and how long each is.

    Raises
    ------
    ValueError
        If `total_length` is less than the longest sequence.
    """
    sizes = np.asarray(raw(sequence.batch_sizes))
    longest, batch = len(sizes), int(sizes[0])
    steps = longest if total_length is None else total_length
    if steps < longest:
        raise ValueError(
            f"Expected total_length to be at least the length of the longest sequence in input, "
            f"but got total_length={total_length} and max sequence length being {longest}"
        )
    data = sequence.data
    lengths = (sizes[:, None] > np.arange(batch)[None, :]).sum(0)
    time, place = np.nonzero(sizes[:, None] > np.arange(batch)[None, :])
    empty = wrap(np.full((steps, batch, *data._data.shape[1:]), padding_value, data._data.dtype))
    out = indexing.setitem.record(empty, data, (time, place))
    if sequence.unsorted_indices is not None:
        back = np.asarray(raw(sequence.unsorted_indices))
        out = indexing.getitem.record(out, (slice(None), back))
        lengths = lengths[back]
    if batch_first:
        out = shaping.permute.record(out, (1, 0, *range(2, out._data.ndim)))
    return out, wrap(lengths)


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences (length, …) side by side, (longest, batch, …), filled up with `padding_value`."""
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"padding_side must be 'left' or 'right', got {padding_side!r}")
    held = list(sequences)
    if not held:
        raise RuntimeError("pad_sequence: received an empty list of sequences")
    longest = max(x._data.shape[0] for x in held)
    rest = held[0]._data.shape[1:]
    padded = []
    for x in held:
        if x._data.shape[1:] != rest:
            raise RuntimeError(
                f"pad_sequence: sequences may differ in length alone, got shapes "
                f"{[tuple(y._data.shape) for y in held]}"
            )
        gap = longest - x._data.shape[0]
        side = (gap, 0) if padding_side == "left" else (0, gap)
        widths = (side, *((0, 0) for _ in rest))
        padded.append(shaping.pad.record(x, widths, padding_value) if gap else x)
    return stack(padded, 0 if batch_first else 1)


def unpad_sequence(
    padded_sequences: Tensor, lengths: Any, batch_first: bool = False
) -> list[Tensor]:
    """The sequences of a padded batch, each in its own length."""
    axis = 0 if batch_first else 1
    return [
        indexing.getitem.record(padded_sequences, (slice(None),) * axis + (i,))[: int(n)]
        for i, n in enumerate(np.asarray(raw(lengths)))
    ]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences of different lengths packed."""
    lengths = [x._data.shape[0] for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences of a pack, each in its own length."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
