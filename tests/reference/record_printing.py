"""Records how PyTorch prints tensors.

    python -m tests.reference.record_printing

writes `printing.json` beside this file: expressions and their `repr`. Needs PyTorch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("printing.json")

EXPRESSIONS = [
    "torch.tensor(3.0)",
    "torch.tensor(3)",
    "torch.tensor(True)",
    "torch.tensor(2.5, requires_grad=True)",
    "torch.tensor([])",
    "torch.tensor([], dtype=torch.int64)",
    "torch.zeros(0, 3)",
    "torch.zeros(2, 0, dtype=torch.float64)",
    "torch.tensor([1.0, 2.0])",
    "torch.tensor([1.0, 2.5, -3.25])",
    "torch.tensor([1, -20, 300])",
    "torch.tensor([True, False])",
    "torch.tensor([0.1, 0.2], requires_grad=True)",
    "torch.tensor([0.1, 0.2], dtype=torch.float64)",
    "torch.tensor([0.1, 0.2], dtype=torch.float16)",
    "torch.tensor([1, 2], dtype=torch.int32)",
    "torch.tensor([1, 2], dtype=torch.uint8)",
    "torch.tensor([1e-5, 1.0])",
    "torch.tensor([1e-5, 2e-5])",
    "torch.tensor([1e8, 1.0])",
    "torch.tensor([123456.0, 1.5])",
    "torch.tensor([100000.0, 1.0])",
    "torch.tensor([1e10, 2e10])",
    "torch.tensor([float('nan'), 1.0])",
    "torch.tensor([float('inf'), -float('inf'), 1.5])",
    "torch.tensor([float('nan'), float('nan')])",
    "torch.tensor([float('inf'), 1.0])",
    "torch.tensor([-0.0, 0.0])",
    "torch.arange(12.0).reshape(3, 4)",
    "torch.arange(12).reshape(3, 4)",
    "torch.arange(24.0).reshape(2, 3, 4) / 7",
    "torch.arange(16.0).reshape(2, 2, 2, 2)",
    "torch.arange(30.0)",
    "torch.arange(30.0) / 7",
    "torch.arange(1000.0)",
    "torch.arange(1001.0)",
    "torch.arange(1001)",
    "torch.arange(10000.0).reshape(100, 100)",
    "torch.arange(10000.0).reshape(100, 100) / 3",
    "torch.arange(2000.0).reshape(10, 10, 20)",
    "torch.arange(2000.0).reshape(1000, 2)",
    "torch.arange(3.0).requires_grad_() * 2",
    "torch.arange(3.0).requires_grad_().exp()",
    "torch.arange(3.0).requires_grad_().sum()",
    "torch.arange(3.0).requires_grad_() + 1",
    "torch.arange(3.0).requires_grad_() - 1",
    "torch.arange(3.0).requires_grad_() / 2",
    "-torch.arange(3.0).requires_grad_()",
    "torch.arange(3.0).requires_grad_() ** 2",
    "torch.arange(4.0).reshape(2, 2).requires_grad_() @ torch.ones(2, 2)",
    "torch.arange(40.0).requires_grad_() / 7",
    "torch.arange(8.0, dtype=torch.float64).requires_grad_() / 7",
    "torch.arange(3.0).requires_grad_().mean()",
    "torch.ones(2, 3).requires_grad_().mean(0)",
    "torch.ones(2, 3).requires_grad_().sum(0)",
    "torch.arange(3.0).requires_grad_().max()",
    "torch.arange(3.0).requires_grad_()[0]",
    "torch.arange(3.0).requires_grad_()[1:]",
    "torch.arange(3.0).requires_grad_()[torch.tensor([0, 2])]",
    "torch.arange(4.0).requires_grad_().reshape(2, 2)",
    "torch.arange(4.0).requires_grad_().double()",
    "torch.arange(4.0).requires_grad_().clone()",
    "torch.arange(4.0).requires_grad_().relu()",
    "torch.arange(4.0).requires_grad_().sigmoid()",
    "torch.arange(4.0).requires_grad_().softmax(0)",
    "torch.arange(4.0).requires_grad_().log_softmax(0)",
    "torch.arange(4.0).requires_grad_().std()",
    "torch.arange(4.0).requires_grad_().norm()",
    "2 - torch.arange(3.0).requires_grad_()",
    "2 ** torch.arange(3.0).requires_grad_()",
    "torch.cat([torch.arange(3.0).requires_grad_()])",
    "torch.stack([torch.arange(3.0).requires_grad_()])",
    "torch.arange(3.0).requires_grad_() @ torch.ones(3)",
    "torch.ones(2, 3) @ torch.arange(3.0).requires_grad_()",
    "torch.nn.functional.mse_loss(torch.ones(3).requires_grad_(), torch.zeros(3))",
    "torch.nn.functional.cross_entropy(torch.ones(1, 3).requires_grad_(), torch.tensor([0]))",
    "torch.nn.functional.gelu(torch.zeros(2).requires_grad_())",
    "torch.nn.Parameter(torch.arange(3.0))",
    "torch.ones(2).shape",
    "torch.ones(2, 3).size()",
]


def options_expressions() -> list[tuple[dict[str, Any], str]]:
    """Options of `set_printoptions`, and what to print under them."""
    return [
        ({"precision": 2}, "torch.arange(4.0) / 7"),
        ({"precision": 8}, "torch.arange(4.0) / 7"),
        ({"sci_mode": True}, "torch.arange(4.0) / 7"),
        ({"sci_mode": False}, "torch.tensor([1e-6, 1e6])"),
        ({"linewidth": 40}, "torch.arange(20.0)"),
        ({"threshold": 5, "edgeitems": 2}, "torch.arange(20.0).reshape(4, 5)"),
    ]


def main() -> None:
    """Print everything in PyTorch and write the file."""
    import torch

    plain = [[{}, e, repr(eval(e, {"torch": torch}))] for e in EXPRESSIONS]
    changed = []
    for options, e in options_expressions():
        torch.set_printoptions(**options)
        changed.append([options, e, repr(eval(e, {"torch": torch}))])
        torch.set_printoptions(profile="default")
    lines = ",\n".join(json.dumps(x, separators=(",", ":")) for x in plain + changed)
    version = torch.__version__.split("+")[0]
    FILE.write_text(f'{{"torch":"{version}","cases":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
