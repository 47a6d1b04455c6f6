"""Every schedule against PyTorch's, epoch by epoch, and resumed from its state."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import tinygrad_edu as tg

torch = pytest.importorskip("torch")

Build = Any
CASES: dict[str, Build] = {
    "StepLR": lambda s, o: s.StepLR(o, 3, gamma=0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 9], gamma=0.3),
    "ConstantLR": lambda s, o: s.ConstantLR(o, factor=0.4, total_iters=4),
    "LinearLR": lambda s, o: s.LinearLR(o, start_factor=0.2, end_factor=0.9, total_iters=6),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, gamma=0.9),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, total_iters=7, power=1.7),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, T_max=5, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
    "WarmRestarts even": lambda s, o: s.CosineAnnealingWarmRestarts(o, 4),
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda epoch: 0.95**epoch),
    "LambdaLR by group": lambda s, o: s.LambdaLR(o, [lambda e: 1 / (e + 1), lambda e: 0.5**e]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 0.9 + 0.01 * epoch),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=16),
    "OneCycleLR linear": lambda s, o: s.OneCycleLR(
        o,
        max_lr=[0.5, 0.2],
        epochs=4,
        steps_per_epoch=4,
        anneal_strategy="linear",
        three_phase=True,
    ),
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.01, 0.3, step_size_up=3, step_size_down=2),
    "CyclicLR halving": lambda s, o: s.CyclicLR(o, 0.01, 0.3, step_size_up=2, mode="triangular2"),
    "CyclicLR shrinking": lambda s, o: s.CyclicLR(
        o, 0.01, [0.3, 0.2], 3, mode="exp_range", gamma=0.9, cycle_momentum=False
    ),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o,
        [
            s.ConstantLR(o, factor=0.1, total_iters=2),
            s.ExponentialLR(o, gamma=0.9),
            s.CosineAnnealingLR(o, 4),
        ],
        milestones=[3, 8],
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, factor=0.1, total_iters=3), s.ExponentialLR(o, gamma=0.9)], optimizer=o
    ),
}


def optimiser(package: Any, name: str = "SGD") -> Any:
    a, b = package.zeros(2, requires_grad=True), package.zeros(3, requires_grad=True)
    settings = {"momentum": 0.9} if name == "SGD" else {}
    groups = [{"params": [a]}, {"params": [b], "lr": 0.05}]
    return getattr(package.optim, name)(groups, lr=0.1, **settings)


def seen(opt: Any) -> list[Any]:
    return [
        (g["lr"], g.get("momentum"), g.get("betas"), g.get("initial_lr")) for g in opt.param_groups
    ]


def path(package: Any, build: Build, name: str, epochs: int = 16) -> tuple[list[Any], Any]:
    opt = optimiser(package, name)
    scheduler = build(package.optim.lr_scheduler, opt)
    out = [seen(opt)]
    for _ in range(epochs):
        opt.step()
        scheduler.step()
        out.append((seen(opt), list(scheduler.get_last_lr())))
    return out, scheduler


@pytest.mark.filterwarnings("ignore")  # PyTorch's own, of a schedule inside another
@pytest.mark.parametrize("name", ["SGD", "Adam"])
@pytest.mark.parametrize("case", CASES)
def test_every_epoch_is_pytorchs_bit_for_bit(case: str, name: str) -> None:
    assert path(tg, CASES[case], name)[0] == path(torch, CASES[case], name)[0]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_a_schedule_goes_on_from_its_state(case: str) -> None:
    whole, _ = path(tg, CASES[case], "SGD", 12)
    opt = optimiser(tg)
    scheduler = CASES[case](tg.optim.lr_scheduler, opt)
    for _ in range(5):
        opt.step()
        scheduler.step()
    saved, settings = copy.deepcopy((scheduler.state_dict(), opt.state_dict()))
    again = optimiser(tg)
    resumed = CASES[case](tg.optim.lr_scheduler, again)
    again.load_state_dict(settings)
    resumed.load_state_dict(saved)
    for epoch in range(6, 13):
        again.step()
        resumed.step()
        assert (seen(again), list(resumed.get_last_lr())) == whole[epoch]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", ["StepLR", "ExponentialLR", "CosineAnnealingLR", "LinearLR"])
def test_an_epoch_can_be_named(case: str) -> None:
    found = []
    for package in (tg, torch):
        opt = optimiser(package)
        scheduler = CASES[case](package.optim.lr_scheduler, opt)
        opt.step()
        scheduler.step(4)
        found.append(seen(opt))
    assert found[0] == found[1]


def test_fractions_of_an_epoch() -> None:
    found = []
    for package in (tg, torch):
        opt = optimiser(package)
        scheduler = package.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, 2, 2)
        row = []
        for step in range(20):
            opt.step()
            scheduler.step(step / 3)
            row.append(seen(opt))
        found.append(row)
    assert found[0] == found[1]


PLATEAUS = {
    "plain": {"factor": 0.5, "patience": 1},
    "rest": {"factor": 0.5, "patience": 0, "cooldown": 2, "min_lr": [0.02, 0.001]},
    "up": {"mode": "max", "factor": 0.1, "patience": 1, "threshold": 0.01},
    "absolute": {"factor": 0.3, "patience": 1, "threshold": 0.2, "threshold_mode": "abs"},
}


@pytest.mark.parametrize("case", PLATEAUS)
def test_plateau(case: str) -> None:
    metrics = [3.0, 2.0, 1.9, 1.9, 1.9, 1.89, 1.5, 1.5, 1.6, 1.7, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2]
    found = []
    for package in (tg, torch):
        opt = optimiser(package)
        scheduler = package.optim.lr_scheduler.ReduceLROnPlateau(opt, **PLATEAUS[case])
        row = []
        for value in metrics:
            opt.step()
            scheduler.step(package.tensor(value))
            row.append((seen(opt), list(scheduler.get_last_lr()), scheduler.num_bad_epochs))
        found.append(row)
    assert found[0] == found[1]
