"""`tg.draw(loss)` and `loss.graph()`, which load the graph view when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import viz
from ..tensors.tensor import register_method

if TYPE_CHECKING:
    from .picture import Graph

__all__ = ["draw"]


def draw(*outputs: Any, **options: Any) -> Graph:
    """Draw the graph that some tensors were computed by: `viz.graph` under a shorter name.

    Parameters
    ----------
    *outputs : Tensor
        What to draw, usually the loss.
    **options
        Those of `viz.graph`: model, names, detail, max_nodes, collapse, expand, color_by, …

    Returns
    -------
    Graph
        `.show()` shows it, `.save("graph.html")` writes it, `.graphviz` is the `Digraph`.

    Raises
    ------
    TypeError, ValueError
        If an output is no Tensor, or has no graph.
    """
    return viz.graph(*outputs, **options)


register_method("graph", draw)
