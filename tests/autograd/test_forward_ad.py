"""Dual numbers: tangents beside values, as PyTorch finds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import forward_ad

X, V = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, -0.5])


def moved(t: Any, function: Any) -> Any:
    fwd = t.autograd.forward_ad
    with fwd.dual_level():
        x = fwd.make_dual(t.tensor(X), t.tensor(V))
        return fwd.unpack_dual(function(x))


FUNCTIONS: dict[str, Any] = {
    "sine": lambda x: x.sin(),
    "sum of products": lambda x: (x * x.exp()).sum(),
    "linear": lambda x: 3 * x + 1,
    "square": lambda x: x**2,
    "softmax": lambda x: x.softmax(0),
    "itself": lambda x: x,
}


# The first use of dual numbers loads torch.jit, which is deprecated.
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.torch
@pytest.mark.parametrize("name", FUNCTIONS)
def test_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = (moved(t, FUNCTIONS[name]) for t in (tg, torch))
    np.testing.assert_allclose(ours.primal, theirs.primal, rtol=1e-12)
    np.testing.assert_allclose(ours.tangent, theirs.tangent, rtol=1e-12)


def test_the_tangent_of_a_square() -> None:
    primal, tangent = moved(tg, lambda x: x**2)
    np.testing.assert_allclose(primal, X**2)
    np.testing.assert_allclose(tangent, 2 * X * V)


def test_two_inputs_move_at_once() -> None:
    with forward_ad.dual_level():
        a = forward_ad.make_dual(tg.tensor(X), tg.tensor(V))
        b = forward_ad.make_dual(tg.tensor(V), tg.ones(3, dtype=tg.float64))
        _, tangent = forward_ad.unpack_dual(a * b)
    np.testing.assert_allclose(tangent, V * V + X)


def test_what_does_not_move_has_no_tangent() -> None:
    with forward_ad.dual_level():
        forward_ad.make_dual(tg.ones(2), tg.ones(2))
        assert forward_ad.unpack_dual(tg.ones(2)).tangent is None
    assert forward_ad.unpack_dual(tg.ones(2)).tangent is None


def test_what_is_refused() -> None:
    with pytest.raises(RuntimeError, match="no level exists"):
        forward_ad.make_dual(tg.ones(2), tg.ones(2))
    with forward_ad.dual_level():
        with pytest.raises(RuntimeError, match="shape and dtype"):
            forward_ad.make_dual(tg.ones(2), tg.ones(3))
        with pytest.raises(RuntimeError, match="Nested"):
            forward_ad.enter_dual_level()
    with pytest.raises(RuntimeError, match="no dual level"):
        forward_ad.exit_dual_level()
