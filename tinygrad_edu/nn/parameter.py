"""Parameters; those, and buffers, of a shape not known yet: what lazy modules start with."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.traced import wrap
from ..numerics.promotion import default_float
from ..tensors.tensor import Parameter, Tensor

__all__ = [
    "Parameter",
    "Uninitialized",
    "UninitializedBuffer",
    "UninitializedParameter",
    "new_parameter",
]


def new_parameter(*shape: int, dtype: Any = None) -> Parameter:
    """A parameter of a shape, to be filled by an initialiser."""
    return Parameter(wrap(np.zeros(shape, dtype or default_float())))  # type: ignore[no-any-return]


class Uninitialized(Tensor):
    """A tensor that gets its shape, and its memory, from `materialize`."""

    __slots__ = ()
    settled: type = Tensor

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Make it an ordinary tensor of a shape, filled with 0; the object stays the same."""
        zeros = wrap(np.zeros(tuple(shape), dtype or self._data.dtype))
        self.__class__ = self.settled
        self.data = zeros

    @property
    def shape(self) -> Any:
        """Not known yet: raises."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer: a lazy module learns "
            "it from its first input. Call the model once on a batch first."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        out = empty(type(self), self._data.dtype)
        if self._node is not None:
            out.requires_grad_()
        memo[id(self)] = out
        return out


def empty(cls: Any, dtype: Any) -> Any:
    """An instance without entries."""
    out = object.__new__(cls)
    out._data = np.zeros(0, dtype or default_float())
    out._node = None
    out._view = None
    return out


class UninitializedParameter(Uninitialized, Parameter):
    """A parameter of unknown shape."""

    __slots__ = ()
    settled = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        out = empty(cls, dtype)
        return out.requires_grad_() if requires_grad else out


class UninitializedBuffer(Uninitialized):
    """A buffer of unknown shape."""

    __slots__ = ()

    def __new__(cls, requires_grad: bool = False, device: Any = None, dtype: Any = None) -> Any:
        return empty(cls, dtype)
