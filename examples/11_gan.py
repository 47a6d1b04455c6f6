"""11 · A generative adversarial network: a forger and a detective.

The problem
    Draw digits with no measure of what a good digit is. Instead, train a second network to tell
    real pictures from drawn ones, and let the first learn from what the second looks for.

What you will see
    Two optimisers, two losses, each the other's opponent; a balance and not a minimum. Where the
    detective cannot tell any more, its loss is 2 log 2 = 1.386. Goodfellow et al., 2014.

Run it: python examples/11_gan.py
"""

import tinygrad_edu as torch
import tinygrad_edu.nn as nn
from tinygrad_edu import datasets
from tinygrad_edu.utils.data import DataLoader, TensorDataset

NOISE = 16


def forger() -> nn.Sequential:
    """Noise → a picture of 64 pixels in −1 … 1."""
    return nn.Sequential(
        nn.Linear(NOISE, 64),
        nn.BatchNorm1d(64),
        nn.ReLU(),
        nn.Linear(64, 128),
        nn.BatchNorm1d(128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.Tanh(),
    )


def detective() -> nn.Sequential:
    """A picture → a score, positive for real. Dropout, so that it does not learn by heart."""
    return nn.Sequential(
        nn.Linear(64, 128),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(128, 64),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(64, 1),
    )


def weights(module: nn.Module) -> None:
    """The start that DCGAN recommends: N(0, 0.02), scaled to these narrow layers."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.1)
        nn.init.zeros_(module.bias)


def train(
    G: nn.Sequential, D: nn.Sequential, data: DataLoader, epochs: int
) -> tuple[list[float], list[float]]:
    judge = nn.BCEWithLogitsLoss()
    of_G = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.999))
    of_D = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
    losses_G, losses_D = [], []
    for epoch in range(epochs):
        for (real,) in data:
            yes, no = torch.ones(len(real), 1), torch.zeros(len(real), 1)

            # The detective's turn. `detach` keeps the forger out of it: its weights are not to
            # learn from this loss, and its part of the graph need not be walked.
            drawn = G(torch.randn(len(real), NOISE))
            loss_D = judge(D(real), yes * 0.9) + judge(D(drawn.detach()), no)
            of_D.zero_grad()
            loss_D.backward()
            of_D.step()

            # The forger's turn: it wants a yes. The gradient passes through the detective, whose
            # weights get gradients too; they are cleared before the detective's next turn.
            loss_G = judge(D(drawn), yes)
            of_G.zero_grad()
            loss_G.backward()
            of_G.step()

            losses_D.append(loss_D.item())
            losses_G.append(loss_G.item())
        if (epoch + 1) % max(1, epochs // 5) == 0:
            d, g = (sum(x[-len(data) :]) / len(data) for x in (losses_D, losses_G))
            print(f"  epoch {epoch + 1:3}  detective {d:.3f}  forger {g:.3f}")
    return losses_D, losses_G


def side_by_side(rows: torch.Tensor) -> str:
    """Pictures of 8×8 in one row, in five shades."""
    shades = ((rows.view(-1, 8, 8) + 1) / 2 * 4.49).int().tolist()
    lines = ["  ".join("".join(" ░▒▓█"[v] * 2 for v in p[i]) for p in shades) for i in range(8)]
    return "\n".join("  " + line for line in lines)


def main(epochs: int = 100, seed: int = 0, batch: int = 64) -> list[float]:
    pictures = torch.from_numpy(datasets.digits().x) * 2 - 1
    torch.manual_seed(seed)
    G, D = forger().apply(weights), detective().apply(weights)
    data = DataLoader(TensorDataset(pictures), batch_size=batch, shuffle=True, drop_last=True)
    fixed = torch.randn(6, NOISE)
    losses_D, losses_G = train(G, D, data, epochs)
    G.eval()
    with torch.no_grad():
        print(f"\nforged:\n{side_by_side(G(fixed))}")
    return [loss for pair in zip(losses_D, losses_G) for loss in pair]


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * Leave out the dropout, or give the detective three turns for each of the forger's.
# * Forged digits that all look alike are called mode collapse. Watch for it; what brings it on?
# * Give both networks the label as ten more inputs, and order a seven.
