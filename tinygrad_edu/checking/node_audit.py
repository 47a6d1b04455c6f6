"""Is the derivative rule of one op right? Checked at its own inputs, apart from all around it.

`<vjp(v), u>` against `<v, J u>` for random `v` and `u`, at the recorded values and beside them;
besides shape, finiteness, repeatability, linearity in the cotangent, and writes into arguments. In
a graph all inputs of an op move at once to begin with, which settles what is plainly right; where
it does not, each input is looked at alone. A rule that fails is then compared element by element,
and `diagnosis` names the kind of its mistake. Auditing each node so is what finds the wrong op.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from .audit_result import InputAudit, NodeAudit
from .comparison import Point, all_at_once, careful, cheap
from .complex_step import STEP, ComplexStepUnavailable, complex_step, slope_in
from .differences import Array
from .directional import Method, direction_like, element_scale, line_through, trustworthy
from .element_evidence import examine
from .kinks import SCREEN_STEP, SMOOTH, Screen, plainly_smooth, screen
from .operation import Operation, RuleRaised, Sealed, random_cotangent, readonly, sealed
from .sampling import point_and_output_beside, point_beside
from .tolerance import (
    FAIL,
    INCONCLUSIVE,
    INVALID,
    NONDETERMINISTIC,
    PASS,
    RESOLUTION,
    Judgement,
    worst_status,
)

__all__ = ["InputAudit", "Kinks", "NodeAudit", "audit_node"]

Kinks = Literal["accept", "skip", "fail"]
_LINEAR = 1e-9
_ROUNDING = 1e-12
_ALONE = 16


def audit_node(
    op: Operation,
    inputs: Sequence[Array],
    *,
    wrt: Sequence[int] | None = None,
    points: int = 2,
    projections: int = 2,
    method: Method = "auto",
    kinks: Kinks = "accept",
    resolution: float = RESOLUTION,
    diagnose: bool = True,
    seed: int = 0,
    together: np.random.Generator | None = None,
) -> NodeAudit:
    """Check the derivative rule of one op.

    Parameters
    ----------
    op : Operation
    inputs : sequence of arrays
        Recorded inputs; float ones are checked in float64, others are operands without a
        derivative.
    wrt : sequence of int, optional
        Positions to check; by default every float input.
    points : int
        1: the recorded values alone; each further one is a point beside them.
    projections : int
        Random pairs `(u, v)` per point.
    method : "auto", "complex" or "richardson"
    kinks : "accept", "skip" or "fail"
        At a kink: accept any slope in the Clarke interval, compare nothing, or fail.
    resolution : float
        Relative error that must be visible, else INCONCLUSIVE.
    diagnose : bool
        Compare a wrong rule element by element and name the kind of its mistake.
    seed : int
        Same seed, same result.
    together : numpy Generator, optional
        Draws directions along which all inputs move at once, to begin with: that settles what is
        plainly right in a tenth of the work. The op is then given complex numbers even where it is
        not declared fit for them. Not used where `method` or `kinks` are set.
    """
    if method != "auto" or kinks != "accept":
        together = None
    return _Audit(op, inputs, wrt, method, kinks, resolution, seed).run(
        points, projections, diagnose, together
    )


class _Audit:
    def __init__(
        self,
        op: Operation,
        inputs: Sequence[Array],
        wrt: Sequence[int] | None,
        method: Method,
        kinks: Kinks,
        resolution: float,
        seed: int,
    ) -> None:
        self.call = Sealed(op)
        self.inputs = [readonly(np.asarray(x)) for x in inputs]
        floats = [j for j, x in enumerate(self.inputs) if x.dtype.kind == "f"]
        self.wrt = floats if wrt is None else [j for j in wrt if j in floats]
        self.method = method
        self.kinks = kinks
        self.resolution = resolution
        self.seed = seed
        self.result = NodeAudit(op.name)
        names = list(op.input_names)
        self.found = {
            j: InputAudit(j, names[j] if j < len(names) else f"input {j}", self.inputs[j].shape)
            for j in self.wrt
        }
        self.responses: dict[int, str] = {}
        # Inputs whose gradient is 0 at the recorded point, and those compared well beside it.
        self.stationary: set[int] = set()
        self.compared: set[int] = set()

    def run(
        self, points: int, projections: int, diagnose: bool, together: np.random.Generator | None
    ) -> NodeAudit:
        result = self.result
        result.inputs = list(self.found.values())
        try:
            # Foreign rules may divide by 0; what comes out is judged, so no warning is needed.
            with np.errstate(all="ignore"):
                output = self.call.forward(self.inputs)
                wrote = set(self.call.wrote)
                if together is not None and self._settled(output, points, together):
                    return result
                # What it does to complex numbers is not held against it.
                self.call.wrote = wrote
                self._check(output, points, projections, diagnose)
        except RuleRaised as problem:
            result.status = INVALID
            result.problems.append(str(problem))
        if self.call.wrote:
            who = " and ".join(
                {"forward": "the function", "rule": "its derivative rule"}[w]
                for w in sorted(self.call.wrote)
            )
            result.status = worst_status(result.status, FAIL)
            result.problems.append(f"{result.name}: {who} writes into the arrays it was given")
        result.status = worst_status(result.status, *(found.status for found in result.inputs))
        result.evaluations, result.rule_calls = self.call.evaluations, self.call.rule_calls
        return result

    # --------------------------------------------------------------- all inputs at once

    def _settled(self, output: Array, points: int, rng: np.random.Generator) -> bool:
        """Is the op plainly right? Smooth, finite, repeatable, and equal to a complex step.

        That step is tried on every op, declared fit for it or not: real values must confirm it, and
        the rule must then equal it to rounding. That calls of the op repeat themselves was seen
        when the whole function was run twice.
        """
        call, here = self.call, self.inputs
        if output.dtype.kind != "f" or not output.size or not np.isfinite(output).all():
            return False
        output.flags.writeable = False
        try:
            directions = {j: direction_like(here[j], rng) for j in self.wrt}
            ju = slope_in(call.forward(_moved(here, directions, 1j * STEP)))
            ends = [call.forward(_moved(here, directions, t)) for t in (SCREEN_STEP, -SCREEN_STEP)]
            if not plainly_smooth(ends[0], output, ends[1], ju):
                return False
            v = random_cotangent(output.shape, rng)
            gradients, again = call.vjp(here, output, v), call.vjp(here, output, v)
            if not all(map(_same, gradients, again)):
                return False
            found = all_at_once(gradients, directions, v, ju, self.resolution)
            if found is None:
                return False
            # A second cotangent, larger and of the other sign: a rule must be linear in it.
            w = random_cotangent(output.shape, rng, -3.0 if v.flat[0] > 0 else 3.0)
            pulled = call.vjp(here, output, w)
            if all_at_once(pulled, directions, w, ju, self.resolution) is None:
                return False
            for _ in range(points - 1):
                if not self._settled_beside(rng):
                    return False
        except (RuleRaised, ComplexStepUnavailable):
            return False
        if call.wrote:
            return False
        self.result.method = "complex step"
        self.result.evaluations, self.result.rule_calls = call.evaluations, call.rule_calls
        for j, judgement in found.items():
            self.found[j].judgement = judgement
        return True

    def _settled_beside(self, rng: np.random.Generator) -> bool:
        """The same comparison at a point nearby."""
        beside = point_and_output_beside(self.call, self.inputs, self.wrt, rng)
        if beside is None:
            return False
        there, y = beside
        y.flags.writeable = False
        directions = {j: direction_like(there[j], rng) for j in self.wrt}
        ju = slope_in(self.call.forward(_moved(there, directions, 1j * STEP)))
        v = random_cotangent(y.shape, rng)
        gradients = self.call.vjp(there, y, v)
        return all_at_once(gradients, directions, v, ju, self.resolution) is not None

    # ------------------------------------------------------------------ input by input

    def _check(self, output: Array, points: int, projections: int, diagnose: bool) -> None:
        self.rng = np.random.default_rng(self.seed)
        if not self._usable(output):
            return
        output = sealed(output)
        if not self.wrt or output.size == 0:
            return
        exact, look = self._screen()
        self.result.method = "complex step" if exact else "Richardson"
        here = Point(self.call, self.inputs, output, exact)
        if not self._repeatable(here, look):
            return
        self._at(here, projections, look)
        for _ in range(points - 1):
            moved = point_beside(self.call, self.inputs, self.wrt, self.rng)
            if moved is None:
                self.result.notes.append("no point beside the recorded one is finite")
                break
            there = Point(self.call, moved, sealed(self.call.forward(moved)), exact)
            self._at(there, projections, None)
        for j in self.stationary & self.compared:
            if self.found[j].status == INCONCLUSIVE:
                self.found[j].status = PASS
                self.found[j].note = self.found[j].note or "0 here, compared beside"
        if diagnose and any(found.status == FAIL for found in self.found.values()):
            for found in self.found.values():
                if found.status == FAIL:
                    seen = examine(here, found.position, self.wrt, self.responses, self.rng)
                    found.diagnosis, found.elements = seen.diagnosis, seen.elements

    def _usable(self, output: Array) -> bool:
        if output.dtype.kind not in "f":
            self.result.notes.append(f"the output has dtype {output.dtype} and no derivative")
            return False
        if not np.isfinite(output).all():
            self.result.status = INCONCLUSIVE
            self.result.notes.append("the output is not finite at the recorded inputs")
            return False
        again = self.call.forward(self.inputs)
        if again.tobytes() != output.tobytes():
            self.result.status = NONDETERMINISTIC
            self.result.problems.append(
                f"{self.result.name}: two runs on the same inputs give different outputs; "
                f"seed it, or take its random draws as an input"
            )
            return False
        return True

    def _screen(self) -> tuple[bool, Screen]:
        """Look for kinks along one direction in all inputs, and try the complex step on it."""
        directions: list[Array | None] = [None] * len(self.inputs)
        for j in self.wrt:
            directions[j] = direction_like(self.inputs[j], self.rng)

        def function(*moved: Array) -> Array:
            return self.call.forward(moved)

        line = line_through(function, self.inputs, directions)
        look = screen(line)
        if not look.smooth:
            self.result.notes.append(look.summary())
        if self.method in ("richardson", "central") or (
            self.method == "auto" and not self.call.op.complex_ok
        ):
            return False, look
        try:
            derivative = complex_step(line)
        except ComplexStepUnavailable:
            return False, look
        return trustworthy(line, derivative, look), look

    def _repeatable(self, here: Point, look: Screen) -> bool:
        """The same gradient twice, bit for bit; and linear in the cotangent, input by input."""
        v = random_cotangent(here.output.shape, self.rng)
        w = random_cotangent(here.output.shape, self.rng)
        first, again = self._vjp(here, v), self._vjp(here, v)
        if not all(map(_same, first, again)):
            self.result.status = NONDETERMINISTIC
            self.result.problems.append(
                f"{self.result.name}: its derivative rule gives different gradients for the same "
                f"cotangent"
            )
            return False
        doubled, other = self._vjp(here, -2 * v), self._vjp(here, w)
        both = self._vjp(here, v + w)
        # A step may leave the domain (log1p of numbers of very different size).
        known = (look.coarse == SMOOTH) & np.isfinite(look.slope)
        steepness = float(np.max(np.abs(look.slope), initial=0.0, where=known))
        for j in self.wrt:
            g, d, o, s = first[j], doubled[j], other[j], both[j]
            if g is None or d is None or o is None or s is None:
                continue
            if not np.isfinite(g).all():
                continue
            if np.any(g != 0) and np.array_equal(g, d):
                # Too small to be seen as nonlinear (ones give softmax only rounding), and yet so.
                self.responses[j] = "ignored"
            size = float(np.max(np.abs(g), initial=0.0)) + float(np.max(np.abs(o), initial=0.0))
            # Terms that cancel leave rounding of the size of the terms, not of their sum.
            step = float(np.max(element_scale(self.inputs[j]), initial=0.0)) or 1.0
            limit = _LINEAR * size + _ROUNDING * steepness / step
            straight = np.abs(d + 2 * g) <= limit
            additive = np.abs(g + o - s) <= limit
            if not (straight.all() and additive.all()):
                self.responses[j] = self._kind_of_response(here, j, v, g, d)
                self.found[j].status = FAIL
        return True

    def _kind_of_response(self, here: Point, j: int, v: Array, g: Array, doubled: Array) -> str:
        if np.array_equal(g, doubled):
            return "ignored"
        at_zero = self._vjp(here, np.zeros(v.shape))[j]
        if at_zero is not None and np.any(at_zero != 0):
            return "offset"
        if np.allclose(doubled, 2 * g, rtol=1e-9, atol=0):
            return "absolute"
        return "nonlinear"

    def _vjp(self, point: Point, v: Array) -> list[Array | None]:
        return self.call.vjp(point.inputs, point.output, sealed(v))

    def _at(self, point: Point, projections: int, look: Screen | None) -> None:
        sign = 1.0
        for _ in range(projections):
            v = random_cotangent(point.output.shape, self.rng, sign)
            # The next one has the other sign in front: |g| for g must show where y is one number.
            sign = -sign
            gradients = self._vjp(point, v)
            for j in self.wrt:
                u = direction_like(point.inputs[j], self.rng)
                if self.found[j].status != FAIL:
                    self._compare(point, j, u, v, gradients[j], look)
        if look is not None and bool((look.kind if point.exact else look.coarse).any()):
            self._at_kink(point)

    def _at_kink(self, point: Point) -> None:
        """More directions at a kink: all elements together, and some alone.

        Ties stay tied when all elements move together, so the shares of a maximum must add up to 1.
        """
        v = random_cotangent(point.output.shape, self.rng)
        gradients = self._vjp(point, v)
        for j in self.wrt:
            scale = element_scale(point.inputs[j])
            directions = [scale]
            count = min(scale.size, _ALONE)
            for k in np.sort(self.rng.choice(scale.size, count, replace=False)):
                alone = np.zeros(scale.size)
                alone[k] = scale.flat[k]
                directions.append(alone.reshape(scale.shape))
            g = gradients[j]
            for u in directions:
                if self.found[j].status == FAIL or (g is not None and g.shape != u.shape):
                    break
                judgement, note = careful(
                    point,
                    j,
                    u,
                    v,
                    np.zeros(u.shape) if g is None else g,
                    self.resolution,
                    self.rng,
                    self.kinks,
                )
                if judgement.status == FAIL:
                    self.found[j].status = FAIL
                    self.found[j].judgement = judgement
                    self.found[j].note = note

    def _compare(
        self, point: Point, j: int, u: Array, v: Array, g: Array | None, look: Screen | None
    ) -> None:
        found = self.found[j]
        beside = look is None
        if g is None:
            g = np.zeros(u.shape)
        if g.shape != u.shape or g.dtype.kind not in "fiub":
            found.status = FAIL
            return
        judgement, _ = cheap(point, j, u, v, g, self.resolution)
        note = ""
        # A kink beside the recorded point is only looked for where something seems wrong.
        kinked = look is not None and bool((look.kind if point.exact else look.coarse).any())
        if judgement.status != PASS or kinked:
            judgement, note = careful(point, j, u, v, g, self.resolution, self.rng, self.kinks)
        found.note = found.note or note
        if _graver(judgement, found.judgement):
            found.judgement = judgement
        if judgement.status == FAIL:
            found.beside = beside
        small = np.isfinite(judgement.analytic) and abs(judgement.analytic) <= judgement.tolerance
        if judgement.status == INCONCLUSIVE and small:
            self.stationary.add(j)
        if beside and judgement.status == PASS:
            self.compared.add(j)
        if beside and judgement.status == INCONCLUSIVE:
            # What the recorded point decided stands; the point beside is a bonus.
            return
        found.status = worst_status(found.status, judgement.status)


def _moved(point: Sequence[Array], directions: Mapping[int, Array], t: complex) -> list[Array]:
    """The inputs `t` further along their directions."""
    moved = list(point)
    for j, u in directions.items():
        moved[j] = np.asarray(point[j] + t * u)
    return moved


def _same(a: Array | None, b: Array | None) -> bool:
    """Two gradients, bit for bit."""
    return a is b if a is None or b is None else a.tobytes() == b.tobytes()


def _graver(new: Judgement, old: Judgement | None) -> bool:
    if old is None:
        return True
    if (new.status == FAIL) != (old.status == FAIL):
        return new.status == FAIL
    return new.resolution > old.resolution
