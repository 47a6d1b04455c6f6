"""Dropout's masks, drawn in the memory order of what they mask.

Each function returns what the input is multiplied with (and, for alpha dropout, what is added
then); the product is left to the caller, who records it. Nothing is drawn for p = 0 and p = 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .choices import bernoulli_
from .memory_order import dense_like
from .mersenne import Generator
from .rounding import precision_of

# What SELU tends to at −∞, negated: its scale times its alpha. Alpha dropout drops to there.
_SELU_FLOOR = 1.7580993408473766


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(
            f"dropout probability has to be between 0 and 1, but got {p}; "
            "p is the fraction that is set to zero"
        )


def _keep(form: NDArray[Any], p: float, generator: Generator | None) -> NDArray[Any]:
    """Fill `form` with 1 (kept, probability 1 − p) and 0, and return it."""
    if p in (0, 1):
        form[...] = 1 - p
        return form
    return bernoulli_(form, 1.0 - p, generator=generator)


def _feature_form(x: NDArray[Any]) -> NDArray[Any]:
    if x.ndim < 2:
        raise RuntimeError(
            f"Feature dropout requires at least 2 dimensions in the input, got shape {x.shape}: "
            "(batch, channels, …)"
        )
    return np.empty(x.shape[:2] + (1,) * (x.ndim - 2), x.dtype)


def _scalar_type(x: NDArray[Any]) -> Any:
    # PyTorch multiplies and divides float16 by a float32 number, and rounds the result; only what
    # it adds is rounded first.
    return np.float32 if x.dtype == np.float16 else x.dtype.type


def _scaled(keep: NDArray[Any], p: float) -> NDArray[Any]:
    if p < 1:
        np.divide(keep, _scalar_type(keep)(1.0 - p), out=keep, casting="same_kind")
    return keep


def dropout_noise(
    x: NDArray[Any], p: float = 0.5, *, generator: Generator | None = None
) -> NDArray[Any]:
    """Return ``keep/(1 − p)`` for dropout: 0 with probability p, else 1/(1 − p).

    Shape, dtype and memory order are `x`'s (of which nothing else matters); the result of dropout
    is ``x·noise``, its gradient ``noise·g``.

    Raises
    ------
    ValueError
        If p is outside [0, 1].
    NotImplementedError
        If `x` is not floating.
    """
    _check_probability(p)
    precision_of(x.dtype, "dropout")
    return _scaled(_keep(dense_like(x), p, generator), p)


def feature_dropout_noise(
    x: NDArray[Any], p: float = 0.5, *, generator: Generator | None = None
) -> NDArray[Any]:
    """Return the noise of dropout1d, 2d and 3d, one number for each channel.

    `x` has shape (N, C, …), the noise (N, C, 1, …). Errors are those of `dropout_noise`, and
    RuntimeError if `x` has fewer than two dimensions.
    """
    _check_probability(p)
    precision_of(x.dtype, "dropout")
    return _scaled(_keep(_feature_form(x), p, generator), p)


def _alpha_terms(keep: NDArray[Any], p: float) -> tuple[NDArray[Any], NDArray[Any]]:
    scalar = _scalar_type(keep)
    if p in (0, 1):
        # x·1 − 0 is x and x·0 − 0 is x·0, signs of zero included.
        return keep, np.full_like(keep, -0.0)
    a = 1.0 / math.sqrt((_SELU_FLOOR * _SELU_FLOOR * p + 1.0) * (1.0 - p))
    shift = np.subtract(keep, keep.dtype.type(1), out=np.empty_like(keep))
    np.multiply(shift, scalar(_SELU_FLOOR * a), out=shift, casting="same_kind")
    shift += shift.dtype.type(_SELU_FLOOR * a * p)
    np.multiply(keep, scalar(a), out=keep, casting="same_kind")
    return keep, shift


def alpha_dropout_terms(
    x: NDArray[Any], p: float = 0.5, *, generator: Generator | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return ``(scale, shift)`` of alpha dropout, whose result is ``x·scale + shift``.

    Both have `x`'s shape, dtype and memory order. Dropped elements become SELU's lowest value, and
    the affine map keeps mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural
    networks", 2017). Errors are those of `dropout_noise`.
    """
    _check_probability(p)
    precision_of(x.dtype, "alpha_dropout")
    return _alpha_terms(_keep(dense_like(x), p, generator), p)


def feature_alpha_dropout_terms(
    x: NDArray[Any], p: float = 0.5, *, generator: Generator | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return ``(scale, shift)`` of alpha dropout by channels, each of shape (N, C, 1, …)."""
    _check_probability(p)
    precision_of(x.dtype, "alpha_dropout")
    return _alpha_terms(_keep(_feature_form(x), p, generator), p)
