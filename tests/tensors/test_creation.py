"""New tensors: values, dtypes and forms as PyTorch's; refusals in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

CALLS: dict[str, Any] = {
    "zeros": lambda t: t.zeros(2, 3),
    "zeros of a list": lambda t: t.zeros([2, 3], dtype=t.int64),
    "zeros of a shape": lambda t: t.zeros(t.ones(2, 3).shape),
    "zeros of nothing": lambda t: t.zeros(0, 3),
    "ones scalar": lambda t: t.ones(()),
    "ones bool": lambda t: t.ones(2, dtype=t.bool),
    "full": lambda t: t.full((2, 2), 3.5),
    "full of ints": lambda t: t.full((2, 2), 3),
    "full of truths": lambda t: t.full((2,), True),
    "full of a tensor": lambda t: t.full((2,), t.tensor(3)),
    "zeros_like": lambda t: t.zeros_like(t.arange(3)),
    "ones_like": lambda t: t.ones_like(t.arange(3), dtype=t.float64),
    "full_like": lambda t: t.full_like(t.arange(3), 7),
    "arange": lambda t: t.arange(5),
    "arange floats": lambda t: t.arange(0, 1, 0.1),
    "arange down": lambda t: t.arange(5, 0, -2),
    "arange by name": lambda t: t.arange(start=1, end=4),
    "arange typed": lambda t: t.arange(3, dtype=t.float32),
    "arange end": lambda t: t.arange(1.0, 4.0),
    "arange empty": lambda t: t.arange(3, 3),
    "linspace": lambda t: t.linspace(0, 1, 7),
    "linspace double": lambda t: t.linspace(0, 1, 9, dtype=t.float64),
    "linspace one": lambda t: t.linspace(3, 10, 1),
    "linspace ints": lambda t: t.linspace(0, 10, 4, dtype=t.int64),
    "eye": lambda t: t.eye(3),
    "eye wide": lambda t: t.eye(2, 4, dtype=t.int64),
    "tensor": lambda t: t.tensor([[1, 2], [3, 4]]),
    "tensor of floats": lambda t: t.tensor([1.5, 2]),
    "tensor of truths": lambda t: t.tensor([True, False]),
    "tensor of nothing": lambda t: t.tensor([]),
    "tensor of an array": lambda t: t.tensor(np.arange(3.0)),
    "tensor of tensors": lambda t: t.tensor([t.tensor(1.0), t.tensor(2.0)]),
    "as_tensor": lambda t: t.as_tensor([1, 2, 3]),
    "as_tensor typed": lambda t: t.as_tensor(np.arange(3), dtype=t.float32),
    "from_numpy": lambda t: t.from_numpy(np.arange(3, dtype=np.int16)),
    "meshgrid": lambda t: t.stack(t.meshgrid(t.arange(3), t.arange(2), indexing="ij")),
    "meshgrid xy": lambda t: t.stack(t.meshgrid(t.arange(3), t.arange(2), indexing="xy")),
    "tril_indices": lambda t: t.tril_indices(3, 4, 1),
    "triu_indices": lambda t: t.triu_indices(3, 4, -1),
}


@pytest.mark.parametrize("case", CALLS)
def test_as_pytorchs(case: str) -> None:
    torch = pytest.importorskip("torch")
    a, b = CALLS[case](tg).numpy(), CALLS[case](torch).numpy()
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    np.testing.assert_array_equal(a, b)


def test_long_linspaces_are_close() -> None:
    # PyTorch rounds each vector register's entries from its first: that depends on the processor.
    torch = pytest.importorskip("torch")
    for dtype, tolerance in (("float32", 3e-7), ("float64", 1e-15)):
        a = tg.linspace(-3, 3, 1000, dtype=getattr(tg, dtype)).numpy()
        b = torch.linspace(-3, 3, 1000, dtype=getattr(torch, dtype)).numpy()
        np.testing.assert_allclose(a, b, rtol=0, atol=3 * tolerance)


def test_logspace_is_close() -> None:
    np.testing.assert_allclose(tg.logspace(0, 3, 4).tolist(), [1, 10, 100, 1000], rtol=1e-6)


def test_memory_is_shared_where_pytorch_shares_it() -> None:
    array = np.zeros(3)
    tg.from_numpy(array)[0] = 1
    tg.as_tensor(array)[1] = 2
    tg.tensor(array)[2] = 3
    assert array.tolist() == [1, 2, 0]
    x = tg.zeros(2)
    assert tg.as_tensor(x) is x


def test_the_default_dtype() -> None:
    try:
        tg.set_default_dtype(tg.float64)
        assert tg.zeros(1).dtype == tg.get_default_dtype() == np.float64
        assert tg.rand(1).dtype == np.float64
    finally:
        tg.set_default_dtype(tg.float32)
    with pytest.raises(TypeError, match="floating-point"):
        tg.set_default_dtype(tg.int64)


REFUSED: dict[str, tuple[Any, str]] = {
    "negative": (lambda: tg.zeros(2, -3), r"negative dimension -3: \[2, -3\]"),
    "a word": (lambda: tg.ones(2, color="red"), "'color'"),
    "out": (lambda: tg.eye(2, out=tg.ones(2, 2)), "assign the result"),
    "no step": (lambda: tg.arange(0, 3, 0), "nonzero"),
    "wrong way": (lambda: tg.arange(3, 0), "inconsistent with step sign"),
    "no end": (lambda: tg.arange(), "needs an end"),
    "a list": (lambda: tg.from_numpy([1, 2]), "tensor"),
    "text": (lambda: tg.tensor(["a"]), "holds numbers"),
    "ragged": (lambda: tg.tensor([[1, 2], [3]]), "ragged"),
    "integers": (lambda: tg.zeros(2, dtype=tg.int64, requires_grad=True), "floating point"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_words(case: str) -> None:
    call, words = REFUSED[case]
    with pytest.raises((TypeError, ValueError, RuntimeError), match=words):
        call()
