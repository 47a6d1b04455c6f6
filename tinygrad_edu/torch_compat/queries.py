"""Questions about tensors and the machine, by PyTorch's names: `is_tensor`, `numel`, threads."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from ..engine.traced import Traced
from ..ops.memory import Storage
from ..tensors.tensor import Size, Tensor

__all__ = [
    "are_deterministic_algorithms_enabled",
    "broadcast_shapes",
    "channels_last",
    "channels_last_3d",
    "clone",
    "contiguous_format",
    "detach",
    "get_deterministic_debug_mode",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "get_num_threads",
    "is_autocast_enabled",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "is_storage",
    "is_tensor",
    "numel",
    "preserve_format",
    "scalar_tensor",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_flush_denormal",
    "set_num_interop_threads",
    "set_num_threads",
    "strided",
    "typename",
    "use_deterministic_algorithms",
]

# Words that scripts pass on as `memory_format=` and `layout=`; NumPy arranges memory here.
contiguous_format, preserve_format, channels_last = "contiguous", "preserve", "channels_last"
channels_last_3d = "channels_last_3d"
strided = "strided"


def is_tensor(obj: Any) -> bool:
    """Whether it is a Tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Whether the entries are floats."""
    return input.is_floating_point()


def is_complex(input: Tensor) -> bool:
    """Whether the entries are complex numbers."""
    return input.is_complex()


def is_nonzero(input: Tensor) -> bool:
    """Whether the only entry is not 0."""
    return bool(input)


def numel(input: Tensor) -> int:
    """How many entries there are."""
    return input.numel()


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy in memory of its own, through which gradients flow back."""
    return input.clone()


def detach(input: Tensor) -> Tensor:
    """The same memory without history."""
    return input.detach()


def scalar_tensor(s: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A number as a tensor of no dimensions, in the default dtype."""
    return Tensor(float(s), requires_grad=requires_grad, dtype=dtype)  # type: ignore[no-any-return]


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that all of `shapes` broadcast to."""
    try:
        return Size(np.broadcast_shapes(*shapes))
    except ValueError:
        raise RuntimeError(
            f"broadcast_shapes: shapes {', '.join(str(tuple(s)) for s in shapes)} do not fit: from "
            f"the last dimension on, sizes must be equal or 1"
        ) from None


def typename(obj: Any) -> str:
    """The name of an object's type; for tensors the old one ("torch.FloatTensor")."""
    if isinstance(obj, Traced):
        return str(obj.type())  # type: ignore[attr-defined]
    kind = obj if isinstance(obj, type) else type(obj)
    return f"{kind.__module__}.{kind.__qualname__}"


def get_num_threads() -> int:
    """Threads that matrix products may use: what the environment says, or the number of cores."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        if os.environ.get(name, "").isdigit():
            return int(os.environ[name])
    return os.cpu_count() or 1


def set_num_threads(num: int) -> None:
    """Warn that NumPy's threads are chosen before Python starts, and go on."""
    if num != get_num_threads():
        warnings.warn(
            f"set_num_threads({num}): NumPy chooses its threads when it is loaded; set "
            f"OPENBLAS_NUM_THREADS={num} before starting Python",
            UserWarning,
            stacklevel=2,
        )


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Nothing to choose: every result here is the same from run to run."""


def are_deterministic_algorithms_enabled() -> bool:
    """Whether results are the same from run to run: True."""
    return True


def set_float32_matmul_precision(precision: str) -> None:
    """Accept "highest", which is what NumPy computes in; "high" and "medium" ask for no less.

    Raises
    ------
    RuntimeError
        For a word that is none of these.
    """
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(
            f"set_float32_matmul_precision({precision!r}): expected 'highest', 'high' or 'medium'"
        )


def get_float32_matmul_precision() -> str:
    """The precision of products of float32 matrices: always the highest."""
    return "highest"


# What other machines can be told ------------------------------------------------------------------


def set_flush_denormal(mode: bool) -> bool:
    """Whether the smallest numbers could be made 0: False, NumPy computes with them."""
    return False


def get_num_interop_threads() -> int:
    """Threads that run calls beside each other: 1."""
    return 1


def set_num_interop_threads(num: int) -> None:
    """Warn that calls run one after the other here, and go on."""
    if num != 1:
        warnings.warn(
            f"set_num_interop_threads({num}): calls run one after the other here",
            UserWarning,
            stacklevel=2,
        )


def get_deterministic_debug_mode() -> int:
    """2 ("error"): results are the same from run to run, and nothing here is not."""
    return 2


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """Nothing to choose: every result here is the same from run to run.

    Raises
    ------
    ValueError
        For a mode that is none of 0, 1, 2, "default", "warn", "error".
    """
    if debug_mode not in (0, 1, 2, "default", "warn", "error"):
        raise ValueError(
            f"set_deterministic_debug_mode({debug_mode!r}): expected 'default', 'warn' or 'error'"
        )


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether calls are made in half precision: False, `autocast` runs its block in full."""
    return False


def is_storage(obj: Any) -> bool:
    """Whether it is the memory of a tensor (`x.storage()`)."""
    return isinstance(obj, Storage)
