"""Matrix products and sums of products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.primitive import LINALG, Primitive
from ..engine.traced import Traced, raw
from ..numerics.overridable import overridable
from .declaring import primitive, sample


@overridable
def product(a: Any, b: Any) -> Any:
    """`a @ b` for every pair of ranks.

    Two matrices go to `dot`, which costs half of `np.matmul` on small ones; a stack times one
    matrix is one large product and not many small ones.
    """
    if a.ndim == 2 and b.ndim == 2:
        return a.dot(b)
    if b.ndim == 2 and a.ndim > 2 and a.size:
        return np.dot(a.reshape(-1, a.shape[-1]), b).reshape((*a.shape[:-1], b.shape[-1]))
    return np.matmul(a, b)


def fold(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the stack axes that broadcasting added or stretched, back to `shape`."""
    extra = len(g.shape) - len(shape)
    axes = tuple(i for i in range(len(g.shape)) if i < extra or shape[i - extra] == 1 != g.shape[i])
    return np.sum(g, axis=axes).reshape(shape) if axes else g


def turned(x: Any) -> Any:
    """The last two axes swapped."""
    return x.swapaxes(-1, -2)


def left_rule(g: Any, b: Any, a_shape: tuple[int, ...]) -> Any:
    """g bᵀ, with the ranks that `@` fills in filled in here."""
    if len(a_shape) >= 2 and len(b.shape) == 2:
        return product(g, b.T)
    if len(b.shape) == 1:
        return g * b if len(a_shape) == 1 else np.expand_dims(g, -1) * b
    if len(a_shape) == 1:
        return fold(product(np.expand_dims(g, -2), turned(b))[..., 0, :], a_shape)
    return fold(product(g, turned(b)), a_shape)


def right_rule(g: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    """aᵀ g, formed as (gᵀ a)ᵀ: for x Wᵀ that leaves the gradient of W in W's own memory order."""
    if len(b_shape) == 2 and len(a.shape) == 2:
        return product(g.T, a).T
    if len(b_shape) == 2 and len(a.shape) > 2:
        rows = math.prod(g.shape[:-1])
        g, a = g.reshape((rows, g.shape[-1])), a.reshape((rows, a.shape[-1]))
        return product(g.T, a).T
    if len(a.shape) == 1:
        return g * a if len(b_shape) == 1 else fold(turned(np.expand_dims(g, -1) * a), b_shape)
    if len(b_shape) == 1:
        return fold(product(turned(a), np.expand_dims(g, -1))[..., 0], b_shape)
    return fold(turned(product(turned(g), a)), b_shape)


def same_dtype(op: Primitive, found: list[Any]) -> None:
    """Matrix products do not mix dtypes: it is nearly always a mistake, and a slow one."""
    dtypes = [raw(x).dtype for x in found if hasattr(raw(x), "dtype")]
    if len(dtypes) != len(found):
        raise TypeError(f"{op.name}: both operands must be Tensors; use * to multiply by a number")
    if dtypes[0] != dtypes[1]:
        plain = [i for i, x in enumerate(found) if not isinstance(x, Traced)]
        if len(plain) == 1:  # an array beside a tensor takes the tensor's dtype, if both are floats
            i = plain[0]
            if found[i].dtype.kind == "f" == found[1 - i].dtype.kind:
                found[i] = found[i].astype(found[1 - i].dtype)
                return
        if op.name == "inner":
            raise RuntimeError(
                f"linear: mat1 and mat2 must have the same dtype, but got {dtypes[0]} and "
                f"{dtypes[1]}: the input is {dtypes[0]}, the layer's weight {dtypes[1]}. Convert "
                f"the input with .float(), or the model with model.double()."
            )
        raise RuntimeError(
            f"{op.name}: expected both tensors to have the same dtype, but got: {dtypes[0]} != "
            f"{dtypes[1]}. Convert one: .float(), .double() or .to(other.dtype)."
        )


matmul = primitive(
    product,
    a=left_rule,
    b=right_rule,
    family=LINALG,
    fit=same_dtype,
    samples=[
        sample((2, 3), (3, 4)),
        sample((3,), (3,)),
        sample((2, 3), (3,)),
        sample((3,), (3, 2)),
        sample((4, 2, 3), (3, 2)),
        sample((2, 3), (4, 3, 2)),
        sample((4, 2, 3), (4, 3, 2)),
        sample((2, 1, 2, 3), (4, 3, 2)),
        sample((3,), (4, 3, 2)),
        sample((4, 2, 3), (3,)),
    ],
    name="matmul",
    label="@",
    also=[np.matmul],
    complex_ok=True,
)

# x Wᵀ ---------------------------------------------------------------------------------------------


@overridable
def row_products(a: Any, b: Any) -> Any:
    """Products of the rows of `a` (…, k) with those of `b` (m, k): a bᵀ, of shape (…, m).

    What a linear layer computes. As one primitive its rules need no transposed copies, and the
    gradient of a weight comes out in the weight's own memory order.
    """
    if a.ndim == 2:
        return a.dot(b.T)
    return a.reshape(-1, a.shape[-1]).dot(b.T).reshape((*a.shape[:-1], b.shape[0]))


def rows(x: Any) -> Any:
    """`x` as a matrix of its last axis."""
    return x if len(x.shape) == 2 else x.reshape((-1, x.shape[-1]))


inner = primitive(
    row_products,
    a=lambda g, b: product(g, b),
    b=lambda g, a: product(rows(g).T, rows(a)),
    family=LINALG,
    fit=same_dtype,
    samples=[sample((2, 3), (4, 3)), sample((3,), (4, 3)), sample((2, 5, 3), (4, 3))],
    name="inner",
    label="@ .T",
    complex_ok=True,
)

# Sums of products ---------------------------------------------------------------------------------


@overridable
def contract(factors: Any, subscripts: str) -> Any:
    """`einsum` with explicit output and no label repeated within an operand.

    Two factors are lowered to one stacked matrix product, which BLAS computes.
    """
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    if len(factors) != 2:
        return np.einsum(subscripts, *factors, optimize=len(factors) > 2)
    (a, b), (s, t) = factors, terms
    stack = [k for k in s if k in t and k in output]
    shared = [k for k in s if k in t and k not in output]
    only_a = [k for k in s if k not in t]
    only_b = [k for k in t if k not in s]
    if any(k not in output for k in (*only_a, *only_b)):
        return np.einsum(subscripts, a, b)
    size = dict(zip(s, a.shape, strict=True)) | dict(zip(t, b.shape, strict=True))

    def laid(x: Any, term: str, *groups: list[str]) -> Any:
        x = x.transpose([term.index(k) for group in groups for k in group])
        shape = [size[k] for k in stack]
        return x.reshape(shape + [int(np.prod([size[k] for k in g])) for g in groups[1:]])

    y = np.matmul(laid(a, s, stack, only_a, shared), laid(b, t, stack, shared, only_b))
    order = [*stack, *only_a, *only_b]
    return y.reshape([size[k] for k in order]).transpose([order.index(k) for k in output])


def einsum_rule(g: Any, i: int, factors: Any, subscripts: str) -> Any:
    """The same sum of products with the output's cotangent in the place of operand i."""
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    others = [k for k in range(len(terms)) if k != i]
    known = set(output).union(*(terms[k] for k in others))
    reach = "".join(k for k in terms[i] if k in known)
    text = ",".join([output, *(terms[k] for k in others)]) + "->" + reach
    out = contract((g, *(factors[k] for k in others)), text)
    if reach == terms[i]:
        return out
    shape = factors[i].shape  # labels met nowhere else were summed away: spread over them again
    lost = tuple(n for n, k in enumerate(terms[i]) if k not in known)
    return np.broadcast_to(np.expand_dims(out, lost), shape)


einsum = primitive(
    contract,
    factors=einsum_rule,
    params={"subscripts": ""},
    variadic=True,
    family=LINALG,
    samples=[
        sample((2, 3), (3, 4), subscripts="ij,jk->ik"),
        sample((2, 3, 4), (2, 4, 5), subscripts="bij,bjk->bki"),
        sample((2, 3), (3,), (4, 2), subscripts="ij,j,ki->k"),
        sample((2, 3), subscripts="ij->j"),
        sample((2, 3), (4,), subscripts="ij,k->ik"),
    ],
    name="einsum",
    complex_ok=True,
)
