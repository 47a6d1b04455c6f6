"""Python's operators on Tensors, each of which records its primitive directly.

`x += y` computes out of place and puts the result into `x` (see `views`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..engine.table import operator
from ..ops.views import set_in_place
from ..primitives import elementwise
from ..primitives.linalg import matmul
from .methods import Methods

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = ["Operators"]


class Operators(Methods):
    """`+`, `@`, `<` and the rest. Operands of unknown kinds get NotImplemented, as Python asks."""

    __slots__ = ()

    if TYPE_CHECKING:
        # What type checkers see of the functions made below.
        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __eq__(self, other: Any) -> Tensor: ...  # type: ignore[override]
        def __ne__(self, other: Any) -> Tensor: ...  # type: ignore[override]
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __rand__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __ror__(self, other: Any) -> Tensor: ...
        def __xor__(self, other: Any) -> Tensor: ...
        def __rxor__(self, other: Any) -> Tensor: ...
        def __lshift__(self, other: Any) -> Tensor: ...
        def __rshift__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __pos__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
    else:
        __add__ = operator(elementwise.add, "__add__")
        __radd__ = operator(elementwise.add, "__radd__", swap=True)
        __sub__ = operator(elementwise.sub, "__sub__")
        __rsub__ = operator(elementwise.sub, "__rsub__", swap=True)
        __mul__ = operator(elementwise.mul, "__mul__")
        __rmul__ = operator(elementwise.mul, "__rmul__", swap=True)
        __truediv__ = operator(elementwise.div, "__truediv__")
        __rtruediv__ = operator(elementwise.div, "__rtruediv__", swap=True)
        __floordiv__ = operator(elementwise.floor_divide, "__floordiv__")
        __rfloordiv__ = operator(elementwise.floor_divide, "__rfloordiv__", swap=True)
        __mod__ = operator(elementwise.remainder, "__mod__")
        __rmod__ = operator(elementwise.remainder, "__rmod__", swap=True)
        __pow__ = operator(elementwise.pow, "__pow__")
        __rpow__ = operator(elementwise.pow, "__rpow__", swap=True)
        __matmul__ = operator(matmul, "__matmul__")
        __rmatmul__ = operator(matmul, "__rmatmul__", swap=True)
        __eq__ = operator(elementwise.eq, "__eq__")
        __ne__ = operator(elementwise.ne, "__ne__")
        __lt__ = operator(elementwise.lt, "__lt__")
        __le__ = operator(elementwise.le, "__le__")
        __gt__ = operator(elementwise.gt, "__gt__")
        __ge__ = operator(elementwise.ge, "__ge__")
        __and__ = operator(elementwise.bitwise_and, "__and__")
        __rand__ = operator(elementwise.bitwise_and, "__rand__", swap=True)
        __or__ = operator(elementwise.bitwise_or, "__or__")
        __ror__ = operator(elementwise.bitwise_or, "__ror__", swap=True)
        __xor__ = operator(elementwise.bitwise_xor, "__xor__")
        __rxor__ = operator(elementwise.bitwise_xor, "__rxor__", swap=True)
        __lshift__ = operator(elementwise.bitwise_left_shift, "__lshift__")
        __rshift__ = operator(elementwise.bitwise_right_shift, "__rshift__")
        __neg__ = elementwise.neg.record
        __pos__ = elementwise.positive.record
        __abs__ = elementwise.abs.record
        __invert__ = elementwise.bitwise_not.record

    # Comparing entry by entry must not cost the place in sets and dictionaries.
    __hash__ = object.__hash__

    def _become(self, value: Any, what: str | None = None) -> Tensor:
        """Hold `value` from now on: how every in-place operation ends."""
        held: Tensor = set_in_place(self, value, what or "in-place operation")
        return held

    def __iadd__(self, other: Any) -> Tensor:
        return self._become(self + other, "x += y")

    def __isub__(self, other: Any) -> Tensor:
        return self._become(self - other, "x -= y")

    def __imul__(self, other: Any) -> Tensor:
        return self._become(self * other, "x *= y")

    def __itruediv__(self, other: Any) -> Tensor:
        return self._become(self / other, "x /= y")

    def __ifloordiv__(self, other: Any) -> Tensor:
        return self._become(self // other, "x //= y")

    def __imod__(self, other: Any) -> Tensor:
        return self._become(self % other, "x %= y")

    def __ipow__(self, other: Any) -> Tensor:
        return self._become(self**other, "x **= y")

    def __iand__(self, other: Any) -> Tensor:
        return self._become(self & other, "x &= y")

    def __ior__(self, other: Any) -> Tensor:
        return self._become(self | other, "x |= y")

    def __ixor__(self, other: Any) -> Tensor:
        return self._become(self ^ other, "x ^= y")
