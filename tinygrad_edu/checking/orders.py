"""Derivatives of derivatives: each order is checked as the gradient of the order before it.

With `psi(x) = sum_j <w_j, d/dx_j <v, f(x)>>` for fixed random `v`, `w`, recorded as it is computed,
order 2 of `f` is order 1 of `psi`. Calls that the forward run made were audited at order 1; what is
new are the calls made by backward, so what is wrong there is a rule that gives the right numbers
and cannot be differentiated itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..engine.backward import gradients
from ..engine.traced import wrap
from .pipeline import check_subject
from .report import GradReport
from .settings import Settings
from .subject import Subject, float_outputs
from .tolerance import FAIL, INVALID, worst_status

__all__ = ["check_orders"]


def check_orders(report: GradReport, subject: Subject, settings: Settings, order: int) -> None:
    """Check orders 2 to `order`, adding rows and findings to a report that passed so far."""
    call = subject.call
    for k in range(2, order + 1):
        before = call
        call = gradient_of(before, subject, settings.seed + k)
        further = replace(subject, call=call)
        settings = replace(settings, skip=frozenset(range(1, _calls(further, before) + 1)))
        found = check_subject(further, settings)
        constant = found.verdict == INVALID and "depends on none" in "".join(found.problems)
        report.evals += found.evals
        if constant:
            report.notes.append(f"order {k}: the derivatives are constant")
            return
        report.verdict = worst_status(report.verdict, found.verdict)
        report.rows += [
            replace(row, note="; ".join(filter(None, (f"order {k}", row.note))))
            for row in found.rows
        ]
        report.nodes += [
            replace(node, message=f"{node.message} (order {k}: in the backward pass)")
            for node in found.nodes
        ]
        report.notes += [f"order {k}: {note}" for note in found.notes if "float32" not in note]
        report.problems += [f"order {k}: {problem}" for problem in found.problems]
        if found.verdict == FAIL:
            report.problems.insert(
                0,
                f"order {k} is wrong and order {k - 1} is right: a rule gives the right numbers, "
                f"and is not itself differentiated rightly (a value detached inside it, or kept "
                f"as an array)",
            )
        if not found:
            return


def gradient_of(call: Callable[[], Any], subject: Subject, seed: int) -> Callable[[], Any]:
    """The function `x -> <w, grad <v, f(x)>>`, recorded."""

    def gradient() -> Any:
        rng = np.random.default_rng(seed)
        outputs = float_outputs(call())
        vs = [rng.standard_normal(y._data.shape) for y in outputs]
        ws = [rng.standard_normal(leaf._data.shape) for leaf in subject.leaves]
        live = [(y, v) for y, v in zip(outputs, vs, strict=True) if y._node is not None]
        zero = wrap(np.zeros((), outputs[0]._data.dtype))
        if not live:
            return zero
        gs = gradients(
            [y for y, _ in live],
            subject.leaves,
            [wrap(v.astype(y._data.dtype)) for y, v in live],
            create_graph=True,
            allow_unused=True,
        )
        total: Any = zero
        for g, w in zip(gs, ws, strict=True):
            if g is not None:
                total = total + (g * wrap(w.astype(g._data.dtype))).sum()
        return total

    return gradient


def _calls(subject: Subject, before: Callable[[], Any]) -> int:
    """How many calls the function of the order before makes."""
    earlier = replace(subject, call=before)
    with earlier.undone():
        run = earlier.run()
    return len(run.tape.nodes) if run.tape is not None else 0
