"""Check one op, or every op of the table on its own samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine.primitive import Primitive
from ..engine.table import find, primitives
from ..engine.traced import wrap
from ..primitives.declaring import Sample
from .function_check import gradcheck
from .report import GradReport
from .tolerance import FAIL, PASS, Status, worst_status

__all__ = ["OpReports", "check_all_ops", "check_op", "check_sample", "live_inputs"]


@dataclass
class OpReports:
    """The reports of many ops. True exactly if no gradient is wrong.

    Attributes
    ----------
    reports : dict from str to GradReport
        By the op's name and the number of its sample: `"amax[3]"`.
    """

    reports: dict[str, GradReport] = field(default_factory=dict)

    @property
    def verdict(self) -> Status:
        """The gravest of all verdicts."""
        return worst_status(PASS, *(r.verdict for r in self.reports.values()))

    @property
    def wrong(self) -> dict[str, GradReport]:
        """The reports with a wrong gradient."""
        return {name: r for name, r in self.reports.items() if r.verdict == FAIL}

    @property
    def undecided(self) -> dict[str, GradReport]:
        """The reports that neither pass nor fail."""
        return {n: r for n, r in self.reports.items() if r.verdict not in (PASS, FAIL)}

    def __bool__(self) -> bool:
        return self.verdict == PASS

    def __repr__(self) -> str:
        lines = [
            f"{len(self.reports)} checks: {len(self.wrong)} wrong, {len(self.undecided)} undecided"
        ]
        shown = [*self.wrong.items(), *self.undecided.items()][:20]
        lines += [f"  {name}: {str(r).splitlines()[0]}" for name, r in shown]
        return "\n".join(lines)


def check_op(op: Any, *inputs: Any, order: int = 2, **params: Any) -> GradReport:
    """Check one op on given inputs, to second order.

    Parameters
    ----------
    op : callable or Primitive
        A function of Tensors, a NumPy function, or a declaration of the table.
    inputs : arrays or Tensors
    order : int
    params
        Keyword parameters of the op, and options of `gradcheck` that it does not have itself.
    """
    primitive = op if isinstance(op, Primitive) else find(op)
    call: Callable[..., Any] = op.record if isinstance(op, Primitive) else op
    options = {}
    for name in ("seed", "wrt", "method", "points", "resolution", "kinks", "names"):
        if name in params and (primitive is None or name not in primitive.params):
            options[name] = params.pop(name)

    def function(*xs: Any) -> Any:
        return call(list(xs), **params) if primitive and primitive.variadic else call(*xs, **params)

    if primitive is not None:
        function.__name__ = primitive.name
        if not primitive.variadic:
            options.setdefault("names", primitive.inputs[: len(inputs)])
    return gradcheck(function, *inputs, order=order, **options)


def check_all_ops(
    *, order: int = 2, seed: int = 0, only: Callable[[Primitive], bool] | None = None
) -> OpReports:
    """Check every primitive of the table on each of its samples.

    At a kink or a tie only the first derivative is pinned, so those samples go to order 1.

    Parameters
    ----------
    order, seed : int
    only : callable, optional
        Which primitives to check.
    """
    found = OpReports()
    for op in primitives():
        if not op.differentiable or (only is not None and not only(op)):
            continue
        for number, sample in enumerate(op.samples):
            if live_inputs(op, sample):
                arrays = sample.arrays(np.random.default_rng(seed))
                found.reports[f"{op.name}[{number}]"] = check_sample(
                    op, sample, arrays, order=order, seed=seed
                )
    return found


def live_inputs(op: Primitive, sample: Sample) -> list[int]:
    """Positions of the inputs of a sample that have derivatives to check."""
    arrays = sample.arrays(np.random.default_rng(0))
    names = op.inputs * len(arrays) if op.variadic else op.inputs
    return [
        k
        for k, (x, name) in enumerate(zip(arrays, names, strict=False))
        if isinstance(x, np.ndarray)
        and x.dtype.kind == "f"
        and x.size
        and k not in sample.fixed
        and op.rules[name] is not None
    ]


def check_sample(
    op: Primitive, sample: Sample, arrays: Sequence[Any], *, order: int, seed: int
) -> GradReport:
    """Check a primitive on the arrays drawn from one of its samples."""
    wanted = live_inputs(op, sample)
    params: Mapping[str, Any] = sample.params

    def call(*xs: Any) -> Any:
        if op.variadic:
            return op.record(list(xs), **params)
        return op.record(*xs, **params)

    call.__name__ = op.name
    given = [
        wrap(x) if isinstance(x, np.ndarray) and k in wanted else x for k, x in enumerate(arrays)
    ]
    names = None if op.variadic else list(op.inputs[: len(arrays)])
    return gradcheck(
        call, *given, wrt=wanted, names=names, order=1 if sample.kink else order, seed=seed
    )
