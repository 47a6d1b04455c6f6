"""Showing a graph in a notebook: the picture, or the page in a sandboxed frame."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from .markup import element

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


def display_picture(picture: Any) -> None:
    """Show something in the notebook's current cell."""
    from IPython.display import display  # type: ignore[import-not-found]

    display(picture)


def display_page(page: str) -> None:
    """Show a page in a frame in the notebook's current cell."""
    from IPython.display import HTML

    if len(page) > LARGEST_FRAME:
        warnings.warn(
            f"this page adds {len(page) / 1e6:.1f} MB to the notebook; graph.save('graph.html') "
            f"keeps it beside",
            stacklevel=3,
        )
    display_picture(HTML(framed(page)))
