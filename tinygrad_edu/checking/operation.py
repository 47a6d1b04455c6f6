"""The little that a check needs to know of an op: run it forward, run its rule, know its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from .differences import Array

__all__ = [
    "Operation",
    "PlainOperation",
    "Rule",
    "RuleRaised",
    "Sealed",
    "random_cotangent",
    "readonly",
    "sealed",
]

Rule = Callable[[Sequence[Array], Array, Array], Sequence["Array | None"]]


class Operation(Protocol):
    """One op with its keyword parameters bound.

    Attributes
    ----------
    name : str
    complex_ok : bool
        May `forward` be given complex arrays? It is tested before it is believed.
    attributes : mapping
        Keyword parameters (axis, alpha, …); numbers among them help to name a factor.
    input_names : sequence of str
        Names for messages, in order; may be empty.
    """

    @property
    def name(self) -> str: ...
    @property
    def complex_ok(self) -> bool: ...
    @property
    def attributes(self) -> Mapping[str, object]: ...
    @property
    def input_names(self) -> Sequence[str]: ...

    def forward(self, inputs: Sequence[Array]) -> Array:
        """The output for these inputs, with every by-product (an order, a mask) computed anew."""
        ...

    def vjp(
        self, inputs: Sequence[Array], output: Array, cotangent: Array
    ) -> Sequence[Array | None]:
        """`cotangent^T J` for each input; None for an input that has no derivative."""
        ...


@dataclass(frozen=True)
class PlainOperation:
    """An `Operation` made of two plain functions.

    Parameters
    ----------
    name : str
    function : callable
        Takes the inputs one by one.
    rule : callable
        `(inputs, output, cotangent) -> gradients`.
    """

    name: str
    function: Callable[..., Array]
    rule: Rule
    complex_ok: bool = True
    attributes: Mapping[str, object] = field(default_factory=dict)
    input_names: Sequence[str] = ()

    def forward(self, inputs: Sequence[Array]) -> Array:
        return np.asarray(self.function(*inputs))

    def vjp(
        self, inputs: Sequence[Array], output: Array, cotangent: Array
    ) -> Sequence[Array | None]:
        return self.rule(inputs, output, cotangent)

    def with_rule(self, rule: Rule) -> PlainOperation:
        """The same op with another rule."""
        return replace(self, rule=rule)


class RuleRaised(Exception):
    """A function or a rule raised; the message says which and what."""


def sealed(array: Array) -> Array:
    """A read-only copy: whoever writes into it is noticed, and changes nothing."""
    copy = np.array(array)
    copy.flags.writeable = False
    return copy


def readonly(array: Array) -> Array:
    """A read-only view, floats in double precision; the array itself stays as it is."""
    short = array.dtype.kind == "f" and array.dtype != float
    view = (array.astype(float) if short else array).view()
    view.flags.writeable = False
    return view


def random_cotangent(
    shape: tuple[int, ...], rng: np.random.Generator, size: float | None = None
) -> Array:
    """A read-only normal cotangent: ones give softmax a zero gradient and hide writes in place.

    With a `size` it is multiplied by that, and its first element has the sign of that.
    """
    v = np.asarray(rng.standard_normal(shape))
    if size is not None:
        v = np.asarray(size * v)
        if v.flat[0] * size < 0:
            v = np.asarray(-v)
    v.flags.writeable = False
    return v


class Sealed:
    """Calls an op with read-only arrays, counts the calls, and notices writes into arguments.

    Attributes
    ----------
    evaluations, rule_calls : int
    wrote : set of str
        "forward" and "rule", if that one wrote into an argument.
    """

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.evaluations = 0
        self.rule_calls = 0
        self.wrote: set[str] = set()

    def forward(self, inputs: Sequence[Array]) -> Array:
        """The output; arrays in `inputs` must be read-only already or be private to this call.

        Raises
        ------
        RuleRaised
            If the function raises.
        """
        self.evaluations += 1
        try:
            return np.asarray(self.op.forward(inputs))
        except ValueError as problem:
            if "read-only" not in str(problem):
                raise self._raised("the function", problem) from problem
            self.wrote.add("forward")
        except Exception as problem:
            raise self._raised("the function", problem) from problem
        try:
            return np.asarray(self.op.forward([np.array(x) for x in inputs]))
        except Exception as problem:
            raise self._raised("the function", problem) from problem

    def vjp(self, inputs: Sequence[Array], output: Array, cotangent: Array) -> list[Array | None]:
        """The rule's gradients.

        Raises
        ------
        RuleRaised
            If the rule raises, or does not return one gradient per input.
        """
        self.rule_calls += 1
        try:
            found = self._gradients(inputs, output, cotangent)
        except ValueError as problem:
            if "read-only" not in str(problem):
                raise self._raised("its derivative rule", problem) from problem
            self.wrote.add("rule")
            found = None
        except Exception as problem:
            raise self._raised("its derivative rule", problem) from problem
        if found is None:
            try:
                copies = [np.array(x) for x in inputs]
                found = self._gradients(copies, np.array(output), np.array(cotangent))
            except Exception as problem:
                raise self._raised("its derivative rule", problem) from problem
        if len(found) != len(inputs):
            raise RuleRaised(
                f"{self.op.name}: its derivative rule returned {len(found)} gradients for "
                f"{len(inputs)} inputs; return one for each, None where there is none"
            )
        return found

    def _gradients(
        self, inputs: Sequence[Array], output: Array, cotangent: Array
    ) -> list[Array | None]:
        given = self.op.vjp(inputs, output, cotangent)
        return [None if g is None else np.asarray(g) for g in given]

    def _raised(self, who: str, problem: Exception) -> RuleRaised:
        return RuleRaised(f"{self.op.name}: {who} raised {type(problem).__name__}: {problem}")
