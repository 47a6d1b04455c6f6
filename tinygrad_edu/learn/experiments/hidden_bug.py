"""Find the bug: an engine with one wrong rule, a student, and an answer key."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...checking.directional import numeric_grad
from ...checking.function_check import gradcheck
from ...checking.report import GradReport
from ...engine.primitive import Primitive
from ...engine.table import find
from ...engine.traced import wrap
from ...engine.watching import Tape
from ...ops.activation import softmax
from ...primitives.elementwise import exp, tanh
from ..planted.mutants import GENERIC, Mutation
from ..planted.op_mutants import op_mutants
from ..planted.planting import planted
from ..planted.selftest import numpy_name
from .result import Experiment

__all__ = ["HiddenBug", "find_the_bug"]

HIDDEN_IN = (np.tanh, np.exp, np.multiply, np.matmul, np.add, np.divide)
# Nothing to be seen in numbers, or nothing left to search for.
TOO_HIDDEN = ("call counter", "writes into g", "NaN", "off by 1e-6", "float32", "transposed shape")
FILE = "network.py"
LISTING = """\
def network(x, W1, b1, W2):
    h = tanh(x @ W1 + b1)
    p = softmax(h @ W2, dim=-1)
    return (p * p * exp(-h.mean())).sum()
"""
NAMES = ("x", "W1", "b1", "W2")


def _compiled() -> Callable[..., Any]:
    """The listing as a function, in a file of its own: reports then show its lines."""
    linecache.cache[FILE] = (len(LISTING), None, LISTING.splitlines(keepends=True), FILE)
    known: dict[str, Any] = {"tanh": tanh.record, "exp": exp.record, "softmax": softmax}
    exec(compile(LISTING, FILE, "exec"), known)
    made: Callable[..., Any] = known["network"]
    return made


network = _compiled()


class HiddenBug(Experiment):
    """A planted mistake: look for it in `data` and the plot, then ask `answer`."""

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
    """Hide one wrong rule in the engine, by a seed: which op, which mistake?

    Parameters
    ----------
    seed : int
        Another seed hides another bug.

    Returns
    -------
    HiddenBug
        `data`: for each input the gradient that backward gives (`analytic`) and the `numeric` one;
        `.answer()` is the key.
    """
    rng = np.random.default_rng(seed)
    inputs = tuple(rng.standard_normal(s) for s in [(5, 4), (4, 3), (3,), (3, 3)])
    while True:
        op = find(HIDDEN_IN[int(rng.integers(len(HIDDEN_IN)))])
        assert op is not None
        position = int(rng.integers(len(op.inputs)))
        choices = [m for m in (*GENERIC, *op_mutants(numpy_name(op))) if m.name not in TOO_HIDDEN]
        mutation = choices[int(rng.integers(len(choices)))]
        with planted(op, position, mutation):
            report = gradcheck(network, *inputs)
            if report.verdict == "FAIL" and {n.kind for n in report.nodes} <= mutation.kinds:
                found = _gradients(inputs)
                if found is not None:
                    break
    data = {
        name: {"analytic": analytic, "numeric": numeric_grad(network, *leaves, wrt=k).value}
        for leaves in (tuple(wrap(x) for x in inputs),)
        for k, (name, analytic) in enumerate(zip(NAMES, found, strict=True))
    }
    bug = HiddenBug(
        "find_the_bug",
        f"One derivative rule of the engine is wrong, and the network above was differentiated "
        f"with it. {_told(report)} Each point of the plot is one element: on the grey line it is "
        f"right, and how the points lie off the line says what kind of mistake it is. Backward "
        f"runs from the loss to the inputs, so the wrong op lies between the loss and everything "
        f"that is off. Which op is it, and what is the mistake? `.answer()` tells; on the command "
        f"line, --answer.",
        data,
        lambda axes: _draw(axes, data),
        panels=len(NAMES),
        size=(12, 3.4),
        listing=LISTING,
    )
    for name, value in (
        ("op", op),
        ("position", position),
        ("mutation", mutation),
        ("inputs", tuple(wrap(x) for x in inputs)),
    ):
        object.__setattr__(bug, name, value)
    return bug


def _gradients(inputs: tuple[Any, ...]) -> list[Any] | None:
    """What backward gives just now; None if it raises."""
    leaves: list[Any] = [wrap(np.array(x)).requires_grad_() for x in inputs]
    with Tape():
        loss = network(*leaves)
    try:
        loss.backward()
    except RuntimeError:
        return None
    return [np.array(leaf.grad._data) for leaf in leaves]


def _told(report: GradReport) -> str:
    wrong = [row.name for row in report.rows if row.status == "FAIL"]
    right = [row.name for row in report.rows if row.status != "FAIL"]
    noun = "The gradient of" if len(wrong) == 1 else "The gradients of"
    verb = "is" if len(wrong) == 1 else "are"
    if not right:
        return f"{noun} {', '.join(wrong)} {verb} all off."
    others = f"that of {right[0]} is" if len(right) == 1 else f"those of {', '.join(right)} are"
    return f"{noun} {', '.join(wrong)} {verb} off, {others} right."


def _draw(axes: Any, data: dict[str, Any]) -> None:
    for ax, name in zip(axes, data, strict=True):
        numeric, analytic = data[name]["numeric"].ravel(), data[name]["analytic"].ravel()
        both = np.concatenate([numeric, analytic])
        ends = float(both.min()), float(both.max())
        ax.plot(ends, ends, color="0.7", linewidth=1, zorder=0)
        right = np.isclose(numeric, analytic, rtol=1e-6, atol=1e-9)
        ax.scatter(numeric[right], analytic[right], color="C0", s=16, label="right")
        ax.scatter(numeric[~right], analytic[~right], color="C3", s=16, label="off")
        ax.set_title(f"{name}: {int((~right).sum())} of {right.size} off", fontsize=10)
        ax.set_xlabel("numeric", fontsize=8)
        ax.tick_params(labelsize=7)
    axes[0].set_ylabel("backward")
