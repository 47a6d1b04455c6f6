"""Every public name, and the cases that check it: names of one object share their cases."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tinygrad_edu
import tinygrad_edu as tg
from tinygrad_edu import linalg, special
from tinygrad_edu.nn import functional

from .cases import Case, Draw, bound
from .functions import ABSENT, FUNCTIONS, OPERATORS

__all__ = ["absent", "checks", "public_names", "resolve", "unaccounted"]

ROOMS: dict[str, Any] = {
    "F.": functional,
    "linalg.": linalg,
    "special.": special,
    "Tensor.": tg.Tensor,
}
# What is no derivative's business among the methods that Python itself calls.
PYTHONS = [
    "__array__",
    "__array_function__",
    "__array_ufunc__",
    "__bool__",
    "__class__",
    "__complex__",
    "__contains__",
    "__deepcopy__",
    "__delattr__",
    "__dir__",
    "__eq__",
    "__float__",
    "__format__",
    "__ge__",
    "__getattr__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__index__",
    "__init__",
    "__init_subclass__",
    "__int__",
    "__le__",
    "__len__",
    "__lt__",
    "__ne__",
    "__new__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasshook__",
    "__and__",
    "__iand__",
    "__invert__",
    "__ior__",
    "__ixor__",
    "__lshift__",
    "__or__",
    "__rand__",
    "__ror__",
    "__rshift__",
    "__rxor__",
    "__xor__",
]


def resolve(name: str) -> Any:
    """The object of a name of the table."""
    for prefix, room in ROOMS.items():
        if name.startswith(prefix):
            found = getattr(room, name.removeprefix(prefix))
            if isinstance(found, property) or inspect.isgetsetdescriptor(found):
                return functools.partial(_attribute, name.removeprefix(prefix))
            return found
    return getattr(tg, name)


def _attribute(name: str, x: Any) -> Any:
    return getattr(x, name)


def public_names() -> list[str]:
    """Every public name of the package, its functional rooms and Tensor."""
    names = list(tinygrad_edu.__all__)
    for prefix, room in ROOMS.items():
        if room is tg.Tensor:
            members = [n for n in dir(room) if not n.startswith("_")]
            members += [
                n
                for n in dir(room)
                if n.startswith("__") and callable(getattr(room, n)) and n not in PYTHONS
            ]
        else:
            members = [n for n in dir(room) if not n.startswith("_") and callable(getattr(room, n))]
        names += [prefix + n for n in members]
    return names


def absent() -> dict[str, str]:
    """Names that are not checked, with the reason."""
    return {name: reason for reason, names in ABSENT.items() for name in names.split()}


def _identity(name: str) -> int:
    found = resolve(name)
    return hash(name) if isinstance(found, functools.partial) else id(found)


def base_of(name: str) -> str | None:
    """The name of the table whose cases an in-place function or an operator takes."""
    prefix = next((x for x in ROOMS if name.startswith(x)), "")
    short = name.removeprefix(prefix)
    if short in OPERATORS:
        return OPERATORS[short]
    if short.startswith("__") or not short.endswith("_"):
        return None
    for room in dict.fromkeys((prefix, "Tensor.", "", "F.")):
        if room + short[:-1] in _names_of_cases():
            return _names_of_cases()[room + short[:-1]]
    return None


@functools.cache
def _names_of_cases() -> dict[str, str]:
    """For every name whose object is in the table, the table's name for it."""
    by_object = {_identity(name): name for name in FUNCTIONS}
    found = {}
    for name in [*public_names(), *FUNCTIONS]:
        if _identity(name) in by_object:
            found[name] = by_object[_identity(name)]
    return found


def unaccounted() -> list[str]:
    """Public names that are neither checked nor said to have no derivative."""
    left_out = {_identity(name) for name in absent()}
    return [
        name
        for name in public_names()
        if name not in _names_of_cases()
        and base_of(name) is None
        and _identity(name) not in left_out
    ]


def checks() -> dict[str, tuple[Callable[..., Any], Case]]:
    """Every check by its name: the function, and one case of it."""
    found: dict[str, tuple[Callable[..., Any], Case]] = {}
    for name, cases in FUNCTIONS.items():
        for number, case in enumerate(cases):
            found[f"{name}[{number}]"] = (resolve(name), case)
    seen = set()
    for name in public_names():
        base = base_of(name)
        if base is None or _identity(name) in seen or name in _names_of_cases():
            continue
        seen.add(_identity(name))
        function = resolve(name)
        writes = (name.endswith("_") and not name.endswith("__")) or "__i" in name
        for number, case in enumerate(FUNCTIONS[base]):
            if case.via is not None or (name.endswith("__") and case.options):
                continue
            if name.startswith("Tensor.__r"):
                if isinstance(case.args[1], Draw):
                    found[f"{name}[{number}]"] = (_reflected(function), case)
            elif not writes:
                found[f"{name}[{number}]"] = (function, case)
            elif _writable(base, case):
                found[f"{name}[{number}]"] = (_on_a_copy(function), case)
    return found


def _writable(base: str, case: Case) -> bool:
    """Does the result fit into the first argument?"""
    if not case.args or not isinstance(case.args[0], Draw):
        return False
    call, values = bound(resolve(base), case)
    out = call(*map(tg.tensor, values))
    reshapes = base in ("squeeze", "unsqueeze", "t", "transpose")
    return isinstance(out, tg.Tensor) and (reshapes or out.shape == values[0].shape)


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    """`a + b` by way of b: `b.__radd__(a)`."""

    @functools.wraps(function)
    def call(a: Any, b: Any) -> Any:
        return function(b, a)

    return call


def _on_a_copy(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(x: Any, *args: Any, **options: Any) -> Any:
        y = x.clone()
        function(y, *args, **options)
        return y

    return call
