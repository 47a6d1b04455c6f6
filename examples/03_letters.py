"""3 · Letters: A, B and C of thirty pixels, one of them wrong.

The problem
    Three letters drawn in 5 rows of 6 pixels. Learning three pictures by heart is easy. What makes
    it interesting is what happens to a letter with a flipped pixel, which was never shown.

What you will see
    Three outputs, one per letter, each trained towards 0 or 1; all ninety damaged letters; and what
    a loss and a gradient that do not belong together look like.

Run it: python examples/03_letters.py
"""

import numpy as np

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F
from tinygrad_edu import datasets, nn, optim

# ------------------------------------------------------------------------------------ the data

letters = datasets.letters()
x = tg.tensor(letters.x)  # shape (3, 30)
y = tg.tensor(letters.one_hot())  # shape (3, 3): a 1 for the right letter


def drawn(pixels: np.ndarray) -> str:
    return "\n".join("  " + "".join("·█"[int(p)] * 2 for p in row) for row in pixels.reshape(5, 6))


def with_one_flip(pixels: np.ndarray) -> np.ndarray:
    """The thirty pictures that differ from this one in a single pixel: shape (30, 30)."""
    return np.abs(pixels - np.eye(30, dtype=pixels.dtype))


# ----------------------------------------------------------------------------------- the model


def network(seed: int) -> nn.Sequential:
    tg.manual_seed(seed)
    model = nn.Sequential(nn.Linear(30, 5), nn.Sigmoid(), nn.Linear(5, 3), nn.Sigmoid())
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            nn.init.normal_(parameter, 0.0, 0.01)
        else:
            nn.init.zeros_(parameter)
    return model


# ------------------------------------------------------------------------------------ the loop


def train(model: nn.Sequential, epochs: int) -> float:
    optimizer = optim.SGD(model.parameters(), lr=10.0)
    for epoch in range(1, epochs + 1):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        if epoch % max(1, epochs // 4) == 0:
            print(f"  epoch {epoch:5,}  mean squared error {loss:.2e}")
    with tg.no_grad():
        return float(F.mse_loss(model(x), y).item())


# ----------------------------------------------------------------------------- the same by hand
# The mean is over all n·k entries, and both layers end in a sigmoid:
#
#     output   δ₂ = 2(a₂ − y)·a₂·(1 − a₂) / (n·k)   ∂L/∂W₂ = δ₂ᵀ·a₁    ∂L/∂b₂ = Σ δ₂
#     hidden   δ₁ = (δ₂·W₂)·a₁·(1 − a₁)             ∂L/∂W₁ = δ₁ᵀ·x     ∂L/∂b₁ = Σ δ₁
#
# One often reads δ₂ = a₂ − y here. That learns too, and it is no mistake of sign or size that a
# loss curve would show: it is the gradient of another loss (cross-entropy with a sigmoid).


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def by_hand(parameters: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    W1, b1, W2, b2 = parameters
    a1 = sigmoid(x @ W1.T + b1)
    a2 = sigmoid(a1 @ W2.T + b2)
    d2 = 2 * (a2 - y) * a2 * (1 - a2) / a2.size
    d1 = d2 @ W2 * a1 * (1 - a1)
    return [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0)]


def beside_each_other(seed: int, steps: int) -> float:
    """Train in float64; the largest difference of any step, over that step's largest entry."""
    model = network(seed).double()
    optimizer = optim.SGD(model.parameters(), lr=10.0)
    inputs, targets = x.double(), y.double()
    worst = 0.0
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(model(inputs), targets).backward()
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


def main(seed: int = 0, epochs: int = 2000, steps: int = 2000) -> dict[str, float]:
    print(f"30-5-3 from seed {seed}:")
    loss = train(model := network(seed), epochs)
    right = survived = 0
    for letter, pixels in enumerate(letters.x):
        with tg.no_grad():
            output = model(tg.tensor(pixels[None]))[0]
            damaged = model(tg.tensor(with_one_flip(pixels))).argmax(1)
        right += int(output.argmax()) == letter
        survived += int((damaged == letter).sum())
        said = "  ".join(f"{n} {p:.3f}" for n, p in zip(letters.class_names, output.tolist()))
        print(f"{drawn(pixels)}\n  {said}\n")
    print(f"of the 90 letters with one pixel flipped, {survived} are still recognised")

    worst = beside_each_other(seed, steps)
    print(f"by hand and recorded, over {steps:,} steps in float64: apart by at most {worst:.1e}")
    return {"loss": loss, "right": right, "survived": survived, "apart": worst}


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * Flip two pixels: 3 · 435 pictures. How many survive?
# * Two hidden units instead of five; then one.
# * Put d2 = (a2 - y) / a2.size into by_hand and run again: the two columns part ways at once. Then
#   ask tinygrad_edu.checking.check_derivation what kind of mistake it is.
