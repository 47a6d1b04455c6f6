"""Check a model: one row for each named parameter, never one flat vector in which biases drown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, wrap
from .node_audit import Kinks
from .orders import check_orders
from .pipeline import check_subject
from .report import GradReport
from .settings import Settings
from .subject import Subject
from .tolerance import RESOLUTION, worst_status

if TYPE_CHECKING:
    from ..nn.module import Module

__all__ = ["check_module"]

Loss = Callable[[Any], Any]


def check_module(
    model: Module,
    *inputs: Any,
    loss: Loss | Sequence[Loss] | None = None,
    order: int = 1,
    points: int = 2,
    kinks: Kinks = "accept",
    resolution: float = RESOLUTION,
    seed: int = 0,
) -> GradReport:
    """Check the gradient of every parameter of a model.

    The model is afterwards as before: parameters, their gradients, buffers (running means), train
    or eval mode, and the position of the random generators.

    Parameters
    ----------
    model : Module
    inputs : Tensors or arrays
        What to call it on; those that require grad get a row too.
    loss : callable, or sequence of them, optional
        Takes the model's output; without one, the output itself is checked. Several (a data loss
        and a regulariser) are checked apart, since the larger would hide an error in the smaller.
    order, points, kinks, resolution, seed
        As for `gradcheck`.

    Returns
    -------
    GradReport
        A row for each named parameter: `unused` where neither side knows of a dependence, `no
        gradient reaches it` where only the gradient does not.

    Raises
    ------
    TypeError
        If there is no parameter or input of floats that requires grad.
    """
    losses = [loss] if loss is None or callable(loss) else list(loss)
    reports = [
        _check(model, inputs, each, order, points, kinks, resolution, seed) for each in losses
    ]
    if len(reports) == 1:
        return reports[0]
    whole = reports[0]
    for each, report in zip(losses, reports, strict=True):
        label = getattr(each, "__name__", "loss")
        report.rows = [replace(row, name=f"{label}: {row.name}") for row in report.rows]
    for report in reports[1:]:
        whole.verdict = worst_status(whole.verdict, report.verdict)
        whole.rows += report.rows
        whole.nodes += report.nodes
        whole.notes += report.notes
        whole.problems += report.problems
        whole.evals += report.evals
        whole.seconds += report.seconds
    return whole


def _check(
    model: Module,
    inputs: Sequence[Any],
    loss: Loss | None,
    order: int,
    points: int,
    kinks: Kinks,
    resolution: float,
    seed: int,
) -> GradReport:
    named = [
        (name, p)
        for name, p in model.named_parameters()
        if p.requires_grad and p._data.dtype.kind == "f"
    ]

    def copied(x: Any, name: str) -> Any:
        if type(x) in (tuple, list):
            return type(x)(copied(part, f"{name}[{i}]") for i, part in enumerate(x))
        if not isinstance(x, Traced):
            return x
        copy: Any = wrap(np.array(x._data))
        if x._node is not None:
            copy.requires_grad_()
            named.append((name, copy))
        return copy

    given = [copied(x, f"input {k}") for k, x in enumerate(inputs)]
    if not named:
        raise TypeError(
            "the model has no parameter that requires grad, and no input does: there is nothing to "
            "check"
        )
    for name, p in named:
        if not np.isfinite(p._data).all():
            raise ValueError(f"{name} holds a NaN or an infinity; nothing can be checked there")
    parts = [(m, dict(m.__dict__)) for m in model.modules()]

    def put_back() -> None:
        for m, fields in parts:
            m.__dict__.clear()
            m.__dict__.update(fields)

    def call() -> Any:
        out = model(*given)
        return out if loss is None else loss(out)

    subject = Subject(
        call,
        [p for _, p in named],
        [name for name, _ in named],
        [b for b in model.buffers() if isinstance(b, Traced)],
        reset=put_back,
        expected_writes=True,
    )
    settings = Settings(
        points=points,
        kinks=kinks,
        resolution=resolution,
        seed=seed,
        call=f"check_module({type(model).__name__}(…), *inputs, loss=…)",
    )
    try:
        report = check_subject(subject, settings)
        if order > 1 and report:
            check_orders(report, subject, settings, order)
    finally:
        put_back()
    return report
