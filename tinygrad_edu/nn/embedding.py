"""Tables of vectors looked up by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.traced import wrap
from ..numerics.promotion import default_float
from ..ops import embedding
from ..tensors.tensor import Parameter, Tensor
from . import init
from .module import Module, bare, non_defaults

__all__ = ["Embedding", "EmbeddingBag"]

look_up, look_up_bags = bare(embedding.embedding), bare(embedding.embedding_bag)


class _Table(Module):
    """A learned table (num_embeddings, embedding_dim)."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        table: Tensor | None,
        freeze: bool,
        dtype: Any,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(
                    f"Padding_idx must be within num_embeddings: got padding_idx={padding_idx} for "
                    f"{num_embeddings} rows"
                )
            padding_idx %= num_embeddings
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if table is None:
            kind = dtype or default_float()
            self.weight = Parameter(
                wrap(np.zeros((num_embeddings, embedding_dim), kind)), requires_grad=not freeze
            )
            self.reset_parameters()
        else:
            if tuple(table._data.shape) != (num_embeddings, embedding_dim):
                raise ValueError(
                    f"Shape of weight does not match num_embeddings and embedding_dim: got "
                    f"{tuple(table._data.shape)}, expected {(num_embeddings, embedding_dim)}"
                )
            self.weight = Parameter(table, requires_grad=not freeze)

    def reset_parameters(self) -> None:
        """Draw the table from N(0, 1), and set the padding's row to 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight._data[self.padding_idx] = 0


class Embedding(_Table):
    """A learned vector for each of `num_embeddings` things: (…) whole numbers → (…, d).

    Parameters
    ----------
    padding_idx : int, optional
        A row that starts at 0 and is not learned.
    max_norm, norm_type, scale_grad_by_freq, sparse
        See `functional.embedding`.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            _freeze,
            dtype,
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """A table with the given rows (n, d), not learned unless `freeze` is False."""
        if embeddings._data.ndim != 2:
            raise ValueError(
                f"Embeddings parameter is expected to be 2-dimensional, got shape "
                f"{tuple(embeddings._data.shape)}"
            )
        rows, width = embeddings._data.shape
        return cls(
            rows,
            width,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            embeddings,
            freeze,
        )

    def forward(self, input: Any) -> Tensor:
        """The rows that `input` names."""
        return look_up(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.sparse,
        )

    def extra_repr(self) -> str:
        """Sizes, and what differs from the defaults."""
        changed = non_defaults(
            self,
            padding_idx=None,
            max_norm=None,
            norm_type=2,
            scale_grad_by_freq=False,
            sparse=False,
        )
        return f"{self.num_embeddings}, {self.embedding_dim}{changed}"


class EmbeddingBag(_Table):
    """The sum, mean or maximum of the vectors of each bag of things.

    Settings are those of `functional.embedding_bag`.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            False,
            dtype,
        )
        self.mode = mode
        self.include_last_offset = include_last_offset

    def forward(
        self, input: Any, offsets: Any = None, per_sample_weights: Tensor | None = None
    ) -> Tensor:
        """One vector for each bag: input (bags, n), or a vector with the bags' offsets."""
        return look_up_bags(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Sizes, and what differs from the defaults."""
        look_up = non_defaults(self, max_norm=None, norm_type=2, scale_grad_by_freq=False)
        return (
            f"{self.num_embeddings}, {self.embedding_dim}{look_up}, mode={self.mode!r}"
            f"{non_defaults(self, padding_idx=None)}"
        )
