"""The graph view: every op, every value, every gradient, every step.

`viz.graph(loss)` draws the graph that a tensor was computed by. It is a reader of the recorded
graph: drawing runs and changes nothing, but for values that nobody kept, which it computes again.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinygrad_edu.viz.checkup import doctor as doctor
    from tinygrad_edu.viz.differences import diff as diff
    from tinygrad_edu.viz.jacobian import jacobian_card as jacobian_card
    from tinygrad_edu.viz.layers import summary as summary
    from tinygrad_edu.viz.picture import Graph as Graph
    from tinygrad_edu.viz.picture import graph as graph
    from tinygrad_edu.viz.recorder import record as record
    from tinygrad_edu.viz.recorder import scope as scope
    from tinygrad_edu.viz.snapshots import Snapshots as Snapshots
    from tinygrad_edu.viz.trace import BackwardTrace as BackwardTrace
    from tinygrad_edu.viz.trace import backward as backward

# Loaded when first used: importing the package costs no more than importing NumPy.
_HOMES = {
    "BackwardTrace": "trace",
    "Graph": "picture",
    "Snapshots": "snapshots",
    "backward": "trace",
    "diff": "differences",
    "doctor": "checkup",
    "graph": "picture",
    "jacobian_card": "jacobian",
    "record": "recorder",
    "scope": "recorder",
    "summary": "layers",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"tinygrad_edu.viz has no {name!r}; it has {', '.join(__all__)}")
    found = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
