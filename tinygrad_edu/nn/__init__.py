"""Layers, losses and what they are made of."""

from typing import Any

from ..torch_compat.addresses import answers_for
from ..torch_compat.advice import advice
from . import functional as functional
from . import init as init
from . import parallel as parallel
from . import utils as utils
from .activation import CELU as CELU
from .activation import ELU as ELU
from .activation import GELU as GELU
from .activation import GLU as GLU
from .activation import SELU as SELU
from .activation import Hardshrink as Hardshrink
from .activation import Hardsigmoid as Hardsigmoid
from .activation import Hardswish as Hardswish
from .activation import Hardtanh as Hardtanh
from .activation import LeakyReLU as LeakyReLU
from .activation import LogSigmoid as LogSigmoid
from .activation import LogSoftmax as LogSoftmax
from .activation import Mish as Mish
from .activation import PReLU as PReLU
from .activation import ReLU as ReLU
from .activation import ReLU6 as ReLU6
from .activation import RReLU as RReLU
from .activation import Sigmoid as Sigmoid
from .activation import SiLU as SiLU
from .activation import Softmax as Softmax
from .activation import Softmax2d as Softmax2d
from .activation import Softmin as Softmin
from .activation import Softplus as Softplus
from .activation import Softshrink as Softshrink
from .activation import Softsign as Softsign
from .activation import Tanh as Tanh
from .activation import Tanhshrink as Tanhshrink
from .activation import Threshold as Threshold
from .adaptive_softmax import AdaptiveLogSoftmaxWithLoss as AdaptiveLogSoftmaxWithLoss
from .attention import MultiheadAttention as MultiheadAttention
from .attention import NonDynamicallyQuantizableLinear as NonDynamicallyQuantizableLinear
from .batch_norm import BatchNorm1d as BatchNorm1d
from .batch_norm import BatchNorm2d as BatchNorm2d
from .batch_norm import BatchNorm3d as BatchNorm3d
from .batch_norm import InstanceNorm1d as InstanceNorm1d
from .batch_norm import InstanceNorm2d as InstanceNorm2d
from .batch_norm import InstanceNorm3d as InstanceNorm3d
from .batch_norm import SyncBatchNorm as SyncBatchNorm
from .container import ModuleDict as ModuleDict
from .container import ModuleList as ModuleList
from .container import ParameterDict as ParameterDict
from .container import ParameterList as ParameterList
from .container import Sequential as Sequential
from .conv import Conv1d as Conv1d
from .conv import Conv2d as Conv2d
from .conv import Conv3d as Conv3d
from .conv import ConvTranspose1d as ConvTranspose1d
from .conv import ConvTranspose2d as ConvTranspose2d
from .conv import ConvTranspose3d as ConvTranspose3d
from .distance import CosineSimilarity as CosineSimilarity
from .distance import PairwiseDistance as PairwiseDistance
from .dropout import AlphaDropout as AlphaDropout
from .dropout import Dropout as Dropout
from .dropout import Dropout1d as Dropout1d
from .dropout import Dropout2d as Dropout2d
from .dropout import Dropout3d as Dropout3d
from .dropout import FeatureAlphaDropout as FeatureAlphaDropout
from .embedding import Embedding as Embedding
from .embedding import EmbeddingBag as EmbeddingBag
from .flatten import Flatten as Flatten
from .flatten import Unflatten as Unflatten
from .fold import Fold as Fold
from .fold import Unfold as Unfold
from .lazy import LazyBatchNorm1d as LazyBatchNorm1d
from .lazy import LazyBatchNorm2d as LazyBatchNorm2d
from .lazy import LazyBatchNorm3d as LazyBatchNorm3d
from .lazy import LazyConv1d as LazyConv1d
from .lazy import LazyConv2d as LazyConv2d
from .lazy import LazyConv3d as LazyConv3d
from .lazy import LazyConvTranspose1d as LazyConvTranspose1d
from .lazy import LazyConvTranspose2d as LazyConvTranspose2d
from .lazy import LazyConvTranspose3d as LazyConvTranspose3d
from .lazy import LazyInstanceNorm1d as LazyInstanceNorm1d
from .lazy import LazyInstanceNorm2d as LazyInstanceNorm2d
from .lazy import LazyInstanceNorm3d as LazyInstanceNorm3d
from .lazy import LazyLinear as LazyLinear
from .linear import Bilinear as Bilinear
from .linear import Identity as Identity
from .linear import Linear as Linear
from .loss import BCELoss as BCELoss
from .loss import BCEWithLogitsLoss as BCEWithLogitsLoss
from .loss import CrossEntropyLoss as CrossEntropyLoss
from .loss import CTCLoss as CTCLoss
from .loss import HuberLoss as HuberLoss
from .loss import KLDivLoss as KLDivLoss
from .loss import L1Loss as L1Loss
from .loss import MSELoss as MSELoss
from .loss import NLLLoss as NLLLoss
from .loss import NLLLoss2d as NLLLoss2d
from .loss import SmoothL1Loss as SmoothL1Loss
from .margin_losses import CosineEmbeddingLoss as CosineEmbeddingLoss
from .margin_losses import GaussianNLLLoss as GaussianNLLLoss
from .margin_losses import HingeEmbeddingLoss as HingeEmbeddingLoss
from .margin_losses import MarginRankingLoss as MarginRankingLoss
from .margin_losses import MultiLabelMarginLoss as MultiLabelMarginLoss
from .margin_losses import MultiLabelSoftMarginLoss as MultiLabelSoftMarginLoss
from .margin_losses import MultiMarginLoss as MultiMarginLoss
from .margin_losses import PoissonNLLLoss as PoissonNLLLoss
from .margin_losses import SoftMarginLoss as SoftMarginLoss
from .margin_losses import TripletMarginLoss as TripletMarginLoss
from .margin_losses import TripletMarginWithDistanceLoss as TripletMarginWithDistanceLoss
from .module import Module as Module
from .module import Parameter as Parameter
from .normalization import GroupNorm as GroupNorm
from .normalization import LayerNorm as LayerNorm
from .normalization import LocalResponseNorm as LocalResponseNorm
from .normalization import RMSNorm as RMSNorm
from .padding import CircularPad1d as CircularPad1d
from .padding import CircularPad2d as CircularPad2d
from .padding import CircularPad3d as CircularPad3d
from .padding import ConstantPad1d as ConstantPad1d
from .padding import ConstantPad2d as ConstantPad2d
from .padding import ConstantPad3d as ConstantPad3d
from .padding import ReflectionPad1d as ReflectionPad1d
from .padding import ReflectionPad2d as ReflectionPad2d
from .padding import ReflectionPad3d as ReflectionPad3d
from .padding import ReplicationPad1d as ReplicationPad1d
from .padding import ReplicationPad2d as ReplicationPad2d
from .padding import ReplicationPad3d as ReplicationPad3d
from .padding import ZeroPad1d as ZeroPad1d
from .padding import ZeroPad2d as ZeroPad2d
from .padding import ZeroPad3d as ZeroPad3d
from .parallel import DataParallel as DataParallel
from .parameter import UninitializedBuffer as UninitializedBuffer
from .parameter import UninitializedParameter as UninitializedParameter
from .pixel_shuffle import ChannelShuffle as ChannelShuffle
from .pixel_shuffle import PixelShuffle as PixelShuffle
from .pixel_shuffle import PixelUnshuffle as PixelUnshuffle
from .pooling import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from .pooling import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from .pooling import AdaptiveAvgPool3d as AdaptiveAvgPool3d
from .pooling import AdaptiveMaxPool1d as AdaptiveMaxPool1d
from .pooling import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from .pooling import AdaptiveMaxPool3d as AdaptiveMaxPool3d
from .pooling import AvgPool1d as AvgPool1d
from .pooling import AvgPool2d as AvgPool2d
from .pooling import AvgPool3d as AvgPool3d
from .pooling import LPPool1d as LPPool1d
from .pooling import LPPool2d as LPPool2d
from .pooling import LPPool3d as LPPool3d
from .pooling import MaxPool1d as MaxPool1d
from .pooling import MaxPool2d as MaxPool2d
from .pooling import MaxPool3d as MaxPool3d
from .pooling import MaxUnpool1d as MaxUnpool1d
from .pooling import MaxUnpool2d as MaxUnpool2d
from .pooling import MaxUnpool3d as MaxUnpool3d
from .rnn import GRU as GRU
from .rnn import LSTM as LSTM
from .rnn import RNN as RNN
from .rnn import RNNBase as RNNBase
from .rnn_cells import GRUCell as GRUCell
from .rnn_cells import LSTMCell as LSTMCell
from .rnn_cells import RNNCell as RNNCell
from .rnn_cells import RNNCellBase as RNNCellBase
from .transformer import Transformer as Transformer
from .transformer import TransformerDecoder as TransformerDecoder
from .transformer import TransformerDecoderLayer as TransformerDecoderLayer
from .transformer import TransformerEncoder as TransformerEncoder
from .transformer import TransformerEncoderLayer as TransformerEncoderLayer
from .upsampling import Upsample as Upsample
from .upsampling import UpsamplingBilinear2d as UpsamplingBilinear2d
from .upsampling import UpsamplingNearest2d as UpsamplingNearest2d

# PyTorch's files, and where here what is in them is.
answers_for(
    {
        "nn.common_types": "nn.tuples",
        "nn.modules": "nn",
        "nn.modules.activation": "nn.activation nn.attention",
        "nn.modules.adaptive": "nn.adaptive_softmax",
        "nn.modules.batchnorm": "nn.batch_norm nn.lazy",
        "nn.modules.channelshuffle": "nn.pixel_shuffle",
        "nn.modules.container": "nn.container",
        "nn.modules.conv": "nn.conv nn.lazy",
        "nn.modules.distance": "nn.distance",
        "nn.modules.dropout": "nn.dropout",
        "nn.modules.flatten": "nn.flatten",
        "nn.modules.fold": "nn.fold",
        "nn.modules.instancenorm": "nn.batch_norm nn.lazy",
        "nn.modules.lazy": "nn.lazy",
        "nn.modules.linear": "nn.linear nn.attention nn.lazy",
        "nn.modules.loss": "nn.loss nn.margin_losses",
        "nn.modules.module": "nn.module",
        "nn.modules.normalization": "nn.normalization",
        "nn.modules.padding": "nn.padding",
        "nn.modules.pixelshuffle": "nn.pixel_shuffle",
        "nn.modules.pooling": "nn.pooling",
        "nn.modules.rnn": "nn.rnn nn.rnn_cells",
        "nn.modules.sparse": "nn.embedding",
        "nn.modules.transformer": "nn.transformer",
        "nn.modules.upsampling": "nn.upsampling",
        "nn.modules.utils": "nn.tuples nn.parallel",
        "nn.parallel.data_parallel": "nn.parallel",
        "nn.parallel.distributed": "nn.parallel",
    }
)


def __getattr__(name: str) -> Any:
    instead = advice(name) or f"dir({__name__}) lists what is"
    raise AttributeError(f"{__name__} has no {name!r}: it is not built; {instead}", name=name)
