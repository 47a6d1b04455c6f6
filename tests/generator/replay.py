"""Performs the calls of `tests/reference/record_random.py` with this package's draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.generator.initialisers import INITIALISERS, MODULES
from tests.reference.record_random import Arrays, Call
from tinygrad_edu import generator

_ON_ARRAYS = {
    "_sample_dirichlet": generator.dirichlet,
    "_standard_gamma": generator.standard_gamma,
    "bernoulli": generator.bernoulli,
    "binomial": generator.binomial,
    "multinomial": generator.multinomial,
    "normal": generator.normal,
    "poisson": generator.poisson,
}
_NEW = {
    "rand": generator.rand,
    "randint": generator.randint,
    "randn": generator.randn,
    "randperm": generator.randperm,
}
_IN_PLACE = {
    "bernoulli_": generator.bernoulli_,
    "cauchy_": generator.cauchy_,
    "exponential_": generator.exponential_,
    "geometric_": generator.geometric_,
    "log_normal_": generator.log_normal_,
    "normal_": generator.normal_,
    "uniform_": generator.uniform_,
}


class NumPySession:
    """The counterpart of `record_random.TorchSession`, on `default_generator`."""

    def __init__(self) -> None:
        self.saved: dict[str, NDArray[np.uint8]] = {}

    def seed(self, seed: int) -> None:
        generator.manual_seed(seed)

    def state(self) -> NDArray[np.uint8]:
        return generator.get_rng_state()

    def perform(self, call: Call) -> Arrays:
        name, args, kwargs = call.name, call.args, dict(call.kwargs)
        if name in ("get_rng_state", "set_rng_state", "manual_seed"):
            self._control(name, args[0])
            return {}
        if name == "DataLoader":
            return _epochs(**kwargs)
        if name == "random_split" or name.endswith("Sampler"):
            return {"": np.array(_indices(name, args, kwargs), np.int64)}
        if call.dtype == "bfloat16":
            return {"": _upper_half(_draw(name, args, kwargs, call.dtype))}
        dtype = np.dtype(call.dtype)
        if name.startswith("nn.init."):
            return {"": INITIALISERS[name[8:]](np.empty(args[0], dtype), *args[1:], **kwargs)}
        if name.startswith("nn."):
            return MODULES[name[3:]](*args, **kwargs, dtype=dtype)
        return {"": _draw(name, args, kwargs, dtype)}

    def _control(self, name: str, argument: Any) -> None:
        if name == "manual_seed":
            generator.manual_seed(argument)
        elif name == "get_rng_state":
            self.saved[argument] = generator.get_rng_state()
        else:
            generator.set_rng_state(self.saved[argument])


def _upper_half(values: NDArray[np.float32]) -> NDArray[np.int16]:
    bits = values.view(np.uint32)
    assert not np.any(bits & 0xFFFF)
    return (bits >> 16).astype(np.uint16).view(np.int16)


def _ramp(shape: list[int], dtype: Any) -> NDArray[Any]:
    n = math.prod(shape)
    return ((np.arange(n) - n // 2) / 8).reshape(shape).astype(dtype)


def _draw(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], dtype: Any) -> NDArray[Any]:
    if name in _NEW:
        return _NEW[name](*args, **kwargs, dtype=dtype)
    if name in _ON_ARRAYS:
        arrays = [np.array(a, dtype) if isinstance(a, list) else a for a in args]
        return _ON_ARRAYS[name](*arrays, **kwargs)
    if name == "gumbel_softmax":
        return _gumbel_softmax(_ramp(args[0], dtype), args[1])
    if name == "dropout on permuted":
        x = _ramp(args[0], dtype).transpose(args[1])
        return x * generator.dropout_noise(x, args[2])
    if "dropout" in name:
        return _dropout(name, _ramp(args[0], dtype), args[1])
    name, _, view = name.partition(" on ")
    out = np.empty(args[0], np.float32 if dtype == "bfloat16" else dtype)
    out = out.T if view else out
    if name == "random_":
        bounds = args[1:] if len(args) != 2 else (0, args[1])
        return generator.random_(out, *bounds)
    if dtype == "bfloat16":
        kwargs["dtype"] = dtype
    return _IN_PLACE[name](out, *args[1:], **kwargs)


def _dropout(name: str, x: NDArray[Any], p: float) -> NDArray[Any]:
    if name == "dropout":
        return x * generator.dropout_noise(x, p)
    if name == "dropout2d":
        return x * generator.feature_dropout_noise(x, p)
    terms = {
        "alpha_dropout": generator.alpha_dropout_terms,
        "feature_alpha_dropout": generator.feature_alpha_dropout_terms,
    }
    scale, shift = terms[name](x, p)
    return x * scale + shift


def _gumbel_softmax(x: NDArray[Any], tau: float) -> NDArray[Any]:
    scores = (x - np.log(generator.exponential_(np.empty_like(x)))) / tau
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _epochs(
    n: int, batch_size: int, shuffle: bool, epochs: int, generator_seed: int | None = None
) -> Arrays:
    own = None if generator_seed is None else generator.Generator().manual_seed(generator_seed)
    result: Arrays = {}
    for epoch in range(epochs):
        generator.draw_base_seed(own)
        order = generator.random_order(n, generator=own) if shuffle else range(n)
        result[f"epoch {epoch}"] = np.array(list(order), np.int64)
    if own is not None:
        result["generator state"] = own.get_state()
    return result


def _indices(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[int]:
    if name == "random_split":
        return [i for part in generator.random_split_order(*args) for i in part]
    if name == "RandomSampler":
        return list(generator.random_order(args[0], **kwargs))
    if name == "SubsetRandomSampler":
        return list(generator.subset_random_order(range(args[0])))
    return list(generator.weighted_random_order(*args))
