"""What is known about one wrong gradient: both values at several points and cotangents.

A kind of mistake is named only if it explains *every* sample. One sample proves little: at one
point a wrong constant, a wrong factor and a forgotten `x` look alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .differences import Array

__all__ = ["Diagnosis", "Evidence", "Sample"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The kind of a mistake.

    Attributes
    ----------
    kind : str
        One of `diagnosis.KINDS`.
    message : str
        One sentence for people, with numbers and names.
    factor : float, optional
        `k` of `analytic = k x numeric`, where there is one.
    index : tuple of int, optional
        First wrong element, where single elements are wrong.
    """

    kind: str
    message: str
    factor: float | None = None
    index: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One point and one cotangent.

    Attributes
    ----------
    inputs : tuple of arrays
    output, cotangent : array
        `y = f(inputs)` and the `v` of `v^T J`.
    analytic, numeric : tuple of arrays or None
        The rule's `v^T J` for each input, and the numeric one (None where it was not computed).
    jacobian : array (output.size, input.size), optional
        Numeric Jacobian for the wrong input.
    """

    inputs: tuple[Array, ...]
    output: Array
    cotangent: Array
    analytic: tuple[Array | None, ...]
    numeric: tuple[Array | None, ...]
    jacobian: Array | None = None


@dataclass(frozen=True)
class Evidence:
    """Samples for one wrong input of one op.

    Attributes
    ----------
    position : int
        Which input.
    samples : sequence of Sample
    names : sequence of str
        Names of the inputs, for messages; `x0`, `x1` if left out.
    attributes : mapping
        The op's keyword parameters.
    response : str
        How the rule answers other cotangents: "linear", "ignored", "absolute", "offset" or
        "nonlinear".
    precision : float
        Relative agreement that counts as equal; larger where the numeric side is less exact.
    """

    position: int
    samples: Sequence[Sample]
    names: Sequence[str] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)
    response: str = "linear"
    precision: float = 1e-7

    @property
    def name(self) -> str:
        """Name of the wrong input."""
        return self.name_of(self.position)

    def name_of(self, position: int) -> str:
        return self.names[position] if position < len(self.names) else f"x{position}"

    @property
    def analytic(self) -> list[Array | None]:
        return [sample.analytic[self.position] for sample in self.samples]

    @property
    def pairs(self) -> list[tuple[Array, Array]]:
        """`(analytic, numeric)` per sample, where both are known."""
        found = []
        for sample in self.samples:
            a, n = sample.analytic[self.position], sample.numeric[self.position]
            if a is not None and n is not None:
                found.append((a, n))
        return found

    @property
    def inputs(self) -> list[Array]:
        return [sample.inputs[self.position] for sample in self.samples]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of inputs and output of the first sample by name, the wrong input first."""
        first = self.samples[0]
        order = [self.position, *(k for k in range(len(first.inputs)) if k != self.position)]
        shapes = {self.name_of(k): first.inputs[k].shape for k in order}
        shapes["output"] = first.output.shape
        return shapes

    def explains(self, predictions: Sequence[Array | None]) -> bool:
        """Does each prediction equal its sample's analytic gradient to `precision`?"""
        pairs = self.pairs
        if len(predictions) != len(pairs) or not pairs:
            return False
        for prediction, (analytic, numeric) in zip(predictions, pairs, strict=True):
            if prediction is None or prediction.shape != analytic.shape:
                return False
            if not self.close(analytic, prediction, numeric):
                return False
        return True

    def close(self, analytic: Array, prediction: Array, numeric: Array) -> bool:
        return not bool(np.any(self.wrong(analytic, prediction, numeric)))

    def wrong(self, analytic: Array, prediction: Array, numeric: Array | None = None) -> Array:
        """Elements that differ by more than `precision` of the largest element of either array."""
        others = prediction if numeric is None else numeric
        size = max(
            float(np.max(np.abs(prediction), initial=0.0)),
            float(np.max(np.abs(others), initial=0.0)),
        )
        with np.errstate(invalid="ignore"):
            return np.asarray(~(np.abs(analytic - prediction) <= self.precision * size))

    @property
    def masks(self) -> list[Array]:
        """Wrong elements of each sample; shapes must agree."""
        return [self.wrong(a, n) for a, n in self.pairs]

    def common_factor(
        self, bases: Sequence[Array], where: Sequence[Array] | None = None
    ) -> float | None:
        """The one `k` with `analytic = k base` in every sample (at the elements `where`)."""
        top, bottom = 0.0, 0.0
        kept: list[tuple[Array, Array, float]] = []
        for number, (base, (analytic, _)) in enumerate(zip(bases, self.pairs, strict=True)):
            if base.shape != analytic.shape:
                return None
            mask = np.ones(base.shape, bool) if where is None else where[number]
            b, a = base[mask], analytic[mask]
            size = float(np.max(np.abs(b), initial=0.0))
            if size == 0:
                if np.any(a != 0):
                    return None
                continue
            top += float(np.sum(a / size * (b / size)))
            bottom += float(np.sum((b / size) ** 2))
            kept.append((a, b, size))
        if bottom == 0 or not np.isfinite(top):
            return None
        k = top / bottom
        limit = self.precision * max(abs(k), 1e-300)
        fits = all(bool(np.all(np.abs(a - k * b) <= limit * size)) for a, b, size in kept)
        return k if fits else None
