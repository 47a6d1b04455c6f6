"""View models made by hand: what the drawing side is tested on, with no engine in sight.

`Sketch` computes values and gradients of a few ops in plain NumPy and writes down cards, edges,
boxes and steps, as the engine's reader does for a recorded graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import numpy as np

from tinygrad_edu.viz.formatting import shape_text
from tinygrad_edu.viz.model import (
    NOT_ASKED,
    NOT_RUN,
    Box,
    BoxKind,
    Card,
    Contribution,
    Edge,
    Role,
    Step,
    Summary,
    View,
)
from tinygrad_edu.viz.reading.summarise import elements_text, summarise

Rule = Callable[..., np.ndarray]
RULES: dict[str, tuple[Callable[..., np.ndarray], list[tuple[str, Rule]]]] = {
    "add": (np.add, [("ga = g", lambda g, y, a, b: g), ("gb = g", lambda g, y, a, b: g)]),
    "sub": (
        np.subtract,
        [("ga = g", lambda g, y, a, b: g), ("gb = -g", lambda g, y, a, b: -g)],
    ),
    "mul": (
        np.multiply,
        [("ga = g * b", lambda g, y, a, b: g * b), ("gb = g * a", lambda g, y, a, b: g * a)],
    ),
    "div": (
        np.divide,
        [
            ("ga = g / b", lambda g, y, a, b: g / b),
            ("gb = -g * y / b", lambda g, y, a, b: -g * y / b),
        ],
    ),
    "matmul": (
        np.matmul,
        [
            ("ga = g @ b.T", lambda g, y, a, b: g @ np.swapaxes(b, -1, -2)),
            ("gb = a.T @ g", lambda g, y, a, b: np.swapaxes(a, -1, -2) @ g),
        ],
    ),
    "tanh": (np.tanh, [("gx = g * (1 - y * y)", lambda g, y, x: g * (1 - y * y))]),
    "exp": (np.exp, [("gx = g * y", lambda g, y, x: g * y)]),
    "log": (np.log, [("gx = g / x", lambda g, y, x: g / x)]),
    "relu": (lambda x: np.maximum(x, 0), [("gx = g * (x > 0)", lambda g, y, x: g * (x > 0))]),
    "sum": (np.sum, [("gx = broadcast(g)", lambda g, y, x: np.broadcast_to(g, x.shape))]),
    "rowsum": (
        lambda x: x.sum(-1, keepdims=True),
        [("gx = broadcast(g)", lambda g, y, x: np.broadcast_to(g, x.shape))],
    ),
    "rowmax": (
        lambda x: x.max(-1, keepdims=True),
        [("gx = g * (x == y)", lambda g, y, x: g * (x == y))],
    ),
    "transpose": (
        lambda x: np.swapaxes(x, -1, -2),
        [("gx = g.T", lambda g, y, x: np.swapaxes(g, -1, -2))],
    ),
}
SHOWN_AS = {"rowsum": "sum", "rowmax": "max"}
ARGUMENTS = {1: ("x",), 2: ("a", "b")}


class Sketch:
    """A drawing pad: leaves, ops, scopes, then `backward` and `view`."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.cards: list[Card] = []
        self.edges: list[Edge] = []
        self.boxes: list[Box] = []
        self.steps: list[Step] = []
        self.values: list[np.ndarray] = []
        self.raw_op: list[str] = []
        self.parents: list[tuple[int, ...]] = []
        self.box = -1

    @contextmanager
    def scope(
        self, name: str, kind: BoxKind = "module", label: str = "", closed_form: str = ""
    ) -> Iterator[None]:
        outer = self.box
        path = self.boxes[outer].path + "." + name if outer >= 0 else name
        new = Box(len(self.boxes), name, kind, outer, label or name, path, 0, closed_form)
        self.boxes.append(new)
        self.box = new.id
        yield
        held = {new.id}
        for b in self.boxes:
            if b.parent in held:
                held.add(b.id)
        count = sum(
            int(np.prod(c.shape)) for c in self.cards if c.role == "parameter" and c.box in held
        )
        self.boxes[new.id] = replace(new, parameters=count)
        self.box = outer

    def leaf(self, name: str, value: object, role: Role = "parameter") -> int:
        array = np.asarray(value, dtype=np.float64)
        self.values.append(array)
        self.raw_op.append("")
        self.parents.append(())
        asked = role == "parameter"
        self.cards.append(
            Card(
                id=len(self.cards),
                op=role,
                role=role,
                name=name,
                shape=array.shape,
                dtype="float64",
                value=summarise(array),
                grad=Summary(reason=NOT_RUN if asked else NOT_ASKED),
                needs_grad=asked,
                box=self.box,
            )
        )
        return len(self.cards) - 1

    def op(self, name: str, *parents: int) -> int:
        forward, rules = RULES[name]
        with np.errstate(all="ignore"):
            array = np.asarray(forward(*(self.values[p] for p in parents)))
        new = len(self.cards)
        self.values.append(array)
        self.raw_op.append(name)
        self.parents.append(parents)
        needs = any(self.cards[p].needs_grad for p in parents)
        shown = SHOWN_AS.get(name, name)
        self.cards.append(
            Card(
                id=new,
                op=shown,
                shape=array.shape,
                dtype="float64",
                value=summarise(array),
                grad=Summary(reason=NOT_RUN if needs else NOT_ASKED),
                needs_grad=needs,
                forward_step=sum(bool(r) for r in self.raw_op) - 1,
                box=self.box,
                kwargs="axis=-1" if name.startswith("row") else "",
                rule=tuple(text for text, _ in rules),
                source="model.py:12",
            )
        )
        for position, p in enumerate(parents):
            shape = self.values[p].shape
            stretched = name in ("add", "sub", "mul", "div") and shape != array.shape
            self.edges.append(
                Edge(
                    source=p,
                    target=new,
                    argument=ARGUMENTS[len(parents)][position],
                    position=position,
                    shape=shape,
                    note=f"{shape_text(shape)}->{shape_text(array.shape)}" if stretched else "",
                    carries_grad=self.cards[p].needs_grad,
                )
            )
        self.steps.append(
            Step(
                "forward",
                self.cards[new].forward_step or 0,
                new,
                shape=array.shape,
                rule=(f"y = {shown}({', '.join(ARGUMENTS[len(parents)])})",),
                result=self._small(array),
            )
        )
        return new

    @staticmethod
    def _small(array: np.ndarray) -> str:
        return elements_text(array) if array.size <= 6 else summarise(array).text

    def backward(self, root: int) -> None:
        grads: dict[int, np.ndarray] = {root: np.ones_like(self.values[root])}
        self.cards[root] = replace(self.cards[root], role="output")
        index = 0
        for at in range(root, -1, -1):
            if at not in grads or not self.cards[at].needs_grad:
                continue
            g = grads[at]
            self.cards[at] = replace(self.cards[at], grad=summarise(g))
            if not self.raw_op[at]:
                continue
            inputs = [self.values[p] for p in self.parents[at]]
            parts = []
            for position, (p, (_, rule)) in enumerate(
                zip(self.parents[at], RULES[self.raw_op[at]][1])
            ):
                if not self.cards[p].needs_grad:
                    continue
                with np.errstate(all="ignore"):
                    part = np.asarray(rule(g, self.values[at], *inputs))
                undo = ""
                if part.shape != self.values[p].shape:
                    extra = part.ndim - self.values[p].ndim
                    axes = tuple(range(extra)) + tuple(
                        extra + i for i, s in enumerate(self.values[p].shape) if s == 1
                    )
                    part = part.sum(axis=axes).reshape(self.values[p].shape)
                    undo = f"sum over axis {', '.join(map(str, axes))} undoes the broadcast"
                old = grads.get(p)
                grads[p] = part if old is None else old + part
                parts.append(
                    Contribution(
                        p,
                        ARGUMENTS[len(inputs)][position],
                        self._small(part),
                        "stored" if old is None else "added",
                        "" if old is None else self._small(old),
                        "" if old is None else self._small(grads[p]),
                        undo,
                    )
                )
            rules = self.cards[at].rule
            self.cards[at] = replace(self.cards[at], backward_step=index)
            self.steps.append(
                Step(
                    "backward",
                    index,
                    at,
                    cotangent=self._small(g),
                    shape=g.shape,
                    rule=rules,
                    numbers=tuple(f"{r.split(' = ')[0]} = ..." for r in rules)
                    if g.size <= 6
                    else (),
                    contributions=tuple(parts),
                    check="finite differences agree to 2.1e-09",
                )
            )
            index += 1

    def view(self) -> View:
        return View(
            self.title, tuple(self.cards), tuple(self.edges), tuple(self.boxes), tuple(self.steps)
        )

    def linear(self, name: str, x: int, weight: np.ndarray, bias: np.ndarray) -> int:
        with self.scope(name, label="Linear"):
            prefix = self.boxes[self.box].path
            w = self.leaf(f"{prefix}.weight", weight)
            t = self.op("transpose", w)
            product = self.op("matmul", x, t)
            b = self.leaf(f"{prefix}.bias", bias)
            return self.op("add", product, b)

    def softmax(self, x: int) -> int:
        with self.scope("softmax", "composed", closed_form="gx = y * (g - sum(g * y))"):
            top = self.op("rowmax", x)
            e = self.op("exp", self.op("sub", x, top))
            return self.op("div", e, self.op("rowsum", e))

    def mean_square(self, prediction: int, wanted: int) -> int:
        with self.scope("mse_loss", "composed", closed_form="gx = 2 * (x - t) * g / n"):
            d = self.op("sub", prediction, wanted)
            square = self.op("mul", d, d)
            with self.scope("mean", "composed"):
                total = self.op("sum", square)
                n = self.leaf("4", float(self.values[d].size), "constant")
                return self.op("div", total, n)


@cache
def xor() -> View:
    """The 2-2-1 net of the XOR lesson, with its backward pass."""
    rng = np.random.default_rng(1)
    pad = Sketch("XOR, 2-2-1")
    x = pad.leaf("X", [[0, 0], [0, 1], [1, 0], [1, 1]], "input")
    hidden = pad.op("tanh", pad.linear("fc1", x, rng.normal(size=(2, 2)), np.zeros(2)))
    out = pad.linear("fc2", hidden, rng.normal(size=(1, 2)), np.zeros(1))
    y = pad.leaf("Y", [[0], [1], [1], [0]], "input")
    pad.backward(pad.mean_square(out, y))
    return pad.view()


def softmax_box() -> View:
    """Softmax and its five primitives."""
    pad = Sketch("softmax")
    x = pad.leaf("logits", [[2.0, 1.0, 0.1]])
    y = pad.softmax(x)
    weights = pad.leaf("target", [[1.0, 0.0, 0.0]], "input")
    pad.backward(pad.op("sum", pad.op("mul", pad.op("log", y), weights)))
    return pad.view()


def square() -> View:
    """`x * x`: two edges, two contributions."""
    pad = Sketch("x * x")
    x = pad.leaf("x", 3.0)
    pad.backward(pad.op("mul", x, x))
    return pad.view()


def nan_case() -> View:
    """log of a negative number, whose NaN infects the rest."""
    pad = Sketch("a NaN is born")
    x = pad.leaf("x", [[1.0, -2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    w = pad.leaf("w", [[0.1, 0.2, 0.3]] * 3)
    logs = pad.op("log", x)
    pad.backward(pad.op("sum", pad.op("tanh", pad.op("mul", logs, w))))
    return pad.view()


@cache
def transformer(blocks: int = 12, width: int = 8, length: int = 4) -> View:
    """A skeleton of a transformer: attention and a feed-forward net per block."""
    rng = np.random.default_rng(0)
    pad = Sketch(f"transformer, {blocks} blocks")
    x = pad.leaf("tokens", rng.normal(size=(length, width)), "input")

    def weights(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        return rng.normal(size=(rows, columns)) * 0.2, np.zeros(rows)

    with pad.scope("blocks", label="ModuleList"):
        for at in range(blocks):
            with pad.scope(str(at), label="Block"):
                with pad.scope("attention", label="Attention"):
                    q = pad.linear("query", x, *weights(width, width))
                    k = pad.linear("key", x, *weights(width, width))
                    v = pad.linear("value", x, *weights(width, width))
                    scores = pad.op("matmul", q, pad.op("transpose", k))
                    mixed = pad.op("matmul", pad.softmax(scores), v)
                    attended = pad.linear("out", mixed, *weights(width, width))
                x = pad.op("add", x, attended)
                with pad.scope("mlp", label="MLP"):
                    up = pad.op("relu", pad.linear("up", x, *weights(2 * width, width)))
                    down = pad.linear("down", up, *weights(width, 2 * width))
                x = pad.op("add", x, down)
    logits = pad.linear("head", x, *weights(5, width))
    pad.backward(pad.op("sum", pad.op("mul", logits, logits)))
    return pad.view()


@cache
def rnn(steps: int = 200) -> View:
    """An RNN unrolled by hand: no scopes, three leaves shared by every step."""
    rng = np.random.default_rng(0)
    pad = Sketch(f"RNN, T = {steps}")
    w = pad.leaf("W", rng.normal(size=(3, 3)) * 0.5)
    u = pad.leaf("U", rng.normal(size=(3, 3)) * 0.5)
    b = pad.leaf("b", np.zeros(3))
    h = pad.leaf("h0", np.zeros((2, 3)), "input")
    for t in range(steps):
        x = pad.leaf(f"x{t}", rng.normal(size=(2, 3)), "input")
        total = pad.op("add", pad.op("matmul", h, w), pad.op("matmul", x, u))
        h = pad.op("tanh", pad.op("add", total, b))
    pad.backward(pad.op("sum", h))
    return pad.view()


HOSTILE = [
    '"); alert(1); //',
    "</script><script>alert(1)</script>",
    "<b>bold</b> & 'quotes' \"double\"",
    "two\nlines\tand\x00nul",
    "\U0001f600 \u4e2d\u6587 \u202eright to left",
    "x" * 10_000,
    "\\N \\G \\l {record|port} -->",
    "\ud800 lone surrogate",
    "",
]


def hostile() -> View:
    """Every kind of name that breaks a writer which trusts it."""
    pad = Sketch("</title><script>alert('title')</script>")
    last = pad.leaf(HOSTILE[0], np.nan, "input")
    for name in HOSTILE[1:]:
        with pad.scope(name or "empty", label=name):
            leaf = pad.leaf(name, [np.inf, -np.inf, 1.0])
            last = pad.op("add", last, leaf)
    empty = pad.leaf("zero-size", np.zeros((0, 3)), "input")
    pad.backward(pad.op("add", pad.op("sum", last), pad.op("sum", empty)))
    return pad.view()


@cache
def chain(length: int) -> View:
    """A long chain of ops without scopes, as records alone."""
    known = Summary(text="1", size=1, rms=1.0, largest=1.0)
    cards = [Card(0, "input", "input", "x", value=known)]
    edges = []
    for at in range(1, length):
        cards.append(Card(at, ("mul", "tanh", "add")[at % 7 % 3], value=known, grad=known))
        edges.append(Edge(at - 1, at, "x"))
    return View("a long chain", tuple(cards), tuple(edges))
