"""Name the kind of a mistake in a gradient, from what the gradient does, without seeing its code.

The tests run from the most specific to the most general; the first that explains every sample wins.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import numpy as np

from .differences import Array
from .evidence import Diagnosis, Evidence, Sample
from .factors import name_factor, show_number
from .patterns import PATTERNS, rounded

__all__ = ["Diagnosis", "Evidence", "KINDS", "Sample", "diagnose", "unbroadcast"]

KINDS: Final = (
    "no gradient",
    "not finite",
    "transposed",
    "missing broadcast sum",
    "summed over too many axes",
    "wrong shape",
    "ignores the cotangent",
    "added constant",
    "not linear in the cotangent",
    "zero gradient",
    "the true gradient is zero",
    "wrong sign",
    "factor",
    "shifted by one",
    "reversed",
    "swapped inputs",
    "one slice only",
    "one slice missing",
    "coupling ignored",
    "wrong region",
    "extra factor",
    "derivative left out",
    "factor differs along an axis",
    "rounded",
    "clipped",
    "few elements",
    "unclassified",
)
_Test = Callable[[Evidence], Diagnosis | None]


def diagnose(evidence: Evidence) -> Diagnosis:
    """The kind of mistake in one gradient.

    Parameters
    ----------
    evidence : Evidence
        At least one sample whose analytic gradient is wrong; six or so (two points, a shuffled
        point, two cotangents each) tell kinds apart that coincide at a single point.
    """
    for test in _TESTS:
        found = test(evidence)
        if found is not None:
            return found
    raise AssertionError("the last test always answers")


def unbroadcast(array: Array, shape: tuple[int, ...]) -> Array | None:
    """Sum a cotangent over the axes that broadcasting had added; None if it had not."""
    lead = array.ndim - len(shape)
    if lead < 0:
        return None
    for length, wanted in zip(array.shape[lead:], shape, strict=True):
        if wanted not in (1, length):
            return None
    axes = tuple(range(lead)) + tuple(
        lead + k for k, wanted in enumerate(shape) if wanted == 1 and array.shape[lead + k] != 1
    )
    return np.asarray(array.sum(axis=axes)).reshape(shape)


def _no_gradient(e: Evidence) -> Diagnosis | None:
    if all(a is None for a in e.analytic):
        return Diagnosis(
            "no gradient",
            f"the rule returns no gradient for {e.name}, but the output depends on it",
        )
    return None


def _not_finite(e: Evidence) -> Diagnosis | None:
    for a, n in e.pairs:
        bad = ~np.isfinite(a)
        if bad.any() and np.isfinite(n).all():
            index = _first(bad)
            return Diagnosis(
                "not finite",
                f"{int(bad.sum())} of {a.size} elements are {a[index]} where the true gradient is "
                f"finite, "
                f"first at {_at(index)}",
                index=index,
            )
    return None


def _shape(e: Evidence) -> Diagnosis | None:
    pairs = e.pairs
    if all(a.shape == n.shape for a, n in pairs):
        return None
    a, n = pairs[0]
    given, wanted = _shown(a.shape), _shown(n.shape)
    if all(a.ndim == n.ndim and a.shape == n.T.shape and e.close(a, n.T, n) for a, n in pairs):
        return Diagnosis("transposed", f"the gradient is transposed: shape {given}, not {wanted}")
    # A sum with keepdims=True, too: nothing is missing but the shape.
    if all(a.size == n.size and e.close(a.reshape(n.shape), n, n) for a, n in pairs):
        return Diagnosis(
            "wrong shape", f"right values in the wrong shape: {given}, not {wanted}; reshape it"
        )
    summed = [unbroadcast(a, n.shape) for a, n in pairs]
    if all(s is not None and e.close(s, n, n) for s, (_, n) in zip(summed, pairs, strict=True)):
        return Diagnosis(
            "missing broadcast sum",
            f"{e.name} has shape {wanted} and was broadcast; its gradient has shape {given} and "
            f"must be summed back "
            f"over the added axes",
        )
    too_far = _over_summed(e)
    if too_far is not None:
        return too_far
    extra = ""
    if all(s is not None for s in summed):
        extra = ", and summing it back over the broadcast axes does not make it right"
    return Diagnosis(
        "wrong shape", f"the gradient for {e.name} has shape {given}, not {wanted}{extra}"
    )


def _over_summed(e: Evidence) -> Diagnosis | None:
    """Every element gets the sum over several: `A = sum(N, axes)`, whatever the shape of A."""
    pairs = e.pairs
    ndim = pairs[0][1].ndim
    for count in range(1, ndim + 1):
        for axes in itertools.combinations(range(ndim), count):
            if all(n.shape[k] == 1 for k in axes for _, n in pairs):
                continue
            if all(_is_sum(e, a, n, axes) for a, n in pairs):
                return _over_summed_message(e, axes)
    return None


def _is_sum(e: Evidence, a: Array, n: Array, axes: tuple[int, ...]) -> bool:
    total = np.asarray(n.sum(axis=axes, keepdims=True))
    if a.size == total.size and a.shape != n.shape:
        return e.close(a.reshape(total.shape), total, n)
    if a.shape != n.shape:
        return False
    return e.close(a, np.broadcast_to(total, n.shape), n)


def _over_summed_message(e: Evidence, axes: tuple[int, ...]) -> Diagnosis:
    a, n = e.pairs[0]
    which = f"axis {axes[0]}" if len(axes) == 1 else f"axes {_shown(axes)}"
    shape = "" if a.shape == n.shape else f"has shape {_shown(a.shape)}, not {_shown(n.shape)}: it "
    vanishes = all(
        float(np.max(np.abs(n.sum(axis=axes)), initial=0.0))
        <= 1e-7 * float(np.max(np.abs(n), initial=0.0))
        for _, n in e.pairs
    )
    stuck = f"; that sum is always 0 here, so {e.name} would never move" if vanishes else ""
    return Diagnosis(
        "summed over too many axes",
        f"the gradient for {e.name} {shape}is summed over {which} as well, so every element gets "
        f"the same{stuck}",
    )


def _response(e: Evidence) -> Diagnosis | None:
    if e.response == "linear":
        return None
    if e.response == "ignored":
        return Diagnosis(
            "ignores the cotangent",
            "the rule gives the same gradient for every cotangent g: multiply by g",
        )
    if e.response == "offset":
        offsets = [a - n for a, n in e.pairs if a.shape == n.shape]
        if offsets and _constant(e, offsets):
            c = float(np.mean([np.mean(o) for o in offsets if o.size]))
            return Diagnosis("added constant", f"every element is {show_number(c)} too large")
        return Diagnosis(
            "not linear in the cotangent",
            "the rule gives a gradient even for the cotangent 0: some term is not multiplied by g",
        )
    how = (
        "the sign of the cotangent g is lost"
        if e.response == "absolute"
        else "twice the cotangent g does not give twice the gradient"
    )
    return Diagnosis("not linear in the cotangent", how)


def _constant(e: Evidence, offsets: list[Array]) -> bool:
    values = np.concatenate([o.ravel() for o in offsets])
    size = float(np.max(np.abs(values), initial=0.0))
    return size > 0 and float(np.ptp(values)) <= max(e.precision, 1e-9) * 10 * size


def _zero(e: Evidence) -> Diagnosis | None:
    if any(np.any(a != 0) for a, _ in e.pairs):
        return None
    _, n = e.pairs[0]
    hint = ""
    if n.size > 1 and abs(float(n.sum())) <= 1e-9 * float(np.abs(n).sum()):
        hint = "; the true gradient sums to 0, so a sum over all its elements also gives this"
    return Diagnosis(
        "zero gradient", f"the gradient is 0 everywhere, but the output depends on {e.name}{hint}"
    )


def _piecewise_constant(e: Evidence) -> Diagnosis | None:
    if any(np.any(n != 0) for _, n in e.pairs):
        return None
    return Diagnosis(
        "the true gradient is zero",
        f"the output does not change with {e.name}: its derivative is 0 almost everywhere, the "
        f"rule gives another "
        f"(a straight-through estimate?)",
    )


def _sign_or_factor(e: Evidence) -> Diagnosis | None:
    k = e.common_factor([n for _, n in e.pairs])
    if k is None:
        return None
    if abs(k + 1) <= e.precision:
        return Diagnosis("wrong sign", "analytic = -1 x numeric", -1.0)
    if sum(n.size for _, n in e.pairs) == 1:
        # One number is a multiple of any other: only a named factor means something.
        if not name_factor(abs(k), e.shapes, e.attributes).text:
            return None
    named = name_factor(abs(k), e.shapes, e.attributes)
    sign = " and the sign is wrong" if k < 0 else ""
    if named.text:
        equal = "" if named.text == show_number(abs(k)) else f"; {named.text}"
        return Diagnosis(
            "factor", f"analytic = {show_number(k)} x numeric{equal}: {named.cause}{sign}", k
        )
    return Diagnosis("factor", f"analytic = {show_number(k)} x numeric{sign}", k)


def _transposed(e: Evidence) -> Diagnosis | None:
    ndim = e.pairs[0][1].ndim
    if ndim < 2 or ndim > 4:
        return None
    for axes in itertools.permutations(range(ndim)):
        if axes == tuple(range(ndim)):
            continue
        if e.explains([n.transpose(axes) for _, n in e.pairs]):
            name = "transposed" if ndim == 2 else f"its axes are permuted by {axes}"
            return Diagnosis("transposed", f"right values, but {name}")
        if e.explains([n.transpose(axes).reshape(n.shape) for _, n in e.pairs]):
            return Diagnosis("transposed", "right values in transposed order, then reshaped to fit")
    return None


def _moved(e: Evidence) -> Diagnosis | None:
    ndim = e.pairs[0][1].ndim
    for axis in range(ndim):
        for shift in (1, -1):
            if e.explains([np.roll(n, shift, axis) for _, n in e.pairs]):
                return Diagnosis(
                    "shifted by one", f"right values, shifted by {shift:+d} along axis {axis}"
                )
            if e.explains([_slid(n, shift, axis) for _, n in e.pairs]):
                return Diagnosis(
                    "shifted by one",
                    f"right values, shifted by {shift:+d} along axis {axis}, the end filled with 0",
                )
        if e.explains([np.flip(n, axis) for _, n in e.pairs]):
            return Diagnosis("reversed", f"right values in reversed order along axis {axis}")
    return None


def _slid(n: Array, shift: int, axis: int) -> Array:
    moved = np.roll(n, shift, axis)
    edge: list[slice | int] = [slice(None)] * n.ndim
    edge[axis] = 0 if shift > 0 else -1
    moved[tuple(edge)] = 0
    return moved


def _swapped(e: Evidence) -> Diagnosis | None:
    for other in range(len(e.samples[0].inputs)):
        if other == e.position:
            continue
        given = [sample.numeric[other] for sample in e.samples]
        if e.explains(given):
            return Diagnosis(
                "swapped inputs",
                f"the gradient for {e.name} is the one that belongs to {e.name_of(other)}",
            )
    return None


def _first(mask: Array) -> tuple[int, ...]:
    return tuple(int(k) for k in np.argwhere(mask)[0])


def _at(index: tuple[int, ...]) -> str:
    return "(" + ", ".join(str(k) for k in index) + ")"


def _shown(shape: tuple[int, ...]) -> str:
    return "x".join(str(k) for k in shape) if shape else "()"


def _same_shape_over_summed(e: Evidence) -> Diagnosis | None:
    return _over_summed(e)


def _plain_constant(e: Evidence) -> Diagnosis | None:
    """`A = N + c`; `c` may be proportional to the cotangent of a scalar output."""
    offsets = []
    for (a, n), sample in zip(e.pairs, e.samples, strict=True):
        v = float(sample.cotangent) if sample.cotangent.ndim == 0 else 1.0
        if v == 0:
            return None
        offsets.append((a - n) / v)
    if sum(o.size for o in offsets) < 3 or not _constant(e, offsets):
        return None
    c = float(offsets[0].flat[0]) if offsets[0].size else 0.0
    return Diagnosis("added constant", f"every element is {show_number(c)} too large")


_TESTS: tuple[_Test, ...] = (
    _no_gradient,
    _not_finite,
    _shape,
    rounded,
    _response,
    _zero,
    _piecewise_constant,
    _sign_or_factor,
    _transposed,
    _moved,
    _swapped,
    _same_shape_over_summed,
    _plain_constant,
    *PATTERNS,
)
