"""Noise as layers use it: dropout by channels, dropout that keeps mean and variance, Gumbel."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import wrap
from ..generator import (
    alpha_dropout_terms,
    dense_like,
    exponential_,
    feature_alpha_dropout_terms,
    feature_dropout_noise,
    uniform_,
)
from ..primitives import elementwise
from .activation import softmax
from .composed import composed

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def checked_probability(p: float) -> None:
    """Raise unless p is a probability."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def by_channel(input: Any, p: float, training: bool, inplace: bool, rank: int) -> Any:
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
    return by_channel(input, p, training, inplace, 1)  # type: ignore[no-any-return]


@composed
def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Channels of (N, C, H, W) set to 0 with probability p, the rest divided by 1 − p.

    Source: Tompson et al., Efficient object localization using convolutional networks, 2015.
    """
    return by_channel(input, p, training, inplace, 2)  # type: ignore[no-any-return]


@composed
def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Channels of (N, C, D, H, W) set to 0 with probability p, the rest divided by 1 − p."""
    return by_channel(input, p, training, inplace, 3)  # type: ignore[no-any-return]


@composed
def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Entries set to SELU's lowest value, and all scaled and shifted to keep mean and variance.

    Source: Klambauer et al., Self-normalizing neural networks, 2017.
    """
    checked_probability(p)
    if not training:
        return input
    scale, shift = alpha_dropout_terms(input._data, p)
    out = input * wrap(scale) + wrap(shift)
    return input._become(out, "alpha_dropout") if inplace else out


@composed
def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Alpha dropout of whole channels (N, C, …)."""
    checked_probability(p)
    if not training:
        return input
    scale, shift = feature_alpha_dropout_terms(input._data, p)
    out = input * wrap(scale) + wrap(shift)
    return input._become(out, "feature_alpha_dropout") if inplace else out


@composed
def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """softmax((x + Gumbel noise) / τ): nearly one-hot draws that can be differentiated.

    With `hard`, exactly one-hot, with the gradient of the soft ones. Source: Jang, Gu and Poole,
    Categorical reparameterization with Gumbel-softmax, 2017.
    """
    noise = -np.log(exponential_(dense_like(logits._data)))
    soft = softmax((logits + wrap(noise)) / tau, dim)
    if not hard:
        return soft
    best = np.argmax(soft._data, axis=dim, keepdims=True)
    one_hot = np.zeros_like(soft._data)
    np.put_along_axis(one_hot, best, 1, axis=dim)
    return wrap(one_hot) - soft.detach() + soft  # type: ignore[no-any-return]


@composed
def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """x where positive, a · x elsewhere, a drawn from [lower, upper) in training, else their mean.

    Source: Xu et al., Empirical evaluation of rectified activations, 2015.
    """
    slope: Any = (lower + upper) / 2
    if training:
        slope = slopes(input._data, lower, upper)
    out = elementwise.where.record(input > 0, input, input * slope)
    return input._become(out, "rrelu") if inplace else out


def slopes(x: Any, lower: float, upper: float) -> Any:
    """A slope for each entry that is not positive, in the order of those entries."""
    out = np.ones_like(x)
    low = x <= 0
    unit = uniform_(np.empty(int(low.sum()), np.float64))
    out[low] = unit * (upper - lower) + lower
    return wrap(out)
