"""Attention: means of values, weighted by the softmax of products of queries and keys."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.traced import Traced, raw, wrap
from ..primitives import elementwise, indexing, shaping
from ..primitives.linalg import matmul
from .activation import softmax
from .composed import composed
from .dropout import dropout
from .linear import linear

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

times, permute, reshape = matmul.record, shaping.permute.record, shaping.reshape.record


def swapped(x: Any) -> Any:
    """The last two dimensions swapped."""
    rank = x._data.ndim
    return permute(x, (*range(rank - 2), rank - 1, rank - 2))


@composed
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(q kᵀ · scale + mask) v: (…, L, E), (…, S, E), (…, S, Ev) → (…, L, Ev).

    Source: Vaswani et al., Attention is all you need, 2017.

    Parameters
    ----------
    attn_mask : Tensor, optional
        Of a shape that broadcasts to (…, L, S): bool, True where a query may look, or added to the
        scores.
    dropout_p : float
        The fraction of weights set to 0; applied always (pass 0 when not training).
    is_causal : bool
        Let each query look at keys up to its own place.
    scale : float, optional
        1/√E unless given.
    enable_gqa : bool
        Let several query heads share a head of keys and values.

    Raises
    ------
    RuntimeError
        If both `attn_mask` and `is_causal` are given, or shapes do not fit.
    """
    if attn_mask is not None and is_causal:
        raise RuntimeError(
            "scaled_dot_product_attention: Explicit attn_mask should not be set when "
            "is_causal=True; put the triangle into the mask"
        )
    if query._data.shape[-1] != key._data.shape[-1] or key._data.shape[-2] != value._data.shape[-2]:
        raise RuntimeError(
            f"scaled_dot_product_attention: expected query (…, L, E), key (…, S, E) and value "
            f"(…, S, Ev), got {tuple(query._data.shape)}, {tuple(key._data.shape)} and "
            f"{tuple(value._data.shape)}"
        )
    if enable_gqa:
        heads = query._data.shape[-3]
        key = indexing.repeat.record(key, heads // key._data.shape[-3], -3 % key._data.ndim)
        value = indexing.repeat.record(value, heads // value._data.shape[-3], -3 % value._data.ndim)
    factor = 1 / math.sqrt(query._data.shape[-1]) if scale is None else scale
    scores = times(query * factor, swapped(key))
    dark: Any = None
    if is_causal:
        dark = ~np.tri(scores._data.shape[-2], scores._data.shape[-1], dtype=bool)
    elif attn_mask is not None:
        mask = raw(attn_mask)
        if mask.dtype == bool:
            dark = ~mask
        else:
            scores = scores + attn_mask
            dark = np.isneginf(mask)
    if dark is not None and not (attn_mask is not None and raw(attn_mask).dtype != bool):
        scores = elementwise.where.record(dark, -math.inf, scores)
    weights = softmax(scores, -1)
    if dark is not None and dark.all(-1).any():  # a query that may look nowhere sees 0
        weights = elementwise.where.record(dark.all(-1)[..., None], 0, weights)
    if dropout_p:
        weights = dropout(weights, dropout_p)
    return times(weights, value)


def additive(mask: Any, dtype: Any, name: str) -> Any:
    """A mask to add to scores: bool ones have True where nobody may look."""
    if mask is None:
        return None
    if not isinstance(mask, Traced):
        mask = wrap(np.asarray(mask))
    kind = mask._data.dtype
    if kind.kind == "b":
        return wrap(np.where(mask._data, dtype.type(-math.inf), dtype.type(0)))
    if kind.kind != "f":
        raise RuntimeError(
            f"{name}: only bool and floating types of masks are supported, got {kind}; compare "
            f"first: mask == 0"
        )
    return mask if kind == dtype else mask.to(dtype)


@composed
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Any]:
    """Attention in several subspaces side by side: (L, N, E), (S, N, …) → (L, N, E) and weights.

    Source: Vaswani et al., Attention is all you need, 2017. The arguments are PyTorch's; see
    `nn.MultiheadAttention` for what they mean.
    """
    if static_k is not None or static_v is not None:
        raise NotImplementedError(
            "multi_head_attention_forward: static_k and static_v are not built; pass key and value"
        )
    alone = query._data.ndim == 2
    if alone:
        query, key, value = (shaping.unsqueeze.record(x, 1) for x in (query, key, value))
        if key_padding_mask is not None:
            key_padding_mask = shaping.unsqueeze.record(key_padding_mask, 0)
    length, batch, width = query._data.shape
    check_attention(query, key, value, embed_dim_to_check, num_heads)
    dtype = query._data.dtype
    mask = additive(attn_mask, dtype, "attn_mask")
    padding = additive(key_padding_mask, dtype, "key_padding_mask")
    q, k, v = projected(
        query,
        key,
        value,
        (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None,
        in_proj_weight,
        in_proj_bias,
    )
    if mask is not None:
        mask = attention_mask(mask, length, key._data.shape[0], batch, num_heads)
    if is_causal and mask is None:
        raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
    source = key._data.shape[0]
    if padding is not None and padding._data.shape != (batch, source):
        raise RuntimeError(
            f"expecting key_padding_mask shape of {(batch, source)}, but got "
            f"{tuple(padding._data.shape)}"
        )
    if bias_k is not None:
        one = (1, batch, width)
        k = shaping.cat.record([k, shaping.expand.record(bias_k, one)], 0)
        v = shaping.cat.record([v, shaping.expand.record(bias_v, one)], 0)
        mask, padding = widened(mask), widened(padding)
    head = width // num_heads

    def split(x: Any) -> Any:
        """(steps, N, E) to (N, heads, steps, head)."""
        return permute(reshape(x, (x._data.shape[0], batch, num_heads, head)), (1, 2, 0, 3))

    q, k, v = split(q), split(k), split(v)
    if add_zero_attn:
        zeros = wrap(np.zeros((batch, num_heads, 1, head), dtype))
        k, v = shaping.cat.record([k, zeros], 2), shaping.cat.record([v, zeros], 2)
        mask, padding = widened(mask), widened(padding)
    if padding is not None:
        spread = reshape(padding, (batch, 1, 1, padding._data.shape[1]))
        mask = spread if mask is None else mask + spread
    drop = dropout_p if training else 0.0
    weights: Any = None
    if need_weights:
        scores = times(q * math.sqrt(1.0 / head), swapped(k))
        weights = softmax(scores if mask is None else scores + mask, -1)
        if drop:
            weights = dropout(weights, drop)
        y = times(weights, v)
    else:
        y = scaled_dot_product_attention(q, k, v, mask, drop)
    y = reshape(permute(y, (2, 0, 1, 3)), (length, batch, width))
    y = linear(y, out_proj_weight, out_proj_bias)
    if weights is not None and average_attn_weights:
        weights = weights.mean(1)
    if alone:
        y = shaping.squeeze.record(y, 1)
        weights = None if weights is None else shaping.squeeze.record(weights, 0)
    return y, weights


def check_attention(query: Any, key: Any, value: Any, width: int, heads: int) -> None:
    """Raise unless the shapes belong together."""
    shapes = f"query {tuple(query._data.shape)}, key {tuple(key._data.shape)}, value "
    shapes += f"{tuple(value._data.shape)}"
    if query._data.ndim != 3 or key._data.ndim != 3 or value._data.ndim != 3:
        raise RuntimeError(
            f"MultiheadAttention: expected query, key and value all 2-D (steps, features) or all "
            f"3-D (steps, batch, features), got {shapes}"
        )
    if query._data.shape[2] != width:
        raise RuntimeError(
            f"was expecting embedding dimension of {width}, but got {query._data.shape[2]} "
            f"({shapes})"
        )
    if width % heads:
        raise RuntimeError(f"embed_dim {width} not divisible by num_heads {heads}")
    if key._data.shape[:2] != value._data.shape[:2] or key._data.shape[1] != query._data.shape[1]:
        raise RuntimeError(
            f"MultiheadAttention: key and value must have the same steps and batch, and the batch "
            f"of query, got {shapes}; with batch_first=True tensors are (batch, steps, features)"
        )


def projected(query: Any, key: Any, value: Any, apart: Any, weight: Any, bias: Any) -> Any:
    """Queries, keys and values of the heads; of one source all three in one product."""
    width = query._data.shape[2]
    if apart is None and query is key and key is value:
        packed = linear(query, weight, bias)
        cut = ((..., slice(k * width, (k + 1) * width)) for k in range(3))
        return [indexing.getitem.record(packed, c) for c in cut]
    if apart is None:
        rows = (slice(k * width, (k + 1) * width) for k in range(3))
        apart = [indexing.getitem.record(weight, r) for r in rows]
    biases: Any = (None, None, None)
    if bias is not None:
        rows = (slice(k * width, (k + 1) * width) for k in range(3))
        biases = [indexing.getitem.record(bias, r) for r in rows]
    sources = (query, key, value)
    return [linear(x, w, b) for x, w, b in zip(sources, apart, biases, strict=True)]


def attention_mask(mask: Any, length: int, source: int, batch: int, heads: int) -> Any:
    """A mask (L, S) or (N·heads, L, S), laid out to add to scores (N, heads, L, S)."""
    shape = mask._data.shape
    if shape == (length, source):
        return mask
    if shape == (batch * heads, length, source):
        return reshape(mask, (batch, heads, length, source))
    raise RuntimeError(
        f"The shape of the attn_mask is {shape}, but should be {(length, source)} or "
        f"{(batch * heads, length, source)}."
    )


def widened(mask: Any) -> Any:
    """A mask with one more key that all may look at."""
    if mask is None:
        return None
    rank = mask._data.ndim
    return shaping.pad.record(mask, (*((0, 0) for _ in range(rank - 1)), (0, 1)), 0.0)
