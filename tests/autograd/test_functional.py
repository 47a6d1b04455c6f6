"""Derivatives of functions: against formulas, and against PyTorch's forms, words and numbers."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import functional, grad
from tinygrad_edu.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp


def t(values, **options):
    return tg.tensor(values, dtype=tg.float64, **options)


X = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]
W = [1.0, -2.0, 3.0]


def plain(value):
    """Nested tuples of lists in place of tensors."""
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    return value.tolist()


def shape_of(value):
    return tuple(shape_of(v) for v in value) if isinstance(value, tuple) else tuple(value.shape)


def flat(value):
    return [x for part in value for x in flat(part)] if isinstance(value, tuple) else [value]


def row(x):
    return (x * x).sum(0)


def test_forms_and_formulas():
    x, w = t(X), t(W)
    y, product = vjp(row, x, w)
    np.testing.assert_allclose(y.tolist(), (np.array(X) ** 2).sum(0))
    np.testing.assert_allclose(product.tolist(), 2 * np.array(X) * np.array(W))
    y, product = jvp(row, x, tg.ones_like(x))
    np.testing.assert_allclose(product.tolist(), 2 * np.array(X).sum(0))
    j = jacobian(row, x)
    assert j.shape == (3, 2, 3)
    np.testing.assert_allclose(j.sum(0).tolist(), 2 * np.array(X))
    h = hessian(lambda x: (x**3).sum(), w)
    np.testing.assert_allclose(h.tolist(), np.diag(6 * np.array(W)))
    for product in (hvp, vhp):
        y, hv = product(lambda x: (x**3).sum(), w, t([1.0, 10.0, 100.0]))
        assert y.item() == 1 - 8 + 27
        np.testing.assert_allclose(hv.tolist(), 6 * np.array(W) * [1.0, 10.0, 100.0])


CASES = {
    "one to one": (lambda T: lambda x: T.exp(x).sum(0), 1),
    "one to two": (lambda T: lambda x: (T.sin(x), (x * x).sum()), 1),
    "two to one": (lambda T: lambda x, w: T.tanh(x * w).sum(1), 2),
    "two to two": (lambda T: lambda x, w: ((x * w).sum(), x + w), 2),
    "unused": (lambda T: lambda x, w: (x * 1, T.ones(2, dtype=T.float64)), 2),
    "scalar": (lambda T: lambda x, w: (T.sin(x) * w * w).sum(), 2),
}


def call(T, name, case, strategy="reverse-mode", create_graph=False):
    make, arity = CASES[case]
    function = make(T)
    inputs = [T.tensor(X, dtype=T.float64), T.tensor(W, dtype=T.float64)][:arity]
    inputs = inputs[0] if arity == 1 else tuple(inputs)
    module = T.autograd.functional
    if name in ("jacobian",):
        return module.jacobian(function, inputs, create_graph)
    if name == "hessian":
        return module.hessian(function, inputs, create_graph)
    values = function(*(inputs if isinstance(inputs, tuple) else (inputs,)))
    like = inputs if name in ("jvp", "hvp", "vhp") else values
    many = like if isinstance(like, tuple) else (like,)
    v = tuple((T.arange(x.numel(), dtype=T.float64) + 1).reshape(x.shape) for x in many)
    v = v if isinstance(like, tuple) else v[0]
    return getattr(module, name)(function, inputs, v, create_graph)


@pytest.mark.torch
@pytest.mark.parametrize("name", ["vjp", "jvp", "jacobian"])
@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("create_graph", [False, True])
def test_first_derivatives_agree_with_pytorch(name, case, create_graph):
    torch = pytest.importorskip("torch")
    check(torch, name, case, create_graph)


@pytest.mark.torch
@pytest.mark.parametrize("name", ["hessian", "hvp", "vhp"])
@pytest.mark.parametrize("create_graph", [False, True])
def test_second_derivatives_agree_with_pytorch(name, create_graph):
    torch = pytest.importorskip("torch")
    check(torch, name, "scalar", create_graph)


def check(torch, name, case, create_graph):
    expected, found = (call(T, name, case, create_graph=create_graph) for T in (torch, tg))
    assert shape_of(found) == shape_of(expected)
    for ours, theirs in zip(flat(found), flat(expected), strict=True):
        np.testing.assert_allclose(ours.tolist(), theirs.tolist(), rtol=1e-12, atol=1e-14)
        assert ours.requires_grad == theirs.requires_grad


@pytest.mark.parametrize("case", ["one to one", "one to two", "two to one", "two to two"])
def test_columns_equal_rows(case):
    make, arity = CASES[case]
    inputs = (t(X), t(W))[:arity]
    inputs = inputs[0] if arity == 1 else inputs
    rows = jacobian(make(tg), inputs)
    columns = jacobian(make(tg), inputs, strategy="forward-mode")
    assert shape_of(rows) == shape_of(columns)
    for ours, theirs in zip(flat(rows), flat(columns), strict=True):
        np.testing.assert_allclose(ours.tolist(), theirs.tolist(), rtol=1e-14, atol=1e-15)
    with pytest.raises(ValueError, match="reverse-mode"):
        jacobian(make(tg), inputs, strategy="sideways")


def test_create_graph_connects_answers_to_the_inputs():
    w = t(W, requires_grad=True)
    j = jacobian(lambda x: x**3, w, create_graph=True)
    (g,) = grad(j.sum(), w)
    np.testing.assert_allclose(g.tolist(), 6 * np.array(W))
    _, product = vjp(lambda x: (x**3).sum(), w, create_graph=True)
    np.testing.assert_allclose(grad(product.sum(), w)[0].tolist(), 6 * np.array(W))


def test_the_users_tensors_are_left_alone():
    w = t(W, requires_grad=True)
    c = t([2.0, 2.0, 2.0], requires_grad=True)
    before = c.grad, w.grad
    jacobian(lambda x: x * c, w)
    hessian(lambda x: (x * x * c).sum(), w)
    vjp(lambda x: (x * c).sum(), w)
    assert (c.grad, w.grad) == before == (None, None)
    assert not t(W).requires_grad
    with tg.no_grad():
        assert jacobian(lambda x: x * 2, t(W)).tolist() == np.diag([2.0] * 3).tolist()


def test_no_perturbation_confusion():
    x = t(3.0)

    def outer(x):
        inner = vjp(lambda y: x * y, t(1.0), create_graph=True)[1]
        return x * inner

    assert vjp(outer, x)[1].item() == 6.0


def test_third_derivatives():
    x = t(2.0, requires_grad=True)
    y = x**4
    for expected in (32.0, 48.0, 48.0):
        (y,) = grad(y, x, create_graph=True)
        assert y.item() == expected


def test_empty_jacobian():
    assert jacobian(lambda x: x[:0] * 2, t(W)).shape == (0, 3)


def test_strict():
    with pytest.raises(
        RuntimeError, match="Output 0 of the user-provided function does not require"
    ):
        jacobian(lambda x: tg.ones(2), t(W), strict=True)
    with pytest.raises(RuntimeError, match="independent of input 1"):
        vjp(lambda x, y: x.sum(), (t(W), t(W)), strict=True)
    assert plain(vjp(lambda x, y: x.sum(), (t(W), t(W)))[1][1]) == [0.0] * 3


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: vjp(row, t(X)), RuntimeError, "v can only be None"),
        (lambda: vjp(row, t(X), t([1.0])), RuntimeError, r"should be \(3,\) but got \(1,\)"),
        (lambda: jvp(row, t(X), (t(W), t(W))), RuntimeError, "should be 1 but got 2"),
        (lambda: vjp(row, [1.0]), TypeError, "value at index 0 has type"),
        (lambda: vjp(row, 3.0), TypeError, "either a Tensor or a tuple of Tensors"),
        (lambda: jacobian(lambda x: 3.0, t(W)), TypeError, "outputs of the user-provided function"),
        (lambda: hessian(lambda x: x, t(W)), RuntimeError, "single element"),
        (lambda: hvp(lambda x: (x.sum(), x.sum()), t(W), t(W)), RuntimeError, "single Tensor"),
    ],
)
def test_what_refuses(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_public_names_are_the_same_objects():
    for name in ("vjp", "jvp", "jacobian", "hessian", "hvp", "vhp"):
        assert getattr(tg, name) is getattr(functional, name)
