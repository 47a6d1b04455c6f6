"""Initial values of parameters, drawn from PyTorch's stream in PyTorch's order.

Every function fills its tensor in place, outside the graph, and returns it.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.saved import written
from ..generator import normal_ as draw_normal
from ..generator import randperm
from ..generator import uniform_ as draw_uniform
from ..numerics.inverse_error_function import erfinv

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

GAINS = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
LINEAR: tuple[str, ...] = ("linear", "sigmoid", "conv1d", "conv2d", "conv3d")
LINEAR += ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """How much a nonlinearity shrinks what passes: the factor to multiply weights by."""
    if nonlinearity in LINEAR:
        return 1.0
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity in GAINS:
        return GAINS[nonlinearity]
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}; one of {sorted(GAINS)}, linear …")


def fans(tensor: Any) -> tuple[int, int]:
    """How many inputs and outputs each unit of a weight has."""
    shape = tensor._data.shape
    if len(shape) < 2:
        raise ValueError(
            f"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got "
            f"shape {tuple(shape)}; use normal_ or uniform_ for biases"
        )
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _fan(tensor: Any, mode: str) -> int:
    fan_in, fan_out = fans(tensor)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return fan_in if mode == "fan_in" else fan_out


def _filled(tensor: Any) -> Any:
    written(tensor._data)
    return tensor


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """Uniform between a and b."""
    draw_uniform(tensor._data, a, b, generator=generator)
    return _filled(tensor)


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """Normal with a mean and standard deviation."""
    draw_normal(tensor._data, mean, std, generator=generator)
    return _filled(tensor)


def constant_(tensor: Any, val: float) -> Any:
    """One value everywhere."""
    tensor._data[...] = val
    return _filled(tensor)


def ones_(tensor: Any) -> Any:
    """Ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Any) -> Any:
    """Zeros."""
    return constant_(tensor, 0.0)


def eye_(tensor: Any) -> Any:
    """The identity matrix."""
    if tensor._data.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    tensor._data[...] = np.eye(*tensor._data.shape)
    return _filled(tensor)


def dirac_(tensor: Any, groups: int = 1) -> Any:
    """Convolution weights that pass their input on."""
    data = tensor._data
    if data.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    data[...] = 0
    out = data.shape[0] // groups
    centre = tuple(n // 2 for n in data.shape[2:])
    for g in range(groups):
        for d in range(min(out, data.shape[1])):
            data[(g * out + d, d, *centre)] = 1
    return _filled(tensor)


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Uniform in ±gain · √(6 / (fan_in + fan_out)). Source: Glorot and Bengio, 2010."""
    fan_in, fan_out = fans(tensor)
    a = math.sqrt(3.0) * (gain * math.sqrt(2.0 / (fan_in + fan_out)))
    return uniform_(tensor, -a, a, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Normal with std gain · √(2 / (fan_in + fan_out)). Source: Glorot and Bengio, 2010."""
    fan_in, fan_out = fans(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)), generator)


def kaiming_uniform_(
    tensor: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Any:
    """Uniform in ±gain · √(3 / fan). Source: He et al., Delving deep into rectifiers, 2015."""
    if 0 in tensor._data.shape:
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Any:
    """Normal with std gain / √fan. Source: He et al., Delving deep into rectifiers, 2015."""
    if 0 in tensor._data.shape:
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def trunc_normal_(
    tensor: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Any:
    """Normal, cut off outside [a, b]: inverse distribution function of a uniform."""

    def below(x: float) -> float:
        return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0

    low, high = below((a - mean) / std), below((b - mean) / std)
    uniform_(tensor, 2 * low - 1, 2 * high - 1, generator)
    data = tensor._data
    data[...] = np.clip(erfinv(data) * (std * math.sqrt(2.0)) + mean, a, b)
    return _filled(tensor)


def orthogonal_(tensor: Any, gain: float = 1, generator: Any = None) -> Any:
    """Orthogonal rows or columns, from the QR of a normal matrix. Source: Saxe et al., 2013."""
    data = tensor._data
    if data.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if not data.size:
        return tensor
    rows, columns = data.shape[0], data.size // data.shape[0]
    flat = np.empty((rows, columns), data.dtype)
    draw_normal(flat, 0, 1, generator=generator)
    q, r = np.linalg.qr(flat.T if rows < columns else flat)
    q = q * np.sign(np.diag(r))
    data[...] = (q.T if rows < columns else q).reshape(data.shape) * gain
    return _filled(tensor)


def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Any:
    """Normal columns with a fraction of each set to 0. Source: Martens, 2010."""
    if tensor._data.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    normal_(tensor, 0, std, generator)
    rows, columns = tensor._data.shape
    zeros = math.ceil(sparsity * rows)
    for column in range(columns):
        tensor._data[randperm(rows, generator=generator)[:zeros], column] = 0
    return _filled(tensor)


# Names before the underscore ----------------------------------------------------------------------


def deprecated(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` under its older name, without the underscore, which warns as PyTorch's does."""
    old = function.__name__[:-1]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"`nn.init.{old}` is now deprecated in favor of `nn.init.{function.__name__}`.",
            FutureWarning,
            stacklevel=2,
        )
        return function(*args, **kwargs)

    call.__name__ = call.__qualname__ = old
    return call


uniform = deprecated(uniform_)
normal = deprecated(normal_)
constant = deprecated(constant_)
eye = deprecated(eye_)
dirac = deprecated(dirac_)
xavier_uniform = deprecated(xavier_uniform_)
xavier_normal = deprecated(xavier_normal_)
kaiming_uniform = deprecated(kaiming_uniform_)
kaiming_normal = deprecated(kaiming_normal_)
orthogonal = deprecated(orthogonal_)
sparse = deprecated(sparse_)

# By these names scripts find the fans for rules of their own.
_calculate_fan_in_and_fan_out = fans
_calculate_correct_fan = _fan
