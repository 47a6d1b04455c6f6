"""What the functions on matrices ask of their arguments, and how they say what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...engine.traced import wrap

if TYPE_CHECKING:
    from ...tensors.tensor import Tensor


class LinAlgError(RuntimeError):
    """A matrix has no inverse, or no factorization of the kind asked for."""


class WithInfo(NamedTuple):
    """A result, and 0 where it was found."""

    L: Any
    info: Any


def floats(name: str, *tensors: Any) -> None:
    """Raise unless the tensors are floating-point."""
    for x in tensors:
        if x._data.dtype.kind != "f":
            raise RuntimeError(
                f"linalg.{name}: Expected a floating point tensor as input. Got {x._data.dtype}; "
                f"convert with .float()"
            )


def square(name: str, x: Any) -> None:
    """Raise unless `x` is a stack of square matrices of floats."""
    floats(name, x)
    shape = tuple(x._data.shape)
    if len(shape) < 2:
        raise RuntimeError(
            f"linalg.{name}: The input tensor must have at least 2 dimensions, got shape {shape}."
        )
    if shape[-1] != shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are {shape[-2]} by "
            f"{shape[-1]} matrices"
        )


def attempt(name: str, record: Any, *operands: Any) -> Tensor:
    """Run a primitive, saying what is wrong with a matrix that it cannot take."""
    try:
        return record(*operands)  # type: ignore[no-any-return]
    except np.linalg.LinAlgError as error:
        hints = {
            "cholesky": "it is not positive-definite; add a little to its diagonal",
            "inv": "it is singular (its rows depend on each other); use linalg.pinv",
            "solve": "it is singular (its rows depend on each other); use linalg.lstsq",
        }
        shape = tuple(operands[0]._data.shape)
        raise LinAlgError(
            f"linalg.{name}: the matrix (shape {shape}) has no such result: "
            f"{hints.get(name, 'the algorithm did not converge')} ({error})."
        ) from None


def info_of(x: Any) -> Any:
    """Zeros: every result was found."""
    return wrap(np.zeros(x._data.shape[:-2], np.int32))


def turn(x: Any) -> Tensor:
    """The last two dimensions swapped."""
    return x.transpose(-1, -2)  # type: ignore[no-any-return]
