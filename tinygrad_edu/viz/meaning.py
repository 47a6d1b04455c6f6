"""What a call is in mathematical writing: `X @ W.T`, `d loss/d x`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tinygrad_edu.backward import DERIVATIVES
from tinygrad_edu.graph import Leaf, Node

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


def derivative_text(node: Node, name_of: Callable[[Any], str]) -> str:
    """What a recorded gradient is of: `d loss/d x`, `d2 y/d x2`, `d2 y/d a d b`.

    Empty for what is no gradient, and for one by a value that nobody named.
    """
    by: list[Node | None] = []
    root: Node | None = node
    while root is not None and (found := DERIVATIVES.get(root)) is not None:
        root, of = found[0](), found[1]()
        by.append(of)
        if not isinstance(of, Leaf):  # by something on the way: told in one step, not in all
            break
    words = [name_of(of) if of is not None else "" for of in by]
    if root is None or not words or not all(words):
        return ""
    above = name_of(root) or derivative_text(root, name_of)
    above = above or (root.primitive.name if root.primitive is not None else "")
    if len(words) == 1:
        return f"d {above}/d {words[0]}"
    if len(set(words)) == 1:
        return f"d{len(words)} {above}/d {words[0]}{len(words)}"
    return f"d{len(words)} {above}/" + " ".join(f"d {x}" for x in reversed(words))


def differentiated_by(node: Node, place: Mapping[Any, int]) -> int | None:
    """The number of the card whose gradient a node is, if both are drawn."""
    found = DERIVATIVES.get(node)
    of = found[1]() if found is not None else None
    return place.get(of) if of is not None else None
