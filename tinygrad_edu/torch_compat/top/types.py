"""PyTorch's `torch.types`: what annotations in scripts are made of."""

from __future__ import annotations

import builtins
import os
from typing import IO, Any, TypeAlias

import numpy as np

from tinygrad_edu.ops.devices import device
from tinygrad_edu.tensors.tensor import Size, Tensor

__all__ = ["Device", "FileLike", "Number"]

Device: TypeAlias = device | str | int | None
FileLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
Number: TypeAlias = int | float | bool

_TensorOrTensors: TypeAlias = Tensor | tuple[Tensor, ...] | list[Tensor]
_bool: TypeAlias = builtins.bool
_device: TypeAlias = device
_dtype: TypeAlias = np.dtype[Any]
_float: TypeAlias = builtins.float
_int: TypeAlias = builtins.int
_size: TypeAlias = Size | list[int] | tuple[int, ...]
