"""The rows of a report: each gradient beside its numeric value, as a case for the judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..engine.node import Node
from .audited_graph import AuditedGraph
from .differences import Array
from .directional import direction_like, element_scale
from .end_to_end import (
    BESIDE,
    agrees_with_graph,
    as_graph,
    judged_by_function,
    leaf_slopes,
    moved_leaves,
    slope_doubt,
)
from .engine_audit import EngineFault, OwnSweep, engine_gradients
from .every_element import beside_corrected, every_element
from .findings import Findings
from .judges import Case, judged, row_from
from .settings import Settings
from .subject import Subject, SubjectFailed
from .tolerance import INCONCLUSIVE, KAPPA, PASS, Judgement, rounding_of_dot

__all__ = ["Gradients", "Stages"]

_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Stages:
    """What the stages before found.

    Attributes
    ----------
    graph : AuditedGraph
    own : OwnSweep
        The gradients that the rules give.
    engine : mapping
        The gradients that backward left at leaves.
    cotangents : sequence of arrays
    beside : sequence of arrays
        Leaf values a little beside the given ones.
    same : bool or None
        Function and graph agree there; None if the function cannot be run there.
    trouble : str
        What backward raised.
    fault : EngineFault, optional
    exact : mapping, optional
        The gradients in double precision of what runs in single.
    corrected : mapping
        The gradients as they would be if every rule were right, where one is not.
    audited : bool
        Every op was audited.
    eps : float
        Of the least precise float on the way.
    """

    graph: AuditedGraph
    own: OwnSweep
    engine: Mapping[Node, Array | None]
    cotangents: Sequence[Array]
    beside: Sequence[Array]
    same: bool | None
    trouble: str
    fault: EngineFault | None
    exact: Mapping[Node, Array] | None
    corrected: Mapping[Node, Array]
    audited: bool
    eps: float


class Gradients:
    """Every gradient of a function, to be judged one after the other.

    Parameters
    ----------
    subject, settings, stages
    report : Findings
        Takes the rows, and what else is noticed.
    rng : Generator
        Draws the directions.
    """

    def __init__(
        self,
        subject: Subject,
        settings: Settings,
        stages: Stages,
        report: Findings,
        rng: np.random.Generator,
    ) -> None:
        self.subject, self.settings, self.stages = subject, settings, stages
        self.report, self.rng = report, rng
        graph = stages.graph
        self.replay = graph.replay if stages.exact is None else graph.replay.in_double()
        self.resolutions = graph.resolutions()
        self.kinked = graph.kinked
        # What cancels (a bias before a normalisation) leaves rounding of the size of the others.
        self.rounding = 0.0
        for leaf, x in zip(subject.leaves, subject.start, strict=True):
            g = stages.own.cotangents.get(leaf._node)
            if g is not None and g.shape == x.shape and np.isfinite(g).all():
                self.rounding = max(self.rounding, KAPPA * rounding_of_dot(g, element_scale(x)))

    def judge(self) -> None:
        """Add a row for each gradient."""
        for position in range(len(self.subject.leaves)):
            case = self._case(position)
            row, elements = row_from(case, judged(case))
            self.report.rows.append(row)
            if elements is not None:
                self.report.ratios = {**self.report.ratios, row.name: elements.ratio}

    def _case(self, position: int) -> Case:
        """All that is known of one gradient."""
        stages, run, settings = self.stages, self.stages.graph.run, self.settings
        node = self.subject.leaves[position]._node
        g = stages.engine[node]
        if stages.trouble and g is None:
            g = stages.own.cotangents.get(node)
        start = self.subject.start[position].astype(float)
        u = direction_like(start, self.rng)
        numeric, e_num = leaf_slopes(self.replay, node, u, run.outputs, stages.cotangents)
        # In single precision the formula is judged by its gradient in double.
        given = g if stages.exact is None or g is None else stages.exact.get(node, g)
        gradient = np.zeros(start.shape) if given is None else given.astype(float)
        fits = gradient.shape == start.shape
        cause = stages.graph.tainted.get(node)
        case = Case(
            self.subject.names[position],
            start.shape,
            float(np.sum(gradient * u)) if fits else float("nan"),
            numeric,
            e_num,
            rounding_of_dot(gradient, u) if fits else float("nan"),
            seen=self.resolutions.get(node, 0.0),
            resolution=settings.resolution,
            reached=g is not None,
            kinked=self.kinked,
            audited=stages.audited,
            cause=cause.primitive.name if cause is not None else "",
            only_beside=cause is not None and stages.graph.wrong_only_beside(cause),
            faulty_sweep=stages.fault is not None and stages.own.differs_from(node, g),
            raised=bool(stages.trouble),
            graph_is_function=partial(self._graph_is_function, position),
            ask_function=partial(self._ask_function, position, u, gradient),
        )
        case.tolerance = KAPPA * (case.e_num + case.e_ana)
        case.apart = self._apart(case, node, u)
        if settings.full is True and stages.same and not self.kinked and fits and start.size:
            case.every = every_element(self.replay, node, gradient, run.outputs, stages.cotangents)
        elif settings.full is not False and settings.diagnose and fits:
            case.corrected = beside_corrected(gradient, stages.corrected.get(node))
        return case

    def _apart(self, case: Case, node: Node, u: Array) -> bool:
        """Is the gap more than rounding, also of what cancels within the graph?"""
        stages = self.stages
        gap = abs(case.analytic - case.numeric)
        if gap <= case.tolerance + 1e-6 * case.size + self.rounding:
            return False
        sound = stages.same and not case.cause and stages.fault is None
        if not sound or not np.isfinite(gap):
            return True
        doubt = slope_doubt(
            self.subject, self.replay, node, u, stages.graph.run, stages.cotangents, stages.beside
        )
        return not gap <= case.tolerance + KAPPA * doubt

    def _graph_is_function(self, position: int) -> bool:
        """Does the function agree with its graph when only this leaf moves?"""
        stages = self.stages
        if stages.same:
            return True
        moved = list(self.subject.start)
        moved[position] = stages.beside[position]
        return bool(agrees_with_graph(self.subject, stages.graph.run, stages.graph.replay, moved))

    def _ask_function(self, position: int, u: Array, gradient: Array) -> tuple[Judgement, str]:
        """The gradient beside differences of the function itself."""
        stages, run = self.stages, self.stages.graph.run
        trusted = stages.same and stages.audited
        judgement, note = judged_by_function(
            self.subject,
            position,
            u,
            stages.cotangents,
            gradient,
            self.settings.resolution,
            stages.eps,
            graph=as_graph(self.subject, run, self.replay, stages.cotangents) if trusted else None,
        )
        if note.startswith(BESIDE):
            if note not in self.report.problems:
                self.report.problems.append(note)
            return judgement, "not known beside"
        if note and judgement.status != PASS:
            # Several kinks at once leave no interval to compare with: look beside them.
            judgement = self._judged_beside(position) or judgement
        return judgement, note

    def _judged_beside(self, position: int) -> Judgement | None:
        """The same comparison at a point where no kink is exact."""
        subject, cotangents = self.subject, self.stages.cotangents
        there = moved_leaves(subject, self.rng, 0.0, 0.05)
        try:
            run = subject.run(there)
            engine, trouble = engine_gradients(subject, run, cotangents)
            if trouble or len(run.values) != len(cotangents):
                return None
            g = engine[subject.leaves[position]._node]
            x = there[position].astype(float)
            judgement, note = judged_by_function(
                subject,
                position,
                direction_like(x, self.rng),
                cotangents,
                np.zeros(x.shape) if g is None else g.astype(float),
                self.settings.resolution,
                self.stages.eps,
                there,
            )
        except SubjectFailed:
            return None
        return None if note and judgement.status == INCONCLUSIVE else judgement
