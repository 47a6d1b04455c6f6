"""What the audit of one op found, input by input."""

from __future__ import annotations

from dataclasses import dataclass, field

from .diagnosis import Diagnosis
from .element_evidence import Elements
from .tolerance import FAIL, PASS, Judgement, Status

__all__ = ["InputAudit", "NodeAudit"]


@dataclass
class InputAudit:
    """The verdict on the gradient for one input of an op.

    Attributes
    ----------
    position, name, shape
        Which input.
    status : Status
    judgement : Judgement, optional
        The decisive comparison along a random direction: the failed one, else the one with the
        worst resolution.
    diagnosis : Diagnosis, optional
        What kind of mistake it is.
    elements : Elements, optional
        Analytic and numeric gradient by elements at one point, where computed.
    beside : bool
        Right at the recorded values, wrong beside them.
    note : str
        On kinks.
    """

    position: int
    name: str
    shape: tuple[int, ...]
    status: Status = PASS
    judgement: Judgement | None = None
    diagnosis: Diagnosis | None = None
    elements: Elements | None = None
    beside: bool = False
    note: str = ""

    @property
    def kind(self) -> str:
        """The kind of mistake; empty if none is known."""
        return "" if self.diagnosis is None else self.diagnosis.kind

    @property
    def message(self) -> str:
        """One sentence for people; empty if nothing is wrong."""
        if self.diagnosis is None:
            return self.note
        beside = (
            "; right at the recorded values by coincidence, wrong beside them"
            if self.beside
            else ""
        )
        return self.diagnosis.message + beside


@dataclass
class NodeAudit:
    """The verdict on one op.

    Attributes
    ----------
    name : str
    status : Status
    inputs : list of InputAudit
        One for each input that was checked.
    method : str
        "complex step" or "Richardson".
    problems : list of str
        What is wrong with the op as a whole: not repeatable, writes into its arguments, raises.
    notes : list of str
        On kinks and points; nothing wrong.
    evaluations, rule_calls : int
    """

    name: str
    status: Status = PASS
    inputs: list[InputAudit] = field(default_factory=list)
    method: str = ""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    evaluations: int = 0
    rule_calls: int = 0

    def __bool__(self) -> bool:
        return self.status == PASS

    @property
    def wrong(self) -> list[InputAudit]:
        """The inputs whose gradient is wrong."""
        return [found for found in self.inputs if found.status == FAIL]
