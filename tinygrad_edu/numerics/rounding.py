"""Products and sums rounded once, as processors with fused multiply-add give them.

PyTorch's kernels fuse `a * b + c` where they can. The last digit rarely matters; it decides when a
point lies exactly on the border of two cells, and which of them it belongs to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["evenly_spaced", "fused"]

SPLITTER = 134217729.0  # 2²⁷ + 1 cuts a float64 in two halves of 26 bits (Veltkamp, 1968)


def fused(a: Any, b: Any, c: Any) -> Any:
    """``a·b + c``, rounded once, of float32 or float64 arrays or scalars of one dtype.

    float32 goes through float64, in which products of float32 are exact. float64 adds what the
    product and the sum lost, which is known exactly (Dekker, 1971; Knuth, TAOCP 2, 4.2.2).
    """
    a, b, c = np.asarray(a), np.asarray(b), np.asarray(c)
    if a.dtype == np.float32:
        wide = np.float64
        return (a.astype(wide) * b.astype(wide) + c.astype(wide)).astype(np.float32)
    product, lost = _product(a, b)
    total = product + c
    back = total - product
    lost = lost + ((product - (total - back)) + (c - back))
    return total + lost


def _product(a: Any, b: Any) -> tuple[Any, Any]:
    """``a·b`` in float64, and what rounding took from it."""
    high_a, high_b = (SPLITTER * x - (SPLITTER * x - x) for x in (a, b))
    low_a, low_b = a - high_a, b - high_b
    product = a * b
    return product, ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b


def evenly_spaced(start: float, end: float, steps: int, dtype: Any) -> Any:
    """`steps` ≥ 2 numbers from `start` to `end`, both included: `torch.linspace`, bit for bit.

    Counted from both ends to the middle in the dtype itself, fused (integers in float64, unfused).
    """
    dtype = np.dtype(dtype)
    whole = dtype.kind != "f"
    kind: Any = np.float64 if whole else np.float32 if dtype.itemsize == 2 else dtype.type
    first, last = kind(start), kind(end)
    step = (last - first) / kind(steps - 1)
    i = np.arange(steps)
    up, down = i.astype(kind), (steps - 1 - i).astype(kind)
    if whole:
        values = np.where(i < steps // 2, first + step * up, last - step * down)
    else:
        values = np.where(i < steps // 2, fused(step, up, first), fused(-step, down, last))
    return values.astype(dtype)
