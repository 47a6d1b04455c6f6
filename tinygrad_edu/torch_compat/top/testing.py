"""Comparing results: PyTorch's `torch.testing.assert_close`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.traced import Traced

__all__ = ["assert_close"]

# PyTorch's (rtol, atol) by dtype; what is no float must be equal.
TOLERANCES = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raise unless |actual − expected| ≤ atol + rtol |expected| in every entry.

    Parameters
    ----------
    actual, expected : Tensor, array, number, or sequences or mappings of these
    rtol, atol : float, optional
        Both or neither; by default as the dtype allows (float32: 1.3e-6 and 1e-5, float64: 1e-7
        and 1e-7), and 0 for integers and bools.
    equal_nan : bool
        Whether NaN is close to NaN.
    check_dtype, check_stride : bool
        Whether dtypes (and steps in memory) must be the same too.
    msg : str or callable, optional
        Instead of the message, or a function of it.

    Raises
    ------
    AssertionError
        Naming how many entries differ, by how much at most, and where.
    ValueError
        If only one tolerance is given.
    """
    if (rtol is None) != (atol is None):
        raise ValueError(
            f"rtol and atol must both be specified or both be unspecified, but got rtol={rtol} and "
            f"atol={atol}"
        )
    tolerances = None if rtol is None or atol is None else (rtol, atol)
    for place, a, b in pairs(actual, expected, ""):
        found = difference(a, b, tolerances, equal_nan, check_dtype, check_stride)
        if found is None:
            continue
        text = f"{found}\n\nThe failure occurred for item {place}" if place else found
        raise AssertionError(msg(text) if callable(msg) else text if msg is None else msg)


def pairs(actual: Any, expected: Any, place: str) -> list[tuple[str, Any, Any]]:
    """What is to be compared, with its place ("[0]['bias']") in sequences and mappings."""
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        if set(actual) != set(expected):
            more, fewer = set(actual) - set(expected), set(expected) - set(actual)
            raise AssertionError(
                f"The keys of the mappings do not match:\nMissing keys in the expected mapping: "
                f"{sorted(map(repr, more))}\nMissing keys in the actual mapping: "
                f"{sorted(map(repr, fewer))}"
            )
        return [x for k in actual for x in pairs(actual[k], expected[k], f"{place}[{k!r}]")]
    if is_sequence(actual) and is_sequence(expected):
        if len(actual) != len(expected):
            raise AssertionError(
                f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
            )
        both = enumerate(zip(actual, expected, strict=True))
        return [x for i, (a, b) in both for x in pairs(a, b, f"{place}[{i}]")]
    return [(place, actual, expected)]


def is_sequence(x: Any) -> bool:
    return isinstance(x, Sequence) and not isinstance(x, str)


def array_of(x: Any, name: str) -> Any:
    if isinstance(x, Traced):
        return x._data
    if isinstance(x, np.ndarray | np.generic | int | float | complex):
        return np.asarray(x)
    raise TypeError(
        f"assert_close: no comparison for {type(x).__name__} as {name}; expected tensors, arrays, "
        f"numbers, or sequences or mappings of these"
    )


def difference(
    actual: Any,
    expected: Any,
    tolerances: tuple[float, float] | None,
    equal_nan: bool,
    check_dtype: bool,
    check_stride: bool,
) -> str | None:
    """What is wrong with one value, in PyTorch's words, or None."""
    if actual is None and expected is None:
        return None
    a, b = array_of(actual, "actual"), array_of(expected, "expected")
    numbers = not (isinstance(actual, Traced) or isinstance(expected, Traced))
    if isinstance(actual, Traced) != isinstance(expected, Traced) and not numbers:
        return (
            f"Except for scalars, type equality is required: {type(actual).__name__} and "
            f"{type(expected).__name__}; make a tensor of both"
        )
    if a.shape != b.shape:
        return f"The values for attribute 'shape' do not match: {a.shape} != {b.shape}."
    if check_dtype and not numbers and a.dtype != b.dtype:
        return f"The values for attribute 'dtype' do not match: {a.dtype} != {b.dtype}."
    if check_stride and a.strides != b.strides:
        return (
            f"The values for attribute 'stride()' do not match: {a.strides} != {b.strides} bytes."
        )
    default = [TOLERANCES.get(x.dtype.name, (0.0, 0.0)) for x in (a, b)]
    rtol, atol = tolerances or (max(d[0] for d in default), max(d[1] for d in default))
    kind = np.result_type(a, b, np.float64)
    x, y = a.astype(kind), b.astype(kind)
    close = np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if close.all():
        return None
    return report(x, y, close, rtol, atol)


def report(x: Any, y: Any, close: Any, rtol: float, atol: float) -> str:
    """How much two arrays differ, and where most."""
    exact = not (rtol or atol)
    with np.errstate(all="ignore"):
        absolute = np.where(close, 0, np.abs(x - y))
        relative = np.where(close, 0, absolute / np.abs(y))
    if not x.ndim:
        return (
            f"Scalars are not {'equal' if exact else 'close'}!\n\n"
            f"Expected {y.item()} but got {x.item()}.\n"
            f"Absolute difference: {absolute.item()} (up to {atol} allowed)\n"
            f"Relative difference: {relative.item()} (up to {rtol} allowed)"
        )
    lines = []
    for word, by, allowed in (("absolute", absolute, atol), ("relative", relative, rtol)):
        # NaN counts as the greatest difference of all, as in PyTorch.
        index = tuple(map(int, np.unravel_index(np.argmax(by), by.shape)))
        limit = "" if exact else f" (up to {allowed} allowed)"
        lines.append(f"Greatest {word} difference: {by[index]} at index {index}{limit}")
    wrong = int((~close).sum())
    return (
        f"Tensor-likes are not {'equal' if exact else 'close'}!\n\n"
        f"Mismatched elements: {wrong} / {x.size} ({wrong / x.size:.1%})\n" + "\n".join(lines)
    )
