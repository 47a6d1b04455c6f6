"""Distributions of vectors: the multivariate normal, and independent draws taken together."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ..ops.linalg.factorization import cholesky
from ..ops.linalg.products import matmul
from ..ops.linalg.solving import inv, solve_triangular
from ..tensors.tensor import Size
from . import constraints
from .distribution import Distribution, half_log_two_pi, standard_normal

__all__ = ["Independent", "MultivariateNormal"]


class MultivariateNormal(Distribution):
    """exp(−½ (x − loc)ᵀ Σ⁻¹ (x − loc)) / √det 2πΣ.

    Parameters
    ----------
    loc : Tensor (..., n)
        The mean.
    covariance_matrix, precision_matrix, scale_tril : Tensor (..., n, n)
        Exactly one: Σ, its inverse, or its lower triangular factor L with L Lᵀ = Σ.
    """

    has_rsample = True
    arg_constraints = constraints.each(loc=constraints.real_vector)
    support = constraints.real_vector

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        given = [m for m in (covariance_matrix, precision_matrix, scale_tril) if m is not None]
        if not loc._data.ndim or len(given) != 1 or given[0]._data.ndim < 2:
            raise ValueError(
                f"MultivariateNormal: expected a mean of at least one dimension and exactly one of "
                f"covariance_matrix, precision_matrix, scale_tril, of at least two; got a mean of "
                f"shape {tuple(loc._data.shape)} and {len(given)} matrices of shapes "
                f"{[tuple(m._data.shape) for m in given]}"
            )
        if scale_tril is not None:
            factor = scale_tril
        elif covariance_matrix is not None:
            factor = cholesky(covariance_matrix)
        else:
            # Of the inverse's factor with rows and columns reversed, so that no inverse of the
            # whole matrix is needed: P = U Uᵀ with U upper triangular, and L = U⁻ᵀ.
            reversed_factor = cholesky(precision_matrix.flip(-2, -1))
            factor = inv(reversed_factor.flip(-2, -1).transpose(-2, -1))
        n = loc._data.shape[-1]
        batch = np.broadcast_shapes(factor._data.shape[:-2], loc._data.shape[:-1])
        self._factor = factor
        self.loc = loc.expand(*batch, n)
        super().__init__(batch, (n,), validate_args)

    @property
    def scale_tril(self) -> Any:
        """L, lower triangular, with L Lᵀ = Σ."""
        n = self._event_shape[0]
        return self._factor.expand(*self._batch_shape, n, n)

    @property
    def covariance_matrix(self) -> Any:
        """Σ."""
        return matmul(self.scale_tril, self.scale_tril.transpose(-2, -1))

    @property
    def precision_matrix(self) -> Any:
        """Σ⁻¹."""
        return inv(self.covariance_matrix)

    @property
    def mean(self) -> Any:
        """`loc`."""
        return self.loc

    @property
    def variance(self) -> Any:
        """The diagonal of Σ."""
        return (self.scale_tril**2).sum(-1)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distributions, repeated; the factor is left for products to broadcast."""
        new = copy.copy(self)
        new._batch_shape = Size(batch_shape)
        new.loc = self.loc.expand(*batch_shape, self._event_shape[0])
        return new

    def rsample(self, sample_shape: Any = ()) -> Any:
        """loc + L ε, with ε standard normal."""
        noise = standard_normal(self._shape(sample_shape), self.loc)
        return self.loc + matmul(self._factor, noise.unsqueeze(-1)).squeeze(-1)

    def _half_log_det(self) -> Any:
        return self._factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def log_prob(self, value: Any) -> Any:
        """−½ (n log 2π + |L⁻¹ (x − loc)|²) − log det L."""
        off = (self._value(value) - self.loc).unsqueeze(-1)
        n = self._event_shape[0]
        factor = self._factor.expand(*off._data.shape[:-2], n, n)
        distance = (solve_triangular(factor, off, upper=False) ** 2).sum((-2, -1))
        return -n * half_log_two_pi() - 0.5 * distance - self._half_log_det()

    def entropy(self) -> Any:
        """½ n (1 + log 2π) + log det L."""
        n = self._event_shape[0]
        found = n * (0.5 + half_log_two_pi()) + self._half_log_det()
        return found.expand(*self._batch_shape) if self._batch_shape else found


class Independent(Distribution):
    """Draws whose last batch dimensions count as one event: their log-probabilities are summed.

    Parameters
    ----------
    base_distribution : Distribution
    reinterpreted_batch_ndims : int
        How many dimensions.
    """

    def __init__(
        self,
        base_distribution: Distribution,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        batch = tuple(base_distribution.batch_shape)
        if reinterpreted_batch_ndims > len(batch):
            raise ValueError(
                f"Independent: expected reinterpreted_batch_ndims <= {len(batch)}, the dimensions "
                f"of the batch {batch}, got {reinterpreted_batch_ndims}"
            )
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        cut = len(batch) - reinterpreted_batch_ndims
        event = (*batch[cut:], *base_distribution.event_shape)
        super().__init__(batch[:cut], event, validate_args)
        self.has_rsample = base_distribution.has_rsample

    @property
    def support(self) -> Any:
        """Events whose entries the base can draw."""
        base = self.base_dist.support
        n = self.reinterpreted_batch_ndims
        return None if base is None else constraints.independent(base, n)

    @property
    def mean(self) -> Any:
        """The mean of the base."""
        return self.base_dist.mean

    @property
    def variance(self) -> Any:
        """The variance of the base."""
        return self.base_dist.variance

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Draws of the base, through which gradients reach its parameters."""
        return self.base_dist.rsample(sample_shape)

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws of the base, without gradients."""
        return self.base_dist.sample(sample_shape)

    def summed(self, x: Any) -> Any:
        """The sum over the dimensions that count as one event."""
        n = self.reinterpreted_batch_ndims
        return x.sum(tuple(range(-n, 0))) if n else x

    def log_prob(self, value: Any) -> Any:
        """The base's, summed over an event."""
        return self.summed(self.base_dist.log_prob(value))

    def entropy(self) -> Any:
        """The base's, summed over an event."""
        return self.summed(self.base_dist.entropy())
