"""Events: who listens hears what happens in its thread, once, and nobody else does."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.engine.events import EVENTS, LISTENERS, listening


def heard(run: Any, *events: str) -> list[tuple[Any, ...]]:
    """What is told while `run()` goes on: (event, …)."""
    told: list[tuple[Any, ...]] = []
    note = lambda event: lambda *what: told.append((event, *what))
    with listening(**{event: note(event) for event in events or EVENTS}):
        run()
    return told


def test_a_training_step_is_told_in_order() -> None:
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1)
    x, y = tg.ones(4, 2), tg.zeros(4, 1)

    def step() -> None:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), target=y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()

    told = heard(step)
    assert [event for event, *_ in told if event != "written"] == [
        "gradients_cleared",
        "module_called",
        "loss_called",
        "backward_began",
        "backward_ended",
        "clipped",
        "step_began",
        "step_ended",
        "scheduler_stepped",
    ]
    what = {event: rest for event, *rest in told}
    assert what["module_called"][0] is model
    assert what["module_called"][1][0] is x
    assert what["loss_called"][0] == "mse_loss"
    assert what["loss_called"][2] is y
    assert what["clipped"][1] == 1.0
    assert what["step_ended"] == [optimizer]
    by = [rest[1] for event, *rest in told if event == "written"]
    assert by[-1] == "SGD.step"


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_losses_of_classes_are_told(name: str) -> None:
    scores, labels = tg.zeros(2, 3), tg.tensor([0, 2])
    told = heard(lambda: getattr(nn.functional, name)(scores, labels), "loss_called")
    assert [(event, loss) for event, loss, *_ in told] == [("loss_called", name)]
    assert told[0][2] is scores
    assert told[0][3] is labels


def test_what_is_made_seeded_and_cleared_is_told() -> None:
    held: list[Any] = []
    p = nn.Parameter(tg.ones(2))

    def run() -> None:
        held.append(nn.Sequential(nn.Linear(1, 1)))
        held.append(optim.Adam([p]))
        tg.manual_seed(3)
        p.grad = tg.ones(2)
        p.grad = None
        held[0].zero_grad()

    told = heard(run, "made", "seeded", "gradients_cleared")
    made = [type(what[0]).__name__ for event, *what in told if event == "made"]
    assert sorted(made) == ["Adam", "Linear", "Sequential"]
    assert ("seeded", 3) in told
    assert any(event == "gradients_cleared" and what[0] is p for event, *what in told)
    assert told[-1] == ("gradients_cleared", held[0])


def test_backward_that_fails_has_begun_and_not_ended() -> None:
    x = tg.ones(2, requires_grad=True)
    y = (x * x).sum()
    y.backward()

    def again() -> None:
        with pytest.raises(RuntimeError, match="second time"):
            y.backward()

    assert [event for event, *_ in heard(again)] == ["backward_began"]


def test_several_listen_and_each_stops_by_itself() -> None:
    first: list[Any] = []
    second: list[Any] = []
    x = tg.ones(2)
    with listening(written=lambda *what: first.append(what)):
        with listening(written=lambda *what: second.append(what)):
            x.zero_()
        x.zero_()
    x.zero_()
    assert (len(first), len(second)) == (2, 1)
    assert not LISTENERS


def test_other_threads_are_not_heard() -> None:
    def elsewhere() -> None:
        thread = threading.Thread(target=lambda: tg.ones(2).zero_())
        thread.start()
        thread.join()

    assert heard(elsewhere) == []


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(TypeError, match="no event 'stepped'; there are backward_began"):
        with listening(stepped=print):
            pass


def test_gradients_are_the_same_with_and_without_a_listener() -> None:
    def gradient() -> Any:
        x = tg.tensor([0.5, -1.0], dtype=tg.float64, requires_grad=True)
        (x.exp() * x).sum().backward()
        return x.grad.numpy()

    plain = gradient()
    with listening(**dict.fromkeys(EVENTS, lambda *what: None)):
        np.testing.assert_array_equal(gradient(), plain)
