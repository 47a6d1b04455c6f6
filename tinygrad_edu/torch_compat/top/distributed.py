"""`torch.distributed`: several processes training together, which is not built."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = [
    "barrier",
    "destroy_process_group",
    "get_rank",
    "get_world_size",
    "init_process_group",
    "is_available",
    "is_initialized",
]


def refuse(what: str) -> NoReturn:
    """Raise: `what` needs several processes."""
    raise NotImplementedError(
        f"torch.distributed.{what} is not built: tinygrad_edu trains in one process. Ask "
        f"torch.distributed.is_available() first, or leave the distributed part out."
    )


def is_available() -> bool:
    """Whether training in several processes is built: False."""
    return False


def is_initialized() -> bool:
    """Whether a group of processes was started: False."""
    return False


def init_process_group(*args: Any, **kwargs: Any) -> None:
    """Raises NotImplementedError."""
    refuse("init_process_group()")


def destroy_process_group(group: Any = None) -> None:
    """Raises NotImplementedError: no group was started."""
    refuse("destroy_process_group()")


def get_rank(group: Any = None) -> int:
    """Raises NotImplementedError: no group was started."""
    refuse("get_rank()")


def get_world_size(group: Any = None) -> int:
    """Raises NotImplementedError: no group was started."""
    refuse("get_world_size()")


def barrier(group: Any = None) -> None:
    """Raises NotImplementedError: no group was started."""
    refuse("barrier()")
