"""`F.relu_(x)` and the like: activations and dropout that write into their argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import activation as A
from . import neural as N
from . import noise as O

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


celu_ = writing(A.celu)
elu_ = writing(A.elu)
hardtanh_ = writing(A.hardtanh)
leaky_relu_ = writing(A.leaky_relu)
relu_ = writing(A.relu)
selu_ = writing(A.selu)
threshold_ = writing(A.threshold)
rrelu_ = writing(O.rrelu)
alpha_dropout_ = writing(O.alpha_dropout)
dropout_ = writing(N.dropout)
feature_alpha_dropout_ = writing(O.feature_alpha_dropout)
