"""`torch.backends`: the libraries that PyTorch computes with, none of which is here.

Their switches may be set, since scripts set them before they ask for a GPU; they switch nothing.
`is_available()` is False everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["cpu", "cuda", "cudnn", "mkl", "mkldnn", "mps", "openmp"]


class Backend:
    """A library that is not there: its switches hold what they are set to, and do nothing.

    Parameters
    ----------
    name : str
    **switches
        What can be set, with what PyTorch starts from.
    """

    def __init__(self, name: str, **switches: Any) -> None:
        self.__dict__.update(switches, _name=name, _switches=frozenset(switches))

    def is_available(self) -> bool:
        """Whether the library is there: False."""
        return False

    def is_built(self) -> bool:
        """Whether support for the library was compiled in: False."""
        return False

    def version(self) -> None:
        """The library's version: None."""

    @contextmanager
    def flags(self, **switches: Any) -> Iterator[None]:
        """In the block, switches set as given; they switch nothing there either."""
        before = {name: getattr(self, name) for name in switches}
        try:
            for name, value in switches.items():
                setattr(self, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._switches:
            raise AttributeError(
                f"torch.backends.{self._name} has no switch {name!r}; it has "
                f"{', '.join(sorted(self._switches)) or 'none'}"
            )
        self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"torch.backends.{self.__dict__.get('_name')} has no {name!r}: no such library is "
            f"behind tinygrad_edu, which computes with NumPy"
        )

    def __repr__(self) -> str:
        return f"<torch.backends.{self._name}: not available>"


class CPU:
    """The CPU, which is available and has no switches."""

    def is_available(self) -> bool:
        """Whether there is a CPU."""
        return True

    def get_cpu_capability(self) -> str:
        """The instruction set that PyTorch would name; NumPy chooses its own."""
        return "DEFAULT"


cudnn = Backend(
    "cudnn",
    enabled=True,
    benchmark=False,
    deterministic=False,
    allow_tf32=True,
    benchmark_limit=10,
)
cuda = Backend(
    "cuda",
    matmul=Backend(
        "cuda.matmul",
        allow_tf32=False,
        allow_fp16_reduced_precision_reduction=True,
        allow_bf16_reduced_precision_reduction=True,
    ),
)
mps, mkl, mkldnn, openmp = (Backend(name) for name in ("mps", "mkl", "mkldnn", "openmp"))
cpu = CPU()

# `import torch.backends.cudnn as cudnn` looks its module up here.
sys.modules.update(
    {
        f"{__name__}.{name}": value  # type: ignore[misc]
        for name, value in vars().copy().items()
        if isinstance(value, Backend | CPU)
    }
)
