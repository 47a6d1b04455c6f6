"""Layers that drop entries at random in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops import neural
from ..tensor import Tensor
from .activation import bare
from .module import Module

__all__ = ["Dropout"]


class _Dropout(Module):
    """A layer that acts in training and passes everything in use (`eval()`)."""

    function: Callable[..., Any]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The input with entries dropped, while training."""
        return type(self).function(input, self.p, self.training, self.inplace)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
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

    function = staticmethod(bare(neural.dropout))
