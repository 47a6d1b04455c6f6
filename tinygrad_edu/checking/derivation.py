"""Check a gradient derived by hand: `f` in NumPy, `grad_f` any function returning gradients."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Final

import numpy as np

from ..engine.traced import Traced
from .audit_result import InputAudit, NodeAudit
from .comparison import Point
from .differences import Array
from .directional import Method, checked_inputs
from .drawing import Marks
from .element_evidence import FULL_LIMIT, Elements, elements_of
from .findings import NodeFinding, Row, of_input, place_in, row_of
from .function_check import labels_of
from .node_audit import Kinks, audit_node
from .operation import PlainOperation, RuleRaised, Sealed, sealed
from .origin import find_origin
from .report import GradReport
from .subject import silence
from .tensor_functions import arrays_of, on_arrays
from .tolerance import FAIL, INVALID, PASS, RESOLUTION, Judgement, judge

__all__ = ["check_derivation", "frozen_random_state"]

# Kinds that say where a gradient is wrong, and not why.
_PATTERNLESS: Final = ("unclassified", "factor differs along an axis", "few elements")


@contextmanager
def frozen_random_state() -> Iterator[None]:
    """Leave NumPy's global generator as it was."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)


def check_derivation(
    f: Callable[..., object],
    grad_f: Callable[..., object],
    *inputs: object,
    wrt: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    attributes: Mapping[str, object] | None = None,
    method: Method = "auto",
    points: int = 2,
    kinks: Kinks = "accept",
    resolution: float = RESOLUTION,
    seed: int = 0,
) -> GradReport:
    """Is a hand-derived gradient the gradient of this function?

    Parameters
    ----------
    f : callable
        Takes the inputs, returns one number (any array of size 1).
    grad_f : callable
        Takes the same inputs; returns the gradient, a tuple or list with one entry per
        differentiated input (None for one that is not wanted), or a dict by the names of f's
        parameters.
    inputs : arrays or Tensors
        `f` and `grad_f` are given what is given here. Floats are differentiated, integers (labels)
        are passed on. A sole tuple or list is unpacked; of a sole dict, `{"W": W, "b": b}`, `f` and
        `grad_f` take one dict, and the rows are called by its keys.
    wrt : sequence of int, optional
        Positions that `grad_f` gives gradients for. By default every float input; if `grad_f`
        returns fewer gradients than there are float inputs, the first so many.
    names : sequence of str, optional
        Names of the inputs for the report; those of f's parameters by default.
    attributes : mapping, optional
        Numbers that a factor may be named after: `{"samples": 20, "classes": 10}`.
    points : int
        1: these inputs alone; more: also beside them, which finds what is right by coincidence
        here.

    Returns
    -------
    GradReport
        A row for each argument; for a wrong one the kind of mistake and its worst element.

    Raises
    ------
    TypeError
        For an input named in `wrt` that is not of floats, or if no input is.
    ValueError
        For a non-finite input; if `f` does not return one number; if the number of gradients is
        wrong.
    """
    started = time.perf_counter()
    if len(inputs) == 1 and isinstance(inputs[0], (tuple, list)):
        inputs = tuple(inputs[0])
    elif len(inputs) == 1 and isinstance(inputs[0], Mapping):
        names = [str(key) for key in inputs[0]] if names is None else names
        f, grad_f = _of_dict(f, list(inputs[0])), _of_dict(grad_f, list(inputs[0]))
        inputs = tuple(inputs[0].values())
    labels = labels_of(f, len(inputs), names)
    f, grad_f = _heard_once(f), _heard_once(grad_f)
    as_given = f
    tensors = {k for k, x in enumerate(inputs) if isinstance(x, Traced)}
    f, grad_f = on_arrays(f, inputs), on_arrays(grad_f, inputs)
    inputs = tuple(arrays_of(inputs))
    arrays = [np.asarray(x) for x in inputs]
    floats = [k for k, x in enumerate(arrays) if x.dtype.kind == "f"]
    if wrt is None and not floats:
        kinds = ", ".join(str(x.dtype) for x in arrays) or "none"
        raise TypeError(f"no input is an array of floats (given: {kinds}); use x.astype(float)")
    with frozen_random_state():
        wanted = list(wrt) if wrt is not None else floats
        private = checked_inputs(inputs, wanted)
        wanted = _positions(grad_f, private, wanted, labels, explicit=wrt is not None)
        op = _operation(f, grad_f, wanted, labels, dict(attributes or {}), len(private))
        _require_scalar(f, private)
        audit = audit_node(
            op,
            private,
            wrt=wanted,
            points=points,
            method=method,
            kinks=kinks,
            resolution=resolution,
            seed=seed,
        )
        marks = _trace_back(as_given, tensors, op, private, audit)
        rows, ratios = _rows(op, private, audit)
    return GradReport(
        audit.status,
        rows,
        _findings(audit, getattr(grad_f, "__name__", "grad_f"), grad_f),
        audit.notes,
        audit.problems,
        audit.method,
        seed,
        audit.evaluations,
        time.perf_counter() - started,
        f"check_derivation({_name(f)}, {_name(grad_f)}, {', '.join(labels)})",
        ratios,
        of_graph=False,
        marks=marks,
    )


def _of_dict(function: Callable[..., object], keys: Sequence[object]) -> Callable[..., object]:
    """A function of one dict as one of its values."""

    @functools.wraps(function)
    def call(*values: object) -> object:
        return function(dict(zip(keys, values, strict=True)))

    return call


def _heard_once(function: Callable[..., object]) -> Callable[..., object]:
    """The function, printing what it prints at its first call alone."""
    calls = 0

    @functools.wraps(function)
    def call(*values: object) -> object:
        nonlocal calls
        calls += 1
        with silence() if calls > 1 else nullcontext():
            return function(*values)

    return call


def _name(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _gradients(given: object, labels: Sequence[str], wanted: Sequence[int]) -> list[object]:
    """What `grad_f` returned, as one entry per wanted input."""
    if isinstance(given, Mapping):
        unknown = [str(key) for key in given if key not in labels]
        if unknown:
            raise ValueError(
                f"grad_f returned gradients for {', '.join(unknown)}; the inputs are called "
                f"{', '.join(labels)}"
            )
        return [given.get(labels[k]) for k in wanted]
    if isinstance(given, (tuple, list)):
        return list(given)
    return [given]


def _positions(
    grad_f: Callable[..., object],
    arrays: Sequence[Array],
    wanted: list[int],
    labels: Sequence[str],
    *,
    explicit: bool,
) -> list[int]:
    given = grad_f(*[np.array(x) for x in arrays])
    if isinstance(given, Mapping):
        found = [k for k in wanted if labels[k] in given]
        _gradients(given, labels, found)
        return found
    gradients = _gradients(given, labels, wanted)
    if len(gradients) > len(wanted) or (explicit and len(gradients) != len(wanted)):
        if len(gradients) == len(arrays) and not explicit:
            return wanted
        raise ValueError(
            f"grad_f returned {len(gradients)} gradients for {len(wanted)} inputs "
            f"({', '.join(labels[k] for k in wanted)}); return one for each, None for one that is "
            f"not wanted"
        )
    return [k for k, g in zip(wanted, gradients, strict=False) if g is not None]


def _operation(
    f: Callable[..., object],
    grad_f: Callable[..., object],
    wanted: Sequence[int],
    labels: Sequence[str],
    attributes: Mapping[str, object],
    count: int,
) -> PlainOperation:
    def function(*xs: Array) -> Array:
        return np.asarray(f(*xs)).reshape(())

    def rule(xs: Sequence[Array], output: Array, g: Array) -> list[Array | None]:
        gradients = _gradients(grad_f(*xs), labels, wanted)
        if len(gradients) == count:
            gradients = [gradients[k] for k in wanted]
        elif len(gradients) > len(wanted):
            gradients = [each for each in gradients if each is not None]
        found: list[Array | None] = [None] * count
        for position, gradient in zip(wanted, gradients, strict=False):
            if gradient is not None:
                found[position] = np.asarray(gradient) * g
        return found

    return PlainOperation(_name(f), function, rule, True, attributes, tuple(labels))


def _require_scalar(f: Callable[..., object], arrays: Sequence[Array]) -> None:
    copies = [sealed(x) for x in arrays]
    try:
        value = f(*copies)
    except Exception:  # noqa: BLE001 - the audit runs f again, and reports what it raises
        return
    shape = np.shape(np.asarray(value))
    if np.size(np.asarray(value)) != 1:
        raise ValueError(
            f"f returned shape {shape}; a gradient belongs to one number: return a sum or a mean, "
            f"or check each output alone"
        )


def _trace_back(
    f: Callable[..., object],
    tensors: set[int],
    op: PlainOperation,
    inputs: Sequence[Array],
    audit: NodeAudit,
) -> Marks | None:
    """Where several gradients are wrong in no pattern of their own, look for the one cause."""
    kinds = [(found, found.diagnosis.kind) for found in audit.wrong if found.diagnosis is not None]
    unexplained = [found for found, kind in kinds if kind in _PATTERNLESS]
    if not unexplained:
        return None
    # What looks like a region in one of them may be the same mistake.
    together = [found for found, kind in kinds if kind in (*_PATTERNLESS, "wrong region")]
    try:
        call = Sealed(op)
        fixed = [sealed(x) for x in inputs]
        gradients = call.vjp(fixed, call.forward(fixed), np.ones(()))
    except RuleRaised:
        return None
    marks = None
    wrong = {found.position: np.asarray(gradients[found.position]) for found in together}
    groups = [together]
    if len(together) > 1:
        groups += [[found] for found in unexplained]
    for group in groups:
        analytic = {found.position: wrong[found.position] for found in group}
        origin = find_origin(f, inputs, analytic, op.attributes, tensors, op.input_names)
        if origin is not None:
            marks = marks or origin.marks
            for found in group:
                found.diagnosis = origin.diagnosis
            if group is together:
                break
    return marks


def _rows(
    op: PlainOperation, inputs: Sequence[Array], audit: NodeAudit
) -> tuple[list[Row], dict[str, Array]]:
    rows: list[Row] = []
    ratios: dict[str, Array] = {}
    call = Sealed(op)
    fixed = [sealed(x) for x in inputs]
    for found in audit.inputs:
        elements = found.elements
        if elements is None and found.status == PASS and found.shape and _small(found):
            elements = _all_elements(call, fixed, found, audit.method == "complex step")
        if elements is not None:
            ratios[found.name] = elements.ratio
        rows.append(_row(found, elements, audit))
    return rows, ratios


def _small(found: InputAudit) -> bool:
    return int(np.prod(found.shape)) <= FULL_LIMIT


def _all_elements(
    call: Sealed, inputs: list[Array], found: InputAudit, exact: bool
) -> Elements | None:
    """Every element at the inputs given, for the table; None at a kink."""
    if found.note:
        return None
    try:
        with np.errstate(all="ignore"):
            point = Point(call, inputs, call.forward(inputs), exact)
            return elements_of(point, found.position, np.ones(()))
    except RuleRaised:
        return None


def _row(found: InputAudit, elements: Elements | None, audit: NodeAudit) -> Row:
    judgement = found.judgement or _nothing(audit)
    note = found.kind or found.note
    if elements is None:
        return row_of(found.name, found.shape, judgement, status=found.status, note=note)
    index, analytic, numeric = elements.worst()
    return row_of(
        found.name,
        found.shape,
        judgement,
        index=index,
        values=(analytic, numeric),
        status=found.status,
        note=note,
    )


def _nothing(audit: NodeAudit) -> Judgement:
    nan = float("nan")
    blank = judge(0.0, 0.0, 0.0, 0.0)
    status = audit.status if audit.status in (FAIL, INVALID) else blank.status
    return Judgement(status, nan, nan, nan, nan, nan, nan, nan)


def _findings(audit: NodeAudit, name: str, grad_f: Callable[..., object]) -> list[NodeFinding]:
    """One finding for each wrong gradient; for several of one cause, one for all of them."""
    location = _location(grad_f)
    findings: list[NodeFinding] = []
    known: dict[object, int] = {}
    for found in audit.wrong:
        key = _cause(found)
        if key in known:
            at = known[key]
            names = f"{findings[at].input_name}, {found.name}"
            findings[at] = replace(findings[at], input_name=names)
            continue
        known[key] = len(findings)
        finding = NodeFinding(name, found.status, found.kind, found.message, location=location)
        findings.append(of_input(finding, found))
    return findings


def _cause(found: InputAudit) -> object:
    """Equal for gradients that are wrong in the same way."""
    if found.diagnosis is None:
        return found.position
    if found.diagnosis.kind == "factor" and found.diagnosis.factor is not None:
        return found.diagnosis.kind, f"{found.diagnosis.factor:.6g}"
    return found.diagnosis.kind, found.message


def _location(function: Callable[..., object]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return ""
    return place_in(code.co_filename, code.co_firstlineno)
