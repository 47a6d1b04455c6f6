"""PyTorch's `torch.nn.functional`: everything a layer computes, as functions."""

from ..ops.activation import celu as celu
from ..ops.activation import celu_ as celu_
from ..ops.activation import elu as elu
from ..ops.activation import elu_ as elu_
from ..ops.activation import gelu as gelu
from ..ops.activation import glu as glu
from ..ops.activation import gumbel_softmax as gumbel_softmax
from ..ops.activation import hardshrink as hardshrink
from ..ops.activation import hardsigmoid as hardsigmoid
from ..ops.activation import hardswish as hardswish
from ..ops.activation import hardtanh as hardtanh
from ..ops.activation import hardtanh_ as hardtanh_
from ..ops.activation import leaky_relu as leaky_relu
from ..ops.activation import leaky_relu_ as leaky_relu_
from ..ops.activation import log_softmax as log_softmax
from ..ops.activation import logsigmoid as logsigmoid
from ..ops.activation import mish as mish
from ..ops.activation import prelu as prelu
from ..ops.activation import relu as relu
from ..ops.activation import relu6 as relu6
from ..ops.activation import relu_ as relu_
from ..ops.activation import rrelu as rrelu
from ..ops.activation import rrelu_ as rrelu_
from ..ops.activation import selu as selu
from ..ops.activation import selu_ as selu_
from ..ops.activation import sigmoid as sigmoid
from ..ops.activation import silu as silu
from ..ops.activation import softmax as softmax
from ..ops.activation import softmin as softmin
from ..ops.activation import softplus as softplus
from ..ops.activation import softshrink as softshrink
from ..ops.activation import softsign as softsign
from ..ops.activation import tanhshrink as tanhshrink
from ..ops.activation import threshold as threshold
from ..ops.activation import threshold_ as threshold_
from ..ops.adaptive_pooling import adaptive_avg_pool1d as adaptive_avg_pool1d
from ..ops.adaptive_pooling import adaptive_avg_pool2d as adaptive_avg_pool2d
from ..ops.adaptive_pooling import adaptive_avg_pool3d as adaptive_avg_pool3d
from ..ops.adaptive_pooling import adaptive_max_pool1d as adaptive_max_pool1d
from ..ops.adaptive_pooling import (
    adaptive_max_pool1d_with_indices as adaptive_max_pool1d_with_indices,
)
from ..ops.adaptive_pooling import adaptive_max_pool2d as adaptive_max_pool2d
from ..ops.adaptive_pooling import (
    adaptive_max_pool2d_with_indices as adaptive_max_pool2d_with_indices,
)
from ..ops.adaptive_pooling import adaptive_max_pool3d as adaptive_max_pool3d
from ..ops.adaptive_pooling import (
    adaptive_max_pool3d_with_indices as adaptive_max_pool3d_with_indices,
)
from ..ops.attention import multi_head_attention_forward as multi_head_attention_forward
from ..ops.attention import scaled_dot_product_attention as scaled_dot_product_attention
from ..ops.class_losses import cross_entropy as cross_entropy
from ..ops.class_losses import nll_loss as nll_loss
from ..ops.convolution import conv1d as conv1d
from ..ops.convolution import conv2d as conv2d
from ..ops.convolution import conv3d as conv3d
from ..ops.convolution import conv_transpose1d as conv_transpose1d
from ..ops.convolution import conv_transpose2d as conv_transpose2d
from ..ops.convolution import conv_transpose3d as conv_transpose3d
from ..ops.convolution import fold as fold
from ..ops.convolution import unfold as unfold
from ..ops.ctc import ctc_loss as ctc_loss
from ..ops.distance import cosine_similarity as cosine_similarity
from ..ops.distance import pairwise_distance as pairwise_distance
from ..ops.distance import pdist as pdist
from ..ops.dropout import alpha_dropout as alpha_dropout
from ..ops.dropout import dropout as dropout
from ..ops.dropout import dropout1d as dropout1d
from ..ops.dropout import dropout2d as dropout2d
from ..ops.dropout import dropout3d as dropout3d
from ..ops.dropout import feature_alpha_dropout as feature_alpha_dropout
from ..ops.elementwise import tanh as tanh
from ..ops.embedding import embedding as embedding
from ..ops.embedding import embedding_bag as embedding_bag
from ..ops.embedding import one_hot as one_hot
from ..ops.interpolation import affine_grid as affine_grid
from ..ops.interpolation import grid_sample as grid_sample
from ..ops.interpolation import interpolate as interpolate
from ..ops.interpolation import upsample as upsample
from ..ops.interpolation import upsample_bilinear as upsample_bilinear
from ..ops.interpolation import upsample_nearest as upsample_nearest
from ..ops.linear import bilinear as bilinear
from ..ops.linear import linear as linear
from ..ops.loss import binary_cross_entropy as binary_cross_entropy
from ..ops.loss import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from ..ops.loss import huber_loss as huber_loss
from ..ops.loss import kl_div as kl_div
from ..ops.loss import l1_loss as l1_loss
from ..ops.loss import mse_loss as mse_loss
from ..ops.loss import smooth_l1_loss as smooth_l1_loss
from ..ops.margin_losses import cosine_embedding_loss as cosine_embedding_loss
from ..ops.margin_losses import gaussian_nll_loss as gaussian_nll_loss
from ..ops.margin_losses import hinge_embedding_loss as hinge_embedding_loss
from ..ops.margin_losses import margin_ranking_loss as margin_ranking_loss
from ..ops.margin_losses import multi_margin_loss as multi_margin_loss
from ..ops.margin_losses import multilabel_margin_loss as multilabel_margin_loss
from ..ops.margin_losses import multilabel_soft_margin_loss as multilabel_soft_margin_loss
from ..ops.margin_losses import poisson_nll_loss as poisson_nll_loss
from ..ops.margin_losses import soft_margin_loss as soft_margin_loss
from ..ops.margin_losses import triplet_margin_loss as triplet_margin_loss
from ..ops.margin_losses import (
    triplet_margin_with_distance_loss as triplet_margin_with_distance_loss,
)
from ..ops.normalization import batch_norm as batch_norm
from ..ops.normalization import group_norm as group_norm
from ..ops.normalization import instance_norm as instance_norm
from ..ops.normalization import layer_norm as layer_norm
from ..ops.normalization import local_response_norm as local_response_norm
from ..ops.normalization import normalize as normalize
from ..ops.normalization import rms_norm as rms_norm
from ..ops.padding import pad as pad
from ..ops.pixel_shuffle import channel_shuffle as channel_shuffle
from ..ops.pixel_shuffle import pixel_shuffle as pixel_shuffle
from ..ops.pixel_shuffle import pixel_unshuffle as pixel_unshuffle
from ..ops.pooling import avg_pool1d as avg_pool1d
from ..ops.pooling import avg_pool2d as avg_pool2d
from ..ops.pooling import avg_pool3d as avg_pool3d
from ..ops.pooling import lp_pool1d as lp_pool1d
from ..ops.pooling import lp_pool2d as lp_pool2d
from ..ops.pooling import lp_pool3d as lp_pool3d
from ..ops.pooling import max_pool1d as max_pool1d
from ..ops.pooling import max_pool1d_with_indices as max_pool1d_with_indices
from ..ops.pooling import max_pool2d as max_pool2d
from ..ops.pooling import max_pool2d_with_indices as max_pool2d_with_indices
from ..ops.pooling import max_pool3d as max_pool3d
from ..ops.pooling import max_pool3d_with_indices as max_pool3d_with_indices
from ..ops.pooling import max_unpool1d as max_unpool1d
from ..ops.pooling import max_unpool2d as max_unpool2d
from ..ops.pooling import max_unpool3d as max_unpool3d
