"""`DataParallel`, `DistributedDataParallel`: training on several GPUs, of which none is here."""

from __future__ import annotations

from typing import Any

from .module import Module

__all__ = [
    "DataParallel",
    "DistributedDataParallel",
    "consume_prefix_in_state_dict_if_present",
]


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


def consume_prefix_in_state_dict_if_present(state_dict: dict[str, Any], prefix: str) -> None:
    """Take `prefix` off the keys that begin with it, in place.

    What `DataParallel` saved begins with "module."; without, the module itself can load it.
    """
    for key in [key for key in state_dict if key.startswith(prefix)]:
        state_dict[key.removeprefix(prefix)] = state_dict.pop(key)
    metadata = getattr(state_dict, "_metadata", None)
    if metadata is not None:
        for key in [key for key in metadata if key]:
            # "module" itself is the entry of the wrapped module, whose own key is empty.
            if key == prefix.replace(".", ""):
                metadata[""] = metadata.pop(key)
            elif key.startswith(prefix):
                metadata[key.removeprefix(prefix)] = metadata.pop(key)
