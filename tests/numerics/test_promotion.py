"""The dtype of every result: 333 mixed calls recorded from PyTorch, and the rules behind them."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.reference.record_promotion import answer

FILE = Path(__file__).parents[1] / "reference" / "promotion.json"
ROWS = json.loads(FILE.read_text(encoding="utf-8"))["rows"]


def ones(shape: Any, dtype: str) -> Any:
    return tg.ones(shape, dtype=np.dtype(dtype))


@pytest.mark.parametrize(("kind", "a", "b", "expected"), [r[:4] for r in ROWS])
def test_as_recorded(kind: str, a: str, b: str, expected: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = answer(tg, ones, kind, a, b)
    if expected.endswith("Error"):
        assert found.endswith("Error"), f"expected a refusal, got {found}"
    else:
        assert found == expected


def test_there_are_as_many_as_recorded() -> None:
    assert len(ROWS) == 333


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (tg.ones(2, dtype=tg.int64), 1.5, tg.float32),
        (tg.ones(2, dtype=tg.float16), 1.5, tg.float16),
        (tg.ones(2, dtype=tg.float32), np.float64(1.5), tg.float32),
        (tg.ones(2, dtype=tg.float32), tg.tensor(1.0, dtype=tg.float64), tg.float32),
        (tg.ones(2, dtype=tg.uint8), tg.tensor(300), tg.uint8),
        (tg.ones(2, dtype=tg.int64), tg.ones(2, dtype=tg.float16), tg.float16),
        (tg.ones(2, dtype=tg.float32), np.ones(2), tg.float64),
    ],
)
def test_either_order(a: Any, b: Any, expected: Any, order: int) -> None:
    with np.errstate(over="ignore"):
        assert (a * b if order == 1 else b * a).dtype == expected


def test_gradients_return_in_their_inputs_dtype() -> None:
    a = tg.ones(3, dtype=tg.float32).requires_grad_()
    b = tg.ones(3, dtype=tg.float64).requires_grad_()
    (a * b).sum().backward()
    assert a.grad.dtype == tg.float32
    assert b.grad.dtype == tg.float64


def test_in_place_keeps_its_dtype() -> None:
    x = tg.ones(3, dtype=tg.float32)
    x += tg.ones(3, dtype=tg.float64)
    assert x.dtype == tg.float32
    with pytest.raises(RuntimeError, match=r"can't be cast to the tensor's type int64"):
        tg.ones(3, dtype=tg.int64).add_(1.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: t - t, "not defined for two bool tensors"),
        (lambda t: -t, "bool"),
        (lambda t: t // t, "not defined"),
    ],
)
def test_booleans_are_not_numbers(call: Any, words: str) -> None:
    with pytest.raises((RuntimeError, TypeError), match=words):
        call(tg.tensor([True, False]))


def test_matmul_does_not_mix() -> None:
    with pytest.raises(RuntimeError, match=r"float32 != float64. Convert one"):
        tg.ones(2, 2) @ tg.ones(2, 2, dtype=tg.float64)


def test_integers_to_negative_powers_are_refused() -> None:
    with pytest.raises((RuntimeError, TypeError), match="negative"):
        tg.tensor([2, 3]) ** -1
