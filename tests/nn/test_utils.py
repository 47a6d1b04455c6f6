"""nn.utils: clipping, vectors, functional_call, parametrizations, pruning, fusion."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.utils import parametrize, prune
from tinygrad_edu.nn.utils.stateless import functional_call


def model(package: Any = tg, seed: int = 2) -> Any:
    package.manual_seed(seed)
    return package.nn.Sequential(
        package.nn.Linear(4, 5), package.nn.ReLU(), package.nn.Linear(5, 3)
    )


def with_gradients(package: Any) -> Any:
    net = model(package)
    x = package.tensor(np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32))
    (net(x) ** 2).sum().backward()
    return net


# Clipping -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [1, 2, 3, float("inf")])
@pytest.mark.parametrize("bound", [0.5, 1e6])
def test_clipping_by_norm_is_pytorchs(kind: float, bound: float) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for package in (tg, torch):
        net = with_gradients(package)
        total = package.nn.utils.clip_grad_norm_(net.parameters(), bound, kind)
        found.append([total.numpy(), *(p.grad.numpy() for p in net.parameters())])
    for a, b in zip(*found, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=2e-5)


def test_clipping_by_value_and_of_nothing() -> None:
    net = with_gradients(tg)
    nn.utils.clip_grad_value_(net.parameters(), 0.25)
    assert max(abs(p.grad._data).max() for p in net.parameters()) == np.float32(0.25)
    assert nn.utils.clip_grad_norm_(model().parameters(), 1.0).item() == 0
    p = tg.ones(2, requires_grad=True)
    p.grad = tg.tensor([3.0, 4.0])
    assert nn.utils.clip_grad_norm_(p, 1.0).item() == 5
    assert p.grad.tolist() == pytest.approx([0.6, 0.8], rel=1e-5)


def test_a_norm_that_is_not_finite_is_refused_and_changes_nothing() -> None:
    p = tg.ones(2, requires_grad=True)
    p.grad = tg.tensor([float("inf"), 1.0])
    with pytest.raises(RuntimeError, match="non-finite"):
        nn.utils.clip_grad_norm_([p], 1.0, error_if_nonfinite=True)
    assert p.grad.tolist() == [float("inf"), 1.0]


# Vectors ------------------------------------------------------------------------------------------


def test_parameters_as_a_vector_and_back() -> None:
    net = model()
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (4 * 5 + 5 + 5 * 3 + 3,)
    vector.sum().backward()
    assert net[0].weight.grad.tolist() == tg.ones(5, 4).tolist()
    twin = model(seed=9)
    nn.utils.vector_to_parameters(vector.detach(), twin.parameters())
    for p, q in zip(net.parameters(), twin.parameters(), strict=True):
        assert (p == q).all()
        assert q.requires_grad
    with pytest.raises(ValueError, match="43 entries"):
        nn.utils.vector_to_parameters(tg.zeros(43), nn.Linear(2, 2).parameters())


# functional_call ----------------------------------------------------------------------------------


def test_a_module_as_a_function_of_its_parameters() -> None:
    net = model()
    before = [p.tolist() for p in net.parameters()]
    weights = {k: (v.detach() * 2).requires_grad_() for k, v in net.named_parameters()}
    x = tg.ones(2, 4)
    y = functional_call(net, weights, (x,))
    twin = copy.deepcopy(net)
    twin.load_state_dict(weights)
    np.testing.assert_array_equal(y._data, twin(x)._data)
    y.sum().backward()
    assert all(w.grad is not None for w in weights.values())
    assert all(p.grad is None for p in net.parameters())
    assert [p.tolist() for p in net.parameters()] == before
    part = functional_call(net, {"0.bias": tg.zeros(5)}, x)
    assert part.requires_grad


def test_a_failed_call_puts_the_parameters_back() -> None:
    net = model()
    held = net[0].weight
    with pytest.raises(RuntimeError):
        functional_call(net, {"0.weight": tg.zeros(5, 4)}, tg.ones(2, 3))
    assert net[0].weight is held
    with pytest.raises(KeyError, match=r"no parameter or buffer '0\.weigth'"):
        functional_call(net, {"0.weigth": tg.zeros(5, 4)}, tg.ones(2, 4))
    with pytest.raises(RuntimeError, match=r"missing key\(s\): 0.bias"):
        functional_call(net, {"0.weight": tg.zeros(5, 4)}, tg.ones(2, 4), strict=True)


def test_tied_weights_are_replaced_together() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(2, 2, bias=False)
            self.b = nn.Linear(2, 2, bias=False)
            self.b.weight = self.a.weight

        def forward(self, x: Any) -> Any:
            return self.b(self.a(x))

    eye = tg.eye(2) * 3
    assert functional_call(Tied(), {"a.weight": eye}, tg.ones(1, 2)).tolist() == [[9, 9]]


# Parametrizations ---------------------------------------------------------------------------------


class Symmetric(nn.Module):
    """The upper triangle mirrored."""

    def forward(self, x: Any) -> Any:
        return x.triu() + x.triu(1).transpose(-1, -2)


class Twice(nn.Module):
    """Two times what is learned."""

    def forward(self, x: Any) -> Any:
        return 2 * x

    def right_inverse(self, y: Any) -> Any:
        return y / 2


def test_a_parameter_computed_from_another() -> None:
    layer = nn.Linear(3, 3)
    start = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert (layer.weight == layer.weight.t()).all()
    assert list(layer.state_dict()) == ["bias", "parametrizations.weight.original"]
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")
    assert type(layer).__name__ == "ParametrizedLinear"
    layer(tg.ones(1, 3)).sum().backward()
    assert (layer.parametrizations.weight.original.grad[2, 0] == 0).all()
    np.testing.assert_array_equal(layer.parametrizations.weight.original._data, start._data)
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear
    assert (layer.weight == layer.weight.t()).all()
    assert sorted(layer.state_dict()) == ["bias", "weight"]


def test_a_parametrization_with_an_inverse_can_be_assigned() -> None:
    layer = nn.Linear(2, 2)
    start = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Twice())
    np.testing.assert_allclose(layer.weight._data, start._data)
    layer.weight = tg.ones(2, 2)
    assert layer.parametrizations.weight.original.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    parametrize.register_parametrization(layer, "weight", Twice())
    np.testing.assert_allclose(layer.weight._data, np.ones((2, 2)))
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert layer.weight.tolist() == [[0.25, 0.25], [0.25, 0.25]]


def test_computed_once_where_asked() -> None:
    calls = []

    class Counted(nn.Module):
        def forward(self, x: Any) -> Any:
            calls.append(1)
            return x

    layer = nn.Linear(2, 2)
    parametrize.register_parametrization(layer, "weight", Counted())
    calls.clear()
    with parametrize.cached():
        layer(tg.ones(1, 2))
        layer(tg.ones(1, 2))
    assert len(calls) == 1
    layer(tg.ones(1, 2))
    layer(tg.ones(1, 2))
    assert len(calls) == 3


def test_a_parametrization_that_changes_the_shape_is_refused() -> None:
    class Wide(nn.Module):
        def forward(self, x: Any) -> Any:
            return tg.cat([x, x])

    layer = nn.Linear(2, 2)
    with pytest.raises(ValueError, match=r"\(2, 2\) float32.*\(4, 2\)"):
        parametrize.register_parametrization(layer, "weight", Wide())
    assert type(layer) is nn.Linear
    with pytest.raises(ValueError, match="'wait'"):
        parametrize.register_parametrization(layer, "wait", Twice())


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm(dim: Any) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for package in (tg, torch):
        package.manual_seed(0)
        norm = package.nn.utils.parametrizations.weight_norm
        layer = norm(package.nn.Linear(4, 3), dim=dim)
        x = package.tensor(np.arange(8, dtype=np.float32).reshape(2, 4))
        layer(x).sum().backward()
        found.append(
            {k: v.detach().numpy() for k, v in layer.state_dict().items()}
            | {f"{k}.grad": p.grad.numpy() for k, p in layer.named_parameters()}
        )
    assert list(found[0]) == list(found[1])
    for key in found[1]:
        np.testing.assert_allclose(found[0][key], found[1][key], rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore")  # PyTorch's, that it has a newer one
@pytest.mark.parametrize("dim", [0, None])
def test_the_older_weight_norm(dim: Any) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for package in (tg, torch):
        package.manual_seed(0)
        layer = package.nn.utils.weight_norm(package.nn.Linear(4, 3), dim=dim)
        x = package.tensor(np.arange(8, dtype=np.float32).reshape(2, 4))
        layer(x).sum().backward()
        state = {k: v.detach().numpy() for k, v in layer.state_dict().items()}
        grads = {f"{k}.grad": p.grad.numpy() for k, p in layer.named_parameters()}
        package.nn.utils.remove_weight_norm(layer)
        found.append(state | grads | {"weight": layer.weight.detach().numpy()})
    assert sorted(found[0]) == sorted(found[1])
    for key in found[1]:
        np.testing.assert_allclose(found[0][key], found[1][key], rtol=1e-5, atol=1e-5)


def test_spectral_norm() -> None:
    layer = nn.Conv2d(2, 3, 3)
    nn.utils.parametrizations.spectral_norm(layer, n_power_iterations=30)
    layer(tg.ones(1, 2, 4, 4))
    top = np.linalg.svd(layer.weight.detach().numpy().reshape(3, -1), compute_uv=False)[0]
    assert top == pytest.approx(1.0, abs=1e-4)
    with pytest.raises(ValueError, match="n_power_iterations=0"):
        nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)


# Pruning ------------------------------------------------------------------------------------------

PRUNINGS: dict[str, Any] = {
    "l1": lambda p, m: p.l1_unstructured(m, "weight", 0.4),
    "l1 by number": lambda p, m: p.l1_unstructured(m, "weight", 7),
    "random": lambda p, m: p.random_unstructured(m, "weight", 0.5),
    "slices by norm": lambda p, m: p.ln_structured(m, "weight", 2, n=2, dim=0),
    "slices at random": lambda p, m: p.random_structured(m, "weight", 1, dim=1),
    "twice": lambda p, m: p.l1_unstructured(p.ln_structured(m, "weight", 1, 1, 1), "weight", 0.5),
    "nothing": lambda p, m: p.identity(m, "weight"),
}


@pytest.mark.parametrize("case", PRUNINGS)
def test_pruning_is_pytorchs(case: str) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("torch.nn.utils.prune")  # PyTorch leaves it to be imported
    found = []
    for package in (tg, torch):
        package.manual_seed(3)
        layer = package.nn.Linear(6, 5)
        package.manual_seed(4)
        room = package.nn.utils.prune
        PRUNINGS[case](room, layer)
        assert room.is_pruned(layer)
        x = package.tensor(np.arange(12, dtype=np.float32).reshape(2, 6))
        y = layer(x)
        y.sum().backward()
        row = {k: v.detach().numpy() for k, v in layer.state_dict().items()}
        row["weight"] = layer.weight.detach().numpy()
        row["grad"] = layer.weight_orig.grad.numpy()
        room.remove(layer, "weight")
        row["afterwards"] = layer.weight.detach().numpy()
        assert not room.is_pruned(layer)
        assert sorted(layer.state_dict()) == ["bias", "weight"]
        found.append(row)
    assert list(found[0]) == list(found[1])
    for key in found[1]:
        np.testing.assert_array_equal(found[0][key], found[1][key], err_msg=key)


def test_pruning_several_as_one() -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("torch.nn.utils.prune")
    found = []
    for package in (tg, torch):
        net = model(package)
        room = package.nn.utils.prune
        room.global_unstructured(
            [(net[0], "weight"), (net[2], "weight")],
            pruning_method=room.L1Unstructured,
            amount=0.3,
        )
        found.append([net[0].weight_mask.numpy(), net[2].weight_mask.numpy()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_method_of_ones_own() -> None:
    class EveryOther(prune.BasePruningMethod):
        def compute_mask(self, t: Any, default_mask: Any) -> Any:
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    layer = nn.Linear(2, 2)
    EveryOther.apply(layer, "weight")
    assert layer.weight_mask.tolist() == [[0, 1], [0, 1]]


def test_amounts_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match=r"amount=1\.5"):
        prune.l1_unstructured(nn.Linear(2, 2), "weight", 1.5)
    layer = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="amount=9"):
        prune.l1_unstructured(layer, "weight", 9)
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    with pytest.raises(ValueError, match="has to be pruned"):
        prune.remove(layer, "weight")


# Fusion -------------------------------------------------------------------------------------------


def test_a_convolution_and_its_normalisation_as_one() -> None:
    conv, norm = nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3)
    for _ in range(3):
        norm(conv(tg.randn(4, 2, 6, 6)))
    x = tg.randn(2, 2, 6, 6)
    with pytest.raises(AssertionError, match="eval"):
        nn.utils.fuse_conv_bn_eval(conv, norm)
    fused = nn.utils.fuse_conv_bn_eval(conv.eval(), norm.eval())
    np.testing.assert_allclose(fused(x)._data, norm(conv(x))._data, rtol=1e-4, atol=1e-5)


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 1001, 60_640])
def test_the_length_of_gradients_is_pytorchs_to_the_last_digit(dtype: str, count: int) -> None:
    """What it loses in float32 every step after it would otherwise carry along."""
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(count).normal(size=count).astype(dtype)
    found = []
    for package in (tg, torch):
        held = [package.nn.Parameter(package.zeros(count, dtype=getattr(package, dtype)))]
        held.append(package.nn.Parameter(package.zeros(3, dtype=getattr(package, dtype))))
        held[0].grad = package.tensor(values)
        held[1].grad = package.ones(3, dtype=getattr(package, dtype))
        found.append(package.nn.utils.clip_grad_norm_(held, 0.5).item())
    assert found[0] == found[1]


def test_a_parametrization_is_tried_once_when_registered() -> None:
    calls = []

    class Counted(nn.Module):
        def forward(self, x: tg.Tensor) -> tg.Tensor:
            calls.append(1)
            return 2 * x

    layer = nn.Linear(2, 2)
    before = layer.weight.tolist()
    parametrize.register_parametrization(layer, "weight", Counted())
    assert len(calls) == 1
    assert layer.weight.tolist() == [[2 * w for w in row] for row in before]
    parametrize.register_parametrization(nn.Linear(2, 2), "weight", Counted(), unsafe=True)
    assert len(calls) == 2
