"""`grad` and `backward` as functions of several tensors at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..engine.backward import gradients, run_backward
from ..engine.traced import Traced
from ..ops.joining import stack

__all__ = ["backward", "grad"]


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of `outputs` with respect to `inputs`: Σ grad_output · ∂output/∂input.

    Parameters
    ----------
    outputs, inputs : Tensor or sequence of Tensors
    grad_outputs : Tensor or sequence of Tensors, optional
        Cotangents, in the shapes of `outputs`; 1 for scalars.
    retain_graph : bool, optional
        Keep the graph for another call (default: `create_graph`).
    create_graph : bool
        Record the derivatives too, so that they can be differentiated.
    allow_unused : bool, optional
        Answer None for inputs that the outputs do not depend on, instead of raising.
    is_grads_batched : bool
        Take the first dimension of `grad_outputs` as many cotangents, one after the other.
    materialize_grads : bool
        Answer zeros for inputs that the outputs do not depend on.

    Returns
    -------
    tuple of Tensor
        One per input, of its shape and dtype. No `.grad` is touched.

    Raises
    ------
    RuntimeError
        If an input was not used (and that was not allowed), shapes differ, nothing was recorded, or
        the graph was freed.
    ValueError
        If unused inputs are refused and to be materialised at once.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    options = (create_graph, allow_unused, materialize_grads)
    if not is_grads_batched:
        return gradients(outputs, inputs, grad_outputs, retain_graph, *options)
    batches: list[Any] = [grad_outputs] if isinstance(grad_outputs, Traced) else list(grad_outputs)
    count = len(batches[0])
    keep = create_graph if retain_graph is None else retain_graph
    rows = [
        gradients(outputs, inputs, [g[i] for g in batches], keep or i < count - 1, *options)
        for i in range(count)
    ]
    return tuple(None if column[0] is None else stack(column) for column in zip(*rows, strict=True))


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradients of `tensors` to the `.grad` of every leaf they depend on.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensors
    grad_tensors : Tensor, None, or a sequence of them, optional
        Cotangents, in the shapes of `tensors`; 1 for scalars.
    retain_graph, create_graph, inputs
        As in `Tensor.backward`.
    grad_variables
        The old name of `grad_tensors`.

    Raises
    ------
    RuntimeError
        As `Tensor.backward` does, or if there are more cotangents than tensors.
    """
    if grad_variables is not None:
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to "
                "`backward()`. Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    outputs = [tensors] if isinstance(tensors, Traced) else list(tensors)
    given: Sequence[Any]
    if grad_tensors is None:
        given = [None] * len(outputs)
    else:
        given = [grad_tensors] if isinstance(grad_tensors, Traced) else list(grad_tensors)
    if len(given) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients")
    run_backward(outputs, given, retain_graph, create_graph, inputs)
