"""Anomaly mode: the first NaN or Inf names the op and the user's line that made it.

with detect_anomaly():
    loss = model(x)
    loss.backward()
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.mode import current_mode
from ..engine.node import Node
from ..engine.record import stands_for_number
from ..engine.traced import raw
from ..engine.watching import Watcher, caller

__all__ = ["detect_anomaly", "is_anomaly_check_nan_enabled", "is_anomaly_enabled"]
__all__ += ["set_detect_anomaly"]


class AnomalyWatcher(Watcher):
    """Looks at every output and every gradient.

    Parameters
    ----------
    nan, inf : bool
        Which of the two to refuse.
    forward : bool
        Whether to look at outputs too, and not at gradients alone.
    """

    def __init__(self, *, nan: bool, inf: bool, forward: bool) -> None:
        super().__init__(sources=True, everything=False)
        self.nan, self.inf, self.forward = nan, inf, forward
        # Under create_graph a rule's own calls leave nodes: which node's rule they belong to.
        self.parents: weakref.WeakKeyDictionary[Node, Node] = weakref.WeakKeyDictionary()
        self.young: list[Node] = []

    def kind(self, array: Any) -> str:
        """What an array holds that this watcher refuses: "nan", "inf" or nothing."""
        array = raw(array)
        if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "fc":
            return ""
        if self.nan and np.isnan(array).any():
            return "nan"
        return "inf" if self.inf and np.isinf(array).any() else ""

    def ran(self, op: Any, arrays: Sequence[Any], y: Any) -> None:
        """Refuse an output that is not finite, if the inputs were.

        Raises
        ------
        RuntimeError
            Naming the op, the line and the entry.
        """
        # What a rule computes is judged when the rule is done, by `stepped`.
        looked_at = self.forward and not _in_backward(current_mode().scope)
        kind = self.kind(y) if looked_at else ""
        if not kind or any(_holds(a, kind) for a in arrays):
            return
        place = first_place(y, kind)
        raise RuntimeError(
            f"{op.name} returned {kind} values in forward, at {line_words(caller())}\n"
            f"{entries_words(op, arrays, y.shape, place)} gave {kind}"
            f"{' at entry ' + str(list(place)) if place else ''} of its output (shape {y.shape}).\n"
            f"If a later where() discards that entry on purpose, put a harmless number in its "
            f"place before {op.name}; or look at gradients alone: "
            f"detect_anomaly(check_forward=False)."
        )

    def made(self, node: Node, y: Any, arrays: Sequence[Any]) -> None:
        """Note the line and the operands."""
        super().made(node, y, arrays)
        node.note().operands = tuple(arrays)
        if _in_backward(node.scope):
            self.young.append(node)

    def stepped(self, node: Node, g: Any, contributions: tuple[Any, ...]) -> None:
        """Refuse a gradient that is not finite.

        Raises
        ------
        RuntimeError
            With PyTorch's words first, then where that op was called, and on what.
        """
        for made in self.young:
            self.parents[made] = node
        self.young.clear()
        for i, c in enumerate(contributions):
            kind = self.kind(c)
            if kind and not (kind == "inf" and _holds(raw(g), "inf")):
                raise RuntimeError(self.words(node, g, i, c, kind))

    def words(self, node: Node, g: Any, i: int, c: Any, kind: str) -> str:
        """What to say of the gradient `c` that `node` gave to its input `i`."""
        place = first_place(raw(c), kind)
        op, notes = node.primitive, node.notes
        lines = [
            f"Function '{node.name()}' returned {kind} values in its {i}th output.",
            f"That is the gradient of {op.name} with respect to its input {i} (shape "
            f"{tuple(c.shape)}){', at entry ' + str(list(place)) if place else ''}.",
        ]
        known = notes is not None and notes.source is not None
        if known and notes is not None and notes.source is not None:
            lines.append(f"{op.name} was called at {line_words(notes.source)}")
        else:
            lines.append(
                f"{op.name} was called outside detect_anomaly(); put the forward pass inside it to "
                f"learn on which line."
            )
        operands = notes.operands if notes is not None else None
        if operands is not None:
            words = entries_words(op, operands, node.shape, place)
            if tuple(raw(g).shape) == tuple(c.shape):
                words += f", where the gradient that arrived was {raw(g)[place]:g}"
            lines.append(f"It was called on {words}.")
            if any(_holds(a, "nan") for a in operands):
                lines.append("nan was in its input already: look for it in the data.")
        parent = self.parents.get(node)
        while parent is not None:
            where = parent.notes.source if parent.notes is not None else None
            lines.append(
                f"It belongs to the derivative of {parent.primitive.name}"
                + (f", which was called at {line_words(where)}" if where else ".")
            )
            parent = self.parents.get(parent)
        return "\n".join(lines)


def _holds(x: Any, kind: str) -> bool:
    """Whether `x` (an array, a number, a tuple of them) is already not finite."""
    if isinstance(x, tuple):
        return any(_holds(a, kind) for a in x)
    if isinstance(x, bool | int | float):
        x = np.asarray(x)
    if not isinstance(x, np.ndarray | np.generic) or x.dtype.kind not in "fc":
        return False
    # NaN comes of NaN alone, or of infinities that met; then the infinity is not the news.
    return bool(np.isnan(x).any() if kind == "nan" else not np.isfinite(x).all())


def _in_backward(scope: Any) -> bool:
    while scope is not None:
        if scope[0] == "backward" and scope[1] is None:
            return True
        scope = scope[2]
    return False


def first_place(array: Any, kind: str) -> tuple[int, ...]:
    """The index of the first entry that is NaN (or infinite)."""
    bad = np.isnan(array) if kind == "nan" else np.isinf(array)
    return tuple(int(k) for k in np.unravel_index(int(np.argmax(bad)), bad.shape))


def line_words(source: tuple[str, int, str]) -> str:
    """A source line as an editor's users read it."""
    file, line, text = source
    return f"{file}:{line}{': ' + text if text else ''}"


def entries_words(
    op: Any, arrays: Sequence[Any], shape: tuple[int, ...], place: tuple[int, ...]
) -> str:
    """The operands, with their entries at `place` where they have such entries."""
    words = []
    names = op.inputs * len(arrays) if op.variadic else op.inputs
    for name, a in zip(names, arrays, strict=False):
        if stands_for_number(a):
            a = a.item()
        if not hasattr(a, "shape"):
            words.append(f"{name} = {a}")
            continue
        entry = ""
        if op.elementwise and len(place) == len(shape):
            full = np.broadcast_to(a, shape) if a.shape != shape and a.size else a
            if full.shape == shape:
                entry = f" = {full[place]:g}"
        if not entry and a.size == 1:
            entry = f" = {a.reshape(-1)[0]:g}"
        words.append(f"{name}{entry} (shape {tuple(a.shape)})")
    return " and ".join(words)


class detect_anomaly:
    """Stop at the first NaN or Inf that a call or a derivative makes, and name its line.

    For finding mistakes: every output is looked at, so it is slow.

    Parameters
    ----------
    check_nan : bool
        Refuse NaN.
    check_inf : bool
        Refuse infinities that come of finite numbers.
    check_forward : bool
        Look at forward outputs too; PyTorch looks at gradients alone.
    """

    def __init__(
        self, check_nan: bool = True, *, check_inf: bool = True, check_forward: bool = True
    ) -> None:
        self.watcher = AnomalyWatcher(
            nan=check_nan, inf=check_inf and check_nan, forward=check_forward
        )

    def __enter__(self) -> None:
        self.watcher.__enter__()

    def __exit__(self, *exception: object) -> None:
        self.watcher.__exit__(*exception)


class set_detect_anomaly:
    """Turn anomaly mode on or off: at once as a function, until the end of the block with `with`.

    Parameters
    ----------
    mode : bool
        Whether to detect.
    check_nan : bool
        Refuse NaN and Inf; otherwise only source lines are noted.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.previous = _unlink()
        if mode:
            AnomalyWatcher(nan=check_nan, inf=check_nan, forward=check_nan).__enter__()

    def __enter__(self) -> None:
        return

    def __exit__(self, *exception: object) -> None:
        _unlink()
        if self.previous is not None:
            self.previous.__enter__()


def _active() -> AnomalyWatcher | None:
    watcher: Watcher | None = current_mode().watcher
    chain = () if watcher is None else watcher.chain()
    return next((w for w in chain if isinstance(w, AnomalyWatcher)), None)


def _unlink() -> AnomalyWatcher | None:
    """Take the anomaly watcher out of the chain of watchers."""
    found = _active()
    if found is None:
        return None
    mode = current_mode()
    chain: list[Watcher] = [mode.watcher]
    while chain[-1] is not found:
        chain.append(chain[-1].outer)  # type: ignore[arg-type]
    if len(chain) == 1:
        mode.watcher = found.outer
    else:
        chain[-2].outer = found.outer
    found.outer = None
    return found


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on in this thread."""
    return _active() is not None


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode is on and refuses NaN."""
    watcher = _active()
    return watcher is not None and watcher.nan
