"""Products and sums rounded once, against exact fractions; and PyTorch's evenly spaced numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.numerics.rounding import evenly_spaced, fused


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_fused_is_rounded_once(kind: type) -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 2000)).astype(kind)
    c = (-a * b * (1 + random.normal(size=2000) * np.finfo(kind).eps)).astype(kind)  # cancels
    c[::2] = random.normal(size=1000)
    found = fused(a, b, c)
    assert found.dtype == kind
    twice = 0
    for i in range(2000):
        exact = Fraction(float(a[i])) * Fraction(float(b[i])) + Fraction(float(c[i]))
        assert found[i] == kind(float(exact))
        twice += found[i] != a[i] * b[i] + c[i]
    assert twice > 500  # rounding twice would have been found out


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_evenly_spaced_as_pytorchs(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        pytest.skip("PyTorch does not fuse on this processor")
    for steps in (2, 3, 14, 28, 32, 33, 100, 1000):
        for start, end in ((-1, 1), (0, 1), (0.1, 7.3), (5, -5)):
            expected = torch.linspace(start, end, steps, dtype=getattr(torch, dtype)).numpy()
            assert evenly_spaced(start, end, steps, dtype).tolist() == expected.tolist()


def test_integers_are_cut_off() -> None:
    assert evenly_spaced(0, 10, 4, np.int64).tolist() == [0, 3, 6, 10]


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [5, 14, 28, 33])
def test_points_on_pixels_get_the_slope_that_pytorch_gives(dtype: str, size: int) -> None:
    """The identity map puts every point on a pixel, between two slopes: rounding decides."""
    torch = pytest.importorskip("torch")
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        pytest.skip("PyTorch does not fuse on this processor")
    image = np.random.default_rng(0).normal(size=(1, 1, size, size)).astype(dtype)
    found = []
    for lib in (tg, torch):
        theta = lib.tensor(np.array([[[1, 0, 0], [0, 1, 0]]], dtype), requires_grad=True)
        grid = lib.nn.functional.affine_grid(theta, (1, 1, size, size), align_corners=False)
        y = lib.nn.functional.grid_sample(lib.tensor(image), grid, align_corners=False)
        (y * y).sum().backward()
        found.append((grid.detach().numpy(), theta.grad.numpy()))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-4 if dtype == "float32" else 1e-9)
