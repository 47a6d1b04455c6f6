"""Softmax over many classes at less cost: the frequent ones first, the rare ones in clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.traced import wrap
from ..ops.activation import log_softmax
from ..ops.joining import cat
from ..ops.scattering import index_copy
from ..ops.selection import gather
from ..tensors.tensor import Tensor
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class _ASMoutput(NamedTuple):
    """Log-probabilities of the targets, and their mean, negative."""

    output: Any
    loss: Any


class AdaptiveLogSoftmaxWithLoss(Module):
    """log p of the target class, where classes beyond a cutoff are found through their cluster.

    log p(c) = log p(cluster) + log p(c | cluster). Classes must be numbered by how frequent they
    are, the most frequent first. Source: Grave et al., Efficient softmax approximation for GPUs,
    2017.

    Parameters
    ----------
    in_features, n_classes : int
    cutoffs : sequence of int
        Where clusters begin, increasing, within 1 and n_classes − 1.
    div_value : float
        How many times narrower the projection of each next cluster is.
    head_bias : bool

    Raises
    ------
    ValueError
        For cutoffs that do not increase or lie outside.
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        cuts = list(cutoffs)
        if not cuts or cuts != sorted({int(c) for c in cuts if 0 < c < n_classes}):
            raise ValueError(
                f"cutoffs should be a sequence of unique, positive integers sorted in an "
                f"increasing order, where each value is between 1 and n_classes-1 = "
                f"{n_classes - 1}; got {cuts}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cuts, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = cuts[0]
        self.n_clusters = len(cuts)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, device=device, dtype=dtype)
        self.tail = ModuleList()
        for i, (first, last) in enumerate(zip(self.cutoffs, self.cutoffs[1:])):
            width = int(in_features // div_value ** (i + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, width, bias=False, device=device, dtype=dtype),
                    Linear(width, last - first, bias=False, device=device, dtype=dtype),
                )
            )

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        self.head.reset_parameters()
        for projection in self.tail:
            for layer in projection:
                layer.reset_parameters()

    def forward(self, input: Tensor, target: Tensor) -> Any:
        """(log p of each target, minus their mean): input (N, in_features), target (N).

        Raises
        ------
        RuntimeError
            If the shapes do not fit each other, or a target is no class.
        """
        fits = target.dim() in (0, 1) and input.dim() == target.dim() + 1
        if not fits or (target.dim() and len(input) != len(target)):
            raise RuntimeError(
                f"AdaptiveLogSoftmaxWithLoss: expected input (N, in_features) with target (N), or "
                f"(in_features) with a single number; Input and target should have the same size "
                f"in the batch dimension. Got {tuple(input.shape)} and {tuple(target.shape)}"
            )
        batched = target.dim() > 0
        rows: Any = input if batched else input.unsqueeze(0)
        labels = (target if batched else target.unsqueeze(0))._data
        if labels.size and not 0 <= labels.min() <= labels.max() < self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{labels.min()}, {labels.max()}] were found."
            )
        cluster = np.searchsorted(self.cutoffs, labels, side="right")
        chosen = np.where(cluster == 0, labels, self.shortlist_size + cluster - 1)
        found: Any = rows.new_zeros(len(labels))
        for i, projection in enumerate(self.tail):
            members = np.flatnonzero(cluster == i + 1)
            if members.size:
                logs = log_softmax(projection(rows.index_select(0, wrap(members))), 1)
                inside = wrap((labels[members] - self.cutoffs[i])[:, None])
                found = index_copy(found, 0, wrap(members), gather(logs, 1, inside).squeeze(1))
        head = log_softmax(self.head(rows), 1)
        found = found + gather(head, 1, wrap(chosen[:, None])).squeeze(1)
        loss = (-found).mean()
        return _ASMoutput(found if batched else found.squeeze(0), loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """log p of every class: (N, in_features) → (N, n_classes)."""
        head = log_softmax(self.head(input), 1)
        size = self.shortlist_size
        parts = [head[:, :size]]
        for i, projection in enumerate(self.tail):
            parts.append(log_softmax(projection(input), 1) + head[:, size + i].unsqueeze(1))
        return cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """The likeliest class of each row; all clusters are looked into where one is likeliest."""
        best = self.head(input).argmax(1)
        if not (best >= self.shortlist_size).any():
            return best  # type: ignore[no-any-return]
        # Only rows whose likeliest entry is a cluster are searched in full, as in PyTorch.
        full = self.log_prob(input).argmax(1)
        return wrap(np.where(best._data >= self.shortlist_size, full._data, best._data))  # type: ignore[no-any-return]
