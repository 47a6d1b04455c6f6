"""The adjoint (dot-product) test: `<v, J u> = <J^T v, u>`.

`J u` comes from values of the function, never from its rules: for a wrong but linear rule, a `J u`
built from two vector-Jacobian products satisfies the identity exactly, and the test would prove
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..engine.traced import Traced, raw, wrap
from .differences import Array
from .directional import checked_inputs, derivative, direction_like, line_through
from .tensor_functions import arrays_of, on_arrays
from .tolerance import PASS, RESOLUTION, Judgement, Status, judge, rounding_of_dot, worst_status

__all__ = ["AdjointTest", "adjoint_test"]


@dataclass(frozen=True)
class AdjointTest:
    """Comparisons of `<J^T v, u>` (analytic) with `<v, J u>` (numeric).

    Attributes
    ----------
    status : Status
    judgements : tuple of Judgement
        One per random pair `(u, v)`.
    method : str
        What made `J u`.
    """

    status: Status
    judgements: tuple[Judgement, ...]
    method: str

    def __bool__(self) -> bool:
        return self.status == PASS

    def __repr__(self) -> str:
        rows = [f"AdjointTest {self.status}   J u by {self.method}"]
        rows += [
            f"  <J^T v, u> = {j.analytic:+.12e}   <v, J u> = {j.numeric:+.12e}   "
            f"rel. {j.relative_error:.1e}"
            for j in self.judgements
        ]
        return "\n".join(rows)


def adjoint_test(
    function: Callable[..., Array],
    vjp: Callable[[Array], Sequence[Array | None]],
    *inputs: object,
    repeats: int = 3,
    resolution: float = RESOLUTION,
    seed: int = 0,
) -> AdjointTest:
    """Test `vjp(v) = (J_0^T v, J_1^T v, …)` of a function of arrays.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns one array.
    vjp : callable
        Takes a cotangent of the output's shape, returns one gradient per input; None counts as 0.
    inputs : arrays or Tensors of floats
    repeats : int
        Random pairs `(u, v)`.
    """
    of_tensors = any(isinstance(x, Traced) for x in inputs)

    def pull(v: Array) -> Sequence[Array | None]:
        return [raw(g) for g in vjp(wrap(v))] if of_tensors else vjp(v)

    function, inputs = on_arrays(function, inputs), tuple(arrays_of(inputs))
    arrays = checked_inputs(inputs, range(len(inputs)))
    rng = np.random.default_rng(seed)
    shape = np.shape(function(*arrays))
    judgements = []
    methods = set()
    for _ in range(repeats):
        directions: list[Array | None] = [direction_like(x, rng) for x in arrays]
        v = np.asarray(rng.standard_normal(shape))
        found = derivative(line_through(function, arrays, directions))
        methods.add(found.method)
        analytic, rounding = 0.0, 0.0
        for position, (g, u) in enumerate(zip(pull(v), directions, strict=True)):
            if g is None or u is None:
                continue
            if np.shape(g) != u.shape:
                raise ValueError(
                    f"the gradient for input {position} has shape {np.shape(g)}, the input has "
                    f"{u.shape}; both must be equal"
                )
            analytic += float(np.sum(g * u))
            rounding += rounding_of_dot(np.asarray(g), u)
        e_num = float(np.sum(np.abs(v) * found.error))
        half = float(np.sum(np.abs(v) * (found.high - found.low))) / 2
        middle = float(np.sum(v * (found.high + found.low))) / 2
        numeric = float(np.sum(v * found.value))
        kinked = bool(found.kind.any())
        judgements.append(
            judge(
                analytic,
                numeric,
                e_num,
                rounding,
                scale=float(np.sqrt(np.sum((v * found.value) ** 2))),
                resolution=resolution,
                low=middle - half if kinked else None,
                high=middle + half if kinked else None,
            )
        )
    return AdjointTest(
        worst_status(*(j.status for j in judgements)),
        tuple(judgements),
        " and ".join(sorted(methods)),
    )
