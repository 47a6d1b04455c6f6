"""Sample arguments for functions and Tensor methods, by the name under which each is found.

`exp` stands for `tinygrad_edu.exp` and whatever else is the same object (`Tensor.exp`, `np.exp`'s
twin in `special`); `F.`, `linalg.`, `special.` and `Tensor.` say where else to look. An in-place
method `op_` takes the cases of `op`, on a copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_edu as tg

from .cases import C, Case, d, n, p, signs, truths, u, via, whole

__all__ = ["ABSENT", "FUNCTIONS", "OPERATORS"]


def spd(a: Any) -> Any:
    """A symmetric positive definite matrix from any."""
    return a @ a.mT + 0.5 * tg.eye(a.shape[-1], dtype=tg.float64)


def regular(a: Any) -> Any:
    """A well-conditioned matrix from any."""
    return a + 3 * tg.eye(*a.shape[-2:], dtype=tg.float64)


def symmetric(a: Any) -> Any:
    """A symmetric matrix with eigenvalues apart."""
    return a + a.mT + tg.diag(tg.arange(a.shape[-1], dtype=tg.float64) * 4)


EVERYWHERE = (
    "arcsinh arctan cos cosh deg2rad erf erfc exp exp2 expm1 i0 neg positive rad2deg sigmoid sin "
    "sinc sinh square tanh F.logsigmoid F.mish F.silu F.softplus F.softsign F.tanhshrink F.gelu "
    "special.i0e special.i1 special.i1e special.log_ndtr special.ndtr special.erfcx clone "
    "Tensor.clone Tensor.contiguous Tensor.cpu Tensor.double conj real "
    "resolve_conj"
)
ABOVE_0 = "digamma lgamma log log10 log2 reciprocal rsqrt sqrt special.entr"
BETWEEN_0_AND_1 = "logit special.ndtri"
ABOVE_1 = "acosh"
INSIDE_1 = "acos arcsin arctanh erfinv log1p tan"
WITH_KINKS = (
    "abs ceil floor frac relu round selu sign trunc F.hardsigmoid F.hardswish F.relu6 hardshrink "
    "nan_to_num F.elu celu F.leaky_relu F.hardtanh F.softshrink angle"
)

FUNCTIONS: dict[str, list[Case]] = {
    **{name: [C(n(3, 4)), C(n())] for name in EVERYWHERE.split()},
    **{name: [C(p(3, 4)), C(p())] for name in ABOVE_0.split()},
    **{name: [C(u(0.1, 0.9, 3, 4))] for name in BETWEEN_0_AND_1.split()},
    **{name: [C(u(1.2, 3.0, 3, 4))] for name in ABOVE_1.split()},
    **{name: [C(u(-0.9, 0.9, 3, 4))] for name in INSIDE_1.split()},
    **{name: [C(d(3, 4))] for name in WITH_KINKS.split()},
    # Elementwise, of several.
    "add": [C(n(3, 4), n(4)), C(n(3, 1), n(4), alpha=2.5), C(n(), 2)],
    "sub": [C(n(3, 4), n(4)), C(n(3, 1), n(4), alpha=2.5), C(n(), 2)],
    "rsub": [C(n(3, 4), n(4)), C(n(3, 1), n(4), alpha=2.5)],
    "mul": [C(n(3, 4), n(4)), C(n(3, 1), n(1, 4)), C(n(3), 2)],
    "div": [
        C(n(3, 4), p(4)),
        C(n(3, 1), p(1, 4)),
        C(d(3, 4), p(4), rounding_mode="floor"),
        C(d(3, 4), p(4), rounding_mode="trunc"),
    ],
    "pow": [C(p(3, 4), n(4)), C(n(3), 3), C(n(3), 2), C(p(3), -0.5), C(2.0, n(3)), C(n(3), 0)],
    "float_power": [C(p(3, 4), n(4)), C(n(3), 3)],
    "arctan2": [C(n(3, 4), p(4)), C(n(3, 1), n(1, 4))],
    "hypot": [C(n(3, 4), p(4))],
    "copysign": [C(d(3, 4), d(4)), C(d(3), -1.0)],
    "fmax": [C(d(3, 4), n(4))],
    "fmin": [C(d(3, 4), n(4))],
    "maximum": [C(d(3, 4), n(4))],
    "minimum": [C(d(3, 4), n(4))],
    "fmod": [C(d(3, 4), p(4)), C(d(3), 0.7)],
    "remainder": [C(d(3, 4), p(4)), C(d(3), 0.7)],
    "floor_divide": [C(d(3, 4), p(4))],
    "ldexp": [C(n(3, 4), whole(3, 4))],
    "frexp": [C(d(3, 4))],
    "lerp": [C(n(3, 4), n(4), 0.3), C(n(3), n(3), n(3))],
    "logaddexp": [C(n(3, 4), n(4))],
    "logaddexp2": [C(n(3, 4), n(4))],
    "nextafter": [C(n(3), n(3))],
    "xlogy": [C(p(3, 4), p(4)), C(2.0, p(3)), C(p(3), 2.0)],
    "special.xlog1py": [C(p(3, 4), p(4)), C(2.0, p(3))],
    "special.zeta": [C(2.5, p(3))],
    "polygamma": [C(1, p(3, 4)), C(0, p(3)), C(2, p(2))],
    "mvlgamma": [C(u(2.0, 3.0, 3), 2)],
    "addcdiv": [C(n(3, 4), n(4), p(3, 1)), C(n(3), n(3), p(3), value=0.5)],
    "addcmul": [C(n(3, 4), n(4), n(3, 1)), C(n(3), n(3), n(3), value=0.5)],
    "clamp": [C(d(3, 4), -0.5, 0.6), C(d(3, 4), min=0.05), C(d(3), n(3), n(3) and p(3))],
    "clamp_max": [C(d(3, 4), 0.2), C(d(3), n(3))],
    "clamp_min": [C(d(3, 4), 0.2), C(d(3), n(3))],
    "threshold": [C(d(3, 4), 0.2, 7.0)],
    "prelu": [C(d(2, 3, 4), n(3)), C(d(3), n(1))],
    "where": [C(truths(3, 4), n(3, 4), n(4)), C(truths(3), n(3), 0.0)],
    "Tensor.where": [C(n(3, 4), truths(3, 4), n(4))],
    # Reductions.
    "sum": [C(n(3, 4)), C(n(2, 3, 4), dim=(0, 2)), C(n(3, 4), 1, keepdim=True), C(n())],
    "mean": [C(n(3, 4)), C(n(2, 3, 4), dim=(0, 2)), C(n(3, 4), 1, keepdim=True)],
    "prod": [C(n(3, 4), 1), C(n(2, 3)), C(n(3, 2), 0, keepdim=True)],
    "var": [C(n(3, 4)), C(n(3, 4), dim=1, correction=0), C(n(2, 3, 4), dim=(0, 1), keepdim=True)],
    "std": [C(n(3, 4)), C(n(3, 4), dim=1, correction=0), C(n(2, 3, 4), dim=(0, 1), keepdim=True)],
    "var_mean": [C(n(3, 4)), C(n(3, 4), dim=1)],
    "std_mean": [C(n(3, 4)), C(n(3, 4), dim=1)],
    "amax": [C(d(3, 4)), C(d(2, 3, 4), dim=(0, 2)), C(d(3, 4), 1, keepdim=True)],
    "amin": [C(d(3, 4)), C(d(2, 3, 4), dim=(0, 2)), C(d(3, 4), 1, keepdim=True)],
    "aminmax": [C(d(3, 4)), C(d(3, 4), dim=1)],
    "max": [C(d(3, 4)), C(d(3, 4), 1), C(d(3, 4), n(4))],
    "min": [C(d(3, 4)), C(d(3, 4), 1), C(d(3, 4), n(4))],
    "median": [C(d(3, 3)), C(d(3, 4), 1), C(d(3, 4), 1, keepdim=True)],
    "nanmedian": [C(d(3, 3)), C(d(3, 4), 1)],
    "mode": [C(d(3, 4), 1)],
    "kthvalue": [C(d(3, 4), 2), C(d(3, 4), 2, dim=0, keepdim=True)],
    "logsumexp": [C(n(3, 4), 1), C(n(2, 3, 4), (0, 2), keepdim=True)],
    "cumsum": [C(n(3, 4), 0), C(n(3, 4), -1)],
    "cumprod": [C(n(3, 4), 0), C(n(3, 4), -1)],
    "cummax": [C(d(3, 4), 0), C(d(4), -1)],
    "cummin": [C(d(3, 4), 0), C(d(4), -1)],
    "logcumsumexp": [C(n(3, 4), 0), C(n(4), -1)],
    "sort": [C(d(3, 4)), C(d(3, 4), dim=0, descending=True)],
    "msort": [C(d(3, 4))],
    "topk": [C(d(3, 4), 2), C(d(3, 4), 2, dim=0, largest=False)],
    "quantile": [C(d(3, 4), 0.3), C(d(3, 4), 0.3, dim=1, interpolation="midpoint")],
    "nanquantile": [C(d(3, 4), 0.3)],
    "nanmean": [C(n(3, 4)), C(n(3, 4), dim=1, keepdim=True)],
    "nansum": [C(n(3, 4)), C(n(3, 4), dim=1, keepdim=True)],
    "norm": [C(n(3, 4)), C(d(3, 4), 1, dim=1), C(d(4), float("inf")), C(n(3, 4), "fro")],
    "dist": [C(n(3, 4), n(4)), C(n(3), n(3), 3)],
    "renorm": [C(n(3, 4), 2, 0, 1.0)],
    "corrcoef": [C(n(3, 5))],
    "cov": [C(n(3, 5)), C(n(3, 5), correction=0), C(n(4))],
    "diff": [C(n(3, 5)), C(n(3, 5), n=2, dim=0), C(n(3), prepend=n(1), append=n(2))],
    "gradient": [C(n(5)), C(n(4, 5), spacing=0.5, edge_order=2)],
    "trapezoid": [C(n(3, 5)), C(n(3, 5), n(5)), C(n(3, 5), dx=0.3, dim=0)],
    "cumulative_trapezoid": [C(n(3, 5)), C(n(3, 5), n(5)), C(n(3, 5), dx=0.3, dim=0)],
    "softmax": [C(n(3, 4), -1), C(n(2, 3, 2), dim=1)],
    "log_softmax": [C(n(3, 4), -1), C(n(2, 3, 2), dim=1)],
    "F.softmin": [C(n(3, 4), -1)],
    # Shapes.
    "reshape": [C(n(3, 4), (2, 6)), C(n(3, 4), (-1,))],
    "Tensor.view": [C(n(3, 4), 2, 6), C(n(3, 4), -1)],
    "Tensor.view_as": [C(n(3, 4), tg.zeros(2, 6))],
    "Tensor.reshape_as": [C(n(3, 4), tg.zeros(2, 6))],
    "Tensor.expand": [C(n(3, 1), 3, 4), C(n(4), 2, -1)],
    "Tensor.expand_as": [C(n(3, 1), tg.zeros(3, 4))],
    "Tensor.repeat": [C(n(3, 2), 2, 3), C(n(3), 2, 1)],
    "Tensor.sum_to_size": [C(n(2, 3, 4), 3, 1)],
    "Tensor.unfold": [C(n(3, 7), 1, 3, 2), C(n(5), 0, 2, 1)],
    "Tensor.astype": [C(n(3), np.float64)],
    "Tensor.to": [C(n(3), tg.float64), C(n(3), tg.float32)],
    "Tensor.type": [C(n(3), tg.float64)],
    "Tensor.type_as": [C(n(3), tg.zeros(1, dtype=tg.float64))],
    "Tensor.float": [C(n(3, 4)), C(n())],
    "Tensor.half": [C(n(3, 4))],
    "Tensor.T": [C(n(3, 4))],
    "Tensor.H": [C(n(3, 4))],
    "Tensor.mH": [C(n(2, 3, 4))],
    "Tensor.copy_": [via(lambda f, a, b: f(a.clone(), b), n(3, 4), n(4))],
    "Tensor.mT": [C(n(2, 3, 4))],
    "atleast_1d": [C(n()), C(n(3), n())],
    "atleast_2d": [C(n()), C(n(3))],
    "atleast_3d": [C(n()), C(n(3, 2))],
    "broadcast_tensors": [C(n(3, 1), n(4))],
    "broadcast_to": [C(n(3, 1), (2, 3, 4))],
    "cat": [C([n(2, 3), n(1, 3)]), C([n(2, 3), n(2, 1)], dim=1)],
    "stack": [C([n(2, 3), n(2, 3)]), C([n(2), n(2)], dim=-1)],
    "hstack": [C([n(2, 3), n(2, 1)]), C([n(2), n(3)])],
    "vstack": [C([n(2, 3), n(3)])],
    "dstack": [C([n(2, 3), n(2, 3)])],
    "column_stack": [C([n(2, 3), n(2)])],
    "chunk": [C(n(5, 2), 2), C(n(2, 4), 3, dim=1)],
    "split": [C(n(5, 2), 2), C(n(2, 4), [1, 3], dim=1)],
    "tensor_split": [C(n(5, 2), 3), C(n(2, 4), (1, 3), dim=1)],
    "hsplit": [C(n(2, 4), 2)],
    "vsplit": [C(n(4, 2), [1, 3])],
    "dsplit": [C(n(2, 2, 4), 2)],
    "unbind": [C(n(3, 2)), C(n(2, 3), dim=1)],
    "flatten": [C(n(2, 3, 4)), C(n(2, 3, 4), 1), C(n())],
    "unflatten": [C(n(2, 6), 1, (2, 3))],
    "ravel": [C(n(2, 3))],
    "flip": [C(n(2, 3), (0,)), C(n(2, 3), (0, 1))],
    "fliplr": [C(n(2, 3))],
    "flipud": [C(n(2, 3))],
    "moveaxis": [C(n(2, 3, 4), 0, 2), C(n(2, 3, 4), (0, 1), (1, 2))],
    "narrow": [C(n(3, 4), 1, 1, 2)],
    "permute": [C(n(2, 3, 4), (2, 0, 1))],
    "repeat_interleave": [C(n(3, 2), 2), C(n(3, 2), whole(3, 3), dim=0)],
    "roll": [C(n(3, 4), 1), C(n(3, 4), (1, -1), (0, 1))],
    "rot90": [C(n(2, 3)), C(n(2, 3, 2), 2, (1, 2))],
    "select": [C(n(3, 4), 1, 2), C(n(3), 0, -1)],
    "squeeze": [C(n(1, 3, 1)), C(n(1, 3, 1), 0), C(n(1, 3, 1), (0, 2))],
    "unsqueeze": [C(n(3, 4), 0), C(n(3), -1)],
    "t": [C(n(3, 4)), C(n(3))],
    "tile": [C(n(3, 2), (2, 1, 2))],
    "transpose": [C(n(2, 3, 4), 0, 2)],
    "meshgrid": [C(n(3), n(2), indexing="ij"), C(n(3), n(2), indexing="xy")],
    "tril": [C(n(3, 4)), C(n(2, 3, 3), -1)],
    "triu": [C(n(3, 4)), C(n(2, 3, 3), 1)],
    "trace": [C(n(3, 4))],
    "diag": [C(n(3)), C(n(3, 4), 1)],
    "diag_embed": [C(n(2, 3)), C(n(3), 1)],
    "diagflat": [C(n(2, 2)), C(n(3), -1)],
    "diagonal": [C(n(3, 4)), C(n(2, 3, 4), 1, 1, 2)],
    "linalg.diagonal": [C(n(2, 3, 4))],
    "diagonal_scatter": [C(n(3, 4), n(3)), C(n(3, 4), n(2), offset=-1)],
    "block_diag": [C(n(2, 2), n(3), n())],
    "cartesian_prod": [C(n(3), n(2)), C(n(2))],
    "combinations": [C(n(4)), C(n(3), 2, with_replacement=True)],
    "kron": [C(n(2, 3), n(2, 2)), C(n(2), n(3, 2))],
    "vander": [C(n(3)), C(n(3), 4, increasing=True)],
    "linalg.vander": [C(n(3)), C(n(2, 3), N=4)],
    # Places.
    "gather": [C(n(3, 4), 1, whole(4, 3, 2)), C(n(4), 0, whole(4, 6))],
    "index_select": [C(n(3, 4), 1, whole(4, 5)), C(n(4), 0, whole(4, 6))],
    "masked_select": [C(n(3, 4), truths(3, 4)), C(n(3, 4), truths(4))],
    "masked_fill": [C(n(3, 4), truths(3, 4), 2.0), C(n(3, 4), truths(4), n())],
    "masked_scatter": [C(n(3, 4), truths(3, 4), n(12))],
    "take": [C(n(3, 4), whole(12, 5))],
    "take_along_dim": [C(n(3, 4), whole(4, 3, 2), 1), C(n(3, 4), whole(12, 5))],
    "put": [C(n(3, 4), tg.tensor([0, 5, 11]), n(3)), C(n(4), whole(4, 3), n(3), accumulate=True)],
    "scatter": [
        C(n(3, 4), 1, tg.tensor([[0, 2], [3, 1], [1, 0]]), n(3, 2)),
        C(n(3, 4), 0, tg.tensor([[0, 2, 1, 1]]), 1.5),
    ],
    "scatter_add": [C(n(3, 4), 1, whole(4, 3, 2), n(3, 2)), C(n(4), 0, whole(4, 6), n(6))],
    "scatter_reduce": [
        C(n(4), 0, whole(4, 6), n(6), "sum"),
        C(n(4), 0, whole(4, 6), n(6), "mean", include_self=False),
        C(n(4), 0, whole(4, 6), n(6), "prod"),
        C(d(4), 0, whole(4, 6), n(6), "amax"),
        C(d(4), 0, whole(4, 6), n(6), "amin", include_self=False),
    ],
    "select_scatter": [C(n(3, 4), n(3), 1, 2)],
    "slice_scatter": [C(n(3, 4), n(3, 2), 1, 0, 4, 2)],
    "index_add": [C(n(3, 4), 1, whole(4, 5), n(3, 5)), C(n(4), 0, whole(4, 3), n(3), alpha=2)],
    "index_copy": [C(n(3, 4), 1, tg.tensor([3, 0]), n(3, 2))],
    "index_fill": [C(n(3, 4), 1, tg.tensor([3, 0]), 2.0), C(n(4), 0, tg.tensor([1]), n())],
    "index_put": [
        C(n(3, 4), (tg.tensor([0, 2]), tg.tensor([1, 3])), n(2)),
        C(n(4), (whole(4, 5),), n(5), accumulate=True),
    ],
    "index_reduce": [
        C(n(3, 4), 0, whole(3, 5), n(5, 4), "prod"),
        C(d(3, 4), 0, whole(3, 5), n(5, 4), "amax"),
        C(n(3, 4), 0, whole(3, 5), n(5, 4), "mean", include_self=False),
    ],
    "as_strided": [C(n(12), (3, 3), (3, 1)), C(n(6), (3, 2), (1, 2), 1)],
    # Linear algebra.
    "matmul": [
        C(n(3, 4), n(4, 2)),
        C(n(4), n(4)),
        C(n(2, 3, 4), n(4)),
        C(n(2, 1, 3, 4), n(2, 4, 2)),
    ],
    "mm": [C(n(3, 4), n(4, 2))],
    "mv": [C(n(3, 4), n(4))],
    "bmm": [C(n(2, 3, 4), n(2, 4, 2))],
    "dot": [C(n(4), n(4))],
    "vdot": [C(n(4), n(4))],
    "inner": [C(n(3, 4), n(2, 4)), C(n(4), n(4))],
    "outer": [C(n(3), n(4))],
    "tensordot": [C(n(2, 3, 4), n(4, 3, 2), dims=([1, 2], [1, 0])), C(n(3, 4), n(4, 2), dims=1)],
    "einsum": [
        C("ij,jk->ik", n(2, 3), n(3, 4)),
        C("bij,bkj->bik", n(2, 3, 4), n(2, 2, 4)),
        C("ii->i", n(3, 3)),
        C("...i,i", n(2, 3), n(3)),
        C("i,i,i->", n(3), n(3), n(3)),
    ],
    "addmm": [C(n(3, 2), n(3, 4), n(4, 2)), C(n(2), n(3, 4), n(4, 2), beta=0.5, alpha=2)],
    "addmv": [C(n(3), n(3, 4), n(4), beta=0.5, alpha=2)],
    "addr": [C(n(3, 4), n(3), n(4), beta=0.5, alpha=2)],
    "addbmm": [C(n(3, 2), n(2, 3, 4), n(2, 4, 2), beta=0.5, alpha=2)],
    "baddbmm": [C(n(2, 3, 2), n(2, 3, 4), n(2, 4, 2), beta=0.5, alpha=2)],
    "chain_matmul": [via(lambda f, a, b, c: f((a, b, c)), n(2, 3), n(3, 4), n(4, 2))],
    "matrix_power": [C(n(3, 3), 3), via(lambda f, a: f(regular(a), -2), n(3, 3)), C(n(2, 2), 0)],
    "matrix_exp": [C(n(3, 3)), C(n(2, 2, 2))],
    "cross": [C(n(2, 3), n(2, 3), dim=1)],
    "linalg.cross": [C(n(2, 3), n(1, 3))],
    "det": [C(n(3, 3)), C(n(2, 2, 2))],
    "logdet": [via(lambda f, a: f(spd(a)), n(3, 3))],
    "slogdet": [C(n(3, 3)), C(n(2, 2, 2))],
    "inverse": [
        via(lambda f, a: f(regular(a)), n(3, 3)),
        via(lambda f, a: f(regular(a)), n(2, 2, 2)),
    ],
    "linalg.inv_ex": [via(lambda f, a: f(regular(a)), n(3, 3))],
    "pinverse": [C(n(4, 3)), C(n(2, 2, 3)), via(lambda f, a: f(a, hermitian=True), n(3, 3))],
    "linalg.solve": [via(lambda f, a, b: f(regular(a), b), n(3, 3), n(3, 2))],
    "linalg.solve_ex": [via(lambda f, a, b: f(regular(a), b), n(3, 3), n(3))],
    "linalg.solve_triangular": [
        via(lambda f, a, b: f(regular(a), b, upper=False), n(3, 3), n(3, 2)),
        via(lambda f, a, b: f(a, b, upper=True, unitriangular=True, left=False), n(3, 3), n(2, 3)),
    ],
    "triangular_solve": [
        via(lambda f, b, a: f(b, regular(a)), n(3, 2), n(3, 3)),
        via(lambda f, b, a: f(b, regular(a), upper=False, transpose=True), n(3, 2), n(3, 3)),
    ],
    "linalg.cholesky": [
        via(lambda f, a: f(spd(a)), n(3, 3)),
        via(lambda f, a: f(spd(a), upper=True), n(2, 2, 2)),
    ],
    "linalg.cholesky_ex": [via(lambda f, a: f(spd(a)), n(3, 3))],
    "cholesky": [via(lambda f, a: f(spd(a)), n(3, 3))],
    "cholesky_inverse": [via(lambda f, a: f(regular(a).tril()), n(3, 3))],
    "cholesky_solve": [
        via(lambda f, b, a: f(b, regular(a).tril()), n(3, 2), n(3, 3)),
        via(lambda f, b, a: f(b, regular(a).triu(), upper=True), n(3, 2), n(3, 3)),
    ],
    "linalg.qr": [C(n(4, 3)), C(n(3, 3), mode="complete"), C(n(4, 3), mode="r")],
    "qr": [C(n(4, 3))],
    "linalg.svd": [
        C(n(4, 3), full_matrices=False),
        via(lambda f, a: f(a, full_matrices=True)[1], n(3, 4)),
    ],
    "linalg.svdvals": [C(n(4, 3))],
    "svd": [C(n(4, 3))],
    "linalg.eigh": [
        via(lambda f, a: f(symmetric(a)), n(3, 3)),
        via(lambda f, a: f(symmetric(a), UPLO="U"), n(3, 3)),
    ],
    "linalg.eigvalsh": [via(lambda f, a: f(symmetric(a)), n(3, 3))],
    "linalg.lu": [
        via(lambda f, a: f(regular(a)), n(3, 3)),
        via(lambda f, a: f(regular(a)), n(4, 3)),
    ],
    "linalg.lu_factor": [via(lambda f, a: f(regular(a)), n(3, 3))],
    "linalg.lu_factor_ex": [via(lambda f, a: f(regular(a)), n(3, 3))],
    "lu_unpack": [via(lambda f, a: f(*tg.linalg.lu_factor(regular(a))), n(3, 3))],
    "linalg.lu_solve": [
        via(lambda f, a, b: f(*tg.linalg.lu_factor(regular(a)), b), n(3, 3), n(3, 2))
    ],
    "lu_solve": [via(lambda f, b, a: f(b, *tg.linalg.lu_factor(regular(a))), n(3, 2), n(3, 3))],
    "linalg.lstsq": [via(lambda f, a, b: f(a, b).solution, n(4, 3), n(4, 2))],
    "linalg.householder_product": [C(n(4, 2), n(2))],
    "linalg.cond": [C(n(3, 3)), via(lambda f, a: f(regular(a), "fro"), n(3, 3))],
    "linalg.matrix_norm": [C(n(3, 4)), C(n(3, 4), "nuc"), C(n(3, 4), 2), C(d(2, 3, 4), 1)],
    "linalg.norm": [C(n(3, 4)), C(n(3, 4), 2, dim=(0, 1)), C(d(4), 3)],
    "linalg.vector_norm": [C(n(3, 4)), C(d(3, 4), 1, dim=1), C(d(3, 4), 3, dim=0, keepdim=True)],
    "linalg.vecdot": [C(n(3, 4), n(4))],
    "linalg.tensorinv": [via(lambda f, a: f(regular(a).reshape(2, 2, 4), ind=2), n(4, 4))],
    "linalg.tensorsolve": [
        via(lambda f, a, b: f(regular(a).reshape(2, 2, 4), b), n(4, 4), n(2, 2))
    ],
    # Neural networks.
    "F.linear": [C(n(3, 4), n(2, 4), n(2)), C(n(2, 3, 4), n(2, 4)), C(n(4), n(4))],
    "bilinear": [C(n(3, 4), n(3, 2), n(5, 4, 2), n(5))],
    "F.glu": [C(n(3, 4)), C(n(4, 3), 0)],
    "F.embedding": [
        C(whole(5, 2, 3), n(5, 4)),
    ],
    "F.embedding_bag": [
        C(whole(5, 2, 3), n(5, 4)),
        C(whole(5, 6), n(5, 2), tg.tensor([0, 2]), mode="sum", per_sample_weights=n(6)),
        C(whole(5, 6), d(5, 2), tg.tensor([0, 2]), mode="max"),
    ],
    "layer_norm": [C(n(3, 4), (4,)), C(n(2, 3, 4), (3, 4), n(3, 4), n(3, 4))],
    "rms_norm": [C(n(3, 4), (4,)), C(n(2, 3, 4), (3, 4), n(3, 4))],
    "group_norm": [C(n(2, 4, 3), 2), C(n(2, 4, 3), 2, n(4), n(4))],
    "F.batch_norm": [
        C(n(5, 3), None, None, n(3), n(3), training=True),
        C(n(5, 3, 2), tg.zeros(3, dtype=tg.float64), tg.ones(3, dtype=tg.float64)),
    ],
    "F.instance_norm": [C(n(2, 3, 4)), C(n(2, 3, 2, 2), weight=n(3), bias=n(3))],
    "F.local_response_norm": [C(n(2, 4, 3), 3), C(n(2, 4, 3), 2, alpha=0.5, k=2.0)],
    "F.normalize": [C(n(3, 4)), C(n(3, 4), p=3.0, dim=0)],
    "cosine_similarity": [C(n(3, 4), n(3, 4)), C(n(3, 4), n(1, 4), dim=0)],
    "pairwise_distance": [C(n(3, 4), n(3, 4)), C(n(3, 4), n(4), p=1.0, keepdim=True)],
    "cdist": [C(n(3, 4), n(2, 4)), C(d(2, 3, 2), n(2, 2, 2), p=1.0), C(d(3, 2), n(2, 2), p=3.0)],
    "pdist": [C(n(4, 3)), C(n(4, 3), p=3.0)],
    "conv1d": [C(n(2, 4, 7), n(6, 4, 3), n(6)), C(n(2, 4, 7), n(6, 2, 3), groups=2, stride=2)],
    "conv2d": [
        C(n(2, 2, 5, 6), n(3, 2, 3, 2), n(3)),
        C(n(2, 2, 5, 6), n(4, 1, 2, 2), None, (2, 1), (1, 0), (1, 2), groups=2),
        C(n(2, 4, 4), n(3, 2, 3, 3), padding="same"),
    ],
    "conv3d": [
        C(n(1, 2, 3, 4, 3), n(2, 2, 2, 2, 2), n(2)),
        C(n(1, 2, 3, 3, 3), n(2, 1, 2, 2, 2), groups=2),
    ],
    "conv_transpose1d": [
        C(n(2, 3, 4), n(3, 2, 3), n(2)),
        C(n(2, 4, 4), n(4, 2, 3), None, 2, 1, 1, groups=2),
    ],
    "conv_transpose2d": [
        C(n(1, 2, 3, 3), n(2, 3, 2, 2), n(3)),
        C(n(1, 2, 3, 3), n(2, 3, 2, 2), None, 2, 1, 1, 1, 2),
    ],
    "conv_transpose3d": [C(n(1, 2, 2, 3, 2), n(2, 2, 2, 2, 2), n(2), 2)],
    "avg_pool1d": [C(n(2, 3, 7), 3), C(n(2, 3, 7), 3, 2, 1, True, False)],
    "F.avg_pool2d": [C(n(2, 2, 5, 6), 2), C(n(2, 2, 5, 6), (3, 2), 2, 1, divisor_override=3)],
    "F.avg_pool3d": [C(n(1, 2, 4, 3, 4), 2)],
    "max_pool1d": [C(d(2, 3, 7), 3), C(d(2, 3, 7), 3, 2, 1, 2)],
    "max_pool2d": [C(d(2, 2, 5, 6), 2), C(d(2, 2, 5, 6), 3, 2, 1, return_indices=True)],
    "max_pool3d": [C(d(1, 2, 4, 3, 4), 2)],
    "adaptive_avg_pool1d": [C(n(2, 3, 7), 3)],
    "F.adaptive_avg_pool2d": [C(n(2, 2, 5, 6), (2, 4)), C(n(2, 2, 5, 6), 1)],
    "F.adaptive_avg_pool3d": [C(n(1, 2, 4, 3, 4), 2)],
    "F.adaptive_max_pool1d": [C(d(2, 3, 7), 3)],
    "F.adaptive_max_pool2d": [C(d(2, 2, 5, 6), (2, 4))],
    "F.lp_pool1d": [C(p(2, 3, 6), 2.0, 2), C(p(2, 3, 7), 3.0, 3, 2)],
    "F.lp_pool2d": [C(p(2, 2, 4, 6), 2.0, 2)],
    "F.max_unpool1d": [C(n(1, 2, 3), tg.tensor([[[0, 3, 4], [1, 2, 5]]]), 2)],
    "F.max_unpool2d": [C(n(1, 1, 2, 2), tg.tensor([[[[0, 3], [8, 15]]]]), 2)],
    "F.unfold": [C(n(2, 2, 4, 5), (2, 3)), C(n(2, 2, 4, 5), 2, 1, 1, 2)],
    "F.fold": [C(n(2, 8, 9), (4, 4), 2), C(n(1, 4, 9), (5, 5), 2, stride=2, padding=1)],
    "F.pad": [
        C(n(2, 3, 4), (1, 2)),
        C(n(2, 3, 4), (1, 2, 0, 1), value=2.0),
        C(n(2, 3, 4), (1, 2), "reflect"),
        C(n(2, 3, 4), (1, 2), "replicate"),
        C(n(2, 3, 4), (1, 2), "circular"),
        C(n(2, 3, 4), (-1, 1)),
    ],
    "F.interpolate": [
        C(n(1, 2, 3), size=5),
        C(n(1, 2, 3), scale_factor=2.0, mode="linear"),
        C(n(1, 2, 3, 4), size=(5, 3), mode="bilinear", align_corners=True),
        C(n(1, 2, 3, 4), size=(5, 6), mode="bicubic"),
        C(n(1, 2, 3, 4), size=(2, 3), mode="area"),
    ],
    "F.grid_sample": [
        C(n(1, 2, 4, 4), u(-0.9, 0.9, 1, 3, 3, 2), align_corners=False),
        C(n(1, 2, 4, 4), u(-1.5, 1.5, 1, 3, 3, 2), "bilinear", "border", align_corners=True),
        C(n(1, 2, 4, 4), u(-0.9, 0.9, 1, 3, 3, 2), "bicubic", align_corners=False),
        C(n(1, 2, 4, 4), u(-0.9, 0.9, 1, 3, 3, 2), "nearest", align_corners=False),
    ],
    "F.affine_grid": [C(n(2, 2, 3), (2, 1, 3, 4), align_corners=False)],
    "pixel_shuffle": [C(n(1, 8, 2, 3), 2)],
    "pixel_unshuffle": [C(n(1, 2, 4, 6), 2)],
    "channel_shuffle": [C(n(2, 4, 3), 2)],
    "F.scaled_dot_product_attention": [
        C(n(2, 3, 4), n(2, 5, 4), n(2, 5, 2)),
        C(n(2, 3, 4), n(2, 3, 4), n(2, 3, 4), is_causal=True),
        C(n(2, 3, 4), n(2, 5, 4), n(2, 5, 2), n(3, 5), scale=0.3),
        C(n(2, 3, 4), n(2, 5, 4), n(2, 5, 2), truths(3, 5)),
    ],
    "F.multi_head_attention_forward": [
        via(
            lambda f, q, k, v, w, b, wo, bo: f(q, k, v, 4, 2, w, b, None, None, False, 0.0, wo, bo),
            n(3, 2, 4),
            n(5, 2, 4),
            n(5, 2, 4),
            n(12, 4),
            n(12),
            n(4, 4),
            n(4),
        )
    ],
    # Noise, repeated in each run of a check.
    "dropout": [C(n(3, 4), 0.5), C(n(3, 4), 0.5, False)],
    "alpha_dropout": [C(n(3, 4), 0.5, True)],
    "feature_alpha_dropout": [C(n(3, 4, 2), 0.5, True)],
    "F.dropout1d": [C(n(2, 3, 4), 0.5)],
    "F.dropout2d": [C(n(2, 3, 4, 2), 0.5)],
    "F.dropout3d": [C(n(1, 3, 2, 2, 2), 0.5)],
    "F.rrelu": [C(d(3, 4), training=True), C(d(3, 4))],
    "F.gumbel_softmax": [C(n(3, 4)), C(n(3, 4), tau=0.5, dim=0)],
    # Losses.
    "F.mse_loss": [
        C(n(3, 4), n(3, 4)),
        C(n(3, 4), n(3, 4), reduction="sum"),
        C(n(3, 4), n(3, 4), reduction="none"),
        C(n(3, 4), n(3, 4), None, None, "mean", p(3, 4)),
    ],
    "F.l1_loss": [C(n(3, 4), n(3, 4)), C(n(3, 4), n(3, 4), reduction="none")],
    "F.smooth_l1_loss": [C(n(3, 4), n(3, 4)), C(n(3, 4), n(3, 4), reduction="sum", beta=0.5)],
    "F.huber_loss": [C(n(3, 4), n(3, 4)), C(n(3, 4), n(3, 4), reduction="none", delta=0.5)],
    "F.binary_cross_entropy": [
        C(u(0.1, 0.9, 3, 4), u(0.1, 0.9, 3, 4)),
        C(u(0.1, 0.9, 3, 4), u(0.1, 0.9, 3, 4), p(4), reduction="sum"),
    ],
    "F.binary_cross_entropy_with_logits": [
        C(n(3, 4), u(0.1, 0.9, 3, 4)),
        C(n(3, 4), u(0.1, 0.9, 3, 4), p(4), reduction="none", pos_weight=p(4)),
    ],
    "F.cross_entropy": [
        C(n(4, 3), whole(3, 4)),
        C(n(4, 3), whole(3, 4), p(3), label_smoothing=0.2, reduction="sum"),
        C(n(4, 3), u(0.1, 0.9, 4, 3)),
        C(n(2, 3, 4), whole(3, 2, 4), ignore_index=1, reduction="none"),
    ],
    "F.nll_loss": [
        C(n(4, 3), whole(3, 4)),
        C(n(4, 3), whole(3, 4), p(3), ignore_index=1),
        C(n(2, 3, 4), whole(3, 2, 4), reduction="sum"),
    ],
    "F.kl_div": [
        C(n(3, 4), p(3, 4), reduction="batchmean"),
        C(n(3, 4), n(3, 4), reduction="sum", log_target=True),
    ],
    "F.poisson_nll_loss": [
        C(n(3, 4), p(3, 4)),
        C(p(3, 4), u(1.5, 3.0, 3, 4), log_input=False, full=True, reduction="sum"),
    ],
    "F.gaussian_nll_loss": [C(n(3, 4), n(3, 4), p(3, 4)), C(n(3, 4), n(3, 4), p(3, 1), full=True)],
    "F.soft_margin_loss": [C(n(3, 4), signs(3, 4)), C(n(3, 4), signs(3, 4), reduction="sum")],
    "F.hinge_embedding_loss": [C(d(3, 4), signs(3, 4)), C(d(3, 4), signs(3, 4), margin=2.0)],
    "F.margin_ranking_loss": [C(n(4), n(4), signs(4)), C(n(4), n(4), signs(4), margin=0.5)],
    "F.cosine_embedding_loss": [
        C(n(4, 3), n(4, 3), signs(4)),
        C(n(4, 3), n(4, 3), signs(4), margin=-0.7),
    ],
    "F.triplet_margin_loss": [
        C(n(4, 3), n(4, 3), n(4, 3)),
        C(n(4, 3), n(4, 3), n(4, 3), p=3.0, swap=True, reduction="sum"),
    ],
    "F.triplet_margin_with_distance_loss": [C(n(4, 3), n(4, 3), n(4, 3))],
    "F.multi_margin_loss": [C(d(4, 3), whole(3, 4)), C(d(4, 3), whole(3, 4), 2, weight=p(3))],
    "F.multilabel_margin_loss": [C(d(2, 4), tg.tensor([[3, 0, -1, 1], [1, -1, 0, 0]]))],
    "F.multilabel_soft_margin_loss": [
        C(n(3, 4), u(0.1, 0.9, 3, 4)),
        C(n(3, 4), truths(3, 4) * 1.0, p(4)),
    ],
    # PyTorch's lower layer: the same functions with other signatures.
    "adjoint": [C(n(2, 3, 4))],
    "Tensor.adjoint": [C(n(3, 4))],
    "Tensor.real": [C(n(3, 4))],
    "Tensor.to_dense": [C(n(3))],
    "Tensor.fill_diagonal_": [via(lambda f, a: f(a.clone(), 2.0), n(3, 4))],
    "narrow_copy": [C(n(3, 4), 1, 1, 2)],
    "unsafe_chunk": [C(n(5, 2), 2)],
    "unsafe_split": [C(n(5, 2), 2)],
    "unsafe_split_with_sizes": [C(n(5, 2), [2, 3])],
    "fill": [C(n(3), n())],
    "constant_pad_nd": [C(n(2, 3), (1, 2), 3.0)],
    "convolution": [
        C(n(1, 2, 4, 5), n(3, 2, 2, 2), n(3), (1, 1), (0, 0), (1, 1), False, (0, 0), 1),
        C(n(1, 2, 3, 3), n(2, 3, 2, 2), None, (2, 2), (0, 0), (1, 1), True, (0, 0), 1),
    ],
    "batch_norm": [C(n(5, 3), n(3), n(3), None, None, True, 0.1, 1e-5)],
    "instance_norm": [C(n(2, 3, 4), n(3), n(3), None, None, True, 0.1, 1e-5)],
    "embedding": [C(n(5, 3), whole(5, 2, 4))],
    "feature_dropout": [C(n(2, 3, 4), 0.5, True)],
    "adaptive_max_pool1d": [C(d(2, 3, 7), 3)],
    "max_pool1d_with_indices": [C(d(2, 3, 7), 3)],
    "F.max_pool2d_with_indices": [C(d(2, 2, 5, 6), 2)],
    "F.max_pool3d_with_indices": [C(d(1, 2, 4, 3, 4), 2)],
    "F.adaptive_max_pool1d_with_indices": [C(d(2, 3, 7), 3)],
    "F.adaptive_max_pool2d_with_indices": [C(d(2, 2, 5, 6), (2, 4))],
    "F.adaptive_max_pool3d": [C(d(1, 2, 4, 3, 4), 2)],
    "F.adaptive_max_pool3d_with_indices": [C(d(1, 2, 4, 3, 4), 2)],
    "F.lp_pool3d": [C(p(1, 2, 4, 2, 4), 2.0, 2)],
    "F.max_unpool3d": [C(n(1, 1, 1, 1, 2), tg.tensor([[[[[0, 15]]]]]), 2)],
    "F.upsample": [C(n(1, 2, 3, 4), scale_factor=2)],
    "F.upsample_bilinear": [C(n(1, 2, 3, 4), size=(5, 6))],
    "F.upsample_nearest": [C(n(1, 2, 3, 4), scale_factor=2)],
    "binary_cross_entropy_with_logits": [C(n(3, 4), u(0.1, 0.9, 3, 4), p(4), p(4), 1)],
    "cosine_embedding_loss": [C(n(4, 3), n(4, 3), signs(4), 0.0, 2)],
    "hinge_embedding_loss": [C(d(3, 4), signs(3, 4), 1.0, 1)],
    "kl_div": [C(n(3, 4), p(3, 4), 2)],
    "margin_ranking_loss": [C(n(4), n(4), signs(4), 0.5, 1)],
    "poisson_nll_loss": [C(n(3, 4), p(3, 4), True, False, 1e-8, 1)],
    "triplet_margin_loss": [C(n(4, 3), n(4, 3), n(4, 3))],
    "F.ctc_loss": [
        via(
            lambda f, x: f(x.log_softmax(-1), tg.tensor([[1, 2], [2, 2]]), (5, 4), (2, 2)),
            n(5, 2, 4),
        ),
        via(lambda f, x: f(x.log_softmax(-1), tg.tensor([1, 3, 1]), (5,), (3,)), n(5, 4)),
    ],
    "ctc_loss": [
        via(lambda f, x: f(x.log_softmax(-1), tg.tensor([[1, 3]]), (4,), (2,), 0, 2), n(4, 1, 4))
    ],
    "gru_cell": [C(n(2, 3), n(2, 2), n(6, 3), n(6, 2), n(6), n(6))],
    "lstm_cell": [C(n(2, 3), (n(2, 2), n(2, 2)), n(8, 3), n(8, 2), n(8), n(8))],
    "rnn_relu_cell": [C(n(2, 3), n(2, 2), n(2, 3), n(2, 2))],
    "rnn_tanh_cell": [C(n(2, 3), n(2, 2), n(2, 3), n(2, 2), n(2), n(2))],
    # Operators.
    "Tensor.__getitem__": [
        C(n(3, 4), 1),
        C(n(3, 4), (slice(None), slice(None, None, 2))),
        C(n(3, 4), whole(3, 5)),
        C(n(3, 4), (whole(3, 2), whole(4, 2))),
        C(n(3, 4), truths(3, 4)),
        C(n(3, 4), (None, ..., 0)),
    ],
    "Tensor.__setitem__": [
        via(lambda f, a, b: _written(f, a, 1, b), n(3, 4), n(4)),
        via(lambda f, a, b: _written(f, a, (slice(None), slice(0, 4, 2)), b), n(3, 4), n(3, 2)),
        via(lambda f, a, b: _written(f, a, tg.tensor([0, 2]), b), n(3, 4), n(2, 4)),
        via(lambda f, a: _written(f, a, truths(3, 4), 0.0), n(3, 4)),
    ],
    "Tensor.__iter__": [via(lambda f, a: tuple(f(a)), n(3, 2))],
    # Functions of functions, themselves differentiated.
    "vmap": [via(lambda f, a, b: f(lambda x, y: (x * y).sin().sum())(a, b), n(3, 4), n(3, 4))],
    "jvp": [via(lambda f, a, v: f(lambda x: x.sin() * x, a, v, create_graph=True)[1], n(3), n(3))],
    "vjp": [via(lambda f, a, v: f(lambda x: x.sin() * x, a, v, create_graph=True)[1], n(3), n(3))],
    "hvp": [via(lambda f, a, v: f(lambda x: (x**3).sum(), a, v, create_graph=True)[1], n(3), n(3))],
    "vhp": [via(lambda f, a, v: f(lambda x: (x**3).sum(), a, v, create_graph=True)[1], n(3), n(3))],
    "jacobian": [via(lambda f, a: f(lambda x: x.sin() * x.sum(), a, create_graph=True), n(3))],
    "hessian": [via(lambda f, a: f(lambda x: (x**4).sum(), a, create_graph=True), n(3))],
}


def _written(setitem: Any, a: Any, where: Any, value: Any) -> Any:
    y = a.clone()
    setitem(y, where, value)
    return y


# Operators and reversed operators, with the function whose positional cases they take.
OPERATORS: dict[str, str] = {
    "__abs__": "abs",
    "__add__": "add",
    "__floordiv__": "floor_divide",
    "__iadd__": "add",
    "__ifloordiv__": "floor_divide",
    "__imod__": "remainder",
    "__imul__": "mul",
    "__ipow__": "pow",
    "__isub__": "sub",
    "__itruediv__": "div",
    "__matmul__": "matmul",
    "__mod__": "remainder",
    "__mul__": "mul",
    "__neg__": "neg",
    "__pos__": "positive",
    "__pow__": "pow",
    "__radd__": "add",
    "__rfloordiv__": "floor_divide",
    "__rmatmul__": "matmul",
    "__rmod__": "remainder",
    "__rmul__": "mul",
    "__rpow__": "pow",
    "__rsub__": "sub",
    "__rtruediv__": "div",
    "__sub__": "sub",
    "__truediv__": "div",
}

# Public names without a derivative, by the reason.
ABSENT: dict[str, str] = {
    "answers with truth values or whole numbers": (
        "all allclose any argmax argmin argsort argwhere bincount bitwise_and "
        "bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bucketize "
        "count_nonzero eq equal ge greater is_nonzero isclose isfinite isin isinf isnan "
        "isneginf isposinf isreal le less linalg.matrix_rank logical_and logical_not logical_or "
        "logical_xor ne nonzero numel searchsorted signbit F.one_hot tril_indices triu_indices "
        "unique unique_consecutive is_complex is_floating_point is_tensor Tensor.bool "
        "Tensor.byte Tensor.char Tensor.int Tensor.long Tensor.short Tensor.is_complex "
        "Tensor.is_floating_point Tensor.is_contiguous Tensor.is_cpu Tensor.is_cuda "
        "Tensor.is_leaf Tensor.element_size Tensor.itemsize Tensor.nbytes Tensor.ndim "
        "Tensor.dim Tensor.numel Tensor.shape Tensor.size Tensor.stride gcd lcm unravel_index "
        "is_same_size is_signed is_storage Tensor.is_conj Tensor.is_distributed Tensor.is_meta "
        "Tensor.is_mkldnn Tensor.is_mps Tensor.is_neg Tensor.is_nested Tensor.is_pinned "
        "Tensor.is_quantized Tensor.is_shared Tensor.is_sparse Tensor.is_sparse_csr "
        "Tensor.is_xla Tensor.is_xpu Tensor.is_same_size Tensor.is_signed Tensor.is_nonzero "
        "get_device Tensor.get_device Tensor.data_ptr Tensor.const_data_ptr "
        "Tensor.storage_offset"
    ),
    "counts: constant by pieces, in whole steps": "histc histogram",
    "constant by pieces, and PyTorch gives it no derivative": (
        "heaviside Tensor.heaviside_ Tensor.bitwise_and_ Tensor.bitwise_not_ Tensor.bitwise_or_ "
        "Tensor.bitwise_xor_ Tensor.logical_and_ Tensor.logical_not_ Tensor.logical_or_ "
        "Tensor.logical_xor_ gcd_ lcm_ Tensor.gcd Tensor.gcd_ Tensor.lcm Tensor.lcm_ "
        "Tensor.bitwise_left_shift_ Tensor.bitwise_right_shift_ Tensor.eq_ Tensor.ge_ "
        "Tensor.greater_ Tensor.greater_equal_ Tensor.gt_ Tensor.le_ Tensor.less_ "
        "Tensor.less_equal_ Tensor.lt_ Tensor.ne_ Tensor.not_equal_ Tensor.imag"
    ),
    "makes a tensor from no other": (
        "arange asarray empty empty_like eye from_numpy full full_like linspace logspace ones "
        "ones_like range scalar_tensor tensor zeros zeros_like Tensor.new_empty Tensor.new_full "
        "Tensor.new_ones Tensor.new_tensor Tensor.new_zeros BoolTensor ByteTensor CharTensor "
        "DoubleTensor FloatTensor HalfTensor IntTensor LongTensor ShortTensor Tensor "
        "bartlett_window blackman_window hamming_window hann_window kaiser_window frombuffer "
        "from_dlpack Tensor.new"
    ),
    "draws: the result has no derivative by what it was drawn with": (
        "bernoulli binomial multinomial normal poisson rand rand_like randint randint_like "
        "randn randn_like randperm Tensor.bernoulli_ Tensor.cauchy_ Tensor.exponential_ "
        "Tensor.geometric_ Tensor.log_normal_ Tensor.normal_ Tensor.random_ Tensor.uniform_"
    ),
    "cuts the graph": "detach Tensor.detach Tensor.detach_ Tensor.data",
    "overwrites every entry with a number": "Tensor.fill_ Tensor.zero_ fill_ zero_",
    "no function of a tensor: settings, state, kinds, files": (
        "Generator GradScaler Size are_deterministic_algorithms_enabled autocast bfloat16 bool "
        "broadcast_shapes can_cast cdouble cfloat channels_last compile composed "
        "contiguous_format default_generator device double dtype e enable_grad finfo float "
        "float16 fork_rng get_default_device get_default_dtype get_float32_matmul_precision "
        "get_num_threads get_rng_state iinfo inf inference_mode initial_seed int int16 int64 "
        "int8 is_anomaly_check_nan_enabled is_anomaly_enabled is_grad_enabled "
        "is_inference_mode_enabled load manual_seed nan newaxis no_grad pi preserve_format "
        "promote_types recording result_type save seed set_default_device set_default_dtype "
        "set_default_tensor_type set_float32_matmul_precision set_grad_enabled set_num_threads "
        "set_printoptions set_rng_state strided typename uint8 use_deterministic_algorithms "
        "linalg.LinAlgError Tensor.device Tensor.dtype channels_last_3d "
        "get_deterministic_debug_mode get_num_interop_threads is_autocast_enabled "
        "set_deterministic_debug_mode set_flush_denormal set_num_interop_threads"
    ),
    "leaves the graph, or answers about it": (
        "assert_gradcheck check_derivation draw gradcheck Tensor.backward Tensor.cuda "
        "Tensor.grad Tensor.grad_fn Tensor.item Tensor.numpy Tensor.register_hook "
        "Tensor.register_post_accumulate_grad_hook Tensor.requires_grad Tensor.requires_grad_ "
        "Tensor.retain_grad Tensor.retains_grad Tensor.tolist to_dlpack Tensor.__dlpack__ "
        "Tensor.__dlpack_device__ Tensor.storage Tensor.untyped_storage Tensor.apply_ "
        "Tensor.map_ Tensor.resize_ Tensor.resize_as_ resize_as_"
    ),
}
