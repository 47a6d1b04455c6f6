"""Where a tensor is and of what type, by PyTorch's names; and new tensors in its dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.traced import Traced, as_array, raw, wrap
from .devices import CPU, on_cpu
from .elementwise import cast
from .shaping import sizes

__all__ = [
    "TYPE_NAMES",
    "cpu",
    "cuda",
    "device",
    "is_cpu",
    "is_cuda",
    "new_empty",
    "new_full",
    "new_ones",
    "new_tensor",
    "new_zeros",
    "type_of",
]

# The old names of tensors by their dtype: `x.type()` is "torch.FloatTensor".
TYPE_NAMES = {
    "FloatTensor": np.dtype(np.float32),
    "DoubleTensor": np.dtype(np.float64),
    "HalfTensor": np.dtype(np.float16),
    "LongTensor": np.dtype(np.int64),
    "IntTensor": np.dtype(np.int32),
    "ShortTensor": np.dtype(np.int16),
    "CharTensor": np.dtype(np.int8),
    "ByteTensor": np.dtype(np.uint8),
    "BoolTensor": np.dtype(np.bool_),
}
NAME_OF_DTYPE = {dtype: name for name, dtype in TYPE_NAMES.items()}

device = property(lambda self: CPU, doc="Where the entries are: the CPU.")
is_cpu = property(lambda self: True, doc="Whether the entries are on the CPU: always.")
is_cuda = property(lambda self: False, doc="Whether the entries are on a GPU: never.")


def cpu(self: Any, memory_format: Any = None) -> Any:
    """This tensor: it is on the CPU."""
    return self


def cuda(self: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """Raises RuntimeError: there is no GPU here."""
    on_cpu("cuda" if device is None else device)
    return self


def type_of(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type ("torch.FloatTensor"), or the tensor in another dtype.

    Parameters
    ----------
    dtype : dtype, str or legacy type, optional
        `torch.float64`, `"torch.DoubleTensor"` or `torch.DoubleTensor`.

    Raises
    ------
    ValueError
        For a name that is no type.
    """
    if dtype is None:
        name = NAME_OF_DTYPE.get(self._data.dtype, str(self._data.dtype))
        return f"torch.{name}"
    if isinstance(dtype, str):
        name = dtype.removeprefix("torch.").removeprefix("cuda.")
        on_cpu("cuda" if dtype.startswith("torch.cuda.") else None)
        if name not in TYPE_NAMES:
            raise ValueError(
                f"type({dtype!r}): no such type; expected a dtype such as torch.float32 or one of "
                f"{', '.join('torch.' + n for n in TYPE_NAMES)}"
            )
        dtype = TYPE_NAMES[name]
    return cast(self, np.dtype(dtype))


def _new(self: Any, make: Any, size: tuple[Any, ...], name: str, options: dict[str, Any]) -> Any:
    if "size" in options:
        size = (options.pop("size"),)
    dtype = options.pop("dtype", None)
    requires_grad = options.pop("requires_grad", False)
    on_cpu(options.pop("device", None))
    for harmless in ("layout", "pin_memory"):
        options.pop(harmless, None)
    if options:
        raise TypeError(f"{name}() got an unexpected keyword argument {next(iter(options))!r}")
    out = wrap(make(sizes(size), self._data.dtype if dtype is None else dtype))
    return out.requires_grad_() if requires_grad else out


def new_zeros(self: Any, *size: Any, **options: Any) -> Any:
    """Zeros of a shape, in this tensor's dtype."""
    return _new(self, np.zeros, size, "new_zeros", options)


def new_ones(self: Any, *size: Any, **options: Any) -> Any:
    """Ones of a shape, in this tensor's dtype."""
    return _new(self, np.ones, size, "new_ones", options)


def new_empty(self: Any, *size: Any, **options: Any) -> Any:
    """Places (zeros) of a shape, in this tensor's dtype."""
    return _new(self, np.zeros, size, "new_empty", options)


def new_full(self: Any, size: Any, fill_value: Any, **options: Any) -> Any:
    """One value in every place of a shape, in this tensor's dtype."""
    value = raw(fill_value)
    return _new(
        self, lambda shape, dtype: np.full(shape, value, dtype), (size,), "new_full", options
    )


def new_tensor(self: Any, data: Any, **options: Any) -> Any:
    """A copy of `data` in this tensor's dtype."""
    plain = raw(data) if isinstance(data, Traced) else as_array(data)
    return _new(self, lambda _, dtype: plain.astype(dtype), (0,), "new_tensor", options)
