"""The rest of PyTorch's distributions beside PyTorch: draws, densities, moments, divergences."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import distributions
from tinygrad_edu.distributions.kl import RULES

R = np.random.default_rng(11)


def rows(*shape: int, low: float = 0.4, high: float = 2.0) -> Any:
    return R.uniform(low, high, shape)


# name: (class, parameters, values); parameters that are no arrays go as they are.
Case = tuple[str, dict[str, Any], Any]
FAMILIES: dict[str, Case] = {
    "Gumbel": ("Gumbel", {"loc": rows(3), "scale": rows(3)}, rows(4, 3, low=-2)),
    "HalfCauchy": ("HalfCauchy", {"scale": rows(3)}, rows(4, 3)),
    "Pareto": ("Pareto", {"scale": rows(3, high=1), "alpha": rows(3) + 2}, rows(4, 3) + 1),
    "Weibull": ("Weibull", {"scale": rows(3), "concentration": rows(3) + 1}, rows(4, 3)),
    "Kumaraswamy": (
        "Kumaraswamy",
        {"concentration1": rows(3), "concentration0": rows(3)},
        rows(4, 3, low=0.1, high=0.9),
    ),
    "InverseGamma": ("InverseGamma", {"concentration": rows(3) + 2, "rate": rows(3)}, rows(4, 3)),
    "LogisticNormal": (
        "LogisticNormal",
        {"loc": rows(2, 3), "scale": rows(2, 3)},
        np.full((2, 4), 0.25),
    ),
    "Chi2": ("Chi2", {"df": rows(3)}, rows(4, 3)),
    "StudentT": (
        "StudentT",
        {"df": rows(3) + 2, "loc": rows(3), "scale": rows(3)},
        rows(4, 3, low=-2),
    ),
    "FisherSnedecor": ("FisherSnedecor", {"df1": rows(3), "df2": rows(3) + 4}, rows(4, 3)),
    "NegativeBinomial": (
        "NegativeBinomial",
        {"total_count": 4, "probs": rows(3, low=0.2, high=0.8)},
        np.array([[0.0, 4.0, 7.0]]),
    ),
    "NegativeBinomial by logits": (
        "NegativeBinomial",
        {"total_count": rows(3) + 1, "logits": rows(3, low=-1)},
        np.array([[0.0, 4.0, 7.0]]),
    ),
    "ContinuousBernoulli": (
        "ContinuousBernoulli",
        {"probs": np.array([0.2, 0.4999, 0.5, 0.9])},
        rows(2, 4, low=0.1, high=0.9),
    ),
    "ContinuousBernoulli by logits": (
        "ContinuousBernoulli",
        {"logits": np.array([-2.0, 0.001, 3.0])},
        rows(2, 3, low=0.1, high=0.9),
    ),
    "VonMises": (
        "VonMises",
        {"loc": rows(3), "concentration": np.array([0.3, 2.0, 20.0])},
        rows(4, 3, low=-3, high=3),
    ),
    "LowRankMultivariateNormal": (
        "LowRankMultivariateNormal",
        {"loc": rows(2, 4), "cov_factor": rows(4, 2, low=-1), "cov_diag": rows(2, 4)},
        rows(3, 2, 4, low=-2),
    ),
    "RelaxedBernoulli": (
        "RelaxedBernoulli",
        {"temperature": np.array(0.7), "probs": rows(3, low=0.1, high=0.9)},
        rows(4, 3, low=0.1, high=0.9),
    ),
    "RelaxedOneHotCategorical": (
        "RelaxedOneHotCategorical",
        {"temperature": np.array(0.7), "logits": rows(2, 3)},
        np.full((2, 3), 1 / 3),
    ),
    "OneHotCategoricalStraightThrough": (
        "OneHotCategoricalStraightThrough",
        {"probs": rows(2, 4)},
        np.eye(4)[[1, 3]],
    ),
}
LIGHT = {"Gumbel", "Weibull", "LowRankMultivariateNormal", "ContinuousBernoulli", "StudentT"}


def made(t: Any, name: str, dtype: str = "float64") -> tuple[Any, list[Any]]:
    kind, given, _ = FAMILIES[name]
    leaves = {
        k: t.tensor(v.astype(dtype)).requires_grad_() if isinstance(v, np.ndarray) else v
        for k, v in given.items()
    }
    tensors = [v for v in leaves.values() if not isinstance(v, int)]
    return getattr(t.distributions, kind)(**leaves), tensors


def same(a: Any, b: Any, what: str, rtol: float = 1e-9) -> None:
    x, y = a.detach().numpy(), b.detach().numpy()
    assert (x.shape, x.dtype) == (y.shape, y.dtype), what
    np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol, err_msg=what)


def same_with_slopes(a: Any, b: Any, ours: Any, theirs: Any, what: str, rtol: float) -> None:
    torch = pytest.importorskip("torch")
    same(a, b, what, rtol)
    if not b.requires_grad:
        assert not a.requires_grad, what
        return
    by_a = tg.autograd.grad(a.sum(), ours, retain_graph=True, allow_unused=True)
    by_b = torch.autograd.grad(b.sum(), theirs, retain_graph=True, allow_unused=True)
    for x, y in zip(by_a, by_b, strict=True):
        assert (x is None) == (y is None), what
        if x is not None:
            same(x, y, f"gradient of {what}", max(rtol, 1e-8))


# PyTorch's polynomials for log I₀ and I₁ are accurate to about 1e-7.
LOOSE = {"VonMises": 3e-6}


@pytest.mark.torch
@pytest.mark.parametrize("name", FAMILIES)
def test_densities_and_moments_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    p, ours = made(tg, name)
    q, theirs = made(torch, name)
    rtol = LOOSE.get(name, 1e-9)
    assert tuple(p.batch_shape) == tuple(q.batch_shape)
    assert tuple(p.event_shape) == tuple(q.event_shape)
    value = FAMILIES[name][2]
    a, b = p.log_prob(tg.tensor(value)), q.log_prob(torch.tensor(value))
    same_with_slopes(a, b, ours, theirs, "log_prob", rtol)
    for what in ("mean", "variance", "mode", "stddev"):
        try:
            theirs_is = getattr(q, what)
        except NotImplementedError:
            continue
        if what in ("mode", "stddev") and not hasattr(p, what):
            continue
        same_with_slopes(getattr(p, what), theirs_is, ours, theirs, what, rtol)
    for what, argument in (("entropy", None), ("cdf", value), ("icdf", rows(2, 1, high=0.9))):
        try:
            given = () if argument is None else (torch.tensor(argument),)
            theirs_is = getattr(q, what)(*given)
        except (NotImplementedError, AttributeError):
            continue
        if what == "cdf" and name in ("Chi2", "InverseGamma"):
            with pytest.raises(NotImplementedError, match=r"Gamma|Chi2"):
                p.cdf(tg.tensor(argument))
            continue
        given = () if argument is None else (tg.tensor(argument),)
        same_with_slopes(getattr(p, what)(*given), theirs_is, ours, theirs, what, rtol)


@pytest.mark.torch
@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_draws_beside_pytorch(name: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    p, ours = made(tg, name, dtype)
    q, theirs = made(torch, name, dtype)
    rtol = 2e-5 if dtype == "float32" else 1e-12
    for shape in ((), (5,)):
        tg.manual_seed(2)
        torch.manual_seed(2)
        same(p.sample(shape), q.sample(shape), "sample", rtol)
        # Whatever was drawn, the stream is at the same place.
        assert tg.rand(1).item() == torch.rand(1).item()
    if p.has_rsample:
        assert q.has_rsample or name == "RelaxedBernoulli"
        tg.manual_seed(2)
        torch.manual_seed(2)
        tolerance = 2e-4 if dtype == "float32" else 1e-10
        same_with_slopes(p.rsample((3,)), q.rsample((3,)), ours, theirs, "rsample", tolerance)


@pytest.mark.torch
@pytest.mark.parametrize("name", FAMILIES)
def test_expanded_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    (p, _), (q, _) = made(tg, name), made(torch, name)
    batch = (2, *p.batch_shape)
    p, q = p.expand(batch), q.expand(batch)
    assert tuple(p.batch_shape) == tuple(q.batch_shape) == batch
    tg.manual_seed(4)
    torch.manual_seed(4)
    a, b = p.sample((3,)), q.sample((3,))
    same(a, b, "sample", 1e-10)
    value = tg.tensor(b.numpy())
    same(p.log_prob(value), q.log_prob(b), "log_prob", LOOSE.get(name, 1e-8))


@pytest.mark.parametrize("name", FAMILIES)
def test_moments_are_those_of_many_draws(name: str) -> None:
    """Without PyTorch: 10,000 draws."""
    if name in ("HalfCauchy", "LogisticNormal", "RelaxedBernoulli", "RelaxedOneHotCategorical"):
        pytest.skip("no moments in closed form")
    tg.manual_seed(0)
    p, _ = made(tg, name)
    draws = p.sample((10_000,)).numpy()
    if name == "VonMises":  # the mean angle
        angle = np.arctan2(np.sin(draws).mean(0), np.cos(draws).mean(0))
        np.testing.assert_allclose(angle, p.loc.detach().numpy(), atol=0.05)
        return
    mean, deviation = p.mean.detach().numpy(), np.sqrt(p.variance.detach().numpy())
    np.testing.assert_array_less(np.abs(draws.mean(0) - mean), 6 * deviation / 100)


@pytest.mark.parametrize("name", sorted(LIGHT))
def test_a_density_integrates_to_1(name: str) -> None:
    if name == "LowRankMultivariateNormal":
        p = distributions.LowRankMultivariateNormal(tg.zeros(1), tg.ones(1, 1) * 0.5, tg.ones(1))
        x = tg.linspace(-12, 12, 4001).unsqueeze(-1)
        total = tg.trapezoid(p.log_prob(x).exp(), dx=24 / 4000)
        assert total.item() == pytest.approx(1, abs=1e-3)
        return
    p, _ = made(tg, name)
    low, high = (0.0, 1.0) if name == "ContinuousBernoulli" else (-60.0, 60.0)
    if name == "Weibull":
        low = 1e-9
    grid = tg.linspace(low, high, 60_001, dtype=tg.float64).unsqueeze(-1)
    total = tg.trapezoid(p.log_prob(grid).exp().detach(), grid, dim=0)
    np.testing.assert_allclose(total, 1, atol=2e-2)


# Mixtures and transforms --------------------------------------------------------------------------


def mixture(t: Any, vectors: bool, dtype: Any = np.float64) -> Any:
    d, g = t.distributions, np.random.default_rng(5)
    weights = d.Categorical(logits=t.tensor(g.normal(size=(2, 3)).astype(dtype)))
    loc = t.tensor(g.normal(size=(2, 3, 4) if vectors else (2, 3)).astype(dtype))
    parts = d.Normal(loc, loc.exp())
    return d.MixtureSameFamily(weights, d.Independent(parts, 1) if vectors else parts)


@pytest.mark.torch
@pytest.mark.parametrize("vectors", [False, True])
def test_mixtures_beside_pytorch(vectors: bool) -> None:
    torch = pytest.importorskip("torch")
    p, q = mixture(tg, vectors), mixture(torch, vectors)
    x = np.random.default_rng(6).normal(size=(5, 2, 4) if vectors else (5, 2))
    same(p.log_prob(tg.tensor(x)), q.log_prob(torch.tensor(x)), "log_prob")
    same(p.mean, q.mean, "mean")
    same(p.variance, q.variance, "variance")
    if not vectors:
        same(p.cdf(tg.tensor(x)), q.cdf(torch.tensor(x)), "cdf")
    for t in (tg, torch):
        t.manual_seed(1)
    same(p.sample((6,)), q.sample((6,)), "sample")
    wide, theirs = p.expand((3, 2)), q.expand((3, 2))
    x = np.stack([x, x, x], 1)
    same(wide.log_prob(tg.tensor(x)), theirs.log_prob(torch.tensor(x)), "expanded")


def test_a_mixture_needs_weights_that_fit() -> None:
    with pytest.raises(ValueError, match="not compatible"):
        distributions.MixtureSameFamily(
            distributions.Categorical(tg.ones(2)), distributions.Normal(tg.zeros(3), tg.ones(3))
        )
    with pytest.raises(ValueError, match="Categorical"):
        distributions.MixtureSameFamily(
            distributions.Normal(tg.zeros(3), 1.0), distributions.Normal(tg.zeros(3), tg.ones(3))
        )


TRANSFORMS: dict[str, Any] = {
    "exp": lambda t: t.distributions.ExpTransform(),
    "inverse of exp": lambda t: t.distributions.ExpTransform().inv,
    "power": lambda t: t.distributions.PowerTransform(t.tensor([2.0, 0.5, -1.0, 3.0]).double()),
    "sigmoid": lambda t: t.distributions.SigmoidTransform(),
    "softplus": lambda t: t.distributions.SoftplusTransform(),
    "tanh": lambda t: t.distributions.TanhTransform(),
    "affine": lambda t: t.distributions.AffineTransform(1.0, -2.5),
    "affine over events": lambda t: t.distributions.AffineTransform(
        t.zeros(4).double(), t.tensor([1.0, -2.0, 0.5, 3.0]).double(), 1
    ),
    "stick breaking": lambda t: t.distributions.StickBreakingTransform(),
    "reshape": lambda t: t.distributions.ReshapeTransform((4,), (2, 2)),
    "independent": lambda t: t.distributions.IndependentTransform(
        t.distributions.ExpTransform(), 1
    ),
    "a chain": lambda t: t.distributions.ComposeTransform(
        [
            t.distributions.AffineTransform(0.5, 0.3),
            t.distributions.StickBreakingTransform(),
            t.distributions.ExpTransform(),
        ]
    ),
    "nothing": lambda t: t.distributions.identity_transform,
    "cumulative": lambda t: t.distributions.CumulativeDistributionTransform(
        t.distributions.Normal(t.zeros(4).double(), t.ones(4).double())
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    x = rows(3, 4)
    f, g = TRANSFORMS[name](tg), TRANSFORMS[name](torch)
    a, b = tg.tensor(x).requires_grad_(), torch.tensor(x).requires_grad_()
    y, z = f(a), g(b)
    same_with_slopes(y, z, [a], [b], "value", 1e-10)
    same(f.inv(y), g.inv(z), "inverse")
    same_with_slopes(
        f.log_abs_det_jacobian(a, y), g.log_abs_det_jacobian(b, z), [a], [b], "slope", 1e-9
    )
    assert tuple(f.forward_shape((7, 4))) == tuple(g.forward_shape((7, 4)))
    assert f.domain.event_dim == g.domain.event_dim
    assert f.codomain.event_dim == g.codomain.event_dim
    assert (f == TRANSFORMS[name](tg)) == (name != "cumulative")
    assert f.bijective == g.bijective


def test_the_logarithm_of_the_slope_is_that_of_the_jacobian() -> None:
    x = tg.tensor(rows(3))
    for f in (
        distributions.StickBreakingTransform(),
        distributions.ComposeTransform([distributions.ExpTransform()]),
    ):
        jacobian = tg.autograd.functional.jacobian(lambda v, f=f: f(v)[..., :3], x)
        found = f.log_abs_det_jacobian(x, f(x))
        expected = np.linalg.slogdet(jacobian.numpy())[1]
        assert found.sum().item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.torch
def test_a_flow_beside_pytorch() -> None:
    torch = pytest.importorskip("torch")
    found = []
    for t in (tg, torch):
        d = t.distributions
        scale = t.tensor([0.5, 2.0]).double().requires_grad_()
        base = d.Normal(t.zeros(2).double(), t.ones(2).double())
        p = d.TransformedDistribution(base, [d.AffineTransform(1.0, scale), d.TanhTransform()])
        value = t.tensor([[0.2, -0.5], [0.9, 0.1]]).double()
        logs = p.log_prob(value)
        t.manual_seed(3)
        drawn = p.rsample((4,))
        (slope,) = t.autograd.grad(logs.sum() + drawn.sum(), [scale])
        found.append([logs, drawn, slope, p.cdf(value), p.icdf(t.tensor([0.3]).double())])
    for a, b in zip(*found, strict=True):
        same(a, b, "flow", 1e-9)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_cached_transform_inverts_exactly() -> None:
    f = distributions.TanhTransform(cache_size=1)
    x = tg.tensor([30.0])
    assert f.inv(f(x)) is x
    assert distributions.TanhTransform().inv(distributions.TanhTransform()(x)).item() == math.inf
    with pytest.raises(ValueError, match="cache_size"):
        distributions.ExpTransform(cache_size=2)


def test_what_transforms_refuse() -> None:
    with pytest.raises(ValueError, match="different numbers"):
        distributions.ReshapeTransform((2, 3), (5,))
    with pytest.raises(ValueError, match="Shape mismatch"):
        distributions.ReshapeTransform((2, 3), (6,)).forward_shape((4,))
    with pytest.raises(ValueError, match="Transform"):
        distributions.TransformedDistribution(distributions.Normal(0.0, 1.0), [abs])
    with pytest.raises(ValueError, match="size at least 1"):
        distributions.TransformedDistribution(
            distributions.Normal(0.0, 1.0), distributions.StickBreakingTransform()
        )


# Divergences --------------------------------------------------------------------------------------


def simple(t: Any, kind: str, second: bool, dtype: Any = np.float64) -> Any:
    """A distribution of one number of each kind, for divergences."""
    s = 1.3 if second else 1.0

    def of(*values: float) -> Any:
        return t.tensor(np.array(values, dtype) * s)

    d = t.distributions
    return {
        "Bernoulli": lambda: d.Bernoulli(of(0.2, 0.6)),
        "Beta": lambda: d.Beta(of(0.7, 2.0), of(1.5, 0.8)),
        "Binomial": lambda: d.Binomial(5, of(0.2, 0.6)),
        "Cauchy": lambda: d.Cauchy(of(0.2, -0.6), of(1.0, 2.0)),
        "ContinuousBernoulli": lambda: d.ContinuousBernoulli(of(0.2, 0.7)),
        "Dirichlet": lambda: d.Dirichlet(of(0.5, 1.5, 2.0)),
        "Exponential": lambda: d.Exponential(of(0.5, 2.0)),
        "Gamma": lambda: d.Gamma(of(0.8, 2.0), of(1.0, 0.5)),
        "Geometric": lambda: d.Geometric(of(0.3, 0.6)),
        "Gumbel": lambda: d.Gumbel(of(0.3, -0.6), of(1.0, 0.5)),
        "HalfNormal": lambda: d.HalfNormal(of(1.0, 0.5)),
        "Laplace": lambda: d.Laplace(of(0.3, -0.6), of(1.0, 0.5)),
        "Normal": lambda: d.Normal(of(0.3, -0.6), of(1.0, 0.5)),
        "Pareto": lambda: d.Pareto(of(1.0, 0.5) / s**2, of(3.0, 1.5)),
        "Poisson": lambda: d.Poisson(of(1.0, 3.0)),
        # Within 0 and 1, and beyond: some divergences are infinite there.
        "Uniform": lambda: d.Uniform(of(0.1, 0.6) / s**2, of(0.7, 2.0)),
        "OneHotCategorical": lambda: d.OneHotCategorical(of(0.2, 0.3, 0.5)),
        "Categorical": lambda: d.Categorical(of(0.2, 0.3, 0.5)),
        "MultivariateNormal": lambda: d.MultivariateNormal(
            of(0.1, 0.2), t.tensor(np.array([[1.0, 0.2], [0.2, 0.5]], dtype) * s)
        ),
        "LowRankMultivariateNormal": lambda: d.LowRankMultivariateNormal(
            of(0.1, 0.2), t.tensor(np.array([[1.0], [0.2]], dtype) * s), of(0.3, 0.6)
        ),
        "LogNormal": lambda: d.LogNormal(of(0.3, -0.6), of(1.0, 0.5)),
        "Weibull": lambda: d.Weibull(t.tensor(np.array([1.0])), t.tensor(np.array([0.7]))),
    }[kind]()


KNOWN = {
    (a.__name__, b.__name__)
    for a, b in RULES
    if a.__name__ not in ("Multinomial", "Independent", "TransformedDistribution")
}
KNOWN |= {("OneHotCategorical", "OneHotCategorical"), ("Weibull", "Weibull")}


# Where p has no variance, 1/0 is what is meant; outside of tests its warning is not shown.
@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.torch
@pytest.mark.parametrize("pair", sorted(KNOWN), ids="-".join)
def test_divergences_beside_pytorch(pair: tuple[str, str]) -> None:
    torch = pytest.importorskip("torch")
    found = [
        t.distributions.kl_divergence(simple(t, pair[0], False), simple(t, pair[1], True))
        for t in (tg, torch)
    ]
    if pair == ("ContinuousBernoulli", "Uniform"):
        # PyTorch says ∞ wherever one bound is reached; what is right is that of the density.
        p, q = simple(tg, pair[0], False), simple(tg, pair[1], True)
        expected = -p.entropy() + (q.high - q.low).log()
        reaches = ((q.low <= 0) & (q.high >= 1)).numpy()
        np.testing.assert_allclose(found[0], np.where(reaches, expected.numpy(), math.inf))
        return
    same(*found, f"KL of {pair}", 1e-8)


FINITE = [
    ("Beta", "ContinuousBernoulli"),
    ("Beta", "Gamma"),
    ("Exponential", "Gamma"),
    ("Exponential", "Gumbel"),
    ("Gamma", "Gumbel"),
    ("Gamma", "Normal"),
    ("Gumbel", "Normal"),
    ("Laplace", "Normal"),
    ("Normal", "Gumbel"),
    ("Normal", "Laplace"),
    ("Cauchy", "Cauchy"),
    ("Gumbel", "Gumbel"),
    ("MultivariateNormal", "LowRankMultivariateNormal"),
]


@pytest.mark.parametrize("pair", FINITE, ids="-".join)
def test_a_divergence_is_the_mean_of_the_difference_of_logarithms(pair: tuple[str, str]) -> None:
    """Without PyTorch: over 40,000 draws of p."""
    tg.manual_seed(0)
    p, q = simple(tg, pair[0], False), simple(tg, pair[1], True)
    x = p.sample((40_000,))
    terms = (p.log_prob(x) - q.log_prob(x)).numpy()
    slack = 6 * terms.std(0) / math.sqrt(len(terms))
    found = distributions.kl_divergence(p, q).numpy()
    np.testing.assert_array_less(np.abs(terms.mean(0) - found), slack + 1e-12)


def test_multinomials_diverge_n_times_one_draw() -> None:
    p, q = (distributions.Multinomial(4, tg.tensor(x)) for x in ([0.2, 0.8], [0.5, 0.5]))
    one = distributions.kl_divergence(
        distributions.Categorical(p.probs), distributions.Categorical(q.probs)
    )
    assert distributions.kl_divergence(p, q).item() == pytest.approx(4 * one.item(), rel=1e-6)
    with pytest.raises(NotImplementedError, match="4 and 5 draws"):
        distributions.kl_divergence(p, distributions.Multinomial(5, tg.ones(2)))
    with pytest.raises(NotImplementedError, match="different transforms"):
        distributions.kl_divergence(
            distributions.Weibull(1.0, 2.0), distributions.Weibull(1.0, 3.0)
        )


# Constraints --------------------------------------------------------------------------------------

SETS = {
    "real": [[0.0, math.nan]],
    "positive": [[0.0, 1.0]],
    "nonnegative": [[0.0, -1.0]],
    "unit_interval": [[0.0, 1.5]],
    "boolean": [[0.0, 0.5]],
    "nonnegative_integer": [[0.0, 1.5, -1.0]],
    "positive_integer": [[0.0, 2.0]],
    "simplex": [[0.5, 0.5], [0.5, 0.6]],
    "one_hot": [[0.0, 1.0], [1.0, 1.0]],
    "real_vector": [[0.0, 1.0], [0.0, math.nan]],
    "lower_cholesky": [[1.0, 0.0], [2.0, 3.0]],
    "lower_triangular": [[1.0, 1.0], [2.0, 3.0]],
    "symmetric": [[1.0, 2.0], [2.0, 3.0]],
    "positive_definite": [[1.0, 2.0], [2.0, 3.0]],
    "square": [[1.0, 2.0], [2.0, 3.0]],
}


@pytest.mark.torch
@pytest.mark.parametrize("name", SETS)
def test_constraints_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    value = np.array(SETS[name])
    ours, theirs = (getattr(t.distributions.constraints, name) for t in (tg, torch))
    np.testing.assert_array_equal(ours.check(tg.tensor(value)), theirs.check(torch.tensor(value)))
    assert (ours.event_dim, ours.is_discrete) == (theirs.event_dim, theirs.is_discrete)


def test_constraints_made_of_bounds() -> None:
    c = distributions.constraints
    x = tg.tensor([0.0, 1.0, 2.0])
    assert c.greater_than(1).check(x).tolist() == [False, False, True]
    assert c.greater_than_eq(1).check(x).tolist() == [False, True, True]
    assert c.less_than(1).check(x).tolist() == [True, False, False]
    assert c.half_open_interval(1, 2).check(x).tolist() == [False, True, False]
    assert c.integer_interval(0, 1).check(x).tolist() == [True, True, False]
    assert c.stack([c.positive, c.nonnegative, c.real]).check(x).tolist() == [False, True, True]
    assert c.cat([c.positive, c.real], lengths=[1, 2]).check(x).tolist() == [False, True, True]
    assert c.multinomial(3).check(x)
    with pytest.raises(ValueError, match="dependent"):
        c.dependent.check(x)
    assert c.is_dependent(c.dependent)
    assert "greater than 0" in repr(c.positive)


def test_bad_parameters_are_named() -> None:
    for make, words in (
        (lambda: distributions.Gumbel(0.0, -1.0), "Gumbel: expected scale"),
        (lambda: distributions.StudentT(-1.0), "StudentT: expected df"),
        (lambda: distributions.NegativeBinomial(3, probs=1.0), "NegativeBinomial: expected probs"),
        (lambda: distributions.Normal(math.nan, 1.0), "Normal: expected loc"),
        (lambda: distributions.Pareto(1.0, 2.0).log_prob(tg.tensor(0.5)), "Pareto: expected value"),
    ):
        with pytest.raises(ValueError, match=words):
            make()


def test_every_pair_has_one_rule() -> None:
    pairs = list(itertools.chain(RULES))
    assert len(pairs) == len(set(pairs)) > 70


@pytest.mark.parametrize(
    ("build", "at"),
    [
        (lambda package: package.distributions.LogNormal(0.3, 0.7), [0.1, 1.0, 4.0]),
        (lambda package: package.distributions.HalfNormal(0.7, False), [-1.0, 0.2, 2.0]),
    ],
)
def test_transformed_normals_as_pytorchs(build: Any, at: list[float]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = build(tg), build(torch)
    for name in ("log_prob", "cdf"):
        found = getattr(ours, name)(tg.tensor(at)).numpy()
        np.testing.assert_allclose(found, getattr(theirs, name)(torch.tensor(at)).numpy(), 2e-6)
    share = [0.2, 0.5, 0.9]
    found = ours.icdf(tg.tensor(share)).numpy()
    np.testing.assert_allclose(found, theirs.icdf(torch.tensor(share)).numpy(), 2e-6)
