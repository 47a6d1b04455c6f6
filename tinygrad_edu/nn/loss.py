"""Losses as modules."""

from __future__ import annotations

import warnings
from typing import Any

from ..ops import class_losses, loss
from ..ops.ctc import ctc_loss
from ..ops.loss import options_of
from ..tensors.tensor import Tensor
from .module import Module, bare


class _Loss(Module):
    """A loss with a reduction: "mean", "sum" or "none"."""

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.reduction = options_of(reduction, size_average, reduce)
        if self.reduction not in ("mean", "sum", "none", "batchmean"):
            raise ValueError(
                f"{reduction!r} is not a valid value for reduction; use mean, sum or none"
            )


class _WeightedLoss(_Loss):
    """A loss with a weight for each class or entry."""

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


mse_loss, l1_loss = bare(loss.mse_loss), bare(loss.l1_loss)
cross_entropy, nll_loss = bare(class_losses.cross_entropy), bare(class_losses.nll_loss)
huber_loss, smooth_l1_loss = bare(loss.huber_loss), bare(loss.smooth_l1_loss)


class MSELoss(_Loss):
    """The mean of squared differences."""

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of `input` against `target`, of the same shape."""
        return mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """The mean of absolute differences."""

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of `input` against `target`, of the same shape."""
        return l1_loss(input, target, reduction=self.reduction)


class HuberLoss(_Loss):
    """½d² up to |d| = δ, and δ(|d| − ½δ) beyond."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of `input` against `target`, of the same shape."""
        return huber_loss(input, target, self.reduction, self.delta)


class SmoothL1Loss(_Loss):
    """½d²/β up to |d| = β, and |d| − ½β beyond."""

    def __init__(
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of `input` against `target`, of the same shape."""
        return smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class BCELoss(_WeightedLoss):
    """−t log p − (1 − t) log(1 − p) of probabilities."""

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of probabilities against targets in [0, 1], of the same shape."""
        return loss.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_WeightedLoss):
    """Binary cross-entropy of sigmoid(x), computed from x."""

    def __init__(
        self,
        weight: Any = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        pos_weight: Any = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of scores against targets in [0, 1], of the same shape."""
        return loss.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class NLLLoss(_WeightedLoss):
    """−x[label] of log-probabilities."""

    def __init__(
        self,
        weight: Any = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of log-probabilities (N, C, …) against class indices (N, …)."""
        return nll_loss(input, target, self.weight, None, self.ignore_index, None, self.reduction)


class NLLLoss2d(NLLLoss):
    """`NLLLoss`, which takes images too, by its older name; warns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            "`NLLLoss2d` has been deprecated. Please use `NLLLoss` instead as a drop-in "
            "replacement.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__(*args, **kwargs)


class CrossEntropyLoss(_WeightedLoss):
    """−log softmax(x)[label] of scores."""

    def __init__(
        self,
        weight: Any = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of scores (N, C, …) against class indices (N, …) or probabilities (N, C, …)."""
        return cross_entropy(
            input,
            target,
            self.weight,
            None,
            self.ignore_index,
            None,
            self.reduction,
            self.label_smoothing,
        )


class KLDivLoss(_Loss):
    """t (log t − x) of log-probabilities x."""

    def __init__(
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss of log-probabilities against probabilities, of the same shape."""
        return loss.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class CTCLoss(_Loss):
    """−log of the summed probability of all alignments of labels with a longer sequence.

    Parameters
    ----------
    blank : int
        The class that stands for no label.
    reduction : str
    zero_infinity : bool
        Make the loss of a sequence too short for its labels 0 instead of ∞.
    """

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: Tensor, targets: Any, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        """The loss of log-probabilities (T, N, C) against labels (N, S); see `F.ctc_loss`."""
        return bare(ctc_loss)(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )
