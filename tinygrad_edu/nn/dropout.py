"""Layers that drop entries at random in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops import dropout
from ..tensors.tensor import Tensor
from .module import Module, bare

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
]


class _DropoutNd(Module):
    """A layer that acts in training and passes everything in use (`eval()`)."""

    _function: Callable[..., Any]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The input with entries dropped, while training."""
        return self._function(input, self.p, self.training, self.inplace)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Entries set to 0 with probability p, the rest divided by 1 − p.

    Source: Srivastava et al., Dropout, 2014.

    Parameters
    ----------
    p : float
        The fraction set to 0.
    inplace : bool
        Write into the input.

    Raises
    ------
    ValueError
        If p is not a probability.
    """

    _function = staticmethod(bare(dropout.dropout))


class Dropout1d(_DropoutNd):
    """Channels of (N, C, L) set to 0 with probability p, the rest divided by 1 − p."""

    _function = staticmethod(bare(dropout.dropout1d))


class Dropout2d(_DropoutNd):
    """Channels of (N, C, H, W) set to 0 with probability p, the rest divided by 1 − p.

    Source: Tompson et al., Efficient object localization using convolutional networks, 2015.
    """

    _function = staticmethod(bare(dropout.dropout2d))


class Dropout3d(_DropoutNd):
    """Channels of (N, C, D, H, W) set to 0 with probability p, the rest divided by 1 − p."""

    _function = staticmethod(bare(dropout.dropout3d))


class AlphaDropout(_DropoutNd):
    """Dropout that keeps mean 0 and variance 1 of what SELU gives.

    Source: Klambauer et al., Self-normalizing neural networks, 2017.
    """

    _function = staticmethod(bare(dropout.alpha_dropout))


class FeatureAlphaDropout(_DropoutNd):
    """Alpha dropout of whole channels (N, C, …)."""

    _function = staticmethod(bare(dropout.feature_alpha_dropout))
