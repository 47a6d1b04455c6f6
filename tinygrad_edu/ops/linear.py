"""Linear and bilinear maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..primitives import linalg, shaping
from .composed import composed
from .linalg.products import einsum

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

product, matmul = linalg.inner.record, linalg.matmul.record


@composed(closed_form="g @ weight")
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x Wᵀ + b: input (…, in), weight (out, in), bias (out,) → (…, out)."""
    y = product(input, weight) if weight._data.ndim == 2 else matmul(input, weight)
    return y if bias is None else y + bias


@composed
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x₁ᵀ A x₂ + b: (…, in1), (…, in2), weight (out, in1, in2) → (…, out)."""
    lead = input1._data.shape[:-1]
    a = shaping.reshape.record(input1, (-1, input1._data.shape[-1]))
    b = shaping.reshape.record(input2, (-1, input2._data.shape[-1]))
    y = einsum("ni,oij,nj->no", a, weight, b)
    y = shaping.reshape.record(y, (*lead, weight._data.shape[0]))
    return y if bias is None else y + bias
