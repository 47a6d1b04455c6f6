"""Hooks on what is kept for backward."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import Function, grad
from tinygrad_edu.autograd.graph import (
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)


def leaf(values):
    return tg.tensor(values, dtype=tg.float64, requires_grad=True)


def test_pack_and_unpack():
    packed, unpacked = [], []

    def pack(x):
        assert not tg.is_grad_enabled()
        packed.append(x.tolist())
        return len(packed) - 1

    def unpack(place):
        unpacked.append(place)
        return tg.tensor(packed[place], dtype=tg.float64)

    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    with saved_tensors_hooks(pack, unpack):
        y = (a * b).exp().sum()
    assert sorted(packed[:2]) == [[1.0, 2.0], [3.0, 4.0]]
    assert unpacked == []
    y.backward()
    assert sorted(unpacked) == [0, 1, 2]
    e = np.exp([3.0, 8.0])
    np.testing.assert_allclose(a.grad.tolist(), e * [3.0, 4.0])
    np.testing.assert_allclose(b.grad.tolist(), e * [1.0, 2.0])
    assert y.grad_fn.name() == "SumBackward0"


def test_what_pack_changes_is_what_backward_sees():
    x = leaf([1.0, 2.0])
    with saved_tensors_hooks(lambda t: t, lambda t: t * 10):
        y = (x * x).sum()
    y.backward()
    assert x.grad.tolist() == [20.0, 40.0]


def test_double_backward_and_variadic_and_custom():
    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 3 * g * x**2

    def f(x):
        return tg.einsum("i,i->", Cube.apply(x), tg.cat([x, x])[:2])

    answers = []
    for hooks in (False, True):
        x = leaf([1.0, 2.0])
        if hooks:
            with save_on_cpu():
                y = f(x)
        else:
            y = f(x)
        (g,) = grad(y, x, create_graph=True)
        answers.append((g.tolist(), grad(g.sum(), x)[0].tolist()))
    assert answers[0] == answers[1]


def test_an_unpack_hook_must_answer_with_a_tensor():
    x = leaf([1.0, 2.0])
    with saved_tensors_hooks(lambda t: t, lambda t: "lost"):
        y = x.exp().sum()
    with pytest.raises(TypeError, match="unpack_hook returned str for a value saved by exp"):
        y.backward()


def test_disabled():
    with disable_saved_tensors_hooks("not while compiling"):
        with pytest.raises(RuntimeError, match="not while compiling"), save_on_cpu():
            pass
        leaf([1.0]).exp().sum().backward()
    with save_on_cpu():
        pass
