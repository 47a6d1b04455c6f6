"""The steps that are timed compute the same thing."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from tests.benchmarks.hand_derived import SYSTEMS
from tests.benchmarks.peers import STEPS

MODULES = {"PyTorch": "torch", "JAX jit": "jax", "autograd": "autograd", "MyGrad": "mygrad"}
PEERS = [name for name in STEPS if name != "hand-derived"]
NAMES = ["xor", "patterns", "letters", "mnist"]

# In a process of its own: what JAX leaves behind (threads, hooks at fork) is not for other tests.
PROGRAM = """
import sys
import numpy as np
from tests.benchmarks.hand_derived import SYSTEMS
from tests.benchmarks.peers import STEPS
for name in sys.argv[2:]:
    system = SYSTEMS[name]
    step = STEPS[sys.argv[1]](system, *system.random_batch(0, np.float64))
    for _ in range(5):
        loss = step()
        print(repr(float(loss.item() if hasattr(loss, "item") else loss)))
"""


@pytest.mark.parametrize("peer", PEERS)
def test_losses_agree(peer: str) -> None:
    if peer in MODULES and importlib.util.find_spec(MODULES[peer]) is None:
        pytest.skip(f"{MODULES[peer]} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, peer, *NAMES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    by_hand = []
    for name in NAMES:
        system = SYSTEMS[name]
        step = STEPS["hand-derived"](system, *system.random_batch(0, np.float64))
        by_hand += [float(step()) for _ in range(5)]
    np.testing.assert_allclose([float(x) for x in done.stdout.split()], by_hand, rtol=1e-9)
