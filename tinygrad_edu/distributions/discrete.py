"""Distributions of whole numbers: Bernoulli, categorical, geometric, binomial, Poisson."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import generator
from ..engine.traced import wrap
from ..ops.activation import sigmoid, softmax
from ..ops.elementwise import log, log1p
from ..ops.embedding import one_hot
from ..ops.loss import binary_cross_entropy_with_logits
from ..ops.reduction import logsumexp
from ..ops.selection import gather
from ..ops.shaping import broadcast_tensors, broadcast_to
from ..ops.special import lgamma, xlogy
from . import constraints
from .distribution import Distribution, as_shape, logits_of, parameters

__all__ = [
    "Bernoulli",
    "Binomial",
    "Categorical",
    "Geometric",
    "OneHotCategorical",
    "Poisson",
]


def one_of(name: str, probs: Any, logits: Any) -> None:
    """Raise unless exactly one of the two parameters was given."""
    if (probs is None) == (logits is None):
        raise ValueError(
            f"{name}: either `probs` or `logits` must be specified, but not both; "
            f"{name}(logits=…) takes what a model puts out"
        )


class ProbsOrLogits(Distribution):
    """A distribution given by probabilities or by logits, of a success or of several classes."""

    _binary = True

    def __getattr__(self, name: str) -> Any:
        # The parameter that was not given, found from the other when first asked.
        if name == "probs" and "logits" in self.__dict__:
            return sigmoid(self.logits) if self._binary else softmax(self.logits, -1)
        if name == "logits" and "probs" in self.__dict__:
            return logits_of(self.probs, self._binary)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


class BySuccess(ProbsOrLogits):
    """A distribution given by the probability of a success, or by log(p / (1 − p)), alone."""

    arg_constraints = constraints.each(probs=constraints.unit_interval, logits=constraints.real)

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        one_of(type(self).__name__, probs, logits)
        if probs is not None:
            (self.probs,) = parameters(probs)
        else:
            (self.logits,) = parameters(logits)
        given = self.__dict__.get("probs", self.__dict__.get("logits"))
        super().__init__(given._data.shape, (), validate_args)  # type: ignore[union-attr]


class Bernoulli(BySuccess):
    """1 with probability p, else 0.

    Parameters
    ----------
    probs : number or Tensor, optional
        p; or else
    logits : number or Tensor, optional
        log(p / (1 − p)).
    """

    support = constraints.boolean

    @property
    def mean(self) -> Any:
        """p."""
        return self.probs

    @property
    def variance(self) -> Any:
        """p (1 − p)."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws of 0 and 1."""
        return wrap(
            generator.bernoulli(np.broadcast_to(self.probs._data, self._shape(sample_shape)))
        )

    def log_prob(self, value: Any) -> Any:
        """x log p + (1 − x) log(1 − p)."""
        logits, x = broadcast_tensors(self.logits, self._value(value))
        return -binary_cross_entropy_with_logits(logits, x, reduction="none")

    def entropy(self) -> Any:
        """−p log p − (1 − p) log(1 − p)."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class Geometric(BySuccess):
    """Failures before the first success: p (1 − p)ᵏ.

    Parameters
    ----------
    probs, logits : number or Tensor, optional
        One of them, as for `Bernoulli`.
    """

    support = constraints.nonnegative_integer

    @property
    def mean(self) -> Any:
        """(1 − p) / p."""
        return 1 / self.probs - 1

    @property
    def variance(self) -> Any:
        """(1 − p) / p²."""
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Any = ()) -> Any:
        """⌊log u / log(1 − p)⌋, with u uniform."""
        p = self.probs._data
        draw = np.zeros(self._shape(sample_shape), p.dtype)
        u = generator.uniform_(draw, float(np.finfo(p.dtype).tiny), 1)
        return wrap(np.floor(np.log(u) / np.log1p(-p)))

    def log_prob(self, value: Any) -> Any:
        """k log(1 − p) + log p."""
        return self._value(value) * log1p(-self.probs) + log(self.probs)

    def entropy(self) -> Any:
        """The entropy of one trial over p."""
        one = binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")
        return one / self.probs


class Categorical(ProbsOrLogits):
    """One of K classes, numbered from 0.

    Parameters
    ----------
    probs : Tensor (..., K), optional
        Weights, which are divided by their sum; or else
    logits : Tensor (..., K), optional
        Their logarithms, up to a constant: what a model puts out.
    """

    arg_constraints = constraints.each(probs=constraints.simplex, logits=constraints.real_vector)
    _binary = False

    @property
    def support(self) -> Any:
        """The numbers of classes."""
        return constraints.integer_interval(0, self._events - 1)

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        one_of(type(self).__name__, probs, logits)
        given = logits if probs is None else probs
        if not given._data.ndim:
            raise ValueError(
                f"{type(self).__name__}: expected a parameter of at least one dimension, the "
                f"classes, got a single number"
            )
        self._events = given._data.shape[-1]
        batch, event = given._data.shape[:-1], self._event_of(given._data.shape[-1:])
        if probs is not None:
            if validate_args is not False:
                self._check("probs", probs._data, constraints.nonnegative)
            self.probs = probs / probs.sum(-1, True)
        else:
            self.logits = logits - logsumexp(logits, -1, True)
        super().__init__(batch, event, validate_args)

    def _event_of(self, classes: Any) -> Any:
        return ()

    @property
    def mode(self) -> Any:
        """The likeliest class."""
        return self.probs.argmax(-1)

    def _draw(self, sample_shape: Any) -> Any:
        """Numbers of classes, drawn row by row as PyTorch does."""
        first = as_shape(sample_shape)
        rows = self.probs._data.reshape(-1, self._events)
        drawn = generator.multinomial(rows, math.prod(first), True).T
        return wrap(np.ascontiguousarray(drawn).reshape((*first, *self._batch_shape)))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Numbers of classes, int64."""
        return self._draw(sample_shape)

    def log_prob(self, value: Any) -> Any:
        """log p of the class."""
        index = self._value(value).long()
        shape = np.broadcast_shapes(index._data.shape, tuple(self._batch_shape))
        logs = broadcast_to(self.logits, (*shape, self._events))
        return gather(logs, -1, broadcast_to(index, shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> Any:
        """−Σ p log p."""
        least = float(np.finfo(self.logits._data.dtype).min)
        return -(self.logits.clamp(min=least) * self.probs).sum(-1)


class OneHotCategorical(Categorical):
    """One of K classes, as a vector with a 1 in its place.

    Parameters
    ----------
    probs, logits : Tensor (..., K), optional
        One of them, as for `Categorical`.
    """

    support = constraints.one_hot

    def _event_of(self, classes: Any) -> Any:
        return classes

    # Each entry is 1 or 0.
    mean, variance = Bernoulli.mean, Bernoulli.variance

    @property
    def mode(self) -> Any:
        """The likeliest class, as a vector."""
        return one_hot(self.probs.argmax(-1), self._events).to(self.probs._data.dtype)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Vectors in the dtype of the parameter."""
        return one_hot(self._draw(sample_shape), self._events).to(self.probs._data.dtype)

    def log_prob(self, value: Any) -> Any:
        """log p of the class that the 1 marks."""
        x, logs = broadcast_tensors(self._value(value), self.logits)
        return gather(logs, -1, x.argmax(-1).unsqueeze(-1)).squeeze(-1)


class Binomial(Distribution):
    """Successes in a number of trials.

    Parameters
    ----------
    total_count : int or Tensor
        How many trials.
    probs, logits : number or Tensor, optional
        Of success in one, as for `Bernoulli`.
    """

    @property
    def support(self) -> Any:
        """Whole numbers from 0 to total_count."""
        return constraints.integer_interval(0, self.total_count)

    def __init__(
        self,
        total_count: Any = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self.trial = Bernoulli(probs, logits, validate_args)
        given = probs if logits is None else logits
        self.total_count, given = parameters(total_count, given)
        if given._data.dtype != self.total_count._data.dtype:
            self.total_count = self.total_count.to(given._data.dtype)
        super().__init__(given._data.shape, (), validate_args)

    @property
    def probs(self) -> Any:
        """Of success in one trial."""
        return self.trial.probs

    @property
    def logits(self) -> Any:
        """log(p / (1 − p))."""
        return self.trial.logits

    @property
    def mean(self) -> Any:
        """n p."""
        return self.total_count * self.probs

    @property
    def variance(self) -> Any:
        """n p (1 − p)."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Counts, in the dtype of the parameter."""
        shape = self._shape(sample_shape)
        n, p = (np.broadcast_to(x._data, shape) for x in (self.total_count, self.probs))
        return wrap(generator.binomial(n, p))

    def log_prob(self, value: Any) -> Any:
        """log n! − log k! − log (n − k)! + k log p + (n − k) log(1 − p)."""
        k, n, z = self._value(value), self.total_count, self.logits
        most = n * z.clamp(min=0) + n * log1p((-z.abs()).exp()) - lgamma(n + 1)
        return k * z - lgamma(k + 1) - lgamma(n - k + 1) - most


class Poisson(Distribution):
    """Counts of what happens at a rate: rateᵏ exp(−rate) / k!.

    Parameters
    ----------
    rate : number or Tensor
        The mean.
    """

    arg_constraints = constraints.each(rate=constraints.nonnegative)
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = parameters(rate)
        super().__init__(self.rate._data.shape, (), validate_args)

    @property
    def mean(self) -> Any:
        """`rate`."""
        return self.rate

    variance = mean

    def sample(self, sample_shape: Any = ()) -> Any:
        """Counts, in the dtype of the parameter."""
        return wrap(generator.poisson(np.broadcast_to(self.rate._data, self._shape(sample_shape))))

    def log_prob(self, value: Any) -> Any:
        """k log rate − rate − log k!."""
        k = self._value(value)
        return xlogy(k, self.rate) - self.rate - lgamma(k + 1)
