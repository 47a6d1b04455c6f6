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
from ...engine.primitive import Primitive
from ...engine.table import with_rule
from ...numerics.sums import sum_to_size
from .mutants import Mutation

__all__ = ["planted"]


@contextmanager
def planted(op: Primitive, position: int, mutation: Mutation) -> Iterator[None]:
    """Let the rule for one input of a (not variadic) primitive be mutated.

    Graphs must be recorded inside the block: only there is kept what a mutated rule may read.
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
                found.append(sum_to_size(c, shape) if op.elementwise and c.shape != shape else c)
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
    with with_rule(op, op.inputs[position], mutated):
        yield
