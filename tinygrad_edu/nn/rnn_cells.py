"""Single steps of recurrent networks, as layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..ops import recurrent
from ..primitives import shaping
from ..tensors.tensor import Tensor
from . import init
from .module import Module, non_defaults
from .parameter import new_parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "RNNCellBase"]


class RNNCellBase(Module):
    """What the cells share: their parameters."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        self.weight_ih = new_parameter(rows, input_size, dtype=dtype)
        self.weight_hh = new_parameter(rows, hidden_size, dtype=dtype)
        self.bias_ih = new_parameter(rows, dtype=dtype) if bias else None
        self.bias_hh = new_parameter(rows, dtype=dtype) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter uniform in ±1/√hidden_size, as PyTorch does."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _run(self, cell: Callable[..., Any], input: Any, hx: Any, states: int) -> Any:
        name = type(self).__name__
        if input._data.ndim not in (1, 2):
            raise ValueError(
                f"{name}: Expected input to be 1D or 2D, got {input._data.ndim}D instead"
            )
        if input._data.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: input has inconsistent input_size: got {input._data.shape[-1]}, expected "
                f"{self.input_size}"
            )
        alone = input._data.ndim == 1
        x = shaping.unsqueeze.record(input, 0) if alone else input
        if hx is None:
            zeros = wrap(np.zeros((x._data.shape[0], self.hidden_size), x._data.dtype))
            held: tuple[Any, ...] = (zeros,) * states
        else:
            held = (hx,) if isinstance(hx, Traced) else tuple(hx)
            held = tuple(shaping.unsqueeze.record(h, 0) if h._data.ndim == 1 else h for h in held)
        for h in held:
            if h._data.shape != (x._data.shape[0], self.hidden_size):
                raise RuntimeError(
                    f"{name}: hidden has inconsistent shape: got {tuple(h._data.shape)}, expected "
                    f"({x._data.shape[0]}, {self.hidden_size})"
                )
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        out = cell(x, held if states > 1 else held[0], *weights)
        if not alone:
            return out
        if states > 1:
            return tuple(shaping.squeeze.record(o, 0) for o in out)
        return shaping.squeeze.record(out, 0)

    def extra_repr(self) -> str:
        """Sizes, and what differs from the defaults."""
        return f"{self.input_size}, {self.hidden_size}{non_defaults(self, bias=True)}"


class RNNCell(RNNCellBase):
    """One step of an RNN: h' = tanh(x Wᵢᵀ + bᵢ + h Wₕᵀ + bₕ), or ReLU."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, dtype)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Any = None) -> Tensor:
        """The next state (batch, hidden_size) from input (batch, input_size)."""
        cell = recurrent.rnn_tanh_cell if self.nonlinearity == "tanh" else recurrent.rnn_relu_cell
        return self._run(cell, input, hx, 1)  # type: ignore[no-any-return]


class _GatedCell(RNNCellBase):
    """A cell with as many linear maps of input and state as its class has gates."""

    _gates: int

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, self._gates, dtype)


class LSTMCell(_GatedCell):
    """One step of an LSTM: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c')."""

    _gates = 4

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """The next (h, c), each (batch, hidden_size), from input (batch, input_size)."""
        return self._run(recurrent.lstm_cell, input, hx, 2)


class GRUCell(_GatedCell):
    """One step of a GRU: h' = (1 − z) n + z h, n = tanh(xₙ + r hₙ), with gates r and z."""

    _gates = 3

    def forward(self, input: Tensor, hx: Any = None) -> Tensor:
        """The next state (batch, hidden_size) from input (batch, input_size)."""
        return self._run(recurrent.gru_cell, input, hx, 1)  # type: ignore[no-any-return]
