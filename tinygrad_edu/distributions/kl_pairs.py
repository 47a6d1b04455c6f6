"""Divergences between distributions of different kinds, and of those made from others.

Each is −H(p) − E_p[log q], the expectation under p of a log-density that is linear in few moments.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.traced import wrap
from ..ops.elementwise import where
from ..ops.special import digamma, lgamma
from .by_transforms import EULER, Gumbel, Pareto
from .continuous import Cauchy, Exponential, Laplace, Normal, Uniform
from .continuous_bernoulli import ContinuousBernoulli
from .discrete import Bernoulli, Binomial, Poisson
from .distribution import Distribution
from .gamma import Beta, Dirichlet, Gamma
from .kl import kl_divergence, multivariate_normal, register_kl
from .low_rank import LowRankMultivariateNormal
from .multinomial import Multinomial
from .multivariate import MultivariateNormal
from .transformed import TransformedDistribution

__all__ = ["infinite"]


def infinite(p: Any, q: Any) -> Any:
    """∞: p draws what q cannot."""
    shape = np.broadcast_shapes(tuple(p.batch_shape), tuple(q.batch_shape))
    like = next(x for x in vars(p).values() if hasattr(x, "_data"))
    return wrap(np.full(shape, math.inf, like._data.dtype))


BEYOND: dict[type, tuple[type, ...]] = {
    Beta: (Pareto,),
    ContinuousBernoulli: (Pareto,),
    Exponential: (Beta, ContinuousBernoulli, Pareto, Uniform),
    Gamma: (Beta, ContinuousBernoulli, Pareto, Uniform),
    Gumbel: (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
    Laplace: (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
    Normal: (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
    Pareto: (Beta, ContinuousBernoulli, Uniform),
    Poisson: (Bernoulli, Binomial),
}
for kind, others in BEYOND.items():
    for other in others:
        register_kl(kind, other)(infinite)


# E_p[log q] by moments of p -----------------------------------------------------------------------


def second_moment(p: Distribution) -> Any:
    """E[x²]."""
    return p.variance + p.mean**2


def against_normal(p: Any, q: Normal) -> Any:
    """−H + ½ log 2πσ² + (E[x²] − 2 μ E[x] + μ²) / 2σ²."""
    spread = second_moment(p) - 2 * q.loc * p.mean + q.loc**2
    width = 0.5 * math.log(2 * math.pi) + q.scale.log()
    return -p.entropy() + width + spread / (2 * q.scale**2)


for kind in (Beta, ContinuousBernoulli, Exponential, Gamma, Gumbel, Laplace, Uniform):
    register_kl(kind, Normal)(against_normal)


def against_exponential(p: Any, q: Exponential) -> Any:
    """−H − log r + r E[x]."""
    return -p.entropy() - q.rate.log() + q.rate * p.mean


for kind in (Beta, ContinuousBernoulli, Gamma, Pareto, Uniform):
    register_kl(kind, Exponential)(against_exponential)


def mean_of_log(p: Any) -> Any:
    """E[log x]."""
    if isinstance(p, Beta):
        return digamma(p.concentration1) - digamma(p.concentration1 + p.concentration0)
    if isinstance(p, Exponential):
        return -EULER - p.rate.log()
    if isinstance(p, Pareto):
        return p.scale.log() + p.alpha.reciprocal()
    # The antiderivative of log x is x (log x − 1), and 0 at 0.
    high, low = (x * (x.clamp(min=1e-38).log() - 1) for x in (p.high, p.low))
    return (high - low) / (p.high - p.low)


def against_gamma(p: Any, q: Gamma) -> Any:
    """−H + log Γ(a) − a log r − (a − 1) E[log x] + r E[x]; ∞ where p draws below 0."""
    a, r = q.concentration, q.rate
    found = -p.entropy() + lgamma(a) - a * r.log() - (a - 1) * mean_of_log(p) + r * p.mean
    return where(p.low < 0, math.inf, found) if isinstance(p, Uniform) else found


for kind in (Beta, Exponential, Pareto, Uniform):
    register_kl(kind, Gamma)(against_gamma)


def mean_of_exp(p: Any, scale: Any) -> Any:
    """E[exp(−x / scale)]."""
    if isinstance(p, Normal):
        return (-p.loc / scale + 0.5 * (p.scale / scale) ** 2).exp()
    if isinstance(p, Exponential):
        return p.rate * scale / (p.rate * scale + 1)
    if isinstance(p, Gamma):
        return (1 + (p.rate * scale).reciprocal()) ** -p.concentration
    return ((-p.low / scale).exp() - (-p.high / scale).exp()) * scale / (p.high - p.low)


def against_gumbel(p: Any, q: Gumbel) -> Any:
    """−H + log s + (E[x] − μ) / s + exp(μ / s) E[exp(−x / s)]."""
    s, shift = q.scale, q.loc / q.scale
    return -p.entropy() + s.log() + p.mean / s - shift + shift.exp() * mean_of_exp(p, s)


for kind in (Exponential, Gamma, Normal, Uniform):
    register_kl(kind, Gumbel)(against_gumbel)


def within(p: Any, low: float, high: float) -> Any:
    """Whether all draws of a uniform lie between two bounds."""
    return (p.low >= low) & (p.high <= high)


@register_kl(Uniform, Beta)
def uniform_beta(p: Uniform, q: Beta) -> Any:
    """−H + log B(a, b) − (a − 1) E[log x] − (b − 1) E[log(1 − x)]; ∞ beyond 0 and 1."""
    a, b = q.concentration1, q.concentration0
    mirrored = Uniform(1 - p.high, 1 - p.low, False)
    beta = lgamma(a) + lgamma(b) - lgamma(a + b)
    terms = (a - 1) * mean_of_log(p) + (b - 1) * mean_of_log(mirrored)
    return where(within(p, 0, 1), -p.entropy() + beta - terms, math.inf)


def against_continuous_bernoulli(p: Any, q: ContinuousBernoulli) -> Any:
    """−H − E[x] logit − log(1 − p) − log C."""
    found = -p.entropy() - p.mean * q.logits - (-q.probs).log1p() - q._log_norm()
    return where(within(p, 0, 1), found, math.inf) if isinstance(p, Uniform) else found


for kind in (Beta, ContinuousBernoulli, Uniform):
    register_kl(kind, ContinuousBernoulli)(against_continuous_bernoulli)


@register_kl(Uniform, Pareto)
def uniform_pareto(p: Uniform, q: Pareto) -> Any:
    """−H − log α − α log s + (α + 1) E[log x]; ∞ where p draws below s."""
    found = -p.entropy() - (q.alpha * q.scale**q.alpha).log() + (q.alpha + 1) * mean_of_log(p)
    return where(p.low < q.scale, math.inf, found)


def against_uniform(p: Any, q: Uniform) -> Any:
    """−H + log(high − low); ∞ where q does not reach from 0 to 1."""
    found = -p.entropy() + (q.high - q.low).log()
    return where((q.low > 0) | (q.high < 1), math.inf, found)


for kind in (Beta, ContinuousBernoulli):
    register_kl(kind, Uniform)(against_uniform)


@register_kl(Pareto, Normal)
def pareto_normal(p: Pareto, q: Normal) -> Any:
    """As `against_normal`; ∞ where p has no variance."""
    return where(p.alpha <= 2, math.inf, against_normal(p, q))


@register_kl(Normal, Laplace)
def normal_laplace(p: Normal, q: Laplace) -> Any:
    """−H + log 2s + E|x − m| / s, the mean of a folded normal."""
    off = (p.loc - q.loc) / p.scale
    folded = math.sqrt(2 / math.pi) * (-0.5 * off**2).exp() + off * (off / math.sqrt(2)).erf()
    return -p.entropy() + (2 * q.scale).log() + p.scale / q.scale * folded


@register_kl(Bernoulli, Poisson)
def bernoulli_poisson(p: Bernoulli, q: Poisson) -> Any:
    """−H − p log r + r."""
    return -p.entropy() - p.probs * q.rate.log() + q.rate


# Of one kind --------------------------------------------------------------------------------------


@register_kl(Dirichlet, Dirichlet)
def dirichlet(p: Dirichlet, q: Dirichlet) -> Any:
    """log B(b) / B(a) + Σ (aᵢ − bᵢ) (ψ(aᵢ) − ψ(Σa))."""
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    found = lgamma(total) - lgamma(b.sum(-1)) - (lgamma(a) - lgamma(b)).sum(-1)
    return found + ((a - b) * (digamma(a) - digamma(total).unsqueeze(-1))).sum(-1)


@register_kl(Binomial, Binomial)
def binomial(p: Binomial, q: Binomial) -> Any:
    """n times that of one trial; ∞ where p has more trials.

    Raises
    ------
    NotImplementedError
        Where q has more trials: there is no closed form.
    """
    if (p.total_count < q.total_count).any():
        raise NotImplementedError(
            "KL between Binomials where q.total_count > p.total_count is not implemented: there "
            "is no closed form"
        )
    one = p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p()
    return where(p.total_count > q.total_count, math.inf, p.total_count * one)


@register_kl(Multinomial, Multinomial)
def multinomial(p: Multinomial, q: Multinomial) -> Any:
    """n times that of one draw. Raises NotImplementedError for different n."""
    if p.total_count != q.total_count:
        raise NotImplementedError(
            f"KL between Multinomials of {p.total_count} and {q.total_count} draws is not built"
        )
    terms = p.probs * (p.logits - q.logits)
    return p.total_count * where(p.probs == 0, 0.0, terms).sum(-1)


@register_kl(Gumbel, Gumbel)
def gumbel(p: Gumbel, q: Gumbel) -> Any:
    """log(t/s) + γ (s/t − 1) + (μ − ν)/t + exp((ν − μ)/t) Γ(1 + s/t) − 1."""
    ratio, off = p.scale / q.scale, (q.loc - p.loc) / q.scale
    return -ratio.log() - off + ratio * EULER + (off + lgamma(1 + ratio)).exp() - (1 + EULER)


@register_kl(Pareto, Pareto)
def pareto(p: Pareto, q: Pareto) -> Any:
    """b log(s/t) + log(a/b) + b/a − 1; ∞ where p draws below t."""
    ratio = q.alpha / p.alpha
    found = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return where(p.scale < q.scale, math.inf, found)


@register_kl(Cauchy, Cauchy)
def cauchy(p: Cauchy, q: Cauchy) -> Any:
    """log ((s + t)² + (μ − ν)²) / 4 s t. Source: Chyzak and Nielsen, 2019."""
    spread = (p.scale + q.scale) ** 2 + (p.loc - q.loc) ** 2
    return spread.log() - (4 * p.scale * q.scale).log()


for kind in (MultivariateNormal, LowRankMultivariateNormal):
    for other in (MultivariateNormal, LowRankMultivariateNormal):
        register_kl(kind, other)(multivariate_normal)


@register_kl(TransformedDistribution, TransformedDistribution)
def transformed(p: TransformedDistribution, q: TransformedDistribution) -> Any:
    """The divergence of the bases, if the transforms are the same.

    Raises
    ------
    NotImplementedError
        For different transforms.
    """
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError(
            f"kl_divergence({type(p).__name__}, {type(q).__name__}) is not built for different "
            f"transforms: {p.transforms}, {q.transforms}"
        )
    return kl_divergence(p.base_dist, q.base_dist)
