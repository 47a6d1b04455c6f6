"""Random tensors, PyTorch's numbers bit for bit: draws of new tensors, and methods that fill one.

The stream is `generator`'s; nothing here keeps state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import generator as G
from .creation import made, size_of
from .generator import Generator as Generator
from .generator import default_generator as default_generator
from .generator import fork_rng as fork_rng
from .generator import initial_seed as initial_seed
from .generator import manual_seed as manual_seed
from .generator import seed as seed
from .graph import current_mode, written
from .promotion import default_float
from .tensor import Tensor, register_method
from .traced import raw, wrap
from .views import refuse_leaf

__all__ = [
    "Generator",
    "bernoulli",
    "binomial",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "multinomial",
    "normal",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "seed",
    "set_rng_state",
]


def get_rng_state() -> Tensor:
    """The position of the default generator in its stream: 5056 bytes, PyTorch's (uint8)."""
    return wrap(G.get_rng_state())  # type: ignore[no-any-return]


def set_rng_state(new_state: Any) -> None:
    """Go back to where `get_rng_state` was called."""
    G.set_rng_state(np.asarray(raw(new_state)))


# New tensors --------------------------------------------------------------------------------------


def rand(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Numbers of a shape, uniform in [0, 1)."""
    shape = size_of(size, options, "rand")
    return made(G.rand(shape, dtype=dtype or default_float(), generator=generator), requires_grad)  # type: ignore[no-any-return]


def randn(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Numbers of a shape, normal with mean 0 and standard deviation 1."""
    shape = size_of(size, options, "randn")
    return made(G.randn(shape, dtype=dtype or default_float(), generator=generator), requires_grad)  # type: ignore[no-any-return]


def rand_like(
    input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """Uniform numbers of the shape and dtype of `input`."""
    generator = options.pop("generator", None)
    size_of((), options, "rand_like")
    return made(G.rand_like(input._data, dtype=dtype, generator=generator), requires_grad)  # type: ignore[no-any-return]


def randn_like(
    input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """Normal numbers of the shape and dtype of `input`."""
    generator = options.pop("generator", None)
    size_of((), options, "randn_like")
    return made(G.randn_like(input._data, dtype=dtype, generator=generator), requires_grad)  # type: ignore[no-any-return]


def randint(
    *bounds: Any,
    low: int | None = None,
    high: int | None = None,
    size: Any = None,
    generator: Any = None,
    dtype: Any = np.int64,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Whole numbers from `low` (0) up to, not including, `high`.

    Called as `randint(high, size)` or `randint(low, high, size)`.

    Raises
    ------
    TypeError
        If the bound or the size is missing.
    RuntimeError
        If the range is empty or does not fit the dtype.
    """
    given = list(bounds)
    if given and isinstance(given[-1], tuple | list) and size is None:
        size = given.pop()
    if len(given) == 2:
        low, high = given
    elif len(given) == 1:
        low, high = (low, given[0]) if high is None else (given[0], high)
    if size is None or high is None or len(given) > 2:
        raise TypeError(
            f"randint() got ({', '.join(map(repr, bounds))}); expected an upper bound and a size: "
            f"torch.randint(10, (2, 3)) or torch.randint(5, 10, (2, 3))"
        )
    shape = size_of((size,), options, "randint")
    first = 0 if low is None else int(low)
    return made(  # type: ignore[no-any-return]
        G.randint(first, int(high), shape, dtype=dtype or np.int64, generator=generator),
        requires_grad,
    )


def randint_like(
    input: Tensor, low: int, high: int | None = None, *, dtype: Any = None, **options: Any
) -> Tensor:
    """Whole numbers from `low` to below `high` (from 0, given one bound) in the form of `input`."""
    if high is None:
        low, high = 0, low
    size_of((), options, "randint_like")
    out = G.dense_like(input._data, dtype)
    return made(G.random_(out, int(low), int(high)))  # type: ignore[no-any-return]


def randperm(
    n: int,
    *,
    generator: Any = None,
    dtype: Any = np.int64,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """The numbers 0 … n − 1 in random order."""
    size_of((), options, "randperm")
    return made(  # type: ignore[no-any-return]
        G.randperm(int(n), dtype=dtype or np.int64, generator=generator), requires_grad
    )


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Normal numbers; mean and standard deviation are numbers (with a size) or Tensors."""
    shape = None if size is None else size_of((size,), options, "normal")
    values = G.normal(
        raw(mean), raw(std), shape, dtype=dtype or default_float(), generator=generator
    )
    return made(values, requires_grad)  # type: ignore[no-any-return]


def bernoulli(input: Tensor, p: float | None = None, *, generator: Any = None) -> Tensor:
    """1 with the probability that each entry of `input` gives (or with p), else 0."""
    return wrap(G.bernoulli(input._data, p, generator=generator))  # type: ignore[no-any-return]


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Tensor:
    """Indices drawn in proportion to the weights of each row of `input`."""
    return wrap(G.multinomial(input._data, num_samples, replacement, generator=generator))  # type: ignore[no-any-return]


def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Poisson counts, one for each rate."""
    return wrap(G.poisson(input._data, generator=generator))  # type: ignore[no-any-return]


def binomial(count: Tensor, prob: Tensor, generator: Any = None) -> Tensor:
    """How many of `count` trials succeed, each with probability `prob`."""
    return wrap(G.binomial(count._data, prob._data, generator=generator))  # type: ignore[no-any-return]


# Filling a tensor ---------------------------------------------------------------------------------


def filling(name: str, draw: Callable[..., Any], doc: str) -> None:
    """Register `draw(array, …)` as the Tensor method `name`, which fills the tensor in place."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        plain = [raw(a) for a in args]
        if self._node is None or not current_mode().recording:
            draw(self._data, *plain, **kwargs)
            written(self._data)
            return self
        refuse_leaf(self, name)  # before anything is drawn
        fresh = G.dense_like(self._data)
        draw(fresh, *plain, **kwargs)
        return self._become(wrap(fresh), name)

    method.__name__ = name
    method.__doc__ = doc
    register_method(name, method)


def random_(out: Any, *bounds: Any, generator: Any = None, **named: Any) -> Any:
    """PyTorch's argument forms: `random_()`, `random_(to)`, `random_(from, to)`."""
    high = named.pop("to", None)
    if named:
        raise TypeError(f"random_() got an unexpected keyword argument {next(iter(named))!r}")
    if len(bounds) == 2:
        return G.random_(out, int(bounds[0]), int(bounds[1]), generator=generator)
    if len(bounds) == 1 and high is not None:
        return G.random_(out, int(bounds[0]), int(high), generator=generator)
    high = bounds[0] if bounds else high
    return G.random_(out, high=None if high is None else int(high), generator=generator)


def exponential_(out: Any, lambd: float = 1.0, *, generator: Any = None) -> Any:
    """With PyTorch's name for the rate."""
    return G.exponential_(out, lambd, generator=generator)


def uniform_(out: Any, low: float = 0.0, to: float = 1.0, *, generator: Any = None) -> Any:
    """With PyTorch's name for the upper bound (`from`, its lower one, is no name in Python)."""
    return G.uniform_(out, low, to, generator=generator)


filling("bernoulli_", G.bernoulli_, "Fill with 1 (probability p, a number or a Tensor) and 0.")
filling("cauchy_", G.cauchy_, "Fill with Cauchy numbers (median, sigma).")
filling("exponential_", exponential_, "Fill with exponential numbers of rate `lambd`.")
filling("geometric_", G.geometric_, "Fill with the trials until success, each of probability p.")
filling("log_normal_", G.log_normal_, "Fill with exponentials of normals (mean, std of those).")
filling("normal_", G.normal_, "Fill with normals of a mean and standard deviation.")
filling("random_", random_, "Fill with whole numbers: `random_(to)`, `random_(from, to)`.")
filling("uniform_", uniform_, "Fill with uniforms of [from, to).")
register_method("bernoulli", bernoulli)
register_method("multinomial", multinomial)
