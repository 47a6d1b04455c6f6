"""PyTorch's initialisers and its modules' defaults, composed of the generator's draws.

The package's own modules make theirs the same way; here they prove that the draws suffice. All
scalars are computed in float64, in the order of operations that decides the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu import generator

Array = NDArray[Any]
Arrays = dict[str, Array]


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight."""
    receptive = math.prod(shape[2:])
    return shape[1] * receptive, shape[0] * receptive


def _gain(nonlinearity: str, a: float) -> float:
    gains = {"relu": math.sqrt(2.0), "leaky_relu": math.sqrt(2.0 / (1 + a**2))}
    return gains[nonlinearity]


def _kaiming_std(w: Array, a: float, mode: str, nonlinearity: str) -> float:
    fan = fans(w.shape)[mode == "fan_out"]
    return _gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform_(
    w: Array, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Array:
    bound = math.sqrt(3.0) * _kaiming_std(w, a, mode, nonlinearity)
    return generator.uniform_(w, -bound, bound)


def kaiming_normal_(
    w: Array, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Array:
    return generator.normal_(w, 0, _kaiming_std(w, a, mode, nonlinearity))


def _xavier_std(w: Array, gain: float) -> float:
    return gain * math.sqrt(2.0 / float(sum(fans(w.shape))))


def xavier_uniform_(w: Array, gain: float = 1.0) -> Array:
    bound = math.sqrt(3.0) * _xavier_std(w, gain)
    return generator.uniform_(w, -bound, bound)


def xavier_normal_(w: Array, gain: float = 1.0) -> Array:
    return generator.normal_(w, 0.0, _xavier_std(w, gain))


def trunc_normal_(
    w: Array, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> Array:
    def below(x: float) -> float:
        return (1.0 + math.erf((x - mean) / std / math.sqrt(2.0))) / 2.0

    if below(b) - below(a) > 0.3:
        low, high = w.dtype.type(a), w.dtype.type(b)
        generator.normal_(w, mean, std)
        while np.any(outside := (w < low) | (w > high)):
            np.copyto(w, generator.normal_(np.empty_like(w), mean, std), where=outside)
        return w
    mode = sorted((a, mean, b))[1]
    peak = -0.5 * ((mode - mean) / std) ** 2
    pending = np.ones(w.shape, bool)
    while pending.any():
        candidates = generator.uniform_(np.empty_like(w), a, b)
        np.copyto(w, candidates, where=pending)
        height = -0.5 * ((candidates - w.dtype.type(mean)) / w.dtype.type(std)) ** 2
        pending &= np.log(generator.rand_like(w)) > height - w.dtype.type(peak)
    return w


def sparse_(w: Array, sparsity: float, std: float = 0.01) -> Array:
    generator.normal_(w, 0, std)
    zeros = math.ceil(sparsity * len(w))
    for column in w.T:
        column[generator.randperm(len(w))[:zeros]] = 0
    return w


# ------------------------------------------------------------------------------------------ modules


def _uniform(shape: tuple[int, ...], bound: float, dtype: Any) -> Array:
    return generator.uniform_(np.empty(shape, dtype), -bound, bound)


def _weight_and_bias(
    weight: tuple[int, ...], biases: int, bias: bool, dtype: Any, prefix: str = ""
) -> Arrays:
    made = {f"{prefix}weight": kaiming_uniform_(np.empty(weight, dtype), a=math.sqrt(5))}
    if bias:
        bound = 1 / math.sqrt(fans(weight)[0])
        made[f"{prefix}bias"] = _uniform((biases,), bound, dtype)
    return made


def linear(
    inputs: int, outputs: int, bias: bool = True, dtype: Any = np.float32, prefix: str = ""
) -> Arrays:
    return _weight_and_bias((outputs, inputs), outputs, bias, dtype, prefix)


def sequential(inputs: int, hidden: int, outputs: int, dtype: Any) -> Arrays:
    first = linear(inputs, hidden, dtype=dtype, prefix="0.")
    return first | linear(hidden, outputs, dtype=dtype, prefix="2.")


def bilinear(first: int, second: int, outputs: int, dtype: Any) -> Arrays:
    bound = 1 / math.sqrt(first)
    weight = _uniform((outputs, first, second), bound, dtype)
    return {"weight": weight, "bias": _uniform((outputs,), bound, dtype)}


def _convolution(dimensions: int, transposed: bool = False) -> Callable[..., Arrays]:
    def make(
        inputs: int, outputs: int, kernel: Any, *, groups: int = 1, bias: bool = True, dtype: Any
    ) -> Arrays:
        sizes = tuple(kernel) if isinstance(kernel, list) else (kernel,) * dimensions
        pair = (inputs, outputs // groups) if transposed else (outputs, inputs // groups)
        return _weight_and_bias(pair + sizes, outputs, bias, dtype)

    return make


def embedding(rows: int, width: int, padding_idx: int | None = None, *, dtype: Any) -> Arrays:
    weight = generator.normal_(np.empty((rows, width), dtype))
    if padding_idx is not None:
        weight[padding_idx] = 0
    return {"weight": weight}


def _recurrent(gates: int) -> Callable[..., Arrays]:
    def make(
        inputs: int,
        hidden: int,
        layers: int = 1,
        *,
        bidirectional: bool = False,
        bias: bool = True,
        proj_size: int = 0,
        dtype: Any,
    ) -> Arrays:
        bound = 1 / math.sqrt(hidden)
        directions = ["", "_reverse"][: 1 + bidirectional]
        rows, state = gates * hidden, proj_size or hidden
        made: Arrays = {}
        for layer in range(layers):
            width = inputs if layer == 0 else len(directions) * state
            for direction in directions:
                shapes: dict[str, tuple[int, ...]] = {
                    "weight_ih": (rows, width),
                    "weight_hh": (rows, state),
                }
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden)
                for name, shape in shapes.items():
                    made[f"{name}_l{layer}{direction}"] = _uniform(shape, bound, dtype)
        return made

    return make


def _cell(gates: int) -> Callable[..., Arrays]:
    def make(inputs: int, hidden: int, *, dtype: Any) -> Arrays:
        made = _recurrent(gates)(inputs, hidden, dtype=dtype)
        return {name.removesuffix("_l0"): array for name, array in made.items()}

    return make


def attention(
    width: int,
    heads: int,
    *,
    bias: bool = True,
    kdim: int | None = None,
    vdim: int | None = None,
    add_bias_kv: bool = False,
    dtype: Any,
    prefix: str = "",
) -> Arrays:
    made = linear(width, width, bias, dtype, "out_proj.")
    if kdim is None and vdim is None:
        made["in_proj_weight"] = xavier_uniform_(np.empty((3 * width, width), dtype))
    else:
        for name, inputs in (("q", width), ("k", kdim or width), ("v", vdim or width)):
            made[f"{name}_proj_weight"] = xavier_uniform_(np.empty((width, inputs), dtype))
    if bias:
        made["in_proj_bias"] = np.zeros(3 * width, dtype)
        made["out_proj.bias"][...] = 0
    if add_bias_kv:
        for name in ("bias_k", "bias_v"):
            made[name] = xavier_normal_(np.empty((1, 1, width), dtype))
    return {prefix + name: array for name, array in made.items()}


def _norm(width: int, dtype: Any, prefix: str = "") -> Arrays:
    return {f"{prefix}weight": np.ones(width, dtype), f"{prefix}bias": np.zeros(width, dtype)}


def _transformer_layer(*attentions: str) -> Callable[..., Arrays]:
    def make(width: int, heads: int, hidden: int, *, dtype: Any) -> Arrays:
        made: Arrays = {}
        for name in attentions:
            made |= attention(width, heads, dtype=dtype, prefix=f"{name}.")
        made |= linear(width, hidden, dtype=dtype, prefix="linear1.")
        made |= linear(hidden, width, dtype=dtype, prefix="linear2.")
        for i in range(len(attentions) + 1):
            made |= _norm(width, dtype, f"norm{i + 1}.")
        return made

    return make


def _batch_norm(width: int, *, dtype: Any) -> Arrays:
    running = {"running_mean": np.zeros(width, dtype), "running_var": np.ones(width, dtype)}
    counter = {"num_batches_tracked": np.array(0, np.int64)}
    return _norm(width, dtype) | running | counter


MODULES: dict[str, Callable[..., Arrays]] = {
    "BatchNorm1d": _batch_norm,
    "Bilinear": bilinear,
    "Conv1d": _convolution(1),
    "Conv2d": _convolution(2),
    "Conv3d": _convolution(3),
    "ConvTranspose2d": _convolution(2, transposed=True),
    "Embedding": embedding,
    "EmbeddingBag": embedding,
    "GRU": _recurrent(3),
    "GRUCell": _cell(3),
    "GroupNorm": lambda groups, width, dtype: _norm(width, dtype),
    "LSTM": _recurrent(4),
    "LSTMCell": _cell(4),
    "LayerNorm": lambda width, dtype: _norm(width, dtype),
    "Linear": linear,
    "MultiheadAttention": attention,
    "RNN": _recurrent(1),
    "RNNCell": _cell(1),
    "Sequential(Linear,ReLU,Linear)": sequential,
    "TransformerDecoderLayer": _transformer_layer("self_attn", "multihead_attn"),
    "TransformerEncoderLayer": _transformer_layer("self_attn"),
}

INITIALISERS: dict[str, Callable[..., Array]] = {
    "kaiming_normal_": kaiming_normal_,
    "kaiming_uniform_": kaiming_uniform_,
    "normal_": generator.normal_,
    "sparse_": sparse_,
    "trunc_normal_": trunc_normal_,
    "uniform_": generator.uniform_,
    "xavier_normal_": xavier_normal_,
    "xavier_uniform_": xavier_uniform_,
}
