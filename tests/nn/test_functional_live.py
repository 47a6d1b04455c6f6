"""Functions of `nn.functional` against PyTorch's in float64: values and gradients over settings."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.nn.both import function

pytestmark = pytest.mark.filterwarnings("ignore")  # PyTorch's own, on odd paddings
RNG = np.random.default_rng(0)


def x(*shape: int) -> Any:
    return RNG.standard_normal(shape)


def ties(*shape: int) -> Any:
    """Numbers of which many are equal."""
    return np.round(RNG.standard_normal(shape) * 2) / 2


CONVOLUTIONS = list(itertools.product([1, 2, (2, 1)], [0, 1, (1, 2)], [1, (2, 1)], [1, 2, 4]))


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), CONVOLUTIONS)
def test_conv2d_and_its_adjoint(stride: Any, padding: Any, dilation: Any, groups: int) -> None:
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    function("conv2d", [x(2, 4, 7, 8), x(8, 4 // groups, 3, 2), x(8)], **settings)
    extra = 1 if stride == 2 else 0
    function(
        "conv_transpose2d",
        [x(2, 4, 5, 4), x(4, 3, 3, 2), x(3 * groups)],
        output_padding=extra,
        **settings,
    )


@pytest.mark.parametrize("padding", ["same", "valid", 2])
def test_conv1d_and_conv3d(padding: Any) -> None:
    function("conv1d", [x(2, 3, 9), x(4, 3, 4)], padding=padding, dilation=2)
    function("conv3d", [x(2, 3, 5, 6, 7), x(4, 3, 2, 3, 2)], padding=padding)


def test_other_adjoints() -> None:
    function("conv2d", [x(3, 5, 6), x(4, 3, 1, 1)])
    function("conv_transpose1d", [x(2, 3, 5), x(3, 4, 3)], stride=3, padding=1, output_padding=2)
    function("conv_transpose3d", [x(2, 3, 2, 3, 4), x(3, 4, 2, 3, 2)], stride=2)


@pytest.mark.parametrize(
    ("stride", "padding", "dilation"), list(itertools.product([1, 2], [0, 1], [1, 2]))
)
def test_windows(stride: int, padding: int, dilation: int) -> None:
    settings = {"dilation": dilation, "padding": padding, "stride": stride}
    function("unfold", [x(2, 3, 6, 7)], kernel_size=(2, 3), **settings)
    counts = [(n + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for n, k in ((6, 2), (7, 3))]
    length = counts[0] * counts[1]
    function("fold", [x(2, 18, length)], output_size=(6, 7), kernel_size=(2, 3), **settings)


PADS = [(1, 2), (1, 0), (2, 1, 0, 2), (1, 1, 2, 2), (-1, 2), (-1, -1, 0, 1)]


@pytest.mark.parametrize("pad", PADS)
@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_pad(pad: tuple[int, ...], mode: str) -> None:
    value = {"value": 1.5} if mode == "constant" else {}
    shape = (2, 3, 4) if len(pad) == 2 else (2, 3, 4, 5)
    function("pad", [x(*shape)], pad=pad, mode=mode, **value)


POOLS = list(itertools.product([2, 3], [None, 1, 2], [0, 1], [1, 2], [False, True]))


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(("size", "stride", "padding", "dilation", "ceil"), POOLS)
def test_pools(rank: int, size: int, stride: Any, padding: int, dilation: int, ceil: bool) -> None:
    shape = {1: (2, 3, 9), 2: (2, 3, 7, 8), 3: (2, 2, 5, 6, 7)}[rank]
    arguments = [ties(*shape), size, stride, padding]
    function(f"max_pool{rank}d", [*arguments, dilation, ceil, True])
    if dilation == 1:
        function(f"avg_pool{rank}d", [*arguments, ceil, True])
        function(f"avg_pool{rank}d", [*arguments, ceil, False])


def test_pools_by_axis() -> None:
    function("max_pool2d", [ties(2, 3, 7, 8), (3, 2), (2, 1)])
    function("avg_pool2d", [x(2, 3, 7, 8), (3, 2), (2, 1)], divisor_override=3)
    function("avg_pool2d", [x(3, 7, 8), 2])
    positive = np.abs(x(2, 3, 6, 8))
    function("lp_pool2d", [positive, 3, 2])
    function("lp_pool1d", [positive[0], 2.0, 2])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, (2, 4), (None, 3)])
def test_adaptive_pools(size: Any) -> None:
    function("adaptive_avg_pool2d", [x(2, 3, 7, 8), size])
    function("adaptive_max_pool2d", [ties(2, 3, 7, 8), size, True])
    if isinstance(size, int):
        function("adaptive_avg_pool1d", [x(2, 3, 7), size])
        function("adaptive_max_pool1d", [ties(2, 3, 7), size, True])
        function("adaptive_avg_pool3d", [x(2, 3, 7, 6, 5), size])


def test_pooling_undone() -> None:
    places = np.arange(12).reshape(1, 1, 3, 4) * 4 + np.array([[0, 1, 4, 5]])
    places = np.minimum(places, 47)
    places[...] = np.array([[0, 3, 4, 7], [16, 17, 21, 30], [32, 35, 37, 47]])
    function("max_unpool2d", [x(1, 1, 3, 4), places, 2])


SIZES = [
    {"size": 4},
    {"size": 11},
    {"scale_factor": 2},
    {"scale_factor": 1.7},
    {"scale_factor": 0.6},
    {"scale_factor": 1.7, "recompute_scale_factor": True},
]
FORMS = {
    "linear": (2, 3, 7),
    "bilinear": (2, 3, 5, 7),
    "bicubic": (2, 3, 5, 7),
    "trilinear": (1, 2, 4, 5, 3),
}


@pytest.mark.parametrize("target", SIZES, ids=str)
@pytest.mark.parametrize("mode", [*FORMS, "nearest", "nearest-exact", "area"])
def test_interpolate(mode: str, target: dict[str, Any]) -> None:
    if mode in FORMS:
        for align in (False, True, None):
            function("interpolate", [x(*FORMS[mode])], mode=mode, align_corners=align, **target)
    else:
        for shape in ((2, 3, 7), (2, 3, 5, 7), (1, 2, 4, 5, 3)):
            function("interpolate", [x(*shape)], mode=mode, **target)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_grid_sample(mode: str, padding: str, align: bool) -> None:
    settings = {"mode": mode, "padding_mode": padding, "align_corners": align}
    function("grid_sample", [x(2, 3, 5, 6), x(2, 4, 3, 2) * 1.2], **settings)


@pytest.mark.parametrize("align", [True, False])
def test_affine_grid(align: bool) -> None:
    function("affine_grid", [x(2, 2, 3), (2, 3, 4, 5), align])
    function("affine_grid", [x(2, 3, 4), (2, 3, 4, 5, 3), align])


LABELS = np.array([[0, 2, -1, 1], [3, -1, 0, 0], [-1, 0, 0, 0], [0, 1, 2, 3], [1, -1, -1, -1]])
SIGNS, CHOICES = np.sign(x(5, 4)), RNG.integers(0, 4, 5)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_margin_losses(reduction: str) -> None:
    r = {"reduction": reduction}
    for margin in (0.0, 0.5):
        function("margin_ranking_loss", [x(5), x(5)], target=SIGNS[:, 0], margin=margin, **r)
        function(
            "cosine_embedding_loss", [x(5, 4), x(5, 4)], target=SIGNS[:, 0], margin=margin, **r
        )
    function("hinge_embedding_loss", [x(5, 4)], target=SIGNS, **r)
    function("soft_margin_loss", [x(5, 4) * 30], target=SIGNS, **r)
    function("multilabel_soft_margin_loss", [x(5, 4)], target=(SIGNS > 0) * 1.0, **r)
    function("multilabel_margin_loss", [x(5, 4)], target=LABELS, **r)
    function("multilabel_margin_loss", [x(4)], target=LABELS[0], **r)
    weight = np.abs(x(4))
    for p in (1, 2):
        function("multi_margin_loss", [x(5, 4)], target=CHOICES, p=p, weight=weight, **r)
        function("multi_margin_loss", [x(4)], target=CHOICES[0:1][0:1].reshape(()), p=p, **r)
        for swap in (True, False):
            function("triplet_margin_loss", [x(5, 4), x(5, 4), x(5, 4)], p=p, swap=swap, **r)
    function("triplet_margin_with_distance_loss", [x(5, 4), x(5, 4), x(5, 4)], **r)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("full", [True, False])
def test_likelihoods(reduction: str, full: bool) -> None:
    settings = {"full": full, "reduction": reduction}
    counts = RNG.integers(0, 5, (5, 4)).astype(float)
    function("poisson_nll_loss", [x(5, 4)], target=counts, **settings)
    function("poisson_nll_loss", [np.abs(x(5, 4))], target=counts, log_input=False, **settings)
    for shape in ((5, 4), (5, 1), (5,)):
        variance = np.abs(x(*shape))
        variance.flat[0] = 0
        function("gaussian_nll_loss", [x(5, 4), x(5, 4), variance], tolerance=1e-7, **settings)


def test_distances_and_pixels() -> None:
    for dim in (0, 1, -1):
        function("cosine_similarity", [x(5, 4), x(5, 4)], dim=dim)
    function("cosine_similarity", [x(5, 1, 4), x(3, 4)], dim=-1)
    for p in (1.0, 2.0, 3.0):
        function("pairwise_distance", [x(5, 4), x(5, 4)], p=p)
        function("pdist", [x(5, 4)], p=p)
    function("pixel_shuffle", [x(2, 8, 3, 4), 2])
    function("pixel_unshuffle", [x(2, 3, 4, 6), 2])
    function("channel_shuffle", [x(2, 6, 4, 5), 3])
    function("bilinear", [x(2, 3, 4), x(2, 3, 5), x(6, 4, 5), x(6)])


def test_normalisation() -> None:
    function("group_norm", [x(2, 6, 4, 5), 3, x(6), x(6)])
    function("instance_norm", [x(2, 6, 4, 5)], weight=None)
    function("rms_norm", [x(2, 6, 4, 5), (4, 5), x(4, 5)])
    for size in (2, 3, 5):
        function("local_response_norm", [x(2, 6, 4, 5), size, 0.1])


MASK = np.triu(np.ones((4, 5), bool), -1)
DARK = MASK.copy()
DARK[2] = False  # a query that may look nowhere


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"is_causal": True},
        {"attn_mask": MASK},
        {"attn_mask": DARK},
        {"attn_mask": RNG.standard_normal((4, 5))},
        {"scale": 0.3},
    ],
    ids=["plain", "causal", "mask", "dark", "bias", "scale"],
)
def test_attention(settings: dict[str, Any]) -> None:
    function(
        "scaled_dot_product_attention",
        [x(2, 3, 4, 6), x(2, 3, 5, 6), x(2, 3, 5, 7)],
        **settings,
    )


def test_attention_of_shared_heads() -> None:
    function(
        "scaled_dot_product_attention",
        [x(2, 4, 5, 6), x(2, 2, 5, 6), x(2, 2, 5, 6)],
        enable_gqa=True,
    )


def test_tables() -> None:
    index = RNG.integers(0, 10, (4, 5))
    for settings in ({}, {"padding_idx": 3}, {"scale_grad_by_freq": True}):
        function("embedding", [index, x(10, 3)], **settings)
    offsets = np.array([0, 4, 4, 7])
    flat = RNG.integers(0, 10, 9)
    for mode in ("sum", "mean", "max"):
        function("embedding_bag", [index, x(10, 3)], mode=mode)
        function("embedding_bag", [flat, x(10, 3)], offsets=offsets, mode=mode, padding_idx=2)
    function(
        "embedding_bag",
        [index, x(10, 3)],
        mode="sum",
        per_sample_weights=x(4, 5),
    )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_losses_with_a_weight_for_each_entry(reduction: str) -> None:
    weight = np.abs(x(3, 4))
    for loss in ("mse_loss", "l1_loss"):
        function(loss, [x(3, 4), x(3, 4), None, None, reduction, weight])
    function("huber_loss", [x(3, 4), x(3, 4), reduction, 1.0, weight])
