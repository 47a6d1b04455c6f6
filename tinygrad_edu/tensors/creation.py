"""New tensors: of one value, of a range, like another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..numerics.promotion import default_float
from ..numerics.rounding import evenly_spaced
from ..ops.devices import on_cpu
from ..ops.shaping import sizes
from ..ops.views import set_out
from .tensor import Tensor, numbers
from .tensor import tensor as tensor

__all__ = [
    "arange",
    "as_tensor",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "meshgrid",
    "ones",
    "ones_like",
    "tril_indices",
    "triu_indices",
    "zeros",
    "zeros_like",
]


def made(array: Any, requires_grad: bool = False) -> Tensor:
    """A leaf around a new array."""
    out = wrap(array)
    return out.requires_grad_() if requires_grad else out  # type: ignore[no-any-return]


def size_of(size: tuple[Any, ...], options: dict[str, Any], name: str) -> tuple[int, ...]:
    if "size" in options:
        size = (options.pop("size"),)
    on_cpu(options.pop("device", None))
    for harmless in ("layout", "pin_memory", "memory_format", "out"):
        if options.pop(harmless, None) is not None and harmless == "out":
            raise TypeError(f"{name}(out=…) is not supported: assign the result instead")
    if options:
        raise TypeError(f"{name}() got an unexpected keyword argument {next(iter(options))!r}")
    shape = sizes(size)
    if any(n < 0 for n in shape):
        raise RuntimeError(
            f"{name}: Trying to create tensor with negative dimension {min(shape)}: {list(shape)}"
        )
    return shape


def zeros(
    *size: Any,
    dtype: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
    **options: Any,
) -> Tensor:
    """Zeros of a shape."""
    shape = size_of(size, options, "zeros")
    y: Tensor = made(np.zeros(shape, dtype or default_float()), requires_grad)
    return y if out is None else set_out(out, y, "zeros")


def ones(
    *size: Any,
    dtype: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
    **options: Any,
) -> Tensor:
    """Ones of a shape."""
    shape = size_of(size, options, "ones")
    y: Tensor = made(np.ones(shape, dtype or default_float()), requires_grad)
    return y if out is None else set_out(out, y, "ones")


def empty(*size: Any, dtype: Any = None, requires_grad: bool = False, **options: Any) -> Tensor:
    """Places for values; zeros here, so that a program run twice prints the same."""
    return made(np.zeros(size_of(size, options, "empty"), dtype or default_float()), requires_grad)


def full(
    size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """One value in every place; its kind decides the dtype."""
    value = fill_value._data.item() if isinstance(fill_value, Traced) else fill_value
    if dtype is None:
        dtype = default_float() if isinstance(value, float) else np.asarray(value).dtype
    return made(np.full(size_of((size,), options, "full"), value, dtype), requires_grad)


def _like(input: Any, dtype: Any) -> tuple[tuple[int, ...], Any]:
    return input._data.shape, dtype or input._data.dtype


def zeros_like(
    input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """Zeros of the shape and dtype of `input`."""
    size_of((), options, "zeros_like")
    return made(np.zeros(*_like(input, dtype)), requires_grad)


def ones_like(
    input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """Ones of the shape and dtype of `input`."""
    size_of((), options, "ones_like")
    return made(np.ones(*_like(input, dtype)), requires_grad)


def empty_like(
    input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """Places (zeros) of the shape and dtype of `input`."""
    return zeros_like(input, dtype=dtype, requires_grad=requires_grad, **options)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """One value in the shape and dtype of `input`."""
    size_of((), options, "full_like")
    shape, kind = _like(input, dtype)
    return made(np.full(shape, fill_value, kind), requires_grad)


def arange(
    *bounds: Any,
    start: Any = None,
    end: Any = None,
    step: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Numbers from `start` up to, not including, `end`; whole bounds give int64."""
    size_of((), options, "arange")
    given = [b._data.item() if isinstance(b, Traced) else b for b in bounds]
    if len(given) == 1 and end is None:
        given = [0, given[0]]
    first = given[0] if given else (0 if start is None else start)
    last = given[1] if len(given) > 1 else end
    by = given[2] if len(given) > 2 else (1 if step is None else step)
    if last is None:
        raise TypeError("arange() needs an end: arange(5), or arange(0, 5, 0.5)")
    if by == 0:
        raise RuntimeError("arange: step must be nonzero")
    if (last - first) * by < 0:
        raise RuntimeError(
            f"arange: upper bound and lower bound inconsistent with step sign: "
            f"from {first} to {last} by {by}"
        )
    if dtype is None:
        fractional = any(isinstance(v, float) for v in (first, last, by))
        dtype = default_float() if fractional else np.dtype(np.int64)
    count = math.ceil((last - first) / by)
    values = first + np.arange(count) * by
    return made(values.astype(dtype), requires_grad)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """`steps` numbers from `start` to `end`, evenly spaced, both included."""
    size_of((), options, "linspace")
    dtype = np.dtype(dtype or default_float())
    start, end = float(start), float(end)
    if steps == 1:
        return made(np.asarray([start], dtype), requires_grad)
    return made(evenly_spaced(start, end, steps, dtype), requires_grad)


def logspace(
    start: float, end: float, steps: int, base: float = 10.0, *, dtype: Any = None, **options: Any
) -> Tensor:
    """`base` to evenly spaced powers."""
    powers = linspace(start, end, steps, dtype=np.float64, **options)
    return made((base**powers._data).astype(dtype or default_float()))


def eye(
    n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """The identity matrix."""
    size_of((), options, "eye")
    return made(np.eye(n, m, dtype=dtype or default_float()), requires_grad)


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor sharing the memory of an array."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(
            f"expected np.ndarray (got {type(ndarray).__name__}); use torch.tensor(...) for lists"
        )
    return wrap(numbers(ndarray))  # type: ignore[no-any-return]


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """A tensor, sharing memory where it can."""
    on_cpu(device)
    if isinstance(data, Traced):
        return data if dtype is None else data.to(dtype)  # type: ignore[attr-defined,return-value]
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == dtype):
        return from_numpy(data)
    return tensor(data, dtype=dtype)  # type: ignore[no-any-return]


asarray = as_tensor


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Grids of coordinates from vectors of them."""
    if len(tensors) == 1 and not isinstance(tensors[0], Traced):
        tensors = tuple(tensors[0])
    grids: Sequence[Any] = [
        x.reshape([-1 if k == i else 1 for k in range(len(tensors))]) for i, x in enumerate(tensors)
    ]
    shape = [x.numel() for x in tensors]
    grids = [x.expand(*shape) for x in grids]
    if indexing == "xy" and len(grids) > 1:
        grids = [x.transpose(0, 1) for x in grids]
    return tuple(grids)


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = np.int64, **options: Any
) -> Tensor:
    """Rows and columns of the lower triangle."""
    size_of((), options, "tril_indices")
    return wrap(np.stack(np.tril_indices(row, offset, col)).astype(dtype))  # type: ignore[no-any-return]


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = np.int64, **options: Any
) -> Tensor:
    """Rows and columns of the upper triangle."""
    size_of((), options, "triu_indices")
    return wrap(np.stack(np.triu_indices(row, offset, col)).astype(dtype))  # type: ignore[no-any-return]
