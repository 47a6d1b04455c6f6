"""The functions that PyTorch's `nn.functional` calls in turn: `torch.embedding`, `torch.lstm_cell`.

They compute the same, with arguments in another order, and reductions as numbers: 0 for none, which
is the default here, 1 for the mean, 2 for the sum.
"""

from __future__ import annotations

from typing import Any

from . import adaptive_pooling, ctc, dropout, loss, margin_losses, normalization
from . import convolution as convolution_ops
from . import embedding as embedding_ops
from .padding import pad

__all__ = [
    "adaptive_max_pool1d",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "constant_pad_nd",
    "convolution",
    "cosine_embedding_loss",
    "ctc_loss",
    "embedding",
    "feature_dropout",
    "fill",
    "hinge_embedding_loss",
    "instance_norm",
    "kl_div",
    "margin_ranking_loss",
    "poisson_nll_loss",
    "triplet_margin_loss",
]

REDUCTIONS = ("none", "mean", "sum")


def word(reduction: int | str) -> str:
    """ "none", "mean" or "sum" for 0, 1 or 2."""
    return reduction if isinstance(reduction, str) else REDUCTIONS[reduction]


def embedding(
    weight: Any,
    indices: Any,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Rows of `weight` (n, d) looked up by number; `F.embedding(indices, weight)`."""
    index = None if padding_idx < 0 else padding_idx
    return embedding_ops.embedding(
        indices, weight, index, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse
    )


def batch_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Any:
    """Each channel brought to mean 0 and variance 1; `F.batch_norm`."""
    return normalization.batch_norm(
        input, running_mean, running_var, weight, bias, training, momentum, eps
    )


def instance_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Any:
    """Each channel of each sample brought to mean 0 and variance 1; `F.instance_norm`."""
    return normalization.instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
    )


def convolution(
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Any:
    """Any of the convolutions, by the dimensions of `weight`; `F.conv2d` and its kin."""
    rank = weight._data.ndim - 2
    if not 1 <= rank <= 3:
        raise RuntimeError(
            f"convolution: expected a weight of 3, 4 or 5 dimensions, got shape "
            f"{tuple(weight._data.shape)}"
        )
    if transposed:
        turned: Any = getattr(convolution_ops, f"conv_transpose{rank}d")
        return turned(input, weight, bias, stride, padding, output_padding, groups, dilation)
    plain: Any = getattr(convolution_ops, f"conv{rank}d")
    return plain(input, weight, bias, stride, padding, dilation, groups)


def adaptive_max_pool1d(input: Any, output_size: Any) -> Any:
    """Maxima over as many even stretches as asked, and where they are."""
    return adaptive_pooling.adaptive_max_pool1d(input, output_size, True)


def constant_pad_nd(input: Any, pad_: Any, value: float = 0.0) -> Any:
    """`value` around the last dimensions; `F.pad`."""
    return pad(input, pad_, value=value)


def feature_dropout(input: Any, p: float, train: bool) -> Any:
    """Channels set to 0 with probability p; `F.dropout1d`, 2d and 3d."""
    by_rank = {3: dropout.dropout1d, 4: dropout.dropout2d, 5: dropout.dropout3d}
    if input._data.ndim not in by_rank:
        raise RuntimeError(
            f"feature_dropout: expected (batch, channels, …) of 3 to 5 dimensions, got shape "
            f"{tuple(input._data.shape)}; for single entries use dropout"
        )
    return by_rank[input._data.ndim](input, p, train)


def fill(input: Any, value: Any) -> Any:
    """A tensor of the shape and dtype of `input` with `value` in every place."""
    return input.clone().fill_(value)


# Losses -------------------------------------------------------------------------------------------


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 0
) -> Any:
    """−t log σ(x) − (1 − t) log(1 − σ(x)); `F.binary_cross_entropy_with_logits`."""
    return loss.binary_cross_entropy_with_logits(
        input, target, weight, reduction=word(reduction), pos_weight=pos_weight
    )


def kl_div(input: Any, target: Any, reduction: int = 0, *, log_target: bool = False) -> Any:
    """t (log t − x), x being logarithms; `F.kl_div`."""
    return loss.kl_div(input, target, reduction=word(reduction), log_target=log_target)


def poisson_nll_loss(
    input: Any, target: Any, log_input: bool, full: bool, eps: float, reduction: int
) -> Any:
    """exp(x) − t x, or x − t log x; `F.poisson_nll_loss`."""
    return margin_losses.poisson_nll_loss(
        input, target, log_input, full, eps=eps, reduction=word(reduction)
    )


def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0
) -> Any:
    """max(0, −t (x₁ − x₂) + margin); `F.margin_ranking_loss`."""
    return margin_losses.margin_ranking_loss(
        input1, input2, target, margin, reduction=word(reduction)
    )


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0
) -> Any:
    """1 − cos where t is 1, max(0, cos − margin) where it is −1; `F.cosine_embedding_loss`."""
    return margin_losses.cosine_embedding_loss(
        input1, input2, target, margin, reduction=word(reduction)
    )


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: int = 0) -> Any:
    """x where t is 1, max(0, margin − x) where it is −1; `F.hinge_embedding_loss`."""
    return margin_losses.hinge_embedding_loss(input, target, margin, reduction=word(reduction))


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 0,
) -> Any:
    """max(0, |a − p| − |a − n| + margin); `F.triplet_margin_loss`."""
    return margin_losses.triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, reduction=word(reduction)
    )


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: int = 0,
    zero_infinity: bool = False,
) -> Any:
    """−log of the summed probability of all alignments; `F.ctc_loss`."""
    return ctc.ctc_loss(
        log_probs, targets, input_lengths, target_lengths, blank, word(reduction), zero_infinity
    )
