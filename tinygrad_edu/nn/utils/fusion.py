"""A layer and the batch normalisation behind it as one layer, for use."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine.traced import wrap
from ...tensors.tensor import Parameter

__all__ = [
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
]


def fuse_conv_bn_weights(
    conv_w: Any,
    conv_b: Any,
    bn_rm: Any,
    bn_rv: Any,
    bn_eps: float,
    bn_w: Any,
    bn_b: Any,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of the one convolution: w · γ/√(v + ε), and (b − m) · γ/√(v + ε) + β."""
    weight, mean, variance = conv_w._data, bn_rm._data, bn_rv._data
    bias = np.zeros_like(mean) if conv_b is None else conv_b._data
    gain = np.ones_like(mean) if bn_w is None else bn_w._data
    shift = np.zeros_like(mean) if bn_b is None else bn_b._data
    scale = gain / np.sqrt(variance + bn_eps)
    shape = (1, -1) if transpose else (-1, 1)
    wide = scale.reshape(shape + (1,) * (weight.ndim - 2))
    fused = (weight * wide).astype(weight.dtype)
    return (
        Parameter(wrap(fused), conv_w.requires_grad),
        Parameter(wrap(((bias - mean) * scale + shift).astype(weight.dtype)), True),
    )


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A copy of `conv` that does what `bn(conv(x))` does; both must be in `eval()`.

    Raises
    ------
    AssertionError
        If either is in training.
    """
    return fused(conv, bn, fuse_conv_bn_weights, transpose)


def fuse_linear_bn_weights(
    linear_w: Any,
    linear_b: Any,
    bn_rm: Any,
    bn_rv: Any,
    bn_eps: float,
    bn_w: Any,
    bn_b: Any,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of the one layer: w · γ/√(v + ε), and (b − m) · γ/√(v + ε) + β."""
    weight, bias = fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)
    bias.requires_grad_(linear_b is None or linear_b.requires_grad)
    return weight, bias


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A copy of `linear` that does what `bn(linear(x))` does; both must be in `eval()`.

    Raises
    ------
    AssertionError
        If either is in training, or their features differ in number.
    """
    if bn.num_features not in (1, linear.out_features):
        raise AssertionError(
            f"To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    return fused(linear, bn, fuse_linear_bn_weights)


def fused(layer: Any, bn: Any, fuse_weights: Callable[..., Any], *options: Any) -> Any:
    """A copy of a layer with the weight and bias that `fuse_weights` computes."""
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval! Call .eval() on both modules first.")
    out = copy.deepcopy(layer)
    statistics = (bn.running_mean, bn.running_var, bn.eps)
    out.weight, out.bias = fuse_weights(
        layer.weight, layer.bias, *statistics, bn.weight, bn.bias, *options
    )
    return out
