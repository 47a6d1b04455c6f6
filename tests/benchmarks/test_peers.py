"""The steps that are timed compute the same thing."""

import numpy as np
import pytest

from tests.benchmarks.hand_derived import SYSTEMS
from tests.benchmarks.peers import STEPS

MODULES = {"PyTorch": "torch", "JAX jit": "jax", "autograd": "autograd", "MyGrad": "mygrad"}
NAMES = ["xor", "patterns", "letters", "mnist"]


@pytest.mark.parametrize("peer", [name for name in STEPS if name != "hand-derived"])
@pytest.mark.parametrize("name", NAMES)
def test_losses_agree(peer: str, name: str) -> None:
    if peer in MODULES:
        pytest.importorskip(MODULES[peer])
    system = SYSTEMS[name]
    x, y = system.random_batch(0, np.float64)
    ours, by_hand = STEPS[peer](system, x, y), STEPS["hand-derived"](system, x, y)
    for _ in range(5):
        np.testing.assert_allclose(float(np.asarray(detached(ours()))), by_hand(), rtol=1e-9)


def detached(loss: object) -> object:
    return loss.item() if hasattr(loss, "item") else loss
