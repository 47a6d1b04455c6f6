"""`F.relu_(x)` and the like: activations and dropout that write into their argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import activation, neural, noise

__all__ = [
    "alpha_dropout_",
    "celu_",
    "dropout_",
    "elu_",
    "feature_alpha_dropout_",
    "hardtanh_",
    "leaky_relu_",
    "relu_",
    "rrelu_",
    "selu_",
    "threshold_",
]


def writing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The form of `function` that writes its result into its first argument."""
    name = f"{function.__name__}_"

    def call(input: Any, *args: Any, **kwargs: Any) -> Any:
        return input._become(function(input, *args, **kwargs), name)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`{name[:-1]}` of `input`, written into it."
    return call


celu_ = writing(activation.celu)
elu_ = writing(activation.elu)
hardtanh_ = writing(activation.hardtanh)
leaky_relu_ = writing(activation.leaky_relu)
relu_ = writing(activation.relu)
selu_ = writing(activation.selu)
threshold_ = writing(activation.threshold)
rrelu_ = writing(noise.rrelu)
alpha_dropout_ = writing(noise.alpha_dropout)
dropout_ = writing(neural.dropout)
feature_alpha_dropout_ = writing(noise.feature_alpha_dropout)
