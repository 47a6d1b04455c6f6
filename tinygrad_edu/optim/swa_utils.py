"""Averages of weights over training: `AveragedModel`, its step sizes, its batch statistics."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any

from ..engine.mode import changed_mode
from ..engine.traced import wrap
from ..nn.batch_norm import _BatchNorm
from ..nn.module import Module
from .lr_scheduler.base import LRScheduler
from .optimizer import Optimizer

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Any, Any, Any], Any]


def get_swa_avg_fn() -> Average:
    """a + (w − a) / (n + 1): the mean of all weights so far."""

    def average(averaged: Any, current: Any, num_averaged: Any) -> Any:
        return averaged + (current - averaged) / (num_averaged + 1)

    return average


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """d a + (1 − d) w: a mean that forgets. Raises ValueError for d outside [0, 1]."""
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1].")

    def average(averaged: Any, current: Any, num_averaged: Any) -> Any:
        return decay * averaged + (1 - decay) * current

    return average


def _of_each(average: Average) -> Callable[[Any, Any, Any], None]:
    """An average as a function that writes it into each of a list of tensors."""

    def update(averaged: Any, current: Any, num_averaged: Any) -> None:
        with changed_mode(recording=False):
            for a, w in zip(averaged, current, strict=True):
                a.copy_(average(a, w, num_averaged))

    return update


def get_swa_multi_avg_fn() -> Callable[[Any, Any, Any], None]:
    """`get_swa_avg_fn` for lists of tensors, in place."""
    return _of_each(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[[Any, Any, Any], None]:
    """`get_ema_avg_fn` for lists of tensors, in place."""
    return _of_each(get_ema_avg_fn(decay))


class AveragedModel(Module):
    """A copy of a model that holds the average of its weights.

    Source: Izmailov et al., Averaging weights leads to wider optima, 2018.

    Parameters
    ----------
    model : Module
    avg_fn : callable, optional
        (average, weight, how many were averaged) ↦ the new average; their mean by default.
    multi_avg_fn : callable, optional
        The same for lists of tensors, in place.
    use_buffers : bool
        Average the buffers too; otherwise they are copied.

    Raises
    ------
    AssertionError
        If both functions are given.
    """

    n_averaged: Any

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: Callable[[Any, Any, Any], None] | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", wrap(0))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged model answers."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the weights of `model` into the average; the first time, copy them."""
        held: list[Any] = list(self.module.parameters())
        given: list[Any] = list(model.parameters())
        copied = list(zip(self.module.buffers(), model.buffers(), strict=True))
        if self.use_buffers:
            held += [a for a, _ in copied]
            given += [w for _, w in copied]
            copied = []
        held, given = [a.detach() for a in held], [w.detach() for w in given]
        with changed_mode(recording=False):
            if self.n_averaged == 0:
                copied += list(zip(held, given, strict=True))
            elif self.multi_avg_fn is not None:
                self.multi_avg_fn(held, given, self.n_averaged)
            else:
                _of_each(self.avg_fn or get_swa_avg_fn())(held, given, self.n_averaged)
            for a, w in copied:
                a.copy_(w.detach())
            self.n_averaged += 1


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Set the running statistics of batch normalisation to those of the batches of `loader`.

    An average of weights has seen no batch, and needs this before `eval()`. Of a batch that is a
    list or tuple the first entry goes into the model.
    """
    layers = [m for m in model.modules() if isinstance(m, _BatchNorm)]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    was_training = model.training
    model.train()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    try:
        with changed_mode(recording=False):
            for batch in loader:
                x: Any = batch[0] if isinstance(batch, list | tuple) else batch
                model(x if device is None else x.to(device))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        model.train(was_training)


class SWALR(LRScheduler):
    """Goes from the step size there is to `swa_lr` and stays there.

    Parameters
    ----------
    optimizer : Optimizer
    swa_lr : float or list of float
        One for all groups, or one for each.
    anneal_epochs : int
        How many epochs the way takes.
    anneal_strategy : str
        "cos" or "linear".

    Raises
    ------
    ValueError
        For another strategy, or a number of epochs below 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        groups = optimizer.param_groups
        rates = list(swa_lr) if isinstance(swa_lr, list | tuple) else [swa_lr] * len(groups)
        if len(rates) != len(groups):
            raise ValueError(
                f"swa_lr must have the same length as optimizer.param_groups: swa_lr has "
                f"{len(rates)}, optimizer.param_groups has {len(groups)}"
            )
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        for group, rate in zip(groups, rates, strict=True):
            group["swa_lr"] = rate
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _share(self, step: int) -> float:
        """The fraction of the way that a number of epochs covers."""
        t = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2

    def get_lr(self) -> list[float]:
        """The step sizes of the epoch that begins, on the way from the first ones to `swa_lr`."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            goal = group["swa_lr"]
            start = goal if before == 1 else (group["lr"] - before * goal) / (1 - before)
            rates.append(goal * now + start * (1 - now))
        return rates
