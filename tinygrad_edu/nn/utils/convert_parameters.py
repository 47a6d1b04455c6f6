"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...engine.traced import Traced, wrap
from ...ops.joining import cat
from ...tensors.tensor import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The entries of all parameters in one vector; gradients flow back to each."""
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give each parameter its part of a vector, as `parameters_to_vector` laid them out.

    Raises
    ------
    TypeError
        If `vec` is no Tensor.
    ValueError
        If it has not as many entries as the parameters. Nothing is changed then.
    """
    if not isinstance(vec, Traced):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    held: list[Any] = list(parameters)
    total = sum(p._data.size for p in held)
    if vec._data.size != total:
        raise ValueError(
            f"vector_to_parameters: the vector has {vec._data.size} entries, the parameters "
            f"{total}: use a vector made by parameters_to_vector of the same model"
        )
    start = 0
    for p in held:
        stop = start + p._data.size
        part = np.array(vec._data.reshape(-1)[start:stop], p._data.dtype)
        p.data = wrap(part.reshape(p._data.shape))
        start = stop
