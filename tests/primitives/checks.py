"""What every declaration must satisfy, as functions that raise AssertionError where it does not.

They run on a primitive and one of its samples. Cotangents are random and read-only: ones would hide
a rule that forgets its `g`, and a rule that writes into `g` would spoil its neighbours'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu import Tensor
from tinygrad_edu.engine.backward import gradients
from tinygrad_edu.engine.traced import wrap
from tinygrad_edu.primitives import Primitive, Sample

STEP = 1e-5


class Call:
    """A primitive on one sample: its inputs, those to differentiate by, random directions."""

    def __init__(self, op: Primitive, sample: Sample, dtype: Any = np.float64, seed: int = 0):
        self.op, self.sample = op, sample
        self.rng = np.random.default_rng(seed)
        self.arrays = sample.arrays(self.rng, dtype)
        names = op.inputs * len(self.arrays) if op.variadic else op.inputs
        self.live = [
            i
            for i, (a, n) in enumerate(zip(self.arrays, names, strict=True))
            if i not in sample.fixed
            and op.rules[n] is not None
            and isinstance(a, np.ndarray)
            and a.dtype.kind == "f"
        ]
        self.u = [self.random(self.arrays[i].shape, dtype) for i in self.live]

    def random(self, shape: tuple[int, ...], dtype: Any = np.float64) -> Any:
        """Random numbers that cannot be written to."""
        out = np.asarray(self.rng.standard_normal(shape), dtype)
        out.flags.writeable = False
        return out

    def raw(self, arrays: Any) -> Any:
        """The forward function on arrays."""
        given = (list(arrays),) if self.op.variadic else arrays
        return np.asarray(self.op.forward(*given, **self.sample.params))

    def run(self, inputs: Any) -> Tensor:
        """The recorded call."""
        given = (list(inputs),) if self.op.variadic else inputs
        return self.op.record(*given, **self.sample.params)

    def tensors(self, t: float = 0.0) -> tuple[list[Any], list[Tensor]]:
        """All inputs, moved by `t` along the directions, and the live ones among them."""
        inputs: list[Any] = [wrap(np.array(a)) for a in self.arrays]
        for i, u in zip(self.live, self.u, strict=True):
            inputs[i] = wrap(np.array(self.arrays[i] + t * u)).requires_grad_()
        return inputs, [inputs[i] for i in self.live]

    def gradient(self, v: Any, t: float = 0.0, create_graph: bool = False) -> Any:
        """Gradients of <v, y> by the live inputs, and those inputs."""
        inputs, live = self.tensors(t)
        y = self.run(inputs)
        cotangent = v if isinstance(v, Tensor) else wrap(v)
        found = gradients(
            y, live, cotangent, create_graph=create_graph, allow_unused=True, materialize_grads=True
        )
        return found, live

    def along(self, gs: Any) -> float:
        """The sum of <g, u> over the live inputs."""
        return float(sum((g._data * u).sum() for g, u in zip(gs, self.u, strict=True)))


def central(f: Callable[[float], float]) -> float:
    """The derivative of `f` at 0 by central differences."""
    return (f(STEP) - f(-STEP)) / (2 * STEP)


def close(found: float, expected: float, tolerance: float, what: str) -> None:
    assert abs(found - expected) <= tolerance * max(1.0, abs(expected)), (
        f"{what}: the rules give {found!r}, differences give {expected!r}"
    )


# What is asked of every primitive -----------------------------------------------------------------


def check_value(op: Primitive, sample: Sample) -> None:
    """Recorded, unrecorded and raw values are the same bits, and the inputs stay as they were."""
    call = Call(op, sample)
    before = [np.array(a) for a in call.arrays]
    expected = call.raw(call.arrays)
    recorded = call.run(call.tensors()[0])
    plain = call.run([wrap(np.array(a)) for a in call.arrays])
    for y in (recorded, plain):
        assert isinstance(y._data, np.ndarray)
        assert y._data.dtype == expected.dtype
        np.testing.assert_array_equal(y._data, expected)
    for a, b in zip(call.arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)
    if recorded._node is not None:
        assert recorded._node.shape == expected.shape
        assert recorded._node.dtype == expected.dtype


def check_numpy(key: Any, op: Primitive, sample: Sample) -> None:
    """NumPy's function on Tensors records, and gives what it gives on arrays."""
    call = Call(op, sample)
    given = (list(call.arrays),) if op.variadic else call.arrays
    expected = key(*given, **sample.params)
    inputs, _ = call.tensors()
    y = key(*((inputs,) if op.variadic else inputs), **sample.params)
    assert isinstance(y, Tensor)
    np.testing.assert_array_equal(y._data, expected)
    if op.differentiable and call.live:
        assert y.requires_grad


def check_first_order(op: Primitive, sample: Sample) -> None:
    """<g, u> equals the central difference of <v, f(x + t u)>, at kinks too (ties are shared)."""
    call = Call(op, sample)
    v = call.random(call.raw(call.arrays).shape)
    found, live = call.gradient(v)
    for g, x in zip(found, live, strict=True):
        assert g.shape == x.shape

    def value(t: float) -> float:
        return float((call.run(call.tensors(t)[0])._data * v).sum())

    close(call.along(found), central(value), 2e-7, f"{op.name} {dict(sample.params)}")


def check_each_input(op: Primitive, sample: Sample) -> None:
    """Gradients by one input at a time equal those by all at once: no rule leans on another's."""
    call = Call(op, sample)
    v = call.random(call.raw(call.arrays).shape)
    together, _ = call.gradient(v)
    for k, i in enumerate(call.live):
        inputs: list[Any] = [wrap(np.array(a)) for a in call.arrays]
        inputs[i].requires_grad_()
        (alone,) = gradients(call.run(inputs), [inputs[i]], wrap(v))
        np.testing.assert_array_equal(alone._data, together[k]._data)


def check_raw_is_recorded(op: Primitive, sample: Sample) -> None:
    """The rules on arrays and the rules on Tensors give the same bits."""
    call = Call(op, sample)
    v = call.random(call.raw(call.arrays).shape)
    raw, _ = call.gradient(v)
    recorded, _ = call.gradient(v, create_graph=True)
    for a, b in zip(raw, recorded, strict=True):
        np.testing.assert_array_equal(a._data, b._data)


def check_second_order(op: Primitive, sample: Sample) -> None:
    """The derivative of <g, u> by x, against differences of g; and by v, in which g is linear."""
    call = Call(op, sample)
    v = call.random(call.raw(call.arrays).shape)
    w = call.random(v.shape)
    cotangent = wrap(np.array(v)).requires_grad_()
    found, live = call.gradient(cotangent, create_graph=True)
    total: Any = None
    for g, u in zip(found, call.u, strict=True):
        if g.requires_grad:
            term = (g * wrap(u)).sum()
            total = term if total is None else total + term
    by_x, by_v = 0.0, 0.0
    if total is not None:
        *gx, gv = gradients(total, [*live, cotangent], allow_unused=True, materialize_grads=True)
        by_x, by_v = call.along(gx), float((gv._data * w).sum())
    what = f"{op.name} {dict(sample.params)}"
    # g is linear in v, so its derivative along w is g at w.
    close(by_v, call.along(call.gradient(w)[0]), 1e-9, f"{what}, by the cotangent")
    if not sample.kink:
        expected = central(lambda t: call.along(call.gradient(v, t)[0]))
        close(by_x, expected, 1e-6, f"{what}, second order")


def check_float32(op: Primitive, sample: Sample) -> None:
    """float32 in, float32 out: of the value, and of every rule before the engine casts it."""
    if "dtype" in op.params:
        return
    call = Call(op, sample, np.float32)
    inputs, _ = call.tensors()
    y = call.run(inputs)
    assert y._data.dtype == np.float32, f"{op.name}: the value is {y._data.dtype}"
    node = y._node
    if node is None:
        return
    v = call.random(y.shape, np.float32)
    with np.errstate(all="ignore"):
        for c in op.pull(node.inputs, node.saved, v):
            if c is not None:
                assert c.dtype == np.float32, f"{op.name}: a rule answers in {c.dtype}"


def check_complex_step(op: Primitive, sample: Sample) -> None:
    """Where forward is analytic, Im f(x + ihu) / h is the derivative to the last digits."""
    call = Call(op, sample)
    v = call.random(call.raw(call.arrays).shape)
    found, _ = call.gradient(v)
    h = 1e-30
    moved = [np.array(a) for a in call.arrays]
    for i, u in zip(call.live, call.u, strict=True):
        moved[i] = call.arrays[i] + 1j * h * u
    expected = float((call.raw(moved).imag / h * v).sum())
    close(call.along(found), expected, 1e-11, f"{op.name} {dict(sample.params)}, complex step")


def check_all(op: Primitive, sample: Sample) -> None:
    """Everything, for one sample."""
    check_value(op, sample)
    if not op.differentiable:
        return
    check_first_order(op, sample)
    check_each_input(op, sample)
    check_raw_is_recorded(op, sample)
    check_second_order(op, sample)
    check_float32(op, sample)
    if op.complex_ok:
        check_complex_step(op, sample)
