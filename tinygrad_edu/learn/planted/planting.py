"""Plant a wrong rule in the table of primitives, for as long as a block runs.

The self-test and the "find the bug" experiment need an engine that is wrong in a known way. The
mutated rule acts on the gradient in its input's own shape, after broadcasting was undone.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...checking.differences import Array
from ...checking.operation import Rule
from ...engine.fast import compile_back
from ...engine.primitive import Primitive
from ...engine.sweep import unbroadcast
from .mutants import Mutation

__all__ = ["planted", "planted_rule"]


@contextmanager
def planted_rule(op: Primitive, name: str, rule: Any) -> Iterator[None]:
    """Let `rule` be the derivative of `op` by its input `name`.

    Parameters
    ----------
    rule : callable
        Takes what a declared rule takes: `g` first, then what the primitive knew already how to
        keep, or anything else while a watcher records.
    """
    held = dict(op.rules), dict(op.needs), op.saved_names
    op.rules[name] = rule
    op.needs[name] = tuple(inspect.signature(rule).parameters)[1:]
    wanted = dict.fromkeys(n for names in op.needs.values() for n in names)
    op.saved_names = tuple(n for n in wanted if n != "i")
    try:
        compile_back(op)
        yield
    finally:
        rules, needs, op.saved_names = held
        op.rules.update(rules)
        op.needs.clear()
        op.needs.update(needs)
        compile_back(op)


@contextmanager
def planted(op: Primitive, position: int, mutation: Mutation) -> Iterator[None]:
    """Let the rule for one input of a (not variadic) primitive be mutated.

    Graphs recorded inside the block must be recorded under a watcher, as every check does: only
    then is kept what a mutated rule may read.
    """
    names = [*op.inputs, "y", *op.params]
    names += [f"{x}_{what}" for x in op.inputs for what in ("shape", "dtype")]
    right = {x: (rule, op.needs.get(x, ())) for x, rule in op.rules.items()}

    def original(known: dict[str, Any]) -> Rule:
        def rule(inputs: Sequence[Array], output: Array, g: Array) -> Sequence[Array | None]:
            now = {**known, **dict(zip(op.inputs, inputs, strict=True)), "y": output}
            found: list[Array | None] = []
            for x in op.inputs:
                own, needs = right[x]
                if own is None:
                    found.append(None)
                    continue
                c = np.asarray(own(g, *(now[n] for n in needs)))
                shape = known[f"{x}_shape"]
                found.append(unbroadcast(c, shape) if op.elementwise and c.shape != shape else c)
            return found

        return rule

    # One wrapped rule for the whole block: some mutations count their calls.
    current: dict[str, Any] = {}

    def forwarded(inputs: Sequence[Array], output: Array, g: Array) -> Sequence[Array | None]:
        rule: Rule = current["rule"]
        return rule(inputs, output, g)

    wrong = mutation.wrap(forwarded, position)

    def mutated(g: Any, *values: Any) -> Any:
        known = dict(zip(names, values, strict=True))
        current["rule"] = original(known)
        inputs = [known[x] for x in op.inputs]
        return wrong(inputs, known["y"], np.asarray(g))[position]

    parameters = [inspect.Parameter("g", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    mutated.__dict__["__signature__"] = inspect.Signature(parameters)
    with planted_rule(op, op.inputs[position], mutated):
        yield
