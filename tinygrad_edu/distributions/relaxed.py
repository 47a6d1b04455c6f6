"""Discrete draws made continuous, so that gradients reach the parameters: the Gumbel trick."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import generator
from ..engine.traced import Traced, wrap
from ..ops.reduction import logsumexp
from ..ops.shaping import broadcast_tensors
from . import constraints
from .discrete import BySuccess, Categorical, OneHotCategorical
from .distribution import Distribution, safe
from .transformed import TransformedDistribution
from .transforms import ExpTransform, SigmoidTransform

__all__ = [
    "ExpRelaxedCategorical",
    "LogitRelaxedBernoulli",
    "OneHotCategoricalStraightThrough",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
]


def uniforms(shape: Any, like: Any) -> Any:
    """Uniform numbers kept a rounding error away from 0 and 1."""
    return safe(wrap(generator.rand(shape, dtype=like._data.dtype)))


def number_or_tensor(x: Any, like: Any) -> Any:
    """A temperature as a tensor."""
    return x if isinstance(x, Traced) else wrap(np.asarray(x, like._data.dtype))


class WithTemperature(Distribution):
    """A distribution with one temperature for its whole batch."""

    temperature: Any

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distributions, repeated; the temperature stays one."""
        new = super().expand(batch_shape)
        new.temperature = self.temperature
        return new


class LogitRelaxedBernoulli(WithTemperature, BySuccess):
    """The logit of a relaxed yes or no: (logit + logistic noise) / temperature.

    Source: Maddison, Mnih and Teh, The concrete distribution, 2017.

    Parameters
    ----------
    temperature : Tensor
        Near 0 the sigmoid of a draw is nearly 0 or 1.
    probs, logits : number or Tensor, optional
        One of them, as for `Bernoulli`.
    """

    support = constraints.real

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        super().__init__(probs, logits, validate_args)
        given = self.__dict__.get("probs", self.__dict__.get("logits"))
        self.temperature = number_or_tensor(temperature, given)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """(log u − log(1 − u) + log p − log(1 − p)) / temperature."""
        shape = self._shape(sample_shape)
        p = safe(self.probs.expand(*shape))
        u = uniforms(shape, p)
        return (u.log() - (-u).log1p() + p.log() - (-p).log1p()) / self.temperature

    def log_prob(self, value: Any) -> Any:
        """log t + d − 2 log(1 + exp d), with d = logit − t x."""
        logits, x = broadcast_tensors(self.logits, self._value(value))
        d = logits - x * self.temperature
        return self.temperature.log() + d - 2 * d.exp().log1p()


class Relaxed(TransformedDistribution):
    """A relaxed distribution: the transform of one whose parameters are its own."""

    @property
    def temperature(self) -> Any:
        """The temperature of the base."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Any:
        """The logits of the base."""
        return self.base_dist.logits

    @property
    def probs(self) -> Any:
        """The probabilities of the base."""
        return self.base_dist.probs


class RelaxedBernoulli(Relaxed):
    """A number between 0 and 1 that is near one of them; see `LogitRelaxedBernoulli`."""

    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args)


class ExpRelaxedCategorical(WithTemperature):
    """The logarithm of a relaxed one-hot vector: log softmax((logits + Gumbel noise) / t).

    Source: Maddison, Mnih and Teh, The concrete distribution, 2017; Jang, Gu and Poole, 2017.

    Parameters
    ----------
    temperature : Tensor
    probs, logits : Tensor (..., K), optional
        One of them, as for `Categorical`.
    """

    has_rsample = True
    support = constraints.real_vector

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self._categorical = Categorical(probs, logits)
        given = logits if probs is None else probs
        self.temperature = number_or_tensor(temperature, given)
        super().__init__(self._categorical.batch_shape, given._data.shape[-1:], validate_args)

    @property
    def logits(self) -> Any:
        """log p, normalised."""
        return self._categorical.logits

    @property
    def probs(self) -> Any:
        """p, normalised."""
        return self._categorical.probs

    def rsample(self, sample_shape: Any = ()) -> Any:
        """log softmax((logits − log(−log u)) / t)."""
        u = uniforms(self._shape(sample_shape), self.logits)
        scores = (self.logits - (-u.log()).log()) / self.temperature
        return scores - logsumexp(scores, -1, True)

    def log_prob(self, value: Any) -> Any:
        """log (K − 1)! + (K − 1) log t + Σ log softmax(logits − t x)."""
        k = self._event_shape[0]
        logits, x = broadcast_tensors(self.logits, self._value(value))
        score = logits - x * self.temperature
        score = (score - logsumexp(score, -1, True)).sum(-1)
        return score + (math.lgamma(k) + self.temperature.log() * (k - 1))


class RelaxedOneHotCategorical(Relaxed):
    """Shares near a one-hot vector; see `ExpRelaxedCategorical`."""

    support = constraints.simplex

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args)
        super().__init__(base, ExpTransform(), validate_args)


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """One-hot draws with the gradient of the probabilities.

    Source: Bengio, Léonard and Courville, Estimating or propagating gradients through stochastic
    neurons, 2013.
    """

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Any:
        """A draw, plus p − p."""
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
