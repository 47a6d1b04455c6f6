"""Showing a graph in a notebook: the picture, or the page in a sandboxed frame."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

from .markup import element

if TYPE_CHECKING:
    from .picture import Graph

LARGEST_FRAME = 5_000_000


def in_notebook() -> bool:
    """Whether a notebook is there to show things in."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def framed(page: str, height: int = 640) -> str:
    """A page in a sandboxed frame, which takes nothing from the notebook and gives it nothing."""
    style = f"width:100%;height:{height}px;border:0"
    return element(
        "iframe", sandbox="allow-scripts", style=style, title="computational graph", srcdoc=page
    )


def display_graph(graph: Graph, *, interactive: bool) -> None:
    """Show a graph in the notebook's current cell."""
    from IPython.display import HTML, display  # type: ignore[import-not-found]

    if not interactive:
        display(graph)
        return
    page = graph.to_html()
    if len(page) > LARGEST_FRAME:
        warnings.warn(
            f"this page adds {len(page) / 1e6:.1f} MB to the notebook; graph.save('graph.html') "
            f"keeps it beside",
            stacklevel=3,
        )
    display(HTML(framed(page)))
