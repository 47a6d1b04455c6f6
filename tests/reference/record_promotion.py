"""Records the dtype of results of mixed operands, in PyTorch and in NumPy.

    python -m tests.reference.record_promotion

writes `promotion.json` beside this file. Needs PyTorch.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("promotion.json")
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
OPS: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda lib, x: lib.sum(x),
    "prod": lambda lib, x: lib.prod(x),
    "mean": lambda lib, x: lib.mean(x),
    "cumsum": lambda lib, x: lib.cumsum(x, 0),
    "sqrt": lambda lib, x: lib.sqrt(x),
    "exp": lambda lib, x: lib.exp(x),
    "true_divide2": lambda lib, x: lib.true_divide(x, x),
    "floor_divide2": lambda lib, x: lib.floor_divide(x, x),
    "pow2": lambda lib, x: x**2,
    "var": lambda lib, x: lib.var(x),
    "argmax": lambda lib, x: lib.argmax(x),
    "abs": lambda lib, x: lib.abs(x),
    "max": lambda lib, x: lib.max(x),
}


def questions() -> Iterator[tuple[str, str, str]]:
    """(kind, a, b): a sum of two tensors, one of them 0-d, one a Python number; or an op on one."""
    for a in DTYPES:
        for b in DTYPES:
            yield "dim+dim", a, b
            yield "dim+0d", a, b
        for number in ("True", "1", "1.5"):
            yield "dim+pyscalar", a, number
            yield "0d+pyscalar", a, number
        for name in OPS:
            yield f"op:{name}", a, ""


def answer(lib: Any, ones: Callable[[Any, str], Any], kind: str, a: str, b: str) -> str:
    """The dtype of the result, or the name of the error."""
    try:
        if kind.startswith("op:"):
            out = OPS[kind[3:]](lib, ones((3,), a))
        elif kind.endswith("pyscalar"):
            number = {"True": True, "1": 1, "1.5": 1.5}[b]
            out = ones((3,) if kind.startswith("dim") else (), a) + number
        else:
            out = ones((3,), a) + ones((3,) if kind == "dim+dim" else (), b)
    except (RuntimeError, TypeError, NotImplementedError) as error:
        return type(error).__name__
    return str(out.dtype).removeprefix("torch.")


def main() -> None:
    """Ask both libraries and write the file, one question a line."""
    import torch

    warnings.simplefilter("ignore")

    def tensors(shape: Any, dtype: str) -> Any:
        return torch.ones(shape, dtype=getattr(torch, dtype))

    rows = [[*q, answer(torch, tensors, *q), answer(np, np.ones, *q)] for q in questions()]
    lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows)
    head = f'"torch":"{torch.__version__.split("+")[0]}","numpy":"{np.__version__}"'
    columns = '"columns":["kind","a","b","torch","numpy"]'
    FILE.write_text(f'{{{head},{columns},"rows":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
