"""The graph as users may touch it: its nodes, and hooks on what it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..engine.mode import changed_mode, current_mode
from ..engine.node import Node
from ..engine.record import stands_for_number
from ..engine.saved import written
from ..engine.traced import Traced, raw, tied
from ..engine.watching import Tape, Watcher, recording

__all__ = [
    "Node",
    "Tape",
    "disable_saved_tensors_hooks",
    "increment_version",
    "recording",
    "save_on_cpu",
    "saved_tensors_hooks",
]


class _Packed:
    """A saved value as the user's hook left it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class _Unpacking:
    """A node's primitive, with what it saved unpacked before its rules run."""

    def __init__(self, primitive: Any, unpack: Callable[[Any], Any]) -> None:
        self._primitive = primitive
        self._unpack = unpack

    def __getattr__(self, name: str) -> Any:
        return getattr(self._primitive, name)

    def kept(self, node: Node, name: str) -> Any:
        """What the node keeps under a name, unpacked."""
        return self._primitive.kept(node, name, self._opened)

    def unpacked(self, saved: tuple[Any, ...]) -> tuple[Any, ...]:
        """The saved values as arrays again."""
        return tuple(self._opened(v) for v in saved)

    def _opened(self, value: Any) -> Any:
        if isinstance(value, tuple) and any(isinstance(v, _Packed) for v in value):
            return self.unpacked(value)
        if not isinstance(value, _Packed):
            return value
        out = self._unpack(value.value)
        if not isinstance(out, Traced):
            raise TypeError(
                f"unpack_hook returned {type(out).__name__} for a value saved by "
                f"{self._primitive.name}; expected a Tensor, as the one given to pack_hook"
            )
        return raw(out)

    def wrap_saved(self, node: Node, saved: Any, wrap: Callable[[Any, Any], Any]) -> Any:
        """The unpacked values as ones that record."""
        return self._primitive.wrap_saved(node, self.unpacked(saved), wrap)

    def pull(self, inputs: tuple[Any, ...], saved: Any, g: Any) -> Any:
        """The primitive's own, on unpacked values."""
        return self._primitive.pull(inputs, self.unpacked(saved), g)

    def push(
        self, inputs: tuple[Any, ...], saved: Any, g: Any, cotangents: Any, frontier: Any
    ) -> None:
        """The primitive's own, on unpacked values."""
        self._primitive.push(inputs, self.unpacked(saved), g, cotangents, frontier)


class saved_tensors_hooks(Watcher):
    """In the block, keep for backward what `pack_hook` makes of each saved value.

    Parameters
    ----------
    pack_hook : callable
        From a Tensor to anything (a file name, a smaller copy).
    unpack_hook : callable
        From that back to a Tensor of the same shape and dtype; called in backward.
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        super().__init__(everything=False)
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> Any:
        watcher = current_mode().watcher
        for around in () if watcher is None else watcher.chain():
            if isinstance(around, _Refusing):
                raise RuntimeError(around.message)
        return super().__enter__()

    def made(self, node: Node, y: Any, arrays: Sequence[Any]) -> None:
        """Pack what the node saved."""
        super().made(node, y, arrays)
        if node.requires_grad and node.saved:
            op = node.primitive
            # The output goes without its node: what is kept must not hold on to who keeps it.
            origins = {**dict(zip(op.inputs, node.inputs, strict=False)), "y": None}
            if op.variadic:
                origins[op.inputs[0]] = node.inputs
            node.saved = tuple(
                self._packed(value, origins[name]) if name in origins else value
                for name, value in zip(op.saved_names, node.saved, strict=True)
            )
            node.primitive = _Unpacking(op, self.unpack_hook)

    def _packed(self, value: Any, origin: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._packed(v, o) for v, o in zip(value, origin, strict=True))
        if not hasattr(value, "dtype") or stands_for_number(value):
            return value
        with changed_mode(recording=False, watcher=None):
            return _Packed(self.pack_hook(tied(value, origin)))


class save_on_cpu(saved_tensors_hooks):
    """Keep saved values in main memory, which is where they are."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda x: x, lambda x: x)


class _Refusing(Watcher):
    def __init__(self, message: str) -> None:
        super().__init__(everything=False)
        self.message = message


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Refuse `saved_tensors_hooks` in the block, with the given words."""
    with _Refusing(error_message):
        yield


def increment_version(tensor: Any) -> None:
    """Say that tensors were written in place by means that could not be seen (through NumPy)."""
    for x in [tensor] if isinstance(tensor, Traced) else tensor:
        written(x._data)
