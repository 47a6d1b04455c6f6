"""Products of matrices and vectors: sums by labels, chains, powers."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from ...engine.traced import Traced, wrap
from ...primitives import linalg, reduction
from ...primitives import shaping as shaping_primitives
from .. import diagonals, shaping
from ..composed import composed
from ..reduction import axes
from ..shaping import broadcast_to
from .checks import square
from .solving import inv

if TYPE_CHECKING:
    from ...tensors.tensor import Tensor

matmul = linalg.matmul.record


def ranked(name: str, ranks: tuple[int, ...], *tensors: Tensor) -> None:
    """Raise unless the tensors have the ranks that a product asks for."""
    given = [x._data.ndim for x in tensors]
    for x, rank, found in zip(tensors, ranks, given, strict=True):
        if found != rank:
            raise RuntimeError(
                f"{name}: expected tensors of {' and '.join(map(str, ranks))} dimensions, got a "
                f"{found}-D tensor of shape {tuple(x._data.shape)}; use torch.matmul (@) for any "
                f"ranks."
            )


def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices."""
    ranked("mm", (2, 2), input, mat2)
    return linalg.matmul.record(input, mat2, out=out)


def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products of two stacks of matrices, one by one."""
    ranked("bmm", (3, 3), input, mat2)
    if input._data.shape[0] != mat2._data.shape[0]:
        raise RuntimeError(
            f"bmm: both stacks must be of one length, got shapes {tuple(input._data.shape)} and "
            f"{tuple(mat2._data.shape)}"
        )
    return linalg.matmul.record(input, mat2, out=out)


def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A matrix times a vector."""
    ranked("mv", (2, 1), input, vec)
    return linalg.matmul.record(input, vec, out=out)


def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inner product of two vectors."""
    ranked("dot", (1, 1), input, tensor)
    return linalg.matmul.record(input, tensor, out=out)


def einsum(equation: str, *operands: Any) -> Tensor:
    """Sums of products by labels: `einsum("bij,bjk->bik", a, b)`.

    Labels in no output are summed; without `->` the output holds, in alphabetical order, those met
    once. `...` stands for broadcast dimensions; a label repeated in one operand means its diagonal.
    """
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    equation = equation.replace(" ", "")
    given, arrow, output = equation.partition("->")
    terms = given.split(",")
    if len(terms) != len(operands):
        raise RuntimeError(
            f"einsum(): {len(terms)} subscripts in {equation!r} for {len(operands)} operands"
        )
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in equation]
    terms, dots = _spelled(terms, operands, spare)
    sizes = _sizes(equation, terms, operands)
    if not arrow:
        letters = given.replace("...", "").replace(",", "")
        output = dots + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    output = output.replace("...", dots)
    tensors = []
    for i, (x, term) in enumerate(zip(operands, terms, strict=True)):
        for label in dict.fromkeys(term):
            while term.count(label) > 1:
                a = term.index(label)
                b = term.index(label, a + 1)
                x = shaping.diagonal(x, 0, a, b)
                term = term[:a] + term[a + 1 : b] + term[b + 1 :] + label
        ones = [k for k, c in enumerate(term) if x._data.shape[k] == 1 < sizes[c]]
        if ones:  # a broadcast dimension: leave it to the operands that have it in full
            x = shaping_primitives.squeeze.record(x, tuple(ones))
            term = "".join(c for k, c in enumerate(term) if k not in ones)
        terms[i] = term
        tensors.append(x)
    missing = [c for c in output if not any(c in t for t in terms)]
    text = ",".join(terms) + "->" + "".join(c for c in output if c not in missing)
    out = linalg.einsum.record(tensors, text)
    for k, c in enumerate(output):
        if c in missing:
            out = shaping_primitives.unsqueeze.record(out, k)
    return out


def _spelled(
    terms: list[str], operands: tuple[Any, ...], spare: list[str]
) -> tuple[list[str], str]:
    """Subscripts with `...` spelled out in unused letters, and those letters."""
    ranks = [x._data.ndim - len(t.replace("...", "")) for t, x in zip(terms, operands, strict=True)]
    for term, rank, x in zip(terms, ranks, operands, strict=True):
        if rank < 0 or (rank and "..." not in term):
            raise RuntimeError(
                f"einsum(): the subscripts {term!r} do not match a tensor of shape "
                f"{tuple(x._data.shape)}"
            )
    most = max((r for t, r in zip(terms, ranks, strict=True) if "..." in t), default=0)
    dots = "".join(spare[:most])
    return [t.replace("...", dots[most - r :]) for t, r in zip(terms, ranks, strict=True)], dots


def _sizes(equation: str, terms: list[str], operands: tuple[Any, ...]) -> dict[str, int]:
    """What each label stands for: one size, beside which 1 is broadcast."""
    sizes: dict[str, int] = {}
    for label, size in (
        pair
        for term, x in zip(terms, operands, strict=True)
        for pair in zip(term, x._data.shape, strict=True)
    ):
        if sizes.setdefault(label, size) == 1:
            sizes[label] = size
        if size not in (1, sizes[label]):
            shapes = ", ".join(str(tuple(x._data.shape)) for x in operands)
            raise RuntimeError(
                f"einsum(): the label {label!r} of {equation!r} stands for sizes {sizes[label]} "
                f"and {size} in operands of shapes {shapes}; one label is one size"
            )
    return sizes


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sum of products over the last dimensions of `a` and the first of `b`, or given ones."""
    if isinstance(dims, int):
        left = list(range(a._data.ndim - dims, a._data.ndim))
        right = list(range(dims))
    else:
        if isinstance(dims, Traced):
            dims = dims._data.tolist()
        left, right = ([d] if isinstance(d, int) else list(d) for d in dims)
    for i, j in zip(left, right, strict=True):  # a dimension of size 1 is broadcast
        if a._data.shape[i] != b._data.shape[j]:
            if a._data.shape[i] == 1:
                b = reduction.sum.record(b, j, True)
            elif b._data.shape[j] == 1:
                a = reduction.sum.record(a, i, True)
    labels = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    s = list(labels[: a._data.ndim])
    t = list(labels[a._data.ndim : a._data.ndim + b._data.ndim])
    for i, j in zip(left, right, strict=True):
        t[j] = s[i]
    summed = {s[i] for i in left}
    out = [c for c in s + t if c not in summed]
    return einsum(f"{''.join(s)},{''.join(t)}->{''.join(out)}", a, b)


@composed
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Every product of an entry of one vector and one of the other."""
    ranked("outer", (1, 1), input, vec2)
    return shaping_primitives.unsqueeze.record(input, 1) * vec2


@composed
def addmm(
    input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1
) -> Tensor:
    """beta · input + alpha · mat1 @ mat2."""
    product = linalg.matmul.record(mat1, mat2)
    return (input if beta == 1 else input * beta) + (product if alpha == 1 else product * alpha)


@composed
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta · input + alpha · mat @ vec."""
    ranked("addmv", (2, 1), mat, vec)
    return _scaled(input, beta) + _scaled(linalg.matmul.record(mat, vec), alpha)


@composed
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta · input + alpha · (every product of entries of two vectors)."""
    return _scaled(input, beta) + _scaled(outer(vec1, vec2), alpha)


@composed
def baddbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1
) -> Tensor:
    """beta · input + alpha · batch1 @ batch2, for stacks of matrices."""
    return _scaled(input, beta) + _scaled(bmm(batch1, batch2), alpha)


@composed
def addbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1
) -> Tensor:
    """beta · input + alpha · Σ batch1 @ batch2, summed over the stack."""
    return _scaled(input, beta) + _scaled(
        reduction.sum.record(bmm(batch1, batch2), 0, False), alpha
    )


def _scaled(x: Tensor, factor: float) -> Tensor:
    return x if factor == 1 else x * factor


def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The inner product of two vectors."""
    return dot(input, other)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Inner products of the last dimensions; a number scales."""
    if not input._data.ndim or not other._data.ndim:
        return input * other
    return tensordot(input, other, ([-1], [-1]))


@composed
def matrix_power(A: Tensor, n: int) -> Tensor:
    """A multiplied by itself n times; the inverse's power for negative n."""
    square("matrix_power", A)
    if n < 0:
        return matrix_power(inv(A), -n)
    if n == 0:
        eye = wrap(np.eye(A._data.shape[-1], dtype=A._data.dtype))
        return broadcast_to(eye, A._data.shape).clone() + A * 0
    out: Any = None
    power: Any = A
    while n:
        if n & 1:
            out = power if out is None else matmul(out, power)
        n >>= 1
        if n:
            power = matmul(power, power)
    return out.clone() if out is A else out


@composed
def multi_dot(tensors: Any) -> Tensor:
    """A product of several matrices, multiplied in the cheapest order."""
    parts = list(tensors)
    if len(parts) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(parts)}")
    first, last = parts[0]._data.ndim == 1, parts[-1]._data.ndim == 1
    if first:
        parts[0] = parts[0].unsqueeze(0)
    if last:
        parts[-1] = parts[-1].unsqueeze(-1)
    sizes = [parts[0]._data.shape[0], *(x._data.shape[1] for x in parts)]
    out = _chain(parts, sizes)
    if first:
        out = out.squeeze(0)
    return out.squeeze(-1) if last else out  # type: ignore[no-any-return]


def _chain(parts: list[Any], sizes: list[int]) -> Any:
    """Matrix chain multiplication by dynamic programming (Cormen et al., chapter 14)."""
    n = len(parts)
    cost = [[0] * n for _ in range(n)]
    cut = [[0] * n for _ in range(n)]
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            trials = [
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            ]
            cost[i][j], cut[i][j] = builtins.min(trials)

    def multiply(i: int, j: int) -> Any:
        if i == j:
            return parts[i]
        k = cut[i][j]
        return matmul(multiply(i, k), multiply(k + 1, j))

    return multiply(0, n - 1)


chain_matmul = multi_dot


@composed
def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The vector product along a dimension of size 3."""
    shape = np.broadcast_shapes(input._data.shape, other._data.shape)
    a, b = broadcast_to(input, shape), broadcast_to(other, shape)
    along = axes(a, dim, "cross")
    if shape[along] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {shape[along]}"
        )
    return a.roll(-1, along) * b.roll(-2, along) - a.roll(-2, along) * b.roll(-1, along)


@composed
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The inner products of vectors along a dimension."""
    product = x * y
    return reduction.sum.record(product, axes(product, dim, "vecdot"), False)


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """Rows of powers 1, x, x², … (`torch.vander` has the highest first)."""
    return diagonals.vander(x if x._data.ndim else x.reshape((1,)), N, True)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices."""
    return shaping.diagonal(A, offset, dim1, dim2)
