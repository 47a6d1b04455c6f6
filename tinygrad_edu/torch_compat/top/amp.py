"""`torch.amp`: automatic mixed precision, which is for GPUs. Here everything stays float32.

`autocast` lets its block run unchanged and says so once, `GradScaler` scales by 1: losses and
gradients are those of float32, which is what both approximate.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

__all__ = ["GradScaler", "autocast"]


class autocast:
    """A block (or, as a decorator, a function) that PyTorch runs in half precision; here in full.

    Parameters
    ----------
    device_type : str
        "cuda" or "cpu".
    dtype : dtype, optional
        What PyTorch would compute in.
    enabled : bool
        Whether the block asks for half precision; asking is answered with a warning.
    """

    def __init__(
        self,
        device_type: str = "cuda",
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        self.enabled = False
        if enabled and device_type == "cpu":
            warnings.warn(
                "autocast: tinygrad_edu computes in the dtype of its tensors, so this block runs "
                "in float32; write autocast(..., enabled=False) to hear no more of it",
                UserWarning,
                stacklevel=2,
            )

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing to undo."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return call


class GradScaler:
    """Guards half-precision gradients against underflow; in float32 it scales by 1.

    Parameters
    ----------
    device : str
    init_scale, growth_factor, backoff_factor, growth_interval : float
        Taken for PyTorch's sake.
    enabled : bool
        As in PyTorch without a GPU, the scaler is disabled whatever is asked.
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._factors = (growth_factor, backoff_factor, growth_interval)

    def is_enabled(self) -> bool:
        """Whether gradients are scaled: False."""
        return False

    def get_scale(self) -> float:
        """The factor: 1."""
        return 1.0

    def scale(self, outputs: Any) -> Any:
        """The outputs, times 1."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Nothing: gradients were not scaled."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """`optimizer.step()`."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Nothing: the factor stays 1."""

    def state_dict(self) -> dict[str, Any]:
        """Empty, as that of a disabled scaler is in PyTorch."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing to take over."""
