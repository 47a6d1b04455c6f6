"""Names that PyTorch keeps from earlier versions, and layers few scripts use, beside PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

R = np.random.default_rng(4)
IMAGE = R.normal(size=(2, 3, 4, 4)).astype(np.float32)


@pytest.mark.parametrize("name", ["uniform", "normal", "xavier_uniform", "kaiming_normal", "eye"])
def test_initialisers_before_the_underscore(name: str) -> None:
    ours, today = tg.zeros(3, 4), tg.zeros(3, 4)
    tg.manual_seed(0)
    with pytest.warns(FutureWarning, match=f"in favor of `nn.init.{name}_`"):
        assert getattr(nn.init, name)(ours) is ours
    tg.manual_seed(0)
    getattr(nn.init, f"{name}_")(today)
    assert ours.equal(today)


def test_the_fans_of_a_convolution() -> None:
    assert nn.init._calculate_fan_in_and_fan_out(tg.ones(8, 3, 5, 5)) == (75, 200)


def test_upsample_is_interpolate() -> None:
    x = tg.tensor(IMAGE)
    with pytest.warns(UserWarning, match="interpolate"):
        assert F.upsample(x, scale_factor=2).equal(F.interpolate(x, scale_factor=2))
    with pytest.warns(UserWarning, match="interpolate"):
        ours = F.upsample_bilinear(x, size=(8, 8))
    assert ours.equal(F.interpolate(x, (8, 8), mode="bilinear", align_corners=True))


def test_other_warnings() -> None:
    p = nn.Parameter(tg.ones(3))
    p.grad = tg.full((3,), 2.0)
    with pytest.warns(FutureWarning, match="clip_grad_norm_"):
        nn.utils.clip_grad_norm([p], 1.0)
    assert p.grad.norm().item() == pytest.approx(1, rel=1e-5)
    with pytest.warns(FutureWarning, match="NLLLoss"):
        loss = nn.NLLLoss2d()
    scores = tg.tensor(IMAGE).log_softmax(1)
    target = tg.zeros(2, 4, 4, dtype=tg.int64)
    assert loss(scores, target).equal(F.nll_loss(scores, target))


def test_batch_norms_made_one_over_processes() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Sequential(nn.BatchNorm1d(2)))
    x = tg.tensor(IMAGE)
    before = list(model.state_dict())
    expected = model[1](model[0](x))
    model[1].reset_running_stats()
    converted: Any = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    assert isinstance(converted[1], nn.SyncBatchNorm)
    assert isinstance(converted[2][0], nn.SyncBatchNorm)
    assert list(converted.state_dict()) == before
    assert converted[1](converted[0](x)).equal(expected)


def test_a_module_made_without_drawing() -> None:
    tg.manual_seed(0)
    expected = tg.rand(3)
    tg.manual_seed(0)
    m = nn.utils.skip_init(nn.Linear, 4, 5)
    assert m.weight.shape == (5, 4)
    assert tg.rand(3).equal(expected)
    with pytest.raises(RuntimeError, match="Expected a Module"):
        nn.utils.skip_init(dict)  # type: ignore[arg-type]


def test_a_linear_layer_takes_in_the_normalisation_behind_it() -> None:
    linear, bn = nn.Linear(4, 5), nn.BatchNorm1d(5)
    bn(tg.randn(20, 5) * 3 + 1)
    nn.init.normal_(bn.weight)
    x = tg.randn(6, 4)
    with pytest.raises(AssertionError, match="eval"):
        nn.utils.fuse_linear_bn_eval(linear, bn)
    expected = bn.eval()(linear.eval()(x))
    fused = nn.utils.fuse_linear_bn_eval(linear, bn)
    np.testing.assert_allclose(fused(x).detach(), expected.detach(), rtol=1e-4, atol=1e-6)
    with pytest.raises(AssertionError, match="out_features"):
        nn.utils.fuse_linear_bn_eval(nn.Linear(4, 3).eval(), bn)


def test_spectral_norm_comes_and_goes() -> None:
    m = nn.utils.spectral_norm(nn.Linear(6, 5), n_power_iterations=60)
    m(tg.ones(1, 6))
    assert np.linalg.norm(m.weight.detach().numpy(), 2) == pytest.approx(1, rel=1e-4)
    assert set(m.state_dict()) == {"bias", "weight_orig", "weight_u", "weight_v"}
    with pytest.raises(RuntimeError, match="Cannot register two"):
        nn.utils.spectral_norm(m)
    weight = m.eval().weight.detach().clone()
    nn.utils.remove_spectral_norm(m)
    assert isinstance(m.weight, nn.Parameter)
    np.testing.assert_allclose(m.weight.detach(), weight, rtol=1e-6)
    with pytest.raises(ValueError, match="not found"):
        nn.utils.remove_spectral_norm(m)


@pytest.mark.torch
@pytest.mark.parametrize("kind", ["Linear", "Conv2d", "ConvTranspose2d"])
def test_spectral_norm_beside_pytorch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    sizes: tuple[int, ...] = (6, 5) if kind == "Linear" else (3, 4, 3)
    x = R.normal(size=(4, 6)).astype(np.float32) if kind == "Linear" else IMAGE
    found = []
    for t in (tg, torch):
        t.manual_seed(2)
        m = t.nn.utils.spectral_norm(getattr(t.nn, kind)(*sizes))
        optimiser = t.optim.SGD(m.parameters(), 0.1)
        for _ in range(3):
            optimiser.zero_grad()
            (m(t.tensor(x)) ** 2).mean().backward()
            optimiser.step()
        found.append({k: v.detach().numpy() for k, v in m.state_dict().items()})
    assert list(found[0]) == list(found[1])
    for key, value in found[1].items():
        np.testing.assert_allclose(found[0][key], value, rtol=1e-4, atol=1e-6, err_msg=key)


@pytest.mark.torch
def test_layers_of_three_dimensions_beside_pytorch() -> None:
    torch = pytest.importorskip("torch")
    x = abs(R.normal(size=(2, 3, 4, 5, 6)))
    results = []
    for t in (tg, torch):
        pool = t.nn.MaxPool3d(2, return_indices=True)
        y, places = pool(t.tensor(x))
        results.append(
            [
                t.nn.LPPool3d(3, 2)(t.tensor(x)),
                t.nn.AdaptiveMaxPool3d((2, 3, 4))(t.tensor(x)),
                t.nn.MaxUnpool3d(2)(y, places, output_size=(4, 5, 6)),
                t.nn.functional.adaptive_max_pool3d_with_indices(t.tensor(x), 2)[1],
            ]
        )
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


def test_the_mean_by_its_first_name() -> None:
    x, y = tg.tensor([1.0, 2.0]), tg.tensor([0.0, 4.0])
    with pytest.warns(FutureWarning, match="use reduction='mean' instead"):
        loss = nn.MSELoss(reduction="elementwise_mean")
    assert (loss.reduction, loss(x, y).item()) == ("mean", 2.5)
    with pytest.warns(FutureWarning, match="elementwise_mean"):
        assert nn.functional.mse_loss(x, y, reduction="elementwise_mean").item() == 2.5
    with pytest.raises(ValueError, match="'average' is not a valid value for reduction"):
        nn.L1Loss(reduction="average")
