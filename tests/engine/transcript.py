"""What every primitive does on its samples and on operands that fit badly, written down.

    python -m tests.engine.transcript

prints a line for each case: values, saved values, gradients and second gradients as digests of
their bytes, errors as their type and text. Run with TINYGRAD_EDU_READABLE=1 it is the readable
recorder's transcript, without it the generated one's; `test_twin` holds the two equal.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tests.primitives.checks import Call
from tinygrad_edu.engine.table import operator, primitives
from tinygrad_edu.engine.traced import Traced, raw, wrap
from tinygrad_edu.engine.watching import recording
from tinygrad_edu.primitives import Primitive, Sample

BINDING = r"missing|takes (from )?\d|too many|multiple"
OPERATORS = {
    "add": "__add__",
    "sub": "__sub__",
    "mul": "__mul__",
    "div": "__truediv__",
    "matmul": "__matmul__",
    "lt": "__lt__",
    "bitwise_and": "__and__",
}


def digest(x: Any) -> str:
    """Shape, dtype, strides and bytes of an array, or of each in a tuple; others by their repr."""
    x = raw(x)
    if isinstance(x, tuple | list):
        return f"({' '.join(map(digest, x))})"
    if isinstance(x, np.ndarray):
        short = hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()[:12]
        return f"{x.shape}{x.dtype}{x.strides}:{short}"
    return repr(x)


def outcome(run: Callable[[], Any]) -> str:
    """The digest of what a call returns, with what its node holds; or the error it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = run()
    except Exception as error:  # noqa: BLE001  whatever it is, the other must raise the same
        # arguments are bound by Python in one, by `inspect` in the other, each with its own words
        text = str(error)
        binding = isinstance(error, TypeError) and re.search(BINDING, text)
        return f"{type(error).__name__}: {'arguments' if binding else text}"
    if not isinstance(y, Traced):
        return digest(y)
    words = [digest(y)]
    if y._node is not None:
        inputs = [type(p).__name__ if hasattr(p, "saved") else digest(p) for p in y._node.inputs]
        words += ["saved", digest(y._node.saved), "inputs", *inputs, digest(y._node.params)]
    return " ".join(words)


def derivatives(op: Primitive, sample: Sample, dtype: Any) -> Iterator[str]:
    """Gradients and second gradients, in a line each."""
    call = Call(op, sample, dtype)
    if not call.live:
        return
    v = call.random(call.raw(call.arrays).shape, dtype)
    yield f"gradient {digest(call.gradient(v)[0])}"
    cotangent = wrap(np.array(v)).requires_grad_()
    found, live = call.gradient(cotangent, create_graph=True)
    yield f"recorded {digest(found)}"
    for g in found:
        if g._node is not None:
            w = wrap(np.random.default_rng(1).standard_normal(g.shape).astype(dtype))
            (g * w).sum().backward(retain_graph=True)
    yield f"second {digest([x.grad for x in (*live, cotangent)])}"


def odd_operands(op: Primitive) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Operands of other kinds, dtypes and shapes than an op is mostly given."""
    count = 2 if op.variadic else len(op.inputs)
    x = np.linspace(0.1, 0.9, 6).reshape(2, 3)
    live = wrap(x.copy()).requires_grad_()
    kinds: dict[str, Any] = {
        "float32": wrap(x.astype(np.float32)),
        "integers": wrap(np.arange(1, 7).reshape(2, 3)),
        "truths": wrap(x > 0.5),
        "array": x,
        "float": 0.5,
        "int": 2,
        "zero": -0.0,
        "bool": True,
        "numpy number": np.float64(0.5),
        "numpy integer": np.int32(2),
        "list": [[0.1, 0.2, 0.3]],
        "none": None,
        "text": "x",
        "narrow": wrap(np.ones((2, 2))).requires_grad_(),
        "scalar": wrap(np.array(0.5)).requires_grad_(),
        "empty": wrap(np.ones((0, 3))),
    }
    for name, odd in kinds.items():
        for i in range(count):
            values = [live] * count
            values[i] = odd
            yield f"{name} at {i}", tuple(values)
        if count > 1:
            yield f"{name} throughout", (odd,) * count
    yield "one too many", (live,) * (count + 1 + len(op.params))
    yield "one too few", (live,) * (count - 1)


def lines() -> Iterator[str]:
    """The whole transcript."""
    for op in list(primitives()):
        for i, sample in enumerate(op.samples):
            for dtype in (np.float64, np.float32):
                sampled = Call(op, sample, dtype)
                case = f"{op.name} {i} {np.dtype(dtype)}"
                yield f"{case} value {outcome(partial(sampled.run, sampled.tensors()[0]))}"
                for line in derivatives(op, sample, dtype):
                    yield f"{case} {line}"
        for case, values in odd_operands(op):
            given = (list(values),) if op.variadic else values
            call = partial(op.record, *given, **op.samples[0].params)
            yield f"{op.name} {case} {outcome(call)}"
            if op.differentiable:
                with recording():
                    text = outcome(call)
                yield f"{op.name} {case} watched {text}"
        if op.name in OPERATORS:
            for swap in (False, True):
                form = operator(op, OPERATORS[op.name], swap=swap)
                for case, values in odd_operands(op):
                    yield f"{op.name} {swap} {case} {outcome(partial(form, *values))}"


if __name__ == "__main__":
    for line in lines():
        print(line.replace("\n", " "))
