"""The Kullback-Leibler divergence KL(p ‖ q) = E_p[log p − log q], where it has a closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..ops.activation import softplus
from ..ops.elementwise import where
from ..ops.linalg.solving import solve_triangular
from ..ops.special import digamma, lgamma
from .continuous import Exponential, Laplace, Normal, Uniform
from .discrete import Bernoulli, Categorical, Geometric, Poisson
from .distribution import Distribution
from .gamma import Beta, Gamma
from .multivariate import Independent, MultivariateNormal

__all__ = ["kl_divergence", "register_kl"]

Rule = Callable[[Any, Any], Any]
RULES: dict[tuple[type, type], Rule] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Rule], Rule]:
    """A decorator that makes a function the divergence of two kinds of distributions."""

    def register(rule: Rule) -> Rule:
        RULES[type_p, type_q] = rule
        return rule

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """KL(p ‖ q), in nats, one number for each place of the batch.

    Raises
    ------
    NotImplementedError
        For a pair without a closed form here; an estimate is the mean of
        p.log_prob(x) − q.log_prob(x) over draws x of p.
    """
    for kind_p in type(p).__mro__:
        for kind_q in type(q).__mro__:
            if (kind_p, kind_q) in RULES:
                return RULES[kind_p, kind_q](p, q)
    raise NotImplementedError(
        f"kl_divergence({type(p).__name__}, {type(q).__name__}) is not built: estimate it by "
        f"(p.log_prob(x) - q.log_prob(x)).mean() with x = p.sample((1000,)), or register_kl"
    )


@register_kl(Normal, Normal)
def normal_normal(p: Normal, q: Normal) -> Any:
    """½ (σ²/τ² + (μ − ν)²/τ² − 1 − log σ²/τ²)."""
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log())


@register_kl(Bernoulli, Bernoulli)
def bernoulli_bernoulli(p: Bernoulli, q: Bernoulli) -> Any:
    """p log(p/q) + (1 − p) log((1 − p)/(1 − q)), finite at certainty."""
    yes = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    no = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    yes = where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, yes))
    no = where(p.probs == 1, 0.0, where(q.probs == 1, math.inf, no))
    return yes + no


@register_kl(Categorical, Categorical)
def categorical_categorical(p: Categorical, q: Categorical) -> Any:
    """Σ p (log p − log q)."""
    terms = p.probs * (p.logits - q.logits)
    terms = where(q.probs == 0, math.inf, terms)
    return where(p.probs == 0, 0.0, terms).sum(-1)


@register_kl(Exponential, Exponential)
def exponential_exponential(p: Exponential, q: Exponential) -> Any:
    """r − log r − 1 with r the ratio of rates q/p."""
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(Geometric, Geometric)
def geometric_geometric(p: Geometric, q: Geometric) -> Any:
    """−H(p) − (1 − p)/p log(1 − q) − log q."""
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(Poisson, Poisson)
def poisson_poisson(p: Poisson, q: Poisson) -> Any:
    """λ log(λ/μ) − (λ − μ)."""
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(Laplace, Laplace)
def laplace_laplace(p: Laplace, q: Laplace) -> Any:
    """log(c/b) + d/c + (b/c) exp(−d/b) − 1 with d the distance of the medians."""
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + distance / q.scale + ratio * (-distance / p.scale).exp() - 1


@register_kl(Uniform, Uniform)
def uniform_uniform(p: Uniform, q: Uniform) -> Any:
    """The logarithm of the ratio of widths; ∞ where p reaches beyond q."""
    found = ((q.high - q.low) / (p.high - p.low)).log()
    return where((q.low > p.low) | (q.high < p.high), math.inf, found)


@register_kl(Gamma, Gamma)
def gamma_gamma(p: Gamma, q: Gamma) -> Any:
    """b log(r/s) + log Γ(b)/Γ(a) + (a − b) ψ(a) + a (s/r − 1)."""
    a, b = p.concentration, q.concentration
    return (
        b * (p.rate / q.rate).log()
        + lgamma(b)
        - lgamma(a)
        + (a - b) * digamma(a)
        + (q.rate - p.rate) * (a / p.rate)
    )


@register_kl(Beta, Beta)
def beta_beta(p: Beta, q: Beta) -> Any:
    """log B(q)/B(p) + Σ (aᵢ − bᵢ) (ψ(aᵢ) − ψ(Σa))."""
    total_p = p.concentration1 + p.concentration0
    total_q = q.concentration1 + q.concentration0
    found = lgamma(total_p) - lgamma(total_q)
    for a, b in (
        (p.concentration1, q.concentration1),
        (p.concentration0, q.concentration0),
    ):
        found = found + lgamma(b) - lgamma(a) + (a - b) * (digamma(a) - digamma(total_p))
    return found


@register_kl(MultivariateNormal, MultivariateNormal)
def multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Any:
    """½ (log det Σ_q/det Σ_p + tr Σ_q⁻¹ Σ_p + (μ − ν)ᵀ Σ_q⁻¹ (μ − ν) − n)."""
    n = p.event_shape[0]
    logs = [d.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1) for d in (p, q)]
    trace = (solve_triangular(q.scale_tril, p.scale_tril, upper=False) ** 2).sum((-2, -1))
    off = (q.loc - p.loc).unsqueeze(-1)
    distance = (solve_triangular(q.scale_tril, off, upper=False) ** 2).sum((-2, -1))
    return logs[1] - logs[0] + 0.5 * (trace + distance - n)


@register_kl(Independent, Independent)
def independent(p: Independent, q: Independent) -> Any:
    """The divergence of the bases, summed over an event."""
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError(
            f"kl_divergence(Independent, Independent) is not built for events of "
            f"{p.reinterpreted_batch_ndims} and {q.reinterpreted_batch_ndims} dimensions; "
            f"give both the same"
        )
    return p.summed(kl_divergence(p.base_dist, q.base_dist))
