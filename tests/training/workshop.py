"""A Trainer with everything that a checkpoint has to carry: momentum, dropout, shuffling, a
schedule, a random stream of the loader's own. Also a program, to resume in another process.

    python -m tests.training.workshop CHECKPOINT EPOCHS OUT [STEPS]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.training import EarlyStopping, Trainer
from tinygrad_edu.utils.data import DataLoader, TensorDataset


def data(samples: int = 50) -> tuple[tg.Tensor, tg.Tensor]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((samples, 4)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    return tg.tensor(x), tg.tensor(y)


def trainer(seed: int = 0, **options: Any) -> Trainer:
    tg.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.3), nn.Tanh(), nn.Linear(8, 2))
    optimizer = optim.AdamW(model.parameters(), lr=0.05)
    own = tg.Generator().manual_seed(7)
    x, y = data()
    loader = DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True, generator=own)
    return Trainer(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        loader,
        (x, y),
        scheduler=optim.lr_scheduler.StepLR(optimizer, 2, 0.5),
        early_stopping=EarlyStopping(patience=100),
        progress=False,
        **options,
    )


def state(t: Trainer) -> list[np.ndarray]:
    """Everything that the rest of a training depends on."""
    arrays = [p.detach().numpy() for p in t.model.parameters()]
    for entries in t.optimizer.state_dict()["state"].values():
        arrays += [np.asarray(getattr(v, "_data", v)) for v in entries.values()]
    arrays += [np.asarray(g) for g in t._so_far.generator_states()]
    measured = [(e.epoch, e.step, e.train_loss, e.test_loss, e.lr) for e in t.history]
    return [*arrays, np.asarray(measured)]


if __name__ == "__main__":
    checkpoint, epochs, out, *rest = sys.argv[1:]
    resumed = trainer(seed=99).resume(checkpoint)  # another seed: the file alone decides
    resumed.fit(int(epochs))
    np.savez(out, *state(resumed))
