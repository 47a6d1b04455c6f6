"""Convolution: every window of the input laid out as a column, times the weights as one matrix.

Source: Chellapilla, Puri and Simard, High performance convolutional neural networks for document
processing, 2006. The transposed convolution is the adjoint: a product, and its columns added back
to the places of their windows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..primitives import indexing, shaping
from ..primitives.linalg import matmul
from .composed import composed
from .padding import constant_padded

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

Sizes = tuple[int, ...]


def per_axis(value: Any, rank: int, name: str, what: str) -> Sizes:
    """A setting given as one number, or as one for each spatial dimension."""
    if isinstance(value, int):
        return (value,) * rank
    numbers = tuple(int(n) for n in value)
    if len(numbers) == 1:
        return numbers * rank
    if len(numbers) != rank:
        raise RuntimeError(
            f"{name}: expected {what} to be one number or {rank}, one for each spatial dimension, "
            f"got {value}"
        )
    return numbers


def batched(input: Any, rank: int, name: str) -> Any:
    """The input with a batch dimension, which `conv` of a single sample lacks."""
    given = input._data.ndim
    if given == rank + 2:
        return input
    if given == rank + 1:
        return shaping.unsqueeze.record(input, 0)
    raise RuntimeError(
        f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {name}, but got input "
        f"of size: {list(input._data.shape)}. Images are (samples, channels, height, width); add a "
        f"dimension with x.unsqueeze(1) or x[None]."
    )


def columns(x: Any, size: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """(N, C, …) to (N, C, k, …, windows, …): each place of the window, over all windows."""
    if all(k == 1 for k in size) and all(s == 1 for s in stride):
        shape = x._data.shape
        return shaping.reshape.record(x, (*shape[:2], *size, *shape[2:]))
    cut = indexing.sliding_window.record(x, size, stride, dilation)
    r = len(size)
    return shaping.permute.record(cut, (0, 1, *range(2 + r, 2 + 2 * r), *range(2, 2 + r)))


def check_channels(name: str, x: Any, weight: Any, groups: int) -> None:
    """Raise unless the weight fits the input and both divide into the groups."""
    shape, given = list(weight._data.shape), list(x._data.shape)
    if weight._data.ndim != x._data.ndim:
        raise RuntimeError(
            f"{name}: expected a weight of {x._data.ndim} dimensions (out, in, size …), got {shape}"
        )
    if groups <= 0 or shape[0] % groups:
        raise RuntimeError(
            f"{name}: groups must be positive and divide the {shape[0]} output channels of weight "
            f"{shape}, got groups={groups}"
        )
    if given[1] != shape[1] * groups:
        raise RuntimeError(
            f"{name}: Given groups={groups}, weight of size {shape}, expected input{given} to have "
            f"{shape[1] * groups} channels, but got {given[1]} channels instead. Make the layer's "
            f"in_channels {given[1]}, or, if dimension 1 is not the channels, .permute the input"
        )


def check_dtypes(name: str, x: Any, weight: Any) -> None:
    """Raise unless input and weight are floats of one width."""
    if x._data.dtype != weight._data.dtype:
        raise RuntimeError(
            f"{name}: Input type ({x._data.dtype}) and weight type ({weight._data.dtype}) should "
            f"be the same; convert the input with .to({weight._data.dtype}) (images: "
            f".float() / 255)"
        )


def convolution(
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    rank: int,
) -> Tensor:
    """The body of conv1d, conv2d and conv3d."""
    name = f"conv{rank}d"
    x = batched(input, rank, name)
    check_dtypes(name, x, weight)
    check_channels(name, x, weight, groups)
    size = weight._data.shape[2:]
    strides = per_axis(stride, rank, name, "stride")
    dilations = per_axis(dilation, rank, name, "dilation")
    if min(strides) <= 0 or min(dilations) <= 0:
        raise RuntimeError(
            f"{name}: non-positive stride or dilation is not supported, got {stride}, {dilation}"
        )
    pairs = margins(padding, size, strides, dilations, rank, name)
    if any(a or b for a, b in pairs):
        x = constant_padded(x, [(0, 0), (0, 0), *pairs], 0.0)
    spatial = x._data.shape[2:]
    reach = tuple(d * (k - 1) + 1 for k, d in zip(size, dilations, strict=True))
    if any(r > n for r, n in zip(reach, spatial, strict=True)):
        raise RuntimeError(
            f"{name}: Calculated padded input size per channel: {tuple(spatial)}. Kernel size: "
            f"{tuple(reach)}. Kernel size can't be greater than actual input size: use a smaller "
            f"kernel or more padding."
        )
    cut = columns(x, size, strides, dilations)
    places = cut._data.shape[2 + rank :]
    samples, out = x._data.shape[0], weight._data.shape[0]
    depth, count = weight._data.shape[1] * math.prod(size), math.prod(places)
    if groups == 1:
        y = matmul.record(
            shaping.reshape.record(weight, (out, depth)),
            shaping.reshape.record(cut, (samples, depth, count)),
        )
    else:
        y = matmul.record(
            shaping.reshape.record(weight, (groups, out // groups, depth)),
            shaping.reshape.record(cut, (samples, groups, depth, count)),
        )
    y = shaping.reshape.record(y, (samples, out, *places))
    if bias is not None:
        y = y + shaping.reshape.record(bias, (out, *(1,) * rank))
    return y if x._data.ndim == input._data.ndim else shaping.squeeze.record(y, 0)


def margins(
    padding: Any, size: Sizes, stride: Sizes, dilation: Sizes, rank: int, name: str
) -> list[tuple[int, int]]:
    """Widths before and after each spatial dimension."""
    if padding == "valid":
        return [(0, 0)] * rank
    if padding == "same":
        if any(s != 1 for s in stride):
            raise RuntimeError(
                f"{name}: padding='same' is not supported for strided convolutions, got "
                f"stride={stride}"
            )
        total = [d * (k - 1) for k, d in zip(size, dilation, strict=True)]
        return [(n // 2, n - n // 2) for n in total]
    if isinstance(padding, str):
        raise ValueError(f"Invalid padding string {padding!r}, should be one of 'valid', 'same'")
    widths = per_axis(padding, rank, name, "padding")
    if min(widths) < 0:
        raise RuntimeError(f"{name}: negative padding is not supported, got {padding}")
    return [(n, n) for n in widths]


@composed
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Weights slid over a sequence: (N, in, L), (out, in/groups, k) → (N, out, L').

    L' = ⌊(L + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1.
    """
    return convolution(input, weight, bias, stride, padding, dilation, groups, 1)


@composed
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Weights slid over an image: (N, in, H, W), (out, in/groups, kh, kw) → (N, out, H', W').

    H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1, and W' so.

    Raises
    ------
    RuntimeError
        If shapes, channels or dtypes do not fit, with both shapes.
    """
    return convolution(input, weight, bias, stride, padding, dilation, groups, 2)


@composed
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Weights slid over a volume: (N, in, D, H, W), (out, in/groups, …) → (N, out, D', H', W')."""
    return convolution(input, weight, bias, stride, padding, dilation, groups, 3)


# The adjoint --------------------------------------------------------------------------------------


def transposed(
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
    rank: int,
) -> Tensor:
    """The body of the transposed convolutions; weight is (in, out/groups, k, …)."""
    name = f"conv_transpose{rank}d"
    x = batched(input, rank, name)
    check_dtypes(name, x, weight)
    shape, given = weight._data.shape, x._data.shape
    if weight._data.ndim != rank + 2 or given[1] != shape[0] or shape[0] % groups:
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(shape)}, expected input{list(given)} to "
            f"have {shape[0]} channels, but got {given[1]} channels instead (groups={groups})"
        )
    size = shape[2:]
    strides = per_axis(stride, rank, name, "stride")
    widths = per_axis(padding, rank, name, "padding")
    extra = per_axis(output_padding, rank, name, "output_padding")
    dilations = per_axis(dilation, rank, name, "dilation")
    if any(o >= max(s, d) for o, s, d in zip(extra, strides, dilations, strict=True)):
        raise RuntimeError(
            f"{name}: output padding must be smaller than either stride or dilation, but got "
            f"output_padding={extra}, stride={strides}, dilation={dilations}"
        )
    samples, spatial = given[0], given[2:]
    per_group = shape[0] // groups
    out = shape[1] * groups
    depth, count = shape[1] * math.prod(size), math.prod(spatial)
    w = shaping.reshape.record(weight, (groups, per_group, depth))
    cut = matmul.record(
        shaping.permute.record(w, (0, 2, 1)),
        shaping.reshape.record(x, (samples, groups, per_group, count)),
    )
    cut = shaping.reshape.record(cut, (samples, out, *size, *spatial))
    cut = shaping.permute.record(cut, (0, 1, *range(2 + rank, 2 + 2 * rank), *range(2, 2 + rank)))
    full = tuple(
        (n - 1) * s + d * (k - 1) + 1
        for n, s, k, d in zip(spatial, strides, size, dilations, strict=True)
    )
    y = indexing.sliding_window_add.record(cut, (samples, out, *full), size, strides, dilations)
    pairs = [(-p, o - p) for p, o in zip(widths, extra, strict=True)]
    if any(a or b for a, b in pairs):
        y = constant_padded(y, [(0, 0), (0, 0), *pairs], 0.0)
    if bias is not None:
        y = y + shaping.reshape.record(bias, (out, *(1,) * rank))
    return y if x._data.ndim == input._data.ndim else shaping.squeeze.record(y, 0)


@composed
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The adjoint of conv1d: (N, in, L), (in, out/groups, k) → (N, out, L').

    L' = (L − 1)·stride − 2·padding + dilation·(k − 1) + output_padding + 1.
    """
    return transposed(input, weight, bias, stride, padding, output_padding, groups, dilation, 1)


@composed
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The adjoint of conv2d: (N, in, H, W), (in, out/groups, kh, kw) → (N, out, H', W')."""
    return transposed(input, weight, bias, stride, padding, output_padding, groups, dilation, 2)


@composed
def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The adjoint of conv3d."""
    return transposed(input, weight, bias, stride, padding, output_padding, groups, dilation, 3)


# Windows as such ----------------------------------------------------------------------------------


@composed
def unfold(
    input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Every window of images as a column: (N, C, H, W) → (N, C·kh·kw, windows)."""
    x = batched(input, 2, "unfold")
    size = per_axis(kernel_size, 2, "unfold", "kernel_size")
    widths = per_axis(padding, 2, "unfold", "padding")
    if any(widths):
        x = constant_padded(x, [(0, 0), (0, 0), *((p, p) for p in widths)], 0.0)
    steps = per_axis(stride, 2, "unfold", "stride")
    cut = columns(x, size, steps, per_axis(dilation, 2, "unfold", "dilation"))
    shape = cut._data.shape
    y = shaping.reshape.record(cut, (shape[0], math.prod(shape[1:4]), math.prod(shape[4:])))
    return y if x._data.ndim == input._data.ndim else shaping.squeeze.record(y, 0)


@composed
def fold(
    input: Tensor,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Tensor:
    """Columns added back to the places of their windows: (N, C·kh·kw, windows) → (N, C, H, W).

    Raises
    ------
    RuntimeError
        If the columns are not as many, or not as long, as those sizes make them.
    """
    x = input if input._data.ndim == 3 else shaping.unsqueeze.record(input, 0)
    size = per_axis(kernel_size, 2, "fold", "kernel_size")
    steps = per_axis(stride, 2, "fold", "stride")
    gaps = per_axis(dilation, 2, "fold", "dilation")
    widths = per_axis(padding, 2, "fold", "padding")
    target = per_axis(output_size, 2, "fold", "output_size")
    wide = tuple(n + 2 * p for n, p in zip(target, widths, strict=True))
    counts = indexing.window_counts((*wide,), size, steps, gaps)
    n, depth, length = x._data.shape
    if depth % math.prod(size) or length != math.prod(counts):
        raise RuntimeError(
            f"fold: given output_size={target}, kernel_size={size}, dilation={gaps}, "
            f"padding={widths}, stride={steps}, expected size of input's dimension 2 to match the "
            f"calculated number of sliding blocks {counts[0]} * {counts[1]} = {math.prod(counts)} "
            f"and dimension 1 to be divisible by {math.prod(size)}, but got input "
            f"{list(input._data.shape)}"
        )
    channels = depth // math.prod(size)
    cut = shaping.reshape.record(x, (n, channels, *size, *counts))
    cut = shaping.permute.record(cut, (0, 1, 4, 5, 2, 3))
    y = indexing.sliding_window_add.record(cut, (n, channels, *wide), size, steps, gaps)
    if any(widths):
        y = constant_padded(y, [(0, 0), (0, 0), *((-p, -p) for p in widths)], 0.0)
    return y if x is input else shaping.squeeze.record(y, 0)
