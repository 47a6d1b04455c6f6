"""5 · MNIST: the same, seventy times larger, and the Trainer that carries the loop.

The problem
    70,000 handwritten digits of 28×28 pixels: 60,000 to learn from, of which 1,000 are set aside to
    steer by, and 10,000 to be judged on. Where they are not on this machine, a bundled subset of
    15,000 and 2,500 serves, and says so.

What you will see
    Two hidden layers, 109,386 parameters, and no line of calculus more than for XOR. `Trainer` does
    what every loop does: batches, measuring, progress, checkpoints.

Run it: python examples/05_mnist.py [FOLDER WITH THE FOUR IDX FILES]
"""

import sys

import numpy as np

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F
from tinygrad_edu import datasets, nn, optim
from tinygrad_edu.datasets import Samples
from tinygrad_edu.training import Trainer

# ------------------------------------------------------------------------------------ the data


def data(folder: str | None, most: int | None) -> tuple[Samples, Samples, Samples]:
    """What to learn from, what to steer by, what to be judged on."""
    found = datasets.mnist(folder)
    print(found.provenance)
    rest, aside = datasets.split_indices(len(found.train), 1000)
    return found.train.take(rest[:most]), found.train.take(aside), found.test


# ----------------------------------------------------------------------------------- the model


def network(seed: int) -> nn.Sequential:
    tg.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(784, 128),
        nn.Sigmoid(),
        nn.Linear(128, 64),
        nn.Sigmoid(),
        nn.Linear(64, 10),
    )


# ------------------------------------------------------------------------------------ the loop


def train(model: nn.Sequential, learn: Samples, test: Samples, epochs: int, show: bool) -> Trainer:
    optimizer = optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05)
    trainer = Trainer(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        train=(learn.x, learn.y),
        test=(test.x, test.y),
        batch_size=128,
        scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs),
        progress=show,
        title="mnist",
    )
    trainer.fit(epochs)
    for epoch in trainer.history:
        print(
            f"  epoch {epoch.epoch:2}  train loss {epoch.train_loss:.4f}  "
            f"test {epoch.test_accuracy:.2%}"
        )
    return trainer


# ----------------------------------------------------------------------------- the same by hand
# A layer more is a delta more, and the pattern is always the same:
#
#     δ₃ = (p − onehot(y)) / n      δ₂ = (δ₃·W₃)·a₂·(1 − a₂)      δ₁ = (δ₂·W₂)·a₁·(1 − a₁)
#     ∂L/∂Wₗ = δₗᵀ·aₗ₋₁, with a₀ = x                              ∂L/∂bₗ = Σ δₗ
#
# Recording the forward pass and walking it backwards is this pattern, for any network.


def by_hand(parameters: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    W1, b1, W2, b2, W3, b3 = parameters
    a1 = 1 / (1 + np.exp(-(x @ W1.T + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2.T + b2)))
    z3 = a2 @ W3.T + b3
    e = np.exp(z3 - z3.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    d3 = (p - np.eye(10)[y]) / len(x)
    d2 = d3 @ W3 * a2 * (1 - a2)
    d1 = d2 @ W2 * a1 * (1 - a1)
    return [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0), d3.T @ a2, d3.sum(axis=0)]


def beside_each_other(samples: Samples, seed: int, steps: int) -> float:
    """Train in float64 on 64 images at a time; the largest difference of any step, as before."""
    model = network(seed).double()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    worst = 0.0
    for step in range(steps):
        rows = np.arange(64 * step, 64 * step + 64) % len(samples)
        x, y = samples.x[rows].astype(np.float64), samples.y[rows]
        optimizer.zero_grad()
        F.cross_entropy(model(tg.tensor(x)), tg.tensor(y)).backward()
        recorded = [p.grad.numpy() for p in model.parameters()]
        derived = by_hand([p.detach().numpy() for p in model.parameters()], x, y)
        largest = max(np.abs(g).max() for g in derived)
        apart = max(np.abs(r - d).max() for r, d in zip(recorded, derived))
        worst = max(worst, float(apart / largest))
        optimizer.step()
    return worst


# ---------------------------------------------------------------------------------- the result


def show_one(pixels: np.ndarray) -> None:
    for row in pixels.reshape(28, 28)[2:-2:2]:
        print("  " + "".join(" ░▒▓█"[min(4, int(5 * v))] for v in row))


def main(
    folder: str | None = None,
    seed: int = 0,
    epochs: int = 10,
    most: int | None = None,
    steps: int = 50,
    show: bool = True,
) -> dict[str, float]:
    learn, aside, test = data(folder, most)
    print(f"784-128-64-10 on {len(learn):,} images, from seed {seed}:")
    trainer = train(network(seed), learn, test, epochs, show)
    loss, accuracy = trainer.evaluate(test)
    _, steered = trainer.evaluate(aside)
    assert accuracy is not None  # it is, where targets are classes
    assert steered is not None
    kind = "of the subset's test images" if test.is_subset else "of the test images"
    print(f"{accuracy:.2%} {kind} right, {steered:.2%} of the 1,000 set aside")

    answers = trainer.predict(test.x).argmax(1).numpy()
    wrong = int(np.flatnonzero(answers != test.y)[0])
    print(f"and one that is wrong: the network says {answers[wrong]}, it is a {test.y[wrong]}")
    show_one(test.x[wrong])

    worst = beside_each_other(learn, seed, steps)
    print(f"by hand and recorded, over {steps} steps in float64: apart by at most {worst:.1e}")
    return {"loss": loss, "accuracy": accuracy, "apart": worst}


if __name__ == "__main__":
    main(*sys.argv[1:2])

# ------------------------------------------------------------------------------- what to try next
# * Trainer(…, early_stopping=EarlyStopping("test_loss", patience=2)): where would it have stopped?
# * Trainer(…, checkpoint="mnist.npz"), Ctrl-C half-way; then trainer.resume("mnist.npz").fit(10)
#   ends where it would have ended, to the last bit.
# * 784-10-10 with ReLU and plain gradient descent, all images at once:
#   tinygrad-edu run mnist --layers 784,10,10
