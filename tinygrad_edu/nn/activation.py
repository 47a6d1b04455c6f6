"""Activations as layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import Any

from ..ops import activation, elementwise
from ..tensors.tensor import Tensor
from .linear import new_parameter
from .module import Module


def bare(function: Callable[..., Any]) -> Callable[..., Any]:
    """A composed function without its own box: a layer's box is enough."""
    return getattr(function, "__wrapped__", function)


def _plain(name: str, function: Callable[..., Any], doc: str) -> Any:
    """A layer without settings."""
    compute = bare(function)

    def forward(self: Any, input: Tensor) -> Tensor:
        return compute(input)  # type: ignore[no-any-return]

    return type(name, (Module,), {"forward": forward, "__doc__": doc, "__module__": __name__})


Sigmoid = _plain("Sigmoid", activation.sigmoid, "1 / (1 + e⁻ˣ).")
Tanh = _plain("Tanh", elementwise.tanh, "tanh x.")
LogSigmoid = _plain("LogSigmoid", activation.logsigmoid, "log(1 / (1 + e⁻ˣ)).")
Softsign = _plain("Softsign", activation.softsign, "x / (1 + |x|).")
Tanhshrink = _plain("Tanhshrink", activation.tanhshrink, "x − tanh x.")


class _Settings(Module):
    """A layer that hands its settings to a function; `names` lists them with their defaults."""

    function: Callable[..., Any]
    names: Mapping[str, Any] = MappingProxyType({})
    hidden: tuple[str, ...] = ("inplace",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        settings = {**self.names}
        if len(args) > len(settings):
            raise TypeError(
                f"{type(self).__name__}() takes at most {len(settings)} arguments "
                f"({', '.join(settings)}), got {len(args)}"
            )
        settings |= dict(zip(settings, args, strict=False))
        for name, value in kwargs.items():
            if name not in settings:
                raise TypeError(
                    f"{type(self).__name__}() got an unexpected argument {name!r}; it takes "
                    f"{', '.join(settings) or 'none'}"
                )
            settings[name] = value
        for name, value in settings.items():
            setattr(self, name, value)

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input."""
        held = self.__dict__
        return type(self).function(input, **{n: held[n] for n in self.names})  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The settings."""
        settings = [(n, getattr(self, n)) for n in self.names]
        return ", ".join(f"{n}={v!r}" for n, v in settings if n not in self.hidden or v)


class _Bare(_Settings):
    """A layer that prints the values of its settings alone, and not `inplace`."""

    def extra_repr(self) -> str:
        """The settings."""
        return ", ".join(str(getattr(self, n)) for n in self.names if n not in self.hidden)


def _with(
    name: str, function: Callable[..., Any], doc: str, base: type = _Settings, **settings: Any
) -> Any:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    takes = Signature([Parameter(n, kind, default=v) for n, v in settings.items()])
    fields = {"function": staticmethod(bare(function)), "names": settings, "__signature__": takes}
    return type(name, (base,), {**fields, "__doc__": doc, "__module__": __name__})


ReLU = _with("ReLU", activation.relu, "max(x, 0).", inplace=False)
LeakyReLU = _with(
    "LeakyReLU",
    activation.leaky_relu,
    "x where positive, a · x elsewhere.",
    negative_slope=0.01,
    inplace=False,
)
ELU = _with(
    "ELU", activation.elu, "x where positive, α (eˣ − 1) elsewhere.", alpha=1.0, inplace=False
)
SELU = _with("SELU", activation.selu, "s · elu(x, α), self-normalising.", inplace=False)
CELU = _with(
    "CELU", activation.celu, "max(0, x) + min(0, α (e^(x/α) − 1)).", alpha=1.0, inplace=False
)
GELU = _with("GELU", activation.gelu, "x Φ(x).", approximate="none")
SiLU = _with("SiLU", activation.silu, "x / (1 + e⁻ˣ).", inplace=False)
Mish = _with("Mish", activation.mish, "x tanh(log(1 + eˣ)).", inplace=False)
Softplus = _with("Softplus", activation.softplus, "log(1 + e^βx) / β.", beta=1.0, threshold=20.0)
Hardtanh = _with(
    "Hardtanh",
    activation.hardtanh,
    "x between two bounds.",
    min_val=-1.0,
    max_val=1.0,
    inplace=False,
)
ReLU6 = _with("ReLU6", activation.relu6, "x between 0 and 6.", inplace=False)
Hardsigmoid = _with(
    "Hardsigmoid", activation.hardsigmoid, "x / 6 + 1/2 between 0 and 1.", _Bare, inplace=False
)
Hardswish = _with("Hardswish", activation.hardswish, "x · hardsigmoid(x).", _Bare, inplace=False)
Hardshrink = _with(
    "Hardshrink", activation.hardshrink, "0 between −λ and λ, x elsewhere.", _Bare, lambd=0.5
)
Softshrink = _with("Softshrink", activation.softshrink, "x moved by λ towards 0.", _Bare, lambd=0.5)
GLU = _with("GLU", activation.glu, "One half times the sigmoid of the other.", dim=-1)


class Threshold(Module):
    """x above the threshold, a value elsewhere."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input."""
        return activation.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """The settings."""
        shown = f"threshold={self.threshold}, value={self.value}"
        return shown + ", inplace=True" * bool(self.inplace)


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
        """The function of the input."""
        return activation.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """How many slopes."""
        return f"num_parameters={self.num_parameters}"


class _Along(Module):
    """A layer that works along one dimension."""

    function: Callable[..., Any]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input along `dim`."""
        return type(self).function(input, self.dim)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class Softmax(_Along):
    """eˣ / Σeˣ along `dim`."""

    function = staticmethod(bare(activation.softmax))


class Softmax2d(Module):
    """eˣ / Σeˣ over the channels of each pixel (N, C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        """The function of the input."""
        if input._data.ndim not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input to be 3D or 4D (got {input._data.ndim}D input)"
            )
        return bare(activation.softmax)(input, -3)  # type: ignore[no-any-return]


class LogSoftmax(_Along):
    """x − log Σeˣ along `dim`."""

    function = staticmethod(bare(activation.log_softmax))


class Softmin(_Along):
    """softmax of −x along `dim`."""

    function = staticmethod(bare(activation.softmin))
