"""`torch.func`: derivatives and batches of functions, beside PyTorch's where that is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd.func import (
    functional_call,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    stack_module_state,
    vjp,
    vmap,
)


def test_grad_nests() -> None:
    x = tg.tensor(2.0, requires_grad=False)
    cube = lambda x: x**3
    for expected in (12.0, 12.0, 6.0, 0.0):
        cube = grad(cube)
        assert cube(x).item() == expected
        assert not cube(x).requires_grad


def test_grad_leaves_no_gradient_behind_and_lets_outer_ones_through() -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    slope = grad(lambda w: (w**3).sum())(w)
    assert w.grad is None
    slope.sum().backward()
    np.testing.assert_allclose(w.grad, [6.0, 12.0])


def test_grad_of_nested_arguments_and_with_more_to_say() -> None:
    params = {"w": tg.tensor([1.0, 2.0]), "more": [tg.tensor(3.0)]}
    loss = lambda p, x: ((p["w"] * x).sum() * p["more"][0], x.sum())
    (slopes, other), (value, aux) = grad_and_value(loss, (0, 1), has_aux=True)(
        params, tg.tensor([4.0, 5.0])
    )
    np.testing.assert_allclose(slopes["w"], [12.0, 15.0])
    assert slopes["more"][0].item() == 14.0
    np.testing.assert_allclose(other, [3.0, 6.0])
    assert (value.item(), aux.item()) == (42.0, 9.0)


def test_grad_of_more_than_one_entry_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"scalar Tensor, got shape \(2,\); .*jacrev"):
        grad(lambda x: x * 2)(tg.ones(2))


def test_per_sample_gradients() -> None:
    model = tg.nn.Linear(3, 2)
    params = {k: v.detach() for k, v in model.named_parameters()}
    x, y = tg.randn(5, 3), tg.randn(5, 2)

    def loss(params: Any, x: Any, y: Any) -> Any:
        return ((functional_call(model, params, (x,)) - y) ** 2).sum()

    each = vmap(grad(loss), in_dims=(None, 0, 0))(params, x, y)
    assert tuple(each["weight"].shape) == (5, 2, 3)
    whole = grad(lambda p: loss(p, x, y))(params)
    np.testing.assert_allclose(each["weight"].sum(0), whole["weight"], rtol=1e-5)
    assert model.weight.grad is None


def test_vmap_dimensions() -> None:
    a, b = tg.arange(6.0).reshape(2, 3), tg.arange(3.0)
    np.testing.assert_array_equal(vmap(tg.dot, (0, None))(a, b), (a * b).sum(1))
    columns = vmap(lambda c: c * 2, in_dims=1, out_dims=1)(a)
    np.testing.assert_array_equal(columns, a * 2)
    pair = vmap(lambda row: {"sum": row.sum(), "row": row})(a)
    assert tuple(pair["row"].shape) == (2, 3)
    with pytest.raises(ValueError, match="one size of batch"):
        vmap(tg.dot)(a, tg.ones(3, 3))


def test_ensemble() -> None:
    models = [tg.nn.Linear(3, 2) for _ in range(4)]
    params, buffers = stack_module_state(models)
    x = tg.randn(5, 3)
    out = vmap(lambda p, b: functional_call(models[0], (p, b), (x,)))(params, buffers)
    np.testing.assert_allclose(out.detach(), tg.stack([m(x) for m in models]).detach(), rtol=1e-6)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.parametrize("which", ["jacrev", "jacfwd", "hessian", "vjp", "jvp"])
def test_beside_pytorch(which: str) -> None:
    torch = pytest.importorskip("torch")
    x, v = np.random.default_rng(0).normal(size=(2, 3)), np.ones((2, 3))
    f = lambda lib: lambda x: lib.tanh(x) @ x.T
    total = lambda lib: lambda x: (x.sin() ** 3).sum()
    both = []
    for lib, here in ((tg, globals()), (torch, vars(torch.func))):
        given = lib.tensor(x)
        if which == "vjp":
            out, pull = here["vjp"](f(lib), given)
            both.append([out, *pull(lib.tensor(np.ones((2, 2))))])
        elif which == "jvp":
            both.append(list(here["jvp"](f(lib), (given,), (lib.tensor(v),))))
        else:
            both.append([here[which](total(lib) if which == "hessian" else f(lib))(given)])
    for a, b in zip(*both, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-10)


def test_names_are_used() -> None:
    """The derivatives agree with one another."""
    x = tg.tensor([0.3, -0.7], dtype=tg.float64)
    f = lambda x: x.sin() * x.sum()
    J = jacrev(f)(x)
    np.testing.assert_allclose(J, jacfwd(f)(x))
    out, along = jvp(f, (x,), (tg.ones(2, dtype=tg.float64),))
    np.testing.assert_allclose(along, J.sum(1))
    np.testing.assert_allclose(vjp(f, x)[1](tg.ones(2, dtype=tg.float64))[0], J.sum(0))
    np.testing.assert_allclose(out, f(x))
    H = hessian(lambda x: f(x).sum())(x)
    np.testing.assert_allclose(H, H.T, rtol=1e-12)
