"""The table of primitives: what is declared, found and taken back.

Declaring an op publishes it: NumPy's function, the package's and the method of Tensor record from
then on. Here an op also gets what runs it, `record` and `push`: generated code (`fast`), or, with
`TINYGRAD_EDU_READABLE=1` in the environment, the readable code of `record` and `primitive`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from . import fast
from .primitive import Primitive, Rule
from .record import operator_form, recorder

__all__ = ["READABLE", "TABLE", "built_in", "declare", "find", "on_declared", "named", "operator"]
__all__ += ["primitives", "taken_back", "with_rule"]

READABLE = os.environ.get("TINYGRAD_EDU_READABLE", "0") != "0"

TABLE: dict[Any, Primitive] = {}
_NAMED: dict[str, Primitive] = {}
_FOLLOWERS: list[tuple[Callable[[Primitive], None], Callable[[Primitive], None]]] = []


def declare(op: Primitive, also: Sequence[Any] = ()) -> Primitive:
    """Enter a primitive under its forward function, and under the callables in `also`.

    Raises
    ------
    ValueError
        If one of them is declared already.
    """
    keys = [op.key, *also]
    for key in keys:
        if key in TABLE:
            raise ValueError(f"{op.name} is declared already; an op has one declaration.")
    if READABLE:
        op.record = recorder(op)
    else:
        op.record = fast.recorder(op)
        op.push = fast.pusher(op)  # type: ignore[method-assign]
    for key in keys:
        TABLE[key] = op
    _NAMED.setdefault(op.name, op)
    for declared, _ in _FOLLOWERS:
        declared(op)
    return op


def operator(op: Primitive, name: str, *, swap: bool = False) -> Callable[..., Any]:
    """The primitive as one of Python's operators: `__add__`, or `__radd__` with `swap`."""
    made = operator_form if READABLE else fast.operator_form
    return made(op, name, swap=swap)


def find(key: Any) -> Primitive | None:
    """The primitive declared for a callable, or None."""
    try:
        return TABLE.get(key)
    except TypeError:  # not hashable
        return None


def named(name: str) -> Primitive | None:
    """The primitive that a user declared under a name, or None."""
    return _NAMED.get(name)


def primitives() -> Iterator[Primitive]:
    """Every primitive once, in the order of declaration."""
    return iter(dict.fromkeys(TABLE.values()))


def built_in() -> None:
    """Say that the ops declared so far are the package's own: `ops` has PyTorch's forms of them.

    Those declared from here on are the user's, found by name as functions and methods.
    """
    for op in primitives():
        op.keeps_dtype = True
    _NAMED.clear()


def on_declared(
    declared: Callable[[Primitive], None], withdrawn: Callable[[Primitive], None]
) -> None:
    """Have functions called with each op that a user declares, and with each taken back."""
    for op in _NAMED.values():
        declared(op)
    _FOLLOWERS.append((declared, withdrawn))


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back, at the end of the block, every declaration made in it."""
    before, names = dict(TABLE), dict(_NAMED)
    try:
        yield
    finally:
        for op in [op for op in primitives() if op not in before.values()]:
            for _, withdrawn in _FOLLOWERS:
                withdrawn(op)
        TABLE.clear()
        _NAMED.clear()
        TABLE.update(before)
        _NAMED.update(names)


@contextmanager
def with_rule(op: Primitive, x: str, rule: Rule) -> Iterator[None]:
    """In the block, differentiate `op` by its input `x` with another rule (a wrong one, say)."""
    right = op.rules[x]

    def put(chosen: Rule | None) -> None:
        op.rules[x] = chosen
        op.declare_needs()
        if not READABLE:
            fast.forget(op)

    put(rule)
    try:
        yield
    finally:
        put(right)
