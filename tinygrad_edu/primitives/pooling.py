"""Sums over windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.primitive import INDEX
from ..numerics.overridable import overridable
from .declaring import primitive, sample
from .indexing import PANES, WINDOW, Sizes, window_counts, windows_add


@overridable
def window_sums(x: Any, size: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """The sum of every window over the last axes: place by place, over all windows at once."""
    counts = window_counts(x.shape, size, stride, dilation)
    if min(counts) < 1:
        raise ValueError(
            f"a window of {size} (dilation {dilation}) is larger than {x.shape[-len(size) :]}"
        )
    out = np.zeros((*x.shape[: x.ndim - len(size)], *counts), x.dtype)
    for place in np.ndindex(*size):
        where = tuple(
            slice(p * d, p * d + (n - 1) * s + 1, s)
            for p, n, s, d in zip(place, counts, stride, dilation, strict=True)
        )
        out += x[(..., *where)]
    return out


def spread(g: Any, x_shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """Each window's cotangent at all of its places."""
    for _ in size:
        g = np.expand_dims(g, -1)
    g = np.broadcast_to(g, (*g.shape[: -len(size)], *size))
    return windows_add(g, x_shape, size, stride, dilation)


window_sum = primitive(
    window_sums,
    x=lambda g, x_shape, size, stride, dilation: spread(g, x_shape, size, stride, dilation),
    params=WINDOW,
    family=INDEX,
    samples=[sample((2, 5), **PANES[0]), sample((2, 5, 7), **PANES[1])],
    name="window_sum",
    complex_ok=True,
)
