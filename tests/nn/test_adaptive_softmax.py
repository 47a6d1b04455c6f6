"""Softmax in clusters: it is a distribution, its parts agree, and PyTorch's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import AdaptiveLogSoftmaxWithLoss

R = np.random.default_rng(2)


def layer(t: Any = tg, **options: Any) -> Any:
    t.manual_seed(1)
    return t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10], div_value=2.0, **options)


def test_all_classes_together_have_probability_1() -> None:
    logs = layer().log_prob(tg.tensor(R.normal(size=(5, 8)).astype(np.float32)))
    np.testing.assert_allclose(logs.exp().sum(1).detach().numpy(), 1, rtol=1e-6)


def test_the_loss_is_that_of_the_full_distribution() -> None:
    m, x = layer(), tg.tensor(R.normal(size=(6, 8)).astype(np.float32))
    target = tg.tensor([0, 3, 4, 9, 10, 19])
    output, loss = m(x, target)
    full = m.log_prob(x).gather(1, target.unsqueeze(1)).squeeze(1)
    np.testing.assert_allclose(output.detach().numpy(), full.detach().numpy(), rtol=1e-5)
    assert loss.item() == pytest.approx(-full.mean().item(), rel=1e-6)


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="increasing order"):
        AdaptiveLogSoftmaxWithLoss(8, 20, [10, 4])
    with pytest.raises(ValueError, match="increasing order"):
        AdaptiveLogSoftmaxWithLoss(8, 20, [4, 20])
    with pytest.raises(RuntimeError, match=r"in \[0, 19\]"):
        layer()(tg.ones(2, 8), tg.tensor([0, 20]))
    with pytest.raises(RuntimeError, match="same size"):
        layer()(tg.ones(2, 8), tg.tensor([0, 1, 2]))


@pytest.mark.torch
@pytest.mark.parametrize("head_bias", [False, True])
def test_beside_pytorch(head_bias: bool) -> None:
    torch = pytest.importorskip("torch")
    x, target = R.normal(size=(7, 8)).astype(np.float32), np.array([0, 3, 4, 9, 10, 19, 2])
    found = []
    for t in (tg, torch):
        m = layer(t, head_bias=head_bias)
        leaf = t.tensor(x).requires_grad_()
        output, loss = m(leaf, t.tensor(target))
        loss.backward()
        found.append(
            [
                output.detach().numpy(),
                loss.detach().numpy(),
                leaf.grad.numpy(),
                *[p.grad.numpy() for p in m.parameters()],
                m.log_prob(leaf).detach().numpy(),
                m.predict(leaf).numpy(),
                m(leaf[2].detach(), t.tensor(4)).output.detach().numpy(),
            ]
        )
    for a, b in zip(*found, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)
