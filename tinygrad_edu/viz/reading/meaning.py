"""What a card is in mathematical writing: `X @ W.T`, `d loss/d x`, `max(a, axis=-1)`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine.backward import BackwardLabel
from ...engine.node import Leaf, Node

# What can stand in a formula without looking odd; anything else is called by its argument's name.
_PLAIN = re.compile(r"[\w.\[\]']{1,32}")


def product_text(node: Node, name_of: Callable[[Any], str]) -> str:
    """A product of matrices with its operands' names, as `X @ fc1.weight.T`; empty for other ops.

    Parameters
    ----------
    node
        The call.
    name_of
        What the user calls an operand, empty if nothing.
    """
    kind = node.primitive.name if node.primitive is not None else ""
    if kind not in ("matmul", "inner") or len(node.inputs) != 2:
        return ""
    words = [
        name if _PLAIN.fullmatch(name := name_of(x)) else letter
        for x, letter in zip(node.inputs, "ab")
    ]
    return f"{words[0]} @ {words[1]}" + (".T" if kind == "inner" else "")


class Derivatives:
    """Which nodes of a graph are gradients, of what and by what, as far as that is still known.

    Parameters
    ----------
    name_of
        What the user calls a node, empty if nothing.
    """

    def __init__(self, name_of: Callable[[Any], str]) -> None:
        self.name_of = name_of
        self.known: dict[int, dict[Node, tuple[Node, Node]]] = {}  # by the label's id
        self.held: list[BackwardLabel] = []  # so that no id is given out again meanwhile

    def of(self, node: Node) -> tuple[Node, Node] | None:
        """The root that was differentiated and the node it was differentiated by."""
        scope = node.scope
        while scope is not None and not isinstance(scope[0], BackwardLabel):
            scope = scope[2]
        if scope is None:
            return None
        label: BackwardLabel = scope[0]
        found = self.known.get(id(label))
        if found is None:
            self.held.append(label)
            found = self.known[id(label)] = {}
            root = label.root() if hasattr(label, "root") else None
            for made, by in label.made if root is not None else ():
                gradient, variable = made(), by()
                if gradient is not None and variable is not None and root is not None:
                    found[gradient] = root, variable
        return found.get(node)

    def text(self, node: Node) -> str:
        """`d loss/d x`, `d2 y/d x2`, `d2 y/d a d b`; empty for what is no gradient, and for one
        by a value that nobody named."""
        words: list[str] = []
        root = node
        while (found := self.of(root)) is not None:
            root, by = found
            words.append(self.name_of(by))
            if not isinstance(by, Leaf):  # by something on the way: told in one step, not in all
                break
        if not words or not all(words):
            return ""
        above = self.name_of(root) or self.text(root)
        above = above or (root.primitive.name if root.primitive is not None else "")
        if len(words) == 1:
            return f"d {above}/d {words[0]}"
        if len(set(words)) == 1:
            return f"d{len(words)} {above}/d {words[0]}{len(words)}"
        return f"d{len(words)} {above}/" + " ".join(f"d {x}" for x in reversed(words))


def constant_text(user: Node, constant: Any, value_of: Callable[[Any], Any]) -> str:
    """What a constant array was computed by, where that can be seen and is found to be so.

    Compositions take some steps without gradients: the maximum that softmax subtracts, the mask of
    ReLU. They left no node; the array itself is compared with what it would be.

    Parameters
    ----------
    user
        The call that was given the constant.
    constant
        The array.
    value_of
        The value of an operand, None if it is not known.
    """
    kind = user.primitive.name if user.primitive is not None else ""
    # The constant may be a copy of the operand, which it is then at the place of an array.
    if kind == "sub" and isinstance(user.inputs[1], np.ndarray):
        a = value_of(user.inputs[0])
        if a is None or np.ndim(a) != constant.ndim or not np.size(a):
            return ""
        axes = tuple(i for i, n in enumerate(constant.shape) if n == 1 and a.shape[i] != 1)
        if axes and np.array_equal(np.max(a, axis=axes, keepdims=True), constant):
            return f"max(a, axis={axes[0] if len(axes) == 1 else axes})"
    if kind == "where" and constant.dtype == bool and isinstance(user.inputs[0], np.ndarray):
        for letter, x in zip("ab", user.inputs[1:]):
            value = value_of(x)
            if value is None or np.shape(value) != constant.shape:
                continue
            for sign, found in (("<=", value <= 0), (">", value > 0)):
                if np.array_equal(found, constant):
                    return f"{letter} {sign} 0"
    return ""
