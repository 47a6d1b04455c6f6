"""Makes the pictures of `docs/gradcheck.md`: `python docs/gradcheck_pictures.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.checking.report import GradReport
from tinygrad_edu.learn import experiments

HERE = Path(__file__).resolve().parent


class Tanh(tg.autograd.Function):
    """tanh, with 1 - y where its derivative has 1 - y²."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = tg.tanh(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (y,) = ctx.saved_tensors
        return g * (1 - y)


def wrong_op() -> GradReport:
    """A small network with a wrong op in its first layer and a kink in its second."""

    def net(x: Any, W1: Any, b1: Any, W2: Any) -> Any:
        h = Tanh.apply(x @ W1 + b1)
        return tg.abs(h @ W2).mean()

    rng = np.random.default_rng(0)
    x, W1, b1, W2 = (rng.standard_normal(shape) for shape in [(5, 3), (3, 4), 4, (4, 2)])
    W2[:, 1] = 0  # |0|: a kink, at which any slope from -1 to 1 is right
    return tg.gradcheck(net, x, W1, b1, W2)


def main(folder: Path = HERE) -> None:
    """Write the pictures into `folder`."""
    (folder / "gradcheck").mkdir(parents=True, exist_ok=True)
    report = wrong_op()
    print(report)
    report.graph(title="loss").save(folder / "gradcheck" / "wrong_op.svg")
    experiments.vcurve().plot().savefig(
        folder / "gradcheck" / "vcurve.svg", metadata={"Date": None}
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
