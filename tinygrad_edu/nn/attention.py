"""Multi-head attention as a layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from ..ops.attention import multi_head_attention_forward
from ..ops.shaping import transpose
from ..tensors.tensor import Parameter, Tensor
from . import init
from .linear import Linear
from .module import Module, bare
from .parameter import new_parameter

__all__ = ["MultiheadAttention", "NonDynamicallyQuantizableLinear", "SDPBackend", "sdpa_kernel"]

attend = bare(multi_head_attention_forward)


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear under the name that PyTorch prints for attention's output."""


class MultiheadAttention(Module):
    """Attention in `num_heads` subspaces side by side.

    Source: Vaswani et al., Attention is all you need, 2017.

    Parameters
    ----------
    embed_dim : int
        Features of queries and outputs; num_heads divides it.
    num_heads : int
    dropout : float
        The fraction of weights set to 0 in training.
    bias : bool
        Whether the projections add a bias.
    add_bias_kv, add_zero_attn : bool
        Add one learned key and value, or one of zeros, to every sequence.
    kdim, vdim : int, optional
        Features of keys and values, if others than `embed_dim`.
    batch_first : bool
        Whether tensors are (batch, steps, features) and not (steps, batch, features).
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise ValueError(
                f"embed_dim must be divisible by num_heads, got embed_dim={embed_dim} and "
                f"num_heads={num_heads}"
            )
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        self.add_zero_attn = add_zero_attn
        self.one_width = self.kdim == embed_dim and self.vdim == embed_dim

        def make(*shape: int) -> Parameter:
            return new_parameter(*shape, dtype=dtype)

        self.in_proj_weight: Parameter | None = None
        self.q_proj_weight: Parameter | None = None
        self.k_proj_weight: Parameter | None = None
        self.v_proj_weight: Parameter | None = None
        if self.one_width:
            self.in_proj_weight = make(3 * embed_dim, embed_dim)
        else:
            self.q_proj_weight = make(embed_dim, embed_dim)
            self.k_proj_weight = make(embed_dim, self.kdim)
            self.v_proj_weight = make(embed_dim, self.vdim)
        self.in_proj_bias = make(3 * embed_dim) if bias else None
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, dtype=dtype)
        self.bias_k = make(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = make(1, 1, embed_dim) if add_bias_kv else None
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (
            self.in_proj_weight,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
        ):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Any]:
        """Attend.

        Parameters
        ----------
        query, key, value : Tensor
            (L, N, E), (S, N, kdim), (S, N, vdim); batch first if so set; without N for one sample.
        key_padding_mask : Tensor (N, S), optional
            True (or −∞) at keys that nobody may look at.
        attn_mask : Tensor (L, S) or (N · heads, L, S), optional
            True (or −∞) where a query may not look; floats are added to the scores.
        need_weights : bool
            Also return the weights, the mean over heads unless `average_attn_weights` is False.

        Returns
        -------
        output : Tensor (L, N, E)
        weights : Tensor (N, L, S) or None
        """
        swap = self.batch_first and query._data.ndim == 3
        if swap:
            if query is key and key is value:
                query = key = value = transpose(query, 0, 1)
            elif key is value:
                query, key = transpose(query, 0, 1), transpose(key, 0, 1)
                value = key
            else:
                query, key, value = (transpose(x, 0, 1) for x in (query, key, value))
        output, weights = attend(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self.one_width,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (transpose(output, 0, 1) if swap else output), weights


class SDPBackend(IntEnum):
    """PyTorch's ways to compute attention, which agree but for rounding; here there is one."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@contextmanager
def sdpa_kernel(backends: Any, set_priority: bool = False) -> Iterator[None]:
    """A block in which attention is computed by one of the given backends: here there is but one.

    Raises
    ------
    TypeError
        For what is no `SDPBackend`.
    """
    for given in [backends] if isinstance(backends, SDPBackend) else backends:
        if not isinstance(given, SDPBackend):
            raise TypeError(f"sdpa_kernel: expected members of SDPBackend, got {given!r}")
    yield
