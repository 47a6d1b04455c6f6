"""Methods that fill a tensor with random numbers in place, PyTorch's bit for bit.

The stream is `generator`'s; nothing here keeps state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import generator as random_streams
from ..engine.mode import current_mode
from ..engine.saved import written
from ..engine.traced import raw, wrap
from .views import refuse_leaf

__all__ = [
    "bernoulli",
    "bernoulli_",
    "cauchy_",
    "exponential_",
    "geometric_",
    "log_normal_",
    "multinomial",
    "normal_",
    "random_",
    "uniform_",
]


def filling(name: str, draw: Callable[..., Any], doc: str) -> Callable[..., Any]:
    """The method `name`, which calls `draw(array, …)` on the tensor's memory."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        plain = [raw(a) for a in args]
        if self._node is None or not current_mode().recording:
            draw(self._data, *plain, **kwargs)
            written(self._data)
            return self
        refuse_leaf(self, name)  # before anything is drawn
        fresh = random_streams.dense_like(self._data)
        draw(fresh, *plain, **kwargs)
        return self._become(wrap(fresh), name)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    return method


def whole_numbers(out: Any, *bounds: Any, generator: Any = None, **named: Any) -> Any:
    """PyTorch's argument forms: `random_()`, `random_(to)`, `random_(from, to)`."""
    high = named.pop("to", None)
    if named:
        raise TypeError(f"random_() got an unexpected keyword argument {next(iter(named))!r}")
    if len(bounds) == 2:
        return random_streams.random_(out, int(bounds[0]), int(bounds[1]), generator=generator)
    if len(bounds) == 1 and high is not None:
        return random_streams.random_(out, int(bounds[0]), int(high), generator=generator)
    high = bounds[0] if bounds else high
    return random_streams.random_(
        out, high=None if high is None else int(high), generator=generator
    )


def exponentials(out: Any, lambd: float = 1.0, *, generator: Any = None) -> Any:
    """With PyTorch's name for the rate."""
    return random_streams.exponential_(out, lambd, generator=generator)


def uniforms(out: Any, low: float = 0.0, to: float = 1.0, *, generator: Any = None) -> Any:
    """With PyTorch's name for the upper bound (`from`, its lower one, is no name in Python)."""
    return random_streams.uniform_(out, low, to, generator=generator)


bernoulli_ = filling("bernoulli_", random_streams.bernoulli_, "Fill with 1 (probability p) and 0.")
cauchy_ = filling("cauchy_", random_streams.cauchy_, "Fill with Cauchy numbers (median, sigma).")
exponential_ = filling(
    "exponential_", exponentials, "Fill with exponential numbers of rate `lambd`."
)
geometric_ = filling(
    "geometric_", random_streams.geometric_, "Fill with the trials until success (p each)."
)
log_normal_ = filling(
    "log_normal_", random_streams.log_normal_, "Fill with exponentials of normals."
)
normal_ = filling(
    "normal_", random_streams.normal_, "Fill with normals of a mean and standard deviation."
)
random_ = filling(
    "random_", whole_numbers, "Fill with whole numbers: `random_(to)`, `random_(from, to)`."
)
uniform_ = filling("uniform_", uniforms, "Fill with uniforms of [from, to).")


def bernoulli(input: Any, p: float | None = None, *, generator: Any = None) -> Any:
    """1 with the probability that each entry of `input` gives (or with p), else 0."""
    return wrap(random_streams.bernoulli(input._data, p, generator=generator))


def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Any:
    """Indices drawn in proportion to the weights of each row of `input`."""
    return wrap(
        random_streams.multinomial(input._data, num_samples, replacement, generator=generator)
    )
