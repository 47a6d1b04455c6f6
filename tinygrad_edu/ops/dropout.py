"""Dropout: of entries, of whole channels, and the kind that keeps mean and variance."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..engine.traced import wrap
from ..generator import (
    alpha_dropout_terms,
    dropout_noise,
    feature_alpha_dropout_terms,
    feature_dropout_noise,
)
from .composed import composed
from .views import in_place

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def checked_probability(p: float) -> None:
    """Raise unless p is a probability."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


@composed
def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    generator: Any = None,
) -> Tensor:
    """Entries set to 0 with probability p and the rest divided by 1 − p; nothing when not training.

    Raises
    ------
    ValueError
        If p is not a probability.
    """
    checked_probability(p)
    if not training:
        return input
    out = input * wrap(dropout_noise(input._data, p, generator=generator))
    return input._become(out, "dropout_") if inplace else out


def by_channel(input: Tensor, p: float, training: bool, inplace: bool, rank: int) -> Tensor:
    """The body of dropout1d, 2d and 3d: whole channels set to 0."""
    checked_probability(p)
    shape = input._data.shape
    if rank == 2 and len(shape) == 2:  # as old scripts do, PyTorch's first MNIST example among them
        warnings.warn(
            "dropout2d: Received a 2-D input to dropout2d, which is deprecated; it has no channels "
            "to drop whole, so entries are dropped one by one. Please use dropout instead.",
            stacklevel=4,
        )
    elif len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"dropout{rank}d: Expected {rank + 1}D (channels, …) or {rank + 2}D (batch, channels, "
            f"…) input, but got {list(shape)}; for single entries use dropout"
        )
    if not training:
        return input
    # PyTorch reads three dimensions as (batch, channels, length) in dropout2d, kept for old code.
    alone = len(shape) == rank + 1 and rank != 2
    form = input._data[None] if alone else input._data
    noise = feature_dropout_noise(form, p)
    out = input * wrap(noise[0] if alone else noise)
    return input._become(out, f"dropout{rank}d") if inplace else out


@composed
def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Channels of (N, C, L) set to 0 with probability p, the rest divided by 1 − p."""
    return by_channel(input, p, training, inplace, 1)


@composed
def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Channels of (N, C, H, W) set to 0 with probability p, the rest divided by 1 − p.

    Source: Tompson et al., Efficient object localization using convolutional networks, 2015.
    """
    return by_channel(input, p, training, inplace, 2)


@composed
def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Channels of (N, C, D, H, W) set to 0 with probability p, the rest divided by 1 − p."""
    return by_channel(input, p, training, inplace, 3)


def keeping_moments(
    input: Tensor, p: float, training: bool, inplace: bool, terms: Callable[..., Any], name: str
) -> Tensor:
    """The body of both alpha dropouts: each entry times a scale, plus a shift, as `terms` draws."""
    checked_probability(p)
    if not training:
        return input
    scale, shift = terms(input._data, p)
    out = input * wrap(scale) + wrap(shift)
    return input._become(out, name) if inplace else out


@composed
def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Entries set to SELU's lowest value, and all scaled and shifted to keep mean and variance.

    Source: Klambauer et al., Self-normalizing neural networks, 2017.
    """
    return keeping_moments(input, p, training, inplace, alpha_dropout_terms, "alpha_dropout")


@composed
def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Alpha dropout of whole channels (N, C, …)."""
    return keeping_moments(
        input, p, training, inplace, feature_alpha_dropout_terms, "feature_alpha_dropout"
    )


alpha_dropout_ = in_place(alpha_dropout)
dropout_ = in_place(dropout)
feature_alpha_dropout_ = in_place(feature_alpha_dropout)
