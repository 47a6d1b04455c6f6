"""NumPy speaks it: functions and operators of NumPy on Tensors record, or refuse by name."""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

RNG = np.random.default_rng(3)
X = RNG.uniform(0.5, 2.0, (3, 4))
Y = RNG.uniform(0.5, 2.0, (3, 4))
SQUARE = RNG.uniform(-1, 1, (3, 3)) + 3 * np.eye(3)
INDEX = np.array([[1, 0, 2, 1]])

# Every function of NumPy that has a meaning here, on X (and Y).
CALLS: dict[str, Callable[..., Any]] = {
    "sum": lambda x: np.sum(x, axis=0),
    "sum keepdims": lambda x: np.sum(x, axis=(0, 1), keepdims=True),
    "prod": lambda x: np.prod(x, axis=1),
    "max": lambda x: np.max(x, axis=1),
    "amin": lambda x: np.amin(x, axis=0, keepdims=True),
    "mean": lambda x: np.mean(x, axis=0),
    "var": lambda x: np.var(x, axis=0),
    "var ddof": lambda x: np.var(x, ddof=1),
    "std": lambda x: np.std(x, axis=1, keepdims=True),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "cumsum flat": lambda x: np.cumsum(x),
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "median": lambda x: np.median(x, axis=1),
    "median flat": lambda x: np.median(x),
    "sort": lambda x: np.sort(x, axis=0),
    "sort flat": lambda x: np.sort(x, axis=None),
    "reshape": lambda x: np.reshape(x, (4, 3)),
    "ravel": lambda x: np.ravel(x),
    "transpose": lambda x: np.transpose(x),
    "transpose axes": lambda x: np.transpose(x[None], (2, 0, 1)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "squeeze": lambda x: np.squeeze(x[None]),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 3, 4)),
    "concatenate": lambda x: np.concatenate([x, x * 2], axis=1),
    "concatenate flat": lambda x: np.concatenate([x, x], axis=None),
    "stack": lambda x: np.stack([x, x + 1], axis=1),
    "vstack": lambda x: np.vstack([x, x]),
    "hstack": lambda x: np.hstack([x, x]),
    "split": lambda x: np.split(x, 2, axis=1)[1],
    "split places": lambda x: np.split(x, [1, 3], axis=1)[1],
    "array_split": lambda x: np.array_split(x, 3, axis=1)[0],
    "repeat": lambda x: np.repeat(x, 2, axis=1),
    "tile": lambda x: np.tile(x, (2, 1)),
    "pad": lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=1.5),
    "flip": lambda x: np.flip(x, 1),
    "roll": lambda x: np.roll(x, 1, axis=1),
    "atleast_2d": lambda x: np.atleast_2d(x[0]),
    "tril": lambda x: np.tril(x),
    "triu": lambda x: np.triu(x, 1),
    "diag": lambda x: np.diag(x),
    "diag of a vector": lambda x: np.diag(x[0], 1),
    "diagonal": lambda x: np.diagonal(x),
    "trace": lambda x: np.trace(x),
    "where": lambda x: np.where(X > 1, x, 0.0),
    "clip": lambda x: np.clip(x, 0.8, 1.5),
    "take": lambda x: np.take(x, [0, 2], axis=1),
    "take flat": lambda x: np.take(x, [0, 5]),
    "take_along_axis": lambda x: np.take_along_axis(x, INDEX, 0),
    "einsum": lambda x: np.einsum("ij,ik->jk", x, x),
    "tensordot": lambda x: np.tensordot(x, x, ([0], [0])),
    "dot": lambda x: np.dot(x, x.T),
    "dot of stacks": lambda x: np.dot(x[None], np.ones((2, 4, 3))),
    "matmul": lambda x: np.matmul(x, x.T),
    "inner": lambda x: np.inner(x, x),
    "outer": lambda x: np.outer(x[0], x[1]),
    "norm": lambda x: np.linalg.norm(x, axis=1),
    "norm whole": lambda x: np.linalg.norm(x),
    "inv": lambda x: np.linalg.inv(x @ x.T + np.eye(3)),
    "det": lambda x: np.linalg.det(x @ x.T + np.eye(3)),
    "round": lambda x: np.round(x * 3),
    "copy": lambda x: np.copy(x),
    "sinc": lambda x: np.sinc(x),
    "exp": lambda x: np.exp(x),
    "logaddexp": lambda x: np.logaddexp(x, X),
    "maximum": lambda x: np.maximum(x, X[::-1]),
    "hypot": lambda x: np.hypot(x, 2.0),
    "arctan2": lambda x: np.arctan2(x, X),
    "power": lambda x: np.power(x, 3.0),
    "float_power": lambda x: x**2.0,
}


@pytest.mark.parametrize("name", CALLS)
def test_function(name: str) -> None:
    """The value is NumPy's, and the derivative that of differences."""
    f = CALLS[name]
    expected = f(X)
    t = tg.tensor(X, requires_grad=True)
    y = f(t)
    assert isinstance(y, tg.Tensor)
    assert y.requires_grad
    np.testing.assert_allclose(y.detach().numpy(), expected, rtol=1e-12)
    v = RNG.standard_normal(np.shape(expected))
    u = RNG.standard_normal(X.shape)
    (y * tg.tensor(v)).sum().backward()
    h = 1e-6
    difference = ((f(X + h * u) - f(X - h * u)) / (2 * h) * v).sum()
    assert float((t.grad.numpy() * u).sum()) == pytest.approx(difference, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    "left",
    [np.arange(4.0), np.float64(2), np.float32(2), np.int64(2), 2, 2.0, True, np.array(2.0)],
    ids=repr,
)
@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "truediv", "pow", "floordiv", "mod", "lt", "eq"]
)
def test_left_operand(left: Any, name: str) -> None:
    """`array * t` and its like: a Tensor, with the graph, in the tensor's place."""
    apply = getattr(operator, name)
    t = tg.tensor(X, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = apply(left, t)
    assert isinstance(y, tg.Tensor)
    np.testing.assert_allclose(y.detach().numpy(), apply(left, X), rtol=1e-12)
    assert y.requires_grad == (name not in ("lt", "eq"))


def test_left_list_of_a_ufunc() -> None:
    t = tg.tensor([1.0, 2.0], requires_grad=True)
    y = np.add([1.0, 2.0], t)
    assert isinstance(y, tg.Tensor)
    assert y.requires_grad
    with pytest.raises(TypeError, match="can only concatenate list"):
        [1.0, 2.0] + t


def test_array_matmul() -> None:
    t = tg.tensor(X, requires_grad=True)
    y = X.T @ t
    assert isinstance(y, tg.Tensor)
    y.sum().backward()
    np.testing.assert_allclose(t.grad.numpy(), np.broadcast_to(X.sum(1)[:, None], X.shape))


def test_unknown_operands_are_left_to_python() -> None:
    class Other:
        def __radd__(self, x: Any) -> str:
            return "mine"

    t = tg.tensor([1.0])
    assert t + Other() == "mine"
    with pytest.raises(TypeError, match="unsupported operand"):
        t + "text"


# Refusals -----------------------------------------------------------------------------------------

T = tg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
ARRAY = np.zeros((2, 2))
REFUSALS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: np.add.reduce(T),
        "cannot record a Tensor. Use np.sum",
    ),
    (lambda: np.multiply.accumulate(T), "Use np.cumprod"),
    (lambda: np.multiply.outer(T, T), "Use torch.outer"),
    (lambda: np.add.at(ARRAY, 0, T), "np.add.at works on raw arrays"),
    (lambda: np.add(ARRAY, T, out=ARRAY), "and lose its graph; write array = array + tensor"),
    (lambda: ARRAY.__imul__(T), "write array = array * tensor"),
    (lambda: np.exp(T, where=ARRAY > 0), "keyword 'where' is not recorded"),
    (lambda: np.add(T, 1, dtype=np.float32), "keyword 'dtype' is not recorded"),
    (
        lambda: np.spacing(T),
        "np.spacing has no derivative rule, so it cannot be recorded",
    ),
    (lambda: np.convolve(T[0], T[0]), "np.convolve has no derivative rule"),
    (lambda: np.percentile(T, 50), "np.percentile has no derivative rule"),
    (lambda: np.sum(T, out=ARRAY), "out= would write a Tensor's value into a plain array"),
    (lambda: np.pad(T, 1, mode="reflect"), "np.pad(mode='reflect') has no derivative rule"),
    (lambda: np.mean(T, where=ARRAY > 0), "np.mean of a Tensor: "),
    (lambda: np.linalg.norm(T, 1), "np.linalg.norm(matrix, ord=1) has no derivative rule"),
]


@pytest.mark.parametrize(("call", "words"), REFUSALS)
def test_refusal(call: Callable[[], Any], words: str) -> None:
    """By name, with what to type instead; and nothing was written."""
    with pytest.raises(TypeError, match=re.escape(words)):
        call()
    assert not ARRAY.any()


def test_asarray_refuses_to_detach() -> None:
    for convert in (np.asarray, np.array, lambda t: t.numpy()):
        with pytest.raises(RuntimeError, match=re.escape("Use tensor.detach().numpy() instead")):
            convert(T)
    np.testing.assert_array_equal(np.asarray(T.detach()), T.detach().numpy())
    assert np.asarray(T.detach(), dtype=np.float32).dtype == np.float32


def test_asarray_shares_memory() -> None:
    t = tg.tensor([1.0, 2.0])
    np.asarray(t)[0] = 5
    assert t[0].item() == 5
    assert np.array(t).base is None


# np.f and tg.f ------------------------------------------------------------------------------------

V = np.array([[4.0, 1.0, 3.0, 2.0]])
DIFFERENT: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], str]] = {
    "std": (np.std, tg.std, "n against n - 1"),
    "var": (np.var, tg.var, "n against n - 1"),
    "median": (np.median, tg.median, "the mean of the two in the middle against the lower"),
    "sort": (np.sort, lambda t: tg.sort(t)[0], "values against (values, indices)"),
    "max": (
        lambda t: np.max(t, 0),
        lambda t: tg.max(t, 0),
        "values against (values, indices)",
    ),
    "transpose": (np.transpose, lambda t: tg.transpose(t, 0, 1), "all axes against two"),
    "repeat": (lambda t: np.repeat(t, 2), lambda t: t.repeat(2, 1), "entries against the whole"),
    "split": (
        lambda t: np.split(t, 2, 1),
        lambda t: tg.split(t, 2, 1),
        "how many pieces against how long",
    ),
    "squeeze": (np.squeeze, tg.squeeze, "errors against none where a size is not 1"),
    "sign": (np.sign, tg.sign, "NaN against 0 of NaN"),
    "round": (np.round, tg.round, "the same, but decimals comes by keyword"),
    "abs": (np.abs, tg.abs, "truth values pass against a refusal"),
    "argmax": (np.argmax, tg.argmax, "truth values pass against a refusal"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_numpy_keeps_its_meaning(name: str) -> None:
    """`np.f(t)` is what `np.f(array)` is, also where PyTorch means something else."""
    of_numpy, _, _ = DIFFERENT[name]
    t = tg.tensor(V)
    found, expected = of_numpy(t), of_numpy(V)
    for a, b in zip(
        found if isinstance(found, list) else [found],
        expected if isinstance(expected, list) else [expected],
        strict=True,
    ):
        np.testing.assert_allclose(np.asarray(a), b)


def test_where_they_differ() -> None:
    t = tg.tensor(V)
    assert np.std(t).item() != tg.std(t).item()
    assert np.median(t).item() == 2.5
    assert tg.median(t).item() == 2.0
    assert isinstance(np.sort(t), tg.Tensor)
    assert tg.sort(t).indices.tolist() == [[1, 3, 2, 0]]
    assert tg.max(t, 0).indices.tolist() == [0, 0, 0, 0]
    assert np.repeat(t, 2).shape == (8,)
    assert t.repeat(2, 1).shape == (2, 4)
    assert [x.shape[1] for x in np.split(t, 4, 1)] == [1, 1, 1, 1]
    assert [x.shape[1] for x in tg.split(t, 4, 1)] == [4]
    assert tg.squeeze(t, 1).shape == (1, 4)
    nan = tg.tensor([float("nan")])
    assert np.isnan(np.sign(nan).item())
    assert tg.sign(nan).item() == 0
    assert np.abs(tg.tensor([True])).dtype == bool
    with pytest.raises(NotImplementedError, match="abs"):
        tg.abs(tg.tensor([True]))


def test_one_object() -> None:
    """`tg.tanh`, `t.tanh` and what NumPy reaches are one."""
    assert tg.tanh is tg.Tensor.tanh
    assert tg.sum is tg.Tensor.sum


# Other libraries' arrays --------------------------------------------------------------------------


def test_dask_arrays_may_be_the_data() -> None:
    """A Tensor around a Dask array stays one: nothing is computed until asked."""
    da = pytest.importorskip("dask.array")
    lazy = da.from_array(X, chunks=(2, 2))
    t = tg.Tensor(lazy, requires_grad=True)
    y = (t * t).sum()
    y.backward()
    assert isinstance(t.grad._data, da.Array)
    np.testing.assert_allclose(t.grad._data.compute(), 2 * X)
    assert float(y._data) == pytest.approx((X * X).sum())
