"""How a tensor lies in memory, and what kind it is: `storage`, `data_ptr`, `resize_`, …"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..engine.saved import written
from ..engine.traced import raw
from ..engine.traced import wrap as made
from .elementwise import part
from .joining import chunk, split, split_with_sizes
from .shaping import narrow, sizes, transpose
from .type_and_device import new_empty, new_tensor

__all__ = [
    "Storage",
    "adjoint",
    "apply_",
    "data_ptr",
    "dlpack",
    "dlpack_device",
    "fill_diagonal_",
    "get_device",
    "imag",
    "is_nonzero",
    "is_same_size",
    "is_signed",
    "map_",
    "narrow_copy",
    "never",
    "new",
    "resize_",
    "resize_as_",
    "storage",
    "storage_offset",
    "to_dense",
    "unsafe_chunk",
    "unsafe_split",
    "unsafe_split_with_sizes",
]


def memory(array: Any) -> Any:
    """The whole stretch of memory that an array is a view of, as an array of one dimension."""
    root = array
    while isinstance(root.base, np.ndarray):
        root = root.base
    if root.dtype != array.dtype or not (root.flags.c_contiguous or root.flags.f_contiguous):
        return array.reshape(-1)
    return root.reshape(-1, order="A")


class Storage:
    """The memory behind a tensor and its views: one row of numbers, whatever their shapes.

    Writing into it writes into all of them, and nothing records that.

    Parameters
    ----------
    array : array, one-dimensional
    """

    def __init__(self, array: Any) -> None:
        self._array = array

    @property
    def dtype(self) -> Any:
        """The dtype of the entries."""
        return self._array.dtype

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return int(self._array.ctypes.data)

    def size(self) -> int:
        """How many entries there are."""
        return int(self._array.size)

    __len__ = size

    def nbytes(self) -> int:
        """How many bytes there are."""
        return int(self._array.nbytes)

    def element_size(self) -> int:
        """The bytes of one entry."""
        return int(self._array.itemsize)

    def tolist(self) -> list[Any]:
        """The entries as Python numbers."""
        return self._array.tolist()  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        part = self._array[index]
        return Storage(part) if isinstance(index, slice) else part.item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self._array[index] = value
        written(self._array)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __repr__(self) -> str:
        rows = "".join(f" {x}\n" for x in self.tolist())
        kind = f"dtype=torch.{self.dtype}, device=cpu"
        return f"{rows}[torch.storage.TypedStorage({kind}) of size {len(self)}]"


def storage(self: Any) -> Storage:
    """The memory that this tensor shares with its views."""
    return Storage(memory(self._data))


def data_ptr(self: Any) -> int:
    """The address of the first entry: equal where two tensors begin in the same place."""
    return int(self._data.ctypes.data)


def storage_offset(self: Any) -> int:
    """How many entries of the storage come before this tensor's first."""
    return int((self._data.ctypes.data - memory(self._data).ctypes.data) // self._data.itemsize)


def get_device(self: Any) -> int:
    """The number of the GPU that holds it: −1, for the CPU."""
    return -1


def is_signed(self: Any) -> bool:
    """Whether the dtype has negative numbers."""
    return bool(self._data.dtype.kind in "ifc")


def is_nonzero(self: Any) -> bool:
    """Whether the only entry is not 0."""
    return bool(self)


def imag(self: Any) -> Any:
    """The imaginary parts. Raises RuntimeError for real entries."""
    if self._data.dtype.kind == "c":
        return part(self, np.imag)
    raise RuntimeError(
        f"imag is not implemented for tensors with non-complex dtypes, such as {self._data.dtype}"
    )


def is_same_size(self: Any, other: Any) -> bool:
    """Whether both have the same shape."""
    return bool(self._data.shape == raw(other).shape)


def never(what: str) -> Callable[[Any], bool]:
    """A question that every tensor here answers with no (`x.is_pinned()`)."""

    def call(self: Any) -> bool:
        return False

    call.__doc__ = f"Whether it is {what}: no."
    return call


def new(self: Any, *data: Any, device: Any = None) -> Any:
    """A tensor of this one's dtype: of given sizes (zeros here), or of a given list of numbers.

    PyTorch's oldest form; `new_zeros` and `new_tensor` say which is meant.
    """
    if not data:
        return new_empty(self, 0, device=device)
    if len(data) == 1 and not isinstance(data[0], int):
        given = data[0]
        if isinstance(given, tuple) and type(given) is not tuple:  # a Size
            return new_empty(self, given, device=device)
        return new_tensor(self, given, device=device)
    return new_empty(self, *data, device=device)


def adjoint(self: Any) -> Any:
    """The last two dimensions swapped (and the conjugate, of which real entries have none)."""
    return transpose(self, -2, -1)


def to_dense(self: Any, dtype: Any = None, *, masked_grad: bool | None = None) -> Any:
    """This tensor, which is dense."""
    return self if dtype is None else self.to(dtype)


# New tensors where PyTorch promises no view -------------------------------------------------------


def narrow_copy(input: Any, dim: int, start: Any, length: int) -> Any:
    """`narrow`, copied."""
    return narrow(input, dim, start, length).clone()


def unsafe_chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """`chunk`; PyTorch's is unsafe in that it does not watch writes to the parts, this one does."""
    return chunk(input, chunks, dim)


def unsafe_split(input: Any, split_size: Any, dim: int = 0) -> Any:
    """`split`, as `unsafe_chunk` is `chunk`."""
    return split(input, split_size, dim)


def unsafe_split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    """`split_with_sizes`, as `unsafe_chunk` is `chunk`."""
    return split_with_sizes(input, split_sizes, dim)


# In place -----------------------------------------------------------------------------------------


def fill_diagonal_(self: Any, fill_value: float, wrap: bool = False) -> Any:
    """Make the main diagonal `fill_value`; with `wrap`, begin again below in a tall matrix.

    Raises
    ------
    RuntimeError
        For fewer than two dimensions, or more than two of different sizes.
    """
    shape = self._data.shape
    if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
        raise RuntimeError(
            f"fill_diagonal_: expected a matrix, or more dimensions of one size, got shape "
            f"{tuple(shape)}"
        )
    mask = np.zeros(shape, bool)
    np.fill_diagonal(mask, True, wrap=wrap)
    return self.masked_fill_(made(mask), fill_value)


def refuse_recorded(self: Any, name: str, instead: str) -> None:
    """Raise for a tensor whose derivative would be lost."""
    if self._node is not None:
        raise RuntimeError(
            f"{name}: a tensor that requires grad (shape {tuple(self._data.shape)}) cannot be "
            f"changed this way, since no derivative would be known; {instead}"
        )


def apply_(self: Any, callable: Callable[[Any], Any]) -> Any:
    """Put `callable(entry)` in the place of every entry; slow, a call for each.

    Raises
    ------
    RuntimeError
        For a tensor that requires grad.
    """
    refuse_recorded(self, "apply_", "write the function with tensor operations")
    self._data[...] = np.asarray([callable(x) for x in self._data.reshape(-1).tolist()]).reshape(
        self._data.shape
    )
    written(self._data)
    return self


def map_(self: Any, tensor: Any, callable: Callable[[Any, Any], Any]) -> Any:
    """Put `callable(entry, entry of tensor)` in the place of every entry; `tensor` is broadcast."""
    refuse_recorded(self, "map_", "write the function with tensor operations")
    other = np.broadcast_to(raw(tensor), self._data.shape)
    pairs = zip(self._data.reshape(-1).tolist(), other.reshape(-1).tolist(), strict=True)
    self._data[...] = np.asarray([callable(a, b) for a, b in pairs]).reshape(self._data.shape)
    written(self._data)
    return self


def resize_(self: Any, *size: Any, memory_format: Any = None) -> Any:
    """Another shape over the same memory; where that has too few entries, zeros follow.

    PyTorch leaves what follows unset, and so its value is not to be relied on.

    Raises
    ------
    RuntimeError
        For a tensor that requires grad.
    """
    refuse_recorded(self, "resize_", "use reshape, or F.pad for a larger one")
    shape = sizes(size)
    count = math.prod(shape)
    row = memory(self._data)[storage_offset(self) :]
    if count > row.size:
        row = np.concatenate([row, np.zeros(count - row.size, row.dtype)])
    self._data = row[:count].reshape(shape)
    self._view = None
    return self


def resize_as_(self: Any, the_template: Any, *, memory_format: Any = None) -> Any:
    """`resize_` to the shape of another tensor."""
    return resize_(self, raw(the_template).shape)


# Exchange with other libraries --------------------------------------------------------------------


def dlpack(self: Any, **options: Any) -> Any:
    """The memory as a DLPack capsule, for another library.

    Raises
    ------
    BufferError
        For a tensor that requires grad: what is written there would go unseen.
    """
    if self._node is not None:
        raise BufferError(
            "Can't export tensors that require gradient, use tensor.detach(): what another "
            "library does with the memory is not recorded"
        )
    return self._data.__dlpack__(**options)


def dlpack_device(self: Any) -> Any:
    """Where the memory is: (1, 0), the CPU."""
    return self._data.__dlpack_device__()
