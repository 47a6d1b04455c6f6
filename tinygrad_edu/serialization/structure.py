"""What was saved, as JSON: plain values as they are, everything else with a tag.

| value | in JSON |
| --- | --- |
| None, True, 3, "text", 0.5 | the same |
| infinities, NaN | {"float": "inf"} |
| [1, 2] | [1, 2] |
| (1, 2) | {"tuple": [1, 2]} |
| {"a": 1, 2: "b"} | {"dict": [["a", 1], [2, "b"]]} |
| a Tensor | {"tensor": number}, in the table "tensors" |
| an array | {"array": number of its entry} |

A Tensor met twice is one Tensor again after loading, and Tensors that share memory share it.
"""

from __future__ import annotations

import base64
import math
from collections import Counter, OrderedDict
from typing import Any

import numpy as np

from ..engine.saved import owner_of
from ..engine.traced import wrap
from ..tensors.tensor import Parameter, Tensor

__all__ = ["Encoder", "NotData", "decode", "decode_tensors"]


class NotData(TypeError):
    """An object that is neither a number, text, a tensor, nor a container of such."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"{type(value).__module__}.{type(value).__qualname__}")


class Encoder:
    """Turns values into JSON's, and collects their arrays.

    Attributes
    ----------
    arrays : list of arrays
        What goes into the entries data/0.npy, data/1.npy, ….
    tensors : list of dict
        For each Tensor: its memory, and how it lies in it.
    """

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self.tensors: list[dict[str, Any]] = []
        self._numbers: dict[int, int] = {}
        self._owners: dict[int, list[Any]] = {}
        self._held: list[Any] = []

    def encode(self, value: Any) -> Any:
        """A value as JSON.

        Raises
        ------
        NotData
            For objects of other classes.
        ValueError
            For a container that holds itself.
        """
        try:
            out = self._encode(value)
        except RecursionError:
            raise ValueError(
                "save: the object is nested too deeply, or holds itself; save its parts apart"
            ) from None
        self._share()
        return out

    def _encode(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, Tensor):
            return {"tensor": self._tensor(value)}
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            self.arrays.append(np.asarray(value))
            return {"array": len(self.arrays) - 1}
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            self.arrays.append(np.asarray(value))
            return {"scalar": len(self.arrays) - 1}
        if kind is list:
            return [self._encode(v) for v in value]
        if kind is tuple or (isinstance(value, tuple) and kind.__name__ == "Size"):
            return {"tuple": [self._encode(v) for v in value]}
        if kind in (dict, OrderedDict, Counter):
            tag = {dict: "dict", OrderedDict: "ordered", Counter: "counter"}[kind]
            return {tag: [[self._encode(k), self._encode(v)] for k, v in value.items()]}
        if kind in (set, frozenset):
            return {kind.__name__: [self._encode(v) for v in value]}
        if kind is bytes:
            return {"bytes": base64.b64encode(value).decode("ascii")}
        if kind is complex:
            return {"complex": [self._encode(value.real), self._encode(value.imag)]}
        if kind is range:
            return {"range": [value.start, value.stop, value.step]}
        if isinstance(value, np.dtype):
            return {"dtype": value.name}
        raise NotData(value)

    def _tensor(self, x: Any) -> int:
        number = self._numbers.get(id(x))
        if number is not None:
            return number
        number = self._numbers[id(x)] = len(self.tensors)
        self._held.append(x)
        entry: dict[str, Any] = {"requires_grad": bool(x.requires_grad and x.is_leaf)}
        if isinstance(x, Parameter):
            entry["parameter"] = True
        self.tensors.append(entry)
        self._owners.setdefault(id(owner_of(x._data)), []).append((number, x._data))
        return number

    def _share(self) -> None:
        """Give tensors their memory: one entry for all that share it."""
        for users in self._owners.values():
            owner = owner_of(users[0][1])
            shared = len(users) > 1 and owner.flags.c_contiguous
            if shared:
                self.arrays.append(owner.reshape(-1))
            for number, array in users:
                entry = self.tensors[number]
                if not shared:
                    self.arrays.append(array)
                entry["array"] = len(self.arrays) - 1
                if shared:
                    start = address(array) - address(owner)
                    entry["offset"] = start // owner.itemsize
                    entry["shape"] = list(array.shape)
                    entry["strides"] = [s // owner.itemsize for s in array.strides]
        self._owners.clear()


def address(array: Any) -> int:
    """Where an array's first entry lies."""
    return int(array.__array_interface__["data"][0])


# Back ---------------------------------------------------------------------------------------------


def whole(value: Any, what: str) -> int:
    """A whole number, or an error."""
    if type(value) is not int:
        raise ValueError(f"{what} is {value!r}, expected a whole number")
    return value


def picked(items: list[Any], number: Any, what: str) -> Any:
    """One of a list by number, or an error."""
    if not 0 <= whole(number, what) < len(items):
        raise ValueError(f"{what} {number} is missing: there are {len(items)}")
    return items[number]


def decode_tensors(table: Any, arrays: list[Any]) -> list[Any]:
    """The Tensors of a saved table."""
    if not isinstance(table, list):
        raise ValueError("the table of tensors is no list")
    return [decode_tensor(entry, arrays) for entry in table]


def decode_tensor(entry: Any, arrays: list[Any]) -> Any:
    """One Tensor: an array, or a part of one that others share."""
    if not isinstance(entry, dict):
        raise ValueError(f"a tensor is described by {entry!r:.40}, expected its settings")
    data = picked(arrays, entry.get("array"), "array")
    if "offset" in entry:
        shape = tuple(whole(n, "a size") for n in entry["shape"])
        strides = tuple(whole(n, "a stride") for n in entry["strides"])
        data = strided(data, whole(entry["offset"], "the offset"), shape, strides)
    out = Parameter(wrap(data), requires_grad=False) if entry.get("parameter") else wrap(data)
    return out.requires_grad_() if entry.get("requires_grad") else out


def strided(flat: Any, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """A view of a vector's entries, checked to stay within it.

    Raises
    ------
    ValueError
        If it would reach outside.
    """
    if len(shape) != len(strides) or min((0, *shape)) < 0 or min((0, *strides)) < 0:
        raise ValueError(f"a tensor has shape {shape} and strides {strides}")
    empty = 0 in shape
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if offset < 0 or (last >= flat.size and not empty):
        raise ValueError(
            f"a tensor of shape {shape} reaches entry {last} of an array of {flat.size}"
        )
    if empty:
        return np.zeros(shape, flat.dtype)
    steps = tuple(s * flat.itemsize for s in strides)
    return np.lib.stride_tricks.as_strided(flat[offset:], shape, steps)


def decode(value: Any, arrays: list[Any], tensors: list[Any]) -> Any:
    """The value that JSON stands for.

    Raises
    ------
    ValueError
        For a tag that nothing was saved with.
    """
    if not isinstance(value, dict | list):
        return value

    def each(items: Any) -> list[Any]:
        if not isinstance(items, list):
            raise ValueError(f"expected a list, found {items!r:.40}")
        return [decode(v, arrays, tensors) for v in items]

    if isinstance(value, list):
        return each(value)
    if len(value) != 1:
        raise ValueError(f"expected one tag, found {sorted(value)!r:.60}")
    ((tag, held),) = value.items()
    if tag == "tensor":
        return picked(tensors, held, "tensor")
    if tag == "array":
        return picked(arrays, held, "array")
    if tag == "scalar":
        return picked(arrays, held, "array")[()]
    if tag in ("dict", "ordered", "counter"):
        pairs = each(held)
        if any(type(pair) is not list or len(pair) != 2 for pair in pairs):
            raise ValueError("a dictionary has entries that are no pairs")
        kind: Any = {"dict": dict, "ordered": OrderedDict, "counter": Counter}[tag]
        return kind(dict(pairs))
    if tag in ("tuple", "set", "frozenset"):
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[tag](each(held))
    if tag == "float":
        return float(held)
    if tag == "complex":
        return complex(*each(held))
    if tag == "bytes":
        return base64.b64decode(held, validate=True)
    if tag == "range":
        return range(*(whole(n, "a bound") for n in held))
    if tag == "dtype":
        return np.dtype(held)
    raise ValueError(f"unknown tag {tag!r}")
