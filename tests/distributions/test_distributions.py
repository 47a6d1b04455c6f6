"""Distributions beside PyTorch's: the same draws from the same seed, the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.distributions import (
    Bernoulli,
    Categorical,
    Cauchy,
    Independent,
    Laplace,
    Multinomial,
    MultivariateNormal,
    Normal,
    Uniform,
    kl_divergence,
)


def rows(*shape: int, low: float = 0.2, high: float = 2.0) -> Any:
    return np.random.default_rng(3).uniform(low, high, shape)


COVARIANCE = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 0.7]])

# name: (class, keyword parameters, a second set of them for the divergence, values)
Case = tuple[str, dict[str, Any], dict[str, Any] | None, Any]
CASES: dict[str, Case] = {
    "normal": (
        "Normal",
        {"loc": rows(3), "scale": rows(3)},
        {"loc": rows(3) + 1, "scale": rows(3) * 2},
        rows(4, 3),
    ),
    "log-normal": (
        "LogNormal",
        {"loc": rows(3), "scale": rows(3)},
        {"loc": rows(3) + 1, "scale": rows(3) * 2},
        rows(4, 3),
    ),
    "half-normal": ("HalfNormal", {"scale": rows(3)}, None, rows(4, 3)),
    "uniform": (
        "Uniform",
        {"low": rows(3) - 2, "high": rows(3) + 2},
        {"low": rows(3) - 3, "high": rows(3) + 3},
        rows(4, 3, high=1.0),
    ),
    "exponential": ("Exponential", {"rate": rows(3)}, {"rate": rows(3) * 2}, rows(4, 3)),
    "laplace": (
        "Laplace",
        {"loc": rows(3), "scale": rows(3)},
        {"loc": rows(3) + 1, "scale": rows(3) * 2},
        rows(4, 3),
    ),
    "cauchy": ("Cauchy", {"loc": rows(3), "scale": rows(3)}, None, rows(4, 3)),
    "gamma": (
        "Gamma",
        {"concentration": rows(3), "rate": rows(3)},
        {"concentration": rows(3) + 1, "rate": rows(3) * 2},
        rows(4, 3),
    ),
    "beta": (
        "Beta",
        {"concentration1": rows(3), "concentration0": rows(3)[::-1].copy()},
        {"concentration1": rows(3) + 1, "concentration0": rows(3)},
        rows(4, 3, high=0.9),
    ),
    "dirichlet": (
        "Dirichlet",
        {"concentration": rows(2, 3)},
        None,
        np.full((2, 3), 1 / 3),
    ),
    "bernoulli": (
        "Bernoulli",
        {"probs": rows(3, high=0.9)},
        {"probs": rows(3, high=0.9)[::-1].copy()},
        np.array([[0.0, 1.0, 1.0]]),
    ),
    "bernoulli by logits": (
        "Bernoulli",
        {"logits": rows(3, low=-2)},
        {"logits": rows(3)},
        np.array([[0.0, 1.0, 1.0]]),
    ),
    "geometric": (
        "Geometric",
        {"probs": rows(3, high=0.9)},
        {"probs": rows(3, high=0.8)},
        np.array([[0.0, 4.0, 1.0]]),
    ),
    "categorical": (
        "Categorical",
        {"probs": rows(2, 5)},
        {"probs": rows(2, 5)[:, ::-1].copy()},
        np.array([[0, 4], [3, 1], [2, 2]]),
    ),
    "categorical by logits": (
        "Categorical",
        {"logits": rows(2, 5, low=-2)},
        {"logits": rows(2, 5)},
        np.array([[0, 4], [3, 1], [2, 2]]),
    ),
    "one-hot": ("OneHotCategorical", {"probs": rows(2, 4)}, None, np.eye(4)[[1, 3]]),
    "binomial": (
        "Binomial",
        {"total_count": 10, "probs": rows(3, high=0.9)},
        None,
        np.array([[0.0, 4.0, 10.0]]),
    ),
    "multinomial": (
        "Multinomial",
        {"total_count": 6, "probs": rows(2, 4)},
        None,
        np.array([[6.0, 0.0, 0.0, 0.0], [1.0, 2.0, 0.0, 3.0]]),
    ),
    "multinomial by logits": (
        "Multinomial",
        {"total_count": 1, "logits": rows(3, low=-2)},
        None,
        np.eye(3),
    ),
    "poisson": (
        "Poisson",
        {"rate": rows(3)},
        {"rate": rows(3) * 3},
        np.array([[0.0, 4.0, 1.0]]),
    ),
    "multivariate by covariance": (
        "MultivariateNormal",
        {"loc": rows(2, 3), "covariance_matrix": COVARIANCE},
        {"loc": rows(2, 3) + 1, "covariance_matrix": COVARIANCE * 2},
        rows(4, 2, 3),
    ),
    "multivariate by precision": (
        "MultivariateNormal",
        {"loc": rows(3), "precision_matrix": COVARIANCE},
        {"loc": rows(3) + 1, "precision_matrix": COVARIANCE * 2},
        rows(4, 3),
    ),
    "multivariate by factor": (
        "MultivariateNormal",
        {"loc": rows(3), "scale_tril": np.linalg.cholesky(COVARIANCE)},
        {"loc": rows(3) + 1, "scale_tril": np.linalg.cholesky(COVARIANCE * 2)},
        rows(4, 3),
    ),
}
# What PyTorch has no closed form for either, or has only for some.
NO_ENTROPY = {"binomial", "poisson"}
NO_MEAN = {"cauchy"}


@pytest.fixture
def both() -> Callable[[str, str], tuple[Any, Any, list[Any], list[Any]]]:
    """A case's distributions here and in PyTorch, with their parameters, in a dtype."""
    torch = pytest.importorskip("torch")

    def make(name: str, dtype: str, second: bool = False) -> Any:
        kind, first, other, _ = CASES[name]
        given = other if second else first
        assert given is not None
        ours, theirs = {}, {}
        for key, value in given.items():
            array = value if isinstance(value, int) else value.astype(dtype)
            if isinstance(value, int):
                ours[key] = theirs[key] = value
                continue
            ours[key] = tg.tensor(array).requires_grad_()
            theirs[key] = torch.tensor(array).requires_grad_()
        parameters = [[x for x in d.values() if not isinstance(x, int)] for d in (ours, theirs)]
        return (
            getattr(tg.distributions, kind)(**ours),
            getattr(torch.distributions, kind)(**theirs),
            *parameters,
        )

    return make  # type: ignore[return-value]


def same(ours: Any, theirs: Any, what: str, rtol: float = 1e-10) -> None:
    a, b = ours.detach().numpy(), theirs.detach().numpy()
    assert (a.shape, a.dtype) == (b.shape, b.dtype), what
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol, err_msg=what)


def same_slopes(ours: Any, theirs: Any, by_ours: Any, by_theirs: Any, what: str) -> None:
    a = tg.autograd.grad(ours.sum(), by_ours, retain_graph=True, allow_unused=True)
    torch = pytest.importorskip("torch")
    b = torch.autograd.grad(theirs.sum(), by_theirs, retain_graph=True, allow_unused=True)
    for x, y in zip(a, b, strict=True):
        assert (x is None) == (y is None), what
        if x is not None:
            same(x, y, f"gradient of {what}", 1e-8)


@pytest.mark.torch
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str, both: Any) -> None:
    torch = pytest.importorskip("torch")
    p, q, ours, theirs = both(name, "float64")
    assert tuple(p.batch_shape) == tuple(q.batch_shape)
    assert tuple(p.event_shape) == tuple(q.event_shape)
    value = CASES[name][3]
    a, b = p.log_prob(tg.tensor(value)), q.log_prob(torch.tensor(value))
    same(a, b, "log_prob")
    same_slopes(a, b, ours, theirs, "log_prob")
    if name not in NO_ENTROPY:
        # PyTorch takes a multinomial's log n! in float32, whatever the parameter's dtype.
        rtol = 1e-7 if "multinomial" in name else 1e-10
        same(p.entropy(), q.entropy(), "entropy", rtol)
        same_slopes(p.entropy(), q.entropy(), ours, theirs, "entropy")
    if name not in NO_MEAN and "categorical" not in name:
        same(p.mean, q.mean, "mean")
        same(p.variance, q.variance, "variance")
        same(p.stddev, q.stddev, "stddev")


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_draws_from_the_same_seed(name: str, dtype: str, both: Any) -> None:
    torch = pytest.importorskip("torch")
    p, q, ours, theirs = both(name, dtype)
    tolerance = 1e-5 if dtype == "float32" else 1e-10
    for shape in ((), (5,), (2, 30)):
        tg.manual_seed(11)
        torch.manual_seed(11)
        a, b = p.sample(shape), q.sample(shape)
        assert not a.requires_grad
        same(a, b, f"sample {shape}", tolerance)
    if p.has_rsample:
        tg.manual_seed(12)
        torch.manual_seed(12)
        a, b = p.rsample((6,)), q.rsample((6,))
        same(a, b, "rsample", tolerance)
        if dtype == "float64":
            same_slopes(a, b, ours, theirs, "rsample")


@pytest.mark.torch
@pytest.mark.parametrize("name", [n for n, case in CASES.items() if case[2] is not None])
def test_divergences(name: str, both: Any) -> None:
    torch = pytest.importorskip("torch")
    p, q, ours, theirs = both(name, "float64")
    p2, q2, _, _ = both(name, "float64", second=True)
    a, b = kl_divergence(p, p2), torch.distributions.kl_divergence(q, q2)
    same(a, b, "kl")
    same_slopes(a, b, ours, theirs, "kl")


def test_divergence_is_the_mean_difference_of_log_probabilities() -> None:
    """Against draws, so that the formula is not only PyTorch's."""
    tg.manual_seed(0)
    p, q = Normal(tg.tensor(0.3), tg.tensor(0.8)), Normal(tg.tensor(-0.2), tg.tensor(1.3))
    x = p.sample((200_000,))
    estimate = (p.log_prob(x) - q.log_prob(x)).mean().item()
    assert kl_divergence(p, q).item() == pytest.approx(estimate, abs=5e-3)


def test_density_integrates_to_one() -> None:
    x = np.linspace(-20, 20, 200_001)
    density = Normal(tg.tensor(0.7), tg.tensor(1.9)).log_prob(tg.tensor(x)).exp()
    assert float(np.trapezoid(density.numpy(), x)) == pytest.approx(1, abs=1e-6)


def test_independent_sums() -> None:
    base = Normal(tg.zeros(4, 3), tg.ones(4, 3))
    whole = Independent(base, 1)
    x = whole.sample((2,))
    assert tuple(whole.batch_shape) == (4,)
    assert tuple(whole.event_shape) == (3,)
    assert tuple(x.shape) == (2, 4, 3)
    np.testing.assert_array_equal(whole.log_prob(x), base.log_prob(x).sum(-1))
    assert tuple(kl_divergence(whole, Independent(base, 1)).shape) == (4,)


def test_the_score_function_of_a_policy() -> None:
    """What a course on reinforcement learning writes."""
    logits = tg.zeros(3, requires_grad=True)
    policy = Categorical(logits=logits)
    action = policy.sample()
    (-policy.log_prob(action) * 2.0).backward()
    expected = np.full(3, 2 / 3)
    expected[action.item()] -= 2
    np.testing.assert_allclose(logits.grad, expected, rtol=1e-5)


def test_bad_parameters_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"Normal: expected scale .* greater than 0, but found \[-1"
    ):
        Normal(0.0, -1.0)
    with pytest.raises(ValueError, match=r"Uniform: expected high .* greater than low"):
        Uniform(2.0, 1.0)
    with pytest.raises(ValueError, match="either `probs` or `logits`"):
        Bernoulli()
    with pytest.raises(ValueError, match=r"within 0 and 1, but found \[1.5\]"):
        Bernoulli(1.5)
    with pytest.raises(ValueError, match=r"expected value .* to be 0 or 1"):
        Bernoulli(0.5).log_prob(tg.tensor(2.0))
    with pytest.raises(ValueError, match="exactly one of"):
        MultivariateNormal(tg.zeros(2))
    with pytest.raises(ValueError, match="classes"):
        Categorical(probs=tg.tensor(0.5))


def test_counts_of_draws() -> None:
    dice = Multinomial(600, probs=tg.ones(6))
    tg.manual_seed(2)
    counts = dice.sample((4,))
    assert tuple(counts.shape) == (4, 6)
    np.testing.assert_array_equal(counts.sum(-1), [600] * 4)
    impossible = Multinomial(2, probs=tg.tensor([1.0, 1.0, 0.0]))
    assert impossible.log_prob(tg.tensor([1.0, 1.0, 0.0])).exp().item() == pytest.approx(0.5)
    with pytest.raises(ValueError, match="counts that sum to total_count"):
        impossible.log_prob(tg.tensor([1.0, 2.0, 0.0]))
    with pytest.raises(NotImplementedError, match="one int for all rows"):
        Multinomial(tg.tensor([1, 2]), probs=tg.ones(2, 3))


def test_what_is_not_built_says_what_to_use() -> None:
    with pytest.raises(NotImplementedError, match="log_prob"):
        Bernoulli(0.5).rsample()
    with pytest.raises(NotImplementedError, match="estimate it by"):
        kl_divergence(Laplace(0.0, 1.0), Cauchy(0.0, 1.0))
