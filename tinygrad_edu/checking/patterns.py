"""Mistakes with a pattern over the elements: a region, a forgotten `f(x)`, one slice, a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .differences import Array
from .evidence import Diagnosis, Evidence, Sample
from .factors import name_factor, show_number
from .regions import regions

__all__ = ["OF_INPUT", "PATTERNS", "rounded"]


def _logistic(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _logistic_slope(x: Array) -> Array:
    s = _logistic(x)
    return np.asarray(s * (1 - s))


def _tanh_slope(x: Array) -> Array:
    return np.asarray(1 - np.tanh(x) ** 2)


# The name is what the gradient is too large by.
OF_INPUT: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    ("{x}", "", lambda x: x),
    ("1/{x}", "a factor {x} is missing", lambda x: 1 / x),
    ("{x}^2", "", lambda x: x * x),
    ("1/{x}^2", "a factor {x}^2 is missing", lambda x: 1 / (x * x)),
    ("|{x}|", "", np.abs),
    ("sign({x})", "", np.sign),
    ("sqrt({x})", "", np.sqrt),
    ("exp({x})", "", np.exp),
    ("exp(-{x})", "exp({x}) is missing", lambda x: np.exp(-x)),
    ("log({x})", "", np.log),
    ("1/log({x})", "log({x}) is missing", lambda x: 1 / np.log(x)),
    ("sin({x})", "", np.sin),
    ("cos({x})", "", np.cos),
    ("1/cos({x})", "cos({x}) is missing", lambda x: 1 / np.cos(x)),
    ("tan({x})", "sine and cosine are exchanged", np.tan),
    ("1/tan({x})", "sine and cosine are exchanged", lambda x: 1 / np.tan(x)),
    ("sigma'({x})", "", _logistic_slope),
    ("1/sigma'({x})", "the sigma'({x}) of a sigmoid is missing", lambda x: 1 / _logistic_slope(x)),
    ("tanh'({x})", "", _tanh_slope),
    ("1/tanh'({x})", "the tanh'({x}) is missing", lambda x: 1 / _tanh_slope(x)),
    (
        "sigma'(sigma({x}))/sigma'({x})",
        "sigma' is taken at sigma({x}) instead of at {x}: the sigmoid is applied twice",
        lambda x: _logistic_slope(_logistic(x)) / _logistic_slope(x),
    ),
    (
        "{x} (1 - {x})/sigma'({x})",
        "y (1 - y) is taken with y = {x} instead of y = sigma({x})",
        lambda x: x * (1 - x) / _logistic_slope(x),
    ),
    (
        "(1 - {x}^2)/tanh'({x})",
        "1 - y^2 is taken with y = {x} instead of y = tanh({x})",
        lambda x: (1 - x * x) / _tanh_slope(x),
    ),
)
_OF_OUTPUT: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    ("y", "", lambda y: y),
    ("1/y", "a factor y (the output) is missing", lambda y: 1 / y),
    ("y^2", "", lambda y: y * y),
    ("1/y^2", "a factor y^2 is missing", lambda y: 1 / (y * y)),
    ("exp(y)", "not normalised", np.exp),
    ("exp(-y)", "exp(y) is missing", lambda y: np.exp(-y)),
    ("|y|", "", np.abs),
    ("sign(y)", "", np.sign),
    ("y (1 - y)", "", lambda y: y * (1 - y)),
    ("1/(y (1 - y))", "the y (1 - y) of a sigmoid is missing", lambda y: 1 / (y * (1 - y))),
    ("1/(1 - y)", "1 - y is missing", lambda y: 1 / (1 - y)),
    ("1/(1 - y^2)", "the 1 - y^2 of a tanh is missing", lambda y: 1 / (1 - y * y)),
    ("1/(1 + y^2)", "the 1 + y^2 of a tangent is missing", lambda y: 1 / (1 + y * y)),
    ("1/(1 + y)", "1 - y stands for 1 - y^2", lambda y: 1 / (1 + y)),
    ("(1 + y^2)/(1 - y^2)", "1 + y^2 stands for 1 - y^2", lambda y: (1 + y * y) / (1 - y * y)),
    ("(1 - y^2)/(1 + y^2)", "1 - y^2 stands for 1 + y^2", lambda y: (1 - y * y) / (1 + y * y)),
)


def _one_slice(e: Evidence) -> Diagnosis | None:
    """`A = (v restricted to one slice)^T J`."""
    for axis in range(e.samples[0].output.ndim):
        if e.samples[0].output.shape[axis] < 2:
            continue
        for index, word in ((0, "first"), (-1, "last")):
            if any(sample.jacobian is None for sample in e.samples):
                return None
            if e.explains([_slice_gradient(e, s, axis, index, keep=True) for s in e.samples]):
                return Diagnosis(
                    "one slice only",
                    f"only the {word} slice along axis {axis} of the cotangent is used; sum over "
                    f"all of them",
                )
            if e.explains([_slice_gradient(e, s, axis, index, keep=False) for s in e.samples]):
                return Diagnosis(
                    "one slice missing",
                    f"the {word} slice along axis {axis} of the cotangent is left out",
                )
    return None


def _slice_gradient(e: Evidence, sample: Sample, axis: int, index: int, *, keep: bool) -> Array:
    """`v^T J` with only one slice of `v`, or with all but that slice."""
    place: list[slice | int] = [slice(None)] * sample.cotangent.ndim
    place[axis] = index
    kept = np.zeros_like(sample.cotangent) if keep else np.array(sample.cotangent)
    kept[tuple(place)] = sample.cotangent[tuple(place)] if keep else 0.0
    assert sample.jacobian is not None
    return (kept.ravel() @ sample.jacobian).reshape(sample.inputs[e.position].shape)


def _coupling_ignored(e: Evidence) -> Diagnosis | None:
    """`A = v * diag(J)` although the Jacobian has entries beside the diagonal."""
    predictions: list[Array | None] = []
    coupled = False
    for sample in e.samples:
        j = sample.jacobian
        if j is None or j.shape[0] != j.shape[1] or j.shape[0] < 2:
            return None
        diagonal = np.diag(j)
        coupled = coupled or bool(np.any(np.abs(j - np.diag(diagonal)) > 0))
        shape = sample.inputs[e.position].shape
        predictions.append((sample.cotangent.ravel() * diagonal).reshape(shape))
    if coupled and e.explains(predictions):
        return Diagnosis(
            "coupling ignored",
            "treated element by element: each output also depends on the other inputs (the "
            "off-diagonal of the "
            "Jacobian is left out)",
        )
    return None


def _wrong_region(e: Evidence) -> Diagnosis | None:
    """The wrong elements are exactly those of a region that is named by values."""
    masks = e.masks
    total = sum(int(m.sum()) for m in masks)
    size = sum(m.size for m in masks)
    if total == 0 or total == size:
        return None
    empty = [_both_zero(a, n) for a, n in e.pairs]
    for name, masked in regions(e):
        if any(r.shape != m.shape for r, m in zip(masked, masks, strict=True)):
            continue
        if not all(
            # A wrong factor cannot be seen where the derivative is 0.
            bool(np.all(m <= r) and np.all((r & ~m) <= z))
            for r, m, z in zip(masked, masks, empty, strict=True)
        ):
            continue
        inside = sum(int(r.sum()) for r in masked)
        if inside == size or size - inside < 2 or _decided(masked, empty) < 2:
            continue
        k = e.common_factor([n for _, n in e.pairs], masks)
        how = f", there analytic = {show_number(k)} x numeric" if k is not None else ""
        if k == 0:
            how = ", there it is 0"
        first = next(m for m in masks if m.any())
        index = tuple(int(i) for i in np.argwhere(first)[0])
        count = f"{int(first.sum())} of {first.size} elements"
        return Diagnosis("wrong region", f"wrong only where {name} ({count}){how}", k, index)
    return None


def _both_zero(a: Array, n: Array) -> Array:
    size = float(np.max(np.abs(n), initial=0.0))
    return np.asarray((np.abs(a) <= 1e-7 * size) & (np.abs(n) <= 1e-7 * size))


def _decided(regions: Sequence[Array], empty: Sequence[Array]) -> int:
    """Right elements outside the region, not counting those that are 0 anyway."""
    return sum(int(np.count_nonzero(~r & ~z)) for r, z in zip(regions, empty, strict=True))


def _extra_factor(e: Evidence) -> Diagnosis | None:
    """`A = k N F` for a function of the input, of another input, or of the output."""
    with np.errstate(all="ignore"):
        for own in (True, False):
            for name, cause, values in _factor_values(e, own):
                bases: list[Array] = []
                for f, (_, n) in zip(values, e.pairs, strict=True):
                    if f.shape != n.shape or f.size == 0 or not np.isfinite(f).all():
                        break
                    bases.append(n * f)
                if len(bases) != len(e.pairs):
                    continue
                if not _varies(values):
                    continue
                k = e.common_factor(bases)
                if k is not None and k != 0:
                    return _extra_message(e, k, name, cause)
        return _extra_output_factor(e)


def _varies(values: Sequence[Array]) -> bool:
    flat = np.concatenate([v.ravel() for v in values])
    return bool(np.ptp(flat) > 1e-6 * np.max(np.abs(flat)))


def _factor_values(e: Evidence, own: bool) -> Iterator[tuple[str, str, list[Array]]]:
    if own:
        for text, cause, function in OF_INPUT:
            yield _fill(text, e.name), _fill(cause, e.name), [function(x) for x in e.inputs]
        return
    shape = e.inputs[0].shape
    if e.samples[0].output.shape == shape:
        for text, cause, function in _OF_OUTPUT:
            yield text, cause, [function(s.output) for s in e.samples]
    for other in range(len(e.samples[0].inputs)):
        operand = e.samples[0].inputs[other]
        if other == e.position or operand.dtype.kind != "f":
            continue
        label = e.name_of(other)
        if operand.shape != shape and operand.size != 1:
            continue
        for text, cause, function in OF_INPUT:
            values = [np.broadcast_to(function(s.inputs[other]), shape) for s in e.samples]
            yield _fill(text, label), _fill(cause, label), values
        yield (
            f"{label}/{e.name}",
            f"{label} stands for {e.name}",
            [np.asarray(s.inputs[other] / x) for s, x in zip(e.samples, e.inputs, strict=True)],
        )
        yield (
            f"{e.name}/{label}",
            f"{e.name} stands for {label}",
            [np.asarray(x / s.inputs[other]) for s, x in zip(e.samples, e.inputs, strict=True)],
        )


def _fill(text: str, name: str) -> str:
    return text.replace("{x}", name)


def _extra_output_factor(e: Evidence) -> Diagnosis | None:
    """`A = (v F(y))^T J`: the factor sits on the output's side of a reduction or a product."""
    for text, cause, function in _OF_OUTPUT:
        bases: list[Array] = []
        factors: list[Array] = []
        for sample in e.samples:
            factor = function(sample.output)
            if sample.jacobian is None or not np.isfinite(factor).all():
                break
            factors.append(factor)
            weighted = (sample.cotangent * factor).ravel() @ sample.jacobian
            bases.append(weighted.reshape(sample.inputs[e.position].shape))
        if len(bases) != len(e.samples) or not _varies(factors):
            continue
        k = e.common_factor(bases)
        if k is not None and k != 0:
            return _extra_message(e, k, text, cause)
    return None


def _extra_message(e: Evidence, k: float, name: str, cause: str) -> Diagnosis:
    if abs(k - 1) <= 1e-6:
        number = ""
    else:
        named = name_factor(abs(k), e.shapes, e.attributes)
        number = f"{show_number(k)} x "
        if named.text and named.text != show_number(abs(k)):
            cause = f"{cause}; {named.text}" if cause else named.text
    because = cause or f"a factor {name} too many"
    return Diagnosis("extra factor", f"analytic = {number}numeric x {name}: {because}", k)


def _along_axis(e: Evidence) -> Diagnosis | None:
    """`A / N` depends on one axis only: each unit, or each sample, has a factor of its own."""
    shape = e.pairs[0][1].shape
    if len(shape) < 2 or any(a.shape != shape or n.shape != shape for a, n in e.pairs):
        return None
    for axis, length in enumerate(shape):
        if length < 2 or length == e.pairs[0][1].size:
            continue
        predictions: list[Array | None] = []
        varies = False
        for a, n in e.pairs:
            rest = tuple(k for k in range(n.ndim) if k != axis)
            norm = (n * n).sum(axis=rest, keepdims=True)
            with np.errstate(all="ignore"):
                k = np.where(norm > 0, (a * n).sum(axis=rest, keepdims=True) / norm, 1.0)
            varies = varies or bool(np.ptp(k) > 1e-6 * np.max(np.abs(k)))
            predictions.append(np.asarray(n * k))
        if varies and e.explains(predictions):
            return Diagnosis(
                "factor differs along an axis",
                f"each slice along axis {axis} has a factor of its own: something that depends on "
                f"axis {axis} only is "
                f"missing or doubled",
            )
    return None


def rounded(e: Evidence) -> Diagnosis | None:
    """Right but for float32 rounding: not quite linear in the cotangent, so it is asked first."""
    for a, n in e.pairs:
        size = float(np.max(np.abs(n), initial=0.0))
        if a.shape != n.shape or float(np.max(np.abs(a - n), initial=0.0)) > 1e-6 * size:
            return None
    if all(a.astype(np.float32).astype(a.dtype).tobytes() == a.tobytes() for a, _ in e.pairs):
        return Diagnosis("rounded", "right values, rounded to float32 on the way")
    return None


def _clipped(e: Evidence) -> Diagnosis | None:
    limits: list[float] = []
    for (a, n), mask in zip(e.pairs, e.masks, strict=True):
        if not mask.any():
            continue
        limit = float(np.max(np.abs(a)))
        if not e.close(a, np.clip(n, -limit, limit), n) or np.all(mask) or limit == 0:
            return None
        limits.append(limit)
    if len(limits) > 1 and float(np.ptp(limits)) <= 1e-6 * max(limits):
        return Diagnosis("clipped", f"the gradient is clipped at {show_number(limits[0])}")
    return None


def _few_elements(e: Evidence) -> Diagnosis | None:
    """The same few places are wrong in every sample, whatever the values there."""
    masks = e.masks
    if len({m.shape for m in masks}) != 1:
        return None
    wrong = np.any(masks, axis=0)
    count, size = int(wrong.sum()), wrong.size
    if count == 0 or count > max(1, size // 4) or size < 3:
        return None
    index = tuple(int(k) for k in np.argwhere(wrong)[0])
    k = e.common_factor([n for _, n in e.pairs], [np.asarray(wrong) for _ in masks])
    how = f"; there analytic = {show_number(k)} x numeric" if k is not None else ""
    where = ", ".join(str(i) for i in index)
    noun = "element is" if count == 1 else "elements are"
    return Diagnosis(
        "few elements", f"{count} of {size} {noun} wrong, first at ({where}){how}", k, index
    )


def _unclassified(e: Evidence) -> Diagnosis | None:
    for (a, n), mask in zip(e.pairs, e.masks, strict=True):
        if mask.any():
            index = tuple(int(k) for k in np.argwhere(mask)[0])
            where = ", ".join(str(i) for i in index)
            return Diagnosis(
                "unclassified",
                f"wrong in {int(mask.sum())} of {mask.size} elements, in no pattern known here; "
                f"first at ({where}): analytic {a[index]:.6g}, numeric {n[index]:.6g}",
                index=index,
            )
    return Diagnosis(
        "unclassified", "wrong along random directions, by less than any element shows"
    )


PATTERNS: tuple[Callable[[Evidence], Diagnosis | None], ...] = (
    _one_slice,
    _coupling_ignored,
    _wrong_region,
    _extra_factor,
    _along_axis,
    _clipped,
    _few_elements,
    _unclassified,
)
