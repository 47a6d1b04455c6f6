"""How tensors print: as PyTorch prints them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np

from ..engine.node import Leaf, Node
from ..numerics.promotion import default_float

__all__ = ["OPTIONS", "representation", "set_printoptions"]


@dataclass
class Options:
    """What `set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


OPTIONS = Options()
PROFILES = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=math.inf),
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors print; what is not given stays (but `sci_mode`, then chosen anew)."""
    if profile is not None:
        for name, value in vars(PROFILES[profile]).items():
            setattr(OPTIONS, name, value)
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems}
    for name, value in {**given, "linewidth": linewidth}.items():
        if value is not None:
            setattr(OPTIONS, name, value)
    OPTIONS.sci_mode = sci_mode


def representation(x: Any) -> str:
    """The text of a tensor: entries, then what cannot be seen from them."""
    data = np.asarray(x._data)
    suffixes = []
    implied = {np.dtype(bool), np.dtype(np.int64), default_float()}
    if not data.size and data.ndim != 1:
        suffixes.append(f"size={tuple(data.shape)}")
    if data.dtype not in implied or (not data.size and data.dtype != default_float()):
        suffixes.append(f"dtype=torch.{data.dtype}")
    if x._node is not None:
        if isinstance(x._node, Leaf):
            suffixes.append("requires_grad=True")
        else:
            suffixes.append(f"grad_fn=<{backward_name(x._node)}>")
    prefix = "tensor("
    body = "[]" if not data.size else entries(data, len(prefix))
    return wrapped_suffixes(prefix + body, suffixes)


OWN_LAYERS = f"{__package__.partition('.')[0]}.nn."
# Compositions that PyTorch has in one piece and under another name.
IN_ONE_PIECE = {
    "batch_norm": "NativeBatchNorm",
    "cross_entropy": "NllLoss",
    "det": "LinalgDet",
    "inv": "LinalgInvEx",
    "layer_norm": "NativeLayerNorm",
    "linear": "Addmm",
    "norm": "LinalgVectorNorm",
    "normalize": "Div",
    "outer": "Mul",
}
RENAMED = {"reshape": "View", "positive": "Clone", "cast": "ToCopy", "tile": "Repeat"}
# Layers do without the box of the function they apply; how PyTorch calls what they put out.
LAYERS = {
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d"), "Convolution"),
    **dict.fromkeys(("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"), "Convolution"),
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"), "NativeBatchNorm"),
    "AvgPool2d": "AvgPool2D",
    "CrossEntropyLoss": "NllLoss",
    "ELU": "Elu",
    "Embedding": "Embedding",
    "GELU": "Gelu",
    "GroupNorm": "NativeGroupNorm",
    "HuberLoss": "HuberLoss",
    "LayerNorm": "NativeLayerNorm",
    "LeakyReLU": "LeakyRelu",
    "Linear": "Addmm",
    "LogSoftmax": "LogSoftmax",
    "MSELoss": "MseLoss",
    "MaxPool2d": "MaxPool2DWithIndices",
    "NLLLoss": "NllLoss",
    "ReLU": "Relu",
    "SELU": "Elu",
    "SiLU": "Silu",
    "SmoothL1Loss": "SmoothL1Loss",
    "Softmax": "Softmax",
    "Softplus": "Softplus",
}
PRODUCTS: dict[tuple[int, ...], str] = {
    (2, 2): "Mm",
    (1, 1): "Dot",
    (2, 1): "Mv",
    (1, 2): "Squeeze",
    (2, 3): "Clone",
}


def backward_name(node: Any) -> str:
    """What PyTorch calls the node that made a tensor: `MulBackward0`.

    A composed function's result goes by the function: a tensor in the user's hands is what the
    outermost one returned.
    """
    composed = None
    level = node.scope
    while level is not None and type(level[1]) is FunctionType:
        composed, level = level[0], level[2]
    words = None
    if composed is not None and node.primitive.name not in ("getitem", "pow_"):
        words = IN_ONE_PIECE.get(composed) or camel(composed)
    elif node.scope is not None and type(node.scope[1]).__module__.startswith(OWN_LAYERS):
        layer = node.scope[1]
        if hasattr(layer, "bidirectional"):
            return recurrent_name(node, layer)
        words = LAYERS.get(type(layer).__name__)
    if words == "Addmm":
        return f"{linear_name(node)}Backward0"
    if words is not None:
        reduced = composed == "mean" and node.shape
        return f"{words}Backward{1 if reduced else 0}"
    name = node.primitive.name
    ranks = tuple(len(np.shape(x)) for x in node.inputs)
    if name == "matmul":
        return f"{PRODUCTS.get(ranks, 'UnsafeView')}Backward0"
    if name in ("sum", "prod"):
        return f"{camel(name)}Backward{0 if node.params['axis'] is None else 1}"
    if name == "amax" and node.params["axis"] is None:
        return "MaxBackward1"
    if name == "amin" and node.params["axis"] is None:
        return "MinBackward1"
    if name == "pow":
        base, exponent = (isinstance(x, Node) or np.ndim(x) > 0 for x in node.inputs)
        return f"PowBackward{(1 if exponent else 0) if base else 2}"
    if name == "sub" and not isinstance(node.inputs[0], Node) and not ranks[0]:
        return "RsubBackward1"
    if name == "div" and not isinstance(node.inputs[0], Node) and not ranks[0]:
        return "MulBackward0"  # PyTorch takes the reciprocal, then multiplies
    if name == "getitem":
        parts = node.params["index"] if isinstance(node.params["index"], tuple) else (0,)
        index = node.params["index"] if parts == (0,) else parts[-1]
        kind = "Slice" if isinstance(index, slice) else "Select"
        return f"{'Index' if isinstance(index, np.ndarray) else kind}Backward0"
    other = RENAMED.get(name)
    return f"{other}Backward0" if other else str(node.name())


def linear_name(node: Any) -> str:
    """What PyTorch makes of a linear map: it takes only matrices as they are."""
    if node.primitive.name == "add":
        return "Addmm" if len(node.shape) == 2 else "View"
    return {1: "Squeeze", 2: "Mm"}.get(len(node.shape), "UnsafeView")


def recurrent_name(node: Any, layer: Any) -> str:
    """What PyTorch makes the outputs and the last states of a recurrent layer by."""
    fused = layer.mode == "LSTM"
    if node.primitive.name == "cat":  # the layers' states
        return "StackBackward0"
    if node.primitive.name == "permute":
        return f"TransposeBackward{0 if fused else 1}"
    if layer.bidirectional:
        return "CatBackward0"
    return f"{'MkldnnRnnLayer' if fused else 'Stack'}Backward0"


def camel(name: str) -> str:
    """`log_softmax` as `LogSoftmax`."""
    return "".join(w[:1].upper() + w[1:] for w in name.split("_"))


def wrapped_suffixes(text: str, suffixes: list[str]) -> str:
    """Suffixes after the entries, on a line of their own where they do not fit."""
    lines = [text]
    last = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if last + len(suffix) + 2 > OPTIONS.linewidth:
            lines.append(",\n" + " " * len("tensor(") + suffix)
            last = len("tensor(") + len(suffix)
        else:
            lines.append(", " + suffix)
            last += len(suffix) + 2
    return "".join(lines) + ")"


def decided(scientific: bool) -> bool:
    """Whether to print in scientific notation: as the options say, else as the entries ask."""
    return scientific if OPTIONS.sci_mode is None else OPTIONS.sci_mode


class Formatter:
    """How the entries of one tensor are written: one width and one notation for all."""

    def __init__(self, values: Any) -> None:
        self.floating = values.dtype.kind == "f"
        self.whole = True
        self.scientific = False
        self.width = 1
        values = values.reshape(-1)
        if not self.floating:
            self.width = max((len(str(v)) for v in values.tolist()), default=1)
            return
        finite = values[np.isfinite(values) & (values != 0)].astype(np.float64)
        if finite.size:
            size = np.abs(finite)
            low, high = float(size.min()), float(size.max())
            self.whole = bool((finite == np.ceil(finite)).all())
            ratio = high / low
            p = OPTIONS.precision
            if self.whole:
                self.scientific = decided(ratio > 1000.0 or high > 1.0e8)
                texts = [f"{v:.{p}e}" if self.scientific else f"{v:.0f}" for v in finite]
                extra = 0 if self.scientific else 1
            else:
                self.scientific = decided(ratio > 1000.0 or high > 1.0e8 or low < 1.0e-4)
                texts = [f"{v:.{p}{'e' if self.scientific else 'f'}}" for v in finite]
                extra = 0
            self.width = max(self.width, *(len(t) + extra for t in texts))

    def text(self, value: Any) -> str:
        """One entry, padded to the common width."""
        if not self.floating:
            out = str(value)
        elif self.scientific:
            out = f"{value:{self.width}.{OPTIONS.precision}e}"
        elif self.whole:
            out = f"{value:.0f}"
            if math.isfinite(value):
                out += "."
        else:
            out = f"{value:.{OPTIONS.precision}f}"
        return out.rjust(self.width)


def entries(data: Any, indent: int) -> str:
    """The entries in nested brackets, summarised when there are many."""
    summarise = data.size > OPTIONS.threshold
    if data.dtype == np.float16:
        data = data.astype(np.float32)
    shown = edges(data) if summarise else data
    formatter = Formatter(np.asarray(shown))
    if not data.ndim:
        return formatter.text(data.item())
    return nested(data, indent, summarise, formatter)


def edges(data: Any) -> Any:
    """The entries that a summary shows."""
    n = OPTIONS.edgeitems
    for axis in range(data.ndim):
        if data.shape[axis] > 2 * n:
            first = np.take(data, range(n), axis)
            last = np.take(data, range(data.shape[axis] - n, data.shape[axis]), axis)
            data = np.concatenate([first, last], axis)
    return data


def nested(data: Any, indent: int, summarise: bool, formatter: Formatter) -> str:
    """One level of brackets."""
    n = OPTIONS.edgeitems
    cut = summarise and data.shape[0] > 2 * n
    if data.ndim == 1:
        per_line = max(1, (OPTIONS.linewidth - indent) // (formatter.width + 2))
        values = data.tolist()
        words = [formatter.text(v) for v in (values[:n] + values[-n:] if cut else values)]
        if cut:
            words = [*words[:n], " ...", *words[n:]]
        lines = [words[i : i + per_line] for i in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(", ".join(line) for line in lines) + "]"
    rows = [*data[:n], None, *data[-n:]] if cut else list(data)
    texts = [
        "..." if row is None else nested(row, indent + 1, summarise, formatter) for row in rows
    ]
    gap = "," + "\n" * (data.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(texts) + "]"  # type: ignore[no-any-return]
