"""PyTorch's operator samples pass the gradient check: right gradients, and no false alarm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("expecttest", reason="PyTorch's operator database needs expecttest")

import tinygrad_edu as tg
from tests.ops import op_db
from tinygrad_edu.checking import gradcheck

pytestmark = [
    pytest.mark.slow,
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore"),  # the samples use what PyTorch warns of
]

# Not functions of their inputs, or not differentiable at the samples.
EXCEPT = {
    "bernoulli": "a draw",
    "combinations": "samples without a combination",
    "norm": "samples of the number of entries (p = 0)",
    "normal": "a draw",
    "normal.number_mean": "a draw",
    "fill": "overwrites",
    "zero_": "overwrites",
    "nanmean": "NaN among the inputs",
    "nansum": "NaN among the inputs",
    "__rpow__": "powers of negative numbers",
    "round.decimals_3": "stairs finer than any step",
    "linalg.lstsq": "gelss answers with singular values, which carry no gradient",
    "linalg.norm.subgradients_at_zero": "no second derivative there",
    "linalg.householder_product": "samples without an entry",
    "cdist": "samples of the number of differences (p = 0)",
    "nn.functional.pdist": "samples of the number of differences (p = 0)",
    "nn.functional.ctc_loss": "samples of 50 steps, checked above at 5",
    "nn.functional.cosine_embedding_loss": "labels taken for variables",
    "nn.functional.hinge_embedding_loss": "labels taken for variables",
}
MOST = 4


def names() -> list[str]:
    return [n for n in op_db.built() if n not in EXCEPT and op_db.entries()[n].supports_autograd]


@pytest.mark.parametrize("name", names())
def test_samples(name: str) -> None:
    op = op_db.entries()[name]
    given = op_db.samples(op)
    step = max(1, -(-len(given) // MOST))
    for number, sample in list(enumerate(given))[::step]:
        leaves: list[tuple[Any, Any]] = []
        try:
            args = op_db.converted((sample.input, *sample.args), leaves)
            options = op_db.converted(dict(sample.kwargs), leaves)
        except op_db.Unsupported:
            continue
        if not any(t.numel() for _, t in leaves):
            continue
        tensors = [t for _, t in leaves]
        f = function_of(name, sample, args, options, tensors)
        report = gradcheck(f, *tensors, order=2 if op.supports_gradgrad else 1, resolution=1e-6)
        assert report.verdict == "PASS", f"sample {number}: {op_db.described(sample)}\n{report}"


def function_of(
    name: str, sample: Any, args: Any, options: Any, tensors: list[Any]
) -> Callable[..., Any]:
    """The sample's call as a function of its tensors alone."""
    op = op_db.entries()[name]
    ours = op_db.function_of(op)
    wrapper = op.gradcheck_wrapper
    if wrapper.__name__ == "gradcheck_wrapper_triangular_input_real_positive_diagonal":
        wrapper = op_db.with_ones_on_diagonal
    process = sample.output_process_fn_grad or (lambda y: y)

    def f(*values: Any) -> Any:
        places = {id(t): x for t, x in zip(tensors, values, strict=True)}
        tg.manual_seed(op_db.SEED)
        first, *rest = replaced(args, places)
        if name.endswith("_"):
            first = first.clone()
        out = process(wrapper(ours, first, *rest, **replaced(options, places)))
        return tuple(y for y in op_db.flattened(out) if isinstance(y, tg.Tensor))

    return f


def replaced(tree: Any, places: dict[int, Any]) -> Any:
    """Nested arguments with the leaf tensors exchanged."""
    if isinstance(tree, tg.Tensor):
        return places.get(id(tree), tree)
    if isinstance(tree, dict):
        return {key: replaced(part, places) for key, part in tree.items()}
    if isinstance(tree, tuple | list):
        parts = [replaced(part, places) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return tree
