"""Update rules are pure and plain: on Tensors the same text records, and gradients flow through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import optim
from tinygrad_edu.engine.backward import gradients

RULES: dict[str, Any] = {
    "SGD": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "Adam": lambda p: optim.Adam(p, lr=0.1, amsgrad=True, weight_decay=0.1),
    "AdamW": lambda p: optim.AdamW(p, lr=0.1),
    "Adamax": lambda p: optim.Adamax(p, lr=0.1),
    "NAdam": lambda p: optim.NAdam(p, lr=0.1),
    "RAdam": lambda p: optim.RAdam(p, lr=0.1, betas=(0.5, 0.6)),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.1, momentum=0.5, centered=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.1),
    "Adadelta": lambda p: optim.Adadelta(p, lr=0.1),
    "Rprop": lambda p: optim.Rprop(p, lr=0.1),
    "ASGD": lambda p: optim.ASGD(p, lr=0.1, t0=0),
}


def three_steps(optimiser: Any, p: Any, grads: list[Any]) -> Any:
    state: dict[str, Any] = {}
    for g in grads:
        p, state = optimiser.rule(p, g, state, optimiser.param_groups[0])
    return p


@pytest.mark.parametrize("name", RULES)
def test_a_rule_changes_none_of_its_arguments(name: str) -> None:
    rng = np.random.default_rng(0)
    optimiser = RULES[name]([tg.zeros(4, requires_grad=True)])
    p, g = rng.standard_normal(4), rng.standard_normal(4)
    for array in (p, g):
        array.flags.writeable = False
    state: dict[str, Any] = {}
    for _ in range(3):
        before = {k: np.array(v) for k, v in state.items()}
        _, new = optimiser.rule(p, g, state, optimiser.param_groups[0])
        for key, value in before.items():
            np.testing.assert_array_equal(np.asarray(state[key]), value)
        state = new


@pytest.mark.parametrize("name", RULES)
def test_a_rule_on_tensors_gives_the_same_bits_and_a_gradient(name: str) -> None:
    rng = np.random.default_rng(1)
    optimiser = RULES[name]([tg.zeros(4, requires_grad=True)])
    p = rng.standard_normal(4)
    grads = [rng.standard_normal(4) + 0.3 for _ in range(3)]
    live = [tg.tensor(x, requires_grad=True) for x in (p, *grads)]
    y = three_steps(optimiser, live[0], live[1:])
    np.testing.assert_array_equal(y._data, three_steps(optimiser, p, grads))
    v, directions = rng.standard_normal(4), [rng.standard_normal(4) for _ in live]
    found = gradients(y, live, tg.tensor(v), allow_unused=True, materialize_grads=True)
    slope = sum(float((g._data * u).sum()) for g, u in zip(found, directions, strict=True))

    def value(t: float) -> float:
        moved = [x + t * u for x, u in zip((p, *grads), directions, strict=True)]
        return float((three_steps(optimiser, moved[0], moved[1:]) * v).sum())

    step = 1e-6
    expected = (value(step) - value(-step)) / (2 * step)
    assert abs(slope - expected) <= 1e-6 * max(1, abs(expected))
    assert np.abs(found[0]._data).max() > 0


# p² from p = 1: SGD by hand, the others recorded from PyTorch 2.13.
RECORDED = {
    "SGD": (lambda p: optim.SGD(p, lr=0.1), [0.8, 0.64, 0.512]),
    "Adam": (lambda p: optim.Adam(p, lr=0.1), [0.9000000005, 0.8004122287, 0.7015862729]),
    "RMSprop": (lambda p: optim.RMSprop(p, lr=0.01), [0.900000005, 0.832917968, 0.7799822732]),
    "Adagrad": (lambda p: optim.Adagrad(p, lr=0.1), [0.9, 0.8331035268, 0.7804561814]),
}


@pytest.mark.parametrize("name", RECORDED)
def test_the_first_steps_on_a_parabola(name: str) -> None:
    build, expected = RECORDED[name]
    p = tg.tensor([1.0], dtype=np.float64, requires_grad=True)
    optimiser = build([p])
    for value in expected:
        optimiser.zero_grad()
        (p * p).sum().backward()
        optimiser.step()
        assert abs(p.item() - value) < 1e-8


REFUSED = {
    "no parameters": (lambda: optim.Adam([]), "empty parameter list"),
    "a lone tensor": (lambda: optim.Adam(tg.zeros(2, requires_grad=True)), "write \\[tensor\\]"),
    "negative lr": (lambda: optim.Adam([tg.zeros(1)], lr=-1), "learning rate: -1"),
    "beta of 1": (lambda: optim.AdamW([tg.zeros(1)], betas=(0.9, 1.0)), "index 1: 1.0"),
    "negative eps": (lambda: optim.RMSprop([tg.zeros(1)], eps=-1e-8), "epsilon value"),
    "etas": (lambda: optim.Rprop([tg.zeros(1)], etas=(1.2, 0.5)), "eta values"),
    "no leaf": (
        lambda: optim.SGD([tg.zeros(1, requires_grad=True) * 2]),
        "non-leaf",
    ),
    "no closure": (
        lambda: optim.LBFGS([tg.zeros(1, requires_grad=True)]).step(),
        "needs a closure",
    ),
    "line search": (
        lambda: optim.LBFGS([tg.zeros(1)], line_search_fn="golden"),
        "only 'strong_wolfe'",
    ),
    "schedule of nothing": (lambda: optim.lr_scheduler.StepLR("sgd", 3), "not an Optimizer"),
    "plateau factor": (
        lambda: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([tg.zeros(1)]), factor=2.0),
        "Factor should be < 1.0",
    ),
    "one cycle of nothing": (
        lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([tg.zeros(1)]), 0.1),
        "total_steps OR",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_settings_are_refused_in_words(case: str) -> None:
    call, words = REFUSED[case]
    with pytest.raises((ValueError, TypeError, RuntimeError), match=words):
        call()


def test_a_state_of_another_shape_is_refused_and_changes_nothing() -> None:
    p = tg.tensor([1.0, 2.0], requires_grad=True)
    optimiser = optim.Adam([p], lr=0.1)
    (p * p).sum().backward()
    optimiser.step()
    before = optimiser.state_dict()
    other = optim.Adam([tg.zeros(1, requires_grad=True), tg.zeros(1, requires_grad=True)])
    with pytest.raises(ValueError, match="doesn't match the size"):
        optimiser.load_state_dict(other.state_dict())
    after = optimiser.state_dict()
    assert after["param_groups"] == before["param_groups"]
    np.testing.assert_array_equal(
        after["state"][0]["exp_avg"]._data, before["state"][0]["exp_avg"]._data
    )


def test_a_schedule_before_the_first_step_warns() -> None:
    optimiser = optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = optim.lr_scheduler.StepLR(optimiser, 2)
    with pytest.warns(UserWarning, match="before `optimizer.step"):
        scheduler.step()


def test_an_optimiser_of_ones_own_is_counted() -> None:
    class Walk(optim.Optimizer):
        def __init__(self, params: Any) -> None:
            super().__init__(params, {"lr": 0.1})

        def step(self, closure: Any = None) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    p.data.add_(p.grad, alpha=-group["lr"])

    p = tg.tensor([1.0], requires_grad=True)
    optimiser = Walk([p])
    scheduler = optim.lr_scheduler.ExponentialLR(optimiser, 0.5)
    (p * p).sum().backward()
    optimiser.step()
    scheduler.step()
    assert p.item() == pytest.approx(0.8)
    assert optimiser.param_groups[0]["lr"] == 0.05
