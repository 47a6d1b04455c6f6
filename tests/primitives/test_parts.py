"""Parts of a tensor add their gradients into one buffer, which nobody else may see change."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

USES: list[Any] = [
    lambda x: (x[0:2] * 3).sum(),
    lambda x: (x[1:3] * 5).sum(),
    lambda x: x[1] * 7,
    lambda x: (x[[0, 0, 2]] * 2).sum(),
    lambda x: (x + 0).sum() * 11,
    lambda x: (x * x).sum(),
]
GRADS = [
    lambda v: np.array([3.0, 3, 0, 0]),
    lambda v: np.array([0.0, 5, 5, 0]),
    lambda v: np.array([0.0, 7, 0, 0]),
    lambda v: np.array([4.0, 0, 2, 0]),
    lambda v: np.full(4, 11.0),
    lambda v: 2 * v,
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(6), 3)), ids=str)
@pytest.mark.parametrize("leaf", [True, False])
def test_parts_and_wholes_in_any_order(order: tuple[int, ...], leaf: bool) -> None:
    v = np.array([1.0, -2.0, 3.0, 0.5])
    base = tg.tensor(v, requires_grad=True)
    x = base if leaf else base * 1
    loss = sum(USES[i](x) for i in order)
    loss.backward()
    np.testing.assert_allclose(base.grad._data, sum(GRADS[i](v) for i in order))


def test_a_cotangent_passed_on_is_not_written_to() -> None:
    """`z = x + w` hands one array to both; the parts of x must not reach w through it."""
    x = tg.zeros(3, requires_grad=True)
    w = tg.zeros(3, requires_grad=True)
    early = x * 1
    part = early[0] * 100 + early[1] * 10
    z = early + w
    (z.sum() + part).backward()
    assert w.grad.tolist() == [1, 1, 1]
    assert x.grad.tolist() == [101, 11, 1]


def test_gradients_that_hooks_and_retain_grad_saw_stay_as_they_were() -> None:
    x = tg.zeros(3, requires_grad=True)
    y = x * 2
    y.retain_grad()
    seen: list[Any] = []
    y.register_hook(seen.append)
    (y[0] + y[1:].sum() * 4).backward()
    assert y.grad.tolist() == seen[0].tolist() == [1, 4, 4]
    held = x.grad
    (x[0] + x[0]).backward()
    assert held.tolist() == [2, 8, 8] or held is x.grad
    assert x.grad.tolist() == [4, 8, 8]


def test_the_users_own_cotangent_is_not_written_to() -> None:
    x = tg.zeros(3, requires_grad=True)
    g = tg.ones(3)
    y = x + 0
    tg.autograd.backward([y, y[0], y[0:2].sum()], [g, None, None])
    assert g.tolist() == [1, 1, 1]
    assert x.grad.tolist() == [3, 2, 1]


def test_many_parts_take_no_time_that_grows_with_the_whole() -> None:
    """Counted, not timed: one buffer of the whole's size is filled, not one for each part."""
    calls = []
    zeros = np.zeros

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return zeros(*args, **kwargs)

    x = tg.zeros(50, 8, requires_grad=True)
    loss = sum((x[i] * x[i]).sum() for i in range(50))
    np.zeros = counted
    try:
        loss.backward()
    finally:
        np.zeros = zeros
    assert len(calls) == 1
