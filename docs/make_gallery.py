"""Makes `docs/gallery.md` and its pictures: `python docs/make_gallery.py`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim, viz

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Picture:
    """One picture: how it is made, and what there is to see."""

    name: str
    title: str
    words: str
    make: Callable[[], Any]
    code: str
    suffix: str = ".svg"


def xor_net() -> tuple[Any, Any, Any]:
    """The 2-2-1 net, and the truth table of XOR."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 2)
            self.fc2 = nn.Linear(2, 1)

        def forward(self, x: Any) -> Any:
            return self.fc2(tg.tanh(self.fc1(x)))

    tg.manual_seed(0)
    inputs = tg.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    return Net(), inputs, tg.tensor([[0.0], [1], [1], [0]])


def xor() -> Any:
    """XOR after backward."""
    model, X, Y = xor_net()
    loss = nn.functional.mse_loss(model(X), Y)
    loss.backward()
    return viz.graph(loss)


def xor_after_step() -> Any:
    """XOR after the optimiser's step: what is not known any more says so."""
    model, X, Y = xor_net()
    loss = nn.functional.mse_loss(model(X), Y)
    loss.backward()
    optim.SGD(model.parameters(), lr=0.1).step()
    return viz.graph(loss, max_nodes=9)


def xor_step() -> Any:
    """One step of backward, where a bias was broadcast."""
    model, X, Y = xor_net()
    loss = nn.functional.mse_loss(model(X), Y)
    return viz.backward(loss, check=True).graph(step=4)


def neuron() -> Any:
    """Backward through one neuron, step by step."""
    x = tg.tensor([1.0, 2.0])
    w = tg.tensor([0.5, -0.2], requires_grad=True)
    b = tg.tensor(0.1, requires_grad=True)
    loss = ((w * x).sum() + b).tanh().square()
    return viz.backward(loss, names={"x": x, "w": w, "b": b, "loss": loss})


def difference() -> Any:
    """A student's softmax beside the solution."""
    x = tg.tensor([[2.0, 1.0, 0.1]], requires_grad=True)

    def solution() -> Any:
        e = (x - x.amax(dim=-1, keepdim=True)).exp()
        return e / e.sum(dim=-1, keepdim=True)

    def student() -> Any:
        e = x.exp()
        return e / e.sum(dim=0, keepdim=True)

    named = {"x": x}
    return viz.diff(
        viz.graph(solution(), names=named, title="softmax", grads=False),
        viz.graph(student(), names=named, title="softmax", grads=False),
    )


def jacobian() -> Any:
    """The local Jacobian of softmax."""
    return viz.jacobian_card(tg.softmax, tg.tensor([2.0, 1.0, 0.1]))


def mlp() -> Any:
    """64-64-10 on a batch of 32, coloured by the size of gradients."""
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    x, labels = tg.rand(32, 64), tg.randint(0, 10, (32,))
    loss = nn.functional.cross_entropy(model(x), labels)
    loss.backward()
    return viz.graph(loss, color_by="grad")


class Block(nn.Module):
    """A block of a small transformer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Any) -> Any:
        length, width = x.shape
        with viz.scope("attention"):
            parts = self.qkv(self.norm1(x)).reshape(length, 3, self.heads, width // self.heads)
            q, k, v = (parts[:, i].transpose(0, 1) for i in range(3))
            scores = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5
            mask = tg.ones(length, length).tril() == 0
            weights = tg.softmax(scores.masked_fill(mask, float("-inf")), dim=-1)
            x = x + self.out((weights @ v).transpose(0, 1).reshape(length, width))
        return x + self.down(tg.relu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    """Blocks between an embedding and a linear head."""

    def __init__(self, layers: int, width: int = 16, heads: int = 2, letters: int = 12) -> None:
        super().__init__()
        self.embed = nn.Embedding(letters, width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.head = nn.Linear(width, letters)

    def forward(self, x: Any) -> Any:
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def transformer(layers: int, **options: Any) -> Any:
    """A transformer after backward."""
    tg.manual_seed(0)
    model = Transformer(layers)
    text = tg.randint(0, 12, (9,))
    loss = nn.functional.cross_entropy(model(text[:-1]), text[1:])
    loss.backward()
    return viz.graph(loss, **options)


def rnn(steps: int = 200) -> Any:
    """A recurrent net written by hand, whose weights all steps share."""
    tg.manual_seed(0)
    Wx = (tg.randn(4, 8) * 0.3).requires_grad_()
    Wh = (tg.randn(8, 8) * 0.3).requires_grad_()
    b = tg.zeros(8, requires_grad=True)
    h = tg.zeros(1, 8)
    for x in tg.randn(steps, 1, 4):
        h = (x @ Wx + h @ Wh + b).tanh()
    loss = (h * h).sum()
    loss.backward()
    return viz.graph(loss, names={"Wx": Wx, "Wh": Wh, "b": b, "loss": loss}, max_nodes=20)


def square() -> Any:
    """`x * x`: two uses, two edges, two contributions."""
    x = tg.tensor([1.0, -2.0, 3.0], requires_grad=True)
    y = (x * x).sum()
    return viz.backward(y).graph(step=1)


def third_derivative() -> Any:
    """tanh and its first three derivatives."""
    x = tg.tensor(1.0, requires_grad=True)
    y = x.tanh()
    (d1,) = tg.autograd.grad(y, x, create_graph=True)
    (d2,) = tg.autograd.grad(d1, x, create_graph=True)
    (d3,) = tg.autograd.grad(d2, x, create_graph=True)
    return viz.graph(y, d1, d2, d3, color_by="order", grads=False)


def nan() -> Any:
    """A logarithm of a negative number: where NaN starts, and what it reached."""
    x = tg.tensor([[1.0, 2.0], [-3.0, 3.0]])
    W = tg.tensor([[0.5, 0.1], [0.2, 0.3]], requires_grad=True)
    b = tg.tensor([0.1, -0.2], requires_grad=True)
    with np.errstate(invalid="ignore"):  # NumPy would warn
        loss = (tg.log(x @ W) + b).mean()
    loss.backward()
    return viz.graph(loss)


PICTURES = (
    Picture(
        "xor",
        "XOR",
        "Every op with its value and gradient; modules are solid boxes, composed functions dashed. "
        "`(2,)->(4, 2)` marks a broadcast: backward sums over that axis.",
        xor,
        "loss = mse_loss(model(X), Y)\nloss.backward()\nviz.graph(loss)",
    ),
    Picture(
        "xor_step",
        "One step of backward",
        "What arrives, the rule (printed by the rule itself), the rule with numbers, what goes "
        "where, the sum that undoes a broadcast, and what finite differences say.",
        xor_step,
        "viz.backward(loss, check=True).graph(step=4)",
    ),
    Picture(
        "neuron",
        "Backward, step by step",
        "All steps of one neuron, as a GIF. On a page the arrow keys step; in the terminal "
        "`.to_text()` prints the same lines.",
        neuron,
        'viz.backward(loss).save("neuron.gif")',
        ".gif",
    ),
    Picture(
        "xor_after_step",
        "After the optimiser's step",
        "Values that nobody kept are computed again, but only from weights that are still those of "
        "the first time. After `opt.step()` they are not, and the cards say so.",
        xor_after_step,
        "opt.step()\nviz.graph(loss, max_nodes=9)",
    ),
    Picture(
        "mlp",
        "64-64-10, coloured by gradient",
        "A batch of 32 through a ReLU and cross-entropy. Colours are sizes of gradients, with "
        "numbers in the legend.",
        mlp,
        'viz.graph(loss, color_by="grad")',
    ),
    Picture(
        "square",
        "x * x",
        "Two uses are two edges, and the gradient is the sum of two contributions.",
        square,
        "viz.backward((x * x).sum()).graph(step=1)",
    ),
    Picture(
        "tanh3",
        "tanh, differentiated three times",
        "Each derivative is a graph of its own, which can be differentiated again.",
        third_derivative,
        'viz.graph(y, d1, d2, d3, color_by="order")',
    ),
    Picture(
        "jacobian",
        "A Jacobian",
        "Entry (i, j) is how fast output i grows with input j.",
        jacobian,
        "viz.jacobian_card(tg.softmax, x)",
    ),
    Picture(
        "diff",
        "Two graphs compared",
        "A student's softmax beside the solution: what is missing, and what differs.",
        difference,
        "viz.diff(viz.graph(solution), viz.graph(student))",
    ),
    Picture(
        "nan",
        "Where NaN starts",
        "The logarithm of a negative number is marked apart from everything it infected.",
        nan,
        "viz.graph(loss)",
    ),
    Picture(
        "rnn",
        "A recurrent net of 200 steps",
        "The loop's body is found and drawn once, `× 200`; the weights that all steps share do not "
        "tie the picture into a knot. Gradients vanish on the way back, and are marked.",
        rnn,
        "viz.graph(loss, max_nodes=20)",
    ),
    Picture(
        "transformer2",
        "A transformer of two blocks",
        "Within a budget of cards, the outline opens first.",
        lambda: transformer(2, max_nodes=16),
        "viz.graph(loss, max_nodes=16)",
    ),
    Picture(
        "transformer2_attention",
        "Inside attention",
        "The same graph with one box opened: softmax is visibly max, sub, exp, sum, div.",
        lambda: transformer(2, max_nodes=24, expand=("softmax",)).focus(
            "blocks.0.attention.softmax"
        ),
        'viz.graph(loss, expand="softmax").focus("blocks.0.attention.softmax")',
    ),
    Picture(
        "transformer12",
        "A transformer of twelve blocks",
        "Equal blocks in a row are one card.",
        lambda: transformer(12, max_nodes=12),
        "viz.graph(loss, max_nodes=12)",
    ),
)


def page(pictures: tuple[Picture, ...]) -> str:
    """The gallery's text."""
    out = [
        "# Gallery",
        "",
        "Each picture is what the code above it draws; `python docs/make_gallery.py` makes them "
        'all. On a page (`.save("graph.html")`) the same graphs fold, step, search and zoom: '
        "[how](graph-view.md).",
        "",
    ]
    for p in pictures:
        out += [f"## {p.title}", "", "```py", p.code, "```", ""]
        out += [p.words, "", f"![{p.title}](gallery/{p.name}{p.suffix})", ""]
    return "\n".join(out)


def main(folder: Path = HERE) -> None:
    """Write the gallery and its pictures into `folder`."""
    (folder / "gallery").mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        picture.make().save(folder / "gallery" / f"{picture.name}{picture.suffix}")
        print(picture.name, flush=True)
    (folder / "gallery.md").write_text(page(PICTURES), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
