"""Declaring a primitive: `primitive(np.tanh, x=lambda g, y: g * (1 - y * y), samples=[…])`.

The keyword is the input differentiated, its value the rule; see `engine.primitive` for what a rule
may name. `samples` are example inputs, from which the tests of every op are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine.primitive import ELEMENTWISE, Primitive, Rule
from ..engine.table import declare
from .explain import explain

__all__ = ["Domain", "Sample", "primitive", "sample"]


def primitive(
    forward: Callable[..., Any],
    *,
    samples: Sequence[Sample],
    name: str | None = None,
    label: str | None = None,
    family: str = ELEMENTWISE,
    params: Mapping[str, Any] | None = None,
    variadic: bool = False,
    complex_ok: bool = False,
    kinks: str = "",
    floating: bool = False,
    fit: Callable[[Primitive, list[Any]], None] | None = None,
    also: Sequence[Any] = (),
    **rules: Rule | None,
) -> Primitive:
    """Declare a primitive, keyed by its forward function (and by the callables in `also`).

    Parameters
    ----------
    forward : callable
        On arrays: NumPy's function, or one of your own marked `overridable`.
    samples : sequence of Sample
        Inputs to test it on.
    name, label : str, optional
        The name in errors and code, by default forward's own; the sign in pictures.
    family : str
        elementwise (operands are broadcast), reduction, shape, index or linalg.
    params : mapping, optional
        Keyword parameters with their defaults.
    variadic : bool
        Whether the one input is a sequence of arrays.
    complex_ok : bool
        Whether forward is analytic and takes complex numbers.
    kinks : str
        Where it is not differentiable, in words.
    floating : bool
        Whether integers become floats first.
    fit : callable, optional
        How operands are made to fit each other, where that is not the usual.
    also : sequence of callables
        Other functions that mean the same op.
    **rules : callable or None
        For each input, in order, what its gradient is; None if it has none.

    Raises
    ------
    TypeError
        If a rule asks for something that the op does not have.
    ValueError
        If there are no samples, or the op is declared already.
    """
    if not samples:
        raise ValueError(
            f"primitive {name or forward.__name__} was given no samples. Tests are generated from "
            f"them, so every primitive needs at least one: samples=[sample((2, 3))]."
        )
    op = Primitive(
        forward,
        rules,
        samples=samples,
        name=name,
        label=label,
        family=family,
        params=params,
        variadic=variadic,
        complex_ok=complex_ok,
        kinks=kinks,
        floating=floating,
        explain=explain,
        fit=fit,
    )
    return declare(op, also)


@dataclass(frozen=True)
class Sample:
    """Example inputs of a primitive, from which its tests are made.

    Attributes
    ----------
    inputs : tuple
        Each a shape and a domain (see `sample`), or an array taken as it is.
    params : mapping
        Keyword parameters of the call.
    kink : bool
        Whether the point is a kink or a tie, where only the first derivative is pinned.
    fixed : tuple of int
        Positions of inputs not to differentiate by: (−2)³ has a slope in −2 and none in 3.
    """

    inputs: tuple[Any, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    kink: bool = False
    fixed: tuple[int, ...] = ()

    def arrays(self, rng: np.random.Generator, dtype: Any = np.float64) -> tuple[Any, ...]:
        """The inputs as arrays drawn from `rng`; given arrays of floats are cast to `dtype`."""
        return tuple(_draw(x, rng, dtype) for x in self.inputs)


@dataclass(frozen=True)
class Domain:
    """Where a sample's entries lie: uniform in (low, high), kept `gap` away from each integer."""

    shape: tuple[int, ...]
    low: float = -2.0
    high: float = 2.0
    gap: float = 0.0


def _draw(x: Any, rng: np.random.Generator, dtype: Any) -> Any:
    if isinstance(x, Domain):
        values = rng.uniform(x.low, x.high, x.shape)
        if x.gap:
            whole = np.floor(values)
            values = whole + x.gap + (values - whole) * (1 - 2 * x.gap)
        return np.asarray(values, dtype)
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x.astype(dtype)
    return x


def sample(*inputs: Any, kink: bool = False, fixed: tuple[int, ...] = (), **params: Any) -> Sample:
    """A `Sample`; a bare shape stands for numbers between −2 and 2."""
    made = tuple(Domain(x) if isinstance(x, tuple) and _is_shape(x) else x for x in inputs)
    return Sample(made, params, kink, fixed)


def _is_shape(x: tuple[Any, ...]) -> bool:
    return all(type(n) is int for n in x)
