"""Memory that another library owns: `frombuffer`, and DLPack, the protocol that libraries share."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensors.creation import from_numpy, made

__all__ = ["from_dlpack", "frombuffer", "to_dlpack"]


def frombuffer(
    buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Any:
    """A tensor over the memory of `bytes`, `bytearray`, `array.array`, … of one dimension.

    Parameters
    ----------
    dtype : dtype
        What the bytes are.
    count : int
        How many entries; −1 for all.
    offset : int
        Bytes to skip.

    Raises
    ------
    ValueError
        If there are no bytes, or they are too few or no whole number of entries.
    """
    size, kind = memoryview(buffer).nbytes, np.dtype(dtype)
    room = size - offset
    wrong = None
    if size == 0:
        wrong = "the buffer is empty"
    elif not 0 <= offset < size:
        wrong = f"offset ({offset} bytes) must be within the buffer ({size} bytes)"
    elif count < 0 and room % kind.itemsize:
        wrong = f"{room} bytes are no whole number of entries of {kind.itemsize}"
    elif count == 0 or count * kind.itemsize > room:
        wrong = f"{count} entries of {kind.itemsize} bytes do not fit into {room} bytes"
    if wrong:
        raise ValueError(f"frombuffer: {wrong}")
    return made(np.frombuffer(buffer, kind, count, offset), requires_grad)


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Any:
    """A tensor over the memory of another library's array (anything with `__dlpack__`)."""
    array = np.from_dlpack(ext_tensor)
    return from_numpy(array.copy() if copy else array)


def to_dlpack(tensor: Any) -> Any:
    """The tensor's memory as a DLPack capsule; `from_dlpack(tensor)` needs none."""
    return tensor.__dlpack__()
