"""`torch.embedding` and the like, beside PyTorch: the same arguments, values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

R = np.random.default_rng(7)
X, Y, Z = (R.normal(size=(4, 3)) for _ in range(3))
SIGNS = np.array([1.0, -1.0, 1.0, -1.0])
IMAGE, KERNEL = R.normal(size=(2, 3, 6, 6)), R.normal(size=(4, 3, 3, 3))
W, H = R.normal(size=(12, 3)), R.normal(size=(12, 3))

# name: (expression of the library and its leaves, the leaves' values)
CASES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "embedding": (lambda t, w: t.embedding(w, t.tensor([[0, 2], [2, 1]]), 2), (X,)),
    "batch_norm": (
        lambda t, x, w, b: t.batch_norm(x, w, b, None, None, True, 0.1, 1e-5, False),
        (X, Y[0], Z[0]),
    ),
    "instance_norm": (
        lambda t, x: t.instance_norm(x, None, None, None, None, True, 0.1, 1e-5, False),
        (IMAGE,),
    ),
    "convolution": (
        lambda t, x, w: t.convolution(x, w, None, (2, 1), (1, 0), (1, 1), False, (0, 0), 1),
        (IMAGE, KERNEL),
    ),
    "convolution, transposed": (
        lambda t, x, w: t.convolution(x, w, None, (2, 2), (1, 1), (1, 1), True, (1, 1), 1),
        (IMAGE[:, :, :4, :4], KERNEL.transpose(1, 0, 2, 3)),
    ),
    "constant_pad_nd": (lambda t, x: t.constant_pad_nd(x, (1, 2), 3.0), (X,)),
    "kl_div": (lambda t, x: t.kl_div(x, t.tensor(abs(Y)), 2), (X,)),
    "kl_div by the mean": (lambda t, x: t.kl_div(x, t.tensor(Y), 1, log_target=True), (X,)),
    "margin_ranking_loss": (
        lambda t, x, y: t.margin_ranking_loss(x, y, t.tensor(np.sign(Z)), 0.3, 0),
        (X, Y),
    ),
    "cosine_embedding_loss": (
        lambda t, x, y: t.cosine_embedding_loss(x, y, t.tensor(SIGNS), 0.1),
        (X, Y),
    ),
    "hinge_embedding_loss": (
        lambda t, x: t.hinge_embedding_loss(x, t.tensor(np.sign(Z)), 0.5, 2),
        (X,),
    ),
    "triplet_margin_loss": (
        lambda t, x, y, z: t.triplet_margin_loss(x, y, z, 0.5, 2, 1e-6, True, 1),
        (X, Y, Z),
    ),
    "binary_cross_entropy_with_logits": (
        lambda t, x: t.binary_cross_entropy_with_logits(x, t.tensor((Y > 0) * 1.0), None, None, 2),
        (X,),
    ),
    "poisson_nll_loss": (
        lambda t, x: t.poisson_nll_loss(x, t.tensor(abs(Y)), True, True, 1e-8, 1),
        (X,),
    ),
    "lstm_cell": (
        lambda t, x, h, c, w, u: t.lstm_cell(x, [h, c], w, u)[0],
        (X, Y, Z, W, H),
    ),
    "gru_cell": (lambda t, x, h, w, u: t.gru_cell(x, h, w, u), (X, Y, W[:9], H[:9])),
    "rnn_tanh_cell": (lambda t, x, h, w, u: t.rnn_tanh_cell(x, h, w, u), (X, Y, W[:3], H[:3])),
    "rnn_relu_cell": (lambda t, x, h, w, u: t.rnn_relu_cell(x, h, w, u), (X, Y, W[:3], H[:3])),
    "adaptive_max_pool1d": (lambda t, x: t.adaptive_max_pool1d(x[None], 2)[0], (X,)),
    "max_pool1d_with_indices": (lambda t, x: t.max_pool1d_with_indices(x[None], 2, 1)[0], (X,)),
    "max_pool2d_with_indices": (
        lambda t, x: t.nn.functional.max_pool2d_with_indices(x, 2, 2)[0],
        (IMAGE,),
    ),
    "max_unpool3d": (
        lambda t, x: t.nn.functional.max_unpool3d(
            *t.nn.functional.max_pool3d(x[None], 2, return_indices=True), 2, output_size=(3, 6, 6)
        ),
        (R.normal(size=(2, 3, 6, 6)),),
    ),
    "lp_pool3d": (
        lambda t, x: t.nn.functional.lp_pool3d(x[None], 2.0, (1, 2, 2), 2),
        (abs(IMAGE),),
    ),
    "adaptive_max_pool3d": (
        lambda t, x: t.nn.functional.adaptive_max_pool3d(x[None], (2, 3, None)),
        (IMAGE,),
    ),
    "selu_": (lambda t, x: t.selu_(x * 1), (X,)),
    "celu_": (lambda t, x: t.celu_(x * 1), (X,)),
    "threshold_": (lambda t, x: t.threshold_(x * 1, 0.1, 0.5), (X,)),
    "rrelu": (lambda t, x: t.rrelu(x, 0.1, 0.3, True), (X,)),
    "dropout_": (lambda t, x: t.dropout_(x * 1, 0.4, True), (X,)),
    "feature_dropout": (lambda t, x: t.feature_dropout(x, 0.5, True), (IMAGE,)),
}


def run(t: Any, name: str) -> tuple[Any, list[Any]]:
    expression, values = CASES[name]
    leaves = [t.tensor(v.copy()).requires_grad_() for v in values]
    t.manual_seed(3)
    y = expression(t, *leaves)
    weights = t.tensor(np.cos(np.arange(y.numel())).reshape(tuple(y.shape)))
    return y, list(t.autograd.grad((y * weights).sum(), leaves))


@pytest.mark.torch
@pytest.mark.parametrize("name", CASES)
def test_beside_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    a, by_a = run(tg, name)
    b, by_b = run(torch, name)
    for x, y in [(a, b), *zip(by_a, by_b, strict=True)]:
        assert tuple(x.shape) == tuple(y.shape)
        np.testing.assert_allclose(
            x.detach().numpy(), y.detach().numpy(), rtol=1e-10, atol=1e-12, err_msg=name
        )


# Padding gets no gradient though the value depends on it, and draws differ from call to call.
UNLIKE = {"embedding", "rrelu", "dropout_", "feature_dropout"}


@pytest.mark.parametrize("name", sorted(set(CASES) - UNLIKE))
def test_gradients(name: str) -> None:
    expression, values = CASES[name]
    leaves = [tg.tensor(v.copy()).requires_grad_() for v in values]
    assert tg.autograd.gradcheck(lambda *x: expression(tg, *x), leaves)


def test_reductions_are_numbers_here() -> None:
    x = tg.tensor(X)
    assert tg.hinge_embedding_loss(x, x.sign(), 1.0, 0).shape == (4, 3)
    assert tg.kl_div(x, x.exp()).shape == (4, 3)
    assert tg.kl_div(x, x.exp(), 1).shape == ()


def test_a_weight_of_no_convolution() -> None:
    with pytest.raises(RuntimeError, match="3, 4 or 5 dimensions"):
        tg.convolution(tg.ones(1, 2), tg.ones(1, 2), None, 1, 0, 1, False, 0, 1)
