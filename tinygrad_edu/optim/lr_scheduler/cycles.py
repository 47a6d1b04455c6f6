"""Schedules in waves: cosines, warm restarts, cycles."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR"]


class CosineAnnealingLR(LRScheduler):
    """lr = eta_min + ½ (initial lr − eta_min) (1 + cos(π epoch / T_max)).

    Source: Loshchilov and Hutter, SGDR, 2017 (without the restarts).
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The step sizes of the epoch that begins."""
        low, period, epoch = self.eta_min, self.T_max, self.last_epoch
        if epoch == 0:
            return self._current()
        if self._step_count == 1 and epoch > 0:
            return [
                low + (base - low) * (1 + math.cos(epoch * math.pi / period)) / 2
                for base in self.base_lrs
            ]
        if (epoch - 1 - period) % (2 * period) == 0:
            return [
                lr + (base - low) * (1 - math.cos(math.pi / period)) / 2
                for base, lr in zip(self.base_lrs, self._current(), strict=True)
            ]
        now = 1 + math.cos(math.pi * epoch / period)
        before = 1 + math.cos(math.pi * (epoch - 1) / period)
        return [now / before * (lr - low) + low for lr in self._current()]

    def _get_closed_form_lr(self) -> list[float]:
        wave = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        return [self.eta_min + (base - self.eta_min) * wave / 2 for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine down over T_0 epochs, again over T_0 · T_mult, and so on.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The step sizes of the epoch that begins."""
        wave = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (base - self.eta_min) * wave / 2 for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Begin the next epoch, or any point of one (`step(epoch + batch / batches)`)."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            if epoch < 0:
                raise ValueError(f"Expected non-negative epoch, but got {epoch}")
            self._place(epoch)
        self.last_epoch = math.floor(epoch)
        self._step_count += 1
        self._set(self.get_lr())

    def _place(self, epoch: float) -> None:
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_i, self.T_cur = self.T_0, epoch % self.T_0
        else:
            n = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**n - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**n


def per_group(optimizer: Optimizer, name: str, value: Any) -> list[float]:
    """One value for every group."""
    if isinstance(value, list | tuple):
        if len(value) != len(optimizer.param_groups):
            raise ValueError(
                f"expected {len(optimizer.param_groups)} values for {name}, one for each parameter "
                f"group, got {len(value)}"
            )
        return list(value)
    return [value] * len(optimizer.param_groups)


def momentum_key(optimizer: Optimizer, name: str) -> str:
    """Where an optimiser keeps its momentum: "momentum" or "betas"."""
    for key in ("betas", "momentum"):
        if key in optimizer.defaults:
            return key
    raise ValueError(
        f"{name}: optimizer must support momentum or beta1 with `cycle_momentum` option enabled; "
        f"pass cycle_momentum=False"
    )


def set_momentum(group: dict[str, Any], key: str, value: float) -> None:
    """Change a group's momentum."""
    group[key] = (value, *group["betas"][1:]) if key == "betas" else value


class CyclicLR(LRScheduler):
    """lr up from base_lr to max_lr and down again, over and over, batch by batch.

    Source: Smith, Cyclical learning rates for training neural networks, 2017.

    Parameters
    ----------
    base_lr, max_lr : float, or one for each group
    step_size_up, step_size_down : int
        Batches of the two halves; down as up unless given.
    mode : "triangular", "triangular2" (each cycle half as high) or "exp_range" (γ^batch as high)
    gamma : float
    scale_fn, scale_mode
        A height of your own, of the "cycle" or of the batch ("iterations").
    cycle_momentum, base_momentum, max_momentum
        Move momentum the other way.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        bases = per_group(optimizer, "base_lr", base_lr)
        if last_epoch == -1:
            for lr, group in zip(bases, optimizer.param_groups, strict=True):
                group["lr"] = lr
        self.max_lrs = per_group(optimizer, "max_lr", max_lr)
        down = float(step_size_up if step_size_down is None else step_size_down)
        self.total_size = float(step_size_up) + down
        self.step_ratio = float(step_size_up) / self.total_size
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(f"mode is invalid: {mode!r}; or pass a scale_fn")
        self.mode = mode
        self.gamma = gamma
        self._scale_fn = scale_fn
        self.scale_mode = (
            scale_mode if scale_fn else "iterations" if mode == "exp_range" else "cycle"
        )
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._momentum = momentum_key(optimizer, "CyclicLR")
            self.base_momentums = per_group(optimizer, "base_momentum", base_momentum)
            self.max_momentums = per_group(optimizer, "max_momentum", max_momentum)
            if last_epoch == -1:
                for high, low, group in zip(
                    self.max_momentums, self.base_momentums, optimizer.param_groups, strict=True
                ):
                    set_momentum(group, self._momentum, high)
                    group["max_momentum"], group["base_momentum"] = high, low
        super().__init__(optimizer, last_epoch)
        self.base_lrs = bases

    def scale_fn(self, x: float) -> float:
        """How high the cycle (or batch) x goes."""
        if self._scale_fn is not None:
            return self._scale_fn(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / (2.0 ** (x - 1)) if self.mode == "triangular2" else self.gamma**x  # type: ignore[no-any-return]

    def get_lr(self) -> list[float]:
        """The step sizes of the batch that begins; moves momentum too."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        ratio = self.step_ratio
        share = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
        height = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        values = [
            low + (high - low) * share * height
            for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]
        if self.cycle_momentum:
            for low, high, group in zip(
                self.base_momentums,
                self.max_momentums,
                self.optimizer.param_groups,
                strict=True,
            ):
                set_momentum(group, self._momentum, high - (high - low) * share * height)
        return values

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser and a height function, which cannot be saved."""
        return {k: v for k, v in super().state_dict().items() if k != "_scale_fn"}


class OneCycleLR(LRScheduler):
    """lr up to max_lr and down to almost nothing, once, batch by batch.

    Source: Smith and Topin, Super-convergence, 2018.

    Parameters
    ----------
    max_lr : float, or one for each group
    total_steps : int, or epochs and steps_per_epoch
        How many batches there are.
    pct_start : float
        The part of them that goes up.
    anneal_strategy : "cos" or "linear"
    cycle_momentum, base_momentum, max_momentum
        Move momentum the other way.
    div_factor, final_div_factor : float
        max_lr / div_factor to start with, and that / final_div_factor in the end.
    three_phase : bool
        Come down to the start first, and then to the end.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if not epochs or not steps_per_epoch or epochs < 0 or steps_per_epoch < 0:
                raise ValueError(
                    f"You must define either total_steps OR (epochs AND steps_per_epoch), "
                    f"positive: got epochs={epochs}, steps_per_epoch={steps_per_epoch}"
                )
            total_steps = epochs * steps_per_epoch
        if total_steps <= 0 or not isinstance(total_steps, int):
            raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
        if not 0 <= pct_start <= 1 or not isinstance(pct_start, float):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self.total_steps = total_steps
        self._anneal_func_type = anneal_strategy
        self.cycle_momentum = cycle_momentum
        self._phases = phases(total_steps, pct_start, three_phase)
        highest = per_group(optimizer, "max_lr", max_lr)
        if last_epoch == -1:
            for lr, group in zip(highest, optimizer.param_groups, strict=True):
                group["initial_lr"] = lr / div_factor
                group["max_lr"] = lr
                group["min_lr"] = group["initial_lr"] / final_div_factor
        if cycle_momentum:
            self._momentum = momentum_key(optimizer, "OneCycleLR")
            highs = per_group(optimizer, "max_momentum", max_momentum)
            lows = per_group(optimizer, "base_momentum", base_momentum)
            if last_epoch == -1:
                for high, low, group in zip(highs, lows, optimizer.param_groups, strict=True):
                    set_momentum(group, self._momentum, high)
                    group["max_momentum"], group["base_momentum"] = high, low
        super().__init__(optimizer, last_epoch)

    def _between(self, start: float, end: float, share: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)

    def get_lr(self) -> list[float]:
        """The step sizes of the batch that begins; moves momentum too.

        Raises
        ------
        ValueError
            After the last batch.
        """
        batch = self.last_epoch
        if batch > self.total_steps:
            raise ValueError(
                f"Tried to step {batch} times. The specified number of total steps is "
                f"{self.total_steps}: set total_steps to epochs * len(loader)"
            )
        begin = 0.0
        for end, *keys in self._phases:
            if batch <= end or (end, *keys) == self._phases[-1]:
                break
            begin = end
        share = (batch - begin) / (end - begin)
        start_lr, end_lr, start_momentum, end_momentum = keys
        values = []
        for group in self.optimizer.param_groups:
            values.append(self._between(group[start_lr], group[end_lr], share))
            if self.cycle_momentum:
                moved = self._between(group[start_momentum], group[end_momentum], share)
                set_momentum(group, self._momentum, moved)
        return values


Phase = tuple[float, str, str, str, str]


def phases(total: int, share: float, three: bool) -> list[Phase]:
    """The stretches of one cycle: where each ends, and between which settings it moves."""
    up = ("initial_lr", "max_lr", "max_momentum", "base_momentum")
    peak = float(share * total) - 1
    if not three:
        down = ("max_lr", "min_lr", "base_momentum", "max_momentum")
        return [(peak, *up), (total - 1, *down)]
    return [
        (peak, *up),
        (float(2 * share * total) - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
        (total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
    ]
