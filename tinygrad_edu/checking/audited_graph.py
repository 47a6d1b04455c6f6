"""The recorded graph of one run, with the audits of its nodes and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..autograd.bundle import OUTPUT
from ..engine.node import Leaf, Node
from .audit_result import InputAudit, NodeAudit
from .findings import NodeFinding, of_input, place_in
from .graph_operation import NodeOperation
from .replay import Replay
from .subject import Run, Subject, live_nodes
from .tolerance import FAIL, INCONCLUSIVE, INVALID, NONDETERMINISTIC, PASS, Status

__all__ = ["AuditedGraph", "graph_of", "in_scope", "place_of"]


@dataclass
class AuditedGraph:
    """The nodes that the outputs of a run depend on.

    Attributes
    ----------
    run : Run
    nodes : list of Node
        Oldest first; leaves among them.
    numbers : dict from Node to int
        In the order of the run, from 1.
    operations : dict from Node to NodeOperation
        The calls that gradients flow through.
    replay : Replay
    audits : dict from Node to NodeAudit
        Of those looked at so far, first in backward order first.
    tainted : dict from Node to Node
        Nodes whose gradient passes through a wrong rule, with the first one in backward order.
    """

    run: Run
    nodes: list[Node]
    numbers: dict[Node, int]
    operations: dict[Node, NodeOperation]
    replay: Replay
    audits: dict[Node, NodeAudit] = field(default_factory=dict)
    tainted: dict[Node, Node] = field(default_factory=dict)

    @property
    def kinked(self) -> bool:
        """An audit met a kink."""
        return any("kink" in note for audit in self.audits.values() for note in audit.notes)

    def labels(self, subject: Subject) -> dict[Node, str]:
        """What to call each node; leaves by the names of the subject."""
        labels = {
            n: f"{n.primitive.name} #{k}" if n.primitive is not None else f"leaf #{k}"
            for n, k in self.numbers.items()
        }
        for leaf, name in zip(subject.leaves, subject.names, strict=True):
            labels[leaf._node] = name
        return labels

    def take(self, node: Node, audit: NodeAudit) -> None:
        """Note an audit; a complex step that held may be taken by replays too."""
        self.audits[node] = audit
        if audit.method == "complex step":
            self.replay.proven.add(node)

    def taint(self) -> None:
        """Find the nodes whose gradient passes through a wrong rule."""
        for node in reversed(self.nodes):
            cause = self.tainted.get(node)
            wrong = self._wrong_places(node)
            for k, parent in enumerate(node.inputs):
                if not isinstance(parent, Node) or not parent.requires_grad:
                    continue
                if cause is not None:
                    self.tainted.setdefault(parent, cause)
                elif k in wrong:
                    self.tainted.setdefault(parent, node)

    def _wrong_places(self, node: Node) -> set[int]:
        """The inputs of a node whose gradients its audit found wrong."""
        audit, op = self.audits.get(node), self.operations.get(node)
        if audit is None or op is None:
            return set()
        if audit.problems:
            return set(op.places)
        return {op.places[found.position] for found in audit.wrong}

    def wrong_only_beside(self, node: Node) -> bool:
        """Is its rule right at the recorded values, and wrong beside them alone?"""
        audit = self.audits[node]
        return all(found.beside for found in audit.wrong) and not audit.problems

    def distrusted(self) -> list[Node]:
        """The nodes whose rule no gradient can be made with."""
        bad = (FAIL, INVALID, NONDETERMINISTIC)
        return [node for node, audit in self.audits.items() if audit.status in bad]

    def resolutions(self) -> dict[Node, float]:
        """For each node, the coarsest comparison on any path from it to the output."""
        worst: dict[Node, float] = {}
        if not self.audits:
            return worst
        for node in reversed(self.nodes):
            above = worst.get(node, 0.0)
            op, audit = self.operations.get(node), self.audits.get(node)
            by_place = {}
            if op is not None and audit is not None:
                by_place = {
                    op.places[f.position]: f.judgement.resolution
                    for f in audit.inputs
                    if f.judgement is not None
                }
            for k, parent in enumerate(node.inputs):
                if isinstance(parent, Node):
                    here = max(above, by_place.get(k, 0.0))
                    worst[parent] = max(worst.get(parent, 0.0), here)
        return worst

    def findings(self, node: Node) -> list[NodeFinding]:
        """What the report says of a node that did not simply pass."""
        audit = self.audits[node]
        location, source = place_of(node)
        number, name = self.numbers.get(node), f"{audit.name}{in_scope(node)}"

        def finding(status: Status, kind: str, message: str) -> NodeFinding:
            return NodeFinding(name, status, kind, message, number, location, source)

        found = [finding(*_problem(problem, audit.status)) for problem in audit.problems]
        for each in audit.inputs:
            if each.status != PASS:
                found.append(of_input(finding(each.status, each.kind, _message(each)), each))
        if not found and audit.status != PASS:
            text = "; ".join(audit.notes) or "it could not be judged"
            found.append(finding(audit.status, "", text))
        return found


def graph_of(run: Run) -> AuditedGraph:
    """The graph of a run, not audited yet."""
    assert run.tape is not None
    nodes = live_nodes(run)
    numbers: dict[Node, int] = {n: k for k, n in enumerate(run.tape.nodes, 1)}
    operations = {}
    for node in nodes:
        if isinstance(node, Leaf):
            numbers.setdefault(node, 0)
        elif node.notes is not None and node.notes.operands is not None:
            if node.requires_grad:
                operations[node] = NodeOperation(node, node.notes.operands)
        elif node.primitive is OUTPUT:
            numbers.setdefault(node, numbers.get(node.inputs[0], 0))
    return AuditedGraph(run, nodes, numbers, operations, Replay(nodes))


def place_of(node: Node) -> tuple[str, str]:
    """`net.py:42` and the text of that line; empty where it is not known."""
    source = node.notes.source if node.notes is not None else None
    if source is None:
        return "", ""
    file, line, text = source
    return place_in(file, line), text


def in_scope(node: Node) -> str:
    """` in softmax` for a node of a composed function."""
    return f" in {node.scope[0]}" if node.scope else ""


def _problem(problem: str, status: Status) -> tuple[Status, str, str]:
    if status == NONDETERMINISTIC:
        return status, "not repeatable", problem
    kind = "writes into its arguments" if "writes into" in problem else "raises"
    return FAIL if status == INVALID else status, kind, problem


def _message(found: InputAudit) -> str:
    """What was found, or why nothing could be."""
    if found.message or found.status != INCONCLUSIVE or found.judgement is None:
        return found.message
    if np.isfinite(found.judgement.analytic):
        seen = found.judgement.resolution
        return f"only relative errors above {seen:.0e} could be seen here"
    return "the derivative is not finite here (the end of a domain, an infinite slope)"
