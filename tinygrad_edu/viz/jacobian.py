"""One op with its numeric Jacobian: what each output does when each input moves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.functional import jacobian
from ..tensors.tensor import tensor
from .model import Card, Edge, Summary, View
from .options import Options
from .picture import Graph
from .reading.summarise import elements_text, full_text, heatmap, summarise

LARGEST = 8

__all__ = ["jacobian_card"]


def jacobian_card(op: Callable[..., Any], *inputs: Any) -> Graph:
    """A picture of one op with its local Jacobian by each input, where it is at most 8 x 8.

    Entry (i, j) is how fast output i grows with input j, both read row by row.

    Parameters
    ----------
    op : callable
        `tg.tanh`, `lambda a, b: a @ b`: from Tensors to a Tensor.
    *inputs : Tensor, array, number or list

    Returns
    -------
    Graph
        The inputs, the op, and a card `dy/dx` per input.
    """
    given: list[Any] = [
        x.detach() if hasattr(x, "detach") else tensor(np.asarray(x, float)) for x in inputs
    ]
    y = op(*given)
    found = jacobian(op, tuple(given))
    several = found if isinstance(found, tuple) else (found,)
    name = getattr(op, "__name__", "op").replace("<lambda>", "op")
    words = ["x"] if len(given) == 1 else [chr(ord("a") + i) for i in range(len(given))]
    cards = [
        Card(i, "input", role="input", name=word, shape=tuple(x.shape), dtype=str(x.dtype),
             value=summarise(x._data), needs_grad=False)
        for i, (word, x) in enumerate(zip(words, given))
    ]  # fmt: skip
    out = len(cards)
    cards.append(
        Card(out, name, role="output", name="y", shape=tuple(y.shape), dtype=str(y.dtype),
             value=summarise(y._data), needs_grad=False)
    )  # fmt: skip
    edges = [Edge(i, out, word, i, tuple(given[i].shape)) for i, word in enumerate(words)]
    for i, (word, part) in enumerate(zip(words, several)):
        rows, columns = math.prod(y.shape), math.prod(given[i].shape)
        matrix = np.asarray(part._data).reshape(rows, columns)
        cards.append(
            Card(
                out + 1 + i,
                "Jacobian",
                name=f"dy/d{word}",
                shape=(rows, columns),
                dtype=str(part.dtype),
                value=_matrix(matrix),
                needs_grad=False,
            )
        )
        edges.append(Edge(out, out + 1 + i, "y", 0, tuple(y.shape), carries_grad=False))
    title = f"{name} and its Jacobian"
    return Graph(View(title, tuple(cards), tuple(edges)), Options(max_nodes=len(cards)))


def _matrix(matrix: Any) -> Summary:
    if max(matrix.shape, default=0) > LARGEST:
        return Summary(
            reason=f"{matrix.shape[0]} x {matrix.shape[1]}; shown up to {LARGEST} x {LARGEST}"
        )
    return Summary(
        text="\n".join(elements_text(row) for row in matrix),
        size=int(matrix.size),
        full=full_text(matrix),
        heatmap=heatmap(matrix),
    )
