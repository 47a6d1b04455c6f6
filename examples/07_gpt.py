"""7 · A small GPT: a transformer that learns to count aloud.

The problem
    "..., two hundred ninety-nine, three hundred, three hundred one, ...": from up to 64 characters
    of such a text, which comes next? Now the answer may hang on something far back: which hundred
    was it?

What you will see
    Attention. Every character asks a question (query) of all before it; each of those offers an
    answer (value) under a label (key); what fits best is listened to most. Around it, what makes
    it train: residual paths, layer norm, and a little network for each place. The text is made, not
    downloaded, so you can judge what the model writes. Source: Vaswani et al., 2017.

Run it: python examples/07_gpt.py     (a few minutes; main(steps=300) is quick)
"""

import math

import tinygrad_edu as torch
import tinygrad_edu.nn as nn
import tinygrad_edu.nn.functional as F

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def spelled(n: int) -> str:
    """742 is "seven hundred forty-two"."""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")
    return f"{ONES[n // 100]} hundred" + (f" {spelled(n % 100)}" if n % 100 else "")


TEXT = ", ".join(spelled(n) for n in range(1, 1000)) + ". "
CHARACTERS = sorted(set(TEXT))
NUMBER = {c: i for i, c in enumerate(CHARACTERS)}

# ----------------------------------------------------------------------------------- attention
#   scores = Q·Kᵀ / √d        who listens to whom; the future is masked with −∞
#   output = softmax(scores)·V     a weighted mean of what is offered


class Attention(nn.Module):
    """Several heads side by side, each with queries, keys and values of its own."""

    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, 3 * width)  # queries, keys and values in one product
        self.merge = nn.Linear(width, width)
        self.register_buffer("seen", torch.tril(torch.ones(context, context)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, self.heads, width // self.heads).transpose(1, 2)
            for part in self.ask(x).split(width, dim=2)
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
        scores = scores.masked_fill(self.seen[:time, :time] == 0, float("-inf"))
        heard = F.softmax(scores, dim=-1) @ v
        return self.merge(heard.transpose(1, 2).contiguous().view(batch, time, width))


class Block(nn.Module):
    """Listen, then think; each adds to what is already there."""

    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.listen = Attention(width, heads, context)
        self.think = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.listen(self.norm1(x))
        return x + self.think(self.norm2(x))


class GPT(nn.Module):
    """Characters and places as vectors, through the blocks, to a score for each character."""

    def __init__(self, width: int = 64, heads: int = 4, layers: int = 4, context: int = 64) -> None:
        super().__init__()
        self.context = context
        self.character = nn.Embedding(len(CHARACTERS), width)
        self.place = nn.Embedding(context, width)
        self.blocks = nn.Sequential(*[Block(width, heads, context) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.score = nn.Linear(width, len(CHARACTERS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        places = torch.arange(x.shape[1])
        return self.score(self.norm(self.blocks(self.character(x) + self.place(places))))


def train(model: GPT, steps: int, batch: int, rate: float = 1e-3) -> list[float]:
    data = torch.tensor([NUMBER[c] for c in TEXT])
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    losses = []
    for step in range(steps):
        starts = torch.randint(len(data) - model.context, (batch,))
        x = torch.stack([data[i : i + model.context] for i in starts])
        y = torch.stack([data[i + 1 : i + model.context + 1] for i in starts])
        scores = model(x)
        loss = F.cross_entropy(scores.view(-1, len(CHARACTERS)), y.view(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % max(1, steps // 10) == 0:
            print(f"  step {step + 1:5}  loss {loss:.4f}")
    return losses


@torch.no_grad()
def goes_on(model: GPT, start: str, length: int) -> str:
    """`start` and the `length` likeliest characters after it, one at a time."""
    model.eval()
    written = [NUMBER[c] for c in start]
    for _ in range(length):
        scores = model(torch.tensor([written[-model.context :]]))
        written.append(scores[0, -1].argmax().item())
    return "".join(CHARACTERS[i] for i in written)


def main(steps: int = 2000, seed: int = 0, batch: int = 16, width: int = 64) -> list[float]:
    torch.manual_seed(seed)
    model = GPT(width=width)
    count = sum(p.numel() for p in model.parameters())
    print(f"{len(TEXT):,} characters, {len(CHARACTERS)} kinds; {count:,} weights")
    losses = train(model, steps, batch)
    for start in ("six hundred nine, ", "three hundred ninety-eight, "):
        print(f"  {goes_on(model, start, 60)}")
    return losses


if __name__ == "__main__":
    main()
