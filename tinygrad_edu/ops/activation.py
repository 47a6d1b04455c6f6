"""Activations, each a composition that is right from −1000 to 1000 and at its kinks.

Two tricks recur. A branch that could overflow is fed harmless numbers where it is not chosen, for
0 · ∞ would turn the other branch's gradient to NaN. And −|x| is written as x times a constant sign:
the slope of |x| at 0 is a choice, and these functions are smooth there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import wrap
from ..generator import dense_like, exponential_, uniform_
from ..numerics.promotion import default_float
from ..primitives import elementwise, reduction
from .composed import composed
from .elementwise import cast, floating
from .reduction import axes
from .views import in_place

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

exp, where, signbit, opposite_sign, log1p = (
    elementwise.exp.record,
    elementwise.where.record,
    elementwise.signbit.record,
    elementwise.against.record,
    elementwise.log1p.record,
)
total, amax, log, expm1, tanh_ = (
    reduction.sum.record,
    reduction.amax.record,
    elementwise.log.record,
    elementwise.expm1.record,
    elementwise.tanh.record,
)


# Above these e⁻ˣ is far from overflowing, and so is its square, which the gradient meets: there the
# textbook's formula is as accurate as any, and half the work.
TAME_ABOVE = {np.dtype(np.float32): -20.0, np.dtype(np.float64): -200.0}
least = np.minimum.reduce


@composed(closed_form="g * (x > 0)")
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0), with slope 0 at 0."""
    return _into(input, where(input <= 0, 0, input), inplace)


@composed(closed_form="g * y * (1 - y)")
def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + e⁻ˣ), and from e^−|x|, which never overflows, where some x is very negative."""
    x = input if input._data.dtype.kind == "f" else floating(input)
    data = x._data
    floor = TAME_ABOVE.get(data.dtype)
    if floor is not None and data.size and least(data, None) > floor:
        return 1 / (exp(-x) + 1)
    e = exp(x * opposite_sign(x))
    return where(signbit(x), e, 1) / (e + 1)


@composed(closed_form="g / (1 + exp(-x))")
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """log(1 + e^βx) / β; x itself where βx exceeds the threshold."""
    x = input if beta == 1 else input * beta
    large = x > threshold
    soft = log1p(exp(where(large, 0, x)))
    return where(large, input, soft if beta == 1 else soft / beta)


@composed(closed_form="g / (1 + exp(x))")
def logsigmoid(input: Tensor) -> Tensor:
    """log(1 / (1 + e⁻ˣ)) = min(x, 0) − log(1 + e^−|x|)."""
    e = exp(input * opposite_sign(input))
    return where(signbit(input), input, 0) - log1p(e)


@composed(closed_form="y * (g - sum(g * y, axis=dim, keepdims=True))")
def softmax(input: Tensor, dim: Any = None, dtype: Any = None, **kwargs: Any) -> Tensor:
    """eˣ / Σeˣ along `dim`, shifted by the maximum so that nothing overflows."""
    x, along = _along(input, dim, dtype, kwargs, "softmax")
    if along is None:
        return exp(x - x)
    if not x._data.size:
        return x.clone()  # type: ignore[no-any-return]
    e = exp(x - amax(x.detach(), along, True))
    return e / total(e, along, True)


@composed(closed_form="g - exp(y) * sum(g, axis=dim, keepdims=True)")
def log_softmax(input: Tensor, dim: Any = None, dtype: Any = None, **kwargs: Any) -> Tensor:
    """x − log Σeˣ along `dim`, shifted by the maximum so that nothing overflows."""
    x, along = _along(input, dim, dtype, kwargs, "log_softmax")
    if along is None:
        return x - x  # type: ignore[no-any-return]
    if not x._data.size:
        return x.clone()  # type: ignore[no-any-return]
    shifted = x - amax(x.detach(), along, True)
    return shifted - log(total(exp(shifted), along, True))  # type: ignore[no-any-return]


@composed(closed_form="-y * (g - sum(g * y, axis=dim, keepdims=True))")
def softmin(input: Tensor, dim: Any = None, dtype: Any = None, **kwargs: Any) -> Tensor:
    """softmax of −x."""
    return softmax(-input, dim, dtype, **kwargs)


def _along(input: Any, dim: Any, dtype: Any, kwargs: dict[str, Any], name: str) -> tuple[Any, Any]:
    axis = kwargs.pop("axis", None)
    kwargs.pop("_stacklevel", None)
    if kwargs:
        raise TypeError(f"{name}() got an unexpected keyword argument {next(iter(kwargs))!r}")
    dim = dim if axis is None else axis
    x = cast(input, dtype) if dtype is not None else input
    if x._data.dtype.kind != "f":
        x = cast(x, default_float())
    if dim is None:  # PyTorch's implicit choice, which it warns of
        dim = 0 if x._data.ndim in (0, 1, 3) else 1
    return x, axes(x, dim, name)


@composed(closed_form="where(x > 0, g, negative_slope * g)")
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where positive, a · x elsewhere."""
    return _into(input, where(input > 0, input, input * negative_slope), inplace)


@composed(closed_form="where(x > 0, g, g * (y + alpha))")
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where positive, α (eˣ − 1) elsewhere."""
    negative = input < 0
    bent = expm1(where(negative, input, 0))
    if alpha == 1:
        return _into(input, where(negative, bent, input), inplace)
    # At 0 itself the slope is the left one, α; the curvature is that of neither side.
    slopes = np.where(input._data > 0, 1, alpha).astype(input._data.dtype)
    line = input * wrap(slopes)
    return _into(input, where(negative, bent * alpha, line), inplace)


SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


@composed
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """s · elu(x, α) with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    return _into(input, elu(input, SELU_ALPHA) * SELU_SCALE, inplace)


@composed
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """max(0, x) + min(0, α (e^(x/α) − 1))."""
    negative = input < 0
    bent = expm1(where(negative, input, 0) / alpha) * alpha
    return _into(input, where(negative, bent, input), inplace)


@composed
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x Φ(x), Φ the normal distribution function; or its tanh approximation.

    Source: Hendrycks and Gimpel, Gaussian error linear units, 2016.
    """
    input = finite_below(input)
    if approximate == "none":
        return input * (elementwise.erf.record(input * math.sqrt(0.5)) * 0.5 + 0.5)
    if approximate == "tanh":
        inner = (input + input * input * input * 0.044715) * math.sqrt(2 / math.pi)
        return input * (tanh_(inner) * 0.5 + 0.5)
    raise RuntimeError(f"approximate argument must be either none or tanh, got {approximate!r}")


def finite_below(x: Any) -> Any:
    """−∞ replaced by −10⁴, where x Φ(x) and x σ(x) are 0 already: −∞ · 0 would be NaN."""
    data = x._data
    endless = data == -math.inf
    return where(endless, -1e4, x) if endless.any() else x


@composed
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x / (1 + e⁻ˣ)."""
    x = finite_below(input)
    return _into(input, x * sigmoid(x), inplace)


@composed
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x tanh(log(1 + eˣ))."""
    return _into(input, input * tanh_(softplus(input)), inplace)


@composed
def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    return input / (elementwise.abs.record(input) + 1)


@composed
def tanhshrink(input: Tensor) -> Tensor:
    """x − tanh x."""
    return input - tanh_(input)


@composed
def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """x between its bounds, with slope 0 on and outside them."""
    low = where(input <= min_val, min_val, input)
    return _into(input, where(low >= max_val, max_val, low), inplace)


@composed
def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """x between 0 and 6."""
    return _into(input, hardtanh(input, 0.0, 6.0), inplace)


@composed
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """x / 6 + 1/2 between 0 and 1."""
    return _into(input, hardtanh(input + 3, 0.0, 6.0) / 6, inplace)


@composed
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · hardsigmoid(x)."""
    inner = where(input <= -3, -0.0, input * (input + 3) / 6)
    return _into(input, where(input >= 3, input, inner), inplace)


@composed
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """0 between −λ and λ, x elsewhere."""
    return where((input >= -lambd) & (input <= lambd), 0, input)


@composed
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved by λ towards 0, and 0 between −λ and λ."""
    return where(input > lambd, input - lambd, where(input < -lambd, input + lambd, 0 * input))


@composed
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x above the threshold, `value` elsewhere."""
    return _into(input, where(input <= threshold, value, input), inplace)


@composed
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where positive, a · x elsewhere, with a learned a (one, or one per channel)."""
    if weight._data.ndim == 1 and not input._data.ndim:
        weight = weight.reshape(())
    elif weight._data.size > 1 and input._data.ndim > 1:
        weight = weight.reshape((-1,) + (1,) * (input._data.ndim - 2))
    return where(input > 0, input, input * weight)


@composed
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half of `dim` times the sigmoid of the second half."""
    a, b = input.chunk(2, dim)
    return a * sigmoid(b)


def _into(input: Tensor, out: Tensor, inplace: bool) -> Tensor:
    return input._become(out) if inplace else out


@composed
def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """softmax((x + Gumbel noise) / τ): nearly one-hot draws that can be differentiated.

    With `hard`, exactly one-hot, with the gradient of the soft ones. Source: Jang, Gu and Poole,
    Categorical reparameterization with Gumbel-softmax, 2017.
    """
    noise = -np.log(exponential_(dense_like(logits._data)))
    soft = softmax((logits + wrap(noise)) / tau, dim)
    if not hard:
        return soft
    best = np.argmax(soft._data, axis=dim, keepdims=True)
    one_hot = np.zeros_like(soft._data)
    np.put_along_axis(one_hot, best, 1, axis=dim)
    return wrap(one_hot) - soft.detach() + soft  # type: ignore[no-any-return]


@composed
def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """x where positive, a · x elsewhere, a drawn from [lower, upper) in training, else their mean.

    Source: Xu et al., Empirical evaluation of rectified activations, 2015.
    """
    slope: Any = (lower + upper) / 2
    if training:
        slope = slopes(input._data, lower, upper)
    out = elementwise.where.record(input > 0, input, input * slope)
    return input._become(out, "rrelu") if inplace else out


def slopes(x: Any, lower: float, upper: float) -> Any:
    """A slope for each entry that is not positive, in the order of those entries."""
    out = np.ones_like(x)
    low = x <= 0
    unit = uniform_(np.empty(int(low.sum()), np.float64))
    out[low] = unit * (upper - lower) + lower
    return wrap(out)


celu_ = in_place(celu)
elu_ = in_place(elu)
hardtanh_ = in_place(hardtanh)
leaky_relu_ = in_place(leaky_relu)
relu_ = in_place(relu)
selu_ = in_place(selu)
threshold_ = in_place(threshold)
rrelu_ = in_place(rrelu)
