"""10 · A variational autoencoder: digits that nobody wrote.

The problem
    Learn what digits look like, without labels, well enough to draw new ones.

What you will see
    An encoder that answers with a normal distribution over a few hidden numbers, a decoder that
    draws a digit from such numbers, and a loss of two parts: how well the picture comes back, and
    how far the distribution is from N(0, 1). The second keeps the hidden space without holes, so
    that any point of it can be decoded. Kingma and Welling, 2014.

Run it: python examples/10_vae.py
"""

import tinygrad_edu as torch
import tinygrad_edu.nn as nn
import tinygrad_edu.nn.functional as F
from tinygrad_edu import datasets
from tinygrad_edu.distributions import Normal, kl_divergence
from tinygrad_edu.utils.data import DataLoader

# ---------------------------------------------------------------------------------- the trick
# A draw z ~ N(μ, σ) has no derivative by μ and σ. The same draw as z = μ + σ·ε with ε ~ N(0, 1)
# has: 1 and ε. `rsample` draws like that, so the gradient reaches the encoder through the chance.


class VAE(nn.Module):
    """64 pixels → hidden numbers → 64 pixels."""

    def __init__(self, hidden: int = 2, width: int = 128) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 2 * hidden))
        self.decoder = nn.Sequential(
            nn.Linear(hidden, width), nn.ReLU(), nn.Linear(width, 64), nn.Sigmoid()
        )

    def encode(self, x: torch.Tensor) -> Normal:
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return Normal(mean, torch.exp(0.5 * log_variance))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, Normal]:
        q = self.encode(x)
        return self.decoder(q.rsample()), q


def loss_of(x: torch.Tensor, drawn: torch.Tensor, q: Normal) -> torch.Tensor:
    """−ELBO of one picture, on average: what came back, and KL(q ‖ N(0, 1))."""
    returned = F.binary_cross_entropy(drawn, x, reduction="sum")
    prior = Normal(torch.zeros_like(q.loc), torch.ones_like(q.scale))
    return (returned + kl_divergence(q, prior).sum()) / len(x)


def train(model: VAE, pictures: torch.Tensor, epochs: int, batch: int) -> list[float]:
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    losses = []
    for epoch in range(epochs):
        loader = DataLoader(pictures, batch_size=batch, shuffle=True)
        for x in loader:
            drawn, q = model(x)
            loss = loss_of(x, drawn, q)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if (epoch + 1) % max(1, epochs // 5) == 0:
            recent = losses[-len(loader) :]
            print(f"  epoch {epoch + 1:3}  loss {sum(recent) / len(recent):.3f}")
    return losses


# --------------------------------------------------------------------------------- the pictures


def side_by_side(rows: torch.Tensor) -> str:
    """Pictures of 8×8 in one row, in five shades."""
    shades = (rows.view(-1, 8, 8) * 4.49).int().tolist()
    lines = ["  ".join("".join(" ░▒▓█"[v] * 2 for v in p[i]) for p in shades) for i in range(8)]
    return "\n".join("  " + line for line in lines)


@torch.no_grad()
def walk(model: VAE, hidden: int) -> None:
    """Along a line through the hidden space: one digit turns into another."""
    steps = torch.linspace(-2, 2, 6).unsqueeze(1).expand(6, hidden)
    print(side_by_side(model.decoder(steps)))


def main(epochs: int = 60, seed: int = 0, batch: int = 64, hidden: int = 2) -> list[float]:
    pictures = torch.from_numpy(datasets.digits().x)
    torch.manual_seed(seed)
    model = VAE(hidden)
    losses = train(model, pictures, epochs, batch)
    with torch.no_grad():
        drawn, q = model(pictures[:6])
    print(f"\nsix digits:\n{side_by_side(pictures[:6])}")
    print(f"\nthe same, after a squeeze through {hidden} numbers:\n{side_by_side(drawn)}")
    print("\na walk through the hidden space:")
    walk(model, hidden)
    print(f"\nthe first digit is N({q.loc[0].tolist()}, {q.scale[0].tolist()})")
    return losses


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * main(hidden=8): better pictures; are draws from N(0, 1) still digits?
# * Leave out the KL: pictures come back better. Now decode random numbers.
# * Colour each digit's mean by its label, with matplotlib: the model was never told the labels.
