"""Derivatives of what runs along an axis: one sum, whether they are recorded or not."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg


@pytest.mark.parametrize("name", ["cumprod", "logcumsumexp"])
@pytest.mark.parametrize("n", [3, 8, 31])
def test_recorded_derivatives_have_the_bits_of_raw_ones(name: str, n: int) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        values = rng.standard_normal(n)
        values[0] = 0  # for products: nothing can be divided out
        x = tg.tensor(values, requires_grad=True)
        y, v = getattr(tg, name)(x, 0), tg.tensor(rng.standard_normal(n))
        (raw,) = tg.autograd.grad(y, x, v, retain_graph=True)
        (recorded,) = tg.autograd.grad(y, x, v, create_graph=True)
        np.testing.assert_array_equal(raw.numpy(), recorded.detach().numpy())
