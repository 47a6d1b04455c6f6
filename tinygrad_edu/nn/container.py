"""Modules that hold modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .module import Module, Parameter

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class _Ordered(Module):
    """Modules numbered from 0."""

    def _list(self) -> list[Any]:
        return [m for k, m in self.__dict__.items() if k.isdigit()]

    def _replace(self, items: Iterable[Any]) -> None:
        for key in [k for k in self.__dict__ if k.isdigit()]:
            del self.__dict__[key]
        for i, item in enumerate(items):
            setattr(self, str(i), item)

    def __len__(self) -> int:
        return len(self._list())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._list())

    def __getitem__(self, index: Any) -> Any:
        held = self._list()
        if isinstance(index, slice):
            kind: Any = type(self)
            return kind(*held[index]) if isinstance(self, Sequential) else kind(held[index])
        try:
            return held[index]
        except IndexError:
            raise IndexError(f"index {index} is out of range: there are {len(held)}") from None

    def __setitem__(self, index: int, value: Any) -> None:
        keys = [k for k in self.__dict__ if k.isdigit()]
        setattr(self, keys[index], value)

    def __delitem__(self, index: Any) -> None:
        held = self._list()
        del held[index]
        self._replace(held)

    def append(self, value: Any) -> Any:
        """Add at the end."""
        setattr(self, str(len(self)), value)
        return self

    def extend(self, values: Iterable[Any]) -> Any:
        """Add several at the end."""
        for value in values:
            self.append(value)
        return self

    def insert(self, index: int, value: Any) -> Any:
        """Add before an index."""
        held = self._list()
        held.insert(index, value)
        self._replace(held)
        return self


class Sequential(_Ordered):
    """Modules run one after the other; given as arguments or as a dictionary of names."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], Mapping):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            for i, module in enumerate(args):
                self.add_module(str(i), module)

    def _list(self) -> list[Any]:
        return [m for m in self.__dict__.values() if isinstance(m, Module)]

    def forward(self, input: Any) -> Any:
        """Each module's output is the next one's input."""
        for module in self.__dict__.values():
            if isinstance(module, Module):
                input = module(input)
        return input


class ModuleList(_Ordered):
    """A list of modules that are found by `parameters()`."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        runs: list[tuple[str, int]] = []  # what is printed, and how often in a row
        for text in map(repr, self):
            if runs and runs[-1][0] == text:
                runs[-1] = (text, runs[-1][1] + 1)
            else:
                runs.append((text, 1))
        lines, first = [], 0
        for text, count in runs:
            last = first + count - 1
            head = f"({first})" if count == 1 else f"({first}-{last}): {count} x"
            text = text.replace("\n", "\n  ")
            lines.append(f"  {head}: {text}" if count == 1 else f"  {head} {text}")
            first = last + 1
        return "\n".join([f"{self._get_name()}(", *lines, ")"]) if lines else "ModuleList()"


class ParameterList(_Ordered):
    """A list of parameters that are found by `parameters()`."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        for value in values or ():
            self.append(value if isinstance(value, Parameter) else Parameter(value))


class _Named(Module):
    """A dictionary whose entries are attributes."""

    kind: type = Module

    def _dict(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if isinstance(v, self.kind)}

    def __init__(
        self, entries: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None
    ) -> None:
        super().__init__()
        self.update(entries or {})

    def update(self, entries: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add or replace entries."""
        for name, value in dict(entries).items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    def __getitem__(self, name: str) -> Any:
        held = self._dict()
        if name not in held:
            raise KeyError(f"{name!r}; there are {', '.join(held) or 'none'}")
        return held[name]

    def __delitem__(self, name: str) -> None:
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self._dict()

    def __len__(self) -> int:
        return len(self._dict())

    def __iter__(self) -> Iterator[str]:
        return iter(self._dict())

    def keys(self) -> Iterable[str]:
        """Names."""
        return self._dict().keys()

    def values(self) -> Iterable[Any]:
        """Entries."""
        return self._dict().values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and entries."""
        return self._dict().items()

    def pop(self, name: str) -> Any:
        """Take an entry out."""
        value = self[name]
        del self[name]
        return value

    def clear(self) -> None:
        """Take all entries out."""
        for name in list(self._dict()):
            del self[name]


class ModuleDict(_Named):
    """A dictionary of modules that are found by `parameters()`."""


class ParameterDict(_Named):
    """A dictionary of parameters that are found by `parameters()`."""

    kind = Parameter

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, value if isinstance(value, Parameter) else Parameter(value))
