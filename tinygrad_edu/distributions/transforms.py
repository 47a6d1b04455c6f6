"""Invertible functions with the logarithm of their slope: what densities are carried through by."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..ops.activation import logsigmoid, sigmoid, softplus
from ..ops.linalg.factorization import cholesky
from ..ops.padding import pad
from ..tensors.tensor import Size
from . import constraints
from .change_of_variables import ComposeTransform as ComposeTransform
from .change_of_variables import CumulativeDistributionTransform as CumulativeDistributionTransform
from .change_of_variables import IndependentTransform as IndependentTransform
from .change_of_variables import ReshapeTransform as ReshapeTransform
from .change_of_variables import Transform as Transform
from .change_of_variables import identity_transform as identity_transform
from .change_of_variables import summed
from .distribution import parameters

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "ComposeTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]


# Entry by entry -----------------------------------------------------------------------------------


class ExpTransform(Transform):
    """y = exp x."""

    codomain = constraints.positive
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        return x.exp()

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = x."""
        return x


class PowerTransform(Transform):
    """y = xᵃ of positive x."""

    domain = codomain = constraints.positive
    bijective = True

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        (self.exponent,) = parameters(exponent)

    @property
    def sign(self) -> Any:
        """The sign of the exponent."""
        return self.exponent.sign()

    def _call(self, x: Any) -> Any:
        return x**self.exponent

    def _inverse(self, y: Any) -> Any:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = log |a y / x|."""
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape: Any) -> Any:
        """The shape broadcast with the exponent's."""
        return Size(np.broadcast_shapes(shape, self.exponent._data.shape))

    inverse_shape = forward_shape


class SigmoidTransform(Transform):
    """y = 1 / (1 + exp(−x)), kept a rounding error away from 0 and 1."""

    codomain = constraints.unit_interval
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        return inside_unit(sigmoid(x))

    def _inverse(self, y: Any) -> Any:
        kept = inside_unit(y)
        return kept.log() - (-kept).log1p()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = −log(1 + exp(−x)) − log(1 + exp x)."""
        return -softplus(-x) - softplus(x)


def inside_unit(y: Any) -> Any:
    """y between the least normal number and the last before 1."""
    info = np.finfo(y._data.dtype)
    return y.clamp(float(info.tiny), 1 - float(info.eps))


class SoftplusTransform(Transform):
    """y = log(1 + exp x)."""

    codomain = constraints.positive
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        return softplus(x)

    def _inverse(self, y: Any) -> Any:
        return (-y).expm1().neg().log() + y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = −log(1 + exp(−x))."""
        return -softplus(-x)


class TanhTransform(Transform):
    """y = tanh x."""

    codomain = constraints.interval(-1.0, 1.0)
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        return x.tanh()

    def _inverse(self, y: Any) -> Any:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = log(1 − tanh² x), written so that nothing cancels."""
        return 2 * (math.log(2) - x - softplus(-2 * x))


class AbsTransform(Transform):
    """y = |x|."""

    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return x.abs()

    def _inverse(self, y: Any) -> Any:
        return y


class AffineTransform(Transform):
    """y = loc + scale x.

    Parameters
    ----------
    loc, scale : number or Tensor
    event_dim : int
        How many of the last dimensions make one event.
    """

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale = loc, scale
        self._event_dim = event_dim

    @property
    def domain(self) -> Any:
        """Events of real numbers."""
        n = self._event_dim
        return constraints.independent(constraints.real, n) if n else constraints.real

    codomain = domain

    @property
    def sign(self) -> Any:
        """The sign of the scale."""
        if isinstance(self.scale, Traced):
            return self.scale.sign()  # type: ignore[attr-defined]
        return int(np.sign(self.scale))

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = log |scale|, summed over an event."""
        if isinstance(self.scale, Traced):
            slope: Any = self.scale.abs().log()  # type: ignore[attr-defined]
        else:
            slope = wrap(np.full(x._data.shape, math.log(abs(self.scale)), x._data.dtype))
        n = self._event_dim
        if n:
            slope = summed(slope.expand(x._data.shape), n)
        return slope.expand(x._data.shape[: x._data.ndim - n])

    def forward_shape(self, shape: Any) -> Any:
        """The shape broadcast with those of loc and scale."""
        return Size(np.broadcast_shapes(shape, shape_of(self.loc), shape_of(self.scale)))

    inverse_shape = forward_shape


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a parameter."""
    return np.shape(x._data if isinstance(x, Traced) else x)


# Vectors and matrices -----------------------------------------------------------------------------


class SoftmaxTransform(Transform):
    """Shares in proportion to exp x; the inverse is one of many, so that it has no density."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x: Any) -> Any:
        raised = (x - x.max(-1, True)[0]).exp()
        return raised / raised.sum(-1, True)

    def _inverse(self, y: Any) -> Any:
        return y.log()


class StickBreakingTransform(Transform):
    """n numbers to n + 1 shares: each breaks its part off what is left of a stick of length 1."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def _offset(self, n: int, dtype: Any) -> Any:
        # Of zeros, equal shares.
        return wrap(np.arange(n, 0, -1).astype(dtype))

    def _call(self, x: Any) -> Any:
        part = inside_unit(sigmoid(x - self._offset(x._data.shape[-1], x._data.dtype).log()))
        left = (1 - part).cumprod(-1)
        return pad(part, [0, 1], value=1) * pad(left, [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        share = y[..., :-1]
        left = (1 - share.cumsum(-1)).clamp(min=float(np.finfo(y._data.dtype).tiny))
        return share.log() - left.log() + self._offset(share._data.shape[-1], y._data.dtype).log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = Σ log share + log(1 − part), the last share left out."""
        z = x - self._offset(x._data.shape[-1], x._data.dtype).log()
        return (-z + logsigmoid(z) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        """The shape with one entry more in its last dimension."""
        return Size((*shape[:-1], shape[-1] + 1))

    def inverse_shape(self, shape: Any) -> Any:
        """The shape with one entry less in its last dimension."""
        return Size((*shape[:-1], shape[-1] - 1))


class LowerCholeskyTransform(Transform):
    """A square matrix to a lower triangular one with a positive diagonal, by its exponential."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """A square matrix to L Lᵀ, with L as `LowerCholeskyTransform` makes it."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(cholesky(y))
