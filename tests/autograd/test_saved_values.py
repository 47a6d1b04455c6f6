"""What a node keeps for backward, read by PyTorch's names."""

from __future__ import annotations

import gc
import weakref

import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd.graph import saved_tensors_hooks


def test_a_leaf_is_kept_itself() -> None:
    a, b = tg.ones(3, requires_grad=True), tg.ones(3, requires_grad=True)
    y = a * b
    assert y.grad_fn._saved_self is a
    assert y.grad_fn._saved_other is b


def test_an_output_is_kept_as_a_new_tensor() -> None:
    y = tg.ones(3, requires_grad=True).exp()
    kept = y.grad_fn._saved_result
    assert kept is not y
    assert kept.grad_fn is y.grad_fn
    assert kept.tolist() == y.tolist()


def test_an_intermediate_value_comes_with_its_history() -> None:
    x = tg.ones(3, requires_grad=True)
    y = (x * 2).exp().log()
    assert y.grad_fn._saved_self.grad_fn.name() == "ExpBackward0"


def test_what_is_not_kept_is_named() -> None:
    y = tg.ones(3, requires_grad=True) + 1
    with pytest.raises(AttributeError, match=r"AddBackward0 keeps no 'self'.*nothing"):
        _ = y.grad_fn._saved_self
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = y.grad_fn.colour


def test_after_backward_it_is_gone() -> None:
    x = tg.ones(3, requires_grad=True)
    y = x.exp()
    y.sum().backward()
    with pytest.raises(RuntimeError, match="already been freed"):
        _ = y.grad_fn._saved_result


def test_hooks_see_the_tensors_and_open_what_is_asked_for() -> None:
    packed, opened = [], []

    def pack(x: tg.Tensor) -> int:
        packed.append(x)
        return len(packed) - 1

    def unpack(place: int) -> tg.Tensor:
        opened.append(place)
        return packed[place]

    a = tg.ones(2, requires_grad=True)
    with saved_tensors_hooks(pack, unpack):
        y = a * (a * 2)
    assert any(x is a for x in packed)
    assert {str(x.grad_fn)[1:5] for x in packed if x is not a} == {"Node"}
    assert opened == []
    assert y.grad_fn._saved_self is a
    assert len(opened) == 1


def test_a_kept_output_does_not_hold_the_graph() -> None:
    x = tg.ones(2, requires_grad=True)
    with saved_tensors_hooks(lambda t: t, lambda t: t):
        y = x.exp()
    node = weakref.ref(y.grad_fn)
    gc.disable()
    try:
        del y
        assert node() is None
    finally:
        gc.enable()
