"""Random functions of Tensors from a seed: what the checker is measured on.

A graph mixes elementwise functions, products, reductions and shapes over a few leaves; every value
stays of moderate size, so that a planted mistake is never hidden by saturation alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F

ROWS, COLS = 6, 5


@dataclass(frozen=True)
class RandomGraph:
    """A scalar function and the arrays to call it on."""

    seed: int
    fn: Callable[..., Any]
    inputs: tuple[np.ndarray, ...]


def bounded(h: Any) -> Any:
    """Into (0.3, 1.7): the domain of logarithms and roots."""
    return tg.sigmoid(h) * 1.4 + 0.3


UNARY: dict[str, Callable[[Any], Any]] = {
    "tanh": tg.tanh,
    "sigmoid": tg.sigmoid,
    "relu": tg.relu,
    "elu": lambda h: F.elu(h, alpha=0.5),
    "gelu": F.gelu,
    "softplus": F.softplus,
    "leaky_relu": lambda h: F.leaky_relu(h, 0.1),
    "exp": lambda h: tg.exp(tg.tanh(h)),
    "expm1": lambda h: tg.expm1(tg.tanh(h)),
    "log": lambda h: tg.log(bounded(h)),
    "log1p": lambda h: tg.log1p(bounded(h)),
    "sqrt": lambda h: tg.sqrt(bounded(h)),
    "sin": tg.sin,
    "cos": tg.cos,
    "arctan": tg.arctan,
    "square": lambda h: tg.square(tg.tanh(h)),
    "abs": tg.abs,
    "reciprocal": lambda h: tg.reciprocal(bounded(h)),
    "clamp": lambda h: tg.clamp(h, -0.8, 0.9),
    "softmax": lambda h: tg.softmax(h, dim=-1),
    "log_softmax": lambda h: tg.log_softmax(h, dim=0),
    "cumsum": lambda h: tg.cumsum(h, dim=1) * 0.4,
    "norm": lambda h: F.layer_norm(h, (h.shape[-1],)),
    "amax": lambda h: h - h.amax(dim=1, keepdim=True),
    "mean": lambda h: h - h.mean(dim=0, keepdim=True),
    "var": lambda h: h / (h.var(dim=1, keepdim=True) + 0.5),
    "prod": lambda h: h * bounded(h).prod(dim=1, keepdim=True).tanh(),
    "logsumexp": lambda h: h - tg.logsumexp(h, dim=1, keepdim=True),
    "flip": lambda h: tg.flip(h, (0,)),
    "gather": lambda h: h[np.array([0, 2, 2, 4, 1, 3])],
    "concatenate": lambda h: tg.cat([h[2:], h[:2]], dim=0),
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / bounded(b),
    "maximum": tg.maximum,
    "minimum": tg.minimum,
    "hypot": lambda a, b: tg.hypot(a, bounded(b)),
    "logaddexp": tg.logaddexp,
    "pow": lambda a, b: bounded(a) ** tg.tanh(b),
    "where": lambda a, b: tg.where(a > b, a, (a + b) * 0.5),
}


def random_graph(seed: int, depth: int = 6) -> RandomGraph:
    """A function of four leaves: x (6, 5), W (5, 5), b (5), c (6, 5)."""
    rng = np.random.default_rng(seed)
    inputs = (
        rng.standard_normal((ROWS, COLS)),
        rng.standard_normal((COLS, COLS)) / 2,
        rng.standard_normal(COLS),
        rng.standard_normal((ROWS, COLS)),
    )
    steps = []
    for _ in range(depth):
        pick = rng.random()
        if pick < 0.6:
            steps.append(("unary", str(rng.choice(list(UNARY)))))
        elif pick < 0.85:
            steps.append(("binary", str(rng.choice(list(BINARY)))))
        else:
            steps.append(("linear", ""))
    weights = rng.standard_normal((ROWS, COLS))
    end = str(rng.choice(["mean", "weighted", "square", "cross_entropy"]))
    labels = rng.integers(0, COLS, ROWS)

    def fn(x: Any, W: Any, b: Any, c: Any) -> Any:
        h = x @ W + b
        for kind, name in steps:
            if kind == "unary":
                h = UNARY[name](h)
            elif kind == "binary":
                h = BINARY[name](h, c)
            else:
                h = h @ W.T + b
        if end == "mean":
            return (h * tg.tensor(weights, dtype=h.dtype)).mean()
        if end == "weighted":
            return (h * tg.tensor(weights, dtype=h.dtype)).sum()
        if end == "square":
            return tg.square(h - c).mean()
        return F.cross_entropy(h, tg.tensor(labels))

    fn.__name__ = f"graph_{seed}"
    return RandomGraph(seed, fn, inputs)


def at_kinks(graph: RandomGraph) -> RandomGraph:
    """The same function where many of its kinks and ties are exact."""
    rng = np.random.default_rng(graph.seed + 1)
    x, W, b, c = graph.inputs
    x = np.round(x * 2) / 2
    W = np.round(W * 2) / 2
    b = np.zeros_like(b)
    c = np.where(rng.random(c.shape) < 0.5, x @ W, np.round(c))
    x[0] = x[1]
    return RandomGraph(graph.seed, graph.fn, (x, W, b, c))
