"""One line that says how far training is and how long it will still take.

The time left is what the remaining steps will take at the measured speed of the last ones; before
anything was measured, none is shown.
"""

from __future__ import annotations

import collections
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol, TextIO

__all__ = ["PlainProgress", "Progress", "RichProgress", "progress_for", "spelled_time"]

REFRESH = 0.1  # seconds between two changes of the line
WINDOW = 50  # changes that the speed is measured over: five seconds


class Progress(Protocol):
    """What a Trainer tells its progress to."""

    def start(self, title: str, total: int, done: int, may_end_early: bool) -> None:
        """Training begins: `done` of `total` steps are behind it already."""

    def update(self, done: int, status: Callable[[], str]) -> None:
        """So many steps are done; `status()` says how things stand, if that is to be shown."""

    def finish(self, status: str) -> None:
        """Training ended."""


class Pace:
    """Speed over the last few seconds, and what follows from it.

    Measured from the first look on, not from the start: the first step loads and compiles.

    Parameters
    ----------
    total : int
        Steps in all.
    clock : callable
        Seconds from some moment on.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self.total = total
        self._clock = clock
        self._seen: collections.deque[tuple[float, int]] = collections.deque(maxlen=WINDOW)
        self._shown = float("-inf")

    def is_due(self) -> bool:
        """Whether the line is old enough to be drawn again."""
        return self._clock() - self._shown >= REFRESH

    def saw(self, done: int) -> None:
        """Note that so many steps are done now."""
        self._shown = self._clock()
        self._seen.append((self._shown, done))

    def seconds_left(self) -> float | None:
        """Remaining steps at the measured speed; None before two moments were seen."""
        if not self._seen:
            return None
        (then, before), (now, done) = self._seen[0], self._seen[-1]
        if done <= before or now <= then:
            return None
        return (self.total - done) * (now - then) / (done - before)


def spelled_time(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


class _Line:
    """What both kinds of progress share: the words of the line."""

    def __init__(self) -> None:
        self.title = ""
        self.total = 0
        self.may_end_early = False
        self.pace = Pace(0)

    def begin(self, title: str, total: int, may_end_early: bool) -> None:
        self.title, self.total, self.may_end_early = title, total, may_end_early
        self.pace = Pace(total)

    def time_left(self) -> str:
        seconds = self.pace.seconds_left()
        if seconds is None:
            return ""
        return f"{'at most ' if self.may_end_early else ''}{spelled_time(seconds)} left"


class PlainProgress(_Line):
    """The line without any library: rewritten in a terminal, a line per tenth elsewhere.

    Parameters
    ----------
    stream : text file, optional
        Where to write; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._tenth = 0
        self._width = 0

    def start(self, title: str, total: int, done: int, may_end_early: bool) -> None:
        """Training begins."""
        self.begin(title, total, may_end_early)
        self._tenth = 10 * done // max(total, 1)

    def update(self, done: int, status: Callable[[], str]) -> None:
        """Some more steps are done."""
        if not self.pace.is_due():
            return
        self.pace.saw(done)
        tenth = 10 * done // max(self.total, 1)
        if not self._terminal and tenth <= self._tenth:
            return
        self._tenth = tenth
        percent = 100 * done // max(self.total, 1)
        parts = [f"{self.title} {percent:3d}%", status(), self.time_left()]
        self._write(" · ".join(part for part in parts if part))

    def finish(self, status: str) -> None:
        """Training ended."""
        self._write(f"{self.title} · {status}")
        if self._terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _write(self, line: str) -> None:
        if self._terminal:
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()


class RichProgress(_Line):
    """The line with Rich's bar."""

    def __init__(self, console: Any = None) -> None:
        super().__init__()
        from rich.console import Console

        self._console = Console(stderr=True) if console is None else console
        self._bar: Any = None
        self._task: Any = None

    def start(self, title: str, total: int, done: int, may_end_early: bool) -> None:
        """Training begins."""
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as Bar

        self.begin(title, total, may_end_early)
        self._bar = Bar(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[status]}", markup=False),
            TextColumn("[dim]{task.fields[left]}"),
            console=self._console,
            transient=True,
            auto_refresh=False,  # a thread that draws would take time from the training it times
        )
        self._bar.start()
        self._task = self._bar.add_task(title, total=total, completed=done, status="", left="")

    def update(self, done: int, status: Callable[[], str]) -> None:
        """Some more steps are done."""
        if not self.pace.is_due():
            return
        self.pace.saw(done)
        self._bar.update(self._task, completed=done, status=status(), left=self.time_left())
        self._bar.refresh()

    def finish(self, status: str) -> None:
        """Training ended."""
        self._bar.stop()
        self._console.print(f"[bold]{self.title}[/bold] · {status}", highlight=False)


def progress_for(stream: TextIO | None = None) -> Progress:
    """Rich's line in a terminal where Rich is installed, else the plain one."""
    target = sys.stderr if stream is None else stream
    if target.isatty():
        try:
            return RichProgress()
        except ModuleNotFoundError:
            return PlainProgress(target)
    return PlainProgress(target)
