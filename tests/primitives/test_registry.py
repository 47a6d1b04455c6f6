"""Tests made from the table of primitives, and liars that must not pass them.

An op cannot be declared without samples, and what is declared is tested here without another word:
value, gradient to second order, dtypes, shapes, and that raw and recorded rules agree bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.primitives import checks
from tinygrad_edu.engine.primitive import REDUCTION
from tinygrad_edu.engine.table import TABLE, taken_back
from tinygrad_edu.primitives import (
    Primitive,
    Sample,
    overridable,
    primitive,
    primitives,
    sample,
)

CASES = [
    pytest.param(op, s, id=f"{op.name}-{i}")
    for op in primitives()
    for i, s in enumerate(op.samples)
]
RULED = [p for p in CASES if p.values[0].differentiable]
ANALYTIC = [p for p in RULED if p.values[0].complex_ok]
NUMPY = [
    pytest.param(key, op, s, id=f"{key.__name__}-{i}")
    for key, op in TABLE.items()
    if (getattr(key, "__module__", None) or "").startswith("numpy") or isinstance(key, np.ufunc)
    for i, s in enumerate(op.samples)
]


@pytest.mark.parametrize(("op", "case"), CASES)
def test_value(op: Primitive, case: Sample) -> None:
    checks.check_value(op, case)


@pytest.mark.parametrize(("key", "op", "case"), NUMPY)
def test_numpy_function(key: Any, op: Primitive, case: Sample) -> None:
    checks.check_numpy(key, op, case)


@pytest.mark.parametrize(("op", "case"), RULED)
def test_first_order(op: Primitive, case: Sample) -> None:
    checks.check_first_order(op, case)


@pytest.mark.parametrize(("op", "case"), RULED)
def test_each_input(op: Primitive, case: Sample) -> None:
    checks.check_each_input(op, case)


@pytest.mark.parametrize(("op", "case"), RULED)
def test_raw_is_recorded(op: Primitive, case: Sample) -> None:
    checks.check_raw_is_recorded(op, case)


@pytest.mark.parametrize(("op", "case"), RULED)
def test_second_order(op: Primitive, case: Sample) -> None:
    checks.check_second_order(op, case)


@pytest.mark.parametrize(("op", "case"), RULED)
def test_float32(op: Primitive, case: Sample) -> None:
    checks.check_float32(op, case)


@pytest.mark.parametrize(("op", "case"), ANALYTIC)
def test_complex_step(op: Primitive, case: Sample) -> None:
    checks.check_complex_step(op, case)


# Planted liars ------------------------------------------------------------------------------------

M = (2, 3)


@pytest.fixture
def table() -> Iterator[None]:
    """The table as it was, whatever the test declares."""
    with taken_back():
        yield


def fresh(f: Callable[..., Any]) -> Any:
    """A callable that no declaration has as its key."""
    return overridable(lambda *args, **kwargs: f(*args, **kwargs))


def unary(rule: Any, f: Any = np.sin, domain: Any = M, **rest: Any) -> Primitive:
    return primitive(fresh(f), x=rule, samples=[sample(domain, **rest)], name="planted")


def detached(g: Any, x: Any) -> Any:
    """cos x as a constant: first order right, second order gone."""
    data = x._data if hasattr(x, "_data") else x
    return g * np.cos(data)


def writes(g: Any, x: Any) -> Any:
    g *= np.cos(x)
    return g


def total(x: Any, axis: Any = None) -> Any:
    return np.sum(x, axis=axis)


def pairwise(a: Any, b: Any, f: Any, *samples: Sample) -> Primitive:
    return primitive(fresh(f), a=a, b=b, samples=samples, name="planted")


def reducing(rule: Any, f: Any = total) -> Primitive:
    return primitive(
        fresh(f),
        x=rule,
        params={"axis": None},
        family=REDUCTION,
        samples=[sample(M)],
        name="planted",
    )


TIE = np.array([[1.0, -2.0, 0.5], [3.0, 0.5, -1.0]])
LIARS: dict[str, Callable[[], Primitive]] = {
    "a factor of 1.001": lambda: unary(lambda g, x: 1.001 * g * np.cos(x)),
    "a factor of 1 + 1e-6": lambda: unary(lambda g, x: (1 + 1e-6) * g * np.cos(x)),
    "zero": lambda: unary(lambda g: np.zeros_like(g)),
    "the wrong sign": lambda: unary(lambda g, x: -g * np.cos(x)),
    "the cotangent forgotten": lambda: unary(lambda g, x: np.cos(x)),
    "the cotangent passed on": lambda: unary(lambda g: g),
    "detached at second order": lambda: unary(detached),
    "written into the cotangent": lambda: unary(writes),
    "wider than its input": lambda: unary(lambda g, x: g * np.cos(x) * np.ones(1)),
    "the output taken for the input": lambda: unary(lambda g, y: g * np.cos(y)),
    "a wrong tie": lambda: pairwise(
        lambda g, a, b: g * (a >= b),
        lambda g, a, b: g * (b > a),
        np.maximum,
        sample(TIE, TIE.copy(), kink=True),
    ),
    "a tie counted twice": lambda: pairwise(
        lambda g, a, b: g * (a >= b),
        lambda g, a, b: g * (b >= a),
        np.maximum,
        sample(TIE, TIE.copy(), kink=True),
    ),
    "inputs swapped": lambda: pairwise(
        lambda g, a: g * a, lambda g, b: g * b, np.multiply, sample(M, M)
    ),
    "one input forgotten": lambda: pairwise(
        lambda g, b: g * b, lambda g: np.zeros_like(g), np.multiply, sample(M, M)
    ),
    "a wrong shape": lambda: reducing(lambda g: g),
    "a shape that would broadcast": lambda: reducing(lambda g: np.expand_dims(g, 0)),
    "the broadcast not summed": lambda: primitive(
        fresh(np.add),
        a=lambda g: g,
        b=lambda g: g,
        family=REDUCTION,
        samples=[sample(M, (3,))],
        name="planted",
    ),
    "the mean for the sum": lambda: reducing(
        lambda g, x_shape: np.broadcast_to(g / 6, x_shape),
    ),
    "raw and recorded apart": lambda: unary(
        lambda g, x: g * np.cos(x) * (1 if isinstance(x, np.ndarray) else 1 + 1e-15)
    ),
    "the input written by forward": lambda: unary(
        lambda g, x: g * np.cos(x), lambda x: np.sin(x, out=x)
    ),
    "analytic, it says": lambda: primitive(
        fresh(lambda x: np.abs(x) * x.real / x.real),
        x=lambda g, x: g * np.sign(x),
        samples=[sample(M)],
        name="planted",
        complex_ok=True,
    ),
}


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("liar", LIARS)
def test_a_liar_is_caught(liar: str) -> None:
    op = LIARS[liar]()
    (case,) = op.samples
    with pytest.raises((AssertionError, ValueError, RuntimeError, TypeError)):
        checks.check_all(op, case)


@pytest.mark.usefixtures("table")
def test_an_honest_op_passes() -> None:
    """The same bed without the lie: what the liars fail on is the lie."""
    honest = [
        unary(lambda g, x: g * np.cos(x)),
        pairwise(lambda g, b: g * b, lambda g, a: g * a, np.multiply, sample(M, M)),
        reducing(lambda g, x_shape: np.broadcast_to(g, x_shape)),
    ]
    for op in honest:
        for case in op.samples:
            checks.check_all(op, case)


# The declaration itself ---------------------------------------------------------------------------


@pytest.mark.usefixtures("table")
def test_no_samples_no_op() -> None:
    with pytest.raises(ValueError, match="was given no samples"):
        primitive(fresh(np.sin), x=lambda g, x: g * np.cos(x), samples=[], name="planted")


@pytest.mark.usefixtures("table")
def test_one_declaration_for_one_callable() -> None:
    with pytest.raises(ValueError, match="declared already"):
        primitive(np.sin, x=lambda g, x: g * np.cos(x), samples=[sample(M)])


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("rule", [lambda x: x, lambda g, z: g * z, lambda: 0])
def test_a_rule_names_what_it_needs(rule: Any) -> None:
    with pytest.raises(TypeError, match="expected g first"):
        primitive(fresh(np.sin), x=rule, samples=[sample(M)], name="planted")


def test_kinks_are_named() -> None:
    """A sample marked as a kink belongs to an op that says where its kinks are."""
    for op in primitives():
        assert op.kinks or not any(s.kink for s in op.samples), op.name


def test_names_are_one_each() -> None:
    names = [op.name for op in primitives()]
    assert len(names) == len(set(names))
