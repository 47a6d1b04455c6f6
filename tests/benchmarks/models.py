"""One training step of a LeNet, a small GPT and an LSTM, here and in PyTorch.

    python -m tests.benchmarks.models [NAME ...]

prints the table that docs/performance.md carries; `table()` is that table. Both libraries run the
same text, from the same seed, on one thread, in turns; what is compared are ratios.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

Step = Callable[[], float]


def lenet(torch: Any) -> Step:
    """LeNet-5 with ReLU and max pooling on 64 pictures of 28×28."""
    nn, F = torch.nn, torch.nn.functional
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )
    x, y = torch.rand(64, 1, 28, 28), torch.randint(0, 10, (64,))
    return training(torch, model, lambda: F.cross_entropy(model(x), y))


def gpt(torch: Any) -> Step:
    """A GPT of 4 layers, 64 wide, 4 heads, on 16 texts of 64 characters."""
    nn, F = torch.nn, torch.nn.functional
    width, heads, context, characters = 64, 4, 64, 65

    class Attention(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.ask = nn.Linear(width, 3 * width)
            self.merge = nn.Linear(width, width)
            self.register_buffer("seen", torch.tril(torch.ones(context, context)))

        def forward(self, x: Any) -> Any:
            batch, time, _ = x.shape
            q, k, v = (
                part.view(batch, time, heads, width // heads).transpose(1, 2)
                for part in self.ask(x).split(width, dim=2)
            )
            scores = (q @ k.transpose(-2, -1)) * (width // heads) ** -0.5
            scores = scores.masked_fill(self.seen[:time, :time] == 0, float("-inf"))
            heard = F.softmax(scores, dim=-1) @ v
            return self.merge(heard.transpose(1, 2).contiguous().view(batch, time, width))

    class Block(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.listen = Attention()
            self.think = nn.Sequential(
                nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width)
            )

        def forward(self, x: Any) -> Any:
            x = x + self.listen(self.norm1(x))
            return x + self.think(self.norm2(x))

    class GPT(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.character = nn.Embedding(characters, width)
            self.place = nn.Embedding(context, width)
            self.blocks = nn.Sequential(*[Block() for _ in range(4)])
            self.norm = nn.LayerNorm(width)
            self.score = nn.Linear(width, characters)

        def forward(self, x: Any) -> Any:
            places = self.place(torch.arange(x.shape[1]))
            return self.score(self.norm(self.blocks(self.character(x) + places)))

    torch.manual_seed(0)
    model = GPT()
    text = torch.randint(0, characters, (16, context + 1))
    x, y = text[:, :-1], text[:, 1:].reshape(-1)
    return training(torch, model, lambda: F.cross_entropy(model(x).view(-1, characters), y))


def lstm(torch: Any) -> Step:
    """An LSTM with a state of 128, on 32 sequences of 64 steps of 32 numbers."""
    nn, F = torch.nn, torch.nn.functional
    torch.manual_seed(0)
    layer, score = nn.LSTM(32, 128, batch_first=True), nn.Linear(128, 10)
    x, y = torch.randn(32, 64, 32), torch.randint(0, 10, (32,))

    def loss() -> Any:
        states, _ = layer(x)
        return F.cross_entropy(score(states[:, -1]), y)

    return training(torch, nn.ModuleList([layer, score]), loss)


def training(torch: Any, model: Any, loss_of: Callable[[], Any]) -> Step:
    """A step of plain gradient descent on `loss_of()`."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


# name: (what builds a step, what it is, the most times PyTorch's step it may take)
MODELS: dict[str, tuple[Callable[[Any], Step], str, float]] = {
    "LeNet": (lenet, "64 pictures of 28×28", 2.5),
    "GPT": (gpt, "4 layers, 64 wide, 16 texts of 64", 2.0),
    "LSTM": (lstm, "state of 128, 64 steps, batch 32", 2.0),
}


def ratios(name: str, rounds: int) -> tuple[float, float]:
    """Seconds a step takes here, and in units of PyTorch's: medians over rounds in turns."""
    import torch

    import tinygrad_edu

    torch.set_num_threads(1)
    build = MODELS[name][0]
    steps = {"here": build(tinygrad_edu), "PyTorch": build(torch)}
    for step in steps.values():
        for _ in range(3):
            step()
    times: dict[str, list[float]] = {which: [] for which in steps}
    for _ in range(rounds):
        for which, step in steps.items():
            start = time.perf_counter()
            step()
            times[which].append(time.perf_counter() - start)
    here, theirs = np.array(times["here"]), np.array(times["PyTorch"])
    return float(np.median(here)), float(np.median(here / theirs))


def table(rounds: int = 40, names: tuple[str, ...] = tuple(MODELS)) -> list[str]:
    """The lines of the table for docs/performance.md."""
    lines = [
        "| model | batch | step here | / PyTorch | required |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for name in names:
        seconds, ratio = ratios(name, rounds)
        _, what, most = MODELS[name]
        lines.append(f"| {name} | {what} | {seconds * 1e3:.1f} ms | **{ratio:.2f}** | ≤ {most} |")
    return lines


if __name__ == "__main__":
    print("\n".join(table(names=tuple(sys.argv[1:]) or tuple(MODELS))))
