"""The same input gives the same bytes, in any process."""

from __future__ import annotations

import os
import subprocess
import sys

# Draws graphs of every kind and prints a digest for each format.
SCRIPT = """
import hashlib
import tinygrad_edu as tg
from tinygrad_edu import nn, viz

def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()

def network():
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3), nn.Softmax(dim=1))
    return model(tg.rand(5, 3)).square().mean()

def loop():
    tg.manual_seed(0)
    W, h = (tg.randn(4, 4) * 0.3).requires_grad_(), tg.zeros(1, 4)
    for _ in range(60):
        h = (h @ W + 0.1).tanh()
    return h.sum()

def second_order():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    (g,) = tg.autograd.grad((x.tanh() * x).sum(), x, create_graph=True)
    return g.square().sum()

for make in (network, loop, second_order):
    loss = make()
    loss.backward()
    graph = viz.graph(loss)
    for text in (graph.to_svg(), graph.to_dot(), graph.to_html(),
                 graph.to_json(), graph.to_text(color=False), graph.to_mermaid()):
        print(make.__name__, len(text), digest(text))
    print(digest(viz.backward(make()).to_html()))
"""


def drawn(seed: str) -> str:
    """What the script prints in a process of its own."""
    env = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_hashes_of_strings_and_addresses_do_not_show() -> None:
    expected = drawn("0")
    assert len(expected.splitlines()) == 21
    assert drawn("20221122") == expected
