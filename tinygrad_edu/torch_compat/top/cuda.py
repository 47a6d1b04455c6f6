"""`torch.cuda` on a machine without a GPU: it says that there is none, and harms nothing.

What asks is answered (`is_available()` is False, `device_count()` 0, memory in use 0 bytes); what
only makes sense beside a GPU and is harmless without does nothing (`synchronize`, `empty_cache`,
`manual_seed`); what needs a GPU raises RuntimeError.
"""

from __future__ import annotations

from typing import Any, NoReturn

from tinygrad_edu import amp as amp
from tinygrad_edu.torch_compat.addresses import answers_for

__all__ = [
    "Event",
    "OutOfMemoryError",
    "Stream",
    "amp",
    "current_device",
    "current_stream",
    "device_count",
    "empty_cache",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "get_rng_state_all",
    "init",
    "ipc_collect",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "reset_peak_memory_stats",
    "seed",
    "seed_all",
    "set_device",
    "set_rng_state_all",
    "synchronize",
]


def is_available() -> bool:
    """Whether there is a GPU: False."""
    return False


def is_initialized() -> bool:
    """Whether CUDA was started: False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether a GPU computes in bfloat16: False."""
    return False


def device_count() -> int:
    """How many GPUs there are: 0."""
    return 0


def refuse(what: str) -> NoReturn:
    """Raise: `what` needs a GPU."""
    raise RuntimeError(
        f"torch.cuda.{what} needs a GPU, and tinygrad_edu computes on the CPU alone; ask "
        f"torch.cuda.is_available() first"
    )


def init() -> None:
    """Raises RuntimeError: there is no GPU to start."""
    refuse("init()")


def current_device() -> int:
    """Raises RuntimeError: no GPU is current."""
    refuse("current_device()")


def set_device(device: Any) -> None:
    """Accept the CPU's names (negative numbers, in PyTorch); raise RuntimeError for a GPU."""
    if not (isinstance(device, int) and device < 0):
        refuse(f"set_device({device!r})")


def get_device_name(device: Any = None) -> str:
    """Raises RuntimeError: there is no GPU to name."""
    refuse("get_device_name()")


def get_device_properties(device: Any = None) -> Any:
    """Raises RuntimeError: there is no GPU to describe."""
    refuse("get_device_properties()")


def manual_seed(seed: int) -> None:
    """Nothing: there is no generator on a GPU. `torch.manual_seed` seeds the CPU's."""


def manual_seed_all(seed: int) -> None:
    """Nothing: there are no generators on GPUs."""


def seed() -> None:
    """Nothing: there is no generator on a GPU."""


def seed_all() -> None:
    """Nothing: there are no generators on GPUs."""


def synchronize(device: Any = None) -> None:
    """Nothing: NumPy's work is done when its call returns."""


def empty_cache() -> None:
    """Nothing: no GPU memory is held."""


def memory_allocated(device: Any = None) -> int:
    """Bytes of GPU memory in use: 0."""
    return 0


def max_memory_allocated(device: Any = None) -> int:
    """Most bytes of GPU memory ever in use: 0."""
    return 0


def memory_reserved(device: Any = None) -> int:
    """Bytes of GPU memory held: 0."""
    return 0


def max_memory_reserved(device: Any = None) -> int:
    """Most bytes of GPU memory ever held: 0."""
    return 0


def reset_peak_memory_stats(device: Any = None) -> None:
    """Nothing: nothing was counted."""


class OutOfMemoryError(RuntimeError):
    """What PyTorch raises where a GPU's memory ends: never here, but scripts catch it."""


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """Raises RuntimeError: there is no GPU to describe."""
    refuse("get_device_capability()")


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """Raises RuntimeError: there is no GPU's memory to measure."""
    refuse("mem_get_info()")


def current_stream(device: Any = None) -> Any:
    """Raises RuntimeError: there is no GPU to queue work on."""
    refuse("current_stream()")


def get_rng_state_all() -> list[Any]:
    """The states of the GPUs' generators: none."""
    return []


def set_rng_state_all(new_states: Any) -> None:
    """Accept no states; raise RuntimeError for one of a GPU."""
    if list(new_states):
        refuse("set_rng_state_all()")


def ipc_collect() -> None:
    """Nothing: no GPU memory is shared."""


class Stream:
    """Raises RuntimeError: there is no GPU to queue work on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse("Stream()")


class Event:
    """Raises RuntimeError: there is no GPU to time; use `time.perf_counter()`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse("Event()")


answers_for({"cuda.amp": "amp", "cuda.amp.autocast_mode": "amp", "cuda.amp.grad_scaler": "amp"})
