"""Recording with everything kept: `with viz.record():` draws what was, whatever happens later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ...engine.mode import scope as scope
from ...engine.node import Node
from ...engine.watching import Tape

__all__ = ["Recorder", "record", "recorded_gradient", "scope"]

# Gradients of calls made and differentiated under `record`, for as long as the call's node lives.
_COTANGENTS: WeakKeyDictionary[Node, Any] = WeakKeyDictionary()


class Recorder(Tape):
    """A tape that also keeps the gradient of every call."""

    def tell_stepped(self, node: Node, g: Any, contributions: tuple[Any, ...]) -> None:
        """Keep the cotangent that arrived."""
        super().tell_stepped(node, g, contributions)
        data = getattr(g, "_data", g)
        if isinstance(data, np.ndarray | np.generic):
            _COTANGENTS[node] = np.array(data)


def recorded_gradient(node: Node) -> Any:
    """The gradient that a `Recorder` kept for a node, or None."""
    return _COTANGENTS.get(node)


@contextmanager
def record() -> Iterator[Recorder]:
    """Keep every value, gradient and source line of what is computed in the block.

    Comparisons, masks, draws and batches are drawn too. What is kept stays true after an optimiser
    has stepped.

    Yields
    ------
    Recorder
        Its `nodes` are the calls in order, its `steps` those of each backward.
    """
    with Recorder(values=True, sources=True, everything=True) as tape:
        yield tape
