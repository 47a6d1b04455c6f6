"""`torch.accelerator`: there is none, and it says so."""

from __future__ import annotations

from typing import Any

__all__ = [
    "current_accelerator",
    "current_device_index",
    "device_count",
    "is_available",
    "set_device_index",
    "synchronize",
]


def is_available() -> bool:
    """Whether there is an accelerator: False."""
    return False


def device_count() -> int:
    """How many there are: 0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """The accelerator: None."""


def current_device_index() -> int:
    """Raises RuntimeError: there is no accelerator to count."""
    raise RuntimeError(
        "there is no accelerator: tinygrad_edu computes on the CPU; ask is_available() first"
    )


def set_device_index(device: Any) -> None:
    """Raises RuntimeError: there is no accelerator to choose."""
    raise RuntimeError(
        f"set_device_index({device!r}): there is no accelerator; tinygrad_edu computes on the CPU"
    )


def synchronize(device: Any = None) -> None:
    """Nothing: NumPy's work is done when its call returns."""
