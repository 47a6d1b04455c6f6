"""Parameters and values for every distribution, whose numbers are functions of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import distributions as D

from .cases import n, p, u, whole

__all__ = [
    "ABSENT",
    "CONSTANT",
    "DISTRIBUTIONS",
    "JUMPS",
    "MEMBERS",
    "NO_CLOSED_FORM",
    "TRANSFORMS",
    "DistributionCase",
]


@dataclass(frozen=True)
class DistributionCase:
    """How a distribution is made of drawn parameters, and a value that it can take.

    Attributes
    ----------
    build : callable
        Takes the parameters.
    parameters : tuple of Draw
    value : Draw, or a tensor of values from a discrete set
    """

    build: Callable[..., Any]
    parameters: tuple[Any, ...]
    value: Any


def covariance(a: Any) -> Any:
    """A covariance matrix from any."""
    return a @ a.mT + tg.eye(2, dtype=tg.float64)


CASES: list[tuple[str, Callable[..., Any], tuple[Any, ...], Any]] = [
    ("Normal", D.Normal, (n(3), p(3)), n(2, 3)),
    ("LogNormal", D.LogNormal, (n(3), p(3)), p(2, 3)),
    ("HalfNormal", D.HalfNormal, (p(3),), p(2, 3)),
    ("Uniform", D.Uniform, (u(-2.0, -1.0, 3), u(1.0, 2.0, 3)), u(-0.9, 0.9, 2, 3)),
    ("Exponential", D.Exponential, (p(3),), p(2, 3)),
    ("Laplace", D.Laplace, (n(3), p(3)), n(2, 3)),
    ("Cauchy", D.Cauchy, (n(3), p(3)), n(2, 3)),
    ("Gamma", D.Gamma, (p(3), p(3)), p(2, 3)),
    ("Beta", D.Beta, (p(3), p(3)), u(0.1, 0.9, 2, 3)),
    ("Dirichlet", D.Dirichlet, (p(2, 3),), tg.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]).double()),
    ("Bernoulli", lambda q: D.Bernoulli(probs=q), (u(0.1, 0.9, 3),), whole(2, 4, 3).double()),
    ("Bernoulli by logits", lambda q: D.Bernoulli(logits=q), (n(3),), whole(2, 4, 3).double()),
    ("Geometric", lambda q: D.Geometric(probs=q), (u(0.1, 0.9, 3),), whole(4, 2, 3).double()),
    ("Geometric by logits", lambda q: D.Geometric(logits=q), (n(3),), whole(4, 2, 3).double()),
    ("Categorical", lambda q: D.Categorical(probs=q), (p(2, 4),), whole(4, 3, 2)),
    ("Categorical by logits", lambda q: D.Categorical(logits=q), (n(2, 4),), whole(4, 3, 2)),
    (
        "OneHotCategorical",
        lambda q: D.OneHotCategorical(probs=q),
        (p(2, 4),),
        tg.tensor(np.eye(4)[[1, 3]]),
    ),
    (
        "Binomial",
        lambda q: D.Binomial(total_count=10, probs=q),
        (u(0.1, 0.9, 3),),
        whole(9, 2, 3).double(),
    ),
    ("Binomial by logits", lambda q: D.Binomial(10, logits=q), (n(3),), whole(9, 2, 3).double()),
    (
        "Multinomial",
        lambda q: D.Multinomial(5, probs=q),
        (p(2, 3),),
        tg.tensor([[1.0, 2.0, 2.0], [0.0, 4.0, 1.0]]).double(),
    ),
    ("Poisson", D.Poisson, (p(3),), whole(4, 2, 3).double()),
    (
        "MultivariateNormal",
        lambda m, a: D.MultivariateNormal(m, covariance_matrix=covariance(a)),
        (n(3, 2), n(2, 2)),
        n(3, 2),
    ),
    (
        "MultivariateNormal by precision",
        lambda m, a: D.MultivariateNormal(m, precision_matrix=covariance(a)),
        (n(2), n(2, 2)),
        n(3, 2),
    ),
    (
        "MultivariateNormal by factor",
        lambda m, a: D.MultivariateNormal(m, scale_tril=a.tril(-1) + a.exp().diagonal().diag()),
        (n(2), n(2, 2)),
        n(3, 2),
    ),
    ("Independent", lambda m, s: D.Independent(D.Normal(m, s), 1), (n(2, 3), p(2, 3)), n(2, 3)),
    ("Gumbel", D.Gumbel, (n(3), p(3)), n(2, 3)),
    ("HalfCauchy", D.HalfCauchy, (p(3),), p(2, 3)),
    ("Pareto", lambda s, a: D.Pareto(s, a + 3), (u(0.2, 0.9, 3), p(3)), u(1.0, 3.0, 2, 3)),
    ("Weibull", lambda s, k: D.Weibull(s, k + 1), (p(3), p(3)), p(2, 3)),
    ("Kumaraswamy", D.Kumaraswamy, (p(3), p(3)), u(0.1, 0.9, 2, 3)),
    ("InverseGamma", lambda a, r: D.InverseGamma(a + 3, r), (p(3), p(3)), p(2, 3)),
    (
        "LogisticNormal",
        D.LogisticNormal,
        (n(2, 2), p(2, 2)),
        tg.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]).double(),
    ),
    ("Chi2", D.Chi2, (p(3),), p(2, 3)),
    ("StudentT", lambda d, m, s: D.StudentT(d + 3, m, s), (p(3), n(3), p(3)), n(2, 3)),
    ("FisherSnedecor", lambda a, b: D.FisherSnedecor(a, b + 5), (p(3), p(3)), p(2, 3)),
    (
        "NegativeBinomial",
        lambda c, q: D.NegativeBinomial(c, probs=q),
        (p(3), u(0.1, 0.9, 3)),
        whole(4, 2, 3).double(),
    ),
    (
        "NegativeBinomial by logits",
        lambda c, q: D.NegativeBinomial(c, logits=q),
        (p(3), n(3)),
        whole(4, 2, 3).double(),
    ),
    (
        "ContinuousBernoulli",
        lambda q: D.ContinuousBernoulli(probs=q),
        (u(0.1, 0.45, 3),),
        u(0.1, 0.9, 2, 3),
    ),
    (
        "ContinuousBernoulli by logits",
        lambda q: D.ContinuousBernoulli(logits=q),
        (u(0.5, 2.0, 3),),
        u(0.1, 0.9, 2, 3),
    ),
    ("VonMises", D.VonMises, (n(3), p(3)), n(2, 3)),
    (
        "LowRankMultivariateNormal",
        D.LowRankMultivariateNormal,
        (n(3, 2), n(2, 1), p(3, 2)),
        n(3, 2),
    ),
    (
        "MixtureSameFamily",
        lambda w, m, s: D.MixtureSameFamily(D.Categorical(logits=w), D.Normal(m, s)),
        (n(3), n(2, 3), p(2, 3)),
        n(4, 2),
    ),
    (
        "RelaxedBernoulli",
        lambda t, q: D.RelaxedBernoulli(t, logits=q),
        (p(1), n(3)),
        u(0.1, 0.9, 2, 3),
    ),
    (
        "RelaxedOneHotCategorical",
        lambda t, q: D.RelaxedOneHotCategorical(t, logits=q),
        (p(1), n(2, 3)),
        tg.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]).double(),
    ),
    (
        "OneHotCategoricalStraightThrough",
        lambda q: D.OneHotCategoricalStraightThrough(logits=q),
        (n(2, 4),),
        tg.tensor(np.eye(4)[[1, 3]]),
    ),
    (
        "TransformedDistribution",
        lambda m, s: D.TransformedDistribution(
            D.Normal(m, s), [D.AffineTransform(0.5, 2.0), D.TanhTransform()]
        ),
        (n(3), p(3)),
        u(-0.9, 0.9, 2, 3),
    ),
]
DISTRIBUTIONS = {name: DistributionCase(*rest) for name, *rest in CASES}

# What a distribution tells that is a function of its parameters; of a value too where marked so.
MEMBERS = {
    "cdf": True,
    "covariance_matrix": False,
    "entropy": False,
    "icdf": True,
    "log_prob": True,
    "logits": False,
    "mean": False,
    "perplexity": False,
    "precision_matrix": False,
    "probs": False,
    "rsample": False,
    "scale_tril": False,
    "stddev": False,
    "summed": True,
    "variance": False,
}
ABSENT = {
    "draws, which carry no derivative": "sample",
    "a class, not a number": "mode",
    "another distribution": "expand",
    "shapes and settings": (
        "arg_constraints base_dist batch_shape constraints event_shape has_rsample "
        "reinterpreted_batch_ndims support total_count trial validate_args transforms "
        "mixture_distribution component_distribution"
    ),
    "the parameters themselves": (
        "concentration concentration0 concentration1 high loc low rate scale alpha "
        "concentration_reciprocal cov_diag cov_factor df df1 df2 temperature"
    ),
    "what draws and densities are made of": "through",
}
# Refused in words: there is no formula.
NO_CLOSED_FORM = {
    ("Binomial", "entropy"),
    ("Binomial by logits", "entropy"),
    ("Binomial", "perplexity"),
    ("Binomial by logits", "perplexity"),
    ("Poisson", "entropy"),
    ("Poisson", "perplexity"),
    ("Categorical", "mean"),
    ("Categorical by logits", "mean"),
    ("Categorical", "variance"),
    ("Categorical by logits", "variance"),
    ("Categorical", "stddev"),
    ("Categorical by logits", "stddev"),
    *((name, "cdf") for name in ("InverseGamma", "LogisticNormal", "RelaxedBernoulli")),
    *((name, "icdf") for name in ("InverseGamma", "LogisticNormal", "RelaxedBernoulli")),
    *(("RelaxedOneHotCategorical", m) for m in ("cdf", "icdf")),
    *(
        (name, member)
        for name in (
            "LogisticNormal",
            "MixtureSameFamily",
            "RelaxedBernoulli",
            "RelaxedOneHotCategorical",
            "TransformedDistribution",
            "FisherSnedecor",
            "NegativeBinomial",
            "NegativeBinomial by logits",
            "VonMises",
        )
        for member in ("entropy", "perplexity")
    ),
    *(
        (name, member)
        for name in (
            "LogisticNormal",
            "RelaxedBernoulli",
            "RelaxedOneHotCategorical",
            "TransformedDistribution",
        )
        for member in ("mean", "variance", "stddev")
    ),
}
# The same whatever the parameters: infinite, or not a number.
CONSTANT = {
    (name, member) for name in ("Cauchy", "HalfCauchy") for member in ("mean", "variance", "stddev")
}
# Draws that jump as the parameters move, and whose gradient is that of something else.
JUMPS = {("OneHotCategoricalStraightThrough", "rsample")}

# Every transform, with inputs that it takes.
TRANSFORMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "AbsTransform": (lambda x: D.AbsTransform(), (p(3),)),
    "AffineTransform": (lambda x, m, s: D.AffineTransform(m, s), (n(3), n(3), p(3))),
    "ComposeTransform": (
        lambda x: D.ComposeTransform([D.SigmoidTransform(), D.ExpTransform()]),
        (n(3),),
    ),
    "CumulativeDistributionTransform": (
        lambda x, m, s: D.CumulativeDistributionTransform(D.Normal(m, s)),
        (n(3), n(3), p(3)),
    ),
    "ExpTransform": (lambda x: D.ExpTransform(), (n(3),)),
    "IndependentTransform": (lambda x: D.IndependentTransform(D.ExpTransform(), 1), (n(2, 3),)),
    "LowerCholeskyTransform": (lambda x: D.LowerCholeskyTransform(), (n(2, 2),)),
    "PositiveDefiniteTransform": (lambda x: D.PositiveDefiniteTransform(), (n(2, 2),)),
    "PowerTransform": (lambda x, a: D.PowerTransform(a), (p(3), p(3))),
    "ReshapeTransform": (lambda x: D.ReshapeTransform((4,), (2, 2)), (n(3, 4),)),
    "SigmoidTransform": (lambda x: D.SigmoidTransform(), (n(3),)),
    "SoftmaxTransform": (lambda x: D.SoftmaxTransform(), (n(2, 3),)),
    "SoftplusTransform": (lambda x: D.SoftplusTransform(), (n(3),)),
    "StickBreakingTransform": (lambda x: D.StickBreakingTransform(), (n(2, 3),)),
    "TanhTransform": (lambda x: D.TanhTransform(), (n(3),)),
}
