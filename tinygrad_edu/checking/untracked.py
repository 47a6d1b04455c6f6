"""Where a value that depends on the inputs enters the graph without its derivative.

Two runs, at the given values and a little beside them, are laid side by side. An operand that
carries no gradient and has changed nonetheless came by another way: `.detach()`, `.item()`, NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..engine.node import Leaf, Node
from ..engine.traced import Traced
from .audited_graph import place_of
from .differences import Array
from .findings import NodeFinding, place_in
from .subject import Run, Subject, SubjectFailed
from .tolerance import FAIL

__all__ = ["KIND", "unexplained", "untracked"]

KIND = "untracked path"
_MOST = 3


def untracked(subject: Subject, run: Run, beside: Sequence[Array]) -> list[NodeFinding]:
    """The first calls, forward and backward, that a value enters without its derivative.

    Parameters
    ----------
    subject : Subject
    run : Run
        At the given values, with its tape.
    beside : sequence of arrays
        Leaf values a little beside those.
    """
    assert run.tape is not None
    numbers = {node: k for k, node in enumerate(run.tape.nodes, 1)}
    found: list[NodeFinding] = []
    try:
        there = subject.run(beside)
    except SubjectFailed:
        return found
    for search in (_in_forward, _in_backward):
        for node, message in islice(search(run, there), _MOST):
            location, source = place_of(node)
            name, number = node.primitive.name, numbers.get(node)
            found.append(NodeFinding(name, FAIL, KIND, message, number, location, source))
    return found


def unexplained(run: Run) -> str:
    """What to say where no such call was found."""
    if all(y._node is None for y in run.outputs):
        return (
            "the output depends on the inputs, and carries no graph back to them: it was "
            "computed under no_grad, or from .data, .detach() or NumPy"
        )
    return (
        "every op is right, and yet the gradient is not that of the function: a value "
        "depends on the inputs outside the graph (NumPy, .item(), no_grad)"
    )


def _in_forward(run: Run, there: Run) -> Iterator[tuple[Node, str]]:
    """Calls whose untracked operand changes with the inputs, in the order of the run."""
    assert run.tape is not None
    assert there.tape is not None
    ours, theirs = run.tape.nodes, there.tape.nodes
    if [n.primitive.name for n in ours] != [n.primitive.name for n in theirs]:
        return
    for mine, other in zip(ours, theirs, strict=True):
        if not mine.requires_grad or mine.notes is None or other.notes is None:
            continue
        a, b = mine.notes.operands or (), other.notes.operands or ()
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            parent = mine.inputs[k]
            if isinstance(parent, Node) and parent.requires_grad:
                continue
            if np.asarray(x).dtype.kind not in "fc" or np.array_equal(x, y):
                continue
            yield mine, _entered(mine, k, parent)


def _in_backward(run: Run, there: Run) -> Iterator[tuple[Node, str]]:
    """Calls whose backward answered, while derivatives were recorded, with a changing constant."""
    assert run.tape is not None
    assert there.tape is not None
    for mine, other in zip(run.tape.steps, there.tape.steps, strict=False):
        pairs = zip(mine.contributions, other.contributions, strict=False)
        lost = any(
            isinstance(a, Traced)
            and isinstance(b, Traced)
            and a._node is None
            and not np.array_equal(a._data, b._data)
            for a, b in pairs
        )
        if lost and mine.node.primitive is not None:
            yield (
                mine.node,
                f"the backward of {mine.node.primitive.name} is not recorded: its gradient "
                f"changes with the inputs and carries no graph (.detach(), .data, NumPy in it)",
            )


def _entered(node: Node, k: int, parent: Any) -> str:
    names = node.primitive.inputs
    name = names[k] if k < len(names) else names[0]
    return (
        f"the operand `{name}` of {node.primitive.name} changes with the inputs and carries no "
        f"gradient{_detached_at(parent)}: use the tensor itself instead of .data, .detach(), "
        f".item() or its NumPy array"
    )


def _detached_at(parent: Any) -> str:
    """Where an operand was detached, if its graph shows it."""
    while isinstance(parent, Node) and not isinstance(parent, Leaf):
        if parent.primitive.name == "detach" and parent.notes is not None and parent.notes.source:
            file, line, text = parent.notes.source
            return f" (detached at {place_in(file, line)}: {text})"
        parents = [p for p in parent.inputs if isinstance(p, Node)]
        if not parents:
            return ""
        parent = parents[0]
    return ""
