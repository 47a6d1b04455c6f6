"""Tensor: construction, questions, conversions, copies, operators and their refusals."""

from __future__ import annotations

import copy
import gc
import pickle
import re
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor

# Making one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (3.0, tg.float32, ()),
        (3, tg.int64, ()),
        (True, tg.bool, ()),
        ([1.0, 2], tg.float32, (2,)),
        ([1, 2], tg.int64, (2,)),
        ([[True], [False]], tg.bool, (2, 1)),
        ([], tg.float32, (0,)),
        (np.ones(2), tg.float64, (2,)),
        (np.float64(2), tg.float64, ()),
        ([tg.tensor(1.0), tg.tensor(2.0)], tg.float32, (2,)),
        (np.arange(3, dtype=np.int16), tg.int16, (3,)),
    ],
)
def test_tensor_function(data: Any, dtype: Any, shape: Any) -> None:
    t = tg.tensor(data)
    assert t.dtype == dtype
    assert t.shape == shape
    assert not t.requires_grad


def test_the_class_makes_default_floats() -> None:
    assert Tensor([1, 2]).dtype == tg.float32
    assert Tensor(2, 3).shape == (2, 3)
    assert Tensor().shape == (0,)


def test_the_class_given_whole_numbers_takes_them_for_sizes() -> None:
    assert Tensor(3).shape == (3,)
    assert Tensor(np.int64(3), 2).shape == (3, 2)
    assert Tensor(tg.ones(2, 3).size()).shape == (2, 3)
    np.testing.assert_array_equal(Tensor((2, 3)), [2, 3])  # a plain tuple holds values
    with pytest.raises(TypeError, match="takes one number, list or array, got 2"):
        Tensor(3, 1.5)


def test_a_lone_float_is_a_value_of_micrograd() -> None:
    x = Tensor(3.0)
    (x * x + 2 * x).backward()
    assert x.grad.item() == 8


def test_tensor_copies_and_from_numpy_shares() -> None:
    a = np.zeros(3)
    copied, shared = tg.tensor(a), tg.from_numpy(a)
    a[0] = 1
    assert copied[0].item() == 0
    assert shared[0].item() == 1


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: tg.tensor("text"), TypeError, "a tensor holds numbers, got str"),
        (lambda: tg.tensor([None]), TypeError, "a tensor holds numbers"),
        (lambda: tg.tensor([[1, 2], [3]]), ValueError, "rows of one length, got a ragged"),
        (lambda: tg.tensor([1, 2], requires_grad=True), RuntimeError, "only Tensors of floating"),
        (lambda: tg.from_numpy([1]), TypeError, "expected np.ndarray (got list)"),
        (lambda: tg.zeros(-1), RuntimeError, "negative dimension -1"),
    ],
)
def test_bad_data(make: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        make()


# Asking and converting ----------------------------------------------------------------------------


def test_questions() -> None:
    t = tg.zeros(2, 3, dtype=tg.float64)
    assert (t.ndim, t.dim(), t.numel(), t.nelement(), len(t)) == (2, 2, 6, 6, 2)
    assert t.size() == (2, 3)
    assert t.size(1) == t.shape[-1] == 3
    assert t.shape.numel() == 6
    assert t.stride() == (3, 1)
    assert t.is_contiguous()
    assert not t.T.is_contiguous()
    assert t.T.contiguous().is_contiguous()
    assert t.element_size() == 8
    assert t.is_floating_point()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: tg.ones(2).item(), RuntimeError, "a Tensor with 2 elements cannot be converted"),
        (lambda: bool(tg.ones(2)), RuntimeError, "ambiguous (shape (2,)): use .any() or .all()"),
        (lambda: bool(tg.ones(0)), RuntimeError, "no values is ambiguous"),
        (lambda: len(tg.tensor(1.0)), TypeError, "len() of a 0-d tensor"),
        (lambda: iter(tg.tensor(1.0)), TypeError, "iteration over a 0-d tensor"),
        (lambda: [1, 2][tg.tensor(1.0)], TypeError, "only integer tensors of a single element"),
        (lambda: tg.ones(3)[5], IndexError, "index 5 is out of bounds"),
        (lambda: tg.ones(3)[tg.tensor([0.5])], IndexError, "tensors used as indices must be long"),
        (lambda: tg.ones(3)[::-1], ValueError, "step must be greater than zero; use .flip"),
        (lambda: tg.ones(2, 3) + tg.ones(2, 4), RuntimeError, "size of tensor a (3) must match"),
        (lambda: tg.ones(2, 3) @ tg.ones(4, 5), RuntimeError, "cannot be multiplied (2x3 and 4x5)"),
        (
            lambda: tg.ones(2, 3).view(4, 2),
            RuntimeError,
            "shape [4, 2] is invalid for input of size",
        ),
        (lambda: tg.ones(2, 3).sum(5), IndexError, "expected to be in range of [-2, 1], but got 5"),
        (lambda: tg.ones(3).nonsense, AttributeError, "nonsense"),
        (lambda: tg.cat([]), RuntimeError, "non-empty list of Tensors"),
        (lambda: tg.ones(0).max(), RuntimeError, "amax of nothing has no value"),
    ],
)
def test_errors_say_what_to_do(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        call()


def test_python_numbers() -> None:
    t = tg.tensor(2.5)
    assert float(t) == t.item() == 2.5
    assert int(tg.tensor(3)) == 3
    assert [10, 20, 30][tg.tensor(1)] == 20
    assert list(range(tg.tensor(3))) == [0, 1, 2]
    assert complex(t) == 2.5
    assert 2.5 in t.reshape(1)
    assert tg.tensor([[1.0], [2.0]]).tolist() == [[1.0], [2.0]]


def test_to() -> None:
    t = tg.ones(2)
    assert t.to(tg.float64).dtype == tg.float64
    assert t.to("cpu") is t
    assert t.to(tg.zeros(1, dtype=tg.int32)).dtype == tg.int32
    assert t.to(t.dtype) is t
    assert t.to(t.dtype, copy=True) is not t
    casts = {"double": "float64", "half": "float16", "long": "int64", "byte": "uint8"}
    for name, dtype in casts.items():
        assert getattr(t, name)().dtype == dtype


def test_casts_are_recorded() -> None:
    x = tg.ones(2, requires_grad=True)
    (x.double() * 2).sum().backward()
    assert x.grad.dtype == tg.float32
    assert x.grad.tolist() == [2.0, 2.0]


# Copies -------------------------------------------------------------------------------------------


def test_deepcopy_of_a_leaf_keeps_its_gradient() -> None:
    x = tg.ones(2, requires_grad=True)
    x.sum().backward()
    y = copy.deepcopy(x)
    assert y.requires_grad
    assert y.grad.tolist() == [1.0, 1.0]
    y.grad.zero_()
    assert x.grad.tolist() == [1.0, 1.0]
    with pytest.raises(RuntimeError, match="graph leaves"):
        copy.deepcopy(x * 2)


def test_pickle_makes_leaves() -> None:
    x = tg.ones(2, requires_grad=True)
    x.sum().backward()
    y = pickle.loads(pickle.dumps(x))
    assert y.requires_grad
    assert y.grad is None
    z = pickle.loads(pickle.dumps(x * 2))
    assert z.is_leaf
    assert z.tolist() == [2.0, 2.0]


def test_identity() -> None:
    """Hash by identity, == by entries, and weak references."""
    x = tg.ones(2)
    assert len({x, x, tg.ones(2)}) == 2
    assert (x == tg.ones(2)).tolist() == [True, True]
    reference = weakref.ref(x)
    gc.disable()
    try:
        del x
        assert reference() is None
    finally:
        gc.enable()


# Gradients' own questions -------------------------------------------------------------------------


def test_grad_may_be_assigned_if_it_fits() -> None:
    x = tg.ones(2, requires_grad=True)
    x.grad = tg.zeros(2)
    with pytest.raises(RuntimeError, match="they must agree"):
        x.grad = tg.zeros(3)
    with pytest.raises(TypeError, match="expected to be a Tensor or None"):
        x.grad = 1.0
    assert x.grad.tolist() == [0.0, 0.0]
    x.grad = None
    assert x.grad is None


def test_leaves_and_others() -> None:
    x = tg.ones(2, requires_grad=True)
    y = x * 2
    assert x.is_leaf
    assert x.grad_fn is None
    assert not y.is_leaf
    assert y.grad_fn is not None
    with pytest.raises(RuntimeError, match="can only change requires_grad flags of leaf"):
        y.requires_grad_(False)
    assert not y.detach().requires_grad
    y.retain_grad()
    y.sum().backward()
    assert y.grad.tolist() == [1.0, 1.0]


def test_operators_of_python() -> None:
    a, b = tg.tensor([5, 6]), tg.tensor([3, 4])
    assert (a & b).tolist() == [1, 4]
    assert (a | b).tolist() == [7, 6]
    assert (a ^ b).tolist() == [6, 2]
    assert (~a).tolist() == [-6, -7]
    assert (a << 1).tolist() == [10, 12]
    assert (a >> 1).tolist() == [2, 3]
    assert (-a).tolist() == [-5, -6]
    assert abs(-a).tolist() == [5, 6]
    assert divmod(7, 2) == (int(tg.tensor(7) // 2), int(tg.tensor(7) % 2))
    assert (2**b).tolist() == [8, 16]


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "//", "%", "**"])
def test_in_place_operators(sign: str) -> None:
    """The same object with the new value, also under a graph."""
    names = {"x": tg.tensor([5.0, 6.0]), "y": tg.tensor([2.0, 3.0], requires_grad=True)}
    expected = eval(f"x {sign} y", dict(names)).detach()
    before = names["x"]
    exec(f"x {sign}= y", names)
    assert names["x"] is before
    assert names["x"].requires_grad
    assert names["x"].tolist() == expected.tolist()


def test_complex_numbers_cannot_require_grad() -> None:
    """Rules are for real numbers: PyTorch's conjugates in gradients would be missing unseen."""
    with pytest.raises(RuntimeError, match="real and the imaginary part as two tensors"):
        tg.tensor([1 + 2j], requires_grad=True)


WHOLE = [np.int64, np.int32, np.uint8, np.bool_]
ARITHMETIC = ["__add__", "__sub__", "__mul__", "__floordiv__", "__mod__", "__truediv__", "__pow__"]


@pytest.mark.parametrize("dtype", WHOLE)
@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize("number", [3, 2.5, True])
def test_numbers_beside_whole_numbers_on_either_side_are_as_pytorchs(dtype, name, number):
    torch = pytest.importorskip("torch")
    if dtype is np.bool_ and name == "__pow__":
        pytest.skip("PyTorch answers a power of truth values with truth values, NumPy with int8")
    data = np.array([1, 2, 5]).astype(dtype)
    for form in (name, name.replace("__", "__r", 1)):
        answers = []
        for x in (torch.from_numpy(data), tg.from_numpy(data.copy())):
            try:
                answers.append(getattr(x, form)(number))
            except RuntimeError:
                answers.append(None)
        theirs, ours = answers
        if theirs is None or theirs is NotImplemented:
            continue  # what PyTorch does not define
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), form
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
