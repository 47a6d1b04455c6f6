"""Random tensors, PyTorch's numbers bit for bit. (`ops.filling` fills one that exists.)

The stream is `generator`'s; nothing here keeps state.
"""

from __future__ import annotations

from typing import Any, SupportsIndex, SupportsInt

import numpy as np

from .. import generator as random_streams
from ..engine.events import LISTENERS, tell
from ..engine.traced import raw, wrap
from ..generator import Generator as Generator
from ..generator import default_generator as default_generator
from ..generator import fork_rng as fork_rng
from ..generator import initial_seed as initial_seed
from ..generator import seed as seed
from ..numerics.promotion import default_float
from ..ops.filling import bernoulli as bernoulli
from ..ops.filling import multinomial as multinomial
from ..ops.views import set_out
from .creation import made, size_of
from .tensor import Tensor

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


def manual_seed(seed: SupportsInt | SupportsIndex | str) -> Generator:
    """Seed the default generator, and return it. As in PyTorch, `seed` goes through `int()`."""
    generator = random_streams.manual_seed(seed)
    if LISTENERS:
        tell("seeded", generator.initial_seed())
    return generator


def get_rng_state() -> Tensor:
    """The position of the default generator in its stream: 5056 bytes, PyTorch's (uint8)."""
    return wrap(random_streams.get_rng_state())  # type: ignore[no-any-return]


def set_rng_state(new_state: Any) -> None:
    """Go back to where `get_rng_state` was called."""
    random_streams.set_rng_state(np.asarray(raw(new_state)))


# New tensors --------------------------------------------------------------------------------------


def rand(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
    **options: Any,
) -> Tensor:
    """Numbers of a shape, uniform in [0, 1)."""
    shape = size_of(size, options, "rand")
    dtype = dtype or (default_float() if out is None else out._data.dtype)
    y: Tensor = made(random_streams.rand(shape, dtype=dtype, generator=generator), requires_grad)
    return y if out is None else set_out(out, y, "rand")


def randn(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
    **options: Any,
) -> Tensor:
    """Numbers of a shape, normal with mean 0 and standard deviation 1."""
    shape = size_of(size, options, "randn")
    dtype = dtype or (default_float() if out is None else out._data.dtype)
    y: Tensor = made(random_streams.randn(shape, dtype=dtype, generator=generator), requires_grad)
    return y if out is None else set_out(out, y, "randn")


def rand_like(
    input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """Uniform numbers of the shape and dtype of `input`."""
    generator = options.pop("generator", None)
    size_of((), options, "rand_like")
    return made(
        random_streams.rand_like(input._data, dtype=dtype, generator=generator), requires_grad
    )


def randn_like(
    input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **options: Any
) -> Tensor:
    """Normal numbers of the shape and dtype of `input`."""
    generator = options.pop("generator", None)
    size_of((), options, "randn_like")
    return made(
        random_streams.randn_like(input._data, dtype=dtype, generator=generator), requires_grad
    )


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
    return made(
        random_streams.randint(
            first, int(high), shape, dtype=dtype or np.int64, generator=generator
        ),
        requires_grad,
    )


def randint_like(
    input: Tensor, low: int, high: int | None = None, *, dtype: Any = None, **options: Any
) -> Tensor:
    """Whole numbers from `low` to below `high` (from 0, given one bound) in the form of `input`."""
    if high is None:
        low, high = 0, low
    size_of((), options, "randint_like")
    out = random_streams.dense_like(input._data, dtype)
    return made(random_streams.random_(out, int(low), int(high)))


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
    return made(
        random_streams.randperm(int(n), dtype=dtype or np.int64, generator=generator), requires_grad
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
    given = size_of(() if size is None else (size,), options, "normal")
    shape = None if size is None else given
    values = random_streams.normal(
        raw(mean), raw(std), shape, dtype=dtype or default_float(), generator=generator
    )
    return made(values, requires_grad)


def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Poisson counts, one for each rate."""
    return wrap(random_streams.poisson(input._data, generator=generator))  # type: ignore[no-any-return]


def binomial(count: Tensor, prob: Tensor, generator: Any = None) -> Tensor:
    """How many of `count` trials succeed, each with probability `prob`."""
    return wrap(random_streams.binomial(count._data, prob._data, generator=generator))  # type: ignore[no-any-return]
