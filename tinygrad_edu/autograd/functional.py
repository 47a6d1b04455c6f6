"""Derivatives of functions: `vjp`, `jvp`, `jacobian`, `hessian`, `vhp`, `hvp`.

Each takes a function of Tensors and its inputs, one Tensor or a tuple of them, and answers in the
same form. Source of names, arguments and forms: PyTorch's `torch.autograd.functional`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.backward import gradients
from ..engine.mode import changed_mode
from ..engine.traced import Traced, wrap
from ..ops.joining import stack

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = tuple[Any, ...]
Function = Callable[..., Any]


def vjp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The output of `func`, and vᵀJ: the product of a vector with its Jacobian.

    Parameters
    ----------
    func : callable
        From Tensors to a Tensor or a tuple of Tensors.
    inputs : Tensor or tuple of Tensors
    v : Tensor or tuple of Tensors, optional
        In the shape of the output; may be left out if that has one entry.
    create_graph : bool
        Record, so that both answers can be differentiated.
    strict : bool
        Raise if an output does not depend on an input, instead of answering zeros.

    Returns
    -------
    output, product
        The product has the shape of `inputs`.

    Raises
    ------
    RuntimeError
        If `v` does not fit the output, or, if `strict`, for an independent input.
    """
    with changed_mode(recording=True):
        xs, one_in = prepared(inputs, "inputs", "vjp", create_graph)
        ys, one_out = outputs_of(func, xs, "vjp")
        vs = vectors(v, ys, one_out, "vjp", "outputs")
        check_depends(ys, strict, "outputs")
        found = derivatives(ys, xs, vs, create_graph=create_graph, strict=strict)
    return (
        shaped(finished(ys, create_graph), one_out),
        shaped(finished(found, create_graph), one_in),
    )


def jvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The output of `func`, and Jv: how it moves when the inputs move along `v`.

    The product is linear in v and is found by differentiating u ↦ uᵀJ, so it runs two backwards.
    Source: Townsend, A new trick for calculating Jacobian vector products, 2017.

    Parameters
    ----------
    func, inputs, create_graph, strict
        As for `vjp`.
    v : Tensor or tuple of Tensors, optional
        In the shape of the inputs; may be left out if there is one input of one entry.

    Returns
    -------
    output, product
        The product has the shape of the output.

    Raises
    ------
    RuntimeError
        If `v` does not fit the inputs, or, if `strict`, for an independent input.
    """
    with changed_mode(recording=True):
        xs, one_in = prepared(inputs, "inputs", "jvp", create_graph)
        vs = vectors(v, xs, one_in, "jvp", "inputs")
        ys, one_out = outputs_of(func, xs, "jvp")
        check_depends(ys, strict, "outputs")
        us = tuple(wrap(np.zeros_like(y._data)).requires_grad_() for y in ys)
        pulled = derivatives(ys, xs, us, create_graph=True, strict=strict)
        found = derivatives(pulled, us, vs, create_graph=create_graph, strict=strict)
    return (
        shaped(finished(ys, create_graph), one_out),
        shaped(finished(found, create_graph), one_out),
    )


def jacobian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian J[i, j] = ∂output[i] / ∂input[j], by one backward for each entry of the output.

    Parameters
    ----------
    func, inputs, create_graph, strict
        As for `vjp`.
    vectorize : bool
        Taken for PyTorch's sake; the answer is the same.
    strategy : str
        "reverse-mode", a row at a time, or "forward-mode", a column at a time (two backwards each;
        cheaper for few inputs and many outputs).

    Returns
    -------
    Tensor, or tuple of (tuples of) Tensors
        Shape: the output's, then the input's; a tuple for each of several outputs, within it one
        for each of several inputs.
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ValueError(
            f'Expected strategy to be either "forward-mode" or "reverse-mode", got {strategy!r}'
        )
    if strategy == "forward-mode":
        return _by_columns(func, inputs, create_graph, strict)
    with changed_mode(recording=True):
        xs, one_in = prepared(inputs, "inputs", "jacobian", create_graph)
        ys, one_out = outputs_of(func, xs, "jacobian")
        check_depends(ys, strict, "outputs")
        blocks = []
        for y in ys:
            rows: list[Tensors] = []
            for place in range(y._data.size):
                one = np.zeros(y._data.size, y._data.dtype)
                one[place] = 1
                rows.append(
                    derivatives(
                        (y,),
                        xs,
                        (wrap(one.reshape(y._data.shape)),),
                        create_graph=create_graph,
                        strict=strict,
                        retain=True,
                    )
                )
            blocks.append(
                tuple(
                    stack([row[k] for row in rows]).reshape((*y._data.shape, *x._data.shape))
                    if rows
                    else wrap(np.zeros((*y._data.shape, *x._data.shape), x._data.dtype))
                    for k, x in enumerate(xs)
                )
            )
        table = tuple(finished(row, create_graph) for row in blocks)
    return shaped(tuple(shaped(row, one_in) for row in table), one_out)


def _by_columns(func: Function, inputs: Any, create_graph: bool, strict: bool) -> Any:
    """The Jacobian by one `jvp` for each entry of the inputs."""
    xs, one_in = as_tuple(inputs, "inputs", "jacobian")
    columns: list[list[Tensors]] = []
    one_out = True
    for k, x in enumerate(xs):
        column = []
        for place in range(x._data.size):
            direction = [wrap(np.zeros_like(z._data)) for z in xs]
            direction[k]._data.reshape(-1)[place] = 1
            moved = shaped(tuple(direction), one_in)
            _, product = jvp(func, inputs, moved, create_graph, strict)
            parts, one_out = as_tuple(product, "outputs", "jacobian")
            column.append(parts)
        if not column:
            raise RuntimeError(
                f'jacobian: input {k} has no entries; use strategy="reverse-mode" for it'
            )
        columns.append(column)
    table = tuple(
        tuple(
            stack([parts[i] for parts in column], -1).reshape(
                (*column[0][i]._data.shape, *x._data.shape)
            )
            for column, x in zip(columns, xs, strict=True)
        )
        for i in range(len(columns[0][0]))
    )
    return shaped(tuple(shaped(row, one_in) for row in table), one_out)


def hessian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Hessian H[i, j] = ∂²output / ∂input[i] ∂input[j] of a function with one number as output.

    Parameters
    ----------
    func, inputs, create_graph, strict, vectorize
        As for `jacobian`.
    outer_jacobian_strategy : str
        How the gradient is differentiated; see `jacobian`.

    Returns
    -------
    Tensor, or tuple of tuples of Tensors
        Shape: the first input's, then the second's.

    Raises
    ------
    RuntimeError
        If the output is not one Tensor with one entry.
    """
    _, one_in = as_tuple(inputs, "inputs", "hessian")

    def gradient(*xs: Any) -> Any:
        y = scalar_output(func, xs, "hessian")
        check_depends((y,), strict, "outputs")
        found = derivatives((y,), xs, (None,), create_graph=True, strict=strict)
        return shaped(found, one_in)

    return jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)


def vhp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The output of `func`, a number, and vᵀH: the product of a vector with its Hessian.

    Parameters, returns and raises as for `vjp`; `v` and the product have the shape of `inputs`.
    """
    with changed_mode(recording=True):
        xs, one_in = prepared(inputs, "inputs", "vhp", create_graph)
        vs = vectors(v, xs, one_in, "vhp", "inputs")
        y = scalar_output(func, xs, "vhp")
        check_depends((y,), strict, "outputs")
        slope = derivatives((y,), xs, (None,), create_graph=True, strict=strict)
        found = derivatives(slope, xs, vs, create_graph=create_graph, strict=strict)
    return finished((y,), create_graph)[0], shaped(finished(found, create_graph), one_in)


def hvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The output of `func`, a number, and Hv: the product of its Hessian with a vector.

    The Hessian of a function that is twice continuously differentiable is symmetric; where it is
    not, this is H v and `vhp` vᵀH. Parameters, returns and raises as for `vhp`.
    """
    with changed_mode(recording=True):
        xs, one_in = prepared(inputs, "inputs", "hvp", create_graph)
        vs = vectors(v, xs, one_in, "hvp", "inputs")
        y = scalar_output(func, xs, "hvp")
        check_depends((y,), strict, "outputs")
        slope = derivatives((y,), xs, (None,), create_graph=True, strict=strict)
        us = tuple(wrap(np.zeros_like(s._data)).requires_grad_() for s in slope)
        pulled = derivatives(slope, xs, us, create_graph=True, strict=strict)
        found = derivatives(pulled, us, vs, create_graph=create_graph, strict=strict)
    return finished((y,), create_graph)[0], shaped(finished(found, create_graph), one_in)


# What they share ----------------------------------------------------------------------------------


def as_tuple(given: Any, what: str, name: str) -> tuple[Tensors, bool]:
    """One Tensor or several as a tuple, and whether it was one."""
    if isinstance(given, Traced):
        return (given,), True
    if isinstance(given, tuple | list):
        for i, x in enumerate(given):
            if not isinstance(x, Traced):
                raise TypeError(
                    f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but "
                    f"the value at index {i} has type {type(x)}."
                )
        return tuple(given), False
    raise TypeError(
        f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the given "
        f"{what} has type {type(given)}."
    )


def prepared(inputs: Any, what: str, name: str, create_graph: bool) -> tuple[Tensors, bool]:
    """The inputs as tensors of their own, so that nothing lands in the user's `.grad`."""
    xs, one = as_tuple(inputs, what, name)
    made = []
    for x in xs:
        if create_graph and x._node is not None:
            made.append(x.reshape(x._data.shape).clone())
        else:
            made.append(x.detach().requires_grad_())
    return tuple(made), one


def outputs_of(func: Function, xs: Tensors, name: str) -> tuple[Tensors, bool]:
    """What `func` makes of the inputs, as a tuple, and whether it was one Tensor."""
    return as_tuple(func(*xs), "outputs of the user-provided function", name)


def scalar_output(func: Function, xs: Tensors, name: str) -> Any:
    """The one number that `func` makes of the inputs."""
    ys, one = outputs_of(func, xs, name)
    if not one or len(ys) != 1:
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    (y,) = ys
    if y._data.size != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {name} should contain a single element, "
            f"got shape {tuple(y._data.shape)}; reduce it with .sum() or .mean()"
        )
    return y.reshape(()) if y._data.ndim else y


def vectors(v: Any, like: Tensors, one: bool, name: str, what: str) -> Tensors:
    """The vector to multiply with, checked against the tensors it goes with."""
    if v is None:
        if len(like) != 1 or like[0]._data.size != 1:
            raise RuntimeError(
                f"The vector v can only be None if the {what[:-1]} of the user-provided function "
                f"given to {name} is a single Tensor with a single element; pass v in the shape of "
                f"the {what}."
            )
        return (wrap(np.ones_like(like[0]._data)),)
    vs, _ = as_tuple(v, "v", name)
    if len(vs) != len(like):
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(like)} but got {len(vs)}."
        )
    for i, (x, y) in enumerate(zip(vs, like, strict=True)):
        if x._data.shape != y._data.shape:
            raise RuntimeError(
                f"v has invalid size: should be {tuple(y._data.shape)} but got "
                f"{tuple(x._data.shape)}{'' if one else f' (entry {i})'}."
            )
    return vs


def check_depends(ys: Tensors, strict: bool, what: str) -> None:
    """Raise, if `strict`, for an output that depends on no input."""
    if strict:
        for i, y in enumerate(ys):
            if y._node is None:
                raise RuntimeError(
                    f"Output {i} of the user-provided function does not require gradients. The "
                    f"{what} must be computed in a differentiable manner from the input when "
                    f"running in strict mode."
                )


def derivatives(
    ys: Tensors,
    xs: Tensors,
    vs: Tensors,
    *,
    create_graph: bool,
    strict: bool,
    retain: bool | None = None,
) -> Tensors:
    """vᵀ ∂y/∂x for each x, zeros where nothing depends on it."""
    live = [(y, v) for y, v in zip(ys, vs, strict=True) if y._node is not None]
    found: Tensors = (None,) * len(xs)
    if live:
        outputs, cotangents = zip(*live, strict=True)
        found = gradients(outputs, xs, cotangents, retain, create_graph, True)
    results = []
    for i, (x, g) in enumerate(zip(xs, found, strict=True)):
        if g is None:
            if strict:
                raise RuntimeError(
                    f"The output of the user-provided function is independent of input {i}. This "
                    f"is not allowed in strict mode."
                )
            g = wrap(np.zeros_like(x._data))
        results.append(g)
    return tuple(results)


def finished(tensors: Tensors, create_graph: bool) -> Tensors:
    """The answers: with their graph if it was asked for, else constants."""
    return tensors if create_graph else tuple(x.detach() for x in tensors)


def shaped(tensors: Tensors, one: bool) -> Any:
    """A tuple, or its only entry."""
    return tensors[0] if one else tensors
