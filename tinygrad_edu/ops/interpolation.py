"""Images resized and sampled between their pixels.

Resizing is linear in the image and separable: along each dimension a product with a matrix whose
rows say how much of which input entry each output entry takes.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import wrap
from ..numerics.rounding import evenly_spaced, fused
from ..primitives import elementwise, indexing, shaping
from ..primitives.linalg import matmul
from .adaptive_pooling import adaptive_avg_pool, times_along
from .composed import composed

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}
CUBIC = {"bicubic": 2}
NEAREST = ("nearest", "nearest-exact")


@composed
def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """An image resized to `size`, or by `scale_factor`: (N, C, H, W) → (N, C, H', W').

    Parameters
    ----------
    mode : str
        "nearest", "nearest-exact", "linear" (3-D input), "bilinear", "bicubic" (4-D), "trilinear"
        (5-D), "area".
    align_corners : bool
        Whether the corners of input and output are the same points (linear and cubic modes).

    Raises
    ------
    ValueError
        If neither or both of size and scale are given, or settings do not fit the mode.
    """
    rank = input._data.ndim - 2
    if (size is None) == (scale_factor is None):
        raise ValueError(
            "interpolate: only one of size or scale_factor should be defined, and one has to be; "
            f"got size={size}, scale_factor={scale_factor}"
        )
    if align_corners is not None and mode in (*NEAREST, "area"):
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: "
            "linear | bilinear | bicubic | trilinear"
        )
    if antialias:
        raise NotImplementedError(
            "interpolate: antialias=True is not built; blur first, or use mode='area' to shrink"
        )
    ranks = {**LINEAR, **CUBIC}.get(mode, rank if mode in (*NEAREST, "area") else None)
    if ranks is None or ranks != rank or not 1 <= rank <= 3:
        raise NotImplementedError(
            f"interpolate: got {input._data.ndim}D input {list(input._data.shape)}, and mode "
            f"{mode!r}; use linear for 3D (N, C, L), bilinear or bicubic for 4D (N, C, H, W), "
            f"trilinear for 5D input, nearest or area for any"
        )
    spatial = input._data.shape[2:]
    factors: list[float | None] = [None] * rank
    if size is not None:
        target = [int(size)] * rank if isinstance(size, int) else [int(n) for n in size]
    else:
        given = [float(scale_factor)] * rank
        if not isinstance(scale_factor, int | float):
            given = [float(f) for f in scale_factor]
        target = [math.floor(n * f) for n, f in zip(spatial, given, strict=True)]
        if not recompute_scale_factor:
            factors = [*given]
    if len(target) != rank or min(target) < 1:
        raise ValueError(
            f"interpolate: Input and output must have the same number of spatial dimensions, each "
            f"at least 1, got input {list(input._data.shape)} and output size {target}"
        )
    if mode == "area":
        return adaptive_avg_pool(input, tuple(target), rank)
    if mode in NEAREST:
        return nearest(input, target, factors, mode)
    weights = cubic_weights if mode in CUBIC else linear_weights
    return along_each(input, target, factors, bool(align_corners), weights)


def nearest(x: Tensor, target: list[int], factors: list[float | None], mode: str) -> Tensor:
    """Each output entry a copy of the input entry it lies in."""
    shift = np.float32(0.5 if mode == "nearest-exact" else 0.0)
    picks = []
    for n, k, f in zip(x._data.shape[2:], target, factors, strict=True):
        scale = np.float32(1.0 / f if f else n / k)
        place = np.floor((np.arange(k, dtype=np.float32) + shift) * scale).astype(np.int64)
        picks.append(np.minimum(place, n - 1))
    spatial = x._data.shape[2:]
    whole = [not k % n for n, k in zip(spatial, target, strict=True)]
    even = all(
        ok and (pick == np.arange(k) // (k // n)).all()
        for ok, pick, n, k in zip(whole, picks, spatial, target, strict=True)
    )
    lead = x._data.shape[:2]
    if even:  # each entry repeated: an expansion, whose gradient is a sum
        ones = [m for n in spatial for m in (n, 1)]
        wide = [m for n, k in zip(spatial, target, strict=True) for m in (n, k // n)]
        y = shaping.expand.record(shaping.reshape.record(x, (*lead, *ones)), (*lead, *wide))
        return shaping.reshape.record(y, (*lead, *target))
    return indexing.getitem.record(x, (slice(None), slice(None), *np.ix_(*picks)))


Weights = Callable[[int, int, Any, bool], Any]


def along_each(
    x: Tensor, target: list[int], factors: list[float | None], align: bool, weights: Weights
) -> Tensor:
    """Multiply each spatial dimension, one after the other, by its matrix of weights."""
    dtype = x._data.dtype
    for axis, (n, k, f) in enumerate(zip(x._data.shape[2:], target, factors, strict=True), 2):
        if align:
            scale = (n - 1) / (k - 1) if k > 1 else 0.0
        else:
            scale = 1.0 / f if f else n / k
        kind = dtype.type if dtype != np.float16 else np.float32
        x = times_along(x, axis, weights(n, k, kind(scale), align).astype(dtype))
    return x


def linear_weights(n: int, k: int, scale: Any, align: bool) -> Any:
    """Linear interpolation of n entries at k points as a matrix (n, k): two weights a column."""
    i = np.arange(k, dtype=np.asarray(scale).dtype)
    where = i * scale if align else np.maximum(scale * (i + 0.5) - 0.5, 0)
    low = np.minimum(where.astype(np.int64), n - 1)
    high = np.minimum(low + 1, n - 1)
    part = np.clip(where - low, 0, 1)
    matrix = np.zeros((n, k), part.dtype)
    np.add.at(matrix, (low, np.arange(k)), 1 - part)
    np.add.at(matrix, (high, np.arange(k)), part)
    return matrix


A = -0.75  # the slope of the cubic convolution kernel that PyTorch and OpenCV use


def cubic_terms(t: Any) -> list[Any]:
    """The four weights around a point a fraction t past an entry. Source: Keys, 1981.

    Written in operators, so that it runs on arrays and on Tensors.
    """

    def inner(x: Any) -> Any:
        return ((A + 2) * x - (A + 3)) * x * x + 1

    def outer(x: Any) -> Any:
        return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A

    return [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)]


def cubic_weights(n: int, k: int, scale: Any, align: bool) -> Any:
    """Cubic interpolation as a matrix (n, k): four weights a column, border entries repeated."""
    i = np.arange(k, dtype=np.asarray(scale).dtype)
    where = i * scale if align else scale * (i + 0.5) - 0.5
    low = np.floor(where)
    matrix = np.zeros((n, k), where.dtype)
    for shift, weight in zip((-1, 0, 1, 2), cubic_terms(where - low), strict=True):
        place = np.clip(low.astype(np.int64) + shift, 0, n - 1)
        np.add.at(matrix, (place, np.arange(k)), weight)
    return matrix


# Sampling at any points ---------------------------------------------------------------------------


@composed
def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """Where each pixel of the output lies in the input, under affine maps theta (N, 2, 3).

    The corners are at −1 and 1 (their centres with `align_corners`): (N, H, W, 2), x before y; and
    (N, D, H, W, 3) for theta (N, 3, 4). Source: Jaderberg et al., Spatial transformers, 2015.
    """
    spatial = tuple(int(n) for n in size)[2:]
    rank = len(spatial)
    if tuple(theta._data.shape[1:]) != (rank, rank + 1) or theta._data.shape[0] != int(size[0]):
        raise ValueError(
            f"affine_grid: Expected a batch of {rank}D affine matrices of shape "
            f"{int(size[0])}x{rank}x{rank + 1} for size {list(size)}, got {list(theta._data.shape)}"
        )
    dtype = theta._data.dtype
    axes = []
    for n in spatial:
        span = evenly_spaced(-1, 1, n, dtype) if n > 1 else np.zeros(1, dtype)
        axes.append(span if align_corners else span * dtype.type(n - 1) / dtype.type(n))
    grids = np.meshgrid(*axes, indexing="ij")[::-1]
    base = np.stack([g.reshape(-1) for g in grids] + [np.ones(grids[0].size, dtype)], -1)
    points = matmul.record(wrap(base.astype(dtype)), shaping.permute.record(theta, (0, 2, 1)))
    return shaping.reshape.record(points, (theta._data.shape[0], *spatial, rank))


@composed
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Images (N, C, H, W) read at points (N, H', W', 2), x before y, in −1 … 1: (N, C, H', W').

    Parameters
    ----------
    mode : "bilinear", "nearest" or "bicubic"
    padding_mode : "zeros", "border" or "reflection"
        What lies outside the image.
    align_corners : bool
        Whether −1 and 1 are the centres of the corner pixels, or their outer edges.
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(
            f"grid_sample: expected mode to be 'bilinear', 'nearest' or 'bicubic', got {mode!r}"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            f"grid_sample: expected padding_mode to be 'zeros', 'border' or 'reflection', got "
            f"{padding_mode!r}"
        )
    shape, points = input._data.shape, grid._data.shape
    if len(shape) != 4 or len(points) != 4 or points[-1] != 2 or points[0] != shape[0]:
        raise RuntimeError(
            f"grid_sample: expected input (N, C, H, W) and grid (N, H', W', 2) of one batch size, "
            f"got {list(shape)} and {list(points)}"
        )
    if align_corners is None:
        warnings.warn(
            "Default grid_sample behavior is align_corners=False: say which you mean.", stacklevel=3
        )
    at = [
        pixel(indexing.getitem.record(grid, (..., axis)), n, bool(align_corners))
        for axis, n in ((0, shape[3]), (1, shape[2]))
    ]
    if mode != "bicubic":
        at = [
            inside(p, n, padding_mode, bool(align_corners))
            for p, n in zip(at, (shape[3], shape[2]), strict=True)
        ]
    return sampled(input, at[0], at[1], mode, padding_mode, bool(align_corners))


def pixel(x: Any, n: int, align: bool) -> Any:
    """Coordinates in −1 … 1 as positions in pixels of a side of n."""
    if align:
        return (x + 1) * ((n - 1) / 2)
    p = (x + 1) * (n / 2) - 0.5
    # Rounded once, as PyTorch does: a point on a pixel has its slope from one side or the other.
    kind = p._data.dtype.type
    off = fused(x._data + kind(1), kind(n / 2), kind(-0.5)) - p._data
    return p + wrap(off) if off.any() else p


def inside(p: Any, n: int, padding: str, align: bool) -> Any:
    """Points outside the image moved onto it, unless what is outside counts as 0."""
    if padding == "reflection":
        p = mirrored(p, 0, 2 * (n - 1)) if align else mirrored(p, -1, 2 * n - 1)
    if padding != "zeros":  # the slope is 0 on the border and beyond, as PyTorch clips
        p = elementwise.where.record(p <= 0, 0, elementwise.where.record(p >= n - 1, n - 1, p))
    return p


def mirrored(p: Any, twice_low: int, twice_high: int) -> Any:
    """Points outside reflected at the ends, as often as it takes to be inside."""
    if twice_low == twice_high:
        return p * 0
    low, span = twice_low / 2, (twice_high - twice_low) / 2
    away = elementwise.abs.record(p - low)
    turns = np.floor(away._data / span)
    left = away - wrap((turns * span).astype(away._data.dtype))
    return elementwise.where.record(wrap(turns % 2 == 0), left + low, span - left + low)


def sampled(x: Any, px: Any, py: Any, mode: str, padding: str, align: bool) -> Tensor:
    """The weighted pixels around each point."""
    batch, channels, height, width = x._data.shape
    rows = shaping.reshape.record(
        shaping.permute.record(x, (0, 2, 3, 1)), (batch * height * width, channels)
    )
    first = np.arange(batch).reshape(-1, 1, 1) * (height * width)
    shape = px._data.shape

    def at(iy: Any, ix: Any) -> Any:
        """Pixels at whole places; what is outside is 0."""
        keep = (ix >= 0) & (ix < width) & (iy >= 0) & (iy < height)
        ix, iy = np.clip(ix, 0, width - 1), np.clip(iy, 0, height - 1)
        flat = (first + iy * width + ix).reshape(-1)
        found = shaping.reshape.record(indexing.getitem.record(rows, flat), (*shape, channels))
        return found if keep.all() else elementwise.where.record(keep[..., None], found, 0)

    if mode == "nearest":
        y = at(as_index(np.rint(py._data)), as_index(np.rint(px._data)))
        if px._node is not None:  # the points get a gradient, of 0
            y = y * shaping.unsqueeze.record(
                elementwise.where.record(np.ones(shape, bool), 1, px), -1
            )
        return shaping.permute.record(y, (0, 3, 1, 2))
    left, top = np.floor(px._data), np.floor(py._data)
    tx, ty = px - wrap(left), py - wrap(top)
    ix, iy = as_index(left), as_index(top)
    total: Any = None
    if mode == "bilinear":
        steps, wx, wy = (0, 1), [1 - tx, tx], [1 - ty, ty]
    else:
        steps, wx, wy = (-1, 0, 1, 2), cubic_terms(tx), cubic_terms(ty)  # type: ignore[assignment]
    for dy, b in zip(steps, wy, strict=True):
        for dx, a in zip(steps, wx, strict=True):
            jy, jx = iy + dy, ix + dx
            if mode == "bicubic":
                jy = placed(jy, height, padding, align)
                jx = placed(jx, width, padding, align)
            term = at(jy, jx) * shaping.unsqueeze.record(a * b, -1)
            total = term if total is None else total + term
    return shaping.permute.record(total, (0, 3, 1, 2))


def as_index(values: Any) -> Any:
    """Positions as int64; one that is not finite becomes −1, outside the image."""
    return np.where(np.isfinite(values), np.clip(values, -(2**31), 2**31), -1).astype(np.int64)


def placed(place: Any, n: int, padding: str, align: bool) -> Any:
    """Indices of pixels outside the image moved in, as the padding says."""
    if padding == "border":
        return np.clip(place, 0, n - 1)
    if padding == "reflection":
        moved = inside(wrap(place.astype(np.float64)), n, padding, align)
        return moved._data.astype(np.int64)
    return place


# Older names --------------------------------------------------------------------------------------


def deprecated(name: str) -> None:
    """Warn as PyTorch does that `interpolate` is today's name."""
    warnings.warn(
        f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.",
        UserWarning,
        stacklevel=3,
    )


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate` by its older name; warns."""
    deprecated("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` to the nearest entry; warns."""
    deprecated("upsample_nearest")
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate`, bilinear, with the corners the same points; warns."""
    deprecated("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", True)
