"""Random tensors: PyTorch's numbers, its argument forms, the methods that fill, the refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.engine.saved import version


def test_the_first_numbers_recorded_from_pytorch() -> None:
    tg.manual_seed(0)
    assert tg.rand(3).tolist() == [0.49625658988952637, 0.7682217955589294, 0.08847743272781372]
    assert tg.randn(2).tolist() == [0.3643381893634796, 0.13439632952213287]
    assert tg.randint(0, 100, (4,)).tolist() == [3, 97, 83, 1]
    assert tg.randperm(6).tolist() == [2, 0, 5, 4, 3, 1]


# Each is called as `f(package)`; bits, dtype, shape and the stream afterwards must agree.
CALLS: dict[str, Any] = {
    "rand": lambda t: t.rand(2, 3),
    "rand of a tuple": lambda t: t.rand((2, 3), dtype=t.float64),
    "rand by name": lambda t: t.rand(size=(2, 3)),
    "randn": lambda t: t.randn(20),
    "randn half": lambda t: t.randn(5, dtype=t.float16),
    "randn scalar": lambda t: t.randn(()),
    "randint": lambda t: t.randint(10, (3, 4)),
    "randint from": lambda t: t.randint(-5, 5, (3, 4), dtype=t.int32),
    "randint by name": lambda t: t.randint(low=2, high=7, size=(9,)),
    "randint half by name": lambda t: t.randint(high=7, size=[9]),
    "randint floats": lambda t: t.randint(0, 7, (9,), dtype=t.float32),
    "randperm": lambda t: t.randperm(11),
    "normal": lambda t: t.normal(1.0, 2.0, (3, 4)),
    "normal by name": lambda t: t.normal(mean=0.5, std=2.0, size=(3,)),
    "normal of means": lambda t: t.normal(t.arange(5.0), 0.5),
    "normal of both": lambda t: t.normal(t.arange(5.0), t.arange(1.0, 6.0)),
    "normal of stds": lambda t: t.normal(0.0, t.arange(1.0, 6.0)),
    "bernoulli": lambda t: t.bernoulli(t.full((9,), 0.3)),
    "bernoulli method": lambda t: t.full((9,), 0.3).bernoulli(),
    "multinomial": lambda t: t.multinomial(t.tensor([0.1, 0.5, 2.0, 0.2]), 3),
    "multinomial again": lambda t: t.multinomial(t.ones(2, 4), 6, replacement=True),
    "multinomial method": lambda t: t.ones(4).multinomial(1),
    "poisson": lambda t: t.poisson(t.full((9,), 3.0)),
    "rand_like": lambda t: t.rand_like(t.zeros(3, 4, dtype=t.float64)),
    "randn_like": lambda t: t.randn_like(t.zeros(3, 4), dtype=t.float64),
    "randn_like turned": lambda t: t.randn_like(t.zeros(3, 7).t()),
    "randint_like": lambda t: t.randint_like(t.zeros(3, 4), 10),
    "randint_like from": lambda t: t.randint_like(t.zeros(3, 4), 3, 10),
    "uniform_": lambda t: t.empty(7).uniform_(-2, 3),
    "uniform_ by name": lambda t: t.empty(7).uniform_(to=3.0),
    "normal_": lambda t: t.empty(3, 4).normal_(1, 2),
    "normal_ by name": lambda t: t.empty(20).normal_(mean=1.0, std=0.1),
    "bernoulli_": lambda t: t.empty(9).bernoulli_(0.2),
    "bernoulli_ of a tensor": lambda t: t.empty(5).bernoulli_(t.arange(5.0) / 5),
    "exponential_": lambda t: t.empty(9).exponential_(2.0),
    "exponential_ by name": lambda t: t.empty(9).exponential_(lambd=0.5),
    "geometric_": lambda t: t.empty(9).geometric_(0.2),
    "cauchy_": lambda t: t.empty(9, dtype=t.float64).cauchy_(1, 2),
    "log_normal_": lambda t: t.empty(9, dtype=t.float64).log_normal_(0.1, 0.5),
    "random_": lambda t: t.zeros(9, dtype=t.int64).random_(),
    "random_ to": lambda t: t.zeros(9).random_(10),
    "random_ from to": lambda t: t.zeros(9, dtype=t.int32).random_(-3, 10),
    "a part": lambda t: t.zeros(4, 5)[1:3].normal_(),
    "a column": lambda t: t.zeros(4, 5)[:, 1].uniform_(),
    "own generator": lambda t: t.rand(3, generator=t.Generator().manual_seed(9)),
}


@pytest.mark.parametrize("seed", [0, 12345])
@pytest.mark.parametrize("case", CALLS)
def test_pytorchs_bits(case: str, seed: int) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for package in (tg, torch):
        package.manual_seed(seed)
        found.append(CALLS[case](package).numpy())
        found.append(package.get_rng_state().numpy())
    a, state_a, b, state_b = found
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(state_a, state_b)


def test_the_stream_can_be_put_back() -> None:
    state = tg.get_rng_state()
    first = tg.randn(3).tolist()
    tg.set_rng_state(state)
    assert tg.randn(3).tolist() == first
    with tg.random.fork_rng():
        tg.manual_seed(1)
    assert state.dtype == np.uint8


def test_a_draw_may_require_grad() -> None:
    x = tg.randn(3, requires_grad=True)
    assert x.requires_grad
    assert x.is_leaf


def test_filling_a_computed_tensor_cuts_its_gradient() -> None:
    x = tg.ones(3, requires_grad=True)
    y = x * 2
    y.normal_()
    (y + x).sum().backward()
    assert x.grad.tolist() == [1, 1, 1]


def test_filling_a_parameter_is_refused_and_draws_nothing() -> None:
    x = tg.ones(3, requires_grad=True)
    before = tg.get_rng_state().tolist()
    with pytest.raises(RuntimeError, match=r"leaf Variable.*no_grad"):
        x.uniform_()
    assert tg.get_rng_state().tolist() == before
    assert x.tolist() == [1, 1, 1]
    with tg.no_grad():
        stamp = version(x._data)
        x.uniform_()
    assert version(x._data) > stamp


REFUSED: dict[str, tuple[Any, str]] = {
    "no size": (lambda: tg.randint(3), r"torch\.randint\(10, \(2, 3\)\)"),
    "empty range": (lambda: tg.randint(3, 3, (2,)), "from"),
    "negative size": (lambda: tg.rand(-1), "negative dimension"),
    "a word": (lambda: tg.rand(2, colour=1), "unexpected keyword argument 'colour'"),
    "integers": (lambda: tg.randn(2, dtype=np.int64), "int64"),
    "integers to fill": (lambda: tg.zeros(2, dtype=np.int64).normal_(), "int64"),
    "probability": (lambda: tg.bernoulli(tg.tensor([2.0])), "probabilities"),
    "std": (lambda: tg.normal(0.0, -1.0, (2,)), "std >= 0.0"),
    "too many": (lambda: tg.multinomial(tg.ones(3), 4), "without replacement"),
    "state": (lambda: tg.set_rng_state(tg.zeros(3)), "ByteTensor"),
    "seed": (lambda: tg.manual_seed("x"), "x"),
    "generator": (lambda: tg.rand(2, generator=3), "must be a Generator"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_words(case: str) -> None:
    call, words = REFUSED[case]
    before = tg.get_rng_state().tolist()
    with pytest.raises((TypeError, ValueError, RuntimeError, NotImplementedError), match=words):
        call()
    assert tg.get_rng_state().tolist() == before
