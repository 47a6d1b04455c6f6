"""A layer and the batch normalisation behind it as one layer, for use."""

from __future__ import annotations

import copy
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
    if conv.training or bn.training:
        raise AssertionError("Fusion only for eval! Call .eval() on both modules first.")
    fused = copy.deepcopy(conv)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        conv.weight,
        conv.bias,
        bn.running_mean,
        bn.running_var,
        bn.eps,
        bn.weight,
        bn.bias,
        transpose,
    )
    return fused


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
    weight = linear_w._data
    bias = np.zeros_like(bn_rm._data) if linear_b is None else linear_b._data
    scale = bn_w._data / np.sqrt(bn_rv._data + bn_eps)
    shift = (bias - bn_rm._data) * scale + bn_b._data
    learned = linear_b is None or linear_b.requires_grad
    return (
        Parameter(wrap((weight * scale[:, None]).astype(weight.dtype)), linear_w.requires_grad),
        Parameter(wrap(shift.astype(weight.dtype)), learned),
    )


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A copy of `linear` that does what `bn(linear(x))` does; both must be in `eval()`.

    Raises
    ------
    AssertionError
        If either is in training, or their features differ in number.
    """
    if linear.training or bn.training:
        raise AssertionError("Fusion only for eval! Call .eval() on both modules first.")
    if bn.num_features not in (1, linear.out_features):
        raise AssertionError(
            f"To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    fused = copy.deepcopy(linear)
    fused.weight, fused.bias = fuse_linear_bn_weights(
        linear.weight,
        linear.bias,
        bn.running_mean,
        bn.running_var,
        bn.eps,
        bn.weight,
        bn.bias,
    )
    return fused
