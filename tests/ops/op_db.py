"""PyTorch's own operator samples, run through both libraries and compared.

An entry of `op_db` has sample inputs; each is run in PyTorch and here, from the same seed. Compared
are the value, the gradient under a random cotangent, and the gradient of the gradient (by
inputs and by the cotangent). What is unique only up to signs or order goes through the entry's own
`output_process_fn_grad` first. Needs PyTorch (and its test dependency expecttest).
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.engine.backward import gradients

# The seed that PyTorch's own wrappers of random functions set.
SEED = 42


@functools.cache
def entries() -> dict[str, Any]:
    """The entries of `op_db` that take float64 on the CPU, by name and variant."""
    import torch
    from torch.testing._internal.common_methods_invocations import op_db

    found = {}
    for op in op_db:
        if torch.float64 in op.dtypes:
            found[f"{op.name}.{op.variant_test_name}".rstrip(".")] = op
    return found


def function_of(op: Any) -> Callable[..., Any] | None:
    """Our function of the same name, or method; None if there is none."""
    variant = f"{op.name}.{op.variant_test_name}".rstrip(".")
    if op.name in RENAMED or variant in RENAMED:
        return RENAMED.get(variant) or RENAMED[op.name]
    room: Any = tg
    *path, name = op.name.split(".")
    for part in path:
        room = getattr(room, part, None)
        if room is None:
            return None
    with contextlib.suppress(AttributeError, NotImplementedError):
        found = getattr(room, name)
        if callable(found) and not isinstance(found, np.dtype):
            return found  # type: ignore[no-any-return]
    return getattr(tg.Tensor, name, None) if not path else None


def dunder(name: str) -> Callable[..., Any]:
    return getattr(tg.Tensor, name)  # type: ignore[no-any-return]


RENAMED: dict[str, Callable[..., Any]] = {
    "__getitem__": dunder("__getitem__"),
    "__radd__": dunder("__radd__"),
    "__rmatmul__": dunder("__rmatmul__"),
    "__rmod__": dunder("__rmod__"),
    "__rmul__": dunder("__rmul__"),
    "__rdiv__": dunder("__rtruediv__"),
    "__rpow__": dunder("__rpow__"),
    "__rsub__": dunder("__rsub__"),
    "T": lambda x: x.T,
    "H": lambda x: x.H,
    "mT": lambda x: x.mT,
    "mH": lambda x: x.mH,
    "einsum": lambda tensors, equation: tg.einsum(equation, tensors),
    "where": lambda x, condition, other: tg.where(condition, x, other),
    "zero_": lambda x: x.clone().zero_(),
    "fill": lambda x, value: x.clone().fill_(value),
    "normal.number_mean": lambda std, mean, *a, **k: tg.normal(mean, std, *a, **k),
    "normal.in_place": lambda x, *args: tg.Tensor.normal_(x, *args),
    "nn.functional.embedding": lambda w, i, **k: tg.nn.functional.embedding(i, w, **k),
    "nn.functional.embedding_bag": lambda w, i, **k: tg.nn.functional.embedding_bag(i, w, **k),
    "linalg.lstsq.grad_oriented": lambda a, b, driver: tg.linalg.lstsq(a, b, driver=driver)[:2],
    "linalg.pinv.singular": lambda a, b: tg.linalg.pinv(a @ b.mT),
    "slice": lambda x, dim=0, start=None, end=None, step=1: x[
        (slice(None),) * (dim % max(x.ndim, 1)) + (slice(start, end, step),)
    ],
}


# PyTorch answers NaN for derivatives of these at 0, where ours are finite (see the edge cases).
BETTER = {"norm", "linalg.norm", "linalg.vector_norm", "linalg.matrix_norm"}
# PyTorch gives each of several entries written to one place a gradient, we the last alone: its own
# tests compare these gradients in a variant without such places, and so do we.
VALUE_ONLY = {f"nn.functional.max_unpool{n}d" for n in (1, 2, 3)}
# Memory as it was found: only shape and dtype can be compared.
UNINITIALISED = {"empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "resize_"}


# From one library to the other --------------------------------------------------------------------


def converted(x: Any, leaves: list[tuple[Any, Any]]) -> Any:
    """PyTorch's arguments as ours; (PyTorch's leaf, ours) pairs are put into `leaves`."""
    import torch

    if isinstance(x, torch.Tensor):
        if x.is_complex() or x.dtype == torch.bfloat16:
            raise Unsupported(f"dtype {x.dtype}")
        out = tg.from_numpy(x.detach().numpy().copy())
        if x.requires_grad:
            out.requires_grad_()
            leaves.append((x, out))
        return out
    if isinstance(x, torch.dtype):
        name = str(x).removeprefix("torch.")
        try:
            return np.dtype(name)
        except TypeError:
            raise Unsupported(f"dtype {name}") from None
    if isinstance(x, torch.nn.PairwiseDistance):
        return tg.nn.functional.pairwise_distance
    if isinstance(x, torch.Size):
        return tuple(x)
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(converted(v, leaves) for v in x))
    if isinstance(x, list | tuple):
        return type(x)(converted(v, leaves) for v in x)
    if isinstance(x, dict):
        return {k: converted(v, leaves) for k, v in x.items() if k not in IGNORED}
    return x


IGNORED = ("device", "layout", "memory_format", "pin_memory")


class Unsupported(Exception):
    """A sample of something that this package does not have (complex numbers)."""


def flattened(x: Any) -> list[Any]:
    """All tensors of an output, in order."""
    if isinstance(x, list | tuple):
        return [t for v in x for t in flattened(v)]
    return [x]


def array(x: Any) -> Any:
    if isinstance(x, tg.Tensor):
        return x.detach().numpy()
    return x.detach().numpy(force=True) if hasattr(x, "detach") else np.asarray(x)


@dataclass
class Outcome:
    """How the samples of an entry fared."""

    passed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()


def samples(op: Any) -> list[Any]:
    """An entry's samples, made in a thread of its own.

    PyTorch notes the call stack of each sample, and under pytest the stack is long: five times the
    time goes into it.
    """
    import torch

    def make() -> list[Any]:
        torch.manual_seed(SEED)
        return list(op.sample_inputs("cpu", torch.float64, requires_grad=op.supports_autograd))

    with warnings.catch_warnings(), ThreadPoolExecutor(1) as thread:
        warnings.simplefilter("ignore")
        return thread.submit(make).result()


def run(name: str, most: int | None = None) -> Outcome:
    """Every sample of an entry, or at most so many of them, spread over all."""
    op = entries()[name]
    ours = function_of(op)
    out = Outcome()
    given = samples(op)
    step = 1 if most is None else max(1, -(-len(given) // most))
    for i, sample in list(enumerate(given))[::step]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                compare(op, ours, sample)
            except Unsupported:
                out.skipped += 1
            except Exception as error:  # noqa: BLE001
                what = f"{type(error).__name__}: {error}".strip()[:700]
                out.failures += (f"sample {i} {described(sample)}: {what}",)
            else:
                out.passed += 1
    return out


def described(sample: Any) -> str:
    """The sample in a line."""

    def short(x: Any) -> str:
        if hasattr(x, "shape"):
            return f"{tuple(x.shape)}"
        if isinstance(x, list | tuple):
            return f"[{', '.join(map(short, x))}]"
        return repr(x)

    rest = [short(sample.input), *map(short, sample.args)]
    return ", ".join(rest + [f"{k}={short(v)}" for k, v in sample.kwargs.items()])[:200]


def compare(op: Any, ours: Any, sample: Any) -> None:
    """Raise unless the two libraries agree on a sample."""
    import torch

    leaves: list[tuple[Any, Any]] = []
    better = op.name in BETTER
    given = converted((sample.input, *sample.args), leaves)
    named = converted(dict(sample.kwargs), leaves)
    wrapper = op.gradcheck_wrapper
    ours_wrapped = wrapper
    if wrapper.__name__ == "gradcheck_wrapper_triangular_input_real_positive_diagonal":
        ours_wrapped = with_ones_on_diagonal  # PyTorch's calls functions of torch
    torch.manual_seed(SEED)
    expected = wrapper(op, sample.input, *sample.args, **sample.kwargs)
    process = sample.output_process_fn_grad or (lambda x: x)
    expected = process(expected)
    tg.manual_seed(SEED)
    found = process(ours_wrapped(ours, *given, **named))
    ys, zs = flattened(expected), flattened(found)
    assert len(ys) == len(zs), f"{len(zs)} outputs, expected {len(ys)}"
    for k, (y, z) in enumerate(zip(ys, zs, strict=True)):
        if isinstance(y, torch.Tensor):
            if y.is_complex():
                raise Unsupported("complex output")
            assert str(z.dtype) == str(y.dtype).removeprefix("torch."), (
                f"dtype {z.dtype}: {y.dtype}"
            )
        if op.name in UNINITIALISED:
            assert tuple(z.shape) == tuple(y.shape)
        else:
            same(z, y, 1e-9, f"output {k}")
    if not op.supports_autograd or not leaves:
        return
    if op.name in VALUE_ONLY and not op.variant_test_name:
        return
    pairs = [
        (y, z)
        for y, z in zip(ys, zs, strict=True)
        if isinstance(y, torch.Tensor) and y.requires_grad
    ]
    # Where no entry of the output depends on an input, PyTorch records zeros and we record nothing.
    pairs = [(y, z if z.requires_grad else z + 0 * total(leaves)) for y, z in pairs]
    if not pairs:
        return
    rng = np.random.default_rng(SEED)
    cotangents = [rng.standard_normal(tuple(y.shape)) for y, _ in pairs]
    second = op.supports_gradgrad
    v = [torch.tensor(c, dtype=y.dtype, requires_grad=True) for c, (y, _) in zip(cotangents, pairs)]
    u = [
        tg.tensor(c.astype(z._data.dtype)).requires_grad_() for c, (_, z) in zip(cotangents, pairs)
    ]
    xs, ts = [x for x, _ in leaves], [t for _, t in leaves]
    g = torch.autograd.grad(
        [y for y, _ in pairs], xs, v, create_graph=second, retain_graph=True, allow_unused=True
    )
    h = gradients([z for _, z in pairs], ts, u, create_graph=True, allow_unused=True)
    for k, (a, b) in enumerate(zip(g, h, strict=True)):
        near = 1e-7 if ts[k].dtype == np.float64 else 1e-4  # a few samples mix in float32
        same(zeros_like(b, ts[k]), zeros_like(a, xs[k]), near, f"gradient {k}", better)
    if not second:
        return
    w = [rng.standard_normal(tuple(x.shape)) for x in xs]
    inner = [
        (a, torch.tensor(c, dtype=a.dtype))
        for a, c in zip(g, w)
        if a is not None and a.requires_grad
    ]
    if not inner:
        return
    kept = [
        (b, tg.tensor(c.astype(b._data.dtype)))
        for b, c in zip(h, w)
        if b is not None and b.requires_grad
    ]
    try:
        gg = torch.autograd.grad(
            [a for a, _ in inner], [*xs, *v], [c for _, c in inner], allow_unused=True
        )
    except RuntimeError as error:
        if "is not implemented" in str(error):  # PyTorch has no second derivative here
            return
        raise
    hh = (
        gradients([b for b, _ in kept], [*ts, *u], [c for _, c in kept], allow_unused=True)
        if kept
        else [None] * len(gg)
    )
    for k, (a, b) in enumerate(zip(gg, hh, strict=True)):
        same(
            zeros_like(b, [*ts, *u][k]),
            zeros_like(a, [*xs, *v][k]),
            1e-6 if [*ts, *u][k].dtype == np.float64 else 1e-4,
            f"second gradient {k}",
            better,
        )


def total(leaves: list[tuple[Any, Any]]) -> Any:
    """A number that depends on every leaf."""
    return sum((t.sum() for _, t in leaves[1:]), leaves[0][1].sum())


def with_ones_on_diagonal(
    function: Any, x: Any, *args: Any, upper: bool = False, **rest: Any
) -> Any:
    """The function on a triangle with ones on its diagonal."""
    ones = tg.diag_embed(tg.ones_like(x.diagonal(0, -2, -1)))
    triangle = x.triu(1) if upper else x.tril(-1)
    return function(triangle + ones, *args, upper=upper, **rest)


def zeros_like(g: Any, x: Any) -> Any:
    return np.zeros(tuple(x.shape)) if g is None else g


def same(found: Any, expected: Any, tolerance: float, what: str, better: bool = False) -> None:
    a, b = array(found), array(expected)
    assert a.shape == b.shape, f"{what}: shape {a.shape}, expected {b.shape}"
    if better:
        b = np.where(np.isnan(b) & np.isfinite(a), a, b)
    np.testing.assert_allclose(
        a,
        b,
        rtol=tolerance,
        atol=tolerance * 1e-1 * max(1.0, scale(b)),
        err_msg=what,
        verbose=False,
    )


def scale(x: Any) -> float:
    """The largest finite entry: small entries of a large gradient carry its rounding."""
    if x.dtype.kind not in "f" or not x.size:
        return 1.0
    finite = np.abs(x[np.isfinite(x)])
    return float(finite.max()) if finite.size else 1.0


# What is left out ---------------------------------------------------------------------------------

# Entries whose function exists here but whose samples ask for something else.
EXCEPT = {
    "as_strided.partial_views": "its samples reach into memory outside of the tensor",
    "nn.functional.grid_sample": "a third of its samples are of volumes, which are not built",
    "rand_like": "its samples call torch.randn_like",
}


def built() -> list[str]:
    """The entries whose function exists here."""
    return [n for n, op in entries().items() if n not in EXCEPT and function_of(op) is not None]


def table() -> str:
    """Every entry, with how many of its samples pass, in Markdown."""
    lines = ["| entry | samples | passed |", "| --- | --- | --- |"]
    names = built()
    total = 0
    for name in sorted(names):
        outcome = run(name)
        total += outcome.passed
        tried = outcome.passed + len(outcome.failures)
        lines.append(f"| `{name}` | {tried} | {outcome.passed} |")
    missing = sorted(set(entries()) - set(names))
    head = (
        f"{len(names)} entries built, {total} samples passed, {len(missing)} entries not built.\n"
    )
    rest = "Not built: " + ", ".join(f"`{n}`" for n in missing) + "."
    return "\n".join([head, *lines, "", rest, ""])


if __name__ == "__main__":
    print(table())
