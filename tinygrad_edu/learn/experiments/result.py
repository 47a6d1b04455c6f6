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
        Draws on a matplotlib Axes, or on a list of them if there are several panels.
    panels : int
        Axes side by side.
    size : (float, float)
        Of the figure, in inches.
    listing : str
        Code that the text is about; empty if there is none.
    """

    name: str
    text: str
    data: Mapping[str, Any]
    draw: Callable[[Any], None] = field(repr=False, compare=False)
    panels: int = 1
    size: tuple[float, float] = (7.5, 4.8)
    listing: str = ""

    def plot(self, ax: Any = None) -> Any:
        """Draw, on given Axes (a list of them for several panels) or a new figure.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            For another number of Axes than there are panels.
        """
        if ax is None:
            try:
                from matplotlib.figure import Figure
            except ImportError as problem:
                raise ImportError(
                    "a plot needs matplotlib: pip install 'tinygrad-edu[viz]'; the numbers are in "
                    ".data"
                ) from problem
            figure = Figure(figsize=self.size, layout="constrained")
            ax = figure.subplots(1, self.panels)
        if self.panels == 1:
            self.draw(ax)
            return ax.figure
        axes = list(ax) if hasattr(ax, "__len__") else [ax]
        if len(axes) != self.panels:
            raise ValueError(
                f"{self.name} has {self.panels} panels, and was given {len(axes)} Axes; type "
                f"plot(plt.subplots(1, {self.panels})[1])"
            )
        self.draw(axes)
        return axes[0].figure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Draw into a file; its ending says which kind."""
        self.plot().savefig(path, dpi=150)

    def __str__(self) -> str:
        parts = [self.name, textwrap.fill(self.text, 88)]
        if self.listing:
            parts.insert(1, textwrap.indent(self.listing.strip("\n"), "    "))
        return "\n\n".join(parts)
