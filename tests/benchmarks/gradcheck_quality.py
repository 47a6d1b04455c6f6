"""How good is the gradient check? Planted mistakes, false alarms, resolution, time; and peers.

    python -m tests.benchmarks.gradcheck_quality [--seeds 1000000] [--share 0.1] [--write]

Every figure is measured on random graphs from seeds that were never used for tuning. A mutant is a
wrong rule planted in the table of primitives; only mutants that change a gradient of their graph
count. Peers get the same functions and the same wrong gradients, wrapped as one op of theirs, and
are run as they come. `--write` puts the tables into docs/gradcheck.md.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import logging
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tests.checking.random_graphs import RandomGraph, at_kinks, random_graph
from tinygrad_edu.checking import check_module
from tinygrad_edu.engine.primitive import Primitive
from tinygrad_edu.engine.table import find, with_rule
from tinygrad_edu.engine.watching import Tape
from tinygrad_edu.learn.planted import selftest
from tinygrad_edu.learn.planted.mutants import GENERIC, Mutation
from tinygrad_edu.learn.planted.op_mutants import op_mutants
from tinygrad_edu.learn.planted.planting import planted
from tinygrad_edu.learn.planted.selftest import numpy_name, plantable, reachable

Array = np.ndarray
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Mutant:
    """A graph, and one wrong rule that changes one of its gradients."""

    graph: RandomGraph
    op: Primitive
    position: int
    mutation: Mutation


def gradients(fn: Callable[..., Any], arrays: tuple[Array, ...]) -> list[Array]:
    """The engine's gradients, recorded as the checker records (a mutant needs that)."""
    leaves = [tg.tensor(x, requires_grad=True) for x in arrays]
    with Tape():
        y = fn(*leaves)
    y.backward()
    return [
        np.zeros(x.shape) if t.grad is None else t.grad.numpy()
        for t, x in zip(leaves, arrays, strict=True)
    ]


def mutants(start: int) -> Iterator[Mutant]:
    """One mutant for each graph that has a reachable one among twelve tries."""
    seed = start
    while True:
        graph = random_graph(seed)
        rng = np.random.default_rng(seed)
        seed += 1
        with Tape() as tape:
            graph.fn(*[tg.tensor(x, requires_grad=True) for x in graph.inputs])
        nodes = [n for n in tape.nodes if n.requires_grad and plantable(n.primitive)]
        for _ in range(12):
            node = nodes[int(rng.integers(len(nodes)))]
            op, operands = node.primitive, node.notes.operands
            live = [
                k
                for k, p in enumerate(node.inputs)
                if getattr(p, "requires_grad", False) and op.rules[op.inputs[k]] is not None
            ]
            position = int(rng.choice(live))
            choices = (*GENERIC, *op_mutants(numpy_name(op)))
            mutation = choices[int(rng.integers(len(choices)))]
            if not reachable(op, mutation, operands, node.params, position):
                continue
            if changes(graph, op, position, mutation):
                yield Mutant(graph, op, position, mutation)
                break


def changes(graph: RandomGraph, op: Primitive, position: int, mutation: Mutation) -> bool:
    """Does the mistake reach a leaf of this graph?"""
    if mutation.name in ("call counter", "writes into g"):
        return True
    right = gradients(graph.fn, graph.inputs)
    try:
        with planted(op, position, mutation), np.errstate(all="ignore"):
            wrong = gradients(graph.fn, graph.inputs)
    except RuntimeError:
        return True
    except (IndexError, ValueError):
        # It stands in this graph twice, once in a shape that the mutation is not for.
        return False
    return any(
        not np.allclose(a, b, rtol=1e-8, atol=1e-10 * float(np.max(np.abs(a), initial=0)))
        for a, b in zip(right, wrong, strict=True)
    )


class Affine(tg.autograd.Function):
    """factor · x + shift, in no primitive of the table: a planted mistake stays in its graph."""

    @staticmethod
    def forward(ctx: Any, x: Any, factor: float, shift: float) -> Any:
        ctx.factor = factor
        return x * factor + shift

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        # On arrays: the rules of `*` may be wrong just now, but not its values.
        return g * ctx.factor, None, None


def scaled(graph: RandomGraph, factor: float, shift: float = 0.0) -> Callable[..., Any]:
    """The graph's function times a factor, plus a shift."""
    if factor == 1 and not shift:
        return graph.fn

    def fn(x: Any, W: Any, b: Any, c: Any) -> Any:
        return Affine.apply(graph.fn(x, W, b, c), factor, shift)

    return fn


# ------------------------------------------------------------------------------------------ ours


def ours(found: list[Mutant], factor: float) -> dict[str, Any]:
    """What the check says of each mutant."""
    count: Counter[str] = Counter()
    missed, misnamed, miskinded, longest = [], [], [], 0
    started = time.perf_counter()
    for m in found:
        with planted(m.op, m.position, m.mutation):
            report = tg.gradcheck(scaled(m.graph, factor), *m.graph.inputs, seed=m.graph.seed)
        guilty = [n for n in report.nodes if n.status in ("FAIL", "NONDETERMINISTIC")]
        detected = report.verdict in ("FAIL", "NONDETERMINISTIC")
        named = {n.op.split(" in ")[0] for n in guilty} == {m.op.name}
        kind = bool(guilty) and guilty[0].kind in m.mutation.kinds
        count["detected"] += detected
        count["named"] += named
        count["kind"] += kind
        longest = max(longest, len(str(report).splitlines()))
        label = (m.graph.seed, m.op.name, m.mutation.name, guilty[0].kind if guilty else "")
        if not detected:
            missed.append(label)
        elif not named:
            misnamed.append((*label, sorted({n.op for n in guilty})))
        elif not kind:
            miskinded.append(label)
    return {
        "total": len(found),
        **count,
        "missed": missed,
        "misnamed": misnamed,
        "miskinded": miskinded,
        "longest": longest,
        "ms": (time.perf_counter() - started) / len(found) * 1e3,
    }


def false_alarms(start: int, counts: dict[str, int]) -> dict[str, Counter[str]]:
    """Verdicts on right graphs, by what was done to them."""
    makes: dict[str, Callable[[RandomGraph], tuple[Callable[..., Any], tuple[Array, ...]]]] = {
        "plain": lambda g: (g.fn, g.inputs),
        "exact kinks and ties": lambda g: (g.fn, at_kinks(g).inputs),
        "loss x 1e-8 or 1e8": lambda g: (scaled(g, 1e-8 if g.seed % 2 else 1e8), g.inputs),
        "loss + 1e6": lambda g: (scaled(g, 1.0, 1e6), g.inputs),
        "float32": lambda g: (g.fn, tuple(x.astype(np.float32) for x in g.inputs)),
    }
    found: dict[str, Counter[str]] = {}
    seed = start
    for label, make in makes.items():
        found[label] = Counter()
        for _ in range(counts[label]):
            fn, arrays = make(random_graph(seed))
            report = tg.gradcheck(fn, *arrays, seed=seed)
            found[label][report.verdict] += 1
            if not report:
                print(f"  {label}, seed {seed}: {report.verdict}", flush=True)
            seed += 1
    return found


def off_by(error: float) -> Callable[[Any, Any], Any]:
    """The rule of tanh with a relative error."""
    return lambda g, y: g * (1 - y * y) * (1 + error)


def smallest_seen(dtype: Any) -> float:
    """The smallest relative error of tanh, planted in a net, that is still found and named."""
    tanh = find(np.tanh)
    assert tanh is not None
    seen = 1.0
    for error in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10):
        with with_rule(tanh, "x", off_by(error)):
            report = tg.gradcheck(net, *[x.astype(dtype) for x in net_inputs()])
        if report.verdict != "FAIL" or report.first_wrong.op != "tanh":
            break
        seen = error
    return seen


ROWS = np.array([0, 2, 2, 4, 1, 3])


def net(x: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
    """The three-layer net of 75 scalars."""
    h = tg.tanh(x @ W1 + b1)
    h = tg.nn.functional.elu(h @ W2 + b2, alpha=0.5)
    p = tg.softmax(h[ROWS] @ W3 + b3, dim=-1)
    return (p * p).mean()


def net_inputs() -> list[Array]:
    """Its inputs."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(s) for s in [(5, 4), (4, 4), 4, (4, 4), 4, (4, 3), 3]]


def best(call: Callable[[], Any], times: int) -> float:
    """The least of several processor times, in milliseconds: other programs do not lengthen it."""
    fastest = float("inf")
    for _ in range(times):
        started = time.process_time()
        call()
        fastest = min(fastest, time.process_time() - started)
    return fastest * 1e3


def one_wrong_element() -> tuple[bool, float]:
    """One element of 78,400 wrong: is it found with its index, and in how many milliseconds?"""
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((32, 784)), rng.standard_normal((784, 100)) / 28
    matmul = find(np.matmul)
    assert matmul is not None

    def rule(g: Any, a: Any) -> Any:
        right = a.T @ g
        right[123, 45] *= 1.5
        return right

    def check() -> Any:
        return tg.gradcheck(lambda W: tg.tanh(tg.tensor(x) @ W).mean(), W)

    with with_rule(matmul, "b", rule):
        report = check()
        found = report.first_wrong is not None and report.first_wrong.index == (123, 45)
        return found, best(check, 3)


def timings() -> dict[str, float]:
    """Milliseconds: the small net right and wrong, and a perceptron of 79,510 parameters."""
    arrays = net_inputs()
    times = {"right": best(lambda: tg.gradcheck(net, *arrays), 60)}
    tanh = find(np.tanh)
    assert tanh is not None
    with with_rule(tanh, "x", lambda g, y: -g * (1 - y * y)):
        times["wrong"] = best(lambda: tg.gradcheck(net, *arrays), 40)
    tg.manual_seed(0)
    nn = tg.nn
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10)).double()
    x = tg.randn(32, 784, dtype=tg.float64)
    y = tg.tensor(np.arange(32) % 10)
    check = lambda: check_module(model, x, loss=lambda out: nn.functional.cross_entropy(out, y))
    assert check(), check()
    times["perceptron"] = best(check, 8)
    times["selftest"] = best(lambda: selftest(limit=200), 1)
    return times


# ----------------------------------------------------------------------------------------- peers


class Wrapped:
    """A function of arrays and its gradients as the engine gives them, mutant or not."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn

    def value(self, *arrays: Array) -> Array:
        return self.fn(*[tg.tensor(np.array(x)) for x in arrays]).numpy()

    def pull(self, g: float, *arrays: Array) -> list[Array]:
        return [np.asarray(g) * d for d in gradients(self.fn, arrays)]


def torch_peer(fast: bool) -> Callable[[Wrapped, tuple[Array, ...]], bool]:
    """PyTorch's gradcheck."""
    import torch

    def check(f: Wrapped, arrays: tuple[Array, ...]) -> bool:
        class Op(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *xs: Any) -> Any:
                ctx.save_for_backward(*xs)
                return torch.tensor(f.value(*[x.detach().numpy() for x in xs]))

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                xs = [x.detach().numpy() for x in ctx.saved_tensors]
                return tuple(torch.tensor(d) for d in f.pull(float(g), *xs))

        xs = tuple(torch.tensor(x, requires_grad=True) for x in arrays)
        try:
            return bool(torch.autograd.gradcheck(Op.apply, xs, fast_mode=fast))
        except Exception:  # noqa: BLE001 - it raises whatever it met
            return False

    return check


def autograd_peer() -> Callable[[Wrapped, tuple[Array, ...]], bool]:
    """HIPS autograd's check_grads."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def check(f: Wrapped, arrays: tuple[Array, ...]) -> bool:
        op = primitive(lambda *xs: float(f.value(*xs)))
        makers = [
            lambda ans, *xs, k=k: lambda g: f.pull(float(g), *xs)[k] for k in range(len(arrays))
        ]
        defvjp(op, *makers)
        state = np.random.get_state()
        np.random.seed(0)
        try:
            check_grads(op, modes=["rev"], order=1)(*arrays)
        except Exception:  # noqa: BLE001 - it raises whatever it met
            return False
        finally:
            np.random.set_state(state)
        return True

    return check


def jax_peer() -> Callable[[Wrapped, tuple[Array, ...]], bool]:
    """JAX's check_grads, in double precision."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    # It logs a page for each wrong gradient that raises.
    logging.getLogger("jax._src.callback").setLevel(logging.CRITICAL)

    def check(f: Wrapped, arrays: tuple[Array, ...]) -> bool:
        shape = jax.ShapeDtypeStruct((), np.float64)
        shapes = tuple(jax.ShapeDtypeStruct(x.shape, np.float64) for x in arrays)

        def value(*xs: Any) -> Any:
            return jax.pure_callback(
                lambda *ys: np.asarray(f.value(*map(np.asarray, ys))), shape, *xs
            )

        def pull(xs: Any, g: Any) -> Any:
            def run(g: Any, *ys: Any) -> Any:
                return tuple(f.pull(float(g), *map(np.asarray, ys)))

            return jax.pure_callback(run, shapes, g, *xs)

        op = jax.custom_vjp(value)
        op.defvjp(lambda *xs: (value(*xs), xs), pull)
        try:
            check_grads(op, arrays, order=1, modes=["rev"])
        except Exception:  # noqa: BLE001 - it raises whatever it met
            return False
        finally:
            # Each check compiles functions of its own, and JAX would keep them all.
            jax.clear_caches()
        return True

    return check


def peers() -> dict[str, Callable[[Wrapped, tuple[Array, ...]], bool]]:
    """Those that are installed."""
    found = {}
    makers: dict[str, Callable[[], Any]] = {
        "PyTorch slow": lambda: torch_peer(False),
        "PyTorch fast": lambda: torch_peer(True),
        "JAX": jax_peer,
        "HIPS autograd": autograd_peer,
    }
    for name, make in makers.items():
        with contextlib.suppress(ImportError):
            found[name] = make()
    return found


def of_peers(found: list[Mutant], right: list[RandomGraph]) -> dict[str, dict[str, int]]:
    """Mutants that each peer detects, plain and scaled, and right graphs that it rejects."""
    table: dict[str, dict[str, int]] = {}
    for name, check in peers().items():
        row: Counter[str] = Counter()
        for m in found:
            for factor in (1.0, 1e-8, 1e8):
                wrapped = Wrapped(scaled(m.graph, factor))
                quiet = contextlib.redirect_stdout(io.StringIO())
                with planted(m.op, m.position, m.mutation), np.errstate(all="ignore"), quiet:
                    row[f"x{factor:g}"] += not check(wrapped, m.graph.inputs)
        for graph in right:
            row["plain"] += not check(Wrapped(graph.fn), graph.inputs)
            row["kinks"] += not check(Wrapped(graph.fn), at_kinks(graph).inputs)
            row["+1e6"] += not check(Wrapped(scaled(graph, 1.0, 1e6)), graph.inputs)
            row["1e8"] += not check(Wrapped(scaled(graph, 1e8)), graph.inputs)
        row["mutants"], row["graphs"] = len(found), len(right)
        table[name] = dict(row)
        print(name, table[name], flush=True)
    return table


# ---------------------------------------------------------------------------------------- tables


def percent(part: int, whole: int) -> str:
    """`449 of 450 (99.8 %)`."""
    return f"{part} of {whole} ({100 * part / whole:.1f} %)"


def measure(start: int, share: float) -> str:
    """Everything, as Markdown."""
    lines: list[str] = []
    source = mutants(start)
    found = [next(source) for _ in range(int(460 * share))]
    results = {factor: ours(found, factor) for factor in (1.0, 1e-8, 1e8)}
    for factor, r in results.items():
        print(factor, r, flush=True)
    counts = {
        "plain": 2000,
        "exact kinks and ties": 1000,
        "loss x 1e-8 or 1e8": 1000,
        "loss + 1e6": 500,
        "float32": 500,
    }
    times = timings()
    element, element_ms = one_wrong_element()
    seen, seen32 = smallest_seen(np.float64), smallest_seen(np.float32)
    print(times, element, element_ms, seen, seen32, flush=True)
    alarms = false_alarms(start + 2 * 10**6, {k: int(n * share) for k, n in counts.items()})
    print(alarms, flush=True)
    few = int(40 * share)
    theirs = of_peers(found[:few], [random_graph(start + 10**6 + k) for k in range(few)])
    total = sum(sum(c.values()) for c in alarms.values())
    wrong = sum(c["FAIL"] + c["NONDETERMINISTIC"] + c["INVALID"] for c in alarms.values())
    unsure = sum(c["INCONCLUSIVE"] for c in alarms.values())

    plain = results[1.0]
    lines += ["| what | goal | measured |", "| --- | --- | --- |"]

    def row(what: str, goal: str, value: str) -> None:
        lines.append(f"| {what} | {goal} | {value} |")

    n = plain["total"]
    row("mutants detected", "99.5 %", percent(plain["detected"], n))
    row("… loss × 1e-8", "99.5 %", percent(results[1e-8]["detected"], n))
    row("… loss × 1e8", "99.5 %", percent(results[1e8]["detected"], n))
    row("exactly the mutated op named", "99 %", percent(plain["named"], n))
    row("… loss × 1e-8", "99 %", percent(results[1e-8]["named"], n))
    row("… loss × 1e8", "99 %", percent(results[1e8]["named"], n))
    row("kind right", "95 %", percent(plain["kind"], n))
    row("… loss × 1e-8", "95 %", percent(results[1e-8]["kind"], n))
    row("… loss × 1e8", "95 %", percent(results[1e8]["kind"], n))
    row("false alarms on right graphs", "0 of 5000", f"{wrong} of {total}")
    for label, c in alarms.items():
        bad = c["FAIL"] + c["NONDETERMINISTIC"] + c["INVALID"]
        row(f"… {label}", "0", f"{bad} of {sum(c.values())}; {c['INCONCLUSIVE']} inconclusive")
    row("INCONCLUSIVE on right graphs", "0.5 %", percent(unsure, total))
    row("smallest relative error seen, float64", "1e-6", f"{seen:.0e}")
    row("… in a float32 net", "1e-6", f"{seen32:.0e}")
    lines += time_rows(times, f"{element_ms:.0f} ms" if element else "not found").values()
    row("longest report", "25 lines", f"{max(r['longest'] for r in results.values())} lines")

    lines += [
        "",
        f"The peers, on the first {few} of the same mutants and on {few} right graphs:",
        "",
        "| | this check | " + " | ".join(theirs) + " |",
        "| --- | --- |" + " --- |" * len(theirs),
    ]
    own = {
        f"x{f:g}": sum(1 for m in r["missed"] if m[0] in {x.graph.seed for x in found[:few]})
        for f, r in results.items()
    }
    labels = {
        "x1": "mutants detected",
        "x1e-08": "… loss × 1e-8",
        "x1e+08": "… loss × 1e8",
        "plain": "right graphs rejected",
        "kinks": "… at exact kinks and ties",
        "+1e6": "… loss + 1e6",
        "1e8": "… loss × 1e8",
    }
    for key, label in labels.items():
        mine = str(few - own[key]) if key in own else str(_ours_rejects(key, start, few))
        lines.append(
            f"| {label} | {mine} | "
            + " | ".join(str(t.get(key, 0)) for t in theirs.values())
            + " |"
        )
    seeds = {x.graph.seed for x in found[:few]}
    named = few - sum(m[0] in seeds for m in plain["misnamed"] + plain["missed"])
    lines.append(f"| wrong op named | {named} | " + " | ".join("0" for _ in theirs) + " |")
    lines += [
        "",
        f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, one "
        f"BLAS thread, seeds from {start}; times are processor time, "
        f"the least of several runs.",
    ]
    return "\n".join(lines)


def _ours_rejects(key: str, start: int, few: int) -> int:
    makes: dict[str, Callable[[RandomGraph], tuple[Callable[..., Any], tuple[Array, ...]]]] = {
        "plain": lambda g: (g.fn, g.inputs),
        "kinks": lambda g: (g.fn, at_kinks(g).inputs),
        "+1e6": lambda g: (scaled(g, 1.0, 1e6), g.inputs),
        "1e8": lambda g: (scaled(g, 1e8), g.inputs),
    }
    rejected = 0
    for k in range(few):
        fn, arrays = makes[key](random_graph(start + 10**6 + k))
        rejected += not tg.gradcheck(fn, *arrays)
    return rejected


def time_rows(times: dict[str, float], element: str) -> dict[str, str]:
    """The rows of the table that hold times: their first cells, and the whole rows."""
    rows = [
        ("one wrong element of 78,400 found and indexed", "300 ms", element),
        ("75-scalar net, right", "10 ms", f"{times['right']:.1f} ms"),
        ("75-scalar net, wrong, with its diagnosis", "25 ms", f"{times['wrong']:.1f} ms"),
        ("784-100-10, 79,510 parameters", "150 ms", f"{times['perceptron']:.0f} ms"),
        ("the self-test of the suite, 200 planted", "30 s", f"{times['selftest'] / 1e3:.1f} s"),
    ]
    return {what: f"| {what} | {goal} | {value} |" for what, goal, value in rows}


def rewrite_times(page: Path) -> None:
    """Measure the times alone and put them in their rows."""
    times = timings()
    found, ms = one_wrong_element()
    fresh = time_rows(times, f"{ms:.0f} ms" if found else "not found")
    lines = page.read_text(encoding="utf-8").split("\n")
    names = [line[2:].split(" | ")[0] for line in lines]
    for before, name in itertools.pairwise(fresh):
        if name not in names:  # a row that the page did not have yet
            at = names.index(before) + 1
            names.insert(at, name)
            lines.insert(at, fresh[name])
    lines = [fresh.get(name, line) for name, line in zip(names, lines, strict=True)]
    page.write_text("\n".join(lines), encoding="utf-8")
    print(*fresh.values(), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    parser.add_argument("--write", action="store_true", help="into docs/gradcheck.md")
    parser.add_argument("--times", action="store_true", help="write the times alone anew")
    options = parser.parse_args()
    page = Path(__file__).parents[2] / "docs" / "gradcheck.md"
    if options.times:
        rewrite_times(page)
        return
    text = measure(options.seeds, options.share)
    print(text)
    if options.write:
        head, rest = page.read_text(encoding="utf-8").split(BEGIN)
        tail = rest.split(END)[1]
        page.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
