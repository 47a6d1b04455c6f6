"""Sets of numbers: what parameters may be, what can be drawn, what transforms map to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.traced import raw, wrap

__all__ = [
    "Constraint",
    "boolean",
    "cat",
    "corr_cholesky",
    "dependent",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "independent",
    "integer_interval",
    "interval",
    "is_dependent",
    "less_than",
    "lower_cholesky",
    "lower_triangular",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_definite",
    "positive_integer",
    "positive_semidefinite",
    "real",
    "real_vector",
    "simplex",
    "square",
    "stack",
    "symmetric",
    "unit_interval",
]


class Constraint:
    """A set of tensors, told by a condition.

    Parameters
    ----------
    words : str
        What the members are, to follow "expected … to be".
    holds : callable
        From an array to truth values, one for each event.
    event_dim : int
        How many of the last dimensions make one event.
    is_discrete : bool
        Whether the members are countable.
    **bounds
        What the condition is made of (`lower_bound`), as attributes.
    """

    def __init__(
        self,
        words: str,
        holds: Callable[[Any], Any],
        event_dim: int = 0,
        is_discrete: bool = False,
        **bounds: Any,
    ) -> None:
        self.words = words
        self.holds = holds
        self.event_dim = event_dim
        self.is_discrete = is_discrete
        self.__dict__.update(bounds)

    def check(self, value: Any) -> Any:
        """Whether each event is a member: a bool tensor."""
        return wrap(np.asarray(self.holds(raw(value))))

    def __repr__(self) -> str:
        return f"<constraint: {self.words}>"


class Dependent(Constraint):
    """A set that depends on other parameters, and is known of an instance only."""

    def __init__(self, *, is_discrete: bool = False, event_dim: int = 0) -> None:
        def refuse(x: Any) -> Any:
            raise ValueError(
                "Cannot determine validity of dependent constraint: ask an instance for its own"
            )

        super().__init__("decided by the parameters", refuse, event_dim, is_discrete)


dependent = Dependent()


def is_dependent(constraint: Constraint) -> bool:
    """Whether the set depends on other parameters."""
    return isinstance(constraint, Dependent)


def each(**sets: Constraint) -> dict[str, Constraint]:
    """What each parameter may be, by its name."""
    return sets


# Numbers ------------------------------------------------------------------------------------------

real = Constraint("numbers, not NaN", lambda x: x == x)
positive = Constraint("greater than 0", lambda x: x > 0, lower_bound=0.0)
nonnegative = Constraint("at least 0", lambda x: x >= 0, lower_bound=0.0)
unit_interval = Constraint(
    "within 0 and 1", lambda x: (x >= 0) & (x <= 1), lower_bound=0.0, upper_bound=1.0
)
boolean = Constraint("0 or 1", lambda x: (x == 0) | (x == 1), is_discrete=True)
nonnegative_integer = Constraint(
    "whole numbers from 0 on", lambda x: (x >= 0) & (x == np.floor(x)), is_discrete=True
)
positive_integer = Constraint(
    "whole numbers from 1 on", lambda x: (x >= 1) & (x == np.floor(x)), is_discrete=True
)


def greater_than(lower_bound: Any) -> Constraint:
    """Numbers above a bound."""
    low = raw(lower_bound)
    return Constraint(f"greater than {low}", lambda x: x > low, lower_bound=lower_bound)


def greater_than_eq(lower_bound: Any) -> Constraint:
    """Numbers at a bound or above it."""
    low = raw(lower_bound)
    return Constraint(f"at least {low}", lambda x: x >= low, lower_bound=lower_bound)


def less_than(upper_bound: Any) -> Constraint:
    """Numbers below a bound."""
    high = raw(upper_bound)
    return Constraint(f"less than {high}", lambda x: x < high, upper_bound=upper_bound)


def interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers between two bounds, both included."""
    low, high = raw(lower_bound), raw(upper_bound)
    return Constraint(
        f"within {low} and {high}",
        lambda x: (x >= low) & (x <= high),
        lower_bound=lower_bound,
        upper_bound=upper_bound,
    )


def half_open_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers between two bounds, the lower one included."""
    low, high = raw(lower_bound), raw(upper_bound)
    return Constraint(
        f"at least {low} and less than {high}",
        lambda x: (x >= low) & (x < high),
        lower_bound=lower_bound,
        upper_bound=upper_bound,
    )


def integer_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Whole numbers between two bounds, both included."""
    low, high = raw(lower_bound), raw(upper_bound)
    return Constraint(
        f"whole numbers from {low} to {high}",
        lambda x: (x >= low) & (x <= high) & (x == np.floor(x)),
        is_discrete=True,
        lower_bound=lower_bound,
        upper_bound=upper_bound,
    )


# Vectors and matrices -----------------------------------------------------------------------------


def independent(base_constraint: Constraint, reinterpreted_batch_ndims: int) -> Constraint:
    """Tensors all of whose entries are members of another set."""
    n = reinterpreted_batch_ndims

    def holds(x: Any) -> Any:
        each = np.asarray(base_constraint.holds(x))
        return each.all(axis=tuple(range(-n, 0))) if n else each

    return Constraint(
        base_constraint.words,
        holds,
        base_constraint.event_dim + n,
        base_constraint.is_discrete,
        base_constraint=base_constraint,
        reinterpreted_batch_ndims=n,
    )


def multinomial(upper_bound: Any) -> Constraint:
    """Counts that add up to at most a bound."""
    most = raw(upper_bound)
    return Constraint(
        f"counts that add up to at most {most}",
        lambda x: (x >= 0).all(-1) & (x.sum(-1) <= most),
        1,
        is_discrete=True,
        upper_bound=upper_bound,
    )


real_vector = independent(real, 1)
simplex = Constraint(
    "shares that add up to 1",
    lambda x: (x >= 0).all(-1) & (np.abs(x.sum(-1) - 1) < 1e-6),
    1,
)
one_hot = Constraint(
    "rows with one 1",
    lambda x: ((x == 0) | (x == 1)).all(-1) & (x.sum(-1) == 1),
    1,
    is_discrete=True,
)
square = Constraint(
    "square matrices", lambda x: np.full(x.shape[:-2], x.shape[-2] == x.shape[-1]), 2
)
symmetric = Constraint(
    "symmetric matrices",
    lambda x: np.isclose(x, np.swapaxes(x, -2, -1), atol=1e-6).all((-2, -1)),
    2,
)
lower_triangular = Constraint(
    "lower triangular matrices", lambda x: (np.tril(x) == x).all((-2, -1)), 2
)
lower_cholesky = Constraint(
    "lower triangular matrices with a positive diagonal",
    lambda x: (np.tril(x) == x).all((-2, -1)) & (np.diagonal(x, axis1=-2, axis2=-1) > 0).all(-1),
    2,
)
corr_cholesky = Constraint(
    "Cholesky factors of correlation matrices",
    lambda x: (
        (np.tril(x) == x).all((-2, -1))
        & (np.diagonal(x, axis1=-2, axis2=-1) > 0).all(-1)
        & (np.abs((x**2).sum(-1) - 1) < np.finfo(x.dtype).eps * x.shape[-1] * 10).all(-1)
    ),
    2,
)
positive_semidefinite = Constraint(
    "positive semidefinite matrices",
    lambda x: symmetric.holds(x) & (np.linalg.eigvalsh(x) >= 0).all(-1),
    2,
)
positive_definite = Constraint(
    "positive definite matrices",
    lambda x: symmetric.holds(x) & (np.linalg.eigvalsh(x) > 0).all(-1),
    2,
)


def parts_of(parts: list[Constraint], dim: int, cut: Callable[[Any, int], list[Any]]) -> Constraint:
    """Tensors each of whose parts along a dimension belongs to a set of its own."""

    def holds(x: Any) -> Any:
        found = [p.holds(x_) for p, x_ in zip(parts, cut(x, dim), strict=True)]
        return np.concatenate(found, dim)

    return Constraint(
        "parts each of its own kind",
        holds,
        max(p.event_dim for p in parts),
        any(p.is_discrete for p in parts),
        cseq=parts,
        dim=dim,
    )


def cat(cseq: list[Constraint], dim: int = 0, lengths: list[int] | None = None) -> Constraint:
    """Tensors put together of parts along a dimension, of `lengths` (1 each)."""
    ends = np.cumsum(lengths or [1] * len(cseq))[:-1]
    return parts_of(cseq, dim, lambda x, d: np.split(x, ends, d))


def stack(cseq: list[Constraint], dim: int = 0) -> Constraint:
    """Tensors stacked of parts along a new dimension."""
    return parts_of(cseq, dim, lambda x, d: np.split(x, len(cseq), d))
