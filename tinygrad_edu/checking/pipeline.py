"""The check of a function: repeatable? every op right? the sweep right? nothing beside the graph?

Each stage answers one question, so that its answer names the cause: an op, the engine, or a value
that escaped the graph. Only what passes all of them is right.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..autograd.bundle import OUTPUT
from ..autograd.custom_primitive import CustomPrimitive
from ..engine.backward import run_backward
from ..engine.node import Leaf, Node
from ..engine.traced import Traced, wrap
from .audit_result import NodeAudit
from .differences import Array
from .directional import Method, direction_like, element_scale
from .drawing import CONTAMINATED, KINKED, WRONG, Marks
from .element_evidence import FULL_LIMIT
from .end_to_end import (
    BESIDE,
    agrees_with_graph,
    as_graph,
    escapes,
    judged_by_function,
    leaf_slopes,
    moved_leaves,
    slope_doubt,
)
from .engine_audit import EngineFault, OwnSweep, first_fault, own_sweep
from .every_element import every_element
from .graph_operation import NodeOperation
from .node_audit import Kinks, audit_node
from .numeric_rule import NumericRule
from .quick_audit import quick_audit
from .replay import Replay
from .report import GradReport, NodeFinding, Row
from .subject import Run, Subject, SubjectFailed, live_nodes
from .tolerance import (
    FAIL,
    INCONCLUSIVE,
    INVALID,
    KAPPA,
    NONDETERMINISTIC,
    PASS,
    Judgement,
    Status,
    judge_elements,
    rounding_of_dot,
    worst_status,
)

__all__ = ["Settings", "check_subject"]

_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Settings:
    """How a check is made; see `gradcheck`."""

    method: Method = "auto"
    points: int = 2
    projections: int = 2
    kinks: Kinks = "accept"
    resolution: float = 1e-7
    diagnose: bool = True
    localise: bool = True
    full: bool | Literal["auto"] = "auto"
    budget: float | None = None
    seed: int = 0
    call: str = "gradcheck(fn, *inputs)"
    skip: frozenset[int] = frozenset()


@dataclass
class _Graph:
    """The recorded graph of one run, and what the stages find in it."""

    run: Run
    nodes: list[Node]
    numbers: dict[Node, int]
    operations: dict[Node, NodeOperation]
    replay: Replay
    audits: dict[Node, NodeAudit] = field(default_factory=dict)
    tainted: dict[Node, Node] = field(default_factory=dict)


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
        # The least precise of the floats on the way.
        self.shortest: np.dtype[Any] = np.dtype(float)
        self.rng = np.random.default_rng(settings.seed)
        self.report = GradReport(PASS, seed=settings.seed, call=settings.call)

    @property
    def eps(self) -> float:
        return float(np.finfo(self.shortest).eps)

    def run(self) -> GradReport:
        report = self.report
        try:
            run = self._repeatable()
        except SubjectFailed as problem:
            report.verdict = INVALID
            report.problems.append(str(problem))
            self._told_changes()
            return report
        if run is not None and not self.subject.changed:
            self._check(run)
        self._told_changes()
        return report

    def _told_changes(self) -> None:
        for name in sorted(self.subject.changed):
            self.report.verdict = worst_status(self.report.verdict, FAIL)
            self.report.problems.insert(
                0,
                f"the function writes into {name}; it was put back. Work on a copy: x = x.clone()",
            )

    # ---------------------------------------------------------------- is it a function at all?

    def _repeatable(self) -> Run | None:
        subject = self.subject
        first = subject.run()
        again = subject.run(record=False)
        if _equal(first.values, again.values):
            return first
        subject.frozen = True
        first, again = subject.run(), subject.run()
        if _equal(first.values, again.values):
            self.report.notes.append(
                "the function draws random numbers; each run was given the same ones"
            )
            return first
        self.report.verdict = NONDETERMINISTIC
        self.report.problems.append(_first_difference(first, again))
        return None

    # ---------------------------------------------------------------------------- the stages

    def _check(self, run: Run) -> None:
        report, subject, settings = self.report, self.subject, self.settings
        if self._undefined(run):
            return
        graph = _graph_of(run)
        cotangents = self._cotangents(run)
        roots = [
            (y._node, v)
            for y, v in zip(run.outputs, cotangents, strict=True)
            if y._node is not None
        ]
        engine, trouble = self._engine(run, cotangents)
        if self._infinite(run, engine) or self._empty(engine, trouble):
            return
        self.shortest = run.shortest(subject.start)
        beside = moved_leaves(subject, self.rng, self.eps)
        same = agrees_with_graph(subject, run, graph.replay, beside)
        if not any(leaf._node in graph.numbers for leaf in subject.leaves) and same:
            report.verdict = INVALID
            report.problems.append(
                "the output depends on none of the inputs: there is no gradient to check"
            )
            return
        if settings.localise:
            self._audit(graph)
        else:
            self.audited = False
            report.notes.append("ops were not checked one by one (localise=False)")
        own = own_sweep(graph.nodes, graph.operations, roots)
        fault = None
        if trouble:
            # A rule that the node audit has named needs no second accusation.
            if not any(a.status == FAIL or a.problems for a in graph.audits.values()):
                report.problems.append(f"backward raised {trouble}")
                report.verdict = worst_status(report.verdict, FAIL)
        elif not own.failed:
            # Of a rule that answers anew each time, or writes, two sweeps cannot agree.
            shaky = any(a.status == NONDETERMINISTIC or a.problems for a in graph.audits.values())
            steady = {} if shaky else engine
            fault = first_fault(graph.nodes, own, roots, steady, self._labels(graph))
        for node, why in own.failed.items():
            audit = graph.audits.get(node)
            if audit is None or audit.status == PASS:
                report.problems.append(f"the rule of {node.primitive.name} raised {why}")
                report.verdict = worst_status(report.verdict, FAIL)
        if fault is not None:
            self._blame_engine(fault, graph)
        exact = self._fidelity(graph, engine, roots)
        corrected = own.cotangents if fault is not None else self._corrected(graph, roots)
        self._rows(
            run, graph, own, engine, cotangents, same, trouble, fault, beside, exact, corrected
        )
        self._escapes(run, beside)
        report.marks = self._marks(graph, own.cotangents)
        report.verdict = worst_status(
            report.verdict, *(n.status for n in report.nodes), *(r.status for r in report.rows)
        )

    def _marks(self, graph: _Graph, gradients: Mapping[Node, Array]) -> Marks | None:
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

    def _undefined(self, run: Run) -> bool:
        """Is the function itself NaN here, or nothing but infinite? Then there is no derivative."""
        bad = [np.isnan(y) for y in run.values]
        if not any(b.any() for b in bad):
            entries = sum(y.size for y in run.values)
            finite = sum(int(np.isfinite(y).sum()) for y in run.values)
            if finite or not entries:
                return False
            bad = [~np.isfinite(y) for y in run.values]
        self._no_derivative(run, bad)
        return True

    def _infinite(self, run: Run, engine: Mapping[Node, Array | None]) -> bool:
        """Is the function infinite in places, and its gradient no number because of that?"""
        bad = [~np.isfinite(y) for y in run.values]
        if not any(b.any() for b in bad):
            return False
        if all(g is None or np.isfinite(g).all() for g in engine.values()):
            return False
        self._no_derivative(run, bad)
        return True

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

    def _no_derivative(self, run: Run, bad: Sequence[Array]) -> None:
        k = next(i for i, b in enumerate(bad) if b.any())
        index = tuple(int(i) for i in np.argwhere(bad[k])[0])
        which = "the output" if len(bad) == 1 else f"output {k}"
        place = f" at {index} ({np.count_nonzero(bad[k])} of {bad[k].size} entries)"
        self.report.verdict = INVALID
        self.report.problems.append(
            f"{which} is {run.values[k][index]}{place if index else ''}: no derivative there; give "
            f"inputs at which the function is finite"
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

    def _engine(
        self, run: Run, cotangents: Sequence[Array]
    ) -> tuple[dict[Node, Array | None], str]:
        """What `backward` leaves at the leaves; and what it raised."""
        ys = [(y, v) for y, v in zip(run.outputs, cotangents, strict=True) if y._node is not None]
        trouble = ""
        for leaf in self.subject.leaves:
            leaf._node.grad = None
        if ys:
            try:
                run_backward(
                    [y for y, _ in ys],
                    [wrap(v.astype(y._data.dtype)) for y, v in ys],
                    True,
                    False,
                )
            except Exception as problem:  # noqa: BLE001 - a foreign rule; told in the report
                trouble = f"{type(problem).__name__}: {problem}"
        found: dict[Node, Array | None] = {}
        for leaf in self.subject.leaves:
            g = leaf._node.grad
            found[leaf._node] = None if g is None else np.array(g._data)
            leaf._node.grad = None
        return found, trouble

    def _audit(self, graph: _Graph) -> None:
        """Every op alone, in the order in which backward meets them."""
        settings, report = self.settings, self.report
        methods: set[str] = set()
        for node in reversed(graph.nodes):
            op = graph.operations.get(node)
            if op is None or not op.live or graph.numbers[node] in settings.skip:
                continue
            if self._spent(graph):
                break
            audit = None
            # A custom function may do anything with complex numbers, and warn.
            plain = not isinstance(node.primitive, CustomPrimitive)
            if plain and settings.method == "auto" and settings.kinks == "accept":
                with np.errstate(all="ignore"):
                    audit = quick_audit(
                        op,
                        op.inputs(),
                        op.live,
                        resolution=settings.resolution,
                        points=settings.points,
                        rng=self.rng,
                    )
            if audit is None:
                audit = audit_node(
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
                )
            if op.masked is not None:
                audit.notes.append(
                    f"{int(op.masked.sum())} of {op.masked.size} outputs are not finite and were "
                    f"not compared"
                )
            graph.audits[node] = audit
            if audit.method == "complex step":
                graph.replay.proven.add(node)
            if audit.method:
                methods.add(audit.method)
            if audit.status != PASS or audit.problems:
                report.nodes += _findings(node, graph, audit)
            report.notes += [
                f"{op.name} #{graph.numbers[node]}: {note}"
                for note in audit.notes
                if "beside" not in note
            ][:1]
        report.method = " and ".join(sorted(methods))
        graph.tainted = _tainted(graph)

    def _spent(self, graph: _Graph) -> bool:
        """Is the time that was given over? Then what was not looked at is not right either."""
        budget = self.settings.budget
        if budget is None or time.perf_counter() - self.started <= budget:
            return False
        self.audited = False
        total = sum(bool(op.live) for op in graph.operations.values())
        self.report.verdict = worst_status(self.report.verdict, INCONCLUSIVE)
        self.report.problems.append(
            f"the budget of {budget:g} s was spent after {len(graph.audits)} of {total} ops; give "
            f"more, or less to check"
        )
        return True

    def _blame_engine(self, fault: EngineFault, graph: _Graph) -> None:
        node = fault.node
        labels = self._labels(graph)
        name, kind, message = labels[node], fault.kind, fault.message
        hooked = [n for n in graph.nodes if n.notes is not None and n.notes.hooks]
        if hooked:
            node = hooked[-1]
            kind = "changed by a hook"
            message = (
                f"the gradient of {name} is not the one that the rules give, and {labels[node]} "
                f"has a hook: what a hook returns replaces the gradient; return None to only look"
            )
        location, source = _place(node)
        self.report.nodes.append(
            NodeFinding(
                f"engine, at {name}",
                FAIL,
                kind,
                message,
                location=location,
                source=source,
            )
        )

    def _labels(self, graph: _Graph) -> dict[Node, str]:
        labels = {
            n: f"{n.primitive.name} #{k}" if n.primitive is not None else f"leaf #{k}"
            for n, k in graph.numbers.items()
        }
        for leaf, name in zip(self.subject.leaves, self.subject.names, strict=True):
            labels[leaf._node] = name
        return labels

    # ------------------------------------------------------------------------------ the rows

    def _rows(
        self,
        run: Run,
        graph: _Graph,
        own: OwnSweep,
        engine: Mapping[Node, Array | None],
        cotangents: Sequence[Array],
        same: bool | None,
        trouble: str,
        fault: EngineFault | None,
        beside: Sequence[Array],
        exact: Mapping[Node, Array] | None,
        corrected: Mapping[Node, Array],
    ) -> None:
        report, subject = self.report, self.subject
        replay = graph.replay if exact is None else graph.replay.in_double()
        worst: dict[Node, float] = {}
        if graph.audits:
            worst = _resolutions(graph)
        kinked = any("kink" in note for audit in graph.audits.values() for note in audit.notes)
        # What cancels (a bias before a normalisation) leaves rounding of the size of the others.
        largest = 0.0
        for leaf, x in zip(subject.leaves, subject.start, strict=True):
            own_g = own.cotangents.get(leaf._node)
            if own_g is not None and own_g.shape == x.shape and np.isfinite(own_g).all():
                largest = max(largest, KAPPA * rounding_of_dot(own_g, element_scale(x)))
        for k, (leaf, name) in enumerate(zip(subject.leaves, subject.names, strict=True)):
            node = leaf._node
            g = engine[node]
            if trouble and g is None:
                g = own.cotangents.get(node)
            start = subject.start[k].astype(float)
            u = direction_like(start, self.rng)
            numeric, e_num = leaf_slopes(replay, node, u, run.outputs, cotangents)
            # In single precision the formula is judged by its gradient in double.
            given = g if exact is None or g is None else exact.get(node, g)
            analytic_array = np.zeros(start.shape) if given is None else given.astype(float)
            fits = analytic_array.shape == start.shape
            analytic = float(np.sum(analytic_array * u)) if fits else float("nan")
            e_ana = rounding_of_dot(analytic_array, u) if fits else float("nan")
            tolerance = KAPPA * (e_num + e_ana)
            size = max(abs(analytic), abs(numeric))
            gap = abs(analytic - numeric)
            status: Status = PASS
            note = ""
            cause = graph.tainted.get(node)
            seen = worst.get(node, 0.0)
            judgement: Judgement | None = None
            apart = not gap <= tolerance + 1e-6 * size + largest
            if apart and same and cause is None and fault is None and np.isfinite(gap):
                doubt = slope_doubt(subject, replay, node, u, run, cotangents, beside)
                apart = not gap <= tolerance + KAPPA * doubt
            if cause is not None:
                note = f"downstream of {cause.primitive.name}"
                status = FAIL
            elif fault is not None and _differs_from(own, node, g):
                status, note = FAIL, "engine"
            elif trouble:
                status, note = (PASS, "") if not apart else (INVALID, "backward raised")
            elif (apart and not kinked) or not (same or self._agrees_alone(run, graph, k, beside)):
                judgement, note = judged_by_function(
                    subject,
                    k,
                    u,
                    cotangents,
                    analytic_array,
                    self.settings.resolution,
                    self.eps,
                    graph=as_graph(subject, run, replay, cotangents)
                    if same and self.audited
                    else None,
                )
                if note.startswith(BESIDE):
                    if note not in report.problems:
                        report.problems.append(note)
                    note = "not known beside"
                elif note and judgement.status != PASS:
                    # Several kinks at once leave no interval to compare with: look beside them.
                    judgement = self._judged_beside(k, cotangents) or judgement
                status, numeric, e_num = judgement.status, judgement.numeric, judgement.e_num
                tolerance, seen = judgement.tolerance, max(seen, judgement.resolution)
                if status == FAIL:
                    why = "a value escapes the graph" if self.audited else "op unknown"
                    note = "no gradient reaches it" if g is None else why
            if not self.audited:
                # No op was asked how small an error it could show: this comparison was.
                seen = max(seen, tolerance / size if size > 0 else 0.0)
                if status == PASS and seen > self.settings.resolution:
                    status = INCONCLUSIVE
            if status == PASS and not np.isfinite(analytic):
                status = INCONCLUSIVE
            if kinked and apart and status == PASS and not note:
                note = "kinks on the way: compared op by op"
            if g is None and status == PASS and not note:
                note = "unused" if numeric == 0 else note
            index = None
            ratio = None
            if self.settings.full is True and same and not kinked and fits and start.size:
                index, analytic, numeric, ratio = every_element(
                    replay, node, analytic_array, run.outputs, cotangents
                )
                if status == PASS and np.any(ratio > 1):
                    status = FAIL
            elif self.settings.full is False:
                pass
            elif status == FAIL and self.settings.diagnose and judgement is None and fits:
                index, analytic, numeric, ratio = self._elements(
                    analytic_array, corrected.get(node)
                ) or (None, analytic, numeric, None)
            if ratio is not None:
                report.ratios = {**report.ratios, name: ratio}
                if cause is not None and not np.any(ratio > 1) and _beside_only(graph, cause):
                    status, note = PASS, f"{note}, right here"
            size = max(abs(analytic), abs(numeric))
            relative = abs(analytic - numeric) / size if size > 0 else 0.0
            if judgement is not None:
                relative = judgement.relative_error
            report.rows.append(
                Row(
                    name,
                    start.shape,
                    index,
                    analytic,
                    numeric,
                    e_num,
                    e_ana,
                    tolerance,
                    relative,
                    seen,
                    status,
                    note,
                )
            )

    def _judged_beside(self, position: int, cotangents: Sequence[Array]) -> Judgement | None:
        """The same comparison at a point where no kink is exact."""
        subject = self.subject
        there = moved_leaves(subject, self.rng, 0.0, 0.05)
        try:
            run = subject.run(there)
            engine, trouble = self._engine(run, cotangents)
            if trouble or len(run.values) != len(cotangents):
                return None
            g = engine[subject.leaves[position]._node]
            x = there[position].astype(float)
            gradient = np.zeros(x.shape) if g is None else g.astype(float)
            judgement, note = judged_by_function(
                subject,
                position,
                direction_like(x, self.rng),
                cotangents,
                gradient,
                self.settings.resolution,
                self.eps,
                there,
            )
        except SubjectFailed:
            return None
        return None if note and judgement.status == INCONCLUSIVE else judgement

    def _agrees_alone(
        self, run: Run, graph: _Graph, position: int, beside: Sequence[Array]
    ) -> bool:
        """Does the function agree with its graph when only this leaf moves?"""
        moved = list(self.subject.start)
        moved[position] = beside[position]
        return bool(agrees_with_graph(self.subject, run, graph.replay, moved))

    def _elements(
        self, analytic: Array, numeric: Array | None
    ) -> tuple[tuple[int, ...], float, float, Array] | None:
        """Elements of a wrong gradient: the worst, and |a - n| / tolerance for each."""
        if numeric is None or numeric.shape != analytic.shape or not analytic.size:
            return None
        top = float(np.max(np.abs(numeric)))
        error = 256 * _EPS * (np.abs(analytic) + np.abs(numeric) + top)
        ratio = judge_elements(analytic, numeric, error)
        gap = np.where(np.isnan(analytic), np.inf, np.abs(analytic - numeric))
        worst = tuple(int(k) for k in np.unravel_index(int(np.argmax(gap)), gap.shape))
        return worst, float(analytic[worst]), float(numeric[worst]), ratio

    def _corrected(
        self, graph: _Graph, roots: Sequence[tuple[Node, Array]]
    ) -> Mapping[Node, Array]:
        """The gradients as they would be with numeric derivatives in place of the wrong rules."""
        if not graph.tainted or not self.settings.diagnose:
            return {}
        operations: dict[Node, Any] = dict(graph.operations)
        for node, audit in graph.audits.items():
            if audit.status not in (FAIL, INVALID, NONDETERMINISTIC):
                continue
            op = graph.operations[node]
            if any(op.inputs()[k].size > FULL_LIMIT for k in op.live):
                return {}
            operations[node] = NumericRule(op, audit.method == "complex step")
        short = self.shortest != np.float64
        values = graph.replay.doubled() if short else None
        return own_sweep(graph.nodes, operations, roots, values).cotangents

    def _escapes(self, run: Run, beside: Sequence[Array]) -> None:
        notes = {row.note for row in self.report.rows if row.status == FAIL}
        if not notes & {"no gradient reaches it", "a value escapes the graph"}:
            return
        assert run.tape is not None
        numbers = {n: k for k, n in enumerate(run.tape.nodes, 1)}
        for escape in escapes(self.subject, run, beside)[:3]:
            location, source = _place(escape.node)
            self.report.nodes.append(
                NodeFinding(
                    escape.node.primitive.name,
                    FAIL,
                    "untracked path",
                    escape.message,
                    number=numbers.get(escape.node),
                    location=location,
                    source=source,
                )
            )
        self.report.nodes += _lost_in_backward(self.subject, run, beside, numbers)
        if any(n.kind == "untracked path" for n in self.report.nodes):
            return
        if all(y._node is None for y in run.outputs):
            self.report.problems.append(
                "the output depends on the inputs, and carries no graph back to them: it was "
                "computed under no_grad, or from .data, .detach() or NumPy"
            )
        else:
            self.report.problems.append(
                "every op is right, and yet the gradient is not that of the function: a value "
                "depends on the inputs outside the graph (NumPy, .item(), no_grad)"
            )

    def _fidelity(
        self,
        graph: _Graph,
        engine: Mapping[Node, Array | None],
        roots: Sequence[tuple[Node, Array]],
    ) -> Mapping[Node, Array] | None:
        """The gradient in double precision of what runs in single; None if nothing does."""
        kind = self.shortest
        if kind == np.float64:
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
            f"{kind}: formulas were checked in float64; the gradients are within {worst:.0e} of "
            f"the largest of those in float64"
        )
        return shadow.cotangents


def _lost_in_backward(
    subject: Subject, run: Run, beside: Sequence[Array], numbers: Mapping[Node, int]
) -> list[NodeFinding]:
    """Ops whose backward answered, while derivatives were recorded, with a changing constant."""
    assert run.tape is not None
    if not run.tape.steps:
        return []
    try:
        there = subject.run(beside)
    except SubjectFailed:
        return []
    assert there.tape is not None
    found = []
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
            location, source = _place(mine.node)
            found.append(
                NodeFinding(
                    mine.node.primitive.name,
                    FAIL,
                    "untracked path",
                    f"the backward of {mine.node.primitive.name} is not recorded: its gradient "
                    f"changes with the inputs and carries no graph (.detach(), .data, NumPy in it)",
                    number=numbers.get(mine.node),
                    location=location,
                    source=source,
                )
            )
    return found[:3]


def _equal(a: Sequence[Array], b: Sequence[Array]) -> bool:
    return len(a) == len(b) and all(
        x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True)
    )


def _graph_of(run: Run) -> _Graph:
    assert run.tape is not None
    nodes = live_nodes(run)
    numbers: dict[Node, int] = {n: k for k, n in enumerate(run.tape.nodes, 1)}
    kept = []
    operations = {}
    for node in nodes:
        if isinstance(node, Leaf):
            numbers.setdefault(node, 0)
        elif node.notes is not None and node.notes.operands is not None:
            if node.requires_grad:
                operations[node] = NodeOperation(node, node.notes.operands)
        elif node.primitive is OUTPUT:
            numbers.setdefault(node, numbers.get(node.inputs[0], 0))
        kept.append(node)
    return _Graph(run, kept, numbers, operations, Replay(kept))


def _place(node: Node) -> tuple[str, str]:
    source = node.notes.source if node.notes is not None else None
    if source is None:
        return "", ""
    file, line, text = source
    return f"{file.replace(chr(92), '/').rsplit('/', 1)[-1]}:{line}", text


def _scope(node: Node) -> str:
    return f" in {node.scope[0]}" if node.scope else ""


def _findings(node: Node, graph: _Graph, audit: NodeAudit) -> list[NodeFinding]:
    location, source = _place(node)
    number = graph.numbers.get(node)
    name = f"{audit.name}{_scope(node)}"
    findings = []
    for problem in audit.problems:
        status: Status = FAIL if audit.status == INVALID else audit.status
        kind = "writes into its arguments" if "writes into" in problem else "raises"
        if audit.status == NONDETERMINISTIC:
            kind = "not repeatable"
        findings.append(NodeFinding(name, status, kind, problem, number, location, source))
    for found in audit.inputs:
        if found.status == PASS:
            continue
        index = analytic = numeric = None
        if found.elements is not None:
            index, analytic, numeric = found.elements.worst()
        kind = found.diagnosis.kind if found.diagnosis is not None else ""
        message = found.message
        if not message and found.status == INCONCLUSIVE and found.judgement is not None:
            message = (
                f"only relative errors above {found.judgement.resolution:.0e} could be seen here"
                if np.isfinite(found.judgement.analytic)
                else "the derivative is not finite here (the end of a domain, an infinite slope)"
            )
        findings.append(
            NodeFinding(
                name,
                found.status,
                kind,
                message,
                number,
                location,
                source,
                found.position,
                found.name,
                index,
                analytic,
                numeric,
            )
        )
    if not findings and audit.status != PASS:
        text = "; ".join(audit.notes) or "it could not be judged"
        findings.append(NodeFinding(name, audit.status, "", text, number, location, source))
    return findings


def _tainted(graph: _Graph) -> dict[Node, Node]:
    """Nodes whose gradient passes through a wrong rule, with the first one in backward order."""
    tainted: dict[Node, Node] = {}
    for node in reversed(graph.nodes):
        cause = tainted.get(node)
        audit = graph.audits.get(node)
        op = graph.operations.get(node)
        wrong: set[int] = set()
        if audit is not None and op is not None:
            if audit.problems:
                wrong = set(op.places)
            else:
                wrong = {op.places[found.position] for found in audit.wrong}
        for k, parent in enumerate(node.inputs):
            if not isinstance(parent, Node) or not parent.requires_grad:
                continue
            if cause is not None:
                tainted.setdefault(parent, cause)
            elif k in wrong:
                tainted.setdefault(parent, node)
    return tainted


def _beside_only(graph: _Graph, cause: Node) -> bool:
    audit = graph.audits[cause]
    return all(found.beside for found in audit.wrong) and not audit.problems


def _resolutions(graph: _Graph) -> dict[Node, float]:
    """For each node, the coarsest comparison on any path from it to the output."""
    worst: dict[Node, float] = {}
    for node in reversed(graph.nodes):
        above = worst.get(node, 0.0)
        op, audit = graph.operations.get(node), graph.audits.get(node)
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


def _differs_from(own: OwnSweep, node: Node, g: Array | None) -> bool:
    mine = own.cotangents.get(node)
    if g is None or mine is None:
        return (g is None) != (mine is None)
    eps = float(np.finfo(g.dtype).eps)
    top = float(np.max(np.abs(mine), initial=0.0))
    return g.shape != mine.shape or bool(np.any(~(np.abs(g - mine) <= 1e3 * eps * top)))


def _first_difference(first: Run, again: Run) -> str:
    """The first call that gave different values in two runs."""
    advice = "draw its random numbers once, outside, and pass them in; keep no counter"
    if first.tape is None or again.tape is None:
        return f"two runs give different outputs; {advice}"
    pairs = zip(first.tape.nodes, again.tape.nodes, strict=False)
    for number, (a, b) in enumerate(pairs, 1):
        if a.notes is None or b.notes is None:
            continue
        if a.primitive.name != b.primitive.name or not _alike(a.notes.value, b.notes.value):
            location, source = _place(a)
            what = "gives another value"
            for k, (x, y) in enumerate(
                zip(a.notes.operands or (), b.notes.operands or (), strict=False)
            ):
                if not _alike(x, y):
                    name = a.primitive.inputs[min(k, len(a.primitive.inputs) - 1)]
                    what = f"is given another operand `{name}`"
                    break
            return (
                f"not repeatable: {a.primitive.name}{_scope(a)} #{number} ({location}: {source}) "
                f"{what} in each run; {advice}"
            )
    return f"two runs give different outputs, from the same calls; {advice}"


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) or isinstance(b, tuple):
        return isinstance(a, tuple) and isinstance(b, tuple) and all(map(_alike, a, b))
    x, y = np.asarray(a), np.asarray(b)
    return x.shape == y.shape and x.tobytes() == y.tobytes()
