"""9 · Remembering: why a plain recurrent network forgets, and an LSTM does not.

The problem
    A sequence begins with one of eight symbols, then comes noise. At the end: which was the first?
    Nothing else matters, so all the network must do is hold on to it for 30 steps.

What you will see
    A plain RNN multiplies its state by the same matrix at every step, and its gradient by the same
    matrix on the way back: over 30 steps that dies out (or blows up). An LSTM keeps a cell to which
    it adds, through gates that open and close: along the cell the gradient passes unchanged.
    Hochreiter and Schmidhuber, Long Short-Term Memory, 1997.

Run it: python examples/09_lstm.py
"""

import math

import tinygrad_edu as torch
import tinygrad_edu.nn as nn
import tinygrad_edu.nn.functional as F

SYMBOLS = 8

# ------------------------------------------------------------------------------------ the gates
#   i, f, o = σ(W·[x, h] + b)        what to let in, what to keep, what to show: each 0 … 1
#   g       = tanh(W·[x, h] + b)     what there is to let in
#   c′      = f·c + i·g              the cell: ∂c′/∂c = f, near 1 while it remembers
#   h′      = o·tanh(c′)             the state that others see


class Reader(nn.Module):
    """Symbols as vectors, through a recurrent layer; its last state answers."""

    def __init__(self, kind: str, hidden: int, length: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(SYMBOLS, 16)
        layer = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[kind]
        self.memory = layer(16, hidden, batch_first=True)
        self.score = nn.Linear(hidden, SYMBOLS)
        if kind != "RNN":
            # Begin by remembering: gates that keep 1 − 1/T of the cell at each step, so that a
            # third is left after T steps (Tallec and Ollivier, 2018). σ(log T) = 1 − 1/(T + 1).
            with torch.no_grad():
                self.memory.bias_hh_l0[hidden : 2 * hidden].fill_(math.log(length))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.memory(self.embed(x))
        return self.score(states[:, -1])


def draw(batch: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Sequences of random symbols; the answer is the first."""
    x = torch.randint(0, SYMBOLS, (batch, length))
    return x, x[:, 0]


def train(model: Reader, steps: int, length: int, batch: int = 64) -> list[float]:
    # eps: gradients far below 1e-4, of which there are many here, make small steps, not whole ones
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, eps=1e-4)
    losses = []
    for _ in range(steps):
        x, y = draw(batch, length)
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


# ------------------------------------------------------------------------------ where it is lost


def slopes(model: Reader, length: int) -> list[float]:
    """How much the answer listens to each place: the size of the loss's gradient there."""
    x, y = draw(64, length)
    inputs = model.embed(x).detach().requires_grad_()
    states, _ = model.memory(inputs)
    F.cross_entropy(model.score(states[:, -1]), y).backward()
    return inputs.grad.norm(dim=2).mean(dim=0).tolist()


def bars(values: list[float]) -> str:
    most = max(values)
    return "".join(" ▁▂▃▄▅▆▇█"[round(8 * v / most)] for v in values)


def main(
    steps: int = 600,
    seed: int = 0,
    length: int = 30,
    hidden: int = 64,
    kinds: tuple[str, ...] = ("RNN", "LSTM", "GRU"),
) -> list[float]:
    print(f"the first of {SYMBOLS} symbols after {length} steps; guessing has loss 2.08")
    every = []
    for kind in kinds:
        torch.manual_seed(seed)
        model = Reader(kind, hidden, length)
        before = bars(slopes(model, length))
        losses = train(model, steps, length)
        x, y = draw(1000, length)
        with torch.no_grad():
            right = (model(x).argmax(1) == y).float().mean().item()
        tail = losses[-max(1, steps // 10) :]
        print(f"  {kind:4}  loss {sum(tail) / len(tail):.4f}  right {right:.1%}")
        print(f"        listens, untrained  [{before}]")
        print(f"        listens, trained    [{bars(slopes(model, length))}]")
        every += losses
    return every


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * main(length=100): which still learns? Leave out the gates' start.
# * Ask for the second symbol, or for the one after the first 0.
