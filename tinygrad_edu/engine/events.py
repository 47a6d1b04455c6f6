"""Events: what happens in training, told to whoever listens.

    with listening(step_ended=lambda optimizer: print("stepped")):
        train()

A listener hears what happens in its own thread (or task), for as long as its block runs; several
may listen, and each hears everything. Who tells asks first whether anybody listens anywhere, which
costs next to nothing:

    if LISTENERS:
        tell("step_began", optimizer)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .mode import Mode, current_mode

__all__ = ["EVENTS", "LISTENERS", "listening", "tell"]

# Each with what a listener is handed.
EVENTS = {
    "backward_began": "the nodes that are differentiated",
    "backward_ended": "the same nodes, once gradients have arrived (not if an error stopped it)",
    "step_began": "the optimizer",
    "step_ended": "the optimizer",
    "gradients_cleared": "who cleared them: an optimizer, a module, or a tensor (x.grad = None)",
    "module_called": "the module and its arguments, before it runs",
    "loss_called": "the name of the loss, its input and its target",
    "made": "a new module or optimizer",
    "written": "the arrays that were written in place, and by whom ('SGD.step', or '')",
    "seeded": "the seed of the default generator",
    "clipped": "the parameters, and the norm or value that their gradients were clipped to",
    "scheduler_stepped": "the learning-rate scheduler",
}

# Everyone who listens, with the mode (the thread or task) that each belongs to.
LISTENERS: list[tuple[Mode, dict[str, Callable[..., object]]]] = []


def tell(event: str, *what: Any) -> None:
    """Call those who listen for `event` in this thread."""
    here = current_mode()
    for mode, heard in tuple(LISTENERS):
        if mode is here and event in heard:
            heard[event](*what)


@contextmanager
def listening(**heard: Callable[..., object]) -> Iterator[None]:
    """In the block, have functions called at events: `listening(step_ended=count)`.

    Parameters
    ----------
    **heard : callable
        By the names in `EVENTS`, which say what each is called with.

    Raises
    ------
    TypeError
        For an event that there is not.
    """
    unknown = sorted(set(heard) - set(EVENTS))
    if unknown:
        raise TypeError(f"no event {unknown[0]!r}; there are {', '.join(EVENTS)}")
    entry = (current_mode(), heard)
    LISTENERS.append(entry)
    try:
        yield
    finally:
        LISTENERS[:] = [other for other in LISTENERS if other is not entry]
