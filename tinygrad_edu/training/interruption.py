"""Ctrl-C between two steps instead of in the middle of one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

__all__ = ["InterruptionWatch", "TrainingInterrupted"]


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C during training, after the step it fell into was finished."""


class InterruptionWatch:
    """Notes the first Ctrl-C instead of raising; the second one raises at once, as ever.

    An update interrupted half-way would leave some parameters new and some old. Outside the main
    thread, which alone is told of Ctrl-C, this does nothing.
    """

    def __init__(self) -> None:
        self.requested = False
        self._outer: Any = None
        self._installed = False

    def __enter__(self) -> InterruptionWatch:
        if threading.current_thread() is threading.main_thread():
            self._outer = signal.getsignal(signal.SIGINT)
            # A handler that is not Python's own belongs to a host which has plans for Ctrl-C, or
            # ignores it: leave it alone.
            if self._outer is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._note)
                self._installed = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._outer)
            self._installed = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
