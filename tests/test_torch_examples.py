"""The examples in PyTorch's names: they run, and give PyTorch's losses step by step."""

from __future__ import annotations

import json

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.reference import record_example_losses as record

RECORDED = json.loads(record.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", record.SETTINGS)
def test_losses_are_those_recorded(name: str) -> None:
    found = record.losses(name, "tinygrad_edu")
    expected = RECORDED[name]
    assert len(expected) >= min(len(found), 10)
    np.testing.assert_allclose(found[: len(expected)], expected, rtol=1e-4)


@pytest.mark.torch
@pytest.mark.parametrize("name", record.SETTINGS)
def test_the_record_is_what_pytorch_gives(name: str) -> None:
    """Stale records are found: the same file, run with PyTorch today."""
    pytest.importorskip("torch")
    found = record.losses(name, "torch")[: record.KEPT]
    np.testing.assert_allclose(found, RECORDED[name], rtol=1e-4)


@pytest.mark.parametrize("name", record.SETTINGS)
def test_examples_are_short(name: str) -> None:
    text = (record.EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    assert text.count("\n") < 150


@pytest.mark.torch
def test_apply_goes_children_first_in_order() -> None:
    """So that an initialiser draws its numbers in PyTorch's order, as the GAN's does."""
    torch = pytest.importorskip("torch")
    names = []
    for lib in (tg, torch):
        model = lib.nn.Sequential(
            lib.nn.Linear(1, 2), lib.nn.Sequential(lib.nn.ReLU(), lib.nn.Tanh()), lib.nn.Flatten()
        )
        seen: list[str] = []
        model.apply(lambda m, seen=seen: seen.append(type(m).__name__))
        names.append(seen)
    assert names[0] == names[1]
