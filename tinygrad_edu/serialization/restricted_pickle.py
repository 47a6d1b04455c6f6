"""Pickles that may only make tensors and containers, and the pickles of whole objects.

A pickle is a program: it names functions and has them called. The readers here know a short list
of names, each standing for a function of ours that makes data; any other name is refused before
anything runs.
"""

from __future__ import annotations

import importlib
import io
import pickle
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from ..engine.traced import wrap
from ..tensors.tensor import Parameter, Size, Tensor, _restore
from .structure import strided

__all__ = [
    "add_safe_globals",
    "clear_safe_globals",
    "get_safe_globals",
    "pickled",
    "read_objects",
    "read_pytorch",
    "safe_globals",
]

SAFE: list[Any] = []


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Let `load` make objects of these classes (or call these functions)."""
    SAFE.extend(item for item in safe_globals if item not in SAFE)


def get_safe_globals() -> list[Any]:
    """What `load` may make besides data."""
    return list(SAFE)


def clear_safe_globals() -> None:
    """Let `load` make nothing but data again."""
    SAFE.clear()


@contextmanager
def safe_globals(allowed: list[Any]) -> Iterator[None]:
    """Let `load` make objects of these classes, in the block."""
    before = list(SAFE)
    add_safe_globals(allowed)
    try:
        yield
    finally:
        SAFE[:] = before


def allowed(module: str, name: str) -> Any:
    """What the user allowed under this name, or None."""
    for item in SAFE:
        plain = item[0] if isinstance(item, tuple) else item
        path = item[1] if isinstance(item, tuple) else f"{item.__module__}.{item.__qualname__}"
        if path == f"{module}.{name}":
            return plain
    return None


class Refused(pickle.UnpicklingError):
    """A pickle that names what may not be called."""

    def __init__(self, module: str, name: str) -> None:
        super().__init__(
            f"Weights only load failed: the file asks to run {module}.{name}, which is no tensor, "
            f"number, text or container, so nothing of it was loaded. If you trust whoever made "
            f"the file: load(path, weights_only=False), or allow this one class with "
            f"`with torch.serialization.safe_globals([{name.split('.')[-1]}])`. Better save "
            f"model.state_dict(), which needs no permission."
        )


# PyTorch's --------------------------------------------------------------------------------------

STORAGES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "UntypedStorage": "<u1",
    "BoolStorage": "?",
    "BFloat16Storage": "bfloat16",
    "ComplexFloatStorage": "<c8",
    "ComplexDoubleStorage": "<c16",
}
DTYPES = [
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "bool",
    "complex64",
    "complex128",
]


def rebuilt(storage: Any, offset: int, size: Any, stride: Any, *rest: Any) -> Any:
    """A tensor in a storage: PyTorch's `_rebuild_tensor_v2`."""
    if not isinstance(storage, np.ndarray):
        raise pickle.UnpicklingError("a tensor names a storage that the file does not hold")
    out = wrap(strided(storage, int(offset), tuple(map(int, size)), tuple(map(int, stride))))
    return out.requires_grad_() if rest and rest[0] is True else out


def rebuilt_parameter(data: Any, requires_grad: bool, hooks: Any, *state: Any) -> Any:
    """A parameter: PyTorch's `_rebuild_parameter`."""
    if not isinstance(data, Tensor):
        raise pickle.UnpicklingError("a parameter holds no tensor")
    return Parameter(data, requires_grad=bool(requires_grad))


def encoded(text: str, encoding: str) -> bytes:
    """Bytes as pickles of protocol 2 write them."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


def device_name(kind: str, index: int | None = None) -> str:
    """A device, of which there is one here."""
    return kind if index is None else f"{kind}:{index}"


PLAIN: dict[str, Any] = {
    "builtins.complex": complex,
    "builtins.frozenset": frozenset,
    "builtins.set": set,
    "builtins.slice": slice,
    "collections.Counter": Counter,
    "collections.OrderedDict": OrderedDict,
    "_codecs.encode": encoded,
}
PYTORCH: dict[str, Any] = {
    **PLAIN,
    "torch._utils._rebuild_parameter": rebuilt_parameter,
    "torch._utils._rebuild_parameter_with_state": rebuilt_parameter,
    "torch._utils._rebuild_tensor": rebuilt,
    "torch._utils._rebuild_tensor_v2": rebuilt,
    "torch.Size": Size,
    "torch.device": device_name,
    **{f"torch.{name}": np.dtype(name) for name in DTYPES},
}


def byte_array(content: bytes = b"") -> bytearray:
    """A bytearray of given bytes; asked for a length, the builtin would allocate it."""
    if not isinstance(content, bytes):
        raise pickle.UnpicklingError("a bytearray is made of bytes")
    return bytearray(content)


PLAIN["builtins.bytearray"] = PYTORCH["builtins.bytearray"] = byte_array


READER: Any = pickle._Unpickler


class Restricted(READER):  # type: ignore[misc]
    """A reader that gives state to containers, and to objects of allowed classes, alone.

    The pickle opcode BUILD sets any attribute of any object, or calls its `__setstate__`. Only the
    reader that the standard library keeps in Python lets an opcode be taken over.
    """

    dispatch: ClassVar[dict[int, Any]] = dict(READER.dispatch)

    def load_build(self) -> None:
        """Give an object its state, if it is of a kind that may have one."""
        target = self.stack[-2]
        chosen = any(type(target) is (i[0] if isinstance(i, tuple) else i) for i in SAFE)
        if not chosen and type(target) is not OrderedDict:
            raise Refused(type(target).__module__, type(target).__qualname__)
        super().load_build()

    dispatch[pickle.BUILD[0]] = load_build


class PyTorchReader(Restricted):
    """Reads PyTorch's `data.pkl`: tensors, containers, numbers, and nothing else."""

    def __init__(self, content: bytes, entry: Callable[[str], bytes]) -> None:
        super().__init__(io.BytesIO(content))
        self.entry = entry
        self.storages: dict[str, Any] = {}

    def find_class(self, module: str, name: str) -> Any:
        """One of the functions above for a name that PyTorch writes."""
        path = f"{module}.{name}".replace("__builtin__.", "builtins.")
        if path in PYTORCH:
            return PYTORCH[path]
        if module in ("torch", "torch.storage") and name in STORAGES:
            return name
        chosen = allowed(module, name)
        if chosen is not None:
            return chosen
        raise Refused(module, name)

    def persistent_load(self, pid: Any) -> Any:
        """A storage: an entry of the archive."""
        if not isinstance(pid, tuple) or len(pid) != 5 or pid[0] != "storage":
            raise pickle.UnpicklingError(f"unknown reference {pid!r:.60}")
        _, kind, key, _, count = pid
        if key not in self.storages:
            self.storages[key] = storage(self.entry(f"data/{key}"), STORAGES[kind], int(count))
        return self.storages[key]


def storage(content: bytes, kind: str, count: int) -> Any:
    """A storage's numbers; bfloat16, which NumPy lacks, as float32."""
    if kind == "bfloat16":
        halves = np.frombuffer(content, "<u2").astype(np.uint32)
        array: Any = (halves << np.uint32(16)).view(np.float32)
    else:
        array = np.frombuffer(content, kind).copy()
    if array.size < count:
        raise pickle.UnpicklingError(f"a storage holds {array.size} entries of {count}")
    return array[:count]


def read_pytorch(content: bytes, entry: Callable[[str], bytes]) -> Any:
    """What PyTorch saved, of a kind that holds no code."""
    return PyTorchReader(content, entry).load()


# Whole objects ----------------------------------------------------------------------------------


class ObjectWriter(pickle.Pickler):
    """Pickles an object, its arrays apart."""

    def __init__(self, file: io.BytesIO, arrays: list[Any]) -> None:
        super().__init__(file, protocol=4)
        self.arrays = arrays
        self.numbers: dict[int, int] = {}

    def persistent_id(self, obj: Any) -> Any:
        """The number of an array's entry."""
        if type(obj) is not np.ndarray or obj.dtype.kind not in "biufc":
            return None
        if id(obj) not in self.numbers:
            self.numbers[id(obj)] = len(self.arrays)
            self.arrays.append(obj)
        return self.numbers[id(obj)]


def pickled(obj: Any) -> tuple[bytes, list[Any]]:
    """An object as a pickle and the arrays that go with it."""
    file = io.BytesIO()
    arrays: list[Any] = []
    ObjectWriter(file, arrays).dump(obj)
    return file.getvalue(), arrays


PACKAGE = __name__.partition(".")[0]
# The module that defines Tensor, and the one that did when older files were written.
OURS: dict[str, Any] = {
    **PLAIN,
    "collections.defaultdict": defaultdict,
    **{
        f"{module}.{name}": value
        for module in (Tensor.__module__, "tinygrad_edu.tensor")
        for name, value in {
            "Parameter": Parameter,
            "Size": Size,
            "Tensor": Tensor,
            "_restore": _restore,
        }.items()
    },
}


class ObjectReader(Restricted):
    """Reads a pickled object of a class that was allowed."""

    def __init__(self, content: bytes, arrays: list[Any]) -> None:
        super().__init__(io.BytesIO(content))
        self.arrays = arrays

    def find_class(self, module: str, name: str) -> Any:
        """The class or function of a name, if it may be used."""
        chosen = OURS.get(f"{module}.{name}")
        chosen = allowed(module, name) if chosen is None else chosen
        if chosen is None:
            raise Refused(module, name)
        return chosen

    def persistent_load(self, pid: Any) -> Any:
        """An array."""
        return numbered(self.arrays, pid)


class TrustingReader(pickle.Unpickler):
    """Reads a pickled object of any class, running whatever code the pickle names."""

    def __init__(self, content: bytes, arrays: list[Any]) -> None:
        super().__init__(io.BytesIO(content))
        self.arrays = arrays

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle names; of ours, also what has moved to another file since."""
        try:
            return super().find_class(module, name)
        except (ImportError, AttributeError):
            package, _, room = module.partition(".")
            if package != PACKAGE:
                raise
            for face in (f"{package}.{room.partition('.')[0]}", package):
                try:
                    return getattr(importlib.import_module(face), name)
                except (ImportError, AttributeError):
                    continue
            raise

    def persistent_load(self, pid: Any) -> Any:
        """An array."""
        return numbered(self.arrays, pid)


def numbered(arrays: list[Any], pid: Any) -> Any:
    """An array by the number that stands for it in a pickle."""
    if type(pid) is not int or not 0 <= pid < len(arrays):
        raise pickle.UnpicklingError(f"array {pid!r:.40} is missing")
    return arrays[pid]


def read_objects(content: bytes, arrays: list[Any], weights_only: bool) -> Any:
    """The object of a pickle."""
    reader = ObjectReader if weights_only else TrustingReader
    return reader(content, arrays).load()
