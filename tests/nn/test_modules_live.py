"""Every layer against PyTorch's: initial values bit for bit, repr, values, gradients, buffers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.nn.both import module

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)


def x(*shape: int) -> Any:
    """Normal numbers, float32."""
    return RNG.standard_normal(shape).astype(np.float32)


def whole(high: int, *shape: int) -> Any:
    """Whole numbers below `high`."""
    return RNG.integers(0, high, shape)


IMAGE = (2, 4, 7, 8)
CASES: dict[str, tuple[Any, list[Any]]] = {
    # dropout
    "Dropout": (lambda t: t.nn.Dropout(0.3), [x(5, 6)]),
    "Dropout1d": (lambda t: t.nn.Dropout1d(0.3), [x(5, 6, 3)]),
    "Dropout2d": (lambda t: t.nn.Dropout2d(0.3), [x(*IMAGE)]),
    "Dropout3d": (lambda t: t.nn.Dropout3d(0.3), [x(2, 5, 2, 3, 4)]),
    "AlphaDropout": (lambda t: t.nn.AlphaDropout(0.3), [x(5, 6)]),
    "FeatureAlphaDropout": (lambda t: t.nn.FeatureAlphaDropout(0.3), [x(5, 6, 3)]),
    "RReLU": (lambda t: t.nn.RReLU(), [x(5, 6)]),
    # shapes
    "Flatten": (lambda t: t.nn.Flatten(), [x(*IMAGE)]),
    "Unflatten": (lambda t: t.nn.Unflatten(1, (2, 2)), [x(3, 4)]),
    "PixelShuffle": (lambda t: t.nn.PixelShuffle(2), [x(*IMAGE)]),
    "PixelUnshuffle": (lambda t: t.nn.PixelUnshuffle(2), [x(2, 3, 4, 6)]),
    "ChannelShuffle": (lambda t: t.nn.ChannelShuffle(2), [x(*IMAGE)]),
    # linear and tables
    "Linear": (lambda t: t.nn.Linear(6, 3), [x(5, 6)]),
    "Linear no bias": (lambda t: t.nn.Linear(6, 3, bias=False), [x(2, 5, 6)]),
    "Bilinear": (lambda t: t.nn.Bilinear(4, 5, 3), [x(6, 4), x(6, 5)]),
    "Embedding": (lambda t: t.nn.Embedding(10, 3), [whole(10, 4, 5)]),
    "Embedding padded": (lambda t: t.nn.Embedding(10, 3, padding_idx=-1), [whole(10, 4, 5)]),
    "Embedding by frequency": (
        lambda t: t.nn.Embedding(5, 3, scale_grad_by_freq=True),
        [whole(5, 4, 5)],
    ),
    "Embedding of a length": (lambda t: t.nn.Embedding(10, 3, max_norm=1.0), [whole(10, 4, 5)]),
    "EmbeddingBag mean": (lambda t: t.nn.EmbeddingBag(10, 3), [whole(10, 4, 5)]),
    "EmbeddingBag sum": (
        lambda t: t.nn.EmbeddingBag(10, 3, mode="sum", padding_idx=2),
        [whole(10, 9), np.array([0, 4, 4, 7])],
    ),
    "EmbeddingBag max": (
        lambda t: t.nn.EmbeddingBag(10, 3, mode="max"),
        [whole(10, 9), np.array([0, 4, 4, 7])],
    ),
    "EmbeddingBag ends": (
        lambda t: t.nn.EmbeddingBag(10, 3, include_last_offset=True),
        [whole(10, 9), np.array([0, 4, 9])],
    ),
    # normalisation
    "LayerNorm": (lambda t: t.nn.LayerNorm(6), [x(5, 6)]),
    "LayerNorm of two": (lambda t: t.nn.LayerNorm((7, 8), bias=False), [x(*IMAGE)]),
    "LayerNorm plain": (lambda t: t.nn.LayerNorm(6, elementwise_affine=False), [x(5, 6)]),
    "RMSNorm": (lambda t: t.nn.RMSNorm(6), [x(5, 6)]),
    "GroupNorm": (lambda t: t.nn.GroupNorm(2, 4), [x(*IMAGE)]),
    "BatchNorm1d": (lambda t: t.nn.BatchNorm1d(6), [x(5, 6)]),
    "BatchNorm1d sequences": (lambda t: t.nn.BatchNorm1d(6, momentum=None), [x(5, 6, 3)]),
    "BatchNorm2d": (lambda t: t.nn.BatchNorm2d(4), [x(*IMAGE)]),
    "BatchNorm2d untracked": (
        lambda t: t.nn.BatchNorm2d(4, track_running_stats=False, affine=False),
        [x(*IMAGE)],
    ),
    "BatchNorm3d": (lambda t: t.nn.BatchNorm3d(3), [x(2, 3, 2, 3, 4)]),
    "InstanceNorm1d": (lambda t: t.nn.InstanceNorm1d(6), [x(5, 6, 3)]),
    "InstanceNorm2d": (
        lambda t: t.nn.InstanceNorm2d(4, affine=True, track_running_stats=True),
        [x(*IMAGE)],
    ),
    "InstanceNorm2d single": (lambda t: t.nn.InstanceNorm2d(4), [x(4, 7, 8)]),
    "LocalResponseNorm": (lambda t: t.nn.LocalResponseNorm(3, alpha=0.1), [x(*IMAGE)]),
    # convolution
    "Conv1d": (lambda t: t.nn.Conv1d(4, 6, 3, stride=2, padding=1), [x(2, 4, 9)]),
    "Conv2d": (lambda t: t.nn.Conv2d(4, 6, 3), [x(*IMAGE)]),
    "Conv2d settings": (
        lambda t: t.nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2, False),
        [x(*IMAGE)],
    ),
    "Conv2d same": (lambda t: t.nn.Conv2d(4, 6, 3, padding="same", dilation=2), [x(*IMAGE)]),
    "Conv2d reflect": (
        lambda t: t.nn.Conv2d(4, 6, 3, padding=(1, 2), padding_mode="reflect"),
        [x(*IMAGE)],
    ),
    "Conv2d circular": (
        lambda t: t.nn.Conv2d(4, 6, 3, padding=1, padding_mode="circular"),
        [x(*IMAGE)],
    ),
    "Conv2d depthwise": (lambda t: t.nn.Conv2d(4, 8, 3, groups=4), [x(*IMAGE)]),
    "Conv2d single": (lambda t: t.nn.Conv2d(4, 6, 3), [x(4, 7, 8)]),
    "Conv3d": (lambda t: t.nn.Conv3d(3, 4, 2), [x(2, 3, 3, 4, 5)]),
    "ConvTranspose1d": (lambda t: t.nn.ConvTranspose1d(4, 6, 3, stride=2), [x(2, 4, 9)]),
    "ConvTranspose2d": (
        lambda t: t.nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2, dilation=2),
        [x(*IMAGE)],
    ),
    "ConvTranspose3d": (lambda t: t.nn.ConvTranspose3d(3, 4, 2), [x(2, 3, 3, 4, 5)]),
    "Unfold": (lambda t: t.nn.Unfold((2, 3), padding=1, stride=2), [x(*IMAGE)]),
    "Fold": (lambda t: t.nn.Fold((5, 6), (2, 3)), [x(2, 12, 16)]),
    # pooling
    "MaxPool1d": (lambda t: t.nn.MaxPool1d(3, 2, 1), [x(2, 4, 9)]),
    "MaxPool2d": (lambda t: t.nn.MaxPool2d(2), [x(*IMAGE)]),
    "MaxPool2d settings": (
        lambda t: t.nn.MaxPool2d(3, 2, 1, 2, return_indices=True, ceil_mode=True),
        [x(*IMAGE)],
    ),
    "MaxPool3d": (lambda t: t.nn.MaxPool3d(2), [x(2, 3, 4, 4, 6)]),
    "AvgPool1d": (lambda t: t.nn.AvgPool1d(3, 2, 1), [x(2, 4, 9)]),
    "AvgPool2d": (lambda t: t.nn.AvgPool2d(3, 2, 1, True, False), [x(*IMAGE)]),
    "AvgPool3d": (lambda t: t.nn.AvgPool3d(2), [x(2, 3, 4, 4, 6)]),
    "LPPool2d": (lambda t: t.nn.LPPool2d(2, 2), [abs(x(*IMAGE))]),
    "AdaptiveAvgPool1d": (lambda t: t.nn.AdaptiveAvgPool1d(4), [x(2, 4, 9)]),
    "AdaptiveAvgPool2d": (lambda t: t.nn.AdaptiveAvgPool2d((3, None)), [x(*IMAGE)]),
    "AdaptiveAvgPool2d one": (lambda t: t.nn.AdaptiveAvgPool2d(1), [x(*IMAGE)]),
    "AdaptiveMaxPool1d": (lambda t: t.nn.AdaptiveMaxPool1d(4), [x(2, 4, 9)]),
    "AdaptiveMaxPool2d": (lambda t: t.nn.AdaptiveMaxPool2d(3), [x(*IMAGE)]),
    # padding and resizing
    "ZeroPad2d": (lambda t: t.nn.ZeroPad2d((1, 2, 0, 1)), [x(*IMAGE)]),
    "ConstantPad1d": (lambda t: t.nn.ConstantPad1d(2, 3.5), [x(2, 4, 9)]),
    "ReflectionPad2d": (lambda t: t.nn.ReflectionPad2d(2), [x(*IMAGE)]),
    "ReplicationPad1d": (lambda t: t.nn.ReplicationPad1d((3, 1)), [x(2, 4, 9)]),
    "CircularPad2d": (lambda t: t.nn.CircularPad2d((1, 2, 3, 0)), [x(*IMAGE)]),
    "Upsample": (lambda t: t.nn.Upsample(scale_factor=2), [x(*IMAGE)]),
    "Upsample bilinear": (lambda t: t.nn.Upsample(size=(9, 5), mode="bilinear"), [x(*IMAGE)]),
    "UpsamplingBilinear2d": (lambda t: t.nn.UpsamplingBilinear2d(scale_factor=2), [x(*IMAGE)]),
    # distances
    "CosineSimilarity": (lambda t: t.nn.CosineSimilarity(), [x(5, 6), x(5, 6)]),
    "PairwiseDistance": (lambda t: t.nn.PairwiseDistance(3.0), [x(5, 6), x(5, 6)]),
    # recurrent
    "RNN": (lambda t: t.nn.RNN(5, 7, 2, nonlinearity="relu"), [x(6, 3, 5)]),
    "LSTM": (lambda t: t.nn.LSTM(5, 7, 2, batch_first=True, dropout=0.5), [x(3, 6, 5)]),
    "LSTM both ways": (lambda t: t.nn.LSTM(5, 7, bidirectional=True, proj_size=3), [x(6, 3, 5)]),
    "LSTM single": (lambda t: t.nn.LSTM(5, 7), [x(6, 5)]),
    "GRU": (lambda t: t.nn.GRU(5, 7, 2, bidirectional=True, bias=False), [x(6, 3, 5)]),
    "RNNCell": (lambda t: t.nn.RNNCell(5, 7), [x(3, 5), x(3, 7)]),
    "LSTMCell": (lambda t: t.nn.LSTMCell(5, 7, bias=False), [x(3, 5)]),
    "GRUCell": (lambda t: t.nn.GRUCell(5, 7), [x(5)]),
    # attention
    "MultiheadAttention": (lambda t: t.nn.MultiheadAttention(6, 2), [x(4, 3, 6)] * 3),
    "MultiheadAttention settings": (
        lambda t: t.nn.MultiheadAttention(
            6, 2, 0.3, True, True, True, kdim=5, vdim=4, batch_first=True
        ),
        [x(3, 4, 6), x(3, 5, 5), x(3, 5, 4)],
    ),
    "TransformerEncoderLayer": (
        lambda t: t.nn.TransformerEncoderLayer(6, 2, 8, dropout=0.2),
        [x(4, 3, 6)],
    ),
    "TransformerEncoderLayer first": (
        lambda t: t.nn.TransformerEncoderLayer(
            6, 2, 8, 0.0, "gelu", batch_first=True, norm_first=True, bias=False
        ),
        [x(3, 4, 6)],
    ),
    "TransformerDecoderLayer": (
        lambda t: t.nn.TransformerDecoderLayer(6, 2, 8, dropout=0.2),
        [x(4, 3, 6), x(5, 3, 6)],
    ),
    "Transformer": (
        lambda t: t.nn.Transformer(6, 2, 2, 2, 8, dropout=0.1),
        [x(4, 3, 6), x(5, 3, 6)],
    ),
}


@pytest.mark.filterwarnings("ignore")  # PyTorch's own, on nested tensors and odd paddings
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_module(name: str, training: bool) -> None:
    build, inputs = CASES[name]
    module(build, inputs, training=training)


REPRS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("GELU", (), {}),
    ("GELU", ("tanh",), {}),
    ("ReLU", (), {"inplace": True}),
    ("LeakyReLU", (0.2,), {"inplace": True}),
    ("Hardshrink", (0.3,), {}),
    ("Softshrink", (), {}),
    ("Hardswish", (), {"inplace": True}),
    ("Hardsigmoid", (), {}),
    ("Threshold", (0.1, 20), {"inplace": True}),
    ("MaxUnpool1d", (3,), {"stride": 2}),
    ("MaxUnpool2d", (2,), {}),
    ("Softmax", (), {"dim": 1}),
    ("Conv2d", (4, 8, 3), {"padding": 1, "groups": 2, "bias": False}),
    ("ConvTranspose1d", (4, 2, 3), {"output_padding": 1, "stride": 2}),
    ("LSTM", (3, 4, 2), {"batch_first": True, "dropout": 0.1, "bidirectional": True}),
    ("Embedding", (5, 3), {"padding_idx": 0}),
    ("LayerNorm", ((3, 4),), {"elementwise_affine": False}),
    ("TransformerEncoderLayer", (8, 2, 16), {"batch_first": True}),
    ("MultiheadAttention", (8, 2), {"bias": False}),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear"}),
    ("Unflatten", (1, (2, 3)), {}),
]


@pytest.mark.parametrize(("name", "args", "options"), REPRS)
def test_layers_print_as_in_pytorch(
    name: str, args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    made = [getattr(package.nn, name)(*args, **options) for package in (tg, torch)]
    assert repr(made[0]) == repr(made[1])
