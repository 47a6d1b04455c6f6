"""Is there anything to check? Whether a function repeats itself, and has a derivative here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .audited_graph import in_scope, place_of
from .differences import Array
from .subject import Run

__all__ = ["difference", "infinite", "same_values", "undefined"]

_ADVICE = "draw its random numbers once, outside, and pass them in; keep no counter"


def same_values(first: Run, again: Run) -> bool:
    """Did two runs give the same outputs, bit for bit?"""
    return _alike(tuple(first.values), tuple(again.values))


def difference(first: Run, again: Run) -> str:
    """The first call that gave different values in two runs."""
    if first.tape is None or again.tape is None:
        return f"two runs give different outputs; {_ADVICE}"
    pairs = zip(first.tape.nodes, again.tape.nodes, strict=False)
    for number, (a, b) in enumerate(pairs, 1):
        if a.notes is None or b.notes is None:
            continue
        if a.primitive.name != b.primitive.name or not _alike(a.notes.value, b.notes.value):
            location, source = place_of(a)
            what = "gives another value"
            operands = zip(a.notes.operands or (), b.notes.operands or (), strict=False)
            for k, (x, y) in enumerate(operands):
                if not _alike(x, y):
                    name = a.primitive.inputs[min(k, len(a.primitive.inputs) - 1)]
                    what = f"is given another operand `{name}`"
                    break
            return (
                f"not repeatable: {a.primitive.name}{in_scope(a)} #{number} ({location}: {source}) "
                f"{what} in each run; {_ADVICE}"
            )
    return f"two runs give different outputs, from the same calls; {_ADVICE}"


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) or isinstance(b, tuple):
        same = isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b)
        return same and all(map(_alike, a, b))
    x, y = np.asarray(a), np.asarray(b)
    return x.shape == y.shape and x.tobytes() == y.tobytes()


def undefined(run: Run) -> str:
    """Why the function has no derivative here: it is NaN, or nothing but infinite. Empty if not."""
    bad = [np.isnan(y) for y in run.values]
    if not any(b.any() for b in bad):
        entries = sum(y.size for y in run.values)
        finite = sum(int(np.isfinite(y).sum()) for y in run.values)
        if finite or not entries:
            return ""
        bad = [~np.isfinite(y) for y in run.values]
    return _no_derivative(run, bad)


def infinite(run: Run, gradients: Iterable[Array | None]) -> str:
    """Why its gradient is no number: the function is infinite in places. Empty if it is one."""
    bad = [~np.isfinite(y) for y in run.values]
    if not any(b.any() for b in bad) or all(g is None or np.isfinite(g).all() for g in gradients):
        return ""
    return _no_derivative(run, bad)


def _no_derivative(run: Run, bad: Sequence[Array]) -> str:
    k = next(i for i, b in enumerate(bad) if b.any())
    index = tuple(int(i) for i in np.argwhere(bad[k])[0])
    which = "the output" if len(bad) == 1 else f"output {k}"
    place = f" at {index} ({np.count_nonzero(bad[k])} of {bad[k].size} entries)"
    return (
        f"{which} is {run.values[k][index]}{place if index else ''}: no derivative there; give "
        f"inputs at which the function is finite"
    )
