"""Averages of weights beside PyTorch's, and alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.optim.swa_utils import SWALR, AveragedModel, update_bn

X = np.random.default_rng(0).normal(size=(6, 8, 3)).astype(np.float32)


def trained(t: Any, **options: Any) -> dict[str, Any]:
    """An averaged model after some steps, as arrays."""
    utils = t.optim.swa_utils
    if "decay" in options:
        options["multi_avg_fn"] = utils.get_ema_multi_avg_fn(options.pop("decay"))
    if "mean" in options:
        options["avg_fn"] = getattr(utils, f"get_{options.pop('mean')}_avg_fn")()
    t.manual_seed(0)
    model = t.nn.Sequential(t.nn.Linear(3, 4), t.nn.BatchNorm1d(4), t.nn.Linear(4, 1))
    average = utils.AveragedModel(model, **options)
    optimiser = t.optim.SGD(model.parameters(), 0.1)
    for x in X:
        optimiser.zero_grad()
        (model(t.tensor(x)) ** 2).mean().backward()
        optimiser.step()
        average.update_parameters(model)
    utils.update_bn([(t.tensor(x), 0) for x in X], average)
    return {k: v.detach().numpy() for k, v in average.state_dict().items()}


@pytest.mark.torch
@pytest.mark.parametrize(
    "options", [{}, {"decay": 0.9}, {"mean": "ema"}, {"mean": "swa"}, {"use_buffers": True}]
)
def test_averages_beside_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = trained(tg, **options), trained(torch, **options)
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        np.testing.assert_allclose(ours[key], value, rtol=1e-4, atol=1e-6, err_msg=key)
        assert ours[key].dtype == value.dtype


@pytest.mark.torch
@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [0, 1, 4])
def test_step_sizes_beside_pytorch(strategy: str, epochs: int) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for t in (tg, torch):
        groups = [{"params": [t.ones(1, requires_grad=True)], "lr": lr} for lr in (0.1, 1.0)]
        optimiser = t.optim.SGD(groups, 0.1)
        scheduler = t.optim.swa_utils.SWALR(
            optimiser, [0.01, 0.02], anneal_epochs=epochs, anneal_strategy=strategy
        )
        rates = [scheduler.get_last_lr()]
        for _ in range(6):
            optimiser.step()
            scheduler.step()
            rates.append(scheduler.get_last_lr())
        found.append(rates)
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_the_average_is_the_mean() -> None:
    model = tg.nn.Linear(2, 1, bias=False)
    average = AveragedModel(model)
    for value in (1.0, 2.0, 6.0):
        tg.nn.init.constant_(model.weight, value)
        average.update_parameters(model)
    assert average.module.weight.tolist() == [[3.0, 3.0]]
    assert average.n_averaged == 3
    assert average(tg.ones(1, 2)).item() == 6


def test_statistics_are_those_of_the_batches() -> None:
    layer = tg.nn.BatchNorm1d(3)
    layer.eval()
    update_bn([tg.tensor(x) for x in X], layer)
    np.testing.assert_allclose(layer.running_mean, X.mean((0, 1)), atol=1e-6)
    assert not layer.training
    assert layer.momentum == 0.1


def test_what_is_refused() -> None:
    model = tg.nn.Linear(2, 1)
    with pytest.raises(AssertionError, match="Only one"):
        AveragedModel(model, avg_fn=lambda a, w, n: a, multi_avg_fn=lambda a, w, n: None)
    optimiser = tg.optim.SGD(model.parameters(), 0.1)
    with pytest.raises(ValueError, match="cos"):
        SWALR(optimiser, 0.1, anneal_strategy="sine")
    with pytest.raises(ValueError, match="same length"):
        SWALR(optimiser, [0.1, 0.2])
    with pytest.raises(ValueError, match="decay"):
        tg.optim.swa_utils.get_ema_multi_avg_fn(1.5)
