"""The graph view: every op, every value, every gradient, every step.

`viz.graph(loss)` draws the graph that a tensor was computed by. It is a reader of the recorded
graph: drawing runs and changes nothing, but for values that nobody kept, which it computes again.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .comparison import diff as diff
    from .installation import doctor as doctor
    from .jacobian import jacobian_card as jacobian_card
    from .layers import summary as summary
    from .picture import Graph as Graph
    from .picture import graph as graph
    from .reading.tape import record as record
    from .reading.tape import scope as scope
    from .snapshots import Snapshots as Snapshots
    from .trace import BackwardTrace as BackwardTrace
    from .trace import backward as backward

# Loaded when first used: importing the package costs no more than importing NumPy.
_HOMES = {
    "BackwardTrace": "trace",
    "Graph": "picture",
    "Snapshots": "snapshots",
    "backward": "trace",
    "diff": "comparison",
    "doctor": "installation",
    "graph": "picture",
    "jacobian_card": "jacobian",
    "record": "reading.tape",
    "scope": "reading.tape",
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
