"""`DataParallel`, `DistributedDataParallel`: training on several GPUs, of which none is here."""

from __future__ import annotations

from typing import Any

from .module import Module

__all__ = ["DataParallel", "DistributedDataParallel"]


class DataParallel(Module):
    """Calls its module: with no GPU to spread a batch over, PyTorch's does the same.

    Parameters
    ----------
    module : Module
        Kept as `.module`, so that names in the state dict begin with "module.".
    device_ids, output_device, dim
        Taken for PyTorch's sake.
    """

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        if device_ids:
            raise RuntimeError(
                f"DataParallel(device_ids={device_ids!r}): there is no GPU; leave device_ids out"
            )
        self.module = module

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the module answers."""
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(Module):
    """Raises NotImplementedError: several processes training together are not built."""

    def __init__(self, module: Module, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            "DistributedDataParallel is not built: tinygrad_edu trains in one process; use the "
            "module itself"
        )
