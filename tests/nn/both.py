"""One piece of code run in PyTorch and here, and what came out compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.nn.functional
from tinygrad_edu.engine.backward import gradients

torch = pytest.importorskip("torch")


def arrays(value: Any) -> list[Any]:
    """The arrays in a result, in order."""
    if isinstance(value, tg.Tensor):
        return [value._data]
    if isinstance(value, torch.Tensor):
        return [value.detach().numpy()]
    if isinstance(value, tuple | list):
        return [a for v in value for a in arrays(v)]
    return []


def floats(value: Any) -> list[Any]:
    """The differentiable tensors in a result, in order."""
    if isinstance(value, tg.Tensor | torch.Tensor):
        return [value] if value.requires_grad else []
    if isinstance(value, tuple | list):
        return [x for v in value for x in floats(v)]
    return []


def close(ours: Any, theirs: Any, tolerance: float, what: str) -> None:
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape, f"{what}: {ours.shape} here, {theirs.shape} in PyTorch"
    assert ours.dtype == theirs.dtype, f"{what}: {ours.dtype} here, {theirs.dtype} in PyTorch"
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, err_msg=what)


def same_results(ours: Any, theirs: Any, tolerance: float, what: str) -> None:
    """Values agree entry by entry, in shape and dtype."""
    a, b = arrays(ours), arrays(theirs)
    assert len(a) == len(b), f"{what}: {len(a)} results here, {len(b)} in PyTorch"
    for x, y in zip(a, b, strict=True):
        close(x, y, tolerance, what)


def same_gradients(
    ours: Any, theirs: Any, by_ours: list[Any], by_theirs: list[Any], tolerance: float, what: str
) -> None:
    """Gradients under random cotangents agree."""
    a, b = floats(ours), floats(theirs)
    assert len(a) == len(b), f"{what}: {len(a)} differentiable results here, {len(b)} in PyTorch"
    if not a:
        return
    rng = np.random.default_rng(7)
    seeds = [rng.standard_normal(x._data.shape).astype(x._data.dtype) for x in a]
    total_ours = sum(
        ((x * tg.tensor(v)).sum() for x, v in zip(a, seeds, strict=True)), tg.zeros(())
    )
    total_theirs = sum((x * torch.tensor(v)).sum() for x, v in zip(b, seeds, strict=True))
    found = gradients(total_ours, by_ours, allow_unused=True)
    expected = torch.autograd.grad(total_theirs, by_theirs, allow_unused=True)
    for i, (x, y) in enumerate(zip(found, expected, strict=True)):
        assert (x is None) == (y is None), f"{what}: gradient {i} is None in one of the two"
        if x is not None:
            close(x._data, y.numpy(), tolerance, f"{what}: gradient {i}")


def function(name: str, inputs: list[Any], tolerance: float = 1e-9, **options: Any) -> None:
    """`functional.NAME` on arrays of float64: values and gradients."""
    mine = [
        tg.tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x
        for x in inputs
    ]
    other = [
        torch.tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x
        for x in inputs
    ]
    plain = {k: tg.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    their = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    ours = getattr(tg.nn.functional, name)(*mine, **plain)
    theirs = getattr(torch.nn.functional, name)(*other, **their)
    what = f"{name}({options})"
    same_results(ours, theirs, tolerance, what)
    live = [i for i, x in enumerate(inputs) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    same_gradients(ours, theirs, [mine[i] for i in live], [other[i] for i in live], tolerance, what)


def same_state(ours: Any, theirs: Any) -> None:
    """Parameters and buffers agree in name, order and every bit."""
    a, b = ours.state_dict(), theirs.state_dict()
    assert list(a) == list(b)
    for key in b:
        np.testing.assert_array_equal(a[key]._data, b[key].numpy(), err_msg=key)
        assert a[key]._data.dtype == b[key].numpy().dtype


def module(
    build: Any, inputs: list[Any], tolerance: float = 2e-5, training: bool = True
) -> tuple[Any, Any]:
    """A module built by `build(torch-like package)`: its bits, its words, values and gradients."""
    made = []
    for package in (tg, torch):
        package.manual_seed(11)
        made.append(build(package).train(training))
    ours, theirs = made
    same_state(ours, theirs)
    assert repr(ours) == repr(theirs)
    mine = [tg.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    other = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    tg.manual_seed(12)
    torch.manual_seed(12)
    a, b = ours(*mine), theirs(*other)
    what = repr(theirs).split("(")[0]
    same_results(a, b, tolerance, what)
    live = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
    same_gradients(
        a,
        b,
        [mine[i] for i in live] + list(ours.parameters()),
        [other[i] for i in live] + list(theirs.parameters()),
        tolerance * 10,
        what,
    )
    for key, value in theirs.state_dict().items():
        close(ours.state_dict()[key]._data, value.numpy(), tolerance, f"{what}: {key} afterwards")
    return ours, theirs
