"""`x.unsqueeze_(0)`, `x.t_()` and the like: the same tensor, its entries in another arrangement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.node import Leaf
from .shaping import squeeze, swapaxes, t, transpose, unsqueeze

__all__ = ["rearranging", "squeeze_", "swapaxes_", "t_", "transpose_", "unsqueeze_"]


def rearranging(function: Callable[..., Any]) -> Callable[..., Any]:
    """The form of `function` that gives its result to the tensor it was called on."""
    name = f"{function.__name__}_"

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        views = [ref for ref, cuts in getattr(self, "_views", ()) if cuts is None and ref()]
        if isinstance(self._node, Leaf) or (self._node is not None and views):
            what = "a leaf that requires grad" if isinstance(self._node, Leaf) else "viewed"
            raise RuntimeError(
                f"{name}(): this tensor of shape {tuple(self._data.shape)} is {what}, so it cannot "
                f"be rearranged in place; write x = x.{name[:-1]}(…)"
            )
        out = function(self, *args, **kwargs)
        if self._view is not None:
            base, again, root = self._view
            self._view = (base, lambda b: function(again(b), *args, **kwargs), root)
        self._data, self._node = out._data, out._node
        return self

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`{name[:-1]}` of this tensor, which becomes the result."
    return call


squeeze_ = rearranging(squeeze)
swapaxes_ = rearranging(swapaxes)
t_ = rearranging(t)
transpose_ = rearranging(transpose)
unsqueeze_ = rearranging(unsqueeze)
