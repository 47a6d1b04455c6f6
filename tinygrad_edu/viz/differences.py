"""What differs between two graphs, as one picture and as text."""

from __future__ import annotations

from tinygrad_edu.viz.comparison import By
from tinygrad_edu.viz.comparison import diff as compare
from tinygrad_edu.viz.picture import Graph
from tinygrad_edu.viz.text import Color

__all__ = ["Differences", "diff"]


class Differences(Graph):
    """The second graph with what is new, gone and changed marked: what `viz.diff` returns.

    Attributes
    ----------
    lines : tuple of str
        One per difference: `+` new, `-` gone, `~` changed.
    """

    lines: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.lines

    def to_text(self, width: int | None = None, color: Color = "auto") -> str:
        """The differences, one per line."""
        return "\n".join(self.lines or ("No difference.",)) + "\n"


def diff(g1: Graph, g2: Graph, by: By = "structure") -> Differences:
    """Compare two graphs: two steps of training, a student's and a solution's.

    Parameters
    ----------
    g1, g2 : Graph
    by : {"structure", "values", "grads"}
        "structure" compares ops, shapes, dtypes and edges; the others numbers as well.

    Returns
    -------
    Differences
        `.lines`, `.same`, and all that a `Graph` can do.

    Raises
    ------
    TypeError
        If one is no Graph.
    """
    for name, g in (("g1", g1), ("g2", g2)):
        if not isinstance(g, Graph):
            raise TypeError(
                f"viz.diff() compares two Graphs; {name} is a {type(g).__name__}. Draw it first: "
                f"viz.diff(viz.graph(a), viz.graph(b))"
            )
    found = compare(g1.view, g2.view, by)
    out = Differences(found.view, g2.options)
    out.lines = found.lines
    return out
