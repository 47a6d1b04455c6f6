"""Distributions whose draws are made of gamma draws: χ², Student's t, F, negative binomial.

Draws have no gradient here, as the gamma's have none.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import generator
from ..engine.mode import changed_mode
from ..engine.traced import wrap
from ..ops.activation import logsigmoid, sigmoid
from ..ops.elementwise import where
from ..ops.special import digamma, lgamma
from . import constraints
from .continuous import Gamma
from .discrete import one_of
from .distribution import Distribution, logits_of, parameters, standard_normal

__all__ = ["Chi2", "FisherSnedecor", "NegativeBinomial", "StudentT"]


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


class NegativeBinomial(Distribution):
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

    def __getattr__(self, name: str) -> Any:
        if name == "probs" and "logits" in self.__dict__:
            return sigmoid(self.logits)
        if name == "logits" and "probs" in self.__dict__:
            return logits_of(self.probs, binary=True)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

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
