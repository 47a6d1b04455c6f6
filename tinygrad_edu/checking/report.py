"""What a gradient check found: a verdict, a row for each gradient, a finding for each op."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.checking.differences import Array
from tinygrad_edu.checking.drawing import Marks, drawn
from tinygrad_edu.checking.report_html import render_html, render_page
from tinygrad_edu.checking.report_text import render, render_explanation, render_table
from tinygrad_edu.checking.tolerance import FAIL, PASS, Judgement, Status

from ..serialization.files import moved_into_place

__all__ = [
    "GradReport",
    "NodeFinding",
    "Row",
    "row_of",
]


@dataclass(frozen=True)
class Row:
    """One gradient, compared.

    Attributes
    ----------
    name : str
        Of the input or parameter.
    shape : tuple of int
    index : tuple of int, optional
        Element that is wrong by most; None where the comparison was along a random direction.
    analytic, numeric : float
        At that element, or along that direction.
    e_num, e_ana : float
        Estimated absolute errors of both.
    tolerance, relative_error, resolution : float
    status : Status
    note : str
        "downstream of tanh", "2 kinks: …", the kind of mistake.
    """

    name: str
    shape: tuple[int, ...]
    index: tuple[int, ...] | None
    analytic: float
    numeric: float
    e_num: float
    e_ana: float
    tolerance: float
    relative_error: float
    resolution: float
    status: Status
    note: str = ""


@dataclass(frozen=True)
class NodeFinding:
    """One op whose rule is wrong or could not be judged, for one input.

    Attributes
    ----------
    op : str
    number : int, optional
        Of the node in the graph.
    location, source : str
        `net.py:42` and the text of that line, where known.
    position, input_name
        Which input of the op.
    status : Status
    kind, message : str
        Kind of mistake, one of `diagnosis.KINDS`, and a sentence about it.
    index : tuple of int, optional
    analytic, numeric : float, optional
        At that index.
    """

    op: str
    status: Status
    kind: str
    message: str
    number: int | None = None
    location: str = ""
    source: str = ""
    position: int | None = None
    input_name: str = ""
    index: tuple[int, ...] | None = None
    analytic: float | None = None
    numeric: float | None = None


@dataclass
class GradReport:
    """The result of a gradient check. True exactly if the verdict is PASS.

    Attributes
    ----------
    verdict : Status
        PASS, FAIL, INCONCLUSIVE, NONDETERMINISTIC or INVALID.
    rows : list of Row
        One for each gradient.
    nodes : list of NodeFinding
        In the order in which backward meets them; only ops with something to say.
    notes, problems : list of str
        Remarks that change nothing; reasons for the verdict that belong to no row.
    method : str
    seed : int
    evals : int
        Calls of the function.
    seconds : float
        Wall time; in no text, so that the same seed gives the same report.
    call : str
        The call that reproduces this, without its seed.
    ratios : mapping of str to array
        `|a - n| / tolerance` by element, for gradients compared so.
    of_graph : bool
        The findings are ops of a graph; False where they are one hand-written gradient.
    marks : Marks, optional
        What `graph` draws; kept where something was found. Of a derivation by hand: the function's
        graph, the step with the mistake red.
    """

    verdict: Status
    rows: list[Row] = field(default_factory=list)
    nodes: list[NodeFinding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    method: str = ""
    seed: int = 0
    evals: int = 0
    seconds: float = field(default=0.0, compare=False)
    call: str = "gradcheck(fn, *inputs)"
    ratios: Mapping[str, Array] = field(default_factory=dict, compare=False)
    of_graph: bool = True
    marks: Marks | None = field(default=None, compare=False, repr=False)

    def __bool__(self) -> bool:
        return self.verdict == PASS

    @property
    def culprits(self) -> list[NodeFinding]:
        """The ops whose rule is wrong, first in backward order first."""
        return [node for node in self.nodes if node.status == FAIL]

    @property
    def first_wrong(self) -> NodeFinding | None:
        """The wrong op that backward reaches first; None if every op is right."""
        return self.culprits[0] if self.culprits else None

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

    def reproduce(self) -> str:
        """One line that makes this report again."""
        inside = self.call.rstrip()
        return f"{inside[:-1]}, seed={self.seed})" if inside.endswith(")") else inside

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


def row_of(
    name: str,
    shape: tuple[int, ...],
    judgement: Judgement,
    *,
    index: tuple[int, ...] | None = None,
    values: tuple[float, float] | None = None,
    status: Status | None = None,
    note: str = "",
) -> Row:
    """A row from a comparison; `values` (analytic, numeric) of an element replace its own."""
    analytic, numeric = values or (judgement.analytic, judgement.numeric)
    relative = judgement.relative_error
    if values is not None:
        size = max(abs(analytic), abs(numeric))
        relative = abs(analytic - numeric) / size if size > 0 else 0.0
        if not np.isfinite(analytic):
            relative = float("inf")
    return Row(
        name,
        shape,
        index,
        analytic,
        numeric,
        judgement.e_num,
        judgement.e_ana,
        judgement.tolerance,
        relative,
        judgement.resolution,
        judgement.status if status is None else status,
        note,
    )
