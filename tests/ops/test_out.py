"""`out=`: results written into a tensor that the caller brought."""

from __future__ import annotations

from typing import Any

import pytest

import tinygrad_edu as tg

A = [[1.0, -2.0], [3.0, 4.0]]
CALLS: dict[str, Any] = {
    "a recorded primitive": lambda a, **k: tg.mul(a, a, **k),
    "of one input": lambda a, **k: tg.exp(a, **k),
    "of several inputs": lambda a, **k: tg.cat([a, a], **k),
    "a product": lambda a, **k: tg.matmul(a, a, **k),
    "mm": lambda a, **k: tg.mm(a, a, **k),
    "add": lambda a, **k: tg.add(a, a, alpha=2, **k),
    "div": lambda a, **k: tg.div(a, 3, rounding_mode="trunc", **k),
    "sum": lambda a, **k: tg.sum(a, 0, **k),
    "a composed function": lambda a, **k: tg.softmax(a, 1, **k),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_result_lands_in_out(name: str) -> None:
    a = tg.tensor(A)
    expected = CALLS[name](a)
    out = tg.full_like(expected, 7.0)
    memory = out.numpy()
    assert CALLS[name](a, out=out) is out
    assert memory.tolist() == expected.tolist() == out.tolist()


@pytest.mark.parametrize("name", CALLS)
def test_an_empty_out_takes_any_shape(name: str) -> None:
    a, out = tg.tensor(A), tg.empty(0)
    CALLS[name](a, out=out)
    assert out.tolist() == CALLS[name](a).tolist()


@pytest.mark.parametrize("name", CALLS)
def test_out_and_gradients_exclude_each_other(name: str) -> None:
    a = tg.tensor(A, requires_grad=True)
    out = tg.zeros_like(CALLS[name](a.detach()))
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        CALLS[name](a, out=out)
    assert out.eq(0).all()
    with tg.no_grad():
        assert CALLS[name](a, out=out) is out


def test_what_out_cannot_hold_is_refused() -> None:
    a, narrow, whole = tg.tensor(A), tg.zeros(3), tg.zeros(2, 2, dtype=tg.int64)
    with pytest.raises(RuntimeError, match=r"mul.*output with shape \(3,\)"):
        tg.mul(a, a, out=narrow)
    with pytest.raises(RuntimeError, match="can't be cast to the tensor's type int64"):
        tg.mul(a, a, out=whole)
    assert narrow.tolist() == [0, 0, 0]


def test_a_users_composed_function_keeps_its_own_out() -> None:
    @tg.composed
    def scaled(x: Any, out: float) -> Any:
        return x * out

    assert scaled(tg.tensor([2.0]), out=3.0).tolist() == [6.0]


@pytest.mark.parametrize("name", ["rand", "randn", "zeros", "ones"])
def test_new_numbers_land_in_out(name: str) -> None:
    tg.manual_seed(0)
    expected = getattr(tg, name)(2, 3)
    out = tg.full((2, 3), 7.0)
    memory = out.numpy()
    tg.manual_seed(0)
    assert getattr(tg, name)(2, 3, out=out) is out
    assert memory.tolist() == expected.tolist()
