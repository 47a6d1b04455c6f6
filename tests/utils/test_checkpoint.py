"""Checkpointing: the same gradients, computed again and not kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.utils.checkpoint import CheckpointError, checkpoint, checkpoint_sequential


def model() -> Any:
    tg.manual_seed(0)
    return nn.Sequential(
        nn.Linear(5, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1)
    )


def gradients(m: Any, call: Any) -> list[Any]:
    x = tg.tensor(np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32)).requires_grad_()
    m.zero_grad()
    tg.manual_seed(3)
    (call(x) ** 2).sum().backward()
    return [x.grad.numpy(), *(p.grad.numpy() for p in m.parameters()), tg.rand(2).numpy()]


@pytest.mark.parametrize("reentrant", [False, True])
def test_the_same_gradients_bit_for_bit_dropout_too(reentrant: bool) -> None:
    m = model()
    plain = gradients(m, m)
    again = gradients(m, lambda x: checkpoint(m, x, use_reentrant=reentrant))
    parts = gradients(m, lambda x: checkpoint_sequential(m, 3, x, use_reentrant=reentrant))
    for a, b, c in zip(plain, again, parts, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_the_function_is_called_once_more_in_backward() -> None:
    calls = []

    def function(x: Any, *, power: int) -> Any:
        calls.append(power)
        return (x**power).sin()

    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = checkpoint(function, x, use_reentrant=False, power=2)
    assert len(calls) == 1
    y.sum().backward()
    assert len(calls) == 2
    np.testing.assert_allclose(x.grad, 2 * x.detach() * np.cos(x.detach().numpy() ** 2), rtol=1e-6)


def test_nothing_large_is_kept() -> None:
    held: list[Any] = []

    def function(x: Any) -> Any:
        y = x.exp()
        held.append(y._data)
        return y.sin().cos().sum()

    import sys

    x = tg.ones(1000, requires_grad=True)
    loss = checkpoint(function, x, use_reentrant=False)
    # The list, and the argument of getrefcount itself: no node holds the array.
    count = sys.getrefcount(held[0])
    assert count == 2
    loss.backward()
    assert x.grad is not None


def test_second_derivatives() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = checkpoint(lambda x: (x**3).sum(), x, use_reentrant=False)
    (g,) = tg.autograd.grad(y, x, create_graph=True)
    (h,) = tg.autograd.grad(g.sum(), x)
    np.testing.assert_allclose(h, 6 * x.detach())


def test_parameters_learn_without_inputs_that_do() -> None:
    m = model()
    checkpoint(m, tg.ones(2, 5), use_reentrant=False).sum().backward()
    assert m[0].weight.grad is not None
    with pytest.warns(UserWarning, match="None of the inputs"):
        assert not checkpoint(m, tg.ones(2, 5), use_reentrant=True).requires_grad
    with pytest.warns(UserWarning, match="passed explicitly"):
        checkpoint(m, tg.ones(2, 5, requires_grad=True))


def test_a_function_that_changes_is_noticed() -> None:
    calls = []

    def function(x: Any) -> Any:
        calls.append(1)
        return x.sin() if len(calls) == 1 else x.sin().exp()

    y = checkpoint(function, tg.ones(2, requires_grad=True), use_reentrant=False)
    with pytest.raises(CheckpointError, match="same each time"):
        y.sum().backward()
