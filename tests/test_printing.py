"""Tensors print as PyTorch prints them: recorded texts, and what `format` makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import printing

FILE = Path(__file__).parent / "reference" / "printing.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    """The options as they were, whatever a test sets."""
    yield
    printing.set_printoptions(profile="default")


@pytest.mark.parametrize(("options", "expression", "expected"), CASES)
def test_as_recorded(options: dict[str, Any], expression: str, expected: str) -> None:
    printing.set_printoptions(**options)
    assert repr(eval(expression, {"torch": tg})) == expected


def test_str_is_repr() -> None:
    t = tg.arange(3.0)
    assert str(t) == repr(t) == f"{t}"


@pytest.mark.parametrize("spec", [".4f", ".2e", "8.3f", ""])
def test_format_of_a_scalar(spec: str) -> None:
    assert format(tg.tensor(2.5), spec) == format(2.5, spec)


def test_format_of_more_refuses() -> None:
    with pytest.raises(TypeError, match="use \\.item"):
        f"{tg.ones(2):.4f}"


def test_printing_changes_nothing() -> None:
    t = tg.arange(3.0).requires_grad_()
    y = t * 2
    node = y._node
    repr(y)
    assert y._node is node
    np.testing.assert_array_equal(y.detach().numpy(), [0, 2, 4])
