"""Devices: there is one, the CPU. Scripts that choose a device run; one that insists is told so.

`torch.device("cuda")` can be named, as in PyTorch on a machine without a GPU; putting a tensor
there is refused.
"""

from __future__ import annotations

from typing import Any

__all__ = ["CPU", "device", "get_default_device", "on_cpu", "set_default_device"]

# The types that PyTorch knows; of these only the CPU, and "meta" nowhere, can be used here.
KNOWN = ("cpu", "cuda", "mps", "xpu", "meta", "mtia", "xla", "hpu", "ipu", "privateuseone")


class device:
    """The name of a place for tensors: `device("cpu")`, `device("cuda", 0)`.

    Parameters
    ----------
    type : str or device
        "cpu", or "cuda:0" with an index.
    index : int, optional

    Raises
    ------
    RuntimeError
        For a type that PyTorch does not know.
    """

    __slots__ = ("index", "type")
    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            self.type, self.index = type.type, type.index
            return
        if isinstance(type, int):  # a number means the accelerator of that number
            self.type, self.index = "cuda", type
            return
        name, colon, number = str(type).partition(":")
        if name not in KNOWN or (colon and not number.isdigit()) or (colon and index is not None):
            raise RuntimeError(
                f"device({str(type)!r}): expected one of {', '.join(KNOWN)}, with or without an "
                f"index ('cpu', 'cuda:0'). Tensors live on 'cpu' here."
            )
        self.type = name
        self.index = int(number) if colon else index

    def __repr__(self) -> str:
        tail = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{tail})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and self.type == other.type and self.index == other.index

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> Any:
        return device, (str(self),)

    def __enter__(self) -> device:
        on_cpu(self)
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing to undo: the CPU was the device before."""


CPU = device("cpu")


def on_cpu(where: Any) -> None:
    """Refuse a place other than the CPU; None is the CPU.

    Raises
    ------
    RuntimeError
        For any other device, in words that say what to type.
    """
    if where is None or where is CPU or where == "cpu":
        return
    if device(where).type != "cpu":
        raise RuntimeError(
            f"there is no device {str(where)!r}: tinygrad_edu computes on the CPU, with NumPy. "
            f"Write 'cuda' if torch.cuda.is_available() else 'cpu', or leave the device out."
        )


def set_default_device(device: Any) -> None:
    """Accept the CPU, where tensors are made anyway.

    Raises
    ------
    RuntimeError
        For any other device.
    """
    on_cpu(device)


def get_default_device() -> device:
    """Where new tensors are made: the CPU."""
    return CPU
