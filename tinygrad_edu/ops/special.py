"""PyTorch's `torch.special`: special functions under its names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, wrap
from ..primitives import elementwise, reduction, special
from .activation import log_softmax as log_softmax
from .activation import sigmoid
from .activation import softmax as softmax
from .composed import composed
from .elementwise import exp2 as exp2
from .elementwise import expm1 as expm1
from .elementwise import floating
from .elementwise import log1p as log1p
from .elementwise import round as round
from .reduction import logsumexp as logsumexp

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

erf = elementwise.erf.record
erfc = special.erfc.record
erfcx = special.erfcx.record
erfinv = special.erfinv.record
ndtr = special.ndtr.record
ndtri = special.ndtri.record
log_ndtr = special.log_ndtr.record
lgamma = gammaln = special.lgamma.record
i0 = special.i0.record
i0e = special.i0e.record
i1 = special.i1.record
i1e = special.i1e.record
entr = special.entr.record
sinc = special.sinc.record
zeta = special.zeta.record
expit = sigmoid


def xlogy(input: Any, other: Any) -> Tensor:
    """x log y, and 0 where x is 0 (but NaN where y is)."""
    return special.xlogy.record(*_pair(input, other))


def xlog1py(input: Any, other: Any) -> Tensor:
    """x log(1 + y), and 0 where x is 0 (but NaN where y is)."""
    return special.xlog1py.record(*_pair(input, other))


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    """A number beside a tensor as a tensor of its dtype: our kernels take arrays."""
    like = a if isinstance(a, Traced) else b
    kind = floating(like)._data.dtype
    left, right = (x if isinstance(x, Traced) else wrap(np.asarray(x, kind)) for x in (a, b))
    return left, right


def digamma(input: Tensor) -> Tensor:
    """The derivative of log Γ."""
    return special.polygamma.record(input, 0)


psi = digamma


def polygamma(n: Any, input: Any) -> Tensor:
    """The n-th derivative of digamma."""
    if isinstance(n, Traced):  # x.polygamma(n): the method comes with the tensor first
        n, input = input, n
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return special.polygamma.record(input, int(n))


@composed
def multigammaln(input: Tensor, p: int) -> Tensor:
    """log of the multivariate gamma function of dimension p."""
    x = floating(input)
    if bool((x._data <= (p - 1) / 2).any()):
        raise RuntimeError(f"All elements must be greater than (p-1)/2 = {(p - 1) / 2}")
    steps = np.arange(p, dtype=x._data.dtype) / -2
    total = reduction.sum.record(special.lgamma.record(x.unsqueeze(-1) + wrap(steps)), -1, False)
    return total + p * (p - 1) / 4 * math.log(math.pi)


mvlgamma = multigammaln


@composed(closed_form="g / (x * (1 - x))")
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """log(x / (1 − x)), x first clamped to (ε, 1 − ε) if ε is given."""
    x = floating(input)
    if eps is not None:
        inside = (x >= eps) & (x <= 1 - eps)
        edge = np.clip(x._data, eps, 1 - eps)
        x = elementwise.where.record(inside, x, wrap(edge))
    return special.logit.record(x)
