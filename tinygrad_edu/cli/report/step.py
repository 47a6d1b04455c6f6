"""One training step of a system: drawn, and its gradients checked."""

from __future__ import annotations

from typing import Any

from ...checking import GradReport
from ...systems import Outcome
from ...systems.network import loss_of
from ...tensors.tensor import tensor
from ...training.gradient_checks import check_step
from ...viz import graph

__all__ = ["step_check", "step_drawing"]


def step_check(outcome: Outcome) -> GradReport:
    """Check the gradients of a system's step, with the parameters it ended with."""
    x, y = _batch(outcome)
    return check_step(outcome.model, loss_of(outcome.recipe), x, y)


def step_drawing(outcome: Outcome) -> str:
    """Draw forward and backward of a system's step: an SVG document.

    Raises
    ------
    RenderError
        There is no Graphviz; the message says what to install.
    """
    x, y = _batch(outcome)
    parameters = list(outcome.model.parameters())
    held = [p.grad for p in parameters]
    loss = loss_of(outcome.recipe)(outcome.model(x), y)
    for p in parameters:
        p.grad = None
    loss.backward()
    names = {"x": x, "y": y, "loss": loss}
    try:
        return graph(loss, model=outcome.model, names=names, title="loss").to_svg()
    finally:
        for p, g in zip(parameters, held):
            p.grad = g


def _batch(outcome: Outcome) -> tuple[Any, Any]:
    assert outcome.step is not None
    x, y = outcome.step
    return tensor(x), tensor(y)
