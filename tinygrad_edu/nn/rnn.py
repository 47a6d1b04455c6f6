"""Recurrent layers: RNN, LSTM and GRU over sequences, padded or packed."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..generator import dropout_noise
from ..ops import recurrent
from ..primitives import indexing, shaping
from ..tensors.tensor import Parameter
from . import init
from .module import Module, non_defaults
from .parameter import new_parameter
from .utils.rnn import PackedSequence

__all__ = ["GRU", "LSTM", "RNN", "RNNBase"]


class RNNBase(Module):
    """What RNN, LSTM and GRU share.

    Parameters
    ----------
    input_size, hidden_size : int
        Features of each step's input, and of the state.
    num_layers : int
        Layers, each running over the outputs of the one below.
    bias : bool
    batch_first : bool
        Whether input and output are (batch, steps, features) and not (steps, batch, features).
    dropout : float
        The fraction of each layer's outputs, but the last's, set to 0 in training.
    bidirectional : bool
        Also run from the end; outputs are side by side.
    """

    gates = 1
    states = 1

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if (
            not isinstance(dropout, int | float)
            or isinstance(dropout, bool)
            or not 0 <= dropout <= 1
        ):
            raise ValueError(
                f"dropout should be a number in range [0, 1] representing the probability of an "
                f"element being zeroed, got {dropout!r}"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                f"dropout option adds dropout after all but last recurrent layer, so non-zero "
                f"dropout expects num_layers greater than 1, but got dropout={dropout} and "
                f"num_layers={num_layers}",
                stacklevel=3,
            )
        if not isinstance(hidden_size, int) or hidden_size <= 0:
            raise ValueError(f"hidden_size must be a number greater than zero, got {hidden_size!r}")
        if num_layers <= 0:
            raise ValueError(f"num_layers must be greater than zero, got {num_layers}")
        if not 0 <= proj_size < hidden_size:
            raise ValueError(
                f"proj_size should be 0 (none) or positive and smaller than hidden_size "
                f"({hidden_size}), got {proj_size}"
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self.bias = bias
        rows = self.gates * hidden_size
        out = proj_size or hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else out * self.directions
            for direction in range(self.directions):
                end = self._suffix(layer, direction)
                setattr(self, f"weight_ih_{end}", new_parameter(rows, width, dtype=dtype))
                setattr(self, f"weight_hh_{end}", new_parameter(rows, out, dtype=dtype))
                if bias:
                    setattr(self, f"bias_ih_{end}", new_parameter(rows, dtype=dtype))
                    setattr(self, f"bias_hh_{end}", new_parameter(rows, dtype=dtype))
                if proj_size:
                    setattr(self, f"weight_hr_{end}", new_parameter(out, hidden_size, dtype=dtype))
        self.reset_parameters()

    @property
    def directions(self) -> int:
        """1, or 2 if it also runs from the end."""
        return 2 if self.bidirectional else 1

    def _suffix(self, layer: int, direction: int) -> str:
        return f"l{layer}{'_reverse' if direction else ''}"

    def reset_parameters(self) -> None:
        """Draw every parameter uniform in ±1/√hidden_size, as PyTorch does."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing to do: PyTorch lays parameters out for a GPU library here."""

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, a list for each layer and direction."""
        return [[p for p in w if p is not None] for w in self._weights()]

    # Private in PyTorch too, but courses initialise a recurrent layer by these.
    @property
    def _flat_weights_names(self) -> list[str]:
        return list(self._parameters)

    @property
    def _flat_weights(self) -> list[Any]:
        return list(self._parameters.values())

    def _weights(self) -> list[recurrent.Weights]:
        found = []
        for layer in range(self.num_layers):
            for direction in range(self.directions):
                end = self._suffix(layer, direction)
                names = (f"weight_ih_{end}", f"weight_hh_{end}", f"bias_ih_{end}", f"bias_hh_{end}")
                held = [getattr(self, name, None) for name in (*names, f"weight_hr_{end}")]
                found.append(recurrent.Weights(*held))
        return found

    # ------------------------------------------------------------------------------ running

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Run over a sequence.

        Parameters
        ----------
        input : Tensor or PackedSequence
            (steps, batch, input_size), with `batch_first` (batch, steps, input_size), or
            (steps, input_size) for one sequence.
        hx : Tensor, or pair of them for LSTM, optional
            The state to start from, (layers · directions, batch, hidden_size); 0 unless given.

        Returns
        -------
        output : Tensor or PackedSequence
            The last layer's outputs, (…, directions · hidden_size).
        state : as hx
            Each layer's state at the end.
        """
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        if input._data.ndim not in (2, 3):
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 2D (steps, features) or 3D, got "
                f"{input._data.ndim}D tensor of shape {tuple(input._data.shape)} instead"
            )
        alone = input._data.ndim == 2
        self._check_input(input)
        x = shaping.unsqueeze.record(input, 1) if alone else input
        turn = self.batch_first and not alone
        x = shaping.permute.record(x, (1, 0, 2)) if turn else x
        steps, batch, width = x._data.shape
        if not steps:
            raise RuntimeError(
                f"{type(self).__name__}: Expected sequence length to be larger than 0, got input "
                f"{tuple(input._data.shape)}"
            )
        start = self._start(hx, batch, input._data.dtype, alone)
        output, final = recurrent.layers(
            self.mode,
            shaping.reshape.record(x, (steps * batch, width)),
            [batch] * steps,
            start,
            self._weights(),
            self.directions,
            self._noise(),
        )
        if alone:
            return output, self._state(tuple(shaping.squeeze.record(s, 1) for s in final))
        output = shaping.reshape.record(output, (steps, batch, output._data.shape[1]))
        return (shaping.permute.record(output, (1, 0, 2)) if turn else output), self._state(final)

    def _packed(self, input: PackedSequence, hx: Any) -> Any:
        data, sizes = input.data, [int(n) for n in input.batch_sizes]
        self._check_input(data)
        start = self._start(hx, sizes[0], data._data.dtype, False)
        if hx is not None:
            start = tuple(permuted(s, input.sorted_indices) for s in start)
        output, final = recurrent.layers(
            self.mode, data, sizes, start, self._weights(), self.directions, self._noise()
        )
        final = tuple(permuted(s, input.unsorted_indices) for s in final)
        packed = PackedSequence(
            output,
            input.batch_sizes,
            input.sorted_indices,
            input.unsorted_indices,
        )
        return packed, self._state(final)

    def _check_input(self, input: Any) -> None:
        if input._data.shape[-1] != self.input_size:
            shape = tuple(input._data.shape)
            raise RuntimeError(
                f"{type(self).__name__}: input.size(-1) must be equal to input_size. Expected "
                f"{self.input_size}, got {shape[-1]} (input of shape {shape}). Features come last: "
                f"(time, batch, features), or with batch_first=True (batch, time, features)"
            )
        dtype = self._weights()[0].input._data.dtype
        if input._data.dtype != dtype:
            raise ValueError(
                f"{type(self).__name__}: input must have the type {dtype} of the weights, got type "
                f"{input._data.dtype}; convert with .to({dtype})"
            )

    def _start(self, hx: Any, batch: int, dtype: Any, alone: bool) -> tuple[Any, ...]:
        rows = self.num_layers * self.directions
        widths = [self.proj_size or self.hidden_size, self.hidden_size][: self.states]
        if hx is None:
            return tuple(wrap(np.zeros((rows, batch, n), dtype)) for n in widths)
        given = (hx,) if isinstance(hx, Traced) else tuple(hx)
        if len(given) != self.states:
            raise RuntimeError(
                f"{type(self).__name__}: expected {self.states} state tensor(s) as hx, got "
                f"{len(given)}"
            )
        if alone:
            given = tuple(shaping.unsqueeze.record(s, 1) if s._data.ndim == 2 else s for s in given)
        for name, s, n in zip(("hx[0]", "hx[1]"), given, widths, strict=False):
            if tuple(s._data.shape) != (rows, batch, n):
                raise RuntimeError(
                    f"{type(self).__name__}: Expected hidden {name} size ({rows}, {batch}, {n}) "
                    f"(layers · directions, batch, hidden), got {tuple(s._data.shape)}"
                )
        return given

    def _state(self, final: tuple[Any, ...]) -> Any:
        return final if self.states > 1 else final[0]

    def _noise(self) -> Callable[[Any], Any] | None:
        """Dropout between layers, in training."""
        p = self.dropout
        if not p or not self.training:
            return None
        return lambda x: x * wrap(dropout_noise(x._data, p))

    def extra_repr(self) -> str:
        """The settings that differ from the defaults."""
        changed = non_defaults(
            self,
            proj_size=0,
            num_layers=1,
            bias=True,
            batch_first=False,
            dropout=0,
            bidirectional=False,
        )
        return f"{self.input_size}, {self.hidden_size}{changed}"


def permuted(state: Any, order: Any) -> Any:
    """A state (layers, batch, hidden) with its batch in another order."""
    return state if order is None else indexing.getitem.record(state, (slice(None), order._data))


class RNN(RNNBase):
    """h' = tanh(x Wᵢᵀ + bᵢ + h Wₕᵀ + bₕ) at each step, or ReLU for `nonlinearity="relu"`.

    Source: Elman, Finding structure in time, 1990. Parameters as in `RNNBase`.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        settings = (num_layers, bias, batch_first, dropout, bidirectional)
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(mode, input_size, hidden_size, *settings, dtype=dtype)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c') at each step; the state is the pair (h, c).

    Source: Hochreiter and Schmidhuber, Long short-term memory, 1997. Parameters as in `RNNBase`;
    with `proj_size` h is projected to that many features.
    """

    gates = 4
    states = 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        settings = (num_layers, bias, batch_first, dropout, bidirectional, proj_size)
        super().__init__("LSTM", input_size, hidden_size, *settings, dtype=dtype)


class GRU(RNNBase):
    """h' = (1 − z) n + z h at each step, n = tanh(xₙ + r hₙ), with gates r and z.

    Source: Cho et al., Learning phrase representations using RNN encoder–decoder, 2014. Parameters
    as in `RNNBase`.
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        settings = (num_layers, bias, batch_first, dropout, bidirectional)
        super().__init__("GRU", input_size, hidden_size, *settings, dtype=dtype)
