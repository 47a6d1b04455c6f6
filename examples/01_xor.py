"""1 · Exclusive or: the smallest problem that needs a hidden layer.

The problem
    Two inputs, 0 or 1. Is exactly one of them 1? Draw the four cases as points in a plane: no
    straight line has the two "yes" on one side and the two "no" on the other, so a single neuron
    cannot do it. Two neurons in between can: they bend the plane first.

What you will see
    A network of nine numbers learns it; a seed on which it gets stuck; and the gradients, first
    recorded while the network runs, then derived by hand, agreeing to thirteen digits.

Run it: python examples/01_xor.py
"""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import datasets, nn, optim

# ------------------------------------------------------------------------------------ the data
# Four rows, and that is all there is.

rows = datasets.xor()
x = tg.tensor(rows.x)  # shape (4, 2)
y = tg.tensor(rows.y[:, None], dtype=tg.float32)  # shape (4, 1): 0, 1, 1, 0


# ----------------------------------------------------------------------------------- the model
# σ(W₂·σ(W₁·x + b₁) + b₂), where σ(z) = 1 / (1 + e⁻ᶻ) squashes any number to between 0 and 1.


def network(hidden: int, seed: int) -> nn.Sequential:
    tg.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, hidden), nn.Sigmoid(), nn.Linear(hidden, 1), nn.Sigmoid())
    for parameter in model.parameters():
        nn.init.uniform_(parameter, -0.3, 0.3)
    return model


def half_squared_error(output: tg.Tensor, target: tg.Tensor) -> tg.Tensor:
    return 0.5 * ((output - target) ** 2).mean()


# ------------------------------------------------------------------------------------ the loop
# Forward, loss, backward, step. The rate looks enormous. It has to be: on its way back the gradient
# passes two sigmoids, whose slope is at most ¼ each, and it is the average of four rows that pull
# in different directions.


def train(model: nn.Sequential, epochs: int, lr: float = 20.0, enough: float = 2e-4) -> float:
    optimizer = optim.SGD(model.parameters(), lr=lr)
    for epoch in range(1, epochs + 1):
        optimizer.zero_grad()
        loss = half_squared_error(model(x), y)
        loss.backward()  # every gradient, from what was recorded: nobody derived anything
        optimizer.step()
        if epoch % 20 == 0 and loss.item() < enough:
            break
    with tg.no_grad():
        loss = half_squared_error(model(x), y)
    print(f"  {epoch:,} epochs, loss {loss:.6f}")
    return float(loss.item())


# ----------------------------------------------------------------------------- the same by hand
# This is what the loop above spares you. With a = σ(z) the slope of the sigmoid is a·(1 − a), and
# with n rows:
#
#     output   δ₂ = (a₂ − y)·a₂·(1 − a₂) / n        ∂L/∂W₂ = δ₂ᵀ·a₁    ∂L/∂b₂ = Σ δ₂
#     hidden   δ₁ = (δ₂·W₂)·a₁·(1 − a₁)             ∂L/∂W₁ = δ₁ᵀ·x     ∂L/∂b₁ = Σ δ₁


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def by_hand(parameters: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    W1, b1, W2, b2 = parameters
    a1 = sigmoid(x @ W1.T + b1)
    a2 = sigmoid(a1 @ W2.T + b2)
    d2 = (a2 - y) * a2 * (1 - a2) / len(x)
    d1 = d2 @ W2 * a1 * (1 - a1)
    return [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0)]


def beside_each_other(seed: int, steps: int) -> float:
    """Train in float64; the largest difference of any step, over that step's largest entry."""
    model = network(2, seed).double()
    for name, parameter in model.named_parameters():
        # From N(0, 1): nearer to 0 the rows nearly cancel, and float64 has no twelve digits left.
        nn.init.normal_(parameter) if name.endswith("weight") else nn.init.zeros_(parameter)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    inputs, targets = x.double(), y.double()
    worst = 0.0
    for _ in range(steps):
        optimizer.zero_grad()
        half_squared_error(model(inputs), targets).backward()
        recorded = [p.grad.numpy() for p in model.parameters()]
        derived = by_hand(
            [p.detach().numpy() for p in model.parameters()], inputs.numpy(), targets.numpy()
        )
        largest = max(np.abs(g).max() for g in derived)
        apart = max(np.abs(r - d).max() for r, d in zip(recorded, derived))
        worst = max(worst, float(apart / largest))
        optimizer.step()
    return worst


# ---------------------------------------------------------------------------------- the result


def main(hidden: int = 2, seed: int = 0, epochs: int = 4000, steps: int = 2000) -> dict[str, float]:
    print(f"2-{hidden}-1 from seed {seed}:")
    loss = train(model := network(hidden, seed), epochs)
    while loss >= 0.01:
        # About one seed in fifty gets stuck: both hidden units ended up saying the same, two rows
        # get one answer, and the gradient has nearly vanished. There is no shame in starting anew.
        print(f"  stuck; seed {seed} is out of luck, trying seed {seed + 1}")
        seed += 1
        loss = train(model := network(hidden, seed), epochs)

    with tg.no_grad():
        output = model(x)
    right = 0
    for (a, b), target, answer in zip(rows.x, rows.y, output.numpy()[:, 0]):
        right += int((answer >= 0.5) == target)
        print(f"  {a:.0f} xor {b:.0f} = {target}   the network says {answer:.4f}")

    worst = beside_each_other(seed, steps)
    print(f"by hand and recorded, over {steps:,} steps in float64: apart by at most {worst:.1e}")
    return {"loss": loss, "right": right, "seed": seed, "apart": worst}


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * main(hidden=3): with one unit more, a single one of 4,000 seeds got stuck.
# * Start all parameters at 0. Why does the network never learn?
# * lr=0.5, as it is usually written. How many epochs does it take now?
# * tg.draw(loss).show() inside the loop: the graph that backward walks.
