"""The report of a gradient check: what was found, as text, HTML, a graph and plain data."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

import numpy as np

from ..serialization.files import moved_into_place
from .differences import Array
from .drawing import drawn
from .findings import Findings
from .report_html import render_html, render_page
from .report_text import render, render_explanation, render_table

__all__ = ["GradReport"]


class GradReport(Findings):
    """The result of a gradient check. True exactly if the verdict is PASS.

    Its attributes are those of `Findings`: `verdict`, `rows`, `nodes`, `notes`, `problems` and
    what it takes to see them again.
    """

    def errors(self, name: str) -> Array:
        """`|a - n| / tolerance` for each element of one gradient; above 1 is wrong.

        Raises
        ------
        KeyError
            If there is no such gradient, or it was compared along directions only.
        """
        if name not in self.ratios:
            known = ", ".join(self.ratios) or "none"
            raise KeyError(
                f"no gradient called {name!r} was compared element by element; there is: {known}"
            )
        return np.array(self.ratios[name])

    def table(self) -> str:
        """Every row as text, however many there are."""
        return render_table(self, limit=None)

    def explain(self) -> str:
        """For a student: what the verdict means, what is wrong, and where to look."""
        return render_explanation(self)

    def graph(self, **options: Any) -> Any:
        """The recorded graph, wrong ops red, what is wrong because of them orange, kinks yellow.

        Parameters
        ----------
        options
            As for `viz.graph`.

        Raises
        ------
        ValueError
            If nothing was found that could be marked: draw the output with `viz.graph`.
        """
        if self.marks is None:
            raise ValueError(
                f"this report is {self.verdict} and has no op to mark; draw the function's output "
                f"with viz.graph(y)"
            )
        return drawn(self.marks, **options)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the time in plain Python values, ready for JSON (inf becomes a string)."""
        return {
            "verdict": self.verdict,
            "method": self.method,
            "seed": self.seed,
            "evals": self.evals,
            "call": self.call,
            "rows": [_plain(asdict(row)) for row in self.rows],
            "nodes": [_plain(asdict(node)) for node in self.nodes],
            "notes": list(self.notes),
            "problems": list(self.problems),
        }

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write one self-contained page; an existing file is replaced whole or not at all."""
        try:
            with moved_into_place(path) as temporary:
                temporary.write_text(render_page(self), encoding="utf-8")
        except OSError as problem:
            raise OSError(
                f"the report could not be written to {os.fspath(path)!r} ({problem.strerror}); "
                f"give a path in a folder that exists and can be written"
            ) from problem

    def __repr__(self) -> str:
        return render(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return render_html(self)


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, tuple):
            plain[name] = list(value)
        elif isinstance(value, float) and not np.isfinite(value):
            plain[name] = str(value)
        else:
            plain[name] = value
    return plain
