"""Sample arguments for the checks of everything: what a case is, and how it becomes a function.

A `Draw` among the arguments, however deep in tuples, lists or options, is an input to differentiate
by; everything else is handed on as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import tinygrad_edu as tg


@dataclass(frozen=True)
class Draw:
    """A float64 array that is drawn for each check."""

    shape: tuple[int, ...]
    make: Callable[[np.random.Generator, tuple[int, ...]], Any]


@dataclass(frozen=True)
class Case:
    """Arguments of one call.

    Attributes
    ----------
    args, options
        Positional and keyword arguments; each `Draw` in them is differentiated by.
    via : callable, optional
        `via(function, *args)` instead of `function(*args)`, where the arguments must satisfy
        something (a positive definite matrix).
    order : int
        1 where the gradient is constant by pieces in a way that depends on its own inputs.
    """

    args: tuple[Any, ...]
    options: dict[str, Any]
    via: Callable[..., Any] | None = None
    order: int = 2


def C(*args: Any, **options: Any) -> Case:
    """A case in one word."""
    return Case(args, options)


def via(how: Callable[..., Any], *args: Any) -> Case:
    """A case whose arguments go through `how(function, *args)`."""
    return Case(args, {}, how)


# Draws --------------------------------------------------------------------------------------------


def n(*shape: int) -> Draw:
    """Standard normal numbers."""
    return Draw(shape, lambda rng, s: rng.standard_normal(s))


def u(low: float, high: float, *shape: int) -> Draw:
    """Uniform numbers between two bounds."""
    return Draw(shape, lambda rng, s: rng.uniform(low, high, s))


def p(*shape: int) -> Draw:
    """Positive numbers of size 1."""
    return u(0.5, 2.0, *shape)


def d(*shape: int) -> Draw:
    """Distinct numbers of both signs, none near another, near 0, or near a half."""

    def make(rng: np.random.Generator, s: tuple[int, ...]) -> Any:
        size = int(np.prod(s))
        return rng.permutation(0.27 * (np.arange(size) - size // 2) + 0.11).reshape(s)

    return Draw(shape, make)


def whole(high: int, *shape: int) -> Any:
    """Whole numbers below `high`, the same in every check."""
    return tg.tensor(np.random.default_rng(high).integers(0, high, shape))


def truths(*shape: int) -> Any:
    """Truth values, some of each, the same in every check."""
    return tg.tensor(np.arange(int(np.prod(shape))).reshape(shape) % 3 != 1)


def signs(*shape: int) -> Any:
    """Labels −1.0 and 1.0."""
    return tg.tensor(np.where(np.arange(int(np.prod(shape))).reshape(shape) % 3 == 1, -1.0, 1.0))


# From a case to a function of arrays --------------------------------------------------------------


def draws(tree: Any) -> Iterator[Draw]:
    """Every draw in nested arguments, from left to right."""
    if isinstance(tree, Draw):
        yield tree
    elif isinstance(tree, dict):
        for part in tree.values():
            yield from draws(part)
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from draws(part)


def filled(tree: Any, values: Iterator[Any]) -> Any:
    """The arguments with each draw replaced by the next value."""
    if isinstance(tree, Draw):
        return next(values)
    if isinstance(tree, dict):
        return {key: filled(part, values) for key, part in tree.items()}
    if type(tree) in (tuple, list):
        return type(tree)(filled(part, values) for part in tree)
    return tree


def bound(function: Callable[..., Any], case: Case) -> tuple[Callable[..., Any], list[Any]]:
    """The case as a function of its draws alone, and values for them."""
    rng = np.random.default_rng(20)
    given = [x.make(rng, x.shape) for x in draws((case.args, case.options))]

    def call(*values: Any) -> Any:
        args, options = filled((case.args, case.options), iter(values))
        if case.via is not None:
            return case.via(function, *args, **options)
        return function(*args, **options)

    call.__name__ = getattr(function, "__name__", "function")
    return call, [np.asarray(x, dtype=float) for x in given]
