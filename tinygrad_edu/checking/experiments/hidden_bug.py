"""Find the bug: an engine with one wrong rule, a student, and an answer key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...ops.activation import softmax
from ...primitives.elementwise import exp, tanh
from ...primitives.registry import Primitive, find
from ...traced import wrap
from ..function_check import gradcheck
from ..mutants import GENERIC, Mutation
from ..op_mutants import op_mutants
from ..planting import planted
from ..report import GradReport
from ..selftest import numpy_name
from .result import Experiment

__all__ = ["HiddenBug", "find_the_bug"]

HIDDEN_IN = (np.tanh, np.exp, np.multiply, np.matmul, np.add, np.divide)


def network(x: Any, W1: Any, b1: Any, W2: Any) -> Any:
    """The network that the bug is hidden in."""
    h = tanh.record(x @ W1 + b1)
    p = softmax(h @ W2, dim=-1)
    return (p * p * exp.record(-h.mean())).sum()


class HiddenBug(Experiment):
    """A planted mistake: look for it with `gradients` and `differences`, then ask `answer`."""

    op: Primitive
    position: int
    mutation: Mutation
    inputs: tuple[Any, ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The engine with the bug, for as long as the block runs (record under a watcher)."""
        with planted(self.op, self.position, self.mutation):
            yield

    def check(self) -> GradReport:
        """The report on the network with the bug."""
        with self.planted():
            return gradcheck(network, *self.inputs)

    def answer(self) -> str:
        """The answer key."""
        return (
            f"{self.op.name}, input {self.op.inputs[self.position]}: {self.mutation.name}\n\n"
            + (self.check().explain())
        )


def find_the_bug(seed: int = 0) -> HiddenBug:
    """Hide one wrong rule in the engine, by a seed.

    Parameters
    ----------
    seed : int
        Another seed hides another bug.

    Returns
    -------
    HiddenBug
        `data`: for each input its wrong `gradient` and the `numeric` one; `.answer()` is the key.
    """
    rng = np.random.default_rng(seed)
    inputs = tuple(rng.standard_normal(s) for s in [(5, 4), (4, 3), (3,), (3, 3)])
    while True:
        op = find(HIDDEN_IN[int(rng.integers(len(HIDDEN_IN)))])
        assert op is not None
        position = int(rng.integers(len(op.inputs)))
        choices = [
            m
            for m in (*GENERIC, *op_mutants(numpy_name(op)))
            if m.name not in ("call counter", "writes into g", "NaN", "off by 1e-6", "float32")
        ]
        mutation = choices[int(rng.integers(len(choices)))]
        with planted(op, position, mutation):
            report = gradcheck(network, *inputs)
        if report.verdict == "FAIL" and {n.kind for n in report.nodes} <= mutation.kinds:
            break
    data = {row.name: {"analytic": row.analytic, "numeric": row.numeric} for row in report.rows}
    wrong = [row.name for row in report.rows if row.status == "FAIL"]

    def draw(ax: Any) -> None:
        names = list(data)
        place = np.arange(len(names))
        ax.bar(place - 0.2, [data[n]["analytic"] for n in names], 0.4, label="backward")
        ax.bar(place + 0.2, [data[n]["numeric"] for n in names], 0.4, label="numeric")
        ax.set_xticks(place, names)
        ax.set_ylabel("derivative at one element or along one direction")
        ax.legend()

    bug = HiddenBug(
        "find_the_bug",
        "One derivative rule of the engine is wrong. The gradients of "
        f"{', '.join(wrong)} are off, those of the others are right: backward runs from "
        f"the loss to "
        "the inputs, so the wrong op lies above all that are off and below all that are right. "
        "Which op is it, and what is the mistake? `.answer()` tells.",
        data,
        draw,
    )
    for name, value in (
        ("op", op),
        ("position", position),
        ("mutation", mutation),
        ("inputs", tuple(wrap(x) for x in inputs)),
    ):
        object.__setattr__(bug, name, value)
    return bug
