"""2 · 2×2 patterns: classes, softmax, and an opinion on what it never saw.

The problem
    A 2×2 matrix of black and white pixels is solid (all equal), vertical (columns constant),
    horizontal (rows constant) or diagonal. That names 8 of the 16 matrices. The other 8 have one
    pixel that differs from the other three, and no name.

What you will see
    Four scores become four probabilities (softmax); the loss is how surprised the network is by
    the right answer (cross-entropy); and the network gives an opinion on the other 8 as well.

Run it: python examples/02_patterns.py
"""

import numpy as np

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F
from tinygrad_edu import datasets, nn, optim

# ------------------------------------------------------------------------------------ the data

patterns = datasets.patterns()
x = tg.tensor(patterns.x)  # shape (8, 4): the pixels row by row, 1 is black
y = tg.tensor(patterns.y)  # shape (8,): the number of the class


def drawn(pixels: np.ndarray) -> str:
    shades = ["░█"[int(pixel)] * 2 for pixel in pixels]
    return f"{shades[0]}{shades[1]} {shades[2]}{shades[3]}"


# ----------------------------------------------------------------------------------- the model
# ReLU passes what is positive and blocks the rest. A unit that blocks all eight matrices gets no
# gradient from any of them, and stays that way: it is dead. He's initialisation makes that rare.


def network(seed: int) -> nn.Sequential:
    tg.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4))
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        else:
            nn.init.zeros_(parameter)
    return model


# ------------------------------------------------------------------------------------ the loop
# The network ends in scores; F.cross_entropy takes their softmax and the logarithm of the right
# class's probability in one, because exp and log apart overflow where both together do not.


def train(model: nn.Sequential, epochs: int) -> float:
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(1, epochs + 1):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        if epoch % max(1, epochs // 4) == 0:
            right = int((model(x).argmax(1) == y).sum())
            print(f"  epoch {epoch:5,}  loss {loss:.4f}  right {right} of 8")
    with tg.no_grad():
        return float(F.cross_entropy(model(x), y).item())


# ----------------------------------------------------------------------------- the same by hand
# Softmax and cross-entropy together have the simplest derivative there is: what the network said
# minus what it should have said.
#
#     output   δ₂ = (p − onehot(y)) / n             ∂L/∂W₂ = δ₂ᵀ·a₁    ∂L/∂b₂ = Σ δ₂
#     hidden   δ₁ = (δ₂·W₂)·[z₁ > 0]                ∂L/∂W₁ = δ₁ᵀ·x     ∂L/∂b₁ = Σ δ₁


def by_hand(parameters: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    W1, b1, W2, b2 = parameters
    z1 = x @ W1.T + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2.T + b2
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    d2 = (p - np.eye(4)[y]) / len(x)
    d1 = d2 @ W2 * (z1 > 0)
    return [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0)]


def beside_each_other(seed: int, steps: int) -> float:
    """Train in float64; the largest difference of any step, over that step's largest entry."""
    model = network(seed).double()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    inputs = x.double()
    worst = 0.0
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), y).backward()
        recorded = [p.grad.numpy() for p in model.parameters()]
        derived = by_hand(
            [p.detach().numpy() for p in model.parameters()], inputs.numpy(), y.numpy()
        )
        largest = max(np.abs(g).max() for g in derived)
        apart = max(np.abs(r - d).max() for r, d in zip(recorded, derived))
        worst = max(worst, float(apart / largest))
        optimizer.step()
    return worst


# ---------------------------------------------------------------------------------- the result


def main(seed: int = 0, epochs: int = 2000, steps: int = 2000) -> dict[str, float]:
    print(f"4-8-4 from seed {seed}:")
    loss = train(model := network(seed), epochs)
    with tg.no_grad():
        answers = model(x).argmax(1)
    right = int((answers == y).sum())
    for pixels, answer in zip(patterns.x, answers.tolist()):
        print(f"  {drawn(pixels)}   {patterns.class_names[answer]}")

    print("and the eight that have no name:")
    others = datasets.unlabelled_patterns()
    with tg.no_grad():
        probabilities = F.softmax(model(tg.tensor(others)), dim=1)
    for pixels, row in zip(others, probabilities.numpy()):
        said = "  ".join(f"{name} {p:4.0%}" for name, p in zip(patterns.class_names, row))
        print(f"  {drawn(pixels)}   {said}")

    worst = beside_each_other(seed, steps)
    print(f"by hand and recorded, over {steps:,} steps in float64: apart by at most {worst:.1e}")
    return {"loss": loss, "right": right, "apart": worst}


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * main(seed=36) ends below 8 of 8. Look at model[1](model[0](x)): which units are 0 everywhere?
# * nn.LeakyReLU instead of nn.ReLU, same seed.
# * tg.draw(loss) with detail="ops": cross-entropy is no box of its own but max, sub, exp, sum, log.
# * Give the eight others a class "odd" and train a 4-8-5 network on all sixteen.
