"""The checker checked: wrong rules are planted in the table of primitives, and it must find them.

A checker that passes everything looks like one that works. So every kind of mistake is planted in
many ops, one at a time, and each must be found, named, and be gone when its rule is right again.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...checking.differences import Array
from ...checking.graph_operation import NodeOperation, run_primitive
from ...checking.op_check import check_sample, live_inputs
from ...checking.operation import Rule
from ...checking.report import GradReport
from ...engine.node import Leaf, Node
from ...engine.primitive import Primitive
from ...engine.table import primitives
from ...primitives.declaring import Sample
from .mutants import GENERIC, Mutation, differs
from .op_mutants import op_mutants
from .planting import planted

__all__ = ["Planted", "SelfTest", "numpy_name", "plantable", "selftest"]


@dataclass(frozen=True)
class Planted:
    """One planted mistake and what the checker said.

    Attributes
    ----------
    op, mutation : str
    found, named, kind_right : bool
        Not passed; this op accused and no other; called by a kind that describes it.
    said : str
        The kind it was called by.
    """

    op: str
    mutation: str
    found: bool
    named: bool
    kind_right: bool
    said: str


@dataclass
class SelfTest:
    """What became of every planted mistake. True exactly if all were found and named.

    Attributes
    ----------
    planted : list of Planted
    accused : list of str
        Right ops that were called wrong.
    seconds : float
    """

    planted: list[Planted] = field(default_factory=list)
    accused: list[str] = field(default_factory=list)
    seconds: float = field(default=0.0, compare=False)

    @property
    def missed(self) -> list[Planted]:
        """Mistakes that passed, or were blamed on another op."""
        return [p for p in self.planted if not (p.found and p.named)]

    def __bool__(self) -> bool:
        return bool(self.planted) and not self.missed and not self.accused

    def __repr__(self) -> str:
        total = len(self.planted)
        kinds = sum(p.kind_right for p in self.planted)
        lines = [
            f"SelfTest: {total - len(self.missed)} of {total} planted mistakes found and named, "
            f"{kinds} by their kind; {len(self.accused)} right ops accused"
        ]
        lines += [f"  missed: {p.op}, {p.mutation}" for p in self.missed[:10]]
        return "\n".join(lines)


def numpy_name(op: Primitive) -> str:
    """NumPy's name for an op, under which the mistakes people make in it are listed."""
    aliases = {"mul": "multiply", "div": "divide", "sub": "subtract", "pow": "power"}
    return aliases.get(op.name, op.name)


def plantable(op: Primitive) -> bool:
    """Whether a wrong rule can be planted: not where one rule serves many inputs."""
    return op.differentiable and not op.variadic


def reachable(
    op: Primitive, mutation: Mutation, arrays: tuple[Any, ...], params: Any, position: int
) -> bool:
    """Does the mutation change the gradient at these inputs at all?

    Of an elementwise op, the sum that undoes a broadcast is the engine's work: there is nothing to
    forget.
    """
    if op.elementwise and mutation.name == "unsummed":
        return False
    floats = [np.asarray(x) for x in arrays]
    output = np.asarray(run_primitive(op, arrays, {**op.params, **params}))
    if output.dtype.kind != "f" or not np.isfinite(output).all():
        return False
    if not mutation.applies(floats, output, position):
        return False
    right = _rule(op, arrays, params)
    try:
        return differs(
            right,
            lambda: mutation.wrap(right, position),
            floats,
            output,
            position,
            np.random.default_rng(0),
        )
    except (ValueError, IndexError):
        return False


def _rule(op: Primitive, arrays: tuple[Any, ...], params: Any) -> Rule:
    """The right rule of an op, as mutations take it: a gradient for each input."""
    call = _CallOn(op, arrays, {**op.params, **params})

    def rule(inputs: Sequence[Array], output: Array, g: Array) -> list[Array | None]:
        found: list[Array | None] = [None] * len(arrays)
        pulled = call.vjp([inputs[k] for k in call.places], output, g)
        for k, c in zip(call.places, pulled, strict=True):
            found[k] = c
        return found

    return rule


class _CallOn(NodeOperation):
    """A call of an op on arrays, as it would be if it had been recorded."""

    def __init__(self, op: Primitive, arrays: tuple[Any, ...], params: dict[str, Any]) -> None:
        leaves = tuple(
            Leaf(x.shape, x.dtype) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
            for x in arrays
        )
        super().__init__(Node(op, leaves, params, (), (), np.dtype(float), None), arrays)


def battery(seed: int) -> Iterator[tuple[Primitive, Sample, tuple[Any, ...], int, Mutation]]:
    """Reachable mutations of every primitive in random order, each on a smooth sample."""
    rng = np.random.default_rng(seed)
    places = [
        (op, position, mutation)
        for op in primitives()
        if plantable(op)
        for position, name in enumerate(op.inputs)
        if op.rules[name] is not None
        for mutation in (*GENERIC, *op_mutants(numpy_name(op)))
    ]
    for k in rng.permutation(len(places)):
        op, position, mutation = places[k]
        for sample in op.samples:
            if sample.kink or position not in live_inputs(op, sample):
                continue
            arrays = sample.arrays(rng)
            if reachable(op, mutation, arrays, sample.params, position):
                yield op, sample, arrays, position, mutation
                break


def selftest(*, limit: int | None = 300, seed: int = 0) -> SelfTest:
    """Plant wrong rules and see whether the checker finds them.

    Not for use while other threads compute gradients: the table of primitives is changed.

    Parameters
    ----------
    limit : int, optional
        How many mistakes to plant, drawn at random; None for all.
    seed : int
    """
    started = time.perf_counter()
    result = SelfTest()
    cleared: set[tuple[int, int]] = set()
    for op, sample, arrays, position, mutation in itertools.islice(battery(seed), limit):
        with planted(op, position, mutation):
            report = check_sample(op, sample, arrays, order=1, seed=seed)
        result.planted.append(_outcome(op, position, mutation, report))
        if (id(op), id(sample)) not in cleared:
            cleared.add((id(op), id(sample)))
            if check_sample(op, sample, arrays, order=1, seed=seed).verdict == "FAIL":
                result.accused.append(op.name)
    result.seconds = time.perf_counter() - started
    return result


def _outcome(op: Primitive, position: int, mutation: Mutation, report: GradReport) -> Planted:
    found = report.verdict in ("FAIL", "NONDETERMINISTIC")
    guilty = [n for n in report.nodes if n.status in ("FAIL", "NONDETERMINISTIC")]
    names = {n.op.split(" in ")[0] for n in guilty}
    kinds = [n.kind for n in guilty if n.position in (position, None)]
    said = kinds[0] if kinds else ""
    return Planted(op.name, mutation.name, found, names == {op.name}, said in mutation.kinds, said)
