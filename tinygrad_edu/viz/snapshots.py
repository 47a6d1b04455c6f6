"""Moments of training: one graph with the values and gradients of many steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .model import Snapshot, Summary
from .picture import Graph, graph


class Snapshots:
    """The same graph at several moments of training, for the page's slider.

    shots = viz.Snapshots()
    for step in range(100):
        ...
        if step % 10 == 0:
            shots.take(loss, f"step {step}")
    shots.graph().save("training.html")
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._shots: list[Snapshot] = []

    def take(self, loss: Any, label: str = "", **options: Any) -> None:
        """Keep the values and gradients of the graph of `loss` as they are now.

        Raises
        ------
        ValueError
            If the graph is not the one of the first snapshot.
        """
        picture = graph(loss, **options)
        cards = picture.view.cards
        if self._graph is None:
            self._graph = picture
        first = self._graph.view.cards
        if [(c.op, c.shape) for c in cards] != [(c.op, c.shape) for c in first]:
            raise ValueError(
                f"this graph has {len(cards)} cards and differs from the first snapshot's, which "
                f"has {len(first)}: take snapshots of the same computation, with equal shapes"
            )
        pairs = list(zip(first, cards))
        self._shots.append(
            Snapshot(
                label or f"snapshot {len(self._shots) + 1}",
                tuple((f.id, _slim(c.value)) for f, c in pairs),
                tuple((f.id, _slim(c.grad)) for f, c in pairs if c.needs_grad),
            )
        )

    def graph(self) -> Graph:
        """The graph of the first snapshot, with a slider over all of them on its page.

        Raises
        ------
        ValueError
            If none was taken.
        """
        if self._graph is None:
            raise ValueError("no snapshot was taken yet: call take(loss) in the training loop")
        view = replace(self._graph.view, snapshots=tuple(self._shots))
        return Graph(view, self._graph.options)

    def __len__(self) -> int:
        return len(self._shots)


def _slim(summary: Summary) -> Summary:
    """Without details, which would multiply the page's size by the number of moments."""
    return replace(summary, full="", histogram=None, heatmap=None)
