"""The graph view against its limits: `python -m tests.benchmarks.viz_limits`.

Times are those of one process on the machine at hand, the best of three where they are short. The
limits are for two cores; nothing here is a test of the suite.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import tinygrad_edu as tg
from tinygrad_edu import nn, viz


def chain(ops: int) -> Any:
    """A loss over a chain of about `ops` calls, a third of them on a weight."""
    w = tg.full((4, 4), 0.5, requires_grad=True)
    x = tg.full((4, 4), 0.1)
    for _ in range(ops // 3):
        x = (x @ w + 0.1).tanh()
    return x.sum()


def layers(ops: int) -> Any:
    """The same size as modules in blocks: what a model looks like."""
    block = lambda: nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh())
    model = nn.Sequential(*[block() for _ in range(ops // 6)])
    return model(tg.ones(2, 8)).sum()


def rnn(steps: int) -> Any:
    """A recurrent net by hand, its three weights shared by all steps."""
    tg.manual_seed(0)
    wx, wh = (tg.randn(8, 8).mul(0.3).requires_grad_() for _ in range(2))
    b = tg.zeros(8, requires_grad=True)
    h = tg.zeros(1, 8)
    for x in tg.randn(steps, 1, 8):
        h = (x @ wx + h @ wh + b).tanh()
    return h.sum()


def timed(run: Callable[[], Any], times: int = 3) -> float:
    """Seconds of the fastest run."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def line(what: str, seconds: float, limit: float, unit: str = "s") -> None:
    """One figure beside its limit."""
    verdict = "ok" if seconds <= limit else "OVER"
    print(f"{what:<52} {seconds:8.3f} {unit:<3} limit {limit:g}  {verdict}", flush=True)


SCOPES = """
import sys, time
import tinygrad_edu as tg
from tinygrad_edu import nn, optim
tg.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
opt = optim.SGD(model.parameters(), lr=0.1)
x, y = tg.rand(4, 2), tg.rand(4, 1)
def step():
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
for _ in range(500):
    step()
best = float("inf")
for _ in range(40):
    start = time.perf_counter()
    for _ in range(100):
        step()
    best = min(best, time.perf_counter() - start)
print(best / 100)
"""


def scopes_cost(rounds: int = 7) -> float:
    """How much longer a training step of the 2-2-1 net takes for having scopes, in percent."""
    best = {"0": float("inf"), "1": float("inf")}
    for _ in range(rounds):
        for setting in best:
            env = {**os.environ, "TINYGRAD_EDU_SCOPES": setting}
            done = subprocess.run(
                [sys.executable, "-c", SCOPES], env=env, capture_output=True, text=True, check=True
            )
            best[setting] = min(best[setting], float(done.stdout))
    return 100 * (best["1"] / best["0"] - 1)


def sizes(make: Callable[[int], Any]) -> None:
    """The figures of one kind of graph at three sizes."""
    name = make.__name__
    small, large, huge = make(1000), make(10_000), make(100_000)
    small.backward()
    line(f"1,000 ops to SVG ({name})", timed(lambda: viz.graph(small).to_svg()), 0.5)
    line("  graph() and DOT", timed(lambda: viz.graph(small).to_dot()), 0.5)
    line(f"10,000 ops folded ({name})", timed(lambda: viz.graph(large).to_svg()), 1)
    line("  its page", len(viz.graph(large).to_html()) / 1e6, 5, "MB")
    line(f"100,000 ops folded ({name})", timed(lambda: viz.graph(huge).to_svg(), 1), 10)


def main() -> None:
    """Print every figure."""
    timed(lambda: viz.graph(chain(30)).to_svg(), 1)  # imports
    for make in (chain, layers):
        sizes(make)
    loss = rnn(200)
    line("RNN of 200 steps, all steps open", timed(lambda: rnn_svg(loss)), 0.5)
    line("RNN of 200 steps", timed(lambda: viz.graph(loss).to_svg()), 0.5)
    line("scopes, per training step of the 2-2-1 net", scopes_cost(), 3, "%")


def rnn_svg(loss: Any) -> str:
    """The RNN with nothing folded: a thousand cards whose weights have copies."""
    return viz.graph(loss, detail="ops").to_svg()


if __name__ == "__main__":
    main()
