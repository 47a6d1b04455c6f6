"""Gradients kept from growing too large."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from ...engine.events import LISTENERS, tell
from ...engine.saved import written
from ...engine.traced import Traced, wrap
from ...numerics.sums import euclidean
from ...tensors.tensor import Tensor

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
]


def gradients_of(parameters: Any) -> list[Any]:
    """The gradients of those parameters that have one."""
    held: list[Any] = [parameters] if isinstance(parameters, Traced) else list(parameters)
    return [p.grad for p in held if p.grad is not None]


def get_total_norm(
    tensors: Any,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The p-norm of all entries of all tensors, as if they were one vector.

    Raises
    ------
    RuntimeError
        With `error_if_nonfinite`, if the norm is infinite or NaN.
    """
    held = [tensors] if isinstance(tensors, Traced) else list(tensors)
    if not held:
        return wrap(np.float32(0))  # type: ignore[no-any-return]
    p = float(norm_type)
    norms = np.asarray([size_of(x._data, p) for x in held], held[0]._data.dtype)
    total = np.asarray(size_of(norms, p), norms.dtype)
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite "
            f"({total}), so it cannot be clipped. To disable this error and scale the gradients by "
            f"the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return wrap(total)  # type: ignore[no-any-return]


def size_of(x: Any, p: float) -> Any:
    """The p-norm of an array's entries."""
    flat = x.reshape(-1)
    if p == 2:
        return euclidean(flat)
    if not flat.size:
        return x.dtype.type(0)
    return np.linalg.norm(flat, math.inf if p == math.inf else p)


def clip_grads_with_norm_(
    parameters: Any, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale gradients by max_norm / total_norm, if that is less than 1."""
    grads = gradients_of(parameters)
    one = total_norm._data.dtype.type
    scale = min(one(max_norm) / (total_norm._data + one(1e-6)), one(1))
    if np.isnan(total_norm._data):
        scale = one(math.nan)
    for g in grads:
        g._data *= scale.astype(g._data.dtype)
        written(g._data)


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients, in place, so that their norm as one vector is at most `max_norm`.

    Returns the norm before. Source: Pascanu, Mikolov and Bengio, On the difficulty of training
    recurrent neural networks, 2013.

    Raises
    ------
    RuntimeError
        With `error_if_nonfinite`, if the norm is infinite or NaN; no gradient is changed then.
    """
    held = [parameters] if isinstance(parameters, Traced) else list(parameters)
    total = get_total_norm(gradients_of(held), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(held, max_norm, total)
    if LISTENERS:
        tell("clipped", held, max_norm)
    return total


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Clip every entry of every gradient, in place, to ±`clip_value`."""
    bound = float(clip_value)
    held = [parameters] if isinstance(parameters, Traced) else list(parameters)
    for g in gradients_of(held):
        np.clip(g._data, -bound, bound, out=g._data)
        written(g._data)
    if LISTENERS:
        tell("clipped", held, clip_value)


def clip_grad_norm(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """`clip_grad_norm_` by its older name; warns."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of "
        "`torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)
