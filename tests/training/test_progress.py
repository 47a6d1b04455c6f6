"""The progress line: honest, and quiet where nobody looks."""

from __future__ import annotations

import io

import pytest

from tinygrad_edu.training.progress import Pace, PlainProgress, RichProgress, spelled_time


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_time_left_is_what_was_measured() -> None:
    clock = Clock()
    pace = Pace(total=101, clock=clock)
    assert pace.seconds_left() is None
    clock.now = 50.0  # the first step took long: that tells nothing about the others
    pace.saw(1)
    assert pace.seconds_left() is None
    clock.now = 52.0
    pace.saw(11)
    assert pace.seconds_left() == pytest.approx(18.0)  # 0.2 s a step, 90 steps
    clock.now = 62.0  # it became slower
    pace.saw(21)
    assert pace.seconds_left() == pytest.approx(80 * 12 / 20)


def test_a_resumed_training_does_not_count_old_steps_as_speed() -> None:
    clock = Clock()
    pace = Pace(total=100, clock=clock)
    pace.saw(90)
    clock.now = 1.0
    pace.saw(91)
    assert pace.seconds_left() == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (9.6, "10 s"), (75, "1 min 15 s"), (3 * 3600 + 120, "3 h 2 min")],
)
def test_times_are_spelled(seconds: float, words: str) -> None:
    assert spelled_time(seconds) == words


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def line(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    clock = Clock()
    monkeypatch.setattr("time.perf_counter", clock)
    progress = PlainProgress(stream)
    progress.start("digits", 100, 0, may_end_early=True)
    progress.pace = Pace(100, clock)
    for step in range(1, 101):
        clock.now += 0.05
        progress.update(step, lambda: "loss 0.5")
    progress.finish("done")
    return stream.getvalue()


def test_in_a_terminal_one_line_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    text = line(Terminal(), monkeypatch)
    assert text.count("\n") == 1
    assert "\rdigits  60% · loss 0.5 · at most 2 s left" in text


def test_elsewhere_a_line_for_each_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    text = line(io.StringIO(), monkeypatch)
    assert "\r" not in text
    assert 9 <= text.count("\n") <= 11
    assert text.endswith("digits · done\n")


def test_rich_draws_the_same_words() -> None:
    console_module = pytest.importorskip("rich.console")
    stream = io.StringIO()
    console = console_module.Console(file=stream, force_terminal=True, width=100)
    progress = RichProgress(console)
    progress.start("digits", 10, 0, may_end_early=False)
    progress.update(5, lambda: "loss [0.5]")
    progress.finish("all done")
    assert "all done" in stream.getvalue()
    assert "loss [0.5]" in stream.getvalue()
