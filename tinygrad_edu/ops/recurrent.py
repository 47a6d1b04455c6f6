"""Recurrent cells, and how they run along a sequence.

Sequences are laid out step by step: all first steps, then all second ones, as rows of one matrix.
So every step's input goes through its weights in one product, and a packed sequence, whose batch
shrinks as sequences end, is no special case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..engine.traced import wrap
from ..primitives import elementwise, indexing, shaping
from ..primitives.linalg import matmul
from .activation import relu, sigmoid
from .composed import composed

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

tanh, take, cat, times = (
    elementwise.tanh.record,
    indexing.getitem.record,
    shaping.cat.record,
    matmul.record,
)
State = tuple[Any, ...]


class Weights(NamedTuple):
    """A cell's parameters, laid out to multiply from the right: x Wᵢ + h Wₕ + b."""

    input: Any
    hidden: Any
    input_bias: Any
    hidden_bias: Any
    projection: Any


def columns(x: Any, first: int, last: int) -> Any:
    """Columns of a matrix."""
    return take(x, (slice(None), slice(first, last)))


# Cells --------------------------------------------------------------------------------------------


def affine(x: Any, weight: Any, bias: Any) -> Any:
    """x Wᵀ + b."""
    y = times(x, shaping.permute.record(weight, (1, 0)))
    return y if bias is None else y + bias


@composed
def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> Tensor:
    """h' = tanh(x Wᵢᵀ + bᵢ + h Wₕᵀ + bₕ). Source: Elman, Finding structure in time, 1990."""
    return tanh(affine(input, w_ih, b_ih) + affine(hx, w_hh, b_hh))


@composed
def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> Tensor:
    """h' = max(0, x Wᵢᵀ + bᵢ + h Wₕᵀ + bₕ)."""
    return relu(affine(input, w_ih, b_ih) + affine(hx, w_hh, b_hh))


@composed
def lstm_cell(
    input: Tensor, hx: Any, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> tuple[Tensor, Tensor]:
    """c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'), with (i, f, g, o) = x Wᵢᵀ + bᵢ + h Wₕᵀ + bₕ.

    Source: Hochreiter and Schmidhuber, Long short-term memory, 1997; Gers et al., 2000.
    """
    h, c = hx
    gates = affine(input, w_ih, b_ih) + affine(h, w_hh, b_hh)
    n = w_hh._data.shape[1]
    i, f, g, o = (columns(gates, k * n, k * n + n) for k in range(4))
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


@composed
def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> Tensor:
    """h' = n + z (h − n), n = tanh(xₙ + r hₙ), with r and z the sigmoids of the other thirds.

    Source: Cho et al., Learning phrase representations using RNN encoder–decoder, 2014.
    """
    x, h = affine(input, w_ih, b_ih), affine(hx, w_hh, b_hh)
    n = w_hh._data.shape[1]
    r = sigmoid(columns(x, 0, n) + columns(h, 0, n))
    z = sigmoid(columns(x, n, 2 * n) + columns(h, n, 2 * n))
    fresh = tanh(columns(x, 2 * n, 3 * n) + r * columns(h, 2 * n, 3 * n))
    return fresh + z * (hx - fresh)


# Cells prepared for many steps --------------------------------------------------------------------


def turned(weight: Any) -> Any:
    """A weight laid out to multiply from the right."""
    return None if weight is None else shaping.permute.record(weight, (1, 0))


def joined(w: Weights) -> Any:
    """Both biases as one."""
    if w.input_bias is None:
        return None
    return w.input_bias + w.hidden_bias


class Cell(NamedTuple):
    """A cell prepared for many steps: what every step's input goes through, and the step itself."""

    inward: Any  # the weight (in, gates · hidden) that all inputs are multiplied by at once
    bias: Any
    step: Callable[[Any, State], State]


def elman(w: Weights, squash: Callable[[Any], Any]) -> Cell:
    """A plain recurrent network."""
    wh = turned(w.hidden)

    def step(x: Any, state: State) -> State:
        return (squash(x + times(state[0], wh)),)

    return Cell(turned(w.input), joined(w), step)


def halved(n: int, gates: Sequence[bool], dtype: Any) -> Any:
    """A row that halves the gates' columns: σ(x) = tanh(x/2)/2 + 1/2, one tanh for them all."""
    return wrap(np.repeat(np.where(gates, 0.5, 1.0), n).astype(dtype))


def opened(half: Any) -> Any:
    """The gate whose tanh(x/2) is given."""
    return half * 0.5 + 0.5


def lstm(w: Weights) -> Cell:
    """An LSTM."""
    n = w.hidden._data.shape[0] // 4
    inner = halved(n, (True, True, False, True), w.hidden._data.dtype)
    wh, bias, project = turned(w.hidden) * inner, joined(w), turned(w.projection)

    def step(x: Any, state: State) -> State:
        h, c = state
        gates = tanh(x + times(h, wh))
        i, f = columns(gates, 0, n), columns(gates, n, 2 * n)
        g, o = columns(gates, 2 * n, 3 * n), columns(gates, 3 * n, 4 * n)
        # With 1 + tanh twice a gate, the halves are taken once of a sum and not of each.
        c = (f * c + c + i * g + g) * 0.5
        seen = tanh(c)
        h = (o * seen + seen) * 0.5
        return (h if project is None else times(h, project)), c

    return Cell(turned(w.input) * inner, None if bias is None else bias * inner, step)


def gru(w: Weights) -> Cell:
    """A GRU. Its hidden bias stays apart, for the gate r comes between it and the input's."""
    n = w.hidden._data.shape[0] // 3
    inner = halved(n, (True, True, False), w.hidden._data.dtype)
    wh = turned(w.hidden) * inner
    bi, bh = w.input_bias, w.hidden_bias
    bh = None if bh is None else bh * inner

    def step(x: Any, state: State) -> State:
        (h,) = state
        y = times(h, wh)
        if bh is not None:
            y = y + bh
        gates = tanh(columns(x, 0, 2 * n) + columns(y, 0, 2 * n))
        r, z = opened(columns(gates, 0, n)), opened(columns(gates, n, 2 * n))
        fresh = tanh(columns(x, 2 * n, 3 * n) + r * columns(y, 2 * n, 3 * n))
        return (fresh + z * (h - fresh),)

    return Cell(turned(w.input) * inner, None if bi is None else bi * inner, step)


CELLS: dict[str, Callable[[Weights], Cell]] = {
    "RNN_TANH": lambda w: elman(w, tanh),
    "RNN_RELU": lambda w: elman(w, relu),
    "LSTM": lstm,
    "GRU": gru,
}


# Along a sequence ---------------------------------------------------------------------------------


def rows(x: Any, first: int, last: int) -> Any:
    """Rows of a matrix; all of them is the matrix itself."""
    return x if first == 0 and last == x._data.shape[0] else take(x, slice(first, last))


def along(cell: Cell, steps: Sequence[Any], state: State) -> tuple[list[Any], State]:
    """Run a cell over the steps in order; the batch may shrink.

    Returns
    -------
    outputs : list
        The hidden state after each step.
    state : tuple
        Each sequence's state at its own end.
    """
    outputs = []
    ended: list[State] = []
    for x in steps:
        held, live = state[0]._data.shape[0], x._data.shape[0]
        if live < held:
            ended.append(tuple(rows(s, live, held) for s in state))
            state = tuple(rows(s, 0, live) for s in state)
        state = cell.step(x, state)
        outputs.append(state[0])
    if ended:
        parts = [state, *reversed(ended)]
        state = tuple(cat([p[k] for p in parts], 0) for k in range(len(state)))
    return outputs, state


def backwards(cell: Cell, steps: Sequence[Any], state: State) -> tuple[list[Any], State]:
    """Run a cell over the steps from the last to the first; the batch may grow."""
    outputs = []
    start = state
    state = tuple(rows(s, 0, steps[-1]._data.shape[0]) for s in start)
    for x in reversed(steps):
        held, live = state[0]._data.shape[0], x._data.shape[0]
        if live > held:
            grown = zip(state, start, strict=True)
            state = tuple(cat([s, rows(first, held, live)], 0) for s, first in grown)
        state = cell.step(x, state)
        outputs.append(state[0])
    return outputs[::-1], state


def layers(
    kind: str,
    x: Any,
    sizes: Sequence[int],
    start: State,
    weights: Sequence[Weights],
    directions: int,
    noise: Callable[[Any], Any] | None,
) -> tuple[Any, State]:
    """Run the layers of a recurrent network, one over the outputs of the other.

    Parameters
    ----------
    kind : str
        A key of `CELLS`.
    x : Tensor (rows, features)
        The first step of all sequences, then the second of all that have one, and so on.
    sizes : sequence of int
        How many rows each step has, never growing.
    start : tuple of Tensors (layers · directions, batch, hidden)
    weights : sequence of Weights
        For each layer, one for each direction.
    noise : callable, optional
        What the outputs of a layer pass through on their way to the next (dropout).

    Returns
    -------
    outputs : Tensor (rows, directions · hidden)
        The last layer's, laid out as `x`.
    state : tuple
        Each layer's and direction's state at the end.
    """
    ends: list[State] = []
    stops = np.cumsum(sizes).tolist()
    places = [slice(stop - n, stop) for n, stop in zip(sizes, stops, strict=True)]
    for layer in range(len(weights) // directions):
        if layer and noise is not None:
            x = noise(x)
        outputs = []
        for direction in range(directions):
            number = layer * directions + direction
            cell = CELLS[kind](weights[number])
            inputs = times(x, cell.inward)  # of all steps in one product
            inputs = inputs if cell.bias is None else inputs + cell.bias
            state = tuple(take(s, number) for s in start)
            run = backwards if direction else along
            out, end = run(cell, [take(inputs, place) for place in places], state)
            outputs.append(cat(out, 0))
            ends.append(end)
        x = outputs[0] if directions == 1 else cat(outputs, 1)
    final = tuple(
        cat([shaping.unsqueeze.record(e[k], 0) for e in ends], 0) for k in range(len(start))
    )
    return x, final
