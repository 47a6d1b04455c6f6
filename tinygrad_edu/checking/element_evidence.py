"""Compare a wrong rule element by element, at several points, as evidence for `diagnosis`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from .comparison import Point, line_of_input
from .complex_step import ComplexStepUnavailable, complex_step
from .diagnosis import Diagnosis, Evidence, Sample, diagnose
from .differences import Array, Line, ridders, with_retries
from .directional import direction_like, element_scale
from .localise import wrong_elements
from .operation import random_cotangent, sealed
from .sampling import point_beside
from .tolerance import judge_elements

__all__ = ["Elements", "Examination", "FULL_LIMIT", "elements_of", "examine", "jacobian"]

FULL_LIMIT = 1024
_EPS = float(np.finfo(float).eps)
_SAMPLED = 48


@dataclass(frozen=True)
class Elements:
    """Analytic and numeric `v^T J` of one input, element by element.

    Attributes
    ----------
    analytic, numeric, error : arrays of the input's shape
        `error` is the absolute error of the numeric side; NaN where an element was not computed.
    """

    analytic: Array
    numeric: Array
    error: Array

    @property
    def ratio(self) -> Array:
        """`|a - n| / tolerance`; above 1 is wrong."""
        return judge_elements(self.analytic, self.numeric, self.error)

    def worst(self) -> tuple[tuple[int, ...], float, float]:
        """Index, analytic and numeric value of the element that is wrong by most."""
        distance = np.abs(self.analytic - self.numeric)
        distance = np.where(np.isnan(self.numeric), -1.0, distance)
        distance = np.where(np.isnan(distance), np.inf, distance)
        index = tuple(int(k) for k in np.unravel_index(int(np.argmax(distance)), distance.shape))
        return index, float(self.analytic[index]), float(self.numeric[index])


@dataclass(frozen=True)
class Examination:
    """A diagnosis, and the elements it rests on (None if the shapes differ)."""

    diagnosis: Diagnosis
    elements: Elements | None


def jacobian(
    point: Point, position: int, columns: Sequence[int] | None = None
) -> tuple[Array, Array]:
    """Numeric Jacobian for one input and its absolute error, `(output.size, number of columns)`."""
    x = point.inputs[position]
    scale = element_scale(x).ravel()
    chosen = range(x.size) if columns is None else columns
    value = np.empty((point.output.size, len(chosen)))
    error = np.empty_like(value)
    for place, k in enumerate(chosen):
        u = np.zeros(x.size)
        u[k] = scale[k]
        line = line_of_input(point, position, u.reshape(x.shape))
        column, doubt = _column(point, line)
        value[:, place] = column.ravel() / scale[k]
        error[:, place] = doubt.ravel() / scale[k]
    return value, error


def _column(point: Point, line: Line) -> tuple[Array, Array]:
    if point.exact:
        # The complex step was tested on this op at another place; here it may leave its domain.
        with suppress(ComplexStepUnavailable):
            column = complex_step(line)
            return column, 64 * _EPS * np.abs(column)
    estimate = ridders(line)
    largest = float(np.max(np.abs(estimate.value), initial=0.0))
    if np.any(estimate.error > 1e-8 * largest):
        # A kink or a step within reach of the first step.
        estimate = with_retries(line, first=estimate)
    return estimate.value, estimate.error


def examine(
    here: Point,
    position: int,
    wrt: Sequence[int],
    responses: Mapping[int, str],
    rng: np.random.Generator,
) -> Examination:
    """Gather samples for one wrong input and diagnose them.

    Six samples: the recorded point, one beside it, one with its values shuffled; two cotangents at
    each.
    """
    op = here.call.op
    small = here.inputs[position].size <= FULL_LIMIT
    points = [here]
    for shuffle in (False, True):
        moved = point_beside(here.call, here.inputs, wrt, rng, shuffle=shuffle)
        if moved is not None:
            points.append(Point(here.call, moved, sealed(here.call.forward(moved)), here.exact))
    response = responses.get(position, "linear")
    names = tuple(op.input_names) or tuple(f"x{k}" for k in range(len(here.inputs)))
    if not small:
        return _examine_large(points, position, response, names, rng)
    samples: list[Sample] = []
    first: Elements | None = None
    precision = 1e-7
    for point in points:
        tables = {position: jacobian(point, position)}
        for other in wrt:
            if other != position and point.inputs[other].shape == point.inputs[position].shape:
                tables[other] = jacobian(point, other)
        table, doubt = tables[position]
        precision = max(precision, 20 * _relative(doubt, table))
        for _ in range(2):
            v = random_cotangent(point.output.shape, rng)
            analytic = point.call.vjp(point.inputs, point.output, v)
            numeric: list[Array | None] = [None] * len(point.inputs)
            for j, (values, _) in tables.items():
                numeric[j] = (v.ravel() @ values).reshape(point.inputs[j].shape)
            samples.append(
                Sample(tuple(point.inputs), point.output, v, tuple(analytic), tuple(numeric), table)
            )
            mine, theirs = analytic[position], numeric[position]
            if mine is None:
                mine = np.zeros(point.inputs[position].shape)
            if theirs is not None and mine.shape == theirs.shape:
                error = (np.abs(v).ravel() @ doubt).reshape(theirs.shape)
                error = error + 64 * _EPS * np.abs(mine)
                elements = Elements(mine, theirs, error)
                if first is None or (not _any_wrong(first) and _any_wrong(elements)):
                    first = elements
    evidence = Evidence(
        position, samples, names, op.attributes, response, precision=min(precision, 1e-3)
    )
    return Examination(diagnose(evidence), first)


def elements_of(point: Point, position: int, v: Array) -> Elements | None:
    """Every element of one gradient for one cotangent; None if the rule's shape is wrong."""
    found = point.call.vjp(point.inputs, point.output, sealed(v))[position]
    x = point.inputs[position]
    analytic = np.zeros(x.shape) if found is None else found
    if analytic.shape != x.shape:
        return None
    table, doubt = jacobian(point, position)
    error = (np.abs(v).ravel() @ doubt).reshape(x.shape) + 64 * _EPS * np.abs(analytic)
    return Elements(analytic, (v.ravel() @ table).reshape(x.shape), error)


def _any_wrong(elements: Elements) -> bool:
    return bool(np.any(elements.ratio > 1))


def _relative(error: Array, value: Array) -> float:
    size = float(np.max(np.abs(value), initial=0.0))
    worst = float(np.max(error, initial=0.0))
    return worst / size if size > 0 and np.isfinite(worst) else 0.0


def _examine_large(
    points: Sequence[Point],
    position: int,
    response: str,
    names: Sequence[str],
    rng: np.random.Generator,
) -> Examination:
    """Too many elements for a Jacobian: bisect for wrong ones, judge the kind by a sample."""
    here = points[0]
    op = here.call.op
    x = here.inputs[position]
    v = random_cotangent(here.output.shape, rng)
    g = here.call.vjp(here.inputs, here.output, v)[position]
    if g is None or g.shape != x.shape or not np.isfinite(g).all():
        numeric = np.full(x.shape, np.nan) if g is None else np.zeros(x.shape)
        sample = Sample(
            tuple(here.inputs),
            here.output,
            v,
            tuple(g if j == position else None for j in range(len(here.inputs))),
            tuple(numeric if j == position else None for j in range(len(here.inputs))),
        )
        return Examination(
            diagnose(Evidence(position, [sample], names, op.attributes, response)), None
        )

    def directional(u: Array) -> tuple[float, float]:
        column, doubt = _column(here, line_of_input(here, position, u))
        return float(np.sum(v * column)), float(np.sum(np.abs(v) * doubt))

    hunt = wrong_elements(g, directional, np.abs(direction_like(x, rng)), rng=rng, limit=4)
    numeric = np.full(x.shape, np.nan)
    error = np.full(x.shape, np.nan)
    for element in hunt.elements:
        numeric[element.index] = element.numeric
        error[element.index] = element.error + 64 * _EPS * abs(element.analytic)
    if hunt.elements and hunt.complete:
        worst = hunt.elements[0]
        count = len(hunt.elements)
        where = ", ".join(str(k) for k in worst.index)
        noun = "element is" if count == 1 else "elements are"
        diagnosis = Diagnosis(
            "few elements",
            f"{count} of {x.size} {noun} wrong, first at ({where}): analytic {worst.analytic:.6g}, "
            f"numeric {worst.numeric:.6g}",
            index=worst.index,
        )
        return Examination(diagnosis, Elements(g, numeric, error))
    samples, elements = _sampled(points, position, rng)
    evidence = Evidence(position, samples, names, op.attributes, response)
    found = diagnose(evidence)
    if found.kind in ("few elements", "shifted by one", "reversed"):
        # Places in a sample mean nothing in the whole.
        found = Diagnosis(
            "unclassified", f"many of {x.size} elements are wrong, in no known pattern"
        )
    return Examination(found, elements)


def _sampled(
    points: Sequence[Point], position: int, rng: np.random.Generator
) -> tuple[list[Sample], Elements]:
    """Samples that hold some elements of the input only, as one row."""
    size = points[0].inputs[position].size
    samples: list[Sample] = []
    first: Elements | None = None
    for point in points:
        chosen = np.sort(rng.choice(size, min(size, _SAMPLED), replace=False))
        table, doubt = jacobian(point, position, [int(k) for k in chosen])
        x = point.inputs[position]
        for _ in range(2):
            v = random_cotangent(point.output.shape, rng)
            g = point.call.vjp(point.inputs, point.output, v)[position]
            mine = np.zeros(x.size) if g is None else g.ravel()
            row = v.ravel() @ table
            same = point.output.shape == x.shape
            samples.append(
                Sample(
                    tuple(a.ravel()[chosen] if a.shape == x.shape else a for a in point.inputs),
                    point.output.ravel()[chosen] if same else point.output,
                    v.ravel()[chosen] if same else v,
                    tuple(
                        mine[chosen] if j == position else None for j in range(len(point.inputs))
                    ),
                    tuple(row if j == position else None for j in range(len(point.inputs))),
                )
            )
            if first is None:
                numeric, error = np.full(x.size, np.nan), np.full(x.size, np.nan)
                numeric[chosen] = row
                error[chosen] = np.abs(v).ravel() @ doubt + 64 * _EPS * np.abs(mine[chosen])
                first = Elements(
                    mine.reshape(x.shape), numeric.reshape(x.shape), error.reshape(x.shape)
                )
    assert first is not None
    return samples, first
