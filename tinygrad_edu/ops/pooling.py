"""Pooling: each window's maximum or mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..engine.traced import raw, wrap
from ..primitives import indexing, shaping
from ..primitives.pooling import window_sum
from .composed import composed
from .convolution import Sizes, per_axis
from .padding import constant_padded

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


class Windows(NamedTuple):
    """Where the windows of a pooling lie."""

    size: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes
    counts: Sizes
    pairs: list[tuple[int, int]]


def laid(
    x: Any,
    rank: int,
    name: str,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> Windows:
    """The windows of a pooling over `x`, checked."""
    if x._data.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"{name}: Expected {rank + 1}D or {rank + 2}D (batched) input, but got input of size: "
            f"{list(x._data.shape)}"
        )
    size = per_axis(kernel_size, rank, name, "kernel_size")
    step = size if stride is None or stride == () else per_axis(stride, rank, name, "stride")
    width = per_axis(padding, rank, name, "padding")
    gap = per_axis(dilation, rank, name, "dilation")
    if min(size) <= 0 or min(step) <= 0 or min(gap) <= 0:
        raise RuntimeError(
            f"{name}: kernel_size, stride and dilation must be greater than zero, got {size}, "
            f"{step}, {gap}"
        )
    if any(p < 0 or 2 * p > d * (k - 1) + 1 for p, k, d in zip(width, size, gap, strict=True)):
        raise RuntimeError(
            f"{name}: pad should be at most half of effective kernel size, but got pad={width}, "
            f"kernel_size={size} and dilation={gap}"
        )
    counts, pairs = [], []
    for n, k, s, p, d in zip(x._data.shape[-rank:], size, step, width, gap, strict=True):
        reach = d * (k - 1) + 1
        room = n + 2 * p - reach
        count = (-(-room // s) if ceil_mode else room // s) + 1
        if ceil_mode and (count - 1) * s >= n + p:  # a window must begin inside, or in the left pad
            count -= 1
        if count < 1:
            raise RuntimeError(
                f"{name}: Given input size {list(x._data.shape)}, the calculated output size is "
                f"too small: a window of {size} (dilation {gap}, padding {width}) does not fit"
            )
        counts.append(count)
        pairs.append((p, max((count - 1) * s + reach - n - p, 0)))
    return Windows(size, step, width, gap, tuple(counts), pairs)


def around(x: Any, w: Windows, value: float) -> Any:
    """`x` with the margins of the windows filled in."""
    if not any(a or b for a, b in w.pairs):
        return x
    lead = x._data.ndim - len(w.pairs)
    return constant_padded(x, [(0, 0)] * lead + w.pairs, value)


def highest(data: Any, w: Windows) -> Any:
    """For each window, which of its places holds the maximum: the first of equals, the last NaN.

    One comparison over all windows for each place of the window.
    """
    best: Any = None
    which: Any = None
    for number, place in enumerate(np.ndindex(*w.size)):
        where = tuple(
            slice(p * d, p * d + (n - 1) * s + 1, s)
            for p, n, s, d in zip(place, w.counts, w.stride, w.dilation, strict=True)
        )
        here = data[(..., *where)]
        if best is None:
            best, which = here.copy(), np.zeros(here.shape, np.intp)
            continue
        better = here > best
        if data.dtype.kind == "f":
            better |= np.isnan(here)
        np.copyto(best, here, where=better)
        np.copyto(which, number, where=better)
    return which


def positions(which: Any, w: Windows, spatial: Sizes) -> Any:
    """Places within windows as flat positions in images of the shape `spatial`."""
    corners: Any = 0
    shifts: Any = 0
    places = np.indices(w.size).reshape(len(w.size), -1)
    for axis, (n, s, d, count) in enumerate(
        zip(spatial, w.stride, w.dilation, w.counts, strict=True)
    ):
        corners = np.add.outer(corners * n, np.arange(count) * s)
        shifts = shifts * n + places[axis] * d
    return np.asarray(shifts)[which] + corners


def max_pool(
    input: Any,
    rank: int,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    """The body of max_pool1d, 2d and 3d."""
    name = f"max_pool{rank}d"
    w = laid(input, rank, name, kernel_size, stride, padding, dilation, ceil_mode)
    low = -math.inf if input._data.dtype.kind == "f" else np.iinfo(input._data.dtype).min
    x = around(input, w, low)
    spatial, lead = x._data.shape[-rank:], x._data.shape[:-rank]
    flat = positions(highest(x._data, w), w, spatial)
    images = np.arange(math.prod(lead)).reshape(*lead, *(1,) * rank) * math.prod(spatial)
    y = shaping.reshape.record(
        indexing.getitem.record(shaping.reshape.record(x, (-1,)), (flat + images).reshape(-1)),
        flat.shape,
    )
    if not return_indices:
        return y
    inner = np.unravel_index(flat, spatial)
    moved = [i - before for i, (before, _) in zip(inner, w.pairs, strict=True)]
    return y, wrap(np.ravel_multi_index(moved, input._data.shape[-rank:]))


@composed
def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Each window's maximum: (N, C, L) → (N, C, L'). The first of equals gets the gradient."""
    return max_pool(input, 1, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@composed
def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Each window's maximum: (N, C, H, W) → (N, C, H', W'). The first of equals gets the gradient.

    H' = ⌊(H + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1; rounded up with `ceil_mode`.

    Parameters
    ----------
    stride
        `kernel_size` unless given.
    return_indices : bool
        Also where the maxima lie, as flat positions in each image.
    """
    return max_pool(input, 2, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@composed
def max_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Each window's maximum: (N, C, D, H, W) → (N, C, D', H', W')."""
    return max_pool(input, 3, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_unpool(
    input: Any,
    indices: Any,
    rank: int,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Tensor:
    """The body of max_unpool1d, 2d and 3d."""
    name = f"max_unpool{rank}d"
    size = per_axis(kernel_size, rank, name, "kernel_size")
    step = size if stride is None else per_axis(stride, rank, name, "stride")
    width = per_axis(padding, rank, name, "padding")
    spatial = tuple(
        (n - 1) * s - 2 * p + k
        for n, s, p, k in zip(input._data.shape[-rank:], step, width, size, strict=True)
    )
    if output_size is not None:
        spatial = tuple(int(n) for n in output_size)[-rank:]
    places = np.asarray(raw(indices))
    if places.shape != input._data.shape:
        raise RuntimeError(
            f"{name}: Expected shape of indices to be same as that of the input tensor "
            f"({list(input._data.shape)}), but got indices of shape {list(places.shape)}"
        )
    room = math.prod(spatial)
    if places.size and (places.min() < 0 or places.max() >= room):
        raise RuntimeError(
            f"{name}: found an invalid max index: {int(places.max())} (output size {spatial}); "
            f"give the output_size of the tensor that was pooled"
        )
    lead = input._data.shape[:-rank]
    count = math.prod(input._data.shape[-rank:])
    images = np.arange(math.prod(lead)).reshape(-1, 1) * room
    flat = (places.reshape(-1, count) + images).reshape(-1)
    source = shaping.reshape.record(input, (-1,))
    zeros = wrap(np.zeros(math.prod(lead) * room, input._data.dtype))
    return shaping.reshape.record(indexing.setitem.record(zeros, source, flat), (*lead, *spatial))


@composed
def max_unpool1d(
    input: Tensor,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Maxima back at their places, 0 elsewhere."""
    return max_unpool(input, indices, 1, kernel_size, stride, padding, output_size)


@composed
def max_unpool2d(
    input: Tensor,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Maxima back at their places, 0 elsewhere."""
    return max_unpool(input, indices, 2, kernel_size, stride, padding, output_size)


@composed
def max_unpool3d(
    input: Tensor,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Maxima back at their places, 0 elsewhere."""
    return max_unpool(input, indices, 3, kernel_size, stride, padding, output_size)


# Means --------------------------------------------------------------------------------------------


def avg_pool(
    input: Tensor,
    rank: int,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    """The body of avg_pool1d, 2d and 3d."""
    name = f"avg_pool{rank}d"
    w = laid(input, rank, name, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override == 0:
        raise RuntimeError(f"{name}: divisor must be not zero")
    total = window_sum.record(around(input, w, 0.0), w.size, w.stride, w.dilation)
    if divisor_override is not None:
        return total / divisor_override
    counts: Any = 1
    sides = zip(input._data.shape[-rank:], w.size, w.stride, w.padding, w.counts, strict=True)
    for n, k, s, p, count in sides:
        start = np.arange(count) * s - p
        stop = np.minimum(start + k, n + p)  # what ceil_mode adds beyond the padding never counts
        if not count_include_pad:
            start, stop = np.maximum(start, 0), np.minimum(stop, n)
        counts = np.multiply.outer(counts, stop - start)
    first = int(counts.flat[0])
    if (counts == first).all():
        return total / first
    return total / wrap(counts.astype(input._data.dtype))  # type: ignore[no-any-return]


@composed
def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Each window's mean: (N, C, L) → (N, C, L')."""
    return avg_pool(input, 1, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@composed
def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Each window's mean: (N, C, H, W) → (N, C, H', W').

    Parameters
    ----------
    count_include_pad : bool
        Whether padding counts as zeros, or not at all.
    divisor_override : int, optional
        Divide by this instead of the window's size.
    """
    return avg_pool(
        input, 2, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


@composed
def avg_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Each window's mean: (N, C, D, H, W) → (N, C, D', H', W')."""
    return avg_pool(
        input, 3, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def lp_pool(
    input: Any, rank: int, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool
) -> Tensor:
    """(Σ xᵖ)^(1/p) over each window, with the sign rules of PyTorch's composition."""
    size = per_axis(kernel_size, rank, f"lp_pool{rank}d", "kernel_size")
    mean = avg_pool(input**norm_type, rank, kernel_size, stride, 0, ceil_mode, True, None)
    return (mean.sign() * mean.abs().relu() * math.prod(size)) ** (1.0 / norm_type)


@composed
def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """Each window's p-norm: (N, C, L) → (N, C, L')."""
    return lp_pool(input, 1, norm_type, kernel_size, stride, ceil_mode)


@composed
def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """Each window's p-norm: (N, C, H, W) → (N, C, H', W')."""
    return lp_pool(input, 2, norm_type, kernel_size, stride, ceil_mode)


@composed
def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """Each window's p-norm: (N, C, D, H, W) → (N, C, D', H', W')."""
    return lp_pool(input, 3, norm_type, kernel_size, stride, ceil_mode)


# Maxima and where they are ------------------------------------------------------------------------


def with_indices(function: Any) -> Any:
    """The form of a pooling that always answers (maxima, indices)."""

    def call(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        kwargs["return_indices"] = True
        return function(input, *args, **kwargs)

    call.__name__ = call.__qualname__ = f"{function.__name__}_with_indices"
    call.__doc__ = f"`{function.__name__}`, and the places of the maxima in each image."
    return call


max_pool1d_with_indices = with_indices(max_pool1d)
max_pool2d_with_indices = with_indices(max_pool2d)
max_pool3d_with_indices = with_indices(max_pool3d)
