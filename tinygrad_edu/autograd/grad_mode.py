"""Whether calls are recorded: `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`.

Each is a context manager and a decorator, of functions, coroutines and generators. The mode belongs
to a thread, and to a task of an event loop; another thread starts with recording on.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Generator
from typing import Any

from ..engine.mode import MODE, Mode, current_mode

__all__ = [
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]


def is_grad_enabled() -> bool:
    """Whether calls on tensors that require grad are recorded, in this thread, now."""
    return current_mode().recording


def is_inference_mode_enabled() -> bool:
    """Whether `inference_mode` is on in this thread."""
    return current_mode().inference


class _Switch:
    """A context manager and decorator that runs a block in a mode changed by `alter`."""

    def __init__(self) -> None:
        self._before: list[Mode] = []

    def alter(self, mode: Mode) -> None:
        """Make the change."""
        raise NotImplementedError

    def fresh(self) -> _Switch:
        """One more like this; a decorated function may run in several threads at once."""
        return type(self)()

    def __enter__(self) -> None:
        # A copy, and not this mode changed and changed back: tasks of an event loop start with
        # the mode object of the task that made them, and must not see what others do to it.
        before = current_mode()
        mode = copy.copy(before)
        self.alter(mode)
        MODE.set(mode)
        self._before.append(before)

    def __exit__(self, *exception: object) -> None:
        MODE.set(self._before.pop())

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isclass(function):
            raise TypeError(
                f"@{type(self).__name__} was put on class {function.__name__}; a class computes "
                f"nothing itself. Put it on the methods that should run in this mode."
            )
        if inspect.isgeneratorfunction(function):
            return self._on_generator(function)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wait(*args: Any, **kwargs: Any) -> Any:
                with self.fresh():
                    return await function(*args, **kwargs)

            return wait

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self.fresh():
                return function(*args, **kwargs)

        return call

    def _on_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A generator that runs in the mode, and hands control back in the caller's own."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            generator = function(*args, **kwargs)
            resume, given = generator.send, None
            while True:
                try:
                    with self.fresh():
                        out = resume(given)
                except StopIteration as end:
                    return end.value
                try:
                    resume, given = generator.send, (yield out)
                except GeneratorExit:
                    with self.fresh():
                        generator.close()
                    raise
                except BaseException as error:  # noqa: BLE001
                    resume, given = generator.throw, error

        return call


class no_grad(_Switch):
    """Record nothing in the block: `with no_grad():`, `@no_grad()` or `@no_grad`.

    Writing into a leaf that requires grad is allowed there.
    """

    def __new__(cls, orig_func: Callable[..., Any] | None = None) -> Any:
        return super().__new__(cls) if orig_func is None else cls()(orig_func)

    def alter(self, mode: Mode) -> None:
        """Turn recording off."""
        mode.recording = False


class enable_grad(_Switch):
    """Record in the block, also within `no_grad`."""

    def __new__(cls, orig_func: Callable[..., Any] | None = None) -> Any:
        return super().__new__(cls) if orig_func is None else cls()(orig_func)

    def alter(self, mode: Mode) -> None:
        """Turn recording on."""
        mode.recording, mode.inference = True, False


class inference_mode(_Switch):
    """Record nothing in the block, as `no_grad`.

    PyTorch forbids to save or to write what was made here, once outside; writes are noted per
    buffer in this package, so such tensors are tensors like others.

    Parameters
    ----------
    mode : bool
        False turns recording on instead.
    """

    def __new__(cls, mode: Any = True) -> Any:
        return cls()(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.mode = mode

    def fresh(self) -> inference_mode:
        """One more like this."""
        made: inference_mode = inference_mode(self.mode)
        return made

    def alter(self, mode: Mode) -> None:
        """Turn inference on or off, and recording the other way."""
        mode.recording, mode.inference = not self.mode, self.mode


class set_grad_enabled(_Switch):
    """Turn recording on or off: at once as a function, until the end of the block with `with`.

    Parameters
    ----------
    mode : bool
        Whether to record.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.mode = bool(mode)
        self.previous = current_mode().recording
        current_mode().recording = self.mode

    def __enter__(self) -> None:
        current_mode().recording = self.previous
        super().__enter__()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        # As a decorator it is about the function, and changes nothing until that runs.
        current_mode().recording = self.previous
        return super().__call__(function)

    def fresh(self) -> _Switch:
        """The same for a block."""
        return enable_grad() if self.mode else no_grad()  # type: ignore[no-any-return]

    def alter(self, mode: Mode) -> None:
        """Turn recording on or off."""
        mode.recording = self.mode
