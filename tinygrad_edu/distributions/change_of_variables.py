"""A change of variables y = f(x): what all transforms share, and those made of others."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..tensors.tensor import Size
from . import constraints
from .constraints import Constraint

__all__ = [
    "ComposeTransform",
    "CumulativeDistributionTransform",
    "IndependentTransform",
    "ReshapeTransform",
    "Transform",
    "identity_transform",
]


def summed(x: Any, dims: int) -> Any:
    """The sum over the last dimensions."""
    return x.sum(tuple(range(-dims, 0))) if dims else x


def same(a: Any, b: Any) -> bool:
    """Whether two settings of transforms are equal."""
    if isinstance(a, Traced) and isinstance(b, Traced):
        return bool(np.array_equal(a._data, b._data))
    return bool(a == b)


class Transform:
    """A function y = f(x) of tensors, its inverse, and log |dy/dx|.

    Attributes
    ----------
    domain, codomain : Constraint
        What it maps, and to what.
    bijective : bool
        Whether every y has one x.
    sign : int or Tensor
        Whether a function of one number rises (1) or falls (−1).
    """

    domain: Any = constraints.real
    codomain: Any = constraints.real
    bijective: Any = False
    sign: Any = None

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size = cache_size
        self._cached: tuple[Any, Any] | None = None

    @property
    def event_dim(self) -> int:
        """How many dimensions make one event, where both sides have as many."""
        if self.domain.event_dim != self.codomain.event_dim:
            raise ValueError("Please use either .domain.event_dim or .codomain.event_dim")
        return int(self.domain.event_dim)

    @property
    def inv(self) -> Transform:
        """The inverse."""
        return _Inverse(self)

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The same function; with 1 it remembers its last pair, so that the inverse is exact."""
        new = copy.copy(self)
        new._cache_size, new._cached = cache_size, None
        return new

    def __call__(self, x: Any) -> Any:
        if self._cached is not None and self._cached[0] is x:
            return self._cached[1]
        y = self._call(x)
        if self._cache_size:
            self._cached = (x, y)
        return y

    def _inv_call(self, y: Any) -> Any:
        if self._cached is not None and self._cached[1] is y:
            return self._cached[0]
        x = self._inverse(y)
        if self._cache_size:
            self._cached = (x, y)
        return x

    def _call(self, x: Any) -> Any:
        """f(x)."""
        raise NotImplementedError(f"{type(self).__name__} defines no _call(self, x)")

    def _inverse(self, y: Any) -> Any:
        """The x with f(x) = y."""
        raise NotImplementedError(f"{type(self).__name__} has no inverse")

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx|, one number for each event."""
        raise NotImplementedError(f"{type(self).__name__} has no density")

    def forward_shape(self, shape: Any) -> Any:
        """The shape of f(x) for x of a shape."""
        return Size(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of x for f(x) of a shape."""
        return Size(shape)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Transform) or type(self) is not type(other):
            return False
        mine, theirs = self._settings(), other._settings()
        return mine.keys() == theirs.keys() and all(same(mine[k], theirs[k]) for k in mine)

    __hash__ = object.__hash__

    def _settings(self) -> dict[str, Any]:
        hidden = ("_cache_size", "_cached")
        return {k: v for k, v in self.__dict__.items() if k not in hidden}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Inverse(Transform):
    """A transform backwards."""

    def __init__(self, transform: Transform) -> None:
        super().__init__(transform._cache_size)
        self._of = transform

    @property
    def domain(self) -> Any:
        """What the transform maps to."""
        return self._of.codomain

    @property
    def codomain(self) -> Any:
        """What the transform maps."""
        return self._of.domain

    @property
    def bijective(self) -> Any:
        """Whether the transform is bijective."""
        return self._of.bijective

    @property
    def sign(self) -> Any:
        """The sign of the transform."""
        return self._of.sign

    @property
    def inv(self) -> Transform:
        """The transform that this one undoes."""
        return self._of

    def __call__(self, x: Any) -> Any:
        return self._of._inv_call(x)

    def _inv_call(self, y: Any) -> Any:
        return self._of(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx|: minus that of the transform that this one undoes."""
        return -self._of.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> Any:
        """The shape that the transform maps to this one."""
        return self._of.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape that the transform maps this one to."""
        return self._of.forward_shape(shape)

    def __repr__(self) -> str:
        return f"{self._of!r}.inv"


class ReshapeTransform(Transform):
    """An event in another shape."""

    bijective = True

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.in_shape, self.out_shape = Size(in_shape), Size(out_shape)
        if self.in_shape.numel() != self.out_shape.numel():
            raise ValueError(
                f"in_shape, out_shape have different numbers of elements: {tuple(in_shape)}, "
                f"{tuple(out_shape)}"
            )

    @property
    def domain(self) -> Any:
        """Events of the first shape."""
        return constraints.independent(constraints.real, len(self.in_shape))

    @property
    def codomain(self) -> Any:
        """Events of the second shape."""
        return constraints.independent(constraints.real, len(self.out_shape))

    def _call(self, x: Any) -> Any:
        return x.reshape(self.forward_shape(x._data.shape))

    def _inverse(self, y: Any) -> Any:
        return y.reshape(self.inverse_shape(y._data.shape))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| = 0."""
        batch = x._data.shape[: x._data.ndim - len(self.in_shape)]
        return wrap(np.zeros(batch, x._data.dtype))

    def _moved(self, shape: Any, old: Any, new: Any) -> Any:
        cut = len(shape) - len(old)
        if cut < 0 or tuple(shape[cut:]) != tuple(old):
            raise ValueError(
                f"Shape mismatch: expected a shape that ends in {tuple(old)} but got {tuple(shape)}"
            )
        return Size((*shape[:cut], *new))

    def forward_shape(self, shape: Any) -> Any:
        """The shape with its last dimensions, of the first shape, replaced by the second."""
        return self._moved(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape with its last dimensions, of the second shape, replaced by the first."""
        return self._moved(shape, self.out_shape, self.in_shape)


class CumulativeDistributionTransform(Transform):
    """y = P(X ≤ x) of a distribution: a draw of it becomes uniform."""

    codomain = constraints.unit_interval
    bijective = True
    sign = 1

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Any:
        """What can be drawn."""
        return self.distribution.support

    def _call(self, x: Any) -> Any:
        return self.distribution.cdf(x)

    def _inverse(self, y: Any) -> Any:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx|: the logarithm of the density."""
        return self.distribution.log_prob(x)


class IndependentTransform(Transform):
    """A transform whose last dimensions count as one event.

    Parameters
    ----------
    base_transform : Transform
    reinterpreted_batch_ndims : int
        How many more dimensions make one event.
    """

    def __init__(
        self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0
    ) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def domain(self) -> Any:
        """Events whose entries the base maps."""
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @property
    def codomain(self) -> Any:
        """Events whose entries the base maps to."""
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def bijective(self) -> Any:
        """Whether the base is bijective."""
        return self.base_transform.bijective

    @property
    def sign(self) -> Any:
        """The sign of the base."""
        return self.base_transform.sign

    def _call(self, x: Any) -> Any:
        return self.base_transform(x)

    def _inverse(self, y: Any) -> Any:
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx| of the base, summed over an event."""
        found = self.base_transform.log_abs_det_jacobian(x, y)
        return summed(found, self.reinterpreted_batch_ndims)

    def forward_shape(self, shape: Any) -> Any:
        """The shape that the base maps a shape to."""
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape that the base maps to a shape."""
        return self.base_transform.inverse_shape(shape)

    def __repr__(self) -> str:
        n = self.reinterpreted_batch_ndims
        return f"IndependentTransform({self.base_transform!r}, {n})"


class ComposeTransform(Transform):
    """One transform after the other, the first of them first."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [p.with_cache(cache_size) for p in parts] if cache_size else list(parts)

    def _dims(self) -> tuple[int, int]:
        """How many dimensions make an event, before and after."""
        after = max((p.codomain.event_dim for p in self.parts[-1:]), default=0)
        for p in reversed(self.parts):
            after += p.domain.event_dim - p.codomain.event_dim
            after = max(after, p.domain.event_dim)
        before = after
        for p in self.parts:
            after += p.codomain.event_dim - p.domain.event_dim
        return before, after

    def _widened(self, inner: Constraint, dims: int) -> Any:
        more = dims - inner.event_dim
        return constraints.independent(inner, more) if more else inner

    @property
    def domain(self) -> Any:
        """What the first part maps, with as many dimensions as the whole chain needs."""
        if not self.parts:
            return constraints.real
        return self._widened(self.parts[0].domain, self._dims()[0])

    @property
    def codomain(self) -> Any:
        """What the last part maps to, with as many dimensions as the whole chain makes."""
        if not self.parts:
            return constraints.real
        return self._widened(self.parts[-1].codomain, self._dims()[1])

    @property
    def bijective(self) -> Any:
        """Whether all parts are bijective."""
        return all(p.bijective for p in self.parts)

    @property
    def sign(self) -> Any:
        """The product of the parts' signs."""
        return math.prod((p.sign for p in self.parts), start=1)

    @property
    def inv(self) -> Transform:
        """The inverses of the parts, the last one first."""
        return ComposeTransform([p.inv for p in reversed(self.parts)])

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The same chain, each part of which remembers its last pair."""
        return ComposeTransform(self.parts, cache_size)

    def __call__(self, x: Any) -> Any:
        for p in self.parts:
            x = p(x)
        return x

    def _inv_call(self, y: Any) -> Any:
        for p in reversed(self.parts):
            y = p._inv_call(y)
        return y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy/dx|: the sum over the parts."""
        if not self.parts:
            return wrap(np.zeros_like(x._data))
        between = [x]
        for p in self.parts[:-1]:
            between.append(p(between[-1]))
        between.append(y)
        dims, total = self.domain.event_dim, None
        for p, before, after in zip(self.parts, between, between[1:]):
            term = summed(p.log_abs_det_jacobian(before, after), dims - p.domain.event_dim)
            total = term if total is None else total + term
            dims += p.codomain.event_dim - p.domain.event_dim
        return total

    def forward_shape(self, shape: Any) -> Any:
        """The shape after all parts."""
        for p in self.parts:
            shape = p.forward_shape(shape)
        return Size(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape before all parts."""
        for p in reversed(self.parts):
            shape = p.inverse_shape(shape)
        return Size(shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ComposeTransform) and self.parts == other.parts

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        inner = ",\n    ".join(map(repr, self.parts))
        return f"ComposeTransform(\n    {inner}\n)"


identity_transform = ComposeTransform([])
