"""Activations as layers."""

from __future__ import annotations

from typing import Any

from ..ops import activation
from ..ops.elementwise import tanh
from ..tensors.tensor import Tensor
from .module import Module, bare
from .parameter import new_parameter

celu = bare(activation.celu)
elu = bare(activation.elu)
gelu = bare(activation.gelu)
glu = bare(activation.glu)
hardshrink = bare(activation.hardshrink)
hardsigmoid = bare(activation.hardsigmoid)
hardswish = bare(activation.hardswish)
hardtanh = bare(activation.hardtanh)
leaky_relu = bare(activation.leaky_relu)
log_softmax = bare(activation.log_softmax)
logsigmoid = bare(activation.logsigmoid)
mish = bare(activation.mish)
relu = bare(activation.relu)
relu6 = bare(activation.relu6)
selu = bare(activation.selu)
sigmoid = bare(activation.sigmoid)
silu = bare(activation.silu)
softmax = bare(activation.softmax)
softmin = bare(activation.softmin)
softplus = bare(activation.softplus)
softshrink = bare(activation.softshrink)
softsign = bare(activation.softsign)
tanhshrink = bare(activation.tanhshrink)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ)."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return sigmoid(input)


class Tanh(Module):
    """tanh x."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return tanh(input)


class LogSigmoid(Module):
    """log(1 / (1 + e⁻ˣ))."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return logsigmoid(input)


class Softsign(Module):
    """x / (1 + |x|)."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return softsign(input)


class Tanhshrink(Module):
    """x − tanh x."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return tanhshrink(input)


class _InPlace(Module):
    """An activation that can write its result into its input.

    Parameters
    ----------
    inplace : bool
        Whether it does.
    """

    _shown: tuple[str, ...] = ()  # settings to print, next to `inplace`

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """The settings, and `inplace` where it is so."""
        settings = [f"{name}={getattr(self, name)}" for name in self._shown]
        return ", ".join([*settings, "inplace=True"] if self.inplace else settings)


class ReLU(_InPlace):
    """max(x, 0)."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return relu(input, self.inplace)


class LeakyReLU(_InPlace):
    """x where positive, a · x elsewhere, a being `negative_slope`."""

    _shown = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return leaky_relu(input, self.negative_slope, self.inplace)


class ELU(_InPlace):
    """x where positive, α (eˣ − 1) elsewhere."""

    _shown = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return elu(input, self.alpha, self.inplace)


class SELU(_InPlace):
    """s · elu(x, α), with s and α such that layers of it keep mean 0 and variance 1."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return selu(input, self.inplace)


class CELU(_InPlace):
    """max(0, x) + min(0, α (e^(x/α) − 1))."""

    _shown = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return celu(input, self.alpha, self.inplace)


class GELU(Module):
    """x Φ(x), Φ the normal distribution function; `approximate="tanh"` computes it by a tanh."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """How Φ is computed."""
        return f"approximate={self.approximate!r}"


class SiLU(_InPlace):
    """x / (1 + e⁻ˣ)."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return silu(input, self.inplace)


class Mish(_InPlace):
    """x tanh(log(1 + eˣ))."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return mish(input, self.inplace)


class Softplus(Module):
    """log(1 + e^βx) / β, and x itself where βx is above `threshold`."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The settings."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardtanh(_InPlace):
    """x between two bounds."""

    _shown = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return hardtanh(input, self.min_val, self.max_val, self.inplace)


class ReLU6(_InPlace):
    """x between 0 and 6."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return relu6(input, self.inplace)


class Hardsigmoid(Module):
    """x / 6 + 1/2 between 0 and 1."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return hardsigmoid(input, self.inplace)


class Hardswish(Module):
    """x · hardsigmoid(x)."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return hardswish(input, self.inplace)


class _Shrink(Module):
    """An activation that is 0 between −λ and λ."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def extra_repr(self) -> str:
        """λ."""
        return str(self.lambd)


class Hardshrink(_Shrink):
    """0 between −λ and λ, x elsewhere."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return hardshrink(input, self.lambd)


class Softshrink(_Shrink):
    """x moved by λ towards 0."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return softshrink(input, self.lambd)


class Threshold(_InPlace):
    """x above the threshold, a value elsewhere."""

    _shown = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return activation.threshold(input, self.threshold, self.value, self.inplace)


class PReLU(Module):
    """x where positive, a · x elsewhere, with a learned."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = new_parameter(num_parameters, dtype=dtype)
        self.weight._data[...] = init

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return activation.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """How many slopes."""
        return f"num_parameters={self.num_parameters}"


class RReLU(_InPlace):
    """x where positive, a · x elsewhere, a drawn in training. See `functional.rrelu`."""

    _shown = ("lower", "upper")

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__(inplace)
        self.lower = lower
        self.upper = upper

    def forward(self, input: Tensor) -> Tensor:
        """The function of each entry."""
        return activation.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class GLU(Module):
    """One half of the input, along `dim`, times the sigmoid of the other half."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The function of the two halves."""
        return glu(input, self.dim)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class _AlongDim(Module):
    """An activation of the entries along one dimension taken together."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """eˣ / Σeˣ along `dim`."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input along `dim`."""
        return softmax(input, self.dim)


class Softmax2d(Module):
    """eˣ / Σeˣ over the channels of each pixel (N, C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input over its channels."""
        if input._data.ndim not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input to be 3D or 4D (got {input._data.ndim}D input)"
            )
        return softmax(input, -3)


class LogSoftmax(_AlongDim):
    """x − log Σeˣ along `dim`."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input along `dim`."""
        return log_softmax(input, self.dim)


class Softmin(_AlongDim):
    """softmax of −x along `dim`."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input along `dim`."""
        return softmin(input, self.dim)
