"""The graph view against its limits: `python -m tests.benchmarks.viz_limits [--write] [PART ...]`.

Parts are `graphs`, `pages` and `scopes`; all by default. `--write` puts the table into
docs/graph-view.md. The limits are for two cores; nothing here is a test of the suite.

Times are the best of a few runs: as a clock on the wall shows them, and as processor time, that of
the renderer included. Nothing here waits or runs in parallel, so on an idle machine they are alike;
on a busy one only processor time says what drawing takes, and that is held against the limit. What
scopes cost is the median over pairs of processes that take turns, one with scopes and one without.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import tinygrad_edu as tg
from tests.benchmarks.hand_derived import SYSTEMS
from tests.benchmarks.peers import modules, uses_classes
from tests.viz.browser import Browser, find_browser
from tinygrad_edu import nn, viz
from tinygrad_edu.viz.writers.render import find_renderers

DOCS = Path(__file__).resolve().parents[2] / "docs" / "graph-view.md"
START, END = "<!-- limits -->", "<!-- end limits -->"
FIVE = ("xor", "patterns", "letters", "digits", "mnist")
SMALL = ("xor", "patterns", "letters")


def chain(ops: int) -> Any:
    """A loss over a chain of about `ops` calls, a third of them on a weight."""
    w = tg.full((4, 4), 0.5, requires_grad=True)
    x = tg.full((4, 4), 0.1)
    for _ in range(ops // 3):
        x = (x @ w + 0.1).tanh()
    return x.sum()


def layers(ops: int) -> Any:
    """The same size as modules in blocks, two boxes to three ops: what a model looks like."""
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


@dataclass(frozen=True)
class Row:
    """One figure beside its limit; `processor` where it is a time."""

    what: str
    limit: float
    measured: float
    unit: str
    processor: float | None = None

    def cells(self) -> str:
        """The row in Markdown."""
        digits = {"s": 2, "MB": 2, "%": 1}[self.unit]
        processor = "" if self.processor is None else f"{self.processor:.{digits}f} {self.unit}"
        measured = f"{self.measured:.{digits}f} {self.unit}"
        found = self.measured if self.processor is None else self.processor
        bold = "**" if found > self.limit else ""
        return (
            f"| {self.what} | {self.limit:g} {self.unit} | {bold}{measured}{bold} | {processor} |"
        )


def processor_time() -> float:
    """Seconds of processor time of this process and of those that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


def timed(run: Callable[[], Any], times: int = 9) -> tuple[float, float]:
    """Seconds of the fastest run: on the wall, and of processor time."""
    wall = work = float("inf")
    for _ in range(times):
        start, used = time.perf_counter(), processor_time()
        run()
        wall = min(wall, time.perf_counter() - start)
        work = min(work, processor_time() - used)
    return wall, work


def time_row(what: str, limit: float, run: Callable[[], Any], times: int = 9) -> Row:
    """A row for the time that something takes."""
    wall, work = timed(run, times)
    return Row(what, limit, wall, "s", work)


def graphs() -> Iterator[Row]:
    """Drawing times, by the size and kind of the graph."""
    viz.graph(chain(30)).to_svg()  # imports
    engines = find_renderers()
    for make in (chain, layers):
        loss = make(1000)
        loss.backward()
        for engine in engines:
            draw = lambda e=engine, x=loss: viz.graph(x, renderer=e.path).to_svg()
            words = f"1,000 ops to SVG, {make.__name__}, {engine.name}"
            yield time_row(words, 0.5, draw, 15)
    for ops, limit, times in ((10_000, 1, 9), (100_000, 10, 2)):
        for make in (chain, layers):
            loss = make(ops)
            draw = lambda x=loss: viz.graph(x).to_svg()
            yield time_row(f"{ops:,} ops folded to SVG, {make.__name__}", limit, draw, times)
            loss.backward()
            yield time_row("the same after backward, with gradients", limit, draw, times)
    loss = rnn(200)
    yield time_row("RNN of 200 steps to SVG", 0.5, lambda: viz.graph(loss).to_svg())
    loss.backward()
    yield time_row("the same after backward, with gradients", 0.5, lambda: viz.graph(loss).to_svg())


def step_of(name: str) -> tuple[Any, Any]:
    """Model and loss of one step of a system, on a batch of the size that it trains on."""
    system = SYSTEMS[name]
    x, y = system.random_batch(0, np.float32)
    model = modules(nn, system)
    loss = nn.CrossEntropyLoss() if uses_classes(system) else nn.MSELoss()
    return model, loss(model(tg.from_numpy(x)), tg.from_numpy(y))


def pages() -> Iterator[Row]:
    """Sizes of the five systems' pages and reports, and how soon a browser has drawn them."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for name in FIVE:
            model, loss = step_of(name)
            loss.backward()
            found.append((f"page of a step of {name}", Path(folder, f"{name}.html")))
            viz.graph(loss, model=model).save(found[-1][1])
        for name in FIVE:
            command = [sys.executable, "-m", "tinygrad_edu", "run", name, "--quick"]
            out = Path(folder, f"{name}-report")
            subprocess.run([*command, "--out", str(out)], capture_output=True, check=False)
            found.append((f"report of {name}", out / "report.html"))
        for words, path in found:
            yield Row(words, 1.2, path.stat().st_size / 1e6, "MB")
        if find_browser() is None:
            return
        with Browser() as tab:
            for words, path in found[: len(FIVE)]:
                yield Row(
                    f"{words}: drawn and answering",
                    1,
                    min(opening(tab, path) for _ in range(5)),
                    "s",
                )


def opening(tab: Browser, path: Path) -> float:
    """Seconds from asking for a page until it is drawn and has answered a key."""
    tab.call("Page.navigate", url="about:blank")
    start = time.perf_counter()
    tab.open(path)
    tab.key("/")
    tab.wait_for("document.activeElement && document.activeElement !== document.body")
    return time.perf_counter() - start


STEPS = """
import sys, time
import numpy as np
import tinygrad_edu
from tests.benchmarks.hand_derived import SYSTEMS
from tests.benchmarks.peers import STEPS
system = SYSTEMS[sys.argv[1]]
step = STEPS["tinygrad_edu"](system, *system.random_batch(0, np.float32))
for line in sys.stdin:
    start = time.process_time()
    for _ in range(int(line)):
        step()
    print(time.process_time() - start, flush=True)
"""


class Stepper:
    """A process that trains when it is told to."""

    def __init__(self, name: str, scopes: str, seed: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", STEPS, name],
            env={**os.environ, "TINYGRAD_EDU_SCOPES": scopes, "PYTHONHASHSEED": str(seed)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, steps: int) -> float:
        """Seconds of processor time that so many steps take."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def scopes_cost(name: str, pairs: int = 9, rounds: int = 80, seconds: float = 0.02) -> float:
    """How much longer a training step takes for having scopes, in percent.

    The median over rounds of the ratio of two processes that take turns, who goes first included;
    over many pairs of processes, because where the parts of a process lie in memory matters as
    much as what is measured.
    """
    ratios = []
    for pair in range(pairs):
        bare, scoped = Stepper(name, "0", pair), Stepper(name, "1", pair)
        for stepper in (bare, scoped):
            stepper.run(300)
        steps = max(1, int(100 * seconds / bare.run(100)))
        found = []
        for number in range(rounds):
            order = (bare, scoped) if number % 2 else (scoped, bare)
            taken = {stepper: stepper.run(steps) for stepper in order}
            found.append(taken[scoped] / taken[bare])
        ratios.append(statistics.median(found))
        for stepper in (bare, scoped):
            stepper.close()
    return 100 * (statistics.median(ratios) - 1)


def scopes() -> Iterator[Row]:
    """What scopes cost a training step when nobody draws."""
    for name in SMALL:
        yield Row(f"scopes, of a training step of {name}", 3, scopes_cost(name), "%")


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "graphs": graphs,
    "pages": pages,
    "scopes": scopes,
}


def main() -> None:
    """Measure and print; with --write, also write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--write", action="store_true", help="write docs/graph-view.md")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part is called {', '.join(sorted(unknown))}; write {', '.join(PARTS)}")
    if options.write and options.parts:
        parser.error("the table is written whole: leave out the parts, or leave out --write")
    lines = ["| | limit | measured | processor time |", "| --- | ---: | ---: | ---: |"]
    print("\n".join(lines))
    for part in options.parts or PARTS:
        for row in PARTS[part]():
            lines.append(row.cells())
            print(lines[-1], flush=True)
    if options.write:
        write(lines)


def write(table: list[str]) -> None:
    """Put the table between its marks in docs/graph-view.md."""
    words = (
        "Measured by `python -m tests.benchmarks.viz_limits --write` on a machine with two cores, "
        f"one thread, Python {sys.version.split()[0]}; layouts by "
        f"{find_renderers()[0].name} unless a line says otherwise. *chain* is a loop without "
        "modules, *layers* a model of nested modules with two boxes to every three ops. Scopes are "
        "measured against the same build with scopes compiled out (`TINYGRAD_EDU_SCOPES=0`). Bold "
        "is over the limit."
    )
    section = f"{START}\n{words}\n\n" + "\n".join(table) + f"\n{END}"
    text = (
        DOCS.read_text(encoding="utf-8") if DOCS.exists() else "# The graph view\n\n## Limits\n\n"
    )
    if START in text and END in text:
        before, rest = text.split(START, 1)
        text = before + section + rest.split(END, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    DOCS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
