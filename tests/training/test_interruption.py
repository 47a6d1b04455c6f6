"""Ctrl-C: the step is finished, the checkpoint is whole, and the rest is as if nothing happened."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.workshop import state, trainer
from tinygrad_edu.training import Trainer, TrainingInterrupted


@pytest.fixture(autouse=True)
def _pythons_handler() -> Iterator[None]:
    """Python's own handler of Ctrl-C, whatever runs the tests has put in its place."""
    outer = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, outer)


def press_ctrl_c() -> None:
    """Deliver the signal to this thread, before the call returns.

    One that is sent to the process may reach another thread first, and this one some steps later;
    two that are sent may arrive as one.
    """
    signal.raise_signal(signal.SIGINT)


def interrupt_at(t: Trainer, step: int) -> None:
    """Press Ctrl-C in the middle of a step: after the gradients, before the update."""
    update = t.optimizer.step

    def pressed(*arguments: Any) -> Any:
        if t.step + 1 == step:
            press_ctrl_c()
        return update(*arguments)

    t.optimizer.step = pressed  # type: ignore[method-assign]


def test_the_step_is_finished_and_the_rest_can_follow(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    t = trainer(checkpoint=path, checkpoint_every=None)
    interrupt_at(t, 10)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(TrainingInterrupted, match=r"after 10 steps, saved in"):
        t.fit(4)
    assert t.step == 10
    assert signal.getsignal(signal.SIGINT) is before

    whole = trainer()
    whole.fit(4)
    resumed = trainer(seed=1).resume(path)
    resumed.fit(4)
    for a, b in zip(state(whole), state(resumed)):
        np.testing.assert_array_equal(a, b)


def test_it_is_a_keyboard_interrupt_for_those_who_do_not_care() -> None:
    t = trainer()
    interrupt_at(t, 3)
    with pytest.raises(KeyboardInterrupt):
        t.fit(4)


def test_the_second_one_is_obeyed_at_once() -> None:
    t = trainer()
    update = t.optimizer.step

    def impatient(*arguments: Any) -> Any:
        press_ctrl_c()
        press_ctrl_c()
        return update(*arguments)

    t.optimizer.step = impatient  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt) as caught:
        t.fit(4)
    assert not isinstance(caught.value, TrainingInterrupted)
    assert t.step == 0
