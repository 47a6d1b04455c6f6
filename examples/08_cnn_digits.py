"""8 · A convolutional network: digits, seen as pictures.

The problem
    A network of full layers (4_digits) would learn as well from pixels in any shuffled order: it
    does not know what is next to what. A convolution looks at a small window, with the same weights
    everywhere: a stroke is a stroke wherever it is.

What you will see
    Two layers of windows, each followed by max pooling, which keeps the strongest answer of four.
    Fewer weights than the full network of a hidden layer of 128, and a better score. LeCun et al.,
    Gradient-based learning applied to document recognition, 1998.

Run it: python examples/08_cnn_digits.py
"""

import tinygrad_edu as torch
import tinygrad_edu.nn as nn
import tinygrad_edu.nn.functional as F
import tinygrad_edu.optim as optim
from tinygrad_edu import datasets
from tinygrad_edu.utils.data import DataLoader, TensorDataset

# -------------------------------------------------------------------------------------- shapes
#   picture        1 ×  8 ×  8
#   convolution   16 ×  8 ×  8     a window of 3×3, edges padded with 0; 16 patterns looked for
#   max pooling   16 ×  4 ×  4     of each 2×2 the largest
#   convolution   32 ×  4 ×  4     patterns of patterns
#   max pooling   32 ×  2 ×  2
#   full layer    128 → 10         a score for each digit


class Network(nn.Module):
    """Two convolutions with pooling, dropout, and a full layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.norm = nn.BatchNorm2d(32)
        self.drop = nn.Dropout(0.25)
        self.full = nn.Linear(32 * 2 * 2, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.norm(self.conv2(x))), 2)
        return self.full(self.drop(torch.flatten(x, 1)))


def pictures(samples: datasets.Samples) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.from_numpy(samples.x).view(-1, 1, 8, 8)
    return x - 0.3, torch.from_numpy(samples.y)


def train(model: Network, data: DataLoader, epochs: int) -> list[float]:
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    schedule = optim.lr_scheduler.StepLR(optimizer, step_size=max(1, epochs // 2), gamma=0.3)
    losses = []
    for epoch in range(epochs):
        model.train()
        for x, y in data:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
        recent = losses[-len(data) :]
        print(f"  epoch {epoch + 1:3}  loss {sum(recent) / len(recent):.4f}")
    return losses


def accuracy(model: Network, x: torch.Tensor, y: torch.Tensor) -> float:
    model.eval()  # no dropout, and the running statistics
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


# ------------------------------------------------------------------------------- what it sees


def show_windows(model: Network) -> None:
    """The 16 windows of the first layer: dark where a pixel speaks against the pattern."""
    weights = model.conv1.weight.detach()[:, 0]
    shades = ((weights / weights.abs().max() + 1) / 2 * 4).round().int()
    for first in (0, 8):
        for row in range(3):
            print(
                "  "
                + "  ".join(
                    "".join(" ░▒▓█"[v] * 2 for v in w[row].tolist())
                    for w in shades[first : first + 8]
                )
            )
        print()


def main(epochs: int = 20, seed: int = 0, batch: int = 64) -> list[float]:
    split = datasets.digits().split(test=0.2, seed=42)
    torch.manual_seed(seed)
    model = Network()
    print(f"{sum(p.numel() for p in model.parameters()):,} weights")
    train_set = TensorDataset(*pictures(split.train))
    losses = train(model, DataLoader(train_set, batch_size=batch, shuffle=True), epochs)
    print(f"  held out: {accuracy(model, *pictures(split.test)):.2%}")
    show_windows(model)
    return losses


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * Shuffle the 64 pixels, the same way in every picture, and train again. Which network minds?
# * Move every test picture by one pixel. How much does this network lose, how much 4_digits?
