"""Value, gradient and second derivative at kinks, singularities, ties and empty inputs.

The cases and PyTorch's answers are in `tests/reference/edge_cases.json` (158 expressions, recorded
by the script beside it). NaN must meet NaN and infinities agree in sign; signed zeros count in
values. Where PyTorch's answer is an accident ours is pinned here instead, with the reason.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ops.names import F, torch
from tests.reference.record_edge_cases import decoded
from tinygrad_edu.engine.backward import gradients

FILE = Path(__file__).parents[1] / "reference" / "edge_cases.json"
CASES = {c["id"]: c for c in json.loads(FILE.read_text(encoding="utf-8"))["cases"]}

# Constants that PyTorch holds in float32: 1e-12 in BCE, 1/6 in hardsigmoid.
SINGLE = {"bce_edges", "hardsigmoid"}
# What is answered here where PyTorch's own answer is an accident: (field, input) -> our values, and
# why they are better or as good. Everything else is compared with PyTorch's.
PINNED: dict[str, tuple[dict[tuple[str, int], Any], str]] = {
    "relu0": (
        {("value", 0): [0.0, 0.0, 0.0, 1.0, "inf", 0.0, "nan"]},
        "-0.0 comes out as 0.0: keeping its sign takes another pass over the memory",
    ),
    "hypot0": (
        {
            ("grads", 0): [0.0, 0.6],
            ("grads", 1): [0.0, 0.8],
            ("hess_rowsum", 0): [1.0, 0.128],
            ("hess_rowsum", 1): [1.0, 0.072],
        },
        "0 is a subgradient of a norm at the origin; PyTorch has NaN",
    ),
    "sinc0": (
        {("hess_rowsum", 0): [-3.289868133696453, -1.190227128238936, 2.0]},
        "the limit, -pi^2/3; PyTorch has NaN",
    ),
    "addcdiv": ({("hess_rowsum", 2): ["inf"]}, "the limit of 2xy/z^3; PyTorch has NaN"),
    "topk_ties": ({("grads", 0): [0.0, 1.0, 0.0, 0.0]}, "the first of equal entries comes first"),
    "norm_zero": ({("hess_rowsum", 0): [0.0, 0.0]}, "PyTorch has NaN"),
    "linalg_norm_zero": ({("hess_rowsum", 0): [0.0, 0.0, 0.0]}, "PyTorch has NaN"),
    "F_normalize_zero": ({("hess_rowsum", 0): [0.0, 0.0]}, "of the norm; PyTorch has NaN"),
    "cosine_zero": ({("hess_rowsum", 0): [0.0, 0.0]}, "of the norm; PyTorch has NaN"),
    "logaddexp_neginf": (
        {("hess_rowsum", 1): ["nan", 0.0, "nan"]},
        "b at minus infinity adds nothing, with derivatives of 0; PyTorch's formula overflows",
    ),
    "softplus_thresh": (
        {("hess_rowsum", 0): [0.0, 0.25, 2.0632158794940675e-09, 2.06115362e-09, 0.0, 0.0]},
        "at the threshold itself value, slope and curvature are those of one branch",
    ),
    "gelu": (
        {
            ("value", 0): ["-0.0", "-0.0", 0.0, 20.0, "inf", "nan"],
            ("grads", 0): [0.0, 0.0, 0.5, 1.0, "nan", "nan"],
            ("hess_rowsum", 0): [0.0, 0.0, 0.7978845608028654, 0.0, "nan", "nan"],
        },
        "the limit at minus infinity; PyTorch has NaN",
    ),
    "silu": (
        {
            ("value", 0): ["-0.0", "-0.0", 0.0, 1000.0],
            ("grads", 0): [0.0, 0.0, 0.5, 1.0],
            ("hess_rowsum", 0): [0.0, 0.0, 0.5, 0.0],
        },
        "the limit at minus infinity; PyTorch has NaN",
    ),
    "mish": ({("hess_rowsum", 0): [0.0, 0.64, 0.0]}, "flat at 1000; PyTorch has NaN"),
    "bce_edges": (
        {
            ("value", 0): [0.0, 0.0, 100.0, 100.0, 0.6931471805599453],
            ("grads", 1): [100.0, -100.0, 100.0, -100.0, 0.0],
        },
        "the slope in the target is that of the loss: its logarithms stop at -100",
    ),
    "det_singular": (
        {
            ("value", 0): 0.0,
            ("grads", 0): [4.0, -2.0, -2.0, 1.0],
            ("hess_rowsum", 0): [1.0, -1.0, -1.0, 1.0],
        },
        "exact: by cofactors; PyTorch's digits are LAPACK's rounding",
    ),
    "det_zero3": ({("hess_rowsum", 0): [0.0] * 9}, "exact: by cofactors; PyTorch has NaN"),
}


def evaluate(case: dict[str, Any]) -> dict[str, Any]:
    """What the package answers, in the shape of a recorded case."""
    leaves = [
        None if v is None else torch.tensor(decoded(v), dtype=np.float64, requires_grad=True)
        for v in case["inputs"]
    ]
    names = dict(zip("xyz", leaves, strict=False))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        y = eval(case["expr"], {"torch": torch, "F": F, **names})
        given = [x for x in leaves if x is not None]
        out: dict[str, Any] = {"value": y.detach().numpy()}
        if not y.requires_grad:
            return out | {"grads": [None] * len(leaves), "hess_rowsum": [None] * len(given)}
        ones = torch.ones_like(y)
        grads = gradients(y, given, ones, create_graph=True, allow_unused=True)
        found = iter(grads)
        out["grads"] = [None if x is None else next(found) for x in leaves]
        out["hess_rowsum"] = [
            None
            if g is None or not g.requires_grad
            else gradients(g.sum(), x, retain_graph=True, allow_unused=True)[0]
            for g, x in zip(grads, given, strict=True)
        ]
    return out


def compare(found: Any, expected: Any, case: str, what: str) -> None:
    expected = np.asarray(decoded(expected), np.float64)
    if found is None:  # no path: a derivative of zero
        found = np.zeros_like(expected)
    found = np.asarray(found.detach().numpy() if hasattr(found, "detach") else found)
    assert found.shape == expected.shape, f"{case} {what}: shape {found.shape}"
    single = case in SINGLE and what != "value"
    np.testing.assert_allclose(
        found, expected, rtol=1e-7 if single else 1e-9, atol=1e-12, err_msg=f"{case}: {what}"
    )
    if what == "value":
        zero = expected == 0
        assert (np.signbit(found) == np.signbit(expected))[zero].all(), f"{case}: a zero's sign"


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    found = evaluate(case)
    pinned = PINNED.get(name, ({}, ""))[0]
    compare(found["value"], pinned.get(("value", 0), case["value"]), name, "value")
    assert list(found["value"].shape) == case["value_shape"]
    if "error" in case:
        assert found["grads"][1] is None
        return
    for what in ("grads", "hess_rowsum"):
        for i, (a, b) in enumerate(zip(found[what], case[what], strict=True)):
            expected = pinned.get((what, i), b)
            if isinstance(expected, str):  # PyTorch has no second derivative here
                continue
            if expected is None:
                if a is not None:
                    np.testing.assert_array_equal(a.detach().numpy(), 0, err_msg=f"{name}: {what}")
                continue
            compare(a, expected, name, what)
