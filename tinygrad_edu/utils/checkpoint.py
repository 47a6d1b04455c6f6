"""Memory for time: what a part of a model saved is dropped, and computed again in backward."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from ..autograd.graph import saved_tensors_hooks
from ..engine.mode import changed_mode
from ..engine.traced import Traced
from ..generator import fork_rng, get_rng_state, set_rng_state

__all__ = ["CheckpointError", "checkpoint", "checkpoint_sequential"]


class CheckpointError(RuntimeError):
    """What was computed again is not what was computed before."""


class _Dropped:
    """Stands in for value `number` of those that a call saved, which was dropped."""

    __slots__ = ("number", "run")

    def __init__(self, run: _Run, number: int) -> None:
        self.run = run
        self.number = number


class _Run:
    """One call of a function, and how to make its saved values again."""

    def __init__(self, function: Callable[[], Any], preserve_rng_state: bool) -> None:
        self.function = function
        self.random = get_rng_state() if preserve_rng_state else None
        self.forms: list[Any] = []
        self.values: dict[int, Any] = {}

    def keep(self, x: Any) -> _Dropped:
        """Drop a value that was to be saved, and give what stands in for it."""
        self.forms.append((x._data.shape, x._data.dtype))
        return _Dropped(self, len(self.forms) - 1)

    def value(self, number: int) -> Any:
        """A saved value; the first asked for makes all of them again, and each is given once."""
        if number not in self.values:
            self.recompute()
        return self.values.pop(number)

    def recompute(self) -> None:
        """Call the function once more, from the same random numbers, and collect what it saves."""
        found: list[Any] = []
        hooks = saved_tensors_hooks(lambda x: found.append(x.detach()), lambda x: x)
        with fork_rng(enabled=self.random is not None):
            if self.random is not None:
                set_rng_state(self.random)
            with changed_mode(recording=True, scope=None), hooks:
                self.function()
        forms = [(x._data.shape, x._data.dtype) for x in found]
        if forms != self.forms:
            saved, again = ([list(shape) for shape, _ in x] for x in (self.forms, forms))
            raise CheckpointError(
                f"checkpoint: the function saved values of shapes {saved} when it was called, and "
                f"{again} when it was called again; it must do the same each time"
            )
        self.values = dict(enumerate(found))


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    determinism_check: str = "default",
    debug: bool = False,
    **kwargs: Any,
) -> Any:
    """`function(*args, **kwargs)`, whose saved values are dropped and computed again in backward.

    Source: Chen et al., Training deep nets with sublinear memory cost, 2016.

    Parameters
    ----------
    function : callable
        Called now and, if its gradient is asked for, again in backward: it must do the same.
    use_reentrant : bool, optional
        PyTorch has two ways; both compute the same. With True (its default, with a warning),
        nothing is recorded unless one of the arguments requires grad, and keywords are refused.
    preserve_rng_state : bool
        Draw the same random numbers again (dropout).

    Raises
    ------
    CheckpointError
        In backward, if the second call saved something else.
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. "
            "use_reentrant=False is recommended: it also works where no argument requires grad.",
            stacklevel=2,
        )
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
        if not any(isinstance(x, Traced) and x._node is not None for x in args):
            warnings.warn(
                "None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2
            )
            with changed_mode(recording=False):
                return function(*args)
    run = _Run(lambda: function(*args, **kwargs), preserve_rng_state)
    with saved_tensors_hooks(run.keep, lambda kept: kept.run.value(kept.number)):
        return function(*args, **kwargs)


def checkpoint_sequential(
    functions: Any,
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
) -> Any:
    """A chain of modules in `segments` parts, all but the last of them checkpointed.

    Parameters
    ----------
    functions : Sequential, or sequence of callables
    segments : int
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be "
            "passed explicitly. use_reentrant=False is recommended.",
            stacklevel=2,
        )
        use_reentrant = True
    chain: Sequence[Any] = list(functions)
    size = len(chain) // segments
    starts = [i * size for i in range(segments)]

    def part(first: int, last: int) -> Callable[[Any], Any]:
        def forward(x: Any) -> Any:
            for f in chain[first:last]:
                x = f(x)
            return x

        return forward

    for first in starts[:-1]:
        input = checkpoint(
            part(first, first + size),
            input,
            use_reentrant=use_reentrant,
            preserve_rng_state=preserve_rng_state,
        )
    return part(starts[-1], len(chain))(input)
