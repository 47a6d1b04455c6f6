"""Names that PyTorch keeps from its first versions, and that courses still use.

`FloatTensor` and its like make tensors of one dtype and recognise them (`isinstance`); `Variable`
is the identity, since every Tensor has been one for years; `range` counts its end in.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..numerics.promotion import default_float, set_default_float
from ..ops.devices import on_cpu
from ..ops.linalg.products import mm, outer
from ..ops.type_and_device import TYPE_NAMES
from ..tensors.tensor import Tensor, numbers

__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "Variable",
    "bfloat16",
    "ger",
    "range",
    "set_default_tensor_type",
    "spmm",
]


class TensorType(type):
    """The class of `FloatTensor` and the others: calling one makes a Tensor of its dtype."""

    dtype: Any

    def __call__(cls, *data: Any, device: Any = None) -> Any:
        """A tensor of given sizes, or of given numbers.

        `FloatTensor(2, 3)` has 2×3 places (zeros here, unset memory in PyTorch);
        `FloatTensor([2, 3])` holds two numbers.
        """
        on_cpu(device)
        if len(data) == 1 and not isinstance(data[0], int):
            given = data[0]
            if isinstance(given, Traced):
                if given._data.dtype != cls.dtype:
                    raise TypeError(
                        f"{cls.__name__}(tensor): expected dtype {cls.dtype}, got "
                        f"{given._data.dtype}; convert with .to(torch.{cls.dtype})"
                    )
                return given.detach()  # type: ignore[attr-defined]
            if isinstance(given, tuple) and type(given) is not tuple:  # a Size
                return wrap(np.zeros(given, cls.dtype))
            return wrap(numbers(given).astype(cls.dtype))
        for size in data:
            if not isinstance(size, int) or isinstance(size, bool):
                raise TypeError(
                    f"{cls.__name__}() takes sizes, or one list of numbers, got {data!r:.60}; "
                    f"write {cls.__name__}([…])"
                )
        return wrap(np.zeros(data or (0,), cls.dtype))

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance._data.dtype == cls.dtype


def tensor_type(name: str) -> Any:
    """The type `torch.NAME`."""
    doc = f"Tensors of dtype {TYPE_NAMES[name]}; `torch.tensor(…, dtype=…)` is today's way."
    return TensorType(name, (), {"dtype": TYPE_NAMES[name], "__doc__": doc})


FloatTensor = tensor_type("FloatTensor")
DoubleTensor = tensor_type("DoubleTensor")
HalfTensor = tensor_type("HalfTensor")
LongTensor = tensor_type("LongTensor")
IntTensor = tensor_type("IntTensor")
ShortTensor = tensor_type("ShortTensor")
CharTensor = tensor_type("CharTensor")
ByteTensor = tensor_type("ByteTensor")
BoolTensor = tensor_type("BoolTensor")


class VariableType(type):
    """The class of `Variable`: every Tensor is an instance."""

    def __call__(cls, data: Any, requires_grad: bool = False, volatile: bool = False) -> Any:
        if not isinstance(data, Traced):
            raise TypeError(
                f"Variable(data): data has to be a Tensor, not {type(data).__name__}; "
                f"torch.tensor(…) makes one"
            )
        out: Any = data.detach()  # type: ignore[attr-defined]
        return out.requires_grad_() if requires_grad else out

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=VariableType):
    """A tensor around the same memory: what Variables did, every Tensor does by now.

    `volatile=True`, which stopped recording, has no effect, as in PyTorch: use `torch.no_grad()`.
    """


def range(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """Numbers from `start` up to and including `end`; `arange`, which leaves it out, is usual."""
    on_cpu(device)
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(
            f"range: bounds {start} and {end} cannot be joined by steps of {step}; "
            f"the step must lead from the first to the second"
        )
    count = int((end - start) / step) + 1
    out = wrap((start + np.arange(count) * step).astype(dtype or default_float()))
    return out.requires_grad_() if requires_grad else out


def set_default_tensor_type(t: Any) -> None:
    """Make `FloatTensor`, `DoubleTensor` or `HalfTensor` the type of new tensors of floats."""
    name = t.removeprefix("torch.") if isinstance(t, str) else t.__name__
    if name not in TYPE_NAMES:
        raise TypeError(
            f"set_default_tensor_type({t!r}): no such type on the CPU; use "
            f"torch.set_default_dtype(torch.float64)"
        )
    set_default_float(TYPE_NAMES[name])


class Unsupported:
    """A dtype that NumPy does not have: it can be named and passed on, not computed with.

    Parameters
    ----------
    name : str
    instead : str
        What to use, for the error.
    """

    __slots__ = ("instead", "name")

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    @property
    def dtype(self) -> Any:
        """Raises: NumPy asks for this wherever a dtype is expected."""
        raise NotImplementedError(
            f"there are no tensors of dtype {self.name}: NumPy has no such type; use {self.instead}"
        )

    def __repr__(self) -> str:
        return f"torch.{self.name}"


bfloat16 = Unsupported("bfloat16", "torch.float32, or torch.float16 to save memory")

# Products of sparse matrices: tensors are dense here, so they are ordinary products.
spmm = mm
ger = outer
