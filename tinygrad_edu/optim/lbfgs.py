"""L-BFGS: Newton's steps with curvature estimated from the last gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..engine.mode import changed_mode
from ..engine.saved import written
from .optimizer import Optimizer, State

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """Steps along −H g, H estimated from the last `history_size` changes of gradient.

    The whole batch is evaluated again several times in a step, so `step` needs a closure. Source:
    Nocedal, Updating quasi-Newton matrices with limited storage, 1980; line search of Nocedal and
    Wright, Numerical optimization, algorithms 3.5 and 3.6.

    Parameters
    ----------
    lr : float
        Step size.
    max_iter, max_eval : int
        Iterations and evaluations in one step; 1.25 · max_iter evaluations unless given.
    tolerance_grad, tolerance_change : float
        Stop where the largest gradient, or the change of loss or parameters, is smaller.
    history_size : int
    line_search_fn : None or "strong_wolfe"

    Raises
    ------
    ValueError
        For more than one group of parameters.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if not lr >= 0.0:
            raise ValueError(f"Invalid learning rate: {lr}; expected at least 0.0")
        if line_search_fn not in (None, "strong_wolfe"):
            raise RuntimeError(
                f"only 'strong_wolfe' is supported as line_search_fn, got {line_search_fn!r}"
            )
        super().__init__(
            params,
            {
                "lr": lr,
                "max_iter": max_iter,
                "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                "tolerance_grad": tolerance_grad,
                "tolerance_change": tolerance_change,
                "history_size": history_size,
                "line_search_fn": line_search_fn,
            },
        )
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params: list[Any] = self.param_groups[0]["params"]

    def _gradient(self) -> Any:
        parts = []
        for p in self._params:
            g = p.grad
            parts.append(
                np.zeros(p._data.size, p._data.dtype) if g is None else g._data.reshape(-1)
            )
        return np.concatenate(parts)

    def _place(self) -> Any:
        return np.concatenate([p._data.reshape(-1) for p in self._params])

    def _go(self, place: Any) -> None:
        start = 0
        for p in self._params:
            stop = start + p._data.size
            p._data[...] = place[start:stop].reshape(p._data.shape)
            written(p._data)
            start = stop

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Minimise for a few iterations; returns the loss at the start.

        Parameters
        ----------
        closure : callable
            Zeroes the gradients, computes the loss, calls backward and returns the loss.
        """
        if closure is None:
            raise TypeError(
                "LBFGS.step() needs a closure that zeroes the gradients, computes the loss, calls "
                "loss.backward() and returns the loss: optimizer.step(closure)"
            )
        evaluate: Callable[[], Any] = closure
        group = self.param_groups[0]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        def measured() -> float:
            with changed_mode(recording=True):
                return float(evaluate())

        with changed_mode(recording=True):
            first = evaluate()
        loss = float(first)
        evaluations = 1
        state["func_evals"] += 1
        g = self._gradient()
        if np.abs(g).max() <= group["tolerance_grad"]:
            return first
        iterations = 0
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            d = direction(g, state, group["history_size"])
            state["prev_flat_grad"], state["prev_loss"] = g.copy(), loss
            lr = group["lr"]
            t = min(1.0, 1.0 / float(np.abs(g).sum())) * lr if state["n_iter"] == 1 else lr
            state["d"], state["t"] = d, t
            slope = float(g @ d)
            if slope > -group["tolerance_change"]:
                break
            before = self._place()
            spent = 0
            if group["line_search_fn"]:

                def along(t: float, before: Any = before, d: Any = d) -> tuple[float, Any]:
                    self._go(before + d.dtype.type(t) * d)
                    value = measured()
                    gradient = self._gradient()
                    self._go(before)
                    return value, gradient

                loss, g, t, spent = strong_wolfe(along, t, d, loss, g, slope)
                state["t"] = t
                self._go(before + d.dtype.type(t) * d)
            else:
                self._go(before + d.dtype.type(t) * d)
                if iterations != group["max_iter"]:
                    loss = measured()
                    g = self._gradient()
                    spent = 1
            evaluations += spent
            state["func_evals"] += spent
            flat = np.abs(g).max() <= group["tolerance_grad"]
            still = np.abs(d * t).max() <= group["tolerance_change"]
            if iterations == group["max_iter"] or evaluations >= group["max_eval"]:
                break
            if flat or still or abs(loss - state["prev_loss"]) < group["tolerance_change"]:
                break
        return first


def direction(g: Any, state: State, history_size: int) -> Any:
    """−H g by the two-loop recursion, after the history took in the last step."""
    if state["n_iter"] == 1:
        state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
        return -g
    y = g - state["prev_flat_grad"]
    s = state["d"] * g.dtype.type(state["t"])
    ys = float(y @ s)
    if ys > 1e-10:
        for name, value in (("old_dirs", y), ("old_stps", s), ("ro", 1.0 / ys)):
            state[name] = [*state[name], value][-history_size:]
        state["H_diag"] = ys / float(y @ y)
    kind = g.dtype.type
    history = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
    q = -g
    shares = []
    for y, s, ro in reversed(history):
        share = float(s @ q) * ro
        q = q - kind(share) * y
        shares.append(share)
    r = q * kind(state["H_diag"])
    for (y, s, ro), share in zip(history, reversed(shares), strict=True):
        r = r + s * kind(share - float(y @ r) * ro)
    return r


class Point(NamedTuple):
    """A place on the line: how far, the loss, its gradient, and the slope along the line."""

    t: float
    f: float
    g: Any
    slope: float


Along = Callable[[float], tuple[float, Any]]


def strong_wolfe(
    along: Along,
    t: float,
    d: Any,
    f: float,
    g: Any,
    slope: float,
    c1: float = 1e-4,
    c2: float = 0.9,
    tolerance_change: float = 1e-9,
    max_tries: int = 25,
) -> tuple[float, Any, float, int]:
    """A step that lowers the loss enough and flattens its slope enough.

    Returns
    -------
    loss, gradient, t, evaluations
    """
    start = Point(0.0, f, g.copy(), slope)

    def at(t: float) -> Point:
        value, gradient = along(t)
        return Point(t, value, gradient, float(gradient @ d))

    # First a stretch that holds such a step.
    last, here = start, at(t)
    evaluations, tries, done = 1, 0, False
    bracket: list[Point] = []
    while tries < max_tries:
        if here.f > f + c1 * here.t * slope or (tries > 1 and here.f >= last.f):
            bracket = [last, here]
            break
        if abs(here.slope) <= -c2 * slope:
            bracket, done = [here], True
            break
        if here.slope >= 0:
            bracket = [last, here]
            break
        bounds = (here.t + 0.01 * (here.t - last.t), here.t * 10)
        last, here = here, at(cubic_minimum(last, here, bounds))
        evaluations += 1
        tries += 1
    if tries == max_tries:
        bracket = [start, here]
    # Then the stretch is narrowed.
    size = float(np.abs(d).max())
    stuck = False
    low, high = (0, 1) if bracket[0].f <= bracket[-1].f else (1, 0)
    while not done and tries < max_tries:
        left, right = sorted((bracket[0].t, bracket[1].t))
        if (right - left) * size < tolerance_change:
            break
        t = cubic_minimum(bracket[0], bracket[1], (left, right))
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        here = at(t)
        evaluations += 1
        tries += 1
        if here.f > f + c1 * t * slope or here.f >= bracket[low].f:
            bracket[high] = here
            low, high = (0, 1) if bracket[0].f <= bracket[1].f else (1, 0)
        else:
            if abs(here.slope) <= -c2 * slope:
                done = True
            elif here.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = here
    best = bracket[low] if len(bracket) > 1 else bracket[0]
    return best.f, best.g, best.t, evaluations


def cubic_minimum(a: Point, b: Point, bounds: tuple[float, float]) -> float:
    """Where the cubic through two points, with their slopes, is least, within bounds."""
    with np.errstate(all="ignore"):
        d1 = a.slope + b.slope - 3 * float(np.float64(a.f - b.f) / (a.t - b.t))
    square = d1 * d1 - a.slope * b.slope
    low, high = bounds
    if not square >= 0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    if a.t <= b.t:
        t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    else:
        t = a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
    return min(max(t, low), high)
