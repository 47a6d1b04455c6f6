"""The gradient check within training: every parameter, on a few samples of a batch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..checking import GradcheckError, GradReport, check_module
from ..generator.random_state import draws_undone
from ..nn import Module

__all__ = ["GradientCheck", "check_step", "gradient_check"]

# Of a Trainer (whose file builds on this one), the x and y of a batch, and when.
GradientCheck = Callable[[Any, Any, Any, str], Any]
SAMPLES = 4


def check_step(model: Module, loss: Callable[[Any, Any], Any], x: Any, y: Any) -> GradReport:
    """Check the gradient of every parameter of a model, for one batch.

    Parameters
    ----------
    model : nn.Module
    loss : callable
        `loss(model(x), y)` is a scalar Tensor.
    x, y : Tensors
        A few samples suffice: the rules are the same for all.
    """
    report = check_module(model, x, loss=lambda output: loss(output, y))
    report.call = "check_module(model, x, loss=lambda output: loss(output, y))"
    return report


def gradient_check(asked: bool | str | GradientCheck | None) -> GradientCheck | None:
    """What the Trainer calls when it checks gradients; None if it does not.

    Parameters
    ----------
    asked : bool, "raise", callable or None
        True: warn of a wrong gradient, and go on. "raise": stop there.

    Raises
    ------
    ValueError
        For another word.
    """
    if asked is None or asked is False:
        return None
    if callable(asked):
        return asked
    if asked is not True and asked != "raise":
        raise ValueError(
            f"Trainer was given check_gradients={asked!r}; expected True (warn of a wrong "
            f'gradient), "raise" (stop there), or a function of (trainer, x, y, when)'
        )

    def check(trainer: Any, x: Any, y: Any, when: str) -> GradReport:
        with draws_undone():
            report = check_step(trainer.model, trainer.loss, x[:SAMPLES], y[:SAMPLES])
        if report.verdict == "FAIL":
            told = f"a gradient is wrong, {when}:\n{report}"
            if asked == "raise":
                raise GradcheckError(told)
            warnings.warn(told, stacklevel=4)
        return report

    return check
