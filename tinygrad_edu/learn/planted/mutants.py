"""Wrong derivative rules, made from right ones: what a checker must find, and must name.

A `Mutation` turns a rule `(inputs, output, cotangent) -> gradients` into a wrong one for the input
at `position`. It says which kinds of `diagnosis.KINDS` describe it. Mutations that change nothing
at a given point (a factor on a gradient that is 0) are *equivalent* there, and `differs` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...checking.differences import Array
from ...checking.operation import PlainOperation, Rule

__all__ = ["GENERIC", "Applies", "Mutation", "differs", "mutant_of", "replaced"]

Change = Callable[[Array, Sequence[Array], Array, Array], Array]
Wrong = Callable[[Rule, int, Sequence[Array], Array, Array], Array | None]
Applies = Callable[[Sequence[Array], Array, int], bool]


@dataclass(frozen=True)
class Mutation:
    """One way to get a rule wrong.

    Attributes
    ----------
    name : str
        What is done, like "wrong sign".
    kinds : frozenset of str
        Kinds of `diagnosis.KINDS` that name it rightly.
    wrap : callable
        `(rule, position) -> rule`.
    applies : callable
        `(inputs, output, position) -> bool`.
    """

    name: str
    kinds: frozenset[str]
    wrap: Callable[[Rule, int], Rule]
    applies: Applies


def _always(inputs: Sequence[Array], output: Array, position: int) -> bool:
    return True


def replaced(wrong: Wrong) -> Callable[[Rule, int], Rule]:
    """A rule whose gradient for one input is what `wrong` gives; the others stay right."""

    def wrap(rule: Rule, position: int) -> Rule:
        def mutated(inputs: Sequence[Array], output: Array, g: Array) -> Sequence[Array | None]:
            found = list(rule(inputs, output, g))
            found[position] = wrong(rule, position, inputs, output, g)
            return found

        return mutated

    return wrap


def _of_gradient(
    name: str, kinds: Sequence[str], change: Change, applies: Applies = _always
) -> Mutation:
    """A mutation `change(gradient, inputs, output, cotangent)` of the finished gradient."""

    def wrong(
        rule: Rule, position: int, inputs: Sequence[Array], output: Array, g: Array
    ) -> Array | None:
        right = rule(inputs, output, g)[position]
        if right is None:
            return None
        # The changed input comes first, whichever position it has.
        ordered = [inputs[position], *(x for k, x in enumerate(inputs) if k != position)]
        return np.asarray(change(np.asarray(right), ordered, output, g))

    return Mutation(name, frozenset(kinds), replaced(wrong), applies)


def _of_cotangent(
    name: str, kinds: Sequence[str], change: Callable[[Array], Array], applies: Applies = _always
) -> Mutation:
    """A mutation of the cotangent before the rule sees it."""
    wrap = replaced(lambda rule, j, inputs, output, g: rule(inputs, output, change(g))[j])
    return Mutation(name, frozenset(kinds), wrap, applies)


def _square_last(inputs: Sequence[Array], output: Array, position: int) -> bool:
    x = inputs[position]
    return x.ndim >= 2 and x.shape[-1] == x.shape[-2] and x.shape[-1] > 1


def _matrix(inputs: Sequence[Array], output: Array, position: int) -> bool:
    x = inputs[position]
    return x.ndim == 2 and x.shape[0] != x.shape[1] and min(x.shape) > 1


def _has_axis(inputs: Sequence[Array], output: Array, position: int) -> bool:
    x = inputs[position]
    return x.ndim >= 1 and x.shape[-1] > 2


def _many(inputs: Sequence[Array], output: Array, position: int) -> bool:
    return inputs[position].size >= 8


def _batched(inputs: Sequence[Array], output: Array, position: int) -> bool:
    return output.ndim >= 1 and output.shape[0] > 1


def _same_shapes(inputs: Sequence[Array], output: Array, position: int) -> bool:
    return len(inputs) == 2 and inputs[0].shape == inputs[1].shape


def _output_like_input(inputs: Sequence[Array], output: Array, position: int) -> bool:
    return output.shape == inputs[position].shape


def _broadcast(inputs: Sequence[Array], output: Array, position: int) -> bool:
    return inputs[position].ndim == 1 < output.ndim and inputs[position].shape == output.shape[1:]


def _both_signs(inputs: Sequence[Array], output: Array, position: int) -> bool:
    x = inputs[position]
    return bool(np.count_nonzero(x < 0) >= 2 and np.count_nonzero(x > 0) >= 2)


def _diagonal(rule: Rule, position: int, inputs: Sequence[Array], output: Array, g: Array) -> Array:
    """The gradient by the diagonal of the Jacobian alone, read off by one-hot cotangents."""
    kept = np.zeros(g.size)
    for k in range(g.size):
        one = np.zeros(g.size)
        one[k] = 1.0
        row = rule(inputs, output, one.reshape(g.shape))[position]
        if row is not None:
            kept[k] = row.ravel()[k] * g.ravel()[k]
    return kept.reshape(g.shape)


def _counter(rule: Rule, position: int) -> Rule:
    calls = 0

    def mutated(inputs: Sequence[Array], output: Array, g: Array) -> Sequence[Array | None]:
        nonlocal calls
        calls += 1
        found = list(rule(inputs, output, g))
        right = found[position]
        found[position] = None if right is None else right * (1 + 0.01 * calls)
        return found

    return mutated


def _writer(rule: Rule, position: int) -> Rule:
    def mutated(inputs: Sequence[Array], output: Array, g: Array) -> Sequence[Array | None]:
        g *= 1.5
        return rule(inputs, output, g)

    return mutated


def _unsummed(
    rule: Rule, position: int, inputs: Sequence[Array], output: Array, g: Array
) -> Array | None:
    """The cotangent-shaped gradient of a broadcast operand before it is summed back."""
    rows = []
    for k in range(g.shape[0]):
        kept = np.zeros_like(g)
        kept[k] = g[k]
        rows.append(rule(inputs, output, kept)[position])
    if any(row is None for row in rows):
        return rule(inputs, output, g)[position]
    return np.stack([np.asarray(row) for row in rows])


def _one_element(g: Array) -> Array:
    wrong = np.array(g)
    wrong.flat[wrong.size // 3] *= 1.5
    return wrong


def _not_a_number(g: Array) -> Array:
    wrong = np.array(g)
    wrong.flat[wrong.size // 2] = np.nan
    return wrong


def _first_only(v: Array) -> Array:
    kept = np.zeros_like(v)
    kept[0] = v[0]
    return kept


def _tied(inputs: Sequence[Array], output: Array, position: int) -> bool:
    return inputs[position].size > 1


GENERIC: tuple[Mutation, ...] = (
    _of_gradient("wrong sign", ["wrong sign"], lambda g, x, y, v: -g),
    _of_gradient("twice", ["factor"], lambda g, x, y, v: 2 * g),
    _of_gradient("half", ["factor"], lambda g, x, y, v: 0.5 * g),
    _of_gradient("off by 1e-6", ["factor"], lambda g, x, y, v: g * (1 + 1e-6)),
    _of_gradient("off by 5e-4", ["factor"], lambda g, x, y, v: g * (1 + 5e-4)),
    _of_gradient("times size", ["factor"], lambda g, x, y, v: g * g.size, _tied),
    _of_gradient("divided by size", ["factor"], lambda g, x, y, v: g / g.size, _tied),
    _of_gradient("zero", ["zero gradient"], lambda g, x, y, v: 0 * g),
    _of_gradient("constant added", ["added constant"], lambda g, x, y, v: g + 0.1),
    _of_gradient("transposed", ["transposed"], lambda g, x, y, v: g.swapaxes(-1, -2), _square_last),
    _of_gradient("transposed shape", ["transposed"], lambda g, x, y, v: g.T, _matrix),
    _of_gradient(
        "shifted", ["shifted by one"], lambda g, x, y, v: np.roll(g, 1, axis=-1), _has_axis
    ),
    _of_gradient("reversed", ["reversed"], lambda g, x, y, v: np.flip(g, axis=-1), _has_axis),
    _of_gradient(
        "zero where x < 0",
        ["wrong region", "few elements"],
        lambda g, x, y, v: np.where(x[0] < 0, 0, g),
        _both_signs,
    ),
    _of_gradient(
        "doubled where x > 0",
        ["wrong region"],
        lambda g, x, y, v: np.where(x[0] > 0, 2 * g, g),
        _both_signs,
    ),
    _of_gradient("times x", ["extra factor"], lambda g, x, y, v: g * x[0]),
    _of_gradient("over x", ["extra factor"], lambda g, x, y, v: g / x[0]),
    _of_gradient("times y", ["extra factor"], lambda g, x, y, v: g * y, _output_like_input),
    _of_gradient("one element", ["few elements"], lambda g, x, y, v: _one_element(g), _many),
    _of_gradient("NaN", ["not finite"], lambda g, x, y, v: _not_a_number(g)),
    _of_gradient(
        "float32", ["rounded"], lambda g, x, y, v: g.astype(np.float32).astype(float), _many
    ),
    _of_gradient(
        "one axis too many",
        ["summed over too many axes"],
        lambda g, x, y, v: g.sum(axis=-1, keepdims=True) + 0 * g,
        _has_axis,
    ),
    _of_cotangent("ignores g", ["ignores the cotangent"], lambda v: np.ones_like(v)),
    _of_cotangent("abs of g", ["not linear in the cotangent"], np.abs),
    _of_cotangent("g squared", ["not linear in the cotangent"], lambda v: v * v),
    _of_cotangent("first slice of g", ["one slice only"], _first_only, _batched),
    _of_cotangent(
        "last slice of g missing",
        ["one slice missing"],
        lambda v: np.concatenate([v[:-1], np.zeros_like(v[-1:])]),
        lambda x, y, j: y.ndim >= 1 and y.shape[0] > 2,
    ),
    Mutation(
        "swapped",
        frozenset({"swapped inputs", "wrong sign"}),
        replaced(lambda rule, j, inputs, output, g: rule(inputs, output, g)[1 - j]),
        _same_shapes,
    ),
    Mutation(
        "diagonal only", frozenset({"coupling ignored"}), replaced(_diagonal), _output_like_input
    ),
    Mutation("unsummed", frozenset({"missing broadcast sum"}), replaced(_unsummed), _broadcast),
    Mutation("call counter", frozenset({"not repeatable"}), _counter, _always),
    Mutation("writes into g", frozenset({"writes into its arguments"}), _writer, _always),
)


def differs(
    right: Rule,
    wrong: Callable[[], Rule],
    inputs: Sequence[Array],
    output: Array,
    position: int,
    rng: np.random.Generator,
    relative: float = 1e-9,
) -> bool:
    """Does the mutant change the gradient at this point at all?

    `wrong` makes a fresh mutant, since some count their calls. A mutant that writes into its
    arguments or gives other gradients each time counts as different.
    """
    for _ in range(2):
        v = rng.standard_normal(output.shape)
        given = np.array(v)
        with np.errstate(all="ignore"):
            expected = right(inputs, output, np.array(v))[position]
            mutant = wrong()
            found = mutant(inputs, output, given)[position]
        if not np.array_equal(given, v):
            return True
        if expected is None or found is None:
            return expected is not found
        if expected.shape != found.shape:
            return True
        size = float(np.max(np.abs(expected), initial=0.0))
        if not bool(np.all(np.abs(found - expected) <= relative * size)):
            return True
    return False


def mutant_of(op: PlainOperation, mutation: Mutation, position: int) -> PlainOperation:
    """The op with a mutated rule."""
    return op.with_rule(mutation.wrap(op.rule, position))
