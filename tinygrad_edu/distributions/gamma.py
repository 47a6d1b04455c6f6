"""The gamma distribution, and those drawn by way of it: beta, Dirichlet, χ², t, F, …

Draws have no gradient here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import generator
from ..engine.mode import changed_mode
from ..engine.traced import wrap
from ..ops.activation import logsigmoid, sigmoid
from ..ops.elementwise import log, where
from ..ops.special import digamma, lgamma, xlogy
from . import constraints
from .discrete import ProbsOrLogits, one_of
from .distribution import Distribution, parameters, standard_normal

__all__ = [
    "Beta",
    "Chi2",
    "Dirichlet",
    "FisherSnedecor",
    "Gamma",
    "NegativeBinomial",
    "StudentT",
]


class Gamma(Distribution):
    """rateᵃ xᵃ⁻¹ exp(−rate x) / Γ(a), with a the concentration.

    Parameters
    ----------
    concentration, rate : number or Tensor
    """

    arg_constraints = constraints.each(
        concentration=constraints.positive, rate=constraints.positive
    )
    support = constraints.nonnegative

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = parameters(concentration, rate)
        super().__init__(self.rate._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """concentration / rate."""
        return self.concentration / self.rate

    @property
    def variance(self) -> Any:
        """concentration / rate²."""
        return self.concentration / self.rate**2

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        shape = self._shape(sample_shape)
        draw = generator.standard_gamma(np.broadcast_to(self.concentration._data, shape))
        value = draw / np.broadcast_to(self.rate._data, shape)
        return wrap(np.maximum(value, np.finfo(value.dtype).tiny))

    def log_prob(self, value: Any) -> Any:
        """a log rate + (a − 1) log x − rate x − log Γ(a)."""
        x, a = self._value(value), self.concentration
        return xlogy(a, self.rate) + xlogy(a - 1, x) - self.rate * x - lgamma(a)

    def entropy(self) -> Any:
        """a − log rate + log Γ(a) + (1 − a) ψ(a)."""
        a = self.concentration
        return a - log(self.rate) + lgamma(a) + (1 - a) * digamma(a)


class Dirichlet(Distribution):
    """Shares that sum to 1: Γ(Σa) Π xᵢᵃⁱ⁻¹ / Γ(aᵢ).

    Parameters
    ----------
    concentration : Tensor
        a, of at least one dimension, the last of which is one draw.
    """

    arg_constraints = constraints.each(
        concentration=constraints.independent(constraints.positive, 1)
    )
    support = constraints.simplex

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if not concentration._data.ndim:
            raise ValueError(
                "Dirichlet: `concentration` must have at least one dimension, got a single number; "
                "Beta is the distribution of one share"
            )
        self.concentration = concentration
        shape = concentration._data.shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    @property
    def mean(self) -> Any:
        """a / Σa."""
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def variance(self) -> Any:
        """m (1 − m) / (Σa + 1), with m the mean."""
        m = self.mean
        return m * (1 - m) / (self.concentration.sum(-1, True) + 1)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        shape = self._shape(sample_shape)
        return wrap(generator.dirichlet(np.broadcast_to(self.concentration._data, shape)))

    def log_prob(self, value: Any) -> Any:
        """Σ (a − 1) log x + log Γ(Σa) − Σ log Γ(a)."""
        a = self.concentration
        logs = xlogy(a - 1, self._value(value)).sum(-1)
        return logs + lgamma(a.sum(-1)) - lgamma(a).sum(-1)

    def entropy(self) -> Any:
        """Σ log Γ(a) − log Γ(Σa) − (k − Σa) ψ(Σa) − Σ (a − 1) ψ(a)."""
        a, k = self.concentration, self.concentration._data.shape[-1]
        total = a.sum(-1)
        return (
            lgamma(a).sum(-1)
            - lgamma(total)
            - (k - total) * digamma(total)
            - ((a - 1) * digamma(a)).sum(-1)
        )


class Beta(Distribution):
    """One share: xᵃ⁻¹ (1 − x)ᵇ⁻¹ Γ(a + b) / Γ(a) Γ(b).

    Parameters
    ----------
    concentration1, concentration0 : number or Tensor
        a and b.
    """

    arg_constraints = constraints.each(
        concentration1=constraints.positive, concentration0=constraints.positive
    )
    support = constraints.unit_interval

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = parameters(concentration1, concentration0)
        super().__init__(self.concentration1._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """a / (a + b)."""
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def variance(self) -> Any:
        """ab / (a + b)² (a + b + 1)."""
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total**2 * (total + 1))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        both = np.stack([self.concentration1._data, self.concentration0._data], -1)
        return wrap(
            generator.dirichlet(np.broadcast_to(both, (*self._shape(sample_shape), 2)))[..., 0]
        )

    def log_prob(self, value: Any) -> Any:
        """(a − 1) log x + (b − 1) log(1 − x) + log Γ(a + b) − log Γ(a) − log Γ(b)."""
        x, a, b = self._value(value), self.concentration1, self.concentration0
        return xlogy(a - 1, x) + xlogy(b - 1, 1 - x) + lgamma(a + b) - lgamma(a) - lgamma(b)

    def entropy(self) -> Any:
        """log B(a, b) − (a − 1) ψ(a) − (b − 1) ψ(b) + (a + b − 2) ψ(a + b)."""
        a, b = self.concentration1, self.concentration0
        return (
            lgamma(a)
            + lgamma(b)
            - lgamma(a + b)
            - (a - 1) * digamma(a)
            - (b - 1) * digamma(b)
            + (a + b - 2) * digamma(a + b)
        )


class Chi2(Gamma):
    """The sum of `df` squared standard normal draws: a gamma of concentration df/2, rate ½.

    Parameters
    ----------
    df : number or Tensor
        Degrees of freedom.
    """

    arg_constraints = constraints.each(df=constraints.positive)

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Any:
        """Degrees of freedom."""
        return self.concentration * 2


class StudentT(Distribution):
    """A normal draw over the root of a χ² draw by its degrees of freedom.

    Parameters
    ----------
    df, loc, scale : number or Tensor
    """

    arg_constraints = constraints.each(
        df=constraints.positive, loc=constraints.real, scale=constraints.positive
    )
    support = constraints.real

    def __init__(
        self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        self.df, self.loc, self.scale = parameters(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """`loc`; NaN for df ≤ 1."""
        return where(self.df <= 1, math.nan, self.loc)

    @property
    def mode(self) -> Any:
        """`loc`."""
        return self.loc

    @property
    def variance(self) -> Any:
        """scale² df / (df − 2); ∞ for df ≤ 2, NaN for df ≤ 1."""
        wide = where(self.df > 1, math.inf, math.nan)
        return where(self.df > 2, self.scale**2 * self.df / (self.df - 2), wide)

    def sample(self, sample_shape: Any = ()) -> Any:
        """loc + scale ε / √(χ² / df), without gradients."""
        with changed_mode(recording=False):
            noise = standard_normal(self._shape(sample_shape), self.df)
            chi2 = self._chi2.sample(sample_shape)
            return self.loc + self.scale * (noise * (chi2 / self.df).rsqrt())

    def log_prob(self, value: Any) -> Any:
        """log Γ((df + 1)/2) − log Γ(df/2) − ½ log π df − log scale − ½ (df + 1) log(1 + z²/df)."""
        z = (self._value(value) - self.loc) / self.scale
        normaliser = (
            self.scale.log()
            + 0.5 * self.df.log()
            + 0.5 * math.log(math.pi)
            + lgamma(0.5 * self.df)
            - lgamma(0.5 * (self.df + 1))
        )
        return -0.5 * (self.df + 1) * (z**2 / self.df).log1p() - normaliser

    def entropy(self) -> Any:
        """½ (df + 1) (ψ((df + 1)/2) − ψ(df/2)) + ½ log df + log B(df/2, ½) + log scale."""
        half, more = 0.5 * self.df, 0.5 * (self.df + 1)
        beta = lgamma(half) + math.lgamma(0.5) - lgamma(more)
        return (
            self.scale.log() + more * (digamma(more) - digamma(half)) + 0.5 * self.df.log() + beta
        )


class FisherSnedecor(Distribution):
    """The ratio of two χ² draws, each by its degrees of freedom.

    Parameters
    ----------
    df1, df2 : number or Tensor
    """

    arg_constraints = constraints.each(df1=constraints.positive, df2=constraints.positive)
    support = constraints.positive

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = parameters(df1, df2)
        self._gamma1 = Gamma(self.df1 * 0.5, self.df1)
        self._gamma2 = Gamma(self.df2 * 0.5, self.df2)
        super().__init__(self.df1._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """df2 / (df2 − 2); NaN for df2 ≤ 2."""
        d = where(self.df2 <= 2, math.nan, self.df2)
        return d / (d - 2)

    @property
    def mode(self) -> Any:
        """(df1 − 2) / df1 · df2 / (df2 + 2); NaN for df1 ≤ 2."""
        found = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return where(self.df1 <= 2, math.nan, found)

    @property
    def variance(self) -> Any:
        """2 df2² (df1 + df2 − 2) / df1 (df2 − 2)² (df2 − 4); NaN for df2 ≤ 4."""
        d = where(self.df2 <= 4, math.nan, self.df2)
        return 2 * d**2 * (self.df1 + d - 2) / (self.df1 * (d - 2) ** 2 * (d - 4))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradients."""
        first, second = self._gamma1.sample(sample_shape), self._gamma2.sample(sample_shape)
        tiny = float(np.finfo(first._data.dtype).tiny)
        return (first / second.clamp(min=tiny)).clamp(min=tiny)

    def log_prob(self, value: Any) -> Any:
        """−log B(a, b) + a log r + (a − 1) log x − (a + b) log(1 + r x).

        With a and b half the degrees of freedom, and r their ratio.
        """
        x, a, b, r = self._value(value), self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        shape = lgamma(a + b) - lgamma(a) - lgamma(b)
        return shape + a * r.log() + (a - 1) * x.log() - (a + b) * (r * x).log1p()


class NegativeBinomial(ProbsOrLogits):
    """Successes before `total_count` failures.

    Parameters
    ----------
    total_count : number or Tensor
        Failures to stop at; need not be whole.
    probs, logits : Tensor, optional
        Of success, one of them as for `Bernoulli`.
    """

    arg_constraints = constraints.each(
        total_count=constraints.nonnegative,
        probs=constraints.half_open_interval(0.0, 1.0),
        logits=constraints.real,
    )
    support = constraints.nonnegative_integer

    def __init__(
        self,
        total_count: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        one_of("NegativeBinomial", probs, logits)
        given = logits if probs is None else probs
        # The parameter first: its dtype is the one computed in.
        kept, self.total_count = parameters(given, total_count)
        self.total_count = self.total_count.to(kept._data.dtype)
        self.__dict__["logits" if probs is None else "probs"] = kept
        super().__init__(kept._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """n p / (1 − p)."""
        return self.total_count * self.logits.exp()

    @property
    def mode(self) -> Any:
        """⌊(n − 1) p / (1 − p)⌋, not below 0."""
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0)

    @property
    def variance(self) -> Any:
        """n p / (1 − p)²."""
        return self.mean / sigmoid(-self.logits)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Poisson draws at rates that are gamma draws."""
        with changed_mode(recording=False):
            rates = Gamma(self.total_count, (-self.logits).exp(), False)
            return wrap(generator.poisson(rates.sample(sample_shape)._data))

    def log_prob(self, value: Any) -> Any:
        """log Γ(n + k) − log k! − log Γ(n) + n log(1 − p) + k log p."""
        k, n = self._value(value), self.total_count
        ways = lgamma(n + k) - lgamma(1 + k) - lgamma(n)
        ways = where(n + k == 0, 0.0, ways)
        return n * logsigmoid(-self.logits) + k * logsigmoid(self.logits) + ways
