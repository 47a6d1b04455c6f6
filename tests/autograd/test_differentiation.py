"""`autograd.grad` and `autograd.backward`."""

import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import backward, grad


def leaf(values):
    return tg.tensor(values, dtype=tg.float64, requires_grad=True)


def test_grad_touches_no_grad():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (g,) = grad((x * w).sum(), x)
    assert g.tolist() == [3.0, 4.0]
    assert (x.grad, w.grad) == (None, None)
    assert not g.requires_grad


def test_grad_by_an_intermediate_tensor():
    x = leaf([1.0, 2.0])
    y = x * 3
    gx, gy = grad((y * y).sum(), (x, y))
    assert gy.tolist() == [6.0, 12.0]
    assert gx.tolist() == [18.0, 36.0]


def test_unused_inputs():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x * 2).sum()
    with pytest.raises(RuntimeError, match=r"not have been used in the graph.*number 1.*\(2,\)"):
        grad(y, (x, w), retain_graph=True)
    assert grad(y, (x, w), retain_graph=True, allow_unused=True)[1] is None
    assert grad(y, (x, w), materialize_grads=True)[1].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="materialize_grads=True"):
        grad(y, (x, w), allow_unused=False, materialize_grads=True)
    with pytest.raises(RuntimeError, match=r"does not require grad.*number 0"):
        grad((x * 2).sum(), tg.ones(2))


def test_several_outputs_and_cotangents():
    x = leaf([1.0, 2.0])
    v = tg.tensor([1.0, 10.0], dtype=tg.float64)
    (g,) = grad([x * 2, (x * x).sum()], x, [v, None])
    assert g.tolist() == [4.0, 24.0]
    with pytest.raises(RuntimeError, match="got 2 tensors and 1 gradients"):
        grad([x * 2, x * 3], x, [v])


def test_batched_cotangents():
    x = leaf([1.0, 2.0])
    y = x * x
    (j,) = grad(y, x, tg.eye(2, dtype=tg.float64), is_grads_batched=True)
    assert j.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    with pytest.raises(RuntimeError, match="second time"):
        y.sum().backward()


def test_backward_of_several_tensors():
    x = leaf([1.0, 2.0])
    backward([(x * 2).sum(), x * x], [None, tg.ones(2, dtype=tg.float64)])
    assert x.grad.tolist() == [4.0, 6.0]
    backward((x * 3).sum())
    assert x.grad.tolist() == [7.0, 9.0]
    backward(x * 1, grad_variables=tg.ones(2, dtype=tg.float64))
    assert x.grad.tolist() == [8.0, 10.0]
    with pytest.raises(RuntimeError, match="got 1 tensors and 2 gradients"):
        backward((x * 2).sum(), [None, None])
    with pytest.raises(RuntimeError, match="both passed"):
        backward((x * 2).sum(), [None], grad_variables=[None])


def test_create_graph_in_backward():
    x = leaf([1.0, 2.0])
    with pytest.warns(UserWarning, match="reference cycle"):
        (x**3).sum().backward(create_graph=True)
    first = x.grad
    assert first.requires_grad
    x.grad = None
    first.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]
