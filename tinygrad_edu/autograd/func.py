"""Functions of functions, PyTorch's `torch.func`: `grad`, `vmap`, `jacrev`, `hessian`, …

Each takes a function of Tensors (or of tuples, lists, dicts of them) and answers with a function.
They nest: `grad(grad(f))`, `vmap(grad(f), in_dims=(None, 0))`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.backward import gradients
from ..engine.mode import changed_mode
from ..engine.traced import Traced, wrap
from ..nn.utils.stateless import functional_call as functional_call
from ..ops.joining import stack
from ..ops.shaping import movedim
from ..primitives.elementwise import positive

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "stack_module_state",
    "vjp",
    "vmap",
]

Function = Callable[..., Any]


# Nested tuples, lists and dicts of tensors --------------------------------------------------------


def leaves(tree: Any) -> list[Any]:
    """What is in nested tuples, lists and dicts, from left to right."""
    if isinstance(tree, dict):
        return [x for key in tree for x in leaves(tree[key])]
    if isinstance(tree, tuple | list):
        return [x for part in tree for x in leaves(part)]
    return [tree]


def rebuilt(tree: Any, values: Any) -> Any:
    """The form of `tree` with other leaves, taken from the iterator `values` in order."""
    if isinstance(tree, dict):
        return {key: rebuilt(part, values) for key, part in tree.items()}
    if isinstance(tree, tuple | list):
        parts = [rebuilt(part, values) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return next(values)


def mapped(function: Function, tree: Any) -> Any:
    """`function` of every leaf, in the form of `tree`."""
    return rebuilt(tree, iter([function(x) for x in leaves(tree)]))


# Derivatives --------------------------------------------------------------------------------------


def entering(x: Any, name: str) -> Any:
    """An input as a variable of this function alone; what it was made of stays connected."""
    if not isinstance(x, Traced):
        raise TypeError(
            f"{name}: expected Tensors to differentiate by, got {type(x).__name__}; "
            f"choose others with argnums"
        )
    if x._node is not None:
        return positive.record(x)
    return wrap(x._data).requires_grad_()


def leaving(value: Any, inputs: Sequence[Any]) -> Any:
    """A result without its history, unless the inputs had one that an outer `grad` follows."""
    follow = any(isinstance(x, Traced) and x._node is not None for x in inputs)
    if follow or not isinstance(value, Traced):
        return value
    return value.detach()  # type: ignore[attr-defined]


def positions(argnums: int | tuple[int, ...], count: int, name: str) -> list[int]:
    """`argnums` as positions among `count` arguments."""
    chosen = [argnums] if isinstance(argnums, int) else list(argnums)
    for n in chosen:
        if not -count <= n < count:
            raise RuntimeError(
                f"{name}: got argnums={argnums}, but the function was given {count} arguments"
            )
    return [n % count for n in chosen]


def grad_and_value(
    func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Function:
    """The function that answers (∂func/∂argument, func), for a func of one entry.

    Parameters
    ----------
    func : callable
        Answers a Tensor of one entry; with `has_aux` a pair, of it and anything else.
    argnums : int or tuple of int
        Which arguments to differentiate by; each may be a nested dict, list or tuple of Tensors.
    has_aux : bool
        The answer is then (gradients, (value, anything else)).

    Raises
    ------
    RuntimeError
        If `func` answers more than one entry.
    """

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        chosen = positions(argnums, len(args), "grad")
        given = [x for n in chosen for x in leaves(args[n])]
        with changed_mode(recording=True):
            fresh = list(args)
            for n in chosen:
                fresh[n] = mapped(lambda x: entering(x, "grad"), args[n])
            inputs = [x for n in chosen for x in leaves(fresh[n])]
            answer = func(*fresh, **kwargs)
            value, aux = answer if has_aux else (answer, None)
            if not isinstance(value, Traced) or value._data.size != 1 or value._data.ndim:
                form = (
                    f"shape {tuple(value._data.shape)}"
                    if isinstance(value, Traced)
                    else "no Tensor"
                )
                raise RuntimeError(
                    f"grad: expected the function to return a scalar Tensor, got {form}; "
                    f"reduce it (.sum(), .mean()), or use jacrev"
                )
            found: Any = [None] * len(inputs)
            if value._node is not None:
                found = gradients([value], inputs, None, None, True, True, False)
        zeros = (wrap(np.zeros_like(x._data)) for x in inputs)
        found = [z if g is None else g for g, z in zip(found, zeros, strict=True)]
        rest = iter([leaving(g, leaves(args) + given) for g in found])
        slopes = tuple(rebuilt(fresh[n], rest) for n in chosen)
        value = leaving(value, leaves(args))
        aux = mapped(lambda x: leaving(x, leaves(args)), aux)
        result = slopes[0] if isinstance(argnums, int) else slopes
        return (result, (value, aux)) if has_aux else (result, value)

    return call


def grad(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that answers ∂func/∂argument; see `grad_and_value`."""
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        slopes, value = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return call


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The output of `func`, and the function v ↦ vᵀJ that pulls a cotangent back.

    Parameters
    ----------
    primals : Tensor, or nested dict, list or tuple of Tensors
    has_aux : bool
        `func` answers (output, anything else), and so does this, after the function.

    Returns
    -------
    output, function
        The function answers one Tensor for each primal, as a tuple.
    """
    with changed_mode(recording=True):
        fresh = mapped(lambda x: entering(x, "vjp"), primals)
        answer = func(*fresh)
    output, aux = answer if has_aux else (answer, None)
    inputs = leaves(fresh)

    def pull(*cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        form = cotangents[0] if len(cotangents) == 1 else cotangents
        ys, vs = leaves(output), leaves(form)
        if len(ys) != len(vs):
            raise RuntimeError(f"vjp: {len(ys)} outputs, but {len(vs)} cotangents were given")
        pairs = [(y, v) for y, v in zip(ys, vs, strict=True) if y._node is not None]
        found: Any = [None] * len(inputs)
        if pairs:
            with changed_mode(recording=True):
                found = gradients(
                    [y for y, _ in pairs], inputs, [v for _, v in pairs], True, True, True, False
                )
        zeros = (wrap(np.zeros_like(x._data)) for x in inputs)
        found = [z if g is None else g for g, z in zip(found, zeros, strict=True)]
        followed = leaves(primals) + vs
        slopes = rebuilt(fresh, iter([leaving(g, followed) for g in found]))
        return slopes if len(slopes) > 1 else (slopes[0],)

    shown = mapped(lambda y: leaving(y, leaves(primals)), output)
    return (shown, pull, aux) if has_aux else (shown, pull)


def jvp(func: Function, primals: Any, tangents: Any, *, has_aux: bool = False) -> tuple[Any, ...]:
    """The output of `func`, and Jv: how it moves when `primals` move along `tangents`.

    By differentiating u ↦ uᵀJ, which is linear: two backwards. Source: Townsend, A new trick for
    calculating Jacobian vector products, 2017.
    """
    with changed_mode(recording=True):
        fresh = mapped(lambda x: entering(x, "jvp"), tuple(primals))
        answer = func(*fresh)
        output, aux = answer if has_aux else (answer, None)
        inputs, vs = leaves(fresh), leaves(tuple(tangents))
        if len(inputs) != len(vs):
            raise RuntimeError(f"jvp: {len(inputs)} primals, but {len(vs)} tangents were given")
        moved = []
        for y in leaves(output):
            if y._node is None:
                moved.append(wrap(np.zeros_like(y._data)))
                continue
            u = wrap(np.zeros_like(y._data)).requires_grad_()
            pulled = gradients([y], inputs, [u], True, True, True, False)
            pairs = [(p, v) for p, v in zip(pulled, vs, strict=True) if p is not None]
            found = gradients(
                [p for p, _ in pairs], [u], [v for _, v in pairs], True, True, True, False
            )
            moved.append(wrap(np.zeros_like(y._data)) if found[0] is None else found[0])
    followed = leaves(primals) + vs
    along = rebuilt(output, iter([leaving(m, followed) for m in moved]))
    shown = mapped(lambda y: leaving(y, leaves(primals)), output)
    return (shown, along, aux) if has_aux else (shown, along)


def jacrev(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that answers the Jacobian ∂func/∂argument, a row for each entry of the output.

    Returns
    -------
    callable
        Answers a Tensor of shape (*output, *argument); for several arguments a tuple, for nested
        outputs or arguments the same form.
    """

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        chosen = positions(argnums, len(args), "jacrev")
        several = not isinstance(argnums, int)

        def of_chosen(*values: Any) -> Any:
            full = list(args)
            for n, value in zip(chosen, values, strict=True):
                full[n] = value
            return func(*full, **kwargs)

        primals = tuple(args[n] for n in chosen)
        output, pull, *aux = vjp(of_chosen, *primals, has_aux=has_aux)
        outputs = leaves(output)
        jacobians = []
        for k, y in enumerate(outputs):
            rows = []
            for place in range(y._data.size):
                unit = np.zeros_like(y._data)
                unit.reshape(-1)[place] = 1
                vs = [
                    wrap(unit if j == k else np.zeros_like(z._data)) for j, z in enumerate(outputs)
                ]
                rows.append(leaves(pull(rebuilt(output, iter(vs)))))
            shape = tuple(y._data.shape)
            columns = [
                stack(list(column)).reshape(shape + tuple(column[0]._data.shape))
                for column in zip(*rows)
            ]
            slopes = rebuilt(primals, iter(columns))
            jacobians.append(slopes if several else slopes[0])
        result = rebuilt(output, iter(jacobians))
        return (result, aux[0]) if has_aux else result

    return call


def jacfwd(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The Jacobian of `jacrev`; found the same way, so choose by taste."""
    return jacrev(func, argnums, has_aux)


def hessian(func: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The function that answers second derivatives, of shape (*output, *argument, *argument)."""
    return jacrev(jacrev(func, argnums), argnums)


# Batches ------------------------------------------------------------------------------------------


def vmap(
    func: Function,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Function:
    """The function that applies `func` to each entry of a batch and stacks the answers.

    `func` is called once for each entry: the values and gradients are those of PyTorch's `vmap`,
    the speed is that of a loop, and control flow on values, which that refuses, works.

    Parameters
    ----------
    in_dims : int, None, or nested in the form of the arguments
        The dimension of the batch in each argument; None for one used whole every time.
    out_dims : int, None or nested
        Where the batch goes in each answer.
    randomness : str
        "error", "different" or "same": whether each entry draws numbers of its own. Here every
        entry draws anew, so "same" is refused.
    chunk_size : int, optional
        Taken for PyTorch's sake.

    Raises
    ------
    ValueError
        If no argument has a batch, or the sizes differ.
    """
    if randomness == "same":
        raise NotImplementedError(
            "vmap(randomness='same') is not built: every entry draws numbers of its own; draw "
            "before vmap and pass the numbers in"
        )

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        dims = leaves(spread(in_dims, args))
        inputs = leaves(args)
        sizes = {x._data.shape[d] for x, d in zip(inputs, dims, strict=True) if d is not None}
        if len(sizes) != 1:
            raise ValueError(
                f"vmap: expected one size of batch, got {sorted(sizes) or 'none'} with "
                f"in_dims={in_dims}; give every argument that is no batch None in in_dims"
            )
        answers = []
        for i in range(sizes.pop()):
            parts = [x if d is None else x.select(d, i) for x, d in zip(inputs, dims, strict=True)]
            answers.append(func(*rebuilt(args, iter(parts)), **kwargs))
        places = leaves(spread(out_dims, answers[0]))
        stacked = [
            column[0] if d is None else movedim(stack(list(column)), 0, d)
            for column, d in zip(zip(*(leaves(a) for a in answers)), places, strict=True)
        ]
        return rebuilt(answers[0], iter(stacked))

    return call


def spread(dims: Any, tree: Any) -> Any:
    """One dimension for each leaf of `tree`: those given, with a single one meant for all below."""
    if isinstance(dims, int) or dims is None:
        return mapped(lambda x: dims if isinstance(x, Traced) else None, tree)
    if isinstance(tree, dict):
        return {key: spread(dims[key], part) for key, part in tree.items()}
    if isinstance(tree, tuple | list) and len(dims) == len(tree):
        return tuple(spread(d, part) for d, part in zip(dims, tree, strict=True))
    raise ValueError(
        f"vmap: in_dims or out_dims {dims!r} does not have the form of what it describes; "
        f"give one entry for each argument"
    )


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and buffers of several modules of one kind, each stacked over the modules.

    With `vmap(lambda p, b, x: functional_call(model, (p, b), (x,)))` they run as an ensemble.
    """
    if not models:
        raise RuntimeError("stack_module_state: expected at least one model, got none")
    params = {
        name: stack([dict(m.named_parameters())[name] for m in models]).detach().requires_grad_()
        for name, _ in models[0].named_parameters()
    }
    buffers = {
        name: stack([dict(m.named_buffers())[name] for m in models])
        for name, _ in models[0].named_buffers()
    }
    return params, buffers
