"""Normal vectors whose covariance is a thin product plus a diagonal: Σ = W Wᵀ + D."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ops.linalg.factorization import cholesky
from ..ops.linalg.products import matmul
from ..ops.linalg.solving import inv, solve_triangular
from . import constraints
from .distribution import Distribution, standard_normal

__all__ = ["LowRankMultivariateNormal"]


class LowRankMultivariateNormal(Distribution):
    """exp(−½ (x − loc)ᵀ Σ⁻¹ (x − loc)) / √det 2πΣ, at a cost that grows with the rank.

    By Woodbury's identity only C = I + Wᵀ D⁻¹ W, of m × m, is factorised.

    Parameters
    ----------
    loc : Tensor (..., n)
    cov_factor : Tensor (..., n, m)
        W.
    cov_diag : Tensor (..., n)
        The diagonal of D, positive.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """

    has_rsample = True
    arg_constraints = constraints.each(
        loc=constraints.real_vector, cov_diag=constraints.independent(constraints.positive, 1)
    )
    support = constraints.real_vector

    def __init__(
        self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None
    ) -> None:
        n = loc._data.shape[-1:]
        shapes = [tuple(x._data.shape) for x in (loc, cov_factor, cov_diag)]
        fits = bool(n) and cov_factor._data.ndim > 1 and shapes[1][-2:-1] == n == shapes[2][-1:]
        try:
            batch = np.broadcast_shapes(shapes[0][:-1], shapes[1][:-2], shapes[2][:-1])
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"LowRankMultivariateNormal: expected loc (…, n), cov_factor (…, n, m) and "
                f"cov_diag (…, n) with batch shapes that broadcast, got {shapes}"
            )
        self.loc = loc.expand(*batch, *n)
        self.cov_factor = cov_factor.expand(*batch, *shapes[1][-2:])
        self.cov_diag = cov_diag.expand(*batch, *n)
        super().__init__(batch, n, validate_args)

    def _capacitance(self) -> Any:
        """The Cholesky factor of C, and Wᵀ D⁻¹."""
        scaled = self.cov_factor.mT / self.cov_diag.unsqueeze(-2)
        product = matmul(scaled, self.cov_factor)
        return cholesky(product + product.new_ones(product._data.shape[-1]).diag()), scaled

    @property
    def mean(self) -> Any:
        """`loc`."""
        return self.loc

    mode = mean

    @property
    def variance(self) -> Any:
        """The diagonal of Σ."""
        return (self.cov_factor**2).sum(-1) + self.cov_diag

    @property
    def covariance_matrix(self) -> Any:
        """Σ."""
        return matmul(self.cov_factor, self.cov_factor.mT) + self.cov_diag.diag_embed()

    @property
    def scale_tril(self) -> Any:
        """L, lower triangular, with L Lᵀ = Σ: √D times the factor of I + D^−½ W Wᵀ D^−½."""
        root = self.cov_diag.sqrt().unsqueeze(-1)
        scaled = self.cov_factor / root
        product = matmul(scaled, scaled.mT)
        return root * cholesky(product + product.new_ones(product._data.shape[-1]).diag())

    @property
    def precision_matrix(self) -> Any:
        """Σ⁻¹ = D⁻¹ − D⁻¹ W C⁻¹ Wᵀ D⁻¹."""
        factor, scaled = self._capacitance()
        a = matmul(inv(factor), scaled)
        return self.cov_diag.reciprocal().diag_embed() - matmul(a.mT, a)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """loc + W ε + √D η, with ε and η standard normal."""
        shape = self._shape(sample_shape)
        inner = standard_normal((*shape[:-1], self.cov_factor._data.shape[-1]), self.loc)
        outer = standard_normal(shape, self.loc)
        spread = matmul(self.cov_factor, inner.unsqueeze(-1)).squeeze(-1)
        return self.loc + spread + self.cov_diag.sqrt() * outer

    def _log_det(self, factor: Any) -> Any:
        """log det Σ = log det C + log det D."""
        inner = 2 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return inner + self.cov_diag.log().sum(-1)

    def log_prob(self, value: Any) -> Any:
        """−½ (n log 2π + log det Σ + (x − loc)ᵀ Σ⁻¹ (x − loc))."""
        factor, scaled = self._capacitance()
        off = self._value(value) - self.loc
        inner = matmul(scaled, off.unsqueeze(-1))
        wide = factor.expand(*inner._data.shape[:-2], *factor._data.shape[-2:])
        saved = (solve_triangular(wide, inner, upper=False) ** 2).sum((-2, -1))
        distance = (off**2 / self.cov_diag).sum(-1) - saved
        n = self._event_shape[0]
        return -0.5 * (n * math.log(2 * math.pi) + self._log_det(factor) + distance)

    def entropy(self) -> Any:
        """½ (n (1 + log 2π) + log det Σ)."""
        n = self._event_shape[0]
        return 0.5 * (n * (1 + math.log(2 * math.pi)) + self._log_det(self._capacitance()[0]))
