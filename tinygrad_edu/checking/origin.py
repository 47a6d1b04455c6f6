"""Where a gradient derived by hand left the chain rule: the step of f with the mistake.

One wrong link spoils the gradient of everything before it, and in each of those it looks like
noise. But f runs on Tensors as well as on arrays, so its graph is known: suppose a mistake at one
of its steps, go on rightly from there, and compare with all that the hand-written gradient says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.mode import changed_mode
from ..engine.node import Leaf, Node
from ..engine.sweep import all_nodes, sweep
from ..engine.traced import Traced, wrap
from ..engine.watching import Tape
from .differences import Array
from .drawing import CONTAMINATED, WRONG, Marks
from .evidence import Diagnosis
from .factors import name_factor, show_number
from .findings import place_in
from .patterns import OF_INPUT

__all__ = ["Origin", "find_origin"]

AGREEMENT = 1e-6
UNNAMED, SOURCE = "v", 48
MOST_STEPS, MOST_NUMBERS = 60, 50_000
_ASSIGNED = re.compile(r"\s*([A-Za-z_]\w*)\s*=[^=]")


@dataclass(frozen=True)
class Origin:
    """The step at which a derivation went wrong: what the mistake is, and how to draw it."""

    diagnosis: Diagnosis
    marks: Marks


@dataclass(frozen=True)
class _Graph:
    """One recorded run of f: its steps, their values, and the right gradient of each."""

    output: Any
    tensors: Mapping[int, Any]
    leaves: Mapping[int, Node]
    steps: Sequence[Node]
    values: Mapping[Node, Array]
    gradients: Mapping[Node, Array]
    names: Mapping[Node, str]


@dataclass(frozen=True)
class _Suspicion:
    """A mistake to suppose: the gradient of a step that may have been used, up to a factor."""

    step: Node
    cotangent: Array
    kind: str
    text: str
    cause: str


def find_origin(
    f: Callable[..., object],
    inputs: Sequence[Array],
    analytic: Mapping[int, Array],
    attributes: Mapping[str, object],
    tensors: Collection[int] = (),
    labels: Sequence[str] = (),
) -> Origin | None:
    """The one step of f whose gradient, if it was taken wrongly, explains several wrong gradients.

    Parameters
    ----------
    f : callable
        Of arrays or Tensors; returns one number.
    inputs : sequence of arrays
    analytic : mapping from position to array
        The wrong gradients, as the hand-written function gives them.
    attributes : mapping
        Numbers that a factor may be named after.
    tensors : collection of int
        Positions of further inputs that f takes as Tensors.
    labels : sequence of str
        What the inputs are called.

    Returns
    -------
    Origin or None
        None if f cannot be recorded, is too large to search, or no single step explains all.
    """
    # One number can be explained by anything.
    if sum(a.size for a in analytic.values()) < 4:
        return None
    graph = _recorded(f, inputs, analytic, tensors)
    if graph is None:
        return None
    best: tuple[tuple[bool, ...], Diagnosis, _Suspicion] | None = None
    with np.errstate(all="ignore"):
        right = {k: graph.gradients[leaf] for k, leaf in graph.leaves.items()}
        if any(right[k].shape != analytic[k].shape for k in analytic):
            return None
        through: dict[Node, dict[int, Array]] = {}
        for suspicion in _suspicions(graph):
            step = suspicion.step
            if step not in through:
                through[step] = _arriving(graph, [(step, graph.gradients[step])])
            supposed = _arriving(graph, [(step, suspicion.cotangent)])
            k = _factor(analytic, right, through[step], supposed)
            if k is None:
                continue
            rank, diagnosis = _told(suspicion, k, graph, attributes)
            # Of equals the earlier and the nearer one: z rather than -z.
            if best is None or rank >= best[0]:
                best = rank, diagnosis, suspicion
    if best is None:
        return None
    _, diagnosis, suspicion = best
    return Origin(diagnosis, _marks(graph, suspicion, diagnosis, labels))


def _marks(
    graph: _Graph, suspicion: _Suspicion, diagnosis: Diagnosis, labels: Sequence[str]
) -> Marks:
    """The step red, the inputs whose gradient is wrong because of it orange."""
    step = suspicion.step
    name = graph.names.get(step, step.primitive.name)
    text = f"by hand: {diagnosis.kind}"
    if suspicion.kind != "derivative left out" and diagnosis.factor is not None:
        number = "" if abs(diagnosis.factor - 1) <= AGREEMENT else show_number(diagnosis.factor)
        text += f" {' x '.join(part for part in (number, suspicion.text) if part)}"
    labelled = {
        **dict.fromkeys(graph.leaves.values(), (f"by hand: wrong because of {name}", CONTAMINATED)),
        step: (text, WRONG),
    }
    names = {labels[k] if k < len(labels) else f"x{k}": t for k, t in graph.tensors.items()}
    return Marks([graph.output], labelled, names, graph.gradients)


def _recorded(
    f: Callable[..., object],
    inputs: Sequence[Array],
    analytic: Mapping[int, Array],
    tensors: Collection[int],
) -> _Graph | None:
    given: list[Any] = [
        wrap(np.array(x)) if k in tensors else np.array(x) for k, x in enumerate(inputs)
    ]
    for k in analytic:
        given[k] = wrap(np.array(inputs[k])).requires_grad_()
    leaves = {k: given[k]._node for k in analytic}
    try:
        with changed_mode(recording=True), np.errstate(all="ignore"), Tape() as tape:
            out: Any = f(*given)
    except Exception:  # noqa: BLE001 - f was written for arrays, and may do what Tensors do not
        return None
    if not isinstance(out, Traced) or out._node is None or out._data.size != 1:
        return None
    live = set(all_nodes([out._node]))
    if not all(leaf in live for leaf in leaves.values()):
        return None
    gradients: dict[Node, Array] = {}
    arrived = sweep(
        [(out._node, np.ones(out._data.shape))],
        retain_graph=True,
        observer=lambda node, g, _: gradients.__setitem__(node, np.asarray(g)),
    )
    gradients.update({leaf: np.asarray(arrived[leaf]) for leaf in leaves.values()})
    steps = [n for n in tape.nodes if n in live and n in gradients and not isinstance(n, Leaf)]
    values = {n: np.asarray(n.notes.value) for n in steps if n.notes is not None}
    steps = [n for n in steps if n in values and values[n].size > 1]
    names = _assigned_names(tape)
    if len(steps) > MOST_STEPS:
        # A long function has lines of its own: search what they gave names to.
        steps = [n for n in steps if n in names]
    if len(steps) > MOST_STEPS or sum(values[n].size for n in steps) > MOST_NUMBERS:
        return None
    return _Graph(out, {k: given[k] for k in analytic}, leaves, steps, values, gradients, names)


def _assigned_names(tape: Tape) -> dict[Node, str]:
    """`z` for what `z = …` gives that name to: the last call of such a line."""
    last: dict[tuple[str, int], tuple[Node, str]] = {}
    for node in tape.nodes:
        source = node.notes.source if node.notes is not None else None
        if source is None or "lambda" in source[2]:
            continue
        assigned = _ASSIGNED.match(source[2])
        if assigned is not None:
            last[source[:2]] = node, assigned[1]
    return dict(last.values())


def _suspicions(graph: _Graph) -> Iterator[_Suspicion]:
    """Mistakes to suppose at each step.

    A function of the step's value is an extra factor or a missing one; or the derivative of what
    lies between the step and a later one is left out.
    """
    for step in reversed(graph.steps):
        g, value = graph.gradients[step], graph.values[step]
        name = graph.names.get(step, UNNAMED)
        yield _Suspicion(step, g, "factor", "", "")
        for text, cause, function in OF_INPUT:
            f = function(value)
            if np.isfinite(f).all() and np.ptp(f) > 1e-6 * np.max(np.abs(f)):
                yield _Suspicion(
                    step,
                    g * f,
                    "extra factor",
                    text.replace("{x}", name),
                    (cause or "a factor " + text + " too many").replace("{x}", name),
                )
        for later in reversed(graph.steps):
            if later.index > step.index and graph.values[later].shape == value.shape:
                g_later = graph.gradients[later]
                yield _Suspicion(step, g_later, "derivative left out", _step_text(later, graph), "")


def _arriving(graph: _Graph, roots: Sequence[tuple[Node, Array]]) -> dict[int, Array]:
    """What arrives at the leaves from these cotangents."""
    found = sweep(list(roots), targets=set(graph.leaves.values()), retain_graph=True)
    return {
        k: np.asarray(found.get(leaf, np.zeros(leaf.shape))) for k, leaf in graph.leaves.items()
    }


def _factor(
    analytic: Mapping[int, Array],
    right: Mapping[int, Array],
    through: Mapping[int, Array],
    supposed: Mapping[int, Array],
) -> float | None:
    """The `k` with `analytic = right - through + k supposed` for all of them; None without one."""
    wanted = np.concatenate([(analytic[k] - right[k] + through[k]).ravel() for k in analytic])
    found = np.concatenate([supposed[k].ravel() for k in analytic])
    size = float(found @ found)
    if not size > 0:
        return None
    k = float(wanted @ found) / size
    # Each gradient is held to its own size: a small bias beside a large weight explains nothing.
    for at, a in analytic.items():
        gap = np.abs(a - right[at] + through[at] - k * supposed[at])
        if not np.max(gap) <= AGREEMENT * np.max(np.abs(a)):
            return None
    return k


def _step_text(step: Node, graph: _Graph) -> str:
    """`z2 (net.py:14, z2 = h @ W2 + b2)`, or `the add of net.py:14 (return h @ W2 + b2)`."""
    source = step.notes.source if step.notes is not None else None
    name = graph.names.get(step)
    op = f"the {step.primitive.name}"
    if source is None:
        return name or op
    file, line, text = source
    place = place_in(file, line)
    text = text if len(text) <= SOURCE else f"{text[: SOURCE - 1]}…"
    return f"{name} ({place}, {text})" if name else f"{op} of {place} ({text})"


def _told(
    suspicion: _Suspicion, k: float, graph: _Graph, attributes: Mapping[str, object]
) -> tuple[tuple[bool, ...], Diagnosis]:
    """How plausible it is, and what to say."""
    step = suspicion.step
    name = graph.names.get(step, UNNAMED)
    named = name_factor(abs(k), {name: graph.values[step].shape}, attributes)
    is_one = abs(k - 1) <= AGREEMENT
    sign = "-" if k < 0 else ""
    number = "" if is_one else f"{sign}{show_number(abs(k))} x "
    known = step in graph.names or suspicion.kind == "derivative left out"
    at = _step_text(step, graph) if known else f"{UNNAMED} = {_step_text(step, graph)}"
    where = f"at {at} the gradient"
    if suspicion.kind == "derivative left out":
        message = (
            f"{where} is taken to be {number}that of {suspicion.text}: the derivative of what lies "
            f"between the two is left out"
        )
    else:
        factor = f" x {suspicion.text}" if suspicion.text else ""
        message = f"{where} is taken to be {number}the right one{factor}"
        if suspicion.cause:
            message += f": {suspicion.cause}"
    if named.text and not is_one:
        message += f"; {named.text}: {named.cause}"
    # Rather a forgotten link that has a name, at a step that has one, than a mere number.
    rank = (
        is_one or bool(named.text),
        step in graph.names,
        bool(suspicion.cause),
        suspicion.kind != "factor",
    )
    return rank, Diagnosis(suspicion.kind, message, k)
