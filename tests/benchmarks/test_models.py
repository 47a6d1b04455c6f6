"""The models of the benchmark compute the same in both libraries."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu
from tests.benchmarks.models import MODELS


@pytest.mark.torch
@pytest.mark.parametrize("name", MODELS)
def test_both_libraries_train_alike(name: str) -> None:
    torch = pytest.importorskip("torch")
    build = MODELS[name][0]
    ours, theirs = build(tinygrad_edu), build(torch)
    np.testing.assert_allclose([ours() for _ in range(3)], [theirs() for _ in range(3)], rtol=1e-5)
