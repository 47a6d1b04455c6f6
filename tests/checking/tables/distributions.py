"""Parameters and values for every distribution, whose numbers are functions of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import distributions

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
    ("Normal", distributions.Normal, (n(3), p(3)), n(2, 3)),
    ("LogNormal", distributions.LogNormal, (n(3), p(3)), p(2, 3)),
    ("HalfNormal", distributions.HalfNormal, (p(3),), p(2, 3)),
    ("Uniform", distributions.Uniform, (u(-2.0, -1.0, 3), u(1.0, 2.0, 3)), u(-0.9, 0.9, 2, 3)),
    ("Exponential", distributions.Exponential, (p(3),), p(2, 3)),
    ("Laplace", distributions.Laplace, (n(3), p(3)), n(2, 3)),
    ("Cauchy", distributions.Cauchy, (n(3), p(3)), n(2, 3)),
    ("Gamma", distributions.Gamma, (p(3), p(3)), p(2, 3)),
    ("Beta", distributions.Beta, (p(3), p(3)), u(0.1, 0.9, 2, 3)),
    (
        "Dirichlet",
        distributions.Dirichlet,
        (p(2, 3),),
        tg.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]).double(),
    ),
    (
        "Bernoulli",
        lambda q: distributions.Bernoulli(probs=q),
        (u(0.1, 0.9, 3),),
        whole(2, 4, 3).double(),
    ),
    (
        "Bernoulli by logits",
        lambda q: distributions.Bernoulli(logits=q),
        (n(3),),
        whole(2, 4, 3).double(),
    ),
    (
        "Geometric",
        lambda q: distributions.Geometric(probs=q),
        (u(0.1, 0.9, 3),),
        whole(4, 2, 3).double(),
    ),
    (
        "Geometric by logits",
        lambda q: distributions.Geometric(logits=q),
        (n(3),),
        whole(4, 2, 3).double(),
    ),
    ("Categorical", lambda q: distributions.Categorical(probs=q), (p(2, 4),), whole(4, 3, 2)),
    (
        "Categorical by logits",
        lambda q: distributions.Categorical(logits=q),
        (n(2, 4),),
        whole(4, 3, 2),
    ),
    (
        "OneHotCategorical",
        lambda q: distributions.OneHotCategorical(probs=q),
        (p(2, 4),),
        tg.tensor(np.eye(4)[[1, 3]]),
    ),
    (
        "Binomial",
        lambda q: distributions.Binomial(total_count=10, probs=q),
        (u(0.1, 0.9, 3),),
        whole(9, 2, 3).double(),
    ),
    (
        "Binomial by logits",
        lambda q: distributions.Binomial(10, logits=q),
        (n(3),),
        whole(9, 2, 3).double(),
    ),
    (
        "Multinomial",
        lambda q: distributions.Multinomial(5, probs=q),
        (p(2, 3),),
        tg.tensor([[1.0, 2.0, 2.0], [0.0, 4.0, 1.0]]).double(),
    ),
    ("Poisson", distributions.Poisson, (p(3),), whole(4, 2, 3).double()),
    (
        "MultivariateNormal",
        lambda m, a: distributions.MultivariateNormal(m, covariance_matrix=covariance(a)),
        (n(3, 2), n(2, 2)),
        n(3, 2),
    ),
    (
        "MultivariateNormal by precision",
        lambda m, a: distributions.MultivariateNormal(m, precision_matrix=covariance(a)),
        (n(2), n(2, 2)),
        n(3, 2),
    ),
    (
        "MultivariateNormal by factor",
        lambda m, a: distributions.MultivariateNormal(
            m, scale_tril=a.tril(-1) + a.exp().diagonal().diag()
        ),
        (n(2), n(2, 2)),
        n(3, 2),
    ),
    (
        "Independent",
        lambda m, s: distributions.Independent(distributions.Normal(m, s), 1),
        (n(2, 3), p(2, 3)),
        n(2, 3),
    ),
    ("Gumbel", distributions.Gumbel, (n(3), p(3)), n(2, 3)),
    ("HalfCauchy", distributions.HalfCauchy, (p(3),), p(2, 3)),
    (
        "Pareto",
        lambda s, a: distributions.Pareto(s, a + 3),
        (u(0.2, 0.9, 3), p(3)),
        u(1.0, 3.0, 2, 3),
    ),
    ("Weibull", lambda s, k: distributions.Weibull(s, k + 1), (p(3), p(3)), p(2, 3)),
    ("Kumaraswamy", distributions.Kumaraswamy, (p(3), p(3)), u(0.1, 0.9, 2, 3)),
    ("InverseGamma", lambda a, r: distributions.InverseGamma(a + 3, r), (p(3), p(3)), p(2, 3)),
    (
        "LogisticNormal",
        distributions.LogisticNormal,
        (n(2, 2), p(2, 2)),
        tg.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]).double(),
    ),
    ("Chi2", distributions.Chi2, (p(3),), p(2, 3)),
    ("StudentT", lambda d, m, s: distributions.StudentT(d + 3, m, s), (p(3), n(3), p(3)), n(2, 3)),
    ("FisherSnedecor", lambda a, b: distributions.FisherSnedecor(a, b + 5), (p(3), p(3)), p(2, 3)),
    (
        "NegativeBinomial",
        lambda c, q: distributions.NegativeBinomial(c, probs=q),
        (p(3), u(0.1, 0.9, 3)),
        whole(4, 2, 3).double(),
    ),
    (
        "NegativeBinomial by logits",
        lambda c, q: distributions.NegativeBinomial(c, logits=q),
        (p(3), n(3)),
        whole(4, 2, 3).double(),
    ),
    (
        "ContinuousBernoulli",
        lambda q: distributions.ContinuousBernoulli(probs=q),
        (u(0.1, 0.45, 3),),
        u(0.1, 0.9, 2, 3),
    ),
    (
        "ContinuousBernoulli by logits",
        lambda q: distributions.ContinuousBernoulli(logits=q),
        (u(0.5, 2.0, 3),),
        u(0.1, 0.9, 2, 3),
    ),
    ("VonMises", distributions.VonMises, (n(3), p(3)), n(2, 3)),
    (
        "LowRankMultivariateNormal",
        distributions.LowRankMultivariateNormal,
        (n(3, 2), n(2, 1), p(3, 2)),
        n(3, 2),
    ),
    (
        "MixtureSameFamily",
        lambda w, m, s: distributions.MixtureSameFamily(
            distributions.Categorical(logits=w), distributions.Normal(m, s)
        ),
        (n(3), n(2, 3), p(2, 3)),
        n(4, 2),
    ),
    (
        "RelaxedBernoulli",
        lambda t, q: distributions.RelaxedBernoulli(t, logits=q),
        (p(1), n(3)),
        u(0.1, 0.9, 2, 3),
    ),
    (
        "RelaxedOneHotCategorical",
        lambda t, q: distributions.RelaxedOneHotCategorical(t, logits=q),
        (p(1), n(2, 3)),
        tg.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]).double(),
    ),
    (
        "OneHotCategoricalStraightThrough",
        lambda q: distributions.OneHotCategoricalStraightThrough(logits=q),
        (n(2, 4),),
        tg.tensor(np.eye(4)[[1, 3]]),
    ),
    (
        "TransformedDistribution",
        lambda m, s: distributions.TransformedDistribution(
            distributions.Normal(m, s),
            [distributions.AffineTransform(0.5, 2.0), distributions.TanhTransform()],
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
    "AbsTransform": (lambda x: distributions.AbsTransform(), (p(3),)),
    "AffineTransform": (lambda x, m, s: distributions.AffineTransform(m, s), (n(3), n(3), p(3))),
    "ComposeTransform": (
        lambda x: distributions.ComposeTransform(
            [distributions.SigmoidTransform(), distributions.ExpTransform()]
        ),
        (n(3),),
    ),
    "CumulativeDistributionTransform": (
        lambda x, m, s: distributions.CumulativeDistributionTransform(distributions.Normal(m, s)),
        (n(3), n(3), p(3)),
    ),
    "ExpTransform": (lambda x: distributions.ExpTransform(), (n(3),)),
    "IndependentTransform": (
        lambda x: distributions.IndependentTransform(distributions.ExpTransform(), 1),
        (n(2, 3),),
    ),
    "LowerCholeskyTransform": (lambda x: distributions.LowerCholeskyTransform(), (n(2, 2),)),
    "PositiveDefiniteTransform": (lambda x: distributions.PositiveDefiniteTransform(), (n(2, 2),)),
    "PowerTransform": (lambda x, a: distributions.PowerTransform(a), (p(3), p(3))),
    "ReshapeTransform": (lambda x: distributions.ReshapeTransform((4,), (2, 2)), (n(3, 4),)),
    "SigmoidTransform": (lambda x: distributions.SigmoidTransform(), (n(3),)),
    "SoftmaxTransform": (lambda x: distributions.SoftmaxTransform(), (n(2, 3),)),
    "SoftplusTransform": (lambda x: distributions.SoftplusTransform(), (n(3),)),
    "StickBreakingTransform": (lambda x: distributions.StickBreakingTransform(), (n(2, 3),)),
    "TanhTransform": (lambda x: distributions.TanhTransform(), (n(3),)),
}
