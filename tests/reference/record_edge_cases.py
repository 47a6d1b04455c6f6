"""Records what PyTorch computes at kinks, singularities, ties and empty inputs.

    python -m tests.reference.record_edge_cases

reads `edge_cases.json` beside this file, evaluates each expression again with the PyTorch that is
installed, and writes the file anew: value, gradients under a cotangent of ones, and the row sums of
each input's own Hessian block. Needs PyTorch.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("edge_cases.json")


def decoded(x: Any) -> Any:
    """Nested lists with "nan", "inf", "-inf" and "-0.0" as the floats they stand for."""
    if isinstance(x, list):
        return [decoded(v) for v in x]
    return float(x) if isinstance(x, str) else x


def encoded(x: Any) -> Any:
    """The opposite of `decoded`."""
    if isinstance(x, list):
        return [encoded(v) for v in x]
    if isinstance(x, float):
        if math.isnan(x):
            return "nan"
        if math.isinf(x) or (x == 0 and math.copysign(1, x) < 0):
            return str(x)
    return x


def evaluated(case: dict[str, Any]) -> dict[str, Any]:
    """A case with what the installed PyTorch answers."""
    import torch
    import torch.nn.functional as F

    names = dict(zip("xyz", case["inputs"], strict=False))
    leaves = {
        n: None if v is None else torch.tensor(decoded(v), dtype=torch.float64, requires_grad=True)
        for n, v in names.items()
    }
    out = {k: case[k] for k in ("id", "expr", "inputs", "note") if k in case}
    y = eval(case["expr"], {"torch": torch, "F": F, **leaves})
    out["value"], out["value_shape"] = encoded(y.tolist()), list(y.shape)
    given = [x for x in leaves.values() if x is not None]
    try:
        grads = torch.autograd.grad(y.sum(), given, create_graph=True, allow_unused=True)
    except RuntimeError as error:
        return out | {"error": f"RuntimeError: {error}"}
    found = iter(grads)
    by_input = [None if x is None else next(found) for x in leaves.values()]
    out["grads"] = [None if g is None else encoded(g.tolist()) for g in by_input]
    out["hess_rowsum"] = [
        second(g, x) for g, x in zip(by_input, leaves.values(), strict=True) if x is not None
    ]
    return out


def second(g: Any, x: Any) -> Any:
    """The gradient of `g.sum()` by `x`; None where there is none, PyTorch's words if it refuses."""
    import torch

    if g is None or not g.requires_grad:
        return None
    try:
        (h,) = torch.autograd.grad(g.sum(), x, retain_graph=True, allow_unused=True)
    except RuntimeError as error:
        return f"ERR {str(error).splitlines()[0]}"
    # `+ 0`: PyTorch answers some zeros with a tensor that has no memory.
    return None if h is None else encoded((h + 0).tolist())


def write(cases: list[dict[str, Any]], version: str) -> None:
    """One case a line, so that a change of one is a change of one line."""
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    FILE.write_text(f'{{"torch":"{version}","cases":[\n{lines}\n]}}\n', encoding="utf-8")


def main() -> None:
    """Evaluate every case again and write the file."""
    import torch

    held = json.loads(FILE.read_text(encoding="utf-8"))
    write([evaluated(case) for case in held["cases"]], torch.__version__)


if __name__ == "__main__":
    main()
