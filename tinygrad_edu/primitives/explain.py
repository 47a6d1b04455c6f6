"""Why a call failed, in words: what was given, what was expected, what to type instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.errors import plain_words
from ..engine.primitive import Primitive

__all__ = ["explain"]


def explain(
    op: Primitive, arrays: Sequence[Any], params: dict[str, Any], error: Exception
) -> Exception:
    """The error to raise in place of NumPy's `error`, of a kind that PyTorch's users catch."""
    shapes = [np.shape(a) for a in arrays]
    if op.name == "matmul":
        return RuntimeError(matmul_words(*shapes))
    if op.name == "inner":
        return RuntimeError(linear_words(*shapes))
    if isinstance(error, IndexError):
        words = str(error).replace("axis", "dimension")
        return IndexError(f"{op.name}: {words}; the tensor's shape is {shapes[0]}")
    if op.elementwise:
        words = broadcast_words(op.name, shapes)
        if words:
            return RuntimeError(words)
        dtypes = ", ".join(str(getattr(a, "dtype", type(a).__name__)) for a in arrays)
        return TypeError(f"{op.name} is not defined for {dtypes}: {error}. Convert with .float().")
    if op.name == "cat":
        return RuntimeError(cat_words(shapes, params["axis"]))
    if op.name == "reshape":
        return RuntimeError(
            f"shape {list(params['shape'])} is invalid for input of size "
            f"{int(np.prod(shapes[0]))} (shape {shapes[0]}): the number of entries must stay the "
            f"same. Put -1 for one dimension to have it worked out."
        )
    if op.name == "expand":
        return RuntimeError(
            f"expand: cannot expand shape {shapes[0]} to {tuple(params['shape'])}: only dimensions "
            f"of size 1 can grow, and new ones come in front. Use unsqueeze to place them."
        )
    if isinstance(error, np.exceptions.AxisError):
        rank = len(shapes[0])
        return IndexError(
            f"{op.name}: Dimension out of range (expected to be in range of [{-max(rank, 1)}, "
            f"{max(rank, 1) - 1}], but got {params.get('axis')}); the tensor's shape is "
            f"{shapes[0]}."
        )
    if op.family == "reduction" and not np.prod(shapes[0]):
        return RuntimeError(
            f"{op.name}: the tensor has no entries (shape {shapes[0]}), and {op.name} of nothing "
            f"has no value. Check for numel() == 0 first."
        )
    return plain_words(op, arrays, params, error)


def broadcast_words(name: str, shapes: Sequence[tuple[int, ...]]) -> str:
    """What is wrong with shapes that do not broadcast; empty if they do."""
    rank = max(map(len, shapes))
    for k in range(1, rank + 1):
        sizes: dict[int, str] = {}
        for letter, shape in zip("abcdefgh", shapes, strict=False):
            if len(shape) >= k and shape[-k] != 1:
                sizes.setdefault(shape[-k], letter)
        if len(sizes) > 1:
            (m, one), (n, two) = list(sizes.items())[:2]
            given = " and ".join(map(str, shapes))
            return (
                f"{name}: The size of tensor {one} ({m}) must match the size of tensor {two} ({n}) "
                f"at non-singleton dimension {rank - k}; the shapes are {given}. Dimensions are "
                f"matched from the right and must be equal or 1: use .unsqueeze(dim) to place a 1, "
                f"or .T if rows and columns are swapped."
            )
    return ""


def matmul_words(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """What is wrong with the shapes of a matrix product."""
    if not a or not b:
        return (
            f"matmul: both tensors must have at least 1 dimension, got {a} and {b}; "
            f"use * for numbers"
        )
    if len(a) == len(b) == 1:
        return f"matmul: inconsistent tensor size, expected vectors of one length, got {a} and {b}"
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        sizes = f"{'x'.join(map(str, a))} and {'x'.join(map(str, b))}"
        return (
            f"matmul: mat1 and mat2 shapes cannot be multiplied ({sizes}): the last size of the "
            f"first, {a[-1]}, must equal the {'second last' if len(b) > 1 else 'only'} size of the "
            f"second, {inner}. Use .T on one of them, or check the layer's in_features."
        )
    return f"matmul: the stack dimensions {a[:-2]} and {b[:-2]} do not broadcast"


def linear_words(x: tuple[int, ...], weight: tuple[int, ...]) -> str:
    """What is wrong with the shapes that met in a linear layer."""
    if not x:
        return f"linear: the input must have at least 1 dimension, got a scalar; weight {weight}"
    return (
        f"linear: mat1 and mat2 shapes cannot be multiplied "
        f"({'x'.join(map(str, x))} and {weight[1]}x{weight[0]}): the input's last size is {x[-1]}, "
        f"but the layer expects in_features={weight[1]}. Make it nn.Linear({x[-1]}, {weight[0]}), "
        f"or bring the input to shape (…, {weight[1]}), for images with nn.Flatten()."
    )


def cat_words(shapes: Sequence[tuple[int, ...]], axis: int) -> str:
    """What is wrong with the shapes of a concatenation."""
    if not shapes:
        return "cat: expected a non-empty list of tensors, got an empty one"
    return (
        f"cat: Sizes of tensors must match except in dimension {axis}, got shapes "
        f"{', '.join(map(str, shapes))}. Use torch.stack to join along a new dimension."
    )
