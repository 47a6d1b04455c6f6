"""Measure, and write docs/performance.md: `python -m tests.benchmarks [--write] [--quick]`.

Times are medians over runs in which the peers take turns, in one process, on one thread; what is
compared are ratios, because the machine's speed drifts. Memory, import time and the sizes of graphs
are measured in fresh processes.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import numpy as np

from tests.benchmarks.hand_derived import SYSTEMS
from tests.benchmarks.peers import STEPS

ORDER = ("xor", "patterns", "letters", "digits", "mnist", "mnist-small")
REQUIRED = {
    "xor": (0.45, 3.8),
    "patterns": (0.45, 3.8),
    "letters": (0.45, 3.8),
    "digits": (0.9, 1.35),
    "mnist": (0.9, 1.35),
    "mnist-small": (0.9, 1.35),
}
DOCS = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def timed(steps: dict[str, Callable[[], Any]], rounds: int, budget: float) -> dict[str, float]:
    """Median seconds a step takes, the peers taking turns of about `budget` seconds."""
    runs: dict[str, int] = {}
    for name, step in steps.items():
        for _ in range(5):
            step()
        start = time.perf_counter()
        step()
        runs[name] = max(1, int(budget / (time.perf_counter() - start)))
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            n = runs[name]
            start = time.perf_counter()
            for _ in range(n):
                step()
            times[name].append((time.perf_counter() - start) / n)
    return {name: float(np.median(t)) for name, t in times.items()}


def step_table(rounds: int, budget: float) -> list[str]:
    """One row for each system and dtype: the step here, and its ratio to each peer's."""
    lines = [
        "| system | batch | dtype | step here | / PyTorch | required | / hand-derived | required "
        "| / JAX jit | / autograd | / MyGrad |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in ORDER:
        system = SYSTEMS[name]
        for dtype in (np.float32, np.float64):
            x, y = system.random_batch(0, dtype)
            steps = {}
            for peer, build in STEPS.items():
                try:
                    steps[peer] = build(system, x, y)
                except ImportError:
                    continue
            found = timed(steps, rounds, budget)
            ours = found["tinygrad_edu"]

            def ratio(peer: str, found: dict[str, float] = found, ours: float = ours) -> str:
                return f"{ours / found[peer]:.2f}" if peer in found else "–"

            torch_limit, hand_limit = REQUIRED[name]
            lines.append(
                f"| {name} | {system.batch} | {np.dtype(dtype)} | {ours * 1e6:,.0f} µs "
                f"| **{ratio('PyTorch')}** | ≤ {torch_limit} "
                f"| **{ratio('hand-derived')}** | ≤ {hand_limit} "
                f"| {ratio('JAX jit')} | {ratio('autograd')} | {ratio('MyGrad')} |"
            )
            print(lines[-1], flush=True)
    return lines


def child(code: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    """What a fresh process prints."""
    full = {**os.environ, **(env or {})}
    full.pop("PYTHONDONTWRITEBYTECODE", None)  # what is imported is compiled once, not each time
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env=full,
        check=True,
    )
    return done.stdout.strip()


MEMORY = """
import sys
import numpy as np
from tests.benchmarks.hand_derived import SYSTEMS
from tests.benchmarks.peers import STEPS
system = SYSTEMS[sys.argv[2]]
def status(key):
    for line in open("/proc/self/status"):
        if line.startswith(key):
            return int(line.split()[1])
x, y = system.random_batch(0, np.float32)
step = STEPS[sys.argv[1]](system, x, y)
before = status("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
for _ in range(3):
    step()
print(status("VmHWM") - before)
"""


def memory_table(times: int) -> list[str]:
    """Growth of the resident set while a fresh process takes its first three steps."""
    lines = ["| system | here | PyTorch | here / PyTorch |", "| --- | ---: | ---: | ---: |"]
    for name in ("mnist", "mnist-small", "digits"):
        grown = {
            peer: float(np.median([int(child(MEMORY, peer, name)) for _ in range(times)]))
            for peer in ("tinygrad_edu", "PyTorch")
        }
        ours, theirs = grown["tinygrad_edu"], grown["PyTorch"]
        lines.append(
            f"| {name} | {ours / 1024:.1f} MB | {theirs / 1024:.1f} MB | {ours / theirs:.2f} |"
        )
        print(lines[-1], flush=True)
    return lines


IMPORT = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
IMPORTS = {
    "import numpy": "import numpy",
    "import tinygrad_edu": "import tinygrad_edu",
    "with its first tensor": "import tinygrad_edu; tinygrad_edu.tensor(1.0)",
    "with a first layer": "import tinygrad_edu; tinygrad_edu.nn.Linear(2, 2)",
}


def import_lines(times: int) -> list[str]:
    """Seconds to import, in fresh processes that take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(times):
        for name, code in IMPORTS.items():
            seconds[name].append(float(child(IMPORT.format(code))))
    base = float(np.median(seconds["import numpy"]))
    lines = ["| | time | / `import numpy` |", "| --- | ---: | ---: |"]
    for name, found in seconds.items():
        median = float(np.median(found))
        lines.append(f"| {name} | {median * 1e3:.0f} ms | {median / base:.2f} |")
        print(lines[-1], flush=True)
    return lines


def model_table() -> list[str]:
    """A step of a LeNet, a small GPT and an LSTM, in a process without the other peers."""
    command = [sys.executable, "-m", "tests.benchmarks.models"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    print(done.stdout, flush=True)
    return done.stdout.splitlines()


SIZES = """
import sys, time
import numpy as np
import tinygrad_edu as tg
n = int(sys.argv[1])
x = tg.tensor(np.zeros(1, np.float32), requires_grad=True)
def peak():
    return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM"))
(x + 1).sum().backward()
before = peak()
t0 = time.perf_counter()
y = x
for _ in range(n):
    y = y + 1
t1 = time.perf_counter()
y.sum().backward()
t2 = time.perf_counter()
del y
t3 = time.perf_counter()
print(t1 - t0, t2 - t1, t3 - t2, peak() - before)
"""


def size_table() -> list[str]:
    """A chain of additions: seconds to build, to go backward, to free; memory."""
    lines = [
        "| nodes | forward | backward | free | memory a node |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for n in (10**2, 10**3, 10**4, 10**5, 10**6):
        build, back, free, kilobytes = map(float, child(SIZES, str(n)).split())
        each = f"{kilobytes * 1024 / n:,.0f} B" if n >= 10**4 else "–"
        row = [f"{n:,}", *(f"{t * 1e3:,.1f} ms" for t in (build, back, free)), each]
        lines.append(f"| {' | '.join(row)} |")
        print(lines[-1], flush=True)
    return lines


def page(rounds: int, budget: float, times: int) -> str:
    """The whole of docs/performance.md but for the parts that other benchmarks fill in."""
    from importlib.metadata import version

    versions = []
    for package in ("numpy", "torch", "jax", "autograd", "mygrad"):
        try:
            versions.append(f"{package} {version(package)}")
        except ImportError:
            continue
    parts = [
        "# Performance",
        f"Made by `python -m tests.benchmarks --write` (Python {platform.python_version()}, "
        f"{', '.join(versions)}; one thread; the peers come with `pip install -e '.[compare]'`). "
        "Ratios of medians over runs in which the peers take turns in one process: below 1, this "
        "package is faster. Absolute times are this machine's, shared and noisy.",
        "## One training step",
        "Modules, loss, backward and plain gradient descent, as each framework's users write them. "
        "*Hand-derived* is NumPy with the gradients worked out on paper "
        "(`tests/benchmarks/hand_derived.py`).",
        "\n".join(step_table(rounds, budget)),
        "## Larger models",
        "One text for both libraries, float32, from the same seed (`tests/benchmarks/models.py`).",
        "\n".join(model_table()),
        "## Memory",
        "Growth of the resident set of a fresh process during its first three steps, float32 "
        "(required for MNIST: at most 1.2 times PyTorch's).",
        "\n".join(memory_table(times)),
        "## Import",
        "In fresh processes. NumPy itself is loaded with the first name that is used (required: at "
        "most 1.5 times as long as NumPy alone).",
        "\n".join(import_lines(2 * times + 1)),
        "## Size of the graph",
        "A chain of additions of one number.",
        "\n".join(size_table()),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Measure; print, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that it runs")
    options = parser.parse_args()
    text = page(5, 0.01, 1) if options.quick else page(41, 0.03, 5)
    if options.write:
        marker = "<!-- more -->"
        rest = ""
        if DOCS.exists() and marker in DOCS.read_text(encoding="utf-8"):
            rest = "\n" + marker + DOCS.read_text(encoding="utf-8").partition(marker)[2]
        DOCS.write_text(text + rest, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
