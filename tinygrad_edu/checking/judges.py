"""The judges of one gradient, in the order in which they are asked: the first answer wins.

A judge takes a `Case`, all that is known of the gradient, and answers with a status and a note for
its row, or with None for the next judge to be asked. First come those that find something wrong,
then those that find something that could not be seen, and last those that only have a remark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .every_element import Compared
from .findings import Row
from .tolerance import FAIL, INCONCLUSIVE, INVALID, PASS, RESOLUTION, Judgement, Status

__all__ = ["JUDGES", "Answer", "Case", "Judge", "judged", "row_from"]

Answer = tuple[Status, str]


@dataclass
class Case:
    """One gradient before its judges.

    Attributes
    ----------
    name, shape
        Of the input or parameter.
    analytic, numeric, e_num, e_ana, tolerance : float
        The comparison along a random direction, of the gradient with the recorded graph.
    seen : float
        The coarsest resolution among the audits of the ops on the way.
    resolution : float
        The relative error that must be visible.
    reached : bool
        Backward left a gradient.
    apart : bool
        Analytic and numeric value differ by more than their tolerance.
    kinked, audited : bool
        Of the whole graph: there are kinks on the way; every op was audited.
    cause : str
        The op with a wrong rule that the gradient passes through; empty if all rules are right.
    only_beside : bool
        That rule is right at the recorded values, and wrong beside them.
    faulty_sweep : bool
        The rules are right, and the engine made another gradient of them.
    raised : bool
        Backward raised.
    graph_is_function : callable
        Does the function agree with its graph where this input alone moves?
    ask_function : callable
        Compares with differences of the function itself; a judgement, and a note on kinks.
    every, corrected : Compared, optional
        All elements beside numeric ones; beside the gradient as it would be with right rules.
    """

    name: str
    shape: tuple[int, ...]
    analytic: float
    numeric: float
    e_num: float = 0.0
    e_ana: float = 0.0
    tolerance: float = 0.0
    seen: float = 0.0
    resolution: float = RESOLUTION
    reached: bool = True
    apart: bool = False
    kinked: bool = False
    audited: bool = True
    cause: str = ""
    only_beside: bool = False
    faulty_sweep: bool = False
    raised: bool = False
    graph_is_function: Callable[[], bool] = lambda: True
    ask_function: Callable[[], tuple[Judgement, str]] | None = None
    every: Compared | None = None
    corrected: Compared | None = None
    judgement: Judgement | None = None
    note: str = ""

    def __post_init__(self) -> None:
        self.size = max(abs(self.analytic), abs(self.numeric))

    def take(self, judgement: Judgement, note: str) -> None:
        """Let what the function itself says stand instead of what its graph says."""
        self.judgement, self.note = judgement, note
        self.numeric, self.e_num = judgement.numeric, judgement.e_num
        self.tolerance, self.seen = judgement.tolerance, max(self.seen, judgement.resolution)

    def visible(self) -> float:
        """The smallest relative error that would have been seen."""
        if self.audited:
            return self.seen
        # No op was asked how small an error it could show: this comparison was.
        return max(self.seen, self.tolerance / self.size if self.size > 0 else 0.0)


Judge = Callable[[Case], Answer | None]


def right_here(case: Case) -> Answer | None:
    """The rule on the way is wrong, but at these values the gradient is right in every element."""
    elements = case.every or case.corrected
    if not case.cause or not case.only_beside or elements is None or np.any(elements.ratio > 1):
        return None
    return PASS, f"downstream of {case.cause}, right here"


def wrong_rule(case: Case) -> Answer | None:
    """The gradient passes through an op whose rule is wrong."""
    return (FAIL, f"downstream of {case.cause}") if case.cause else None


def wrong_sweep(case: Case) -> Answer | None:
    """The rules are right, and the engine made another gradient of them."""
    return (FAIL, "engine") if case.faulty_sweep else None


def backward_raised(case: Case) -> Answer | None:
    """Backward raised, and what the rules give by themselves is not the gradient."""
    return (INVALID, "backward raised") if case.raised and case.apart else None


def not_of_the_function(case: Case) -> Answer | None:
    """Where graph and function may differ, the function itself decides."""
    suspicious = case.apart and not case.kinked
    if case.raised or case.ask_function is None or not (suspicious or not case.graph_is_function()):
        return None
    case.take(*case.ask_function())
    assert case.judgement is not None
    if case.judgement.status == FAIL:
        where = "a value escapes the graph" if case.audited else "op unknown"
        case.note = where if case.reached else "no gradient reaches it"
    return None if case.judgement.status == PASS else (case.judgement.status, case.note)


def too_coarse(case: Case) -> Answer | None:
    """Without audits, this comparison alone had to see the error that was asked for."""
    coarse = not case.audited and case.visible() > case.resolution
    return (INCONCLUSIVE, case.note) if coarse else None


def not_finite(case: Case) -> Answer | None:
    """An infinite gradient cannot be compared with anything."""
    return None if np.isfinite(case.analytic) else (INCONCLUSIVE, case.note)


def wrong_element(case: Case) -> Answer | None:
    """All elements were asked for, and one is wrong."""
    return (FAIL, case.note) if case.every and np.any(case.every.ratio > 1) else None


def kinks_on_the_way(case: Case) -> Answer | None:
    """The long step of this comparison crosses kinks; the audits of the single ops told them."""
    passed_by = case.kinked and case.apart and not case.note
    return (PASS, "kinks on the way: compared op by op") if passed_by else None


def unused(case: Case) -> Answer | None:
    """No gradient, and no derivative either."""
    nothing = not case.reached and case.numeric == 0 and not case.note
    return (PASS, "unused") if nothing else None


def right(case: Case) -> Answer:
    """Nothing speaks against it."""
    return PASS, case.note


JUDGES: tuple[Judge, ...] = (
    right_here,
    wrong_rule,
    wrong_sweep,
    backward_raised,
    not_of_the_function,
    too_coarse,
    not_finite,
    wrong_element,
    kinks_on_the_way,
    unused,
    right,
)


def judged(case: Case) -> Answer:
    """What the first judge says that says anything."""
    return next(answer for judge in JUDGES if (answer := judge(case)) is not None)


def row_from(case: Case, answer: Answer) -> tuple[Row, Compared | None]:
    """The row for a judged case, of its worst element where elements were compared; and those."""
    status, note = answer
    elements = case.every
    if elements is None and (status == FAIL or case.cause) and case.judgement is None:
        elements = case.corrected
    index, analytic, numeric = None, case.analytic, case.numeric
    if elements is not None:
        index, analytic, numeric, _ = elements
    size = max(abs(analytic), abs(numeric))
    relative = abs(analytic - numeric) / size if size > 0 else 0.0
    if case.judgement is not None:
        relative = case.judgement.relative_error
    row = Row(
        case.name,
        case.shape,
        index,
        analytic,
        numeric,
        case.e_num,
        case.e_ana,
        case.tolerance,
        relative,
        case.visible(),
        status,
        note,
    )
    return row, elements
