"""Settings and inputs for every class of module, checked by each parameter and input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tinygrad_edu as tg
from tinygrad_edu import nn

from .cases import d, n, p, signs, truths, u, whole

__all__ = ["ABSENT", "MODULES", "ModuleCase"]


class ModuleCase(NamedTuple):
    """How a module is made and what it is called on; draws are differentiated by."""

    build: Callable[[], nn.Module]
    inputs: tuple[Any, ...]
    options: dict[str, Any] = {}  # noqa: RUF012 - never written to


def M(build: Callable[[], nn.Module], *inputs: Any, **options: Any) -> ModuleCase:
    """A case in one word."""
    return ModuleCase(build, inputs, options)


def loss(build: Callable[..., Any], *inputs: Any) -> list[ModuleCase]:
    """The same loss with each of the three reductions."""
    return [
        M(lambda r=reduction: build(reduction=r), *inputs)  # type: ignore[misc]
        for reduction in ("mean", "sum", "none")
    ]


ACTIVATIONS = (
    "CELU ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh Identity LeakyReLU LogSigmoid Mish "
    "PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softplus Softshrink Softsign Tanh Tanhshrink"
)


class _Labelled(nn.Module):
    """A CTC loss with labels and lengths of its own."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return self.inner(x, tg.tensor([[1, 2], [2, 2]]), (5, 4), (2, 2))


IMAGE = (2, 2, 4, 5)
MODULES: dict[str, list[ModuleCase]] = {
    # Activations.
    **{name: [M(getattr(nn, name), d(3, 4))] for name in ACTIVATIONS.split()},
    "GLU": [M(nn.GLU, n(3, 4)), M(lambda: nn.GLU(0), n(4, 3))],
    "Softmax": [M(lambda: nn.Softmax(-1), n(3, 4)), M(lambda: nn.Softmax(0), n(3, 4))],
    "Softmin": [M(lambda: nn.Softmin(-1), n(3, 4))],
    "LogSoftmax": [M(lambda: nn.LogSoftmax(-1), n(3, 4))],
    "Softmax2d": [M(nn.Softmax2d, n(2, 3, 2, 2))],
    "Threshold": [M(lambda: nn.Threshold(0.2, 7.0), d(3, 4))],
    # Noise.
    "Dropout": [M(lambda: nn.Dropout(0.5), n(3, 4))],
    "Dropout1d": [M(lambda: nn.Dropout1d(0.5), n(2, 3, 4))],
    "Dropout2d": [M(lambda: nn.Dropout2d(0.5), n(2, 3, 4, 2))],
    "Dropout3d": [M(lambda: nn.Dropout3d(0.5), n(1, 3, 2, 2, 2))],
    "AlphaDropout": [M(lambda: nn.AlphaDropout(0.5), n(3, 4))],
    "FeatureAlphaDropout": [M(lambda: nn.FeatureAlphaDropout(0.5), n(3, 4, 2))],
    # Linear layers and tables.
    "Linear": [M(lambda: nn.Linear(4, 3), n(5, 4)), M(lambda: nn.Linear(4, 3, bias=False), n(4))],
    "NonDynamicallyQuantizableLinear": [
        M(lambda: nn.NonDynamicallyQuantizableLinear(4, 3), n(5, 4))
    ],
    "LazyLinear": [M(lambda: nn.LazyLinear(3), n(5, 4))],
    "Bilinear": [M(lambda: nn.Bilinear(4, 2, 3), n(5, 4), n(5, 2))],
    "Embedding": [M(lambda: nn.Embedding(5, 3), whole(5, 2, 4))],
    "EmbeddingBag": [
        M(lambda: nn.EmbeddingBag(5, 3), whole(5, 2, 4)),
        M(lambda: nn.EmbeddingBag(5, 3, mode="sum"), whole(5, 6), tg.tensor([0, 2])),
        M(lambda: nn.EmbeddingBag(5, 3, mode="max"), whole(5, 2, 4)),
    ],
    # Normalisation.
    "LayerNorm": [
        M(lambda: nn.LayerNorm(4), n(3, 4)),
        M(lambda: nn.LayerNorm((3, 4), elementwise_affine=False), n(2, 3, 4)),
    ],
    "RMSNorm": [M(lambda: nn.RMSNorm(4), n(3, 4))],
    "GroupNorm": [M(lambda: nn.GroupNorm(2, 4), n(2, 4, 3))],
    "LocalResponseNorm": [M(lambda: nn.LocalResponseNorm(3, alpha=0.1), n(2, 4, 3))],
    "BatchNorm1d": [
        M(lambda: nn.BatchNorm1d(3), n(5, 3)),
        M(lambda: nn.BatchNorm1d(3, affine=False, track_running_stats=False), n(5, 3, 2)),
    ],
    "BatchNorm2d": [M(lambda: nn.BatchNorm2d(2, momentum=None), n(*IMAGE))],
    "SyncBatchNorm": [M(lambda: nn.SyncBatchNorm(3), n(5, 3))],
    "BatchNorm3d": [M(lambda: nn.BatchNorm3d(2), n(2, 2, 2, 2, 2))],
    "LazyBatchNorm1d": [M(nn.LazyBatchNorm1d, n(5, 3))],
    "LazyBatchNorm2d": [M(nn.LazyBatchNorm2d, n(*IMAGE))],
    "LazyBatchNorm3d": [M(nn.LazyBatchNorm3d, n(2, 2, 2, 2, 2))],
    "InstanceNorm1d": [M(lambda: nn.InstanceNorm1d(3, affine=True), n(2, 3, 4))],
    "InstanceNorm2d": [M(lambda: nn.InstanceNorm2d(2, track_running_stats=True), n(*IMAGE))],
    "InstanceNorm3d": [M(lambda: nn.InstanceNorm3d(2), n(2, 2, 2, 2, 2))],
    "LazyInstanceNorm1d": [M(lambda: nn.LazyInstanceNorm1d(affine=True), n(2, 3, 4))],
    "LazyInstanceNorm2d": [M(lambda: nn.LazyInstanceNorm2d(affine=True), n(*IMAGE))],
    "LazyInstanceNorm3d": [M(lambda: nn.LazyInstanceNorm3d(affine=True), n(2, 2, 2, 2, 2))],
    # Convolution.
    "Conv1d": [
        M(lambda: nn.Conv1d(2, 3, 3), n(2, 2, 6)),
        M(lambda: nn.Conv1d(4, 2, 3, 2, 1, groups=2, bias=False), n(2, 4, 7)),
    ],
    "Conv2d": [
        M(lambda: nn.Conv2d(2, 3, (3, 2)), n(*IMAGE)),
        M(lambda: nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"), n(*IMAGE)),
        M(lambda: nn.Conv2d(2, 4, 2, padding="same", dilation=2, groups=2), n(2, 4, 5)),
    ],
    "Conv3d": [M(lambda: nn.Conv3d(2, 2, 2), n(1, 2, 3, 3, 3))],
    "ConvTranspose1d": [M(lambda: nn.ConvTranspose1d(2, 3, 3, 2), n(2, 2, 4))],
    "ConvTranspose2d": [
        M(lambda: nn.ConvTranspose2d(4, 2, 3, 2, 1, 1, groups=2, dilation=2), n(1, 4, 3, 3))
    ],
    "ConvTranspose3d": [M(lambda: nn.ConvTranspose3d(2, 2, 2), n(1, 2, 2, 2, 2))],
    "LazyConv1d": [M(lambda: nn.LazyConv1d(3, 3), n(2, 2, 6))],
    "LazyConv2d": [M(lambda: nn.LazyConv2d(3, 2), n(*IMAGE))],
    "LazyConv3d": [M(lambda: nn.LazyConv3d(2, 2), n(1, 2, 3, 3, 3))],
    "LazyConvTranspose1d": [M(lambda: nn.LazyConvTranspose1d(3, 3), n(2, 2, 4))],
    "LazyConvTranspose2d": [M(lambda: nn.LazyConvTranspose2d(3, 2), n(1, 2, 3, 3))],
    "LazyConvTranspose3d": [M(lambda: nn.LazyConvTranspose3d(2, 2), n(1, 2, 2, 2, 2))],
    "Unfold": [M(lambda: nn.Unfold((2, 3), padding=1, stride=2), n(*IMAGE))],
    "Fold": [M(lambda: nn.Fold((4, 4), 2), n(2, 8, 9))],
    # Pooling.
    "MaxPool1d": [M(lambda: nn.MaxPool1d(3, 2, 1), d(2, 3, 7))],
    "MaxPool2d": [
        M(lambda: nn.MaxPool2d(2), d(*IMAGE)),
        M(lambda: nn.MaxPool2d(3, 2, 1, 2, return_indices=True, ceil_mode=True), d(*IMAGE)),
    ],
    "MaxPool3d": [M(lambda: nn.MaxPool3d(2), d(1, 2, 4, 2, 4))],
    "AvgPool1d": [M(lambda: nn.AvgPool1d(3, 2, 1), n(2, 3, 7))],
    "AvgPool2d": [M(lambda: nn.AvgPool2d(3, 2, 1, True, False), n(*IMAGE))],
    "AvgPool3d": [M(lambda: nn.AvgPool3d(2), n(1, 2, 4, 2, 4))],
    "LPPool1d": [M(lambda: nn.LPPool1d(2.0, 2), p(2, 3, 6))],
    "LPPool3d": [M(lambda: nn.LPPool3d(2.0, 2), p(1, 2, 4, 2, 4))],
    "LPPool2d": [M(lambda: nn.LPPool2d(3.0, 2), p(*IMAGE))],
    "AdaptiveAvgPool1d": [M(lambda: nn.AdaptiveAvgPool1d(3), n(2, 3, 7))],
    "AdaptiveAvgPool2d": [M(lambda: nn.AdaptiveAvgPool2d((3, None)), n(*IMAGE))],
    "AdaptiveAvgPool3d": [M(lambda: nn.AdaptiveAvgPool3d(2), n(1, 2, 4, 3, 4))],
    "AdaptiveMaxPool1d": [M(lambda: nn.AdaptiveMaxPool1d(3), d(2, 3, 7))],
    "AdaptiveMaxPool3d": [M(lambda: nn.AdaptiveMaxPool3d(2), d(1, 2, 4, 3, 4))],
    "AdaptiveMaxPool2d": [M(lambda: nn.AdaptiveMaxPool2d(3), d(*IMAGE))],
    "MaxUnpool1d": [M(lambda: nn.MaxUnpool1d(2), n(1, 2, 3), tg.tensor([[[0, 3, 4], [1, 2, 5]]]))],
    "MaxUnpool3d": [M(lambda: nn.MaxUnpool3d(2), n(1, 1, 1, 1, 2), tg.tensor([[[[[0, 15]]]]]))],
    "MaxUnpool2d": [M(lambda: nn.MaxUnpool2d(2), n(1, 1, 2, 2), tg.tensor([[[[0, 3], [8, 15]]]]))],
    # Shapes, padding, resizing.
    "Flatten": [M(nn.Flatten, n(2, 3, 4))],
    "Unflatten": [M(lambda: nn.Unflatten(1, (2, 2)), n(3, 4))],
    "PixelShuffle": [M(lambda: nn.PixelShuffle(2), n(1, 4, 2, 3))],
    "PixelUnshuffle": [M(lambda: nn.PixelUnshuffle(2), n(1, 2, 4, 6))],
    "ChannelShuffle": [M(lambda: nn.ChannelShuffle(2), n(1, 4, 3))],
    **{
        f"{kind}Pad{size}d": [
            M(
                lambda kind=kind, size=size: getattr(nn, f"{kind}Pad{size}d")(  # type: ignore[misc]
                    *(((1, 2) * size, 3.5) if kind == "Constant" else ((1, 2) * size,))
                ),
                n(*(1, 2, 3, 4, 3)[: size + 2]),
            )
        ]
        for kind in ("Circular", "Constant", "Reflection", "Replication", "Zero")
        for size in (1, 2, 3)
    },
    "Upsample": [
        M(lambda: nn.Upsample(scale_factor=2), n(*IMAGE)),
        M(lambda: nn.Upsample(size=(7, 3), mode="bilinear"), n(*IMAGE)),
    ],
    "UpsamplingBilinear2d": [M(lambda: nn.UpsamplingBilinear2d(scale_factor=2), n(*IMAGE))],
    "UpsamplingNearest2d": [M(lambda: nn.UpsamplingNearest2d(scale_factor=2), n(*IMAGE))],
    # Distances.
    "CosineSimilarity": [M(nn.CosineSimilarity, n(3, 4), n(3, 4))],
    "PairwiseDistance": [M(lambda: nn.PairwiseDistance(3.0), n(3, 4), n(3, 4))],
    # Recurrent layers.
    "RNN": [
        M(lambda: nn.RNN(3, 4), n(3, 2, 3)),
        M(lambda: nn.RNN(3, 2, 2, nonlinearity="relu", bidirectional=True), n(3, 3), n(4, 2)),
    ],
    "LSTM": [
        M(lambda: nn.LSTM(3, 4, batch_first=True), n(2, 3, 3)),
        M(lambda: nn.LSTM(3, 2, 2, bidirectional=True, dropout=0.5), n(3, 2, 3)),
        M(lambda: nn.LSTM(3, 4, proj_size=2), n(2, 2, 3), (n(1, 2, 2), n(1, 2, 4))),
    ],
    "GRU": [
        M(lambda: nn.GRU(3, 4, bias=False), n(3, 2, 3)),
        M(lambda: nn.GRU(3, 2, 2, bidirectional=True, batch_first=True), n(2, 3, 3), n(4, 2, 2)),
    ],
    "RNNCell": [M(lambda: nn.RNNCell(3, 4), n(2, 3), n(2, 4))],
    "LSTMCell": [M(lambda: nn.LSTMCell(3, 4), n(2, 3), (n(2, 4), n(2, 4)))],
    "GRUCell": [M(lambda: nn.GRUCell(3, 4, bias=False), n(3))],
    # Attention.
    "MultiheadAttention": [
        M(lambda: nn.MultiheadAttention(4, 2), n(3, 2, 4), n(3, 2, 4), n(3, 2, 4)),
        M(
            lambda: nn.MultiheadAttention(4, 2, 0.3, True, True, True, 3, 2, batch_first=True),
            n(2, 3, 4),
            n(2, 2, 3),
            n(2, 2, 2),
            need_weights=False,
        ),
        M(
            lambda: nn.MultiheadAttention(4, 1),
            n(3, 4),
            n(3, 4),
            n(3, 4),
            attn_mask=tg.triu(tg.ones(3, 3, dtype=tg.bool), 1),
        ),
    ],
    "TransformerEncoderLayer": [
        M(lambda: nn.TransformerEncoderLayer(4, 2, 5, dropout=0.2), n(3, 2, 4)),
        M(
            lambda: nn.TransformerEncoderLayer(
                4, 2, 5, 0.0, "gelu", batch_first=True, norm_first=True, bias=False
            ),
            n(2, 3, 4),
        ),
    ],
    "TransformerDecoderLayer": [
        M(lambda: nn.TransformerDecoderLayer(4, 2, 5, dropout=0.2), n(3, 2, 4), n(2, 2, 4))
    ],
    "TransformerEncoder": [
        M(
            lambda: nn.TransformerEncoder(
                nn.TransformerEncoderLayer(4, 2, 5, 0.0), 2, nn.LayerNorm(4)
            ),
            n(3, 1, 4),
        )
    ],
    "TransformerDecoder": [
        M(
            lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 5, 0.0), 1),
            n(3, 1, 4),
            n(2, 1, 4),
        )
    ],
    "Transformer": [M(lambda: nn.Transformer(4, 2, 1, 1, 5, 0.1), n(2, 1, 4), n(2, 1, 4))],
    # Containers.
    "Sequential": [M(lambda: nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)), n(5, 4))],
    "DataParallel": [M(lambda: nn.DataParallel(nn.Linear(4, 3)), n(5, 4))],
    # Losses.
    "MSELoss": loss(nn.MSELoss, n(3, 4), n(3, 4)),
    "L1Loss": loss(nn.L1Loss, n(3, 4), n(3, 4)),
    "SmoothL1Loss": loss(nn.SmoothL1Loss, n(3, 4), n(3, 4)),
    "HuberLoss": loss(nn.HuberLoss, n(3, 4), n(3, 4)),
    "BCELoss": [
        *loss(nn.BCELoss, u(0.1, 0.9, 3, 4), u(0.1, 0.9, 3, 4)),
        M(
            lambda: nn.BCELoss(weight=tg.tensor([1.0, 2.0, 0.5, 1.5])),
            u(0.1, 0.9, 3, 4),
            truths(3, 4) * 1.0,
        ),
    ],
    "BCEWithLogitsLoss": [
        *loss(nn.BCEWithLogitsLoss, n(3, 4), u(0.1, 0.9, 3, 4)),
        M(
            lambda: nn.BCEWithLogitsLoss(pos_weight=tg.tensor([1.0, 2.0, 0.5, 1.5])),
            n(3, 4),
            truths(3, 4) * 1.0,
        ),
    ],
    "CrossEntropyLoss": [
        *loss(nn.CrossEntropyLoss, n(4, 3), whole(3, 4)),
        M(
            lambda: nn.CrossEntropyLoss(tg.tensor([1.0, 2.0, 0.5]), label_smoothing=0.2),
            n(4, 3),
            whole(3, 4),
        ),
        M(lambda: nn.CrossEntropyLoss(ignore_index=1), n(2, 3, 4), whole(3, 2, 4)),
    ],
    "NLLLoss": [
        *loss(nn.NLLLoss, n(4, 3), whole(3, 4)),
        M(lambda: nn.NLLLoss(tg.tensor([1.0, 2.0, 0.5]), ignore_index=1), n(4, 3), whole(3, 4)),
    ],
    "NLLLoss2d": loss(nn.NLLLoss2d, n(1, 3, 2, 2), whole(3, 1, 2, 2)),
    "CTCLoss": loss(
        lambda reduction: nn.Sequential(nn.LogSoftmax(-1), _Labelled(nn.CTCLoss(0, reduction))),
        n(5, 2, 4),
    ),
    "AdaptiveLogSoftmaxWithLoss": [
        M(lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 6, [2, 4], div_value=2.0), n(5, 4), whole(6, 5))
    ],
    "KLDivLoss": [
        *loss(nn.KLDivLoss, n(3, 4), p(3, 4))[1:],
        M(lambda: nn.KLDivLoss(reduction="batchmean", log_target=True), n(3, 4), n(3, 4)),
    ],
    "PoissonNLLLoss": loss(nn.PoissonNLLLoss, n(3, 4), p(3, 4)),
    "GaussianNLLLoss": loss(nn.GaussianNLLLoss, n(3, 4), n(3, 4), p(3, 4)),
    "SoftMarginLoss": loss(nn.SoftMarginLoss, n(3, 4), signs(3, 4)),
    "HingeEmbeddingLoss": loss(nn.HingeEmbeddingLoss, d(3, 4), signs(3, 4)),
    "MarginRankingLoss": loss(nn.MarginRankingLoss, n(4), n(4), signs(4)),
    "CosineEmbeddingLoss": loss(nn.CosineEmbeddingLoss, n(4, 3), n(4, 3), signs(4)),
    "TripletMarginLoss": loss(nn.TripletMarginLoss, n(4, 3), n(4, 3), n(4, 3)),
    "TripletMarginWithDistanceLoss": loss(
        nn.TripletMarginWithDistanceLoss, n(4, 3), n(4, 3), n(4, 3)
    ),
    "MultiMarginLoss": loss(nn.MultiMarginLoss, d(4, 3), whole(3, 4)),
    "MultiLabelMarginLoss": loss(
        nn.MultiLabelMarginLoss, d(2, 4), tg.tensor([[3, 0, -1, 1], [1, -1, 0, 0]])
    ),
    "MultiLabelSoftMarginLoss": loss(nn.MultiLabelSoftMarginLoss, n(3, 4), u(0.1, 0.9, 3, 4)),
}

# Classes that compute nothing themselves, by the reason.
ABSENT: dict[str, str] = {
    "a base class: its forward is its heirs'": "Module RNNBase RNNCellBase",
    "a list or table of others, without a forward": (
        "ModuleDict ModuleList ParameterDict ParameterList"
    ),
}
