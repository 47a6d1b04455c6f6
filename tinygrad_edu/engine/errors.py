"""What the engine says when something cannot be: what was given, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

__all__ = ["freed_twice", "plain_words", "wrong_shape"]


def plain_words(
    op: Any, arrays: Sequence[Any], params: dict[str, Any], error: Exception
) -> Exception:
    """The `error` that a forward function raised, with the op's name, shapes and parameters."""
    if type(error) not in (ValueError, TypeError, IndexError):
        return error
    given = ", ".join(str(np.shape(a)) for a in arrays)
    rest = "".join(f", {k}={v!r}" for k, v in params.items())
    return type(error)(f"{op.name}(shapes {given}{rest}): {error}")


def wrong_shape(op: Any, parent: Any, g: Any) -> NoReturn:
    """Raise for a rule that answered in the wrong shape."""
    raise RuntimeError(
        f"the derivative rule of {op.name} gave a gradient of shape {tuple(g.shape)} for an "
        f"input of shape {parent.shape}. A rule must answer in the shape of its input (only "
        f"elementwise ops are summed back by the engine)."
    )


def freed_twice(node: Any) -> RuntimeError:
    """The error for walking a graph whose saved values are gone."""
    return RuntimeError(
        f"Trying to backward through the graph a second time (or directly access saved tensors "
        f"after they have already been freed): what {node.primitive.name} (output shape "
        f"{node.shape}) kept was freed by the first backward. Call .backward(retain_graph=True) "
        f"the first time, or compute the loss again."
    )
