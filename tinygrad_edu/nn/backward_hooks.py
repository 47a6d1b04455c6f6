"""Hooks on a module's gradients: called when those by its inputs and outputs are known.

Inputs and outputs pass through nodes of their own that change nothing, so that the gradients seen
are the module's, whatever else its inputs and outputs are used for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from ..primitives.elementwise import positive
from ..tensors.tensor import Tensor

__all__ = ["BackwardHooks"]

Hook = Callable[[Any, Any, Any], Any]


class BackwardHooks:
    """One call's gradients on their way to the hooks.

    Parameters
    ----------
    module : Module
    before, after : callables
        Called with (module, grad_output) when the gradients of the outputs are known, and with
        (module, grad_input, grad_output) when those of the inputs are. What they return, if not
        None, takes the place of the gradients they were given first.
    """

    def __init__(self, module: Any, before: Iterable[Any], after: Iterable[Hook]) -> None:
        self.module = module
        self.before = list(before)
        self.after = list(after)
        self.grad_outputs: list[Any] = []
        self.grad_inputs: list[Any] = []
        self.waiting_inputs: set[int] = set()
        self.waiting_outputs: set[int] = set()

    def entering(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, watched."""
        self.grad_inputs = [None] * len(args)
        watched = []
        for i, x in enumerate(args):
            if isinstance(x, Tensor) and x.requires_grad:
                self.waiting_inputs.add(i)
                x = positive.record(x)
                x.register_hook(functools.partial(self._input, i))
            watched.append(x)
        return tuple(watched)

    def leaving(self, result: Any) -> Any:
        """The outputs, watched."""
        several = isinstance(result, tuple | list)
        outputs = list(result) if several else [result]
        self.grad_outputs = [None] * len(outputs)
        for i, y in enumerate(outputs):
            if isinstance(y, Tensor) and y.requires_grad:
                self.waiting_outputs.add(i)
                outputs[i] = positive.record(y)
                outputs[i].register_hook(functools.partial(self._output, i))
        return type(result)(outputs) if several else outputs[0]

    def _output(self, i: int, g: Any) -> Any:
        self.grad_outputs[i] = g
        self.waiting_outputs.discard(i)
        if self.waiting_outputs:
            return None
        grads = tuple(self.grad_outputs)
        for hook in self.before:
            replaced = hook(self.module, grads)
            if replaced is not None:
                grads = replaced if isinstance(replaced, tuple) else (replaced,)
        self.grad_outputs = list(grads)
        if not self.waiting_inputs:  # no input needs a gradient: this is the end
            self._finish()
        return grads[i]

    def _input(self, i: int, g: Any) -> Any:
        self.grad_inputs[i] = g
        self.waiting_inputs.discard(i)
        return None if self.waiting_inputs else self._finish()[i]

    def _finish(self) -> tuple[Any, ...]:
        grads = tuple(self.grad_inputs)
        for hook in self.after:
            replaced = hook(self.module, grads, tuple(self.grad_outputs))
            if replaced is not None:
                grads = replaced if isinstance(replaced, tuple) else (replaced,)
        return grads
