"""The check of a function: repeatable? every op right? the sweep right? nothing beside the graph?

Each stage answers one question, so that its answer names the cause: an op, the engine, or a value
that escaped the graph. Only what passes all of them is right.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..autograd.custom_primitive import CustomPrimitive
from ..engine.node import Node
from .audit_result import NodeAudit
from .audited_graph import AuditedGraph, graph_of, place_of
from .differences import Array
from .drawing import CONTAMINATED, KINKED, WRONG, Marks
from .element_evidence import FULL_LIMIT
from .end_to_end import agrees_with_graph, moved_leaves
from .engine_audit import EngineFault, OwnSweep, engine_gradients, first_fault, own_sweep
from .findings import NodeFinding, Row
from .graph_operation import NodeOperation
from .node_audit import audit_node
from .numeric_rule import NumericRule
from .preconditions import difference, infinite, same_values, undefined
from .report import GradReport
from .rows import Gradients, Stages
from .settings import Settings
from .subject import Run, Subject, SubjectFailed
from .tolerance import FAIL, INCONCLUSIVE, INVALID, NONDETERMINISTIC, PASS, Status, worst_status
from .untracked import KIND, unexplained, untracked

__all__ = ["check_subject"]


def check_subject(subject: Subject, settings: Settings) -> GradReport:
    """Run every stage on a function; its leaves and all around it are as before afterwards."""
    started = time.perf_counter()
    with subject.undone(), np.errstate(all="ignore"):
        report = _Check(subject, settings).run()
    report.seconds = time.perf_counter() - started
    report.evals = subject.runs
    return report


class _Check:
    def __init__(self, subject: Subject, settings: Settings) -> None:
        self.subject = subject
        self.settings = settings
        self.started = time.perf_counter()
        self.audited = True
        self.rng = np.random.default_rng(settings.seed)
        self.report = GradReport(PASS, seed=settings.seed, call=settings.call)

    def run(self) -> GradReport:
        try:
            run = self._repeatable()
        except SubjectFailed as problem:
            self._invalid(str(problem))
        else:
            if run is not None and not self.subject.changed:
                self._check(run)
        for name in sorted(self.subject.changed):
            self.report.verdict = worst_status(self.report.verdict, FAIL)
            self.report.problems.insert(
                0,
                f"the function writes into {name}; it was put back. Work on a copy: x = x.clone()",
            )
        return self.report

    def _worsen(self, status: Status, problem: str) -> None:
        self.report.problems.append(problem)
        self.report.verdict = worst_status(self.report.verdict, status)

    def _invalid(self, problem: str) -> bool:
        """Nothing can be checked, if there is such a problem."""
        if problem:
            self._worsen(INVALID, problem)
        return bool(problem)

    # ---------------------------------------------------------------- is it a function at all?

    def _repeatable(self) -> Run | None:
        """A run, whose outputs another one repeats; None if no other does."""
        subject = self.subject
        first = subject.run()
        again = subject.run(record=False)
        if same_values(first, again):
            return first
        subject.frozen = True
        first, again = subject.run(), subject.run()
        if same_values(first, again):
            self.report.notes.append(
                "the function draws random numbers; each run was given the same ones"
            )
            return first
        self._worsen(NONDETERMINISTIC, difference(first, again))
        return None

    # ---------------------------------------------------------------------------- the stages

    def _check(self, run: Run) -> None:
        report, subject, settings = self.report, self.subject, self.settings
        if self._invalid(undefined(run)):
            return
        graph = graph_of(run)
        cotangents = self._cotangents(run)
        roots = [
            (y._node, v)
            for y, v in zip(run.outputs, cotangents, strict=True)
            if y._node is not None
        ]
        engine, trouble = engine_gradients(subject, run, cotangents)
        if self._invalid(infinite(run, engine.values())) or self._empty(engine, trouble):
            return
        shortest = run.shortest(subject.start)
        eps = float(np.finfo(shortest).eps)
        beside = moved_leaves(subject, self.rng, eps)
        same = agrees_with_graph(subject, run, graph.replay, beside)
        if not any(leaf._node in graph.numbers for leaf in subject.leaves) and same:
            self._invalid("the output depends on none of the inputs: there is no gradient to check")
            return
        if settings.localise:
            self._audit(graph)
        else:
            self.audited = False
            report.notes.append("ops were not checked one by one (localise=False)")
        own = own_sweep(graph.nodes, graph.operations, roots)
        fault = self._sweep_fault(graph, own, roots, engine, trouble)
        exact = self._in_double(graph, engine, roots, shortest)
        corrected = own.cotangents if fault else self._corrected(graph, roots, shortest)
        stages = Stages(
            graph,
            own,
            engine,
            cotangents,
            beside,
            same,
            trouble,
            fault,
            exact,
            corrected,
            self.audited,
            eps,
        )
        Gradients(subject, settings, stages, report, self.rng).judge()
        self._untracked(run, beside)
        report.marks = self._marks(graph, own.cotangents)
        report.verdict = worst_status(
            report.verdict, *(n.status for n in report.nodes), *(r.status for r in report.rows)
        )

    def _cotangents(self, run: Run) -> list[Array]:
        """1 for a single number, so that rows show its gradient; random where there are more.

        0 where the output is infinite (the mask of a softmax), which is then a constant.
        """
        if len(run.values) == 1 and run.values[0].size == 1:
            return [np.ones(run.values[0].shape)]
        return [
            np.where(np.isfinite(y), self.rng.standard_normal(y.shape), 0.0) for y in run.values
        ]

    def _empty(self, engine: Mapping[Node, Array | None], trouble: str) -> bool:
        """Do all inputs have no entry? Then only the shapes of the gradients can be wrong."""
        subject = self.subject
        if trouble or any(x.size for x in subject.start):
            return False
        for leaf, x, name in zip(subject.leaves, subject.start, subject.names, strict=True):
            g = engine[leaf._node]
            status: Status = PASS if g is None or g.shape == x.shape else FAIL
            row = Row(name, x.shape, None, 0, 0, 0, 0, 0, 0, 0, status, "no entries")
            self.report.rows.append(row)
            self.report.verdict = worst_status(self.report.verdict, status)
        return True

    # -------------------------------------------------------------------------- op by op

    def _audit(self, graph: AuditedGraph) -> None:
        """Every op alone, in the order in which backward meets them."""
        report = self.report
        for node in reversed(graph.nodes):
            op = graph.operations.get(node)
            if op is None or not op.live or graph.numbers[node] in self.settings.skip:
                continue
            if self._spent(graph):
                break
            audit = self._audit_of(node, op)
            if op.masked is not None:
                audit.notes.append(
                    f"{int(op.masked.sum())} of {op.masked.size} outputs are not finite and were "
                    f"not compared"
                )
            graph.take(node, audit)
            if audit.status != PASS or audit.problems:
                report.nodes += graph.findings(node)
            report.notes += [
                f"{op.name} #{graph.numbers[node]}: {note}"
                for note in audit.notes
                if "beside" not in note
            ][:1]
        methods = {audit.method for audit in graph.audits.values() if audit.method}
        report.method = " and ".join(sorted(methods))
        graph.taint()

    def _audit_of(self, node: Node, op: NodeOperation) -> NodeAudit:
        settings = self.settings
        # A custom function may do anything with complex numbers, and warn.
        plain = not isinstance(node.primitive, CustomPrimitive)
        return audit_node(
            op,
            op.inputs(),
            wrt=op.live,
            points=settings.points,
            projections=settings.projections,
            method=settings.method,
            kinks=settings.kinks,
            resolution=settings.resolution,
            diagnose=settings.diagnose,
            seed=settings.seed,
            together=self.rng if plain else None,
        )

    def _spent(self, graph: AuditedGraph) -> bool:
        """Is the time that was given over? Then what was not looked at is not right either."""
        budget = self.settings.budget
        if budget is None or time.perf_counter() - self.started <= budget:
            return False
        self.audited = False
        total = sum(bool(op.live) for op in graph.operations.values())
        self._worsen(
            INCONCLUSIVE,
            f"the budget of {budget:g} s was spent after {len(graph.audits)} of {total} ops; give "
            f"more, or less to check",
        )
        return True

    # ------------------------------------------------------------------------ as a whole

    def _sweep_fault(
        self,
        graph: AuditedGraph,
        own: OwnSweep,
        roots: Sequence[tuple[Node, Array]],
        engine: Mapping[Node, Array | None],
        trouble: str,
    ) -> EngineFault | None:
        """What the engine made of right rules, if not the gradients; with it what rules raised."""
        audits = graph.audits.values()
        fault = None
        if trouble:
            # A rule that the node audit has named needs no second accusation.
            if not any(a.status == FAIL or a.problems for a in audits):
                self._worsen(FAIL, f"backward raised {trouble}")
        elif not own.failed:
            # Of a rule that answers anew each time, or writes, two sweeps cannot agree.
            shaky = any(a.status == NONDETERMINISTIC or a.problems for a in audits)
            steady = {} if shaky else engine
            fault = first_fault(graph.nodes, own, roots, steady, graph.labels(self.subject))
        for node, why in own.failed.items():
            audit = graph.audits.get(node)
            if audit is None or audit.status == PASS:
                self._worsen(FAIL, f"the rule of {node.primitive.name} raised {why}")
        if fault is not None:
            self.report.nodes.append(self._of_engine(fault, graph))
        return fault

    def _of_engine(self, fault: EngineFault, graph: AuditedGraph) -> NodeFinding:
        """The engine accused, or rather the hook that may replace what it does."""
        node = fault.node
        labels = graph.labels(self.subject)
        name, kind, message = labels[node], fault.kind, fault.message
        hooked = [n for n in graph.nodes if n.notes is not None and n.notes.hooks]
        if hooked:
            node = hooked[-1]
            kind = "changed by a hook"
            message = (
                f"the gradient of {name} is not the one that the rules give, and {labels[node]} "
                f"has a hook: what a hook returns replaces the gradient; return None to only look"
            )
        location, source = place_of(node)
        return NodeFinding(
            f"engine, at {name}", FAIL, kind, message, location=location, source=source
        )

    def _in_double(
        self,
        graph: AuditedGraph,
        engine: Mapping[Node, Array | None],
        roots: Sequence[tuple[Node, Array]],
        shortest: np.dtype[Any],
    ) -> Mapping[Node, Array] | None:
        """The gradient in double precision of what runs in single; None if nothing does."""
        if shortest == np.float64:
            return None
        values = graph.replay.doubled()
        shadow = own_sweep(graph.nodes, graph.operations, roots, values)
        gap = top = 0.0
        for node, g in engine.items():
            exact = shadow.cotangents.get(node)
            if g is None or exact is None or exact.shape != g.shape or not exact.size:
                continue
            top = max(top, float(np.max(np.abs(exact))))
            gap = max(gap, float(np.max(np.abs(g - exact))))
        worst = gap / top if top > 0 else 0.0
        self.report.notes.append(
            f"{shortest}: formulas were checked in float64; the gradients are within {worst:.0e} "
            f"of the largest of those in float64"
        )
        return shadow.cotangents

    def _corrected(
        self, graph: AuditedGraph, roots: Sequence[tuple[Node, Array]], shortest: np.dtype[Any]
    ) -> Mapping[Node, Array]:
        """The gradients as they would be with numeric derivatives in place of the wrong rules."""
        if not graph.tainted or not self.settings.diagnose:
            return {}
        operations: dict[Node, Any] = dict(graph.operations)
        for node in graph.distrusted():
            op = graph.operations[node]
            if any(op.inputs()[k].size > FULL_LIMIT for k in op.live):
                return {}
            exact = graph.audits[node].method == "complex step"
            operations[node] = NumericRule(op, exact)
        values = graph.replay.doubled() if shortest != np.float64 else None
        return own_sweep(graph.nodes, operations, roots, values).cotangents

    def _untracked(self, run: Run, beside: Sequence[Array]) -> None:
        """Where a gradient is not that of the function, look for what takes a way beside it."""
        report = self.report
        notes = {row.note for row in report.rows if row.status == FAIL}
        if not notes & {"no gradient reaches it", "a value escapes the graph"}:
            return
        report.nodes += untracked(self.subject, run, beside)
        if not any(node.kind == KIND for node in report.nodes):
            report.problems.append(unexplained(run))

    def _marks(self, graph: AuditedGraph, gradients: Mapping[Node, Array]) -> Marks | None:
        """Texts and colours for the graph view; None if there is nothing to mark."""
        labels: dict[Node, tuple[str, str]] = {
            node: (f"wrong because of {cause.primitive.name}", CONTAMINATED)
            for node, cause in graph.tainted.items()
        }
        numbers = {number: node for node, number in graph.numbers.items()}
        for node, audit in graph.audits.items():
            if any("kink" in note for note in audit.notes):
                labels.setdefault(node, (audit.notes[0], KINKED))
        for finding in self.report.nodes:
            at = numbers.get(finding.number or -1)
            if finding.status != FAIL or at is None:
                continue
            text = finding.kind or "wrong"
            if finding.analytic is not None and finding.numeric is not None:
                text += f": analytic {finding.analytic:.3g}, numeric {finding.numeric:.3g}"
            labels[at] = (text, WRONG)
        if not labels:
            return None
        names = dict(zip(self.subject.names, self.subject.leaves, strict=True))
        return Marks(graph.run.outputs, labels, names, gradients)
