"""Regions of a gradient's elements that have a name: where x < 0, where a < b, tied, repeated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .differences import Array
from .evidence import Evidence

__all__ = ["regions"]


def regions(e: Evidence) -> Iterator[tuple[str, list[Array]]]:
    """Named regions of the elements, one mask per sample."""
    xs = e.inputs
    name = e.name
    yield f"{name} < 0", [x < 0 for x in xs]
    yield f"{name} <= 0", [x <= 0 for x in xs]
    yield f"{name} > 0", [x > 0 for x in xs]
    yield f"{name} >= 0", [x >= 0 for x in xs]
    yield f"{name} = 0", [x == 0 for x in xs]
    yield f"|{name}| > 1", [np.abs(x) > 1 for x in xs]
    yield f"|{name}| < 1", [np.abs(x) < 1 for x in xs]
    yield f"{name} > 1", [x > 1 for x in xs]
    yield f"{name} < 1", [x < 1 for x in xs]
    yield f"{name} < -1", [x < -1 for x in xs]
    for attribute, value in e.attributes.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{name} > {attribute}", [x > value for x in xs]
            yield f"{name} < {attribute}", [x < value for x in xs]
            yield f"|{name}| > {attribute}", [np.abs(x) > abs(value) for x in xs]
            yield f"|{name}| < {attribute}", [np.abs(x) < abs(value) for x in xs]
    for other in range(len(e.samples[0].inputs)):
        if other == e.position:
            continue
        try:
            pairs = [
                np.broadcast_arrays(x, s.inputs[other]) for x, s in zip(xs, e.samples, strict=True)
            ]
        except ValueError:
            continue
        if any(a.shape != x.shape for (a, _), x in zip(pairs, xs, strict=True)):
            continue
        if any(b.dtype.kind not in "fiub" for _, b in pairs):
            continue
        label = e.name_of(other)
        yield f"{name} < {label}", [a < b for a, b in pairs]
        yield f"{name} > {label}", [a > b for a, b in pairs]
        yield f"{name} = {label}", [a == b for a, b in pairs]
        if all(b.dtype.kind == "b" for _, b in pairs):
            yield f"{label} is true", [b.astype(bool) for _, b in pairs]
            yield f"{label} is false", [~b.astype(bool) for _, b in pairs]
        else:
            yield f"{label} < 0", [b < 0 for _, b in pairs]
            yield f"{label} > 0", [b > 0 for _, b in pairs]
    yield "tied elements", [_tied(x) for x in xs]
    yield from _repeated(e)


def _tied(x: Array) -> Array:
    flat = x.ravel()
    _, inverse, counts = np.unique(flat, return_inverse=True, return_counts=True)
    return np.asarray((counts[inverse.ravel()] > 1).reshape(x.shape))


def _repeated(e: Evidence) -> Iterator[tuple[str, list[Array]]]:
    """Rows taken more than once by an integer index, given as an operand or a parameter."""
    first = e.samples[0]
    indices = [a for a in first.inputs if a.dtype.kind in "iu" and a.ndim]
    for value in e.attributes.values():
        if isinstance(value, (list, np.ndarray)):
            indices.append(np.asarray(value))
    for index in indices:
        if index.dtype.kind not in "iu" or index.size < 2:
            continue
        for axis, length in enumerate(first.inputs[e.position].shape):
            if index.max() >= length or index.min() < -length:
                continue
            often = np.bincount(index.ravel() % length, minlength=length) > 1
            shape = [1] * first.inputs[e.position].ndim
            shape[axis] = length
            mask = np.broadcast_to(often.reshape(shape), first.inputs[e.position].shape)
            yield "elements indexed more than once", [mask for _ in e.samples]
