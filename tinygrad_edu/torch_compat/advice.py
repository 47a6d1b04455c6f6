"""What to use instead of a name of PyTorch's that is not built."""

from __future__ import annotations

import re

__all__ = ["advice"]

COMPLEX = (
    "gradients are of real numbers; keep the real and the imaginary part as two tensors (a "
    "rotation is a pair of products with cos and sin)"
)
SPARSE = (
    "tensors are dense; use a dense one with a mask, index_add and scatter_add for sums over "
    "edges, or scipy.sparse outside the graph"
)
QUANTISED = (
    "tensors are not quantised; (x / scale).round().clamp(low, high) * scale shows what "
    "quantising does to a model"
)
COMPILED = (
    "models run as they are written; tinygrad_edu.viz reads their graph, and compile(f) returns f"
)
DEVICE = "tensors are on the CPU; device('cpu') is the one device there is"

# Patterns of whole names, the first that fits; {0} is what the first group found.
INSTEAD: tuple[tuple[str, str], ...] = (
    (r"bfloat16|BFloat16\w+", "NumPy has no such dtype; use float32, or float16 to save memory"),
    (r"float[48]_\w+|u?int[1-7]|uint(16|32|64)|bits\w*", "use float16, int8, int16 or uint8"),
    (
        r"fft|stft|istft",
        "its results are complex, and gradients are of real numbers; use numpy.fft on "
        "x.detach().numpy(), outside the graph",
    ),
    (r"complex|complex32|chalf|polar|view_as_\w+|imag|Complex\w+", COMPLEX),
    (
        r"eig|eigvals",
        "its results are complex; linalg.eigh takes symmetric matrices, and "
        "numpy.linalg.eig others, outside the graph",
    ),
    (r"symeig", "use linalg.eigh"),
    (
        r"lstsq|matrix_rank|solve|lu|geqrf|orgqr|ormqr",
        "use tinygrad_edu.linalg: lstsq, matrix_rank, solve, lu_factor, qr, householder_product",
    ),
    (r"lobpcg|pca_lowrank|svd_lowrank", "use linalg.svd of the centred matrix, or linalg.eigh"),
    (r"nuclear_norm", "use linalg.matrix_norm(x, 'nuc')"),
    (r"frobenius_norm|norm_except_dim", "use linalg.vector_norm(x, 2, dim, keepdim)"),
    (r"igamma\w*|gammainc\w*", "scipy.special.gammainc computes it, outside the graph"),
    (
        r"\w*bessel\w*|airy_ai|\w*polynomial\w*",
        "special has i0, i1, i0e and i1e; scipy.special has the others, outside the graph",
    ),
    (
        r"\w*quantiz\w*|q(u?int\w+|scheme|_\w+)|per_(channel|tensor)\w*|fbgemm\w*|fake_quant\w*|"
        r"dequantize|int_repr|choose_qparams\w*|ao|qat|intrinsic",
        QUANTISED,
    ),
    (
        r"\w*sparse\w*|\w*(coo|csr|csc|bsr|bsc)\w*|coalesce|hspmm|hsmm|smm|saddmm|sspaddmm|dsmm|"
        r"crow_indices\w*|col_indices\w*|to_dense\w*",
        SPARSE,
    ),
    (
        r"fx|export|package|_dynamo|_inductor|compiler|cond|while_loop|ScriptModule|ScriptFunction|"
        r"CompilationUnit|Graph|Node|\w*Type|parse_\w+|import_ir\w*|fork|wait|futures",
        COMPILED,
    ),
    (
        r"overrides|library|DisableTorchFunction\w*",
        "operators are added with primitives.primitive (docs/add-an-op.md) or autograd.Function",
    ),
    (
        r"profiler|monitor|utils_benchmark|ThroughputBenchmark",
        "time calls with time.perf_counter(), or run `python -m cProfile -s cumtime script.py`",
    ),
    (r"tensorboard|SummaryWriter", "print the losses, or plot them with matplotlib"),
    (r"mps|xpu|mtia|Stream|Event|get_device_module|cpu|hpu", DEVICE),
    (
        r"(\w+)Storage|StorageBase|TypedStorage|UntypedStorage|storage",
        "x.storage() is the memory of a tensor",
    ),
    (r"nested|jagged|masked", "pad the rows to one length (nn.utils.rnn.pad_sequence) and mask"),
    (r"(\w+)_copy", "use {0}(…).clone()"),
    (r"(?:cudnn|miopen|mkldnn)_(\w+)", "use {0} of nn.functional"),
    (r"native_(\w+)", "use {0} of nn.functional"),
    (r"lstm|gru|rnn_tanh|rnn_relu", "use nn.LSTM, nn.GRU or nn.RNN"),
    (r"FractionalMaxPool\dd|fractional_max_pool\w+", "use MaxPool2d or AdaptiveMaxPool2d"),
    (r"CrossMapLRN2d", "use nn.LocalResponseNorm"),
    (r"LinearCrossEntropy\w+|linear_cross_entropy", "use Linear, then CrossEntropyLoss"),
    (r"Container", "use nn.Sequential, nn.ModuleList or nn.ModuleDict"),
    (r"SparseAdam", "gradients are dense; use optim.Adam"),
    (r"Adafactor|Muon", "use optim.AdamW"),
    (
        r"Wishart|LKJCholesky|GeneralizedPareto|ExponentialFamily",
        "subclass distributions.Distribution with log_prob and sample",
    ),
    (
        r"biject_to|transform_to|constraint_registry",
        "choose a transform from distributions.transforms",
    ),
)


def advice(name: str) -> str | None:
    """What to use instead of `name`; None for a name nothing is known of."""
    for pattern, words in INSTEAD:
        found = re.fullmatch(pattern, name)
        if found:
            return words.format(*found.groups())
    return None
