"""`gradcheck`: are the gradients of a function of Tensors right, and if not, which op is wrong?"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from ..engine.traced import Traced, wrap
from ..tensors.tensor import Tensor
from .directional import METHODS, Method
from .node_audit import Kinks
from .orders import check_orders
from .pipeline import check_subject
from .report import GradReport
from .settings import Settings
from .subject import Subject
from .tolerance import RESOLUTION

__all__ = ["GradcheckError", "assert_gradcheck", "gradcheck", "labels_of", "subject_of"]


class GradcheckError(RuntimeError):
    """A gradient is wrong, or could not be checked; the message is the report."""


def gradcheck(
    fn: Callable[..., Any],
    *inputs: Any,
    wrt: Sequence[int] | int | None = None,
    names: Sequence[str] | None = None,
    method: Method = "auto",
    order: int = 1,
    points: int = 2,
    projections: int = 2,
    full: bool | Literal["auto"] = "auto",
    resolution: float = RESOLUTION,
    kinks: Kinks = "accept",
    localise: bool = True,
    diagnose: bool = True,
    seed: int = 0,
    budget_s: float | None = None,
    raise_on_fail: bool = False,
) -> GradReport:
    """Check every gradient of `fn` at these inputs, op by op and as a whole.

    Parameters
    ----------
    fn : callable
        Takes the inputs; returns a Tensor, or a tuple or list of them, of any shape.
    inputs : Tensors, float arrays, or anything else
        A sole tuple or list is unpacked. Tensors that require grad are differentiated; if none
        does, all float Tensors and arrays are. Everything else is handed on.
    wrt : int or sequence of int, optional
        Positions to differentiate instead.
    names : sequence of str, optional
        Names of the inputs for the report; those of the function's parameters by default.
    method : "auto", "complex", "richardson" or "central"
        auto: the complex step where it proves itself, else Richardson extrapolation.
    order : int
        Also check derivatives of derivatives, up to this order.
    points : int
        1: the given values alone; each further one is a point beside them.
    projections : int
        Random directions per point, for ops whose inputs are looked at one by one.
    full : bool or "auto"
        True: compare every element of every gradient, `report.errors(name)`; it takes a derivative
        for each. auto: the elements of what is wrong. False: along random directions alone.
    resolution : float
        Relative error that must be visible, else INCONCLUSIVE.
    kinks : "accept", "skip" or "fail"
        At a kink: accept any slope between the one-sided ones, compare nothing, or fail.
    localise : bool
        Check each op alone, which names the wrong one. False: only the gradients as a whole.
    diagnose : bool
        Name the kind of each mistake.
    seed : int
        Same seed, same report.
    budget_s : float, optional
        Seconds for the ops. What is not checked by then makes the verdict INCONCLUSIVE.
    raise_on_fail : bool
        Raise instead of returning a report that is not a PASS.

    Returns
    -------
    GradReport
        True exactly if every gradient is right.

    Raises
    ------
    TypeError
        For a position in `wrt` that holds no floats, or if no input does.
    ValueError
        For a NaN or an infinity in an input, or an unknown `method`, `full` or `budget_s`.
    GradcheckError
        If asked to raise.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r}: expected one of {', '.join(METHODS)}")
    if full not in (True, False, "auto"):
        raise ValueError(f'full={full!r}: expected True, False or "auto"')
    if budget_s is not None and not budget_s > 0:
        raise ValueError(f"budget_s={budget_s}: expected seconds, more than 0, or None for no end")
    if order < 1:
        raise ValueError(f"order={order}: expected 1 (gradients), 2 (their gradients), …")
    if len(inputs) == 1 and isinstance(inputs[0], (tuple, list)):
        inputs = tuple(inputs[0])
    labels = labels_of(fn, len(inputs), names)
    subject = subject_of(fn, inputs, wrt, labels)
    what = getattr(fn, "__name__", type(fn).__name__)
    settings = Settings(
        method=method,
        points=points,
        projections=projections,
        kinks=kinks,
        resolution=resolution,
        diagnose=diagnose,
        localise=localise,
        full=full,
        budget=budget_s,
        seed=seed,
        call=f"gradcheck({what}, {', '.join(labels)})",
    )
    report = check_subject(subject, settings)
    if order > 1 and report:
        check_orders(report, subject, settings, order)
    if raise_on_fail and not report:
        raise GradcheckError(str(report))
    return report


def assert_gradcheck(fn: Callable[..., Any], *inputs: Any, **options: Any) -> None:
    """Raise AssertionError with the report unless every gradient is right.

    Parameters
    ----------
    fn, inputs, options
        As for `gradcheck`.
    """
    report = gradcheck(fn, *inputs, **options)
    if not report:
        raise AssertionError(str(report))


def subject_of(
    fn: Callable[..., Any],
    inputs: Sequence[Any],
    wrt: Sequence[int] | int | None,
    names: Sequence[str] | None,
) -> Subject:
    """The function on private copies of its inputs.

    Raises
    ------
    TypeError, ValueError
        For inputs that cannot be differentiated.
    """
    positions = _positions(inputs, wrt)
    labels = list(names) if names is not None else labels_of(fn, len(inputs), names)
    given: list[Any] = []
    leaves: list[Any] = []
    around: list[Any] = []
    for k, x in enumerate(inputs):
        if k in positions:
            array = np.asarray(x._data if isinstance(x, Traced) else x)
            bad = ~np.isfinite(array)
            if bad.any():
                index = tuple(int(i) for i in np.argwhere(bad)[0])
                raise ValueError(
                    f"input {k} ({labels[k]}) holds {array[index]} at {index}; derivatives are "
                    f"checked at finite points only"
                )
            leaf: Any = wrap(np.array(array)).requires_grad_()
            leaves.append(leaf)
            given.append(leaf)
        elif isinstance(x, Traced):
            other: Any = wrap(np.array(x._data))
            around.append(other)
            given.append(other)
        elif isinstance(x, np.ndarray):
            given.append(x.copy())
            around.append(given[-1])
        else:
            given.append(x)
    return Subject(lambda: fn(*given), leaves, [labels[k] for k in positions], around)


def _positions(inputs: Sequence[Any], wrt: Sequence[int] | int | None) -> list[int]:
    def kind(x: Any) -> str:
        if isinstance(x, Traced):
            return str(x._data.dtype.kind)
        return str(x.dtype.kind) if isinstance(x, np.ndarray) else ("f" if type(x) is float else "")

    if wrt is not None:
        asked = [wrt] if isinstance(wrt, int) else list(wrt)
        for k in asked:
            if not 0 <= k < len(inputs):
                raise TypeError(f"wrt names input {k}; there are {len(inputs)}")
            if kind(inputs[k]) != "f":
                raise TypeError(
                    f"input {k} holds {_described(inputs[k])} and has no derivative; give floats "
                    f"(x.double()), or leave it out of wrt"
                )
        return asked
    asked = [
        k
        for k, x in enumerate(inputs)
        if isinstance(x, Tensor) and x.requires_grad and kind(x) == "f"
    ]
    asked = asked or [k for k, x in enumerate(inputs) if kind(x) == "f"]
    if not asked:
        given = ", ".join(_described(x) for x in inputs) or "nothing"
        raise TypeError(
            f"no input holds floats to differentiate by (given: {given}); pass a float Tensor or "
            f"array, as x.double() or x.astype(float)"
        )
    return asked


def _described(x: Any) -> str:
    if isinstance(x, Traced):
        return f"a Tensor of {x._data.dtype}"
    return f"an array of {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__


def labels_of(fn: Callable[..., Any], count: int, names: Sequence[str] | None) -> list[str]:
    """What to call the inputs of a function: `names`, or its parameters, `xs[0]` for `*xs`.

    Raises
    ------
    ValueError
        For another number of names than of inputs.
    """
    if names is not None:
        if len(names) != count:
            raise ValueError(f"{len(names)} names for {count} inputs; give one for each")
        return list(names)
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [
        p.name
        for p in parameters
        if p.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ]
    many = [p.name for p in parameters if p.kind == inspect.Parameter.VAR_POSITIONAL]
    if len(plain) < count and many:
        plain += [f"{many[0]}[{k}]" for k in range(count - len(plain))]
    return plain[:count] if len(plain) >= count else [f"input {k}" for k in range(count)]
