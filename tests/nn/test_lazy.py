"""Lazy layers: sizes from the first input, draws at the first call, in place for optimisers."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

LAYERS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "LazyLinear": (lambda t: t.nn.LazyLinear(3), (5, 4)),
    "LazyLinear no bias": (lambda t: t.nn.LazyLinear(3, bias=False), (5, 4)),
    "LazyConv1d": (lambda t: t.nn.LazyConv1d(4, 3, padding=1), (2, 3, 7)),
    "LazyConv2d": (lambda t: t.nn.LazyConv2d(4, 3, groups=2, bias=False), (2, 6, 7, 7)),
    "LazyConv2d in order": (lambda t: t.nn.LazyConv2d(4, 3, 1, 1, 1, 2, False), (2, 6, 7, 7)),
    "LazyConv2d single": (lambda t: t.nn.LazyConv2d(4, 3), (6, 7, 7)),
    "LazyConv3d": (lambda t: t.nn.LazyConv3d(4, 2), (2, 3, 4, 4, 4)),
    "LazyConvTranspose1d": (lambda t: t.nn.LazyConvTranspose1d(4, 3), (2, 3, 7)),
    "LazyConvTranspose2d": (lambda t: t.nn.LazyConvTranspose2d(4, 3, 2, 1, 1), (2, 6, 7, 7)),
    "LazyBatchNorm1d": (lambda t: t.nn.LazyBatchNorm1d(), (5, 4)),
    "LazyBatchNorm2d": (lambda t: t.nn.LazyBatchNorm2d(affine=False), (5, 4, 3, 3)),
    "LazyBatchNorm3d": (lambda t: t.nn.LazyBatchNorm3d(track_running_stats=False), (5, 4, 2, 3, 3)),
    "LazyInstanceNorm2d": (lambda t: t.nn.LazyInstanceNorm2d(), (5, 4, 3, 3)),
}


@pytest.mark.filterwarnings("ignore")  # PyTorch's, that lazy modules may change
@pytest.mark.parametrize("case", LAYERS)
def test_as_pytorchs(case: str) -> None:
    torch = pytest.importorskip("torch")
    build, shape = LAYERS[case]
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    found = []
    for package in (tg, torch):
        package.manual_seed(4)
        layer = build(package)
        words = repr(layer)
        first = package.rand(1).item()  # nothing is drawn before the first call
        y = layer(package.tensor(x))
        state = {k: v.numpy() for k, v in layer.state_dict().items()}
        found.append((words, first, repr(layer), type(layer).__name__, state, y.detach().numpy()))
    (*a, state_a, y_a), (*b, state_b, y_b) = found
    assert a == b
    assert list(state_a) == list(state_b)
    for key, value in state_b.items():
        if "running" in key:
            np.testing.assert_allclose(state_a[key], value, rtol=1e-5, atol=1e-6)
        else:
            np.testing.assert_array_equal(state_a[key], value)
    np.testing.assert_allclose(y_a, y_b, rtol=1e-5, atol=1e-5)


def test_an_optimiser_made_before_the_first_call_learns() -> None:
    model = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(1))
    optimiser = tg.optim.SGD(model.parameters(), lr=0.1)
    x = tg.ones(3, 5)
    model(x)
    before = model[0].weight.detach().clone()
    assert type(model[0]) is nn.Linear
    assert type(model[0].weight) is nn.Parameter
    loss = (model(x) - 7).pow(2).mean()
    loss.backward()
    optimiser.step()
    assert not (model[0].weight.detach() == before).all() or model[2].weight.grad is not None
    assert (model(x) - 7).pow(2).mean().item() < loss.item()


def test_a_state_gives_the_sizes() -> None:
    source = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4))
    model = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d())
    model.load_state_dict(source.state_dict())
    state = tg.get_rng_state().tolist()
    x = tg.ones(3, 5)
    np.testing.assert_array_equal(model(x)._data, source(x)._data)
    assert tg.get_rng_state().tolist() == state  # loaded, not drawn


def test_copies_are_lazy_too() -> None:
    layer = nn.LazyLinear(3)
    twin = copy.deepcopy(layer)
    layer(tg.ones(1, 4))
    twin(tg.ones(1, 6))
    assert (layer.in_features, twin.in_features) == (4, 6)


def test_a_shape_that_is_not_known_is_said_so() -> None:
    layer = nn.LazyConv2d(3, 3)
    with pytest.raises(RuntimeError, match="Call the model once on a batch first"):
        layer.weight.shape
    with pytest.raises(RuntimeError, match="LazyConv2d"):
        layer(tg.ones(3, 3))
    assert repr(layer.weight) == "<UninitializedParameter>"
