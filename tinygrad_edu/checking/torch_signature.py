"""PyTorch's `gradcheck` and `gradgradcheck`: its arguments, its answer, and this package's check.

The arguments that set steps and tolerances of a difference are taken and not needed: tolerances
follow from estimated errors here. `rtol` says which relative error must have been visible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..engine.backward import gradients
from ..engine.traced import Traced
from .function_check import GradcheckError
from .function_check import gradcheck as check

__all__ = ["gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the gradients of `func` are right.

    Parameters
    ----------
    func : callable
        Takes the inputs; returns a Tensor or a tuple of them.
    inputs : Tensor or tuple
        Those that require grad are differentiated.
    rtol : float
        Relative error that must have been visible.
    raise_exception : bool
        Raise instead of answering False.
    eps, atol, nondet_tol, fast_mode and the check_… switches
        PyTorch's; the check needs none of them.

    Raises
    ------
    GradcheckError
        With the whole report, if a gradient is wrong or could not be checked.
    ValueError
        If no input requires grad.
    """
    given = _inputs(inputs)
    return _answer(check(func, *given, resolution=rtol), raise_exception)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Whether the gradients of the gradients of `func` are right.

    Parameters
    ----------
    func, inputs, rtol, raise_exception
        As for `gradcheck`.
    grad_outputs : Tensor or tuple, optional
        Cotangents to use; random ones if left out.

    Raises
    ------
    GradcheckError, ValueError
        As for `gradcheck`.
    """
    given = _inputs(inputs)
    if grad_outputs is None:
        return _answer(check(func, *given, resolution=rtol, order=2), raise_exception)
    cotangents = _tuple(grad_outputs)
    count = len(given)

    def gradient(*args: Any) -> Any:
        outputs = _tuple(func(*args[:count]))
        wanted = [x for x in args[:count] if isinstance(x, Traced) and x._node is not None]
        found = gradients(outputs, wanted, list(args[count:]), create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return _answer(check(gradient, *given, *cotangents, resolution=rtol), raise_exception)


def _answer(report: Any, raise_exception: bool) -> bool:
    if not report and raise_exception:
        raise GradcheckError(str(report))
    return bool(report)


def _tuple(x: Any) -> Sequence[Any]:
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _inputs(inputs: Any) -> Sequence[Any]:
    given = _tuple(inputs)
    if not any(isinstance(x, Traced) and x._node is not None for x in given):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them "
            "have requires_grad=True: make one with requires_grad=True, in double precision"
        )
    return given
