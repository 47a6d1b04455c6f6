"""What an experiment returns: its numbers, a picture of them, and a paragraph of what to see."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Experiment"]


@dataclass(frozen=True)
class Experiment:
    """One experiment, run.

    Attributes
    ----------
    name, text : str
        Its name, and what to see in it.
    data : mapping of str to arrays or numbers
    draw : callable
        Draws on a matplotlib Axes.
    """

    name: str
    text: str
    data: Mapping[str, Any]
    draw: Callable[[Any], None] = field(repr=False, compare=False)

    def plot(self, ax: Any = None) -> Any:
        """Draw, on given Axes or a new figure; returns the figure.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        if ax is None:
            try:
                from matplotlib.figure import Figure
            except ImportError as problem:
                raise ImportError(
                    "a plot needs matplotlib: pip install 'tinygrad-edu[viz]'; the numbers are in "
                    ".data"
                ) from problem
            ax = Figure(figsize=(7, 4.5), layout="constrained").subplots()
        self.draw(ax)
        return ax.figure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Draw into a file; its ending says which kind."""
        self.plot().savefig(path)

    def __str__(self) -> str:
        return f"{self.name}\n\n{textwrap.fill(self.text, 88)}"
