"""The values of a graph: those still held somewhere, and those computed again from the leaves.

The engine keeps only what rules need, so most values are gone when somebody looks. Replay runs
each primitive's forward function over the recorded graph. It never shows a number that was not
computed: operands that were written since are refused by their stamps, and whatever is still held
must come out the same, bit for bit, else what it was made of is not shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ...engine.node import Leaf, Node
from ...engine.primitive import Primitive
from ...engine.saved import owner_of, version, who_wrote

# Replaying more than this would take the memory that the graph was made to save.
LARGEST = 1 << 30
# Smaller arrays are copied when they are found, so that what happens to them later does not matter.
COPIED = 1 << 24


def same_bits(a: Any, b: Any) -> bool:
    """Whether two arrays hold the same bits in the same shape."""
    if a is b:
        return True
    if np.shape(a) != np.shape(b) or a.dtype != b.dtype:
        return False
    return bool(np.asarray(a).tobytes() == np.asarray(b).tobytes())


def apart(array: Any) -> Any:
    """A copy of an array that may be written later; None if it is too large for that."""
    if isinstance(array, np.ndarray):
        return array.copy() if array.nbytes <= COPIED else None
    return array


def run_forward(op: Primitive, arrays: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """What the forward function of `op` makes of arrays."""
    return op.forward(list(arrays), **params) if op.variadic else op.forward(*arrays, **params)


class Values:
    """The value of every node, as far as it is known.

    Parameters
    ----------
    nodes
        All nodes of the graph, oldest first.
    tensors
        Tensors that are alive, by the node that made them.
    name_of
        What a leaf is called, for the sentences that say why a value is missing.
    replay
        Compute again what is not held.
    recompute
        Compute everything from what the leaves hold today, whether or not they were written since.

    Attributes
    ----------
    known, missing : dict
        Each node's value, or the reason why there is none.
    live : set
        Nodes whose value is in memory that others may write, for being too large to copy.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        tensors: dict[Node, list[Any]],
        name_of: Callable[[Node], str],
        *,
        replay: bool = True,
        recompute: bool = False,
    ) -> None:
        self.nodes = nodes
        self.name_of = name_of
        self.recompute = recompute
        self.known: dict[Node, Any] = {}
        self.missing: dict[Node, str] = {}
        self.live: set[Node | None] = set()
        self.changed: dict[Node, str] = {}  # leaves written since they were used, and by whom
        self.users: dict[Node, list[Node]] = {}
        for node in nodes:
            for parent in node.inputs:
                if isinstance(parent, Node):
                    self.users.setdefault(parent, []).append(node)
        self.leaves: dict[Node, Any] = {}
        self.held: dict[Node, Any] = {}
        self._find_leaves(tensors)
        if not recompute:
            self._find_held(tensors)
        self._replay(replay)

    def of(self, node: Node) -> tuple[Any, str]:
        """A node's value, or None and the reason why there is none."""
        value = self.known.get(node)
        return value, "" if value is not None else self.missing.get(node, "not kept")

    def settle(self) -> None:
        """Copy what is in other people's memory, which may be written before it is shown.

        Not sooner: run on copies, which lie otherwise in memory, sums may round otherwise.
        """
        foreign = {n: v for n, v in self.known.items() if isinstance(n, Leaf) or n in self.held}
        owners = {id(owner_of(v)) for v in foreign.values()}
        for node, value in self.known.items():
            if node not in foreign and getattr(value, "base", None) is not None:
                if id(owner_of(value)) in owners:  # a transposed weight
                    foreign[node] = value
        for node, value in foreign.items():
            copy = apart(value)
            if copy is None:
                self.live.add(node)
            else:
                self.known[node] = copy

    # ---------------------------------------------------------------------------- what is held

    def _find_leaves(self, tensors: dict[Node, list[Any]]) -> None:
        for node in self.nodes:
            if not isinstance(node, Leaf):
                continue
            tensor = node.variable
            if tensor is None:
                tensor = next(iter(tensors.get(node, ())), None)
            value = tensor._data if tensor is not None else None
            if value is None and node.notes is not None:
                value = node.notes.value
            if value is None or np.shape(value) != node.shape:
                self.missing[node] = self._gone(node)
                continue
            self.leaves[node] = value

    def _gone(self, leaf: Node) -> str:
        name = self.name_of(leaf)
        return f"not kept: {name or 'its tensor'} is gone"

    def _find_held(self, tensors: dict[Node, list[Any]]) -> None:
        for node in self.nodes:
            notes = node.notes
            if notes is not None and notes.value is not None and not isinstance(node, Leaf):
                self._hold(node, notes.value, node)
            if notes is not None and notes.operands is not None:
                for parent, array in zip(node.inputs, notes.operands):
                    if isinstance(parent, Node):
                        self._hold(parent, array, node)
            if node.saved and not node.freed and isinstance(node.primitive, Primitive):
                self._hold_saved(node)
        for node, alive in tensors.items():
            for tensor in alive:
                if tensor._node is node and not isinstance(node, Leaf):
                    self._hold(node, tensor._data, node)

    def _hold_saved(self, node: Node) -> None:
        op = node.primitive
        for name, value in zip(op.saved_names, node.saved):
            if name == "y":
                self._hold(node, value, node)
            elif name in op.rules:
                if op.variadic and isinstance(value, tuple):
                    pairs = list(zip(node.inputs, value))
                else:
                    pairs = [(node.inputs[op.inputs.index(name)], value)]
                for parent, array in pairs:
                    if isinstance(parent, Node):
                        self._hold(parent, array, node)

    def _hold(self, node: Node, value: Any, since: Node) -> None:
        """Take a held value if it is the node's, and was not written after `since` was made."""
        if not isinstance(value, np.ndarray) or value.shape != node.shape:
            return
        if version(value) <= since.index:
            self.held.setdefault(node, value)

    # --------------------------------------------------------------------------------- replay

    def _replay(self, replay: bool) -> None:
        todo = [n for n in self.nodes if not isinstance(n, Leaf) and n not in self.held]
        size = sum(math.prod(n.shape) * n.dtype.itemsize for n in todo if is_single(n))
        too_large = size > LARGEST
        doubted: set[Node] = set()
        with np.errstate(all="ignore"):
            for node in self.nodes:
                if isinstance(node, Leaf):
                    self._leaf(node)
                    continue
                held = self.held.get(node)
                if too_large or not replay:
                    value, why = held, f"not kept: {size / 1e9:.1f} GB to compute again"
                    if not replay:
                        why = "not kept"
                else:
                    value, why = self._run(node)
                    if held is not None and value is not None and not same_bits(held, value):
                        doubted.add(node)
                if held is not None:
                    value = held
                if value is None:
                    self.missing[node] = why
                else:
                    self.known[node] = value
        if doubted:
            self._withdraw(doubted)

    def _leaf(self, leaf: Node) -> None:
        used = self.held.get(leaf)
        today = self.leaves.get(leaf)
        uses = self.users.get(leaf, ())
        if today is not None and uses:
            stamp = version(today)
            replaced = used is not None and not same_bits(used, today)
            if stamp > min(n.index for n in uses) or replaced:
                self.changed[leaf] = who_wrote(today)
        value = used if used is not None else today
        if value is not None:
            self.missing.pop(leaf, None)
            self.known[leaf] = value

    def operand(self, parent: Any, node: Node) -> tuple[Any, str]:
        """The array that `node` was given, or the reason why it cannot be told."""
        if not isinstance(parent, Node):
            if not self.recompute and version(parent) > node.index:
                return None, "not kept: an operand was written in place since"
            return parent, ""
        if isinstance(parent, Leaf) and parent not in self.held and not self.recompute:
            today = self.leaves.get(parent)
            if today is None:
                return None, self._gone(parent)
            if version(today) > node.index:
                by = who_wrote(today)
                name = self.name_of(parent) or "a leaf"
                return None, f"not kept: {name} changed" + (f" by {by}" if by else " since")
            return today, ""
        value = self.known.get(parent)
        return value, "" if value is not None else self.missing.get(parent, "not kept")

    def operands(self, node: Node) -> tuple[list[Any], str]:
        """The arrays that `node` was given, or the reason why one of them cannot be told."""
        arrays = []
        for parent in node.inputs:
            array, why = self.operand(parent, node)
            if why:
                return [], why
            arrays.append(array)
        return arrays, ""

    def _run(self, node: Node) -> tuple[Any, str]:
        op = node.primitive
        if not isinstance(op, Primitive) or not is_single(node):
            return None, f"not kept: {op.name} is not run again"
        arrays, why = self.operands(node)
        if why:
            return None, why
        try:
            y = run_forward(op, arrays, node.params)
        except (ValueError, TypeError, IndexError) as error:
            return None, f"not kept: running {op.name} again failed ({error})"
        y = np.asarray(y)
        if y.shape != node.shape:
            return None, f"not kept: run again, {op.name} gives shape {y.shape}"
        return (y if y.dtype == node.dtype else y.astype(node.dtype)), ""

    def _withdraw(self, doubted: Iterable[Node]) -> None:
        """Take back what led to a value other than the one held, and all that was made of it."""
        why = "not kept: a leaf was changed in a way that leaves no trace"
        wrong: set[Node] = set()
        stack = [p for n in doubted for p in n.inputs if isinstance(p, Node)]
        while stack:
            node = stack.pop()
            if node in wrong or node in self.held:
                continue
            wrong.add(node)
            stack += [p for p in node.inputs if isinstance(p, Node)]
        for node in self.nodes:
            if node in self.held:
                continue
            if isinstance(node, Leaf):
                if node in wrong:
                    self.changed.setdefault(node, "")
                continue
            if node in wrong or any(isinstance(p, Node) and p in wrong for p in node.inputs):
                wrong.add(node)
                self.known.pop(node, None)
                self.missing[node] = why


def is_single(node: Node) -> bool:
    """Whether a node has one output, an array."""
    return not (node.shape and isinstance(node.shape[0], tuple)) and hasattr(node.dtype, "kind")
