"""Every optimiser against PyTorch's, step by step, and its state through PyTorch and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

torch = pytest.importorskip("torch")

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD momentum": ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "weight_decay": 0.01}),
    "SGD Nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    "Adam": ("Adam", {"lr": 0.1}),
    "Adam decay": ("Adam", {"lr": 0.1, "weight_decay": 0.1, "betas": (0.8, 0.95), "eps": 1e-3}),
    "Adam amsgrad": ("Adam", {"lr": 0.1, "amsgrad": True, "maximize": True}),
    "AdamW": ("AdamW", {"lr": 0.1}),
    "AdamW amsgrad": ("AdamW", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.2}),
    "Adamax": ("Adamax", {"lr": 0.1, "weight_decay": 0.1}),
    "NAdam": ("NAdam", {"lr": 0.1}),
    "NAdam decoupled": ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    "RAdam": ("RAdam", {"lr": 0.1, "weight_decay": 0.1}),
    "RAdam decoupled": ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    "RMSprop": ("RMSprop", {"lr": 0.1}),
    "RMSprop centred": (
        "RMSprop",
        {"lr": 0.05, "centered": True, "momentum": 0.9, "weight_decay": 0.1},
    ),
    "Adagrad": (
        "Adagrad",
        {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.1},
    ),
    "Adadelta": ("Adadelta", {"lr": 0.5, "weight_decay": 0.1}),
    "Rprop": ("Rprop", {"lr": 0.05}),
    "ASGD": ("ASGD", {"lr": 0.05, "t0": 3, "weight_decay": 0.1}),
}


def problem(package: Any, dtype: str) -> tuple[list[Any], Any]:
    """Two parameters and a loss that is no quadratic; the second enters from step 3 on."""
    rng = np.random.default_rng(5)
    a = package.tensor(rng.standard_normal((4, 3)).astype(dtype), requires_grad=True)
    b = package.tensor(rng.standard_normal(3).astype(dtype), requires_grad=True)
    x = package.tensor(rng.standard_normal((6, 4)).astype(dtype))

    def loss(step: int) -> Any:
        y = x @ a
        if step >= 3:
            y = y + b
        return (y.tanh() ** 2).sum() + (y * 0.3).exp().mean()

    return [a, b], loss


def walked(package: Any, name: str, settings: dict[str, Any], dtype: str, steps: int = 12) -> Any:
    parameters, loss = problem(package, dtype)
    optimiser = getattr(package.optim, name)(
        [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.03}], **settings
    )
    path = []
    for step in range(steps):
        optimiser.zero_grad()
        loss(step).backward()
        optimiser.step()
        path.append([p.detach().numpy().copy() for p in parameters])
    return path, optimiser, parameters


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES)
def test_every_step_is_pytorchs(case: str, dtype: str) -> None:
    name, settings = CASES[case]
    ours, _, _ = walked(tg, name, settings, dtype)
    theirs, _, _ = walked(torch, name, settings, dtype)
    # ASGD keeps its step size in float32 in PyTorch; float64 is then no better than that.
    tolerance = 1e-12 if dtype == "float64" and name != "ASGD" else 2e-5
    for step, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        for p, q in zip(a, b, strict=True):
            assert p.dtype == q.dtype
            np.testing.assert_allclose(p, q, rtol=tolerance, atol=tolerance, err_msg=f"step {step}")


@pytest.mark.parametrize("case", CASES)
def test_state_has_pytorchs_entries(case: str) -> None:
    name, settings = CASES[case]
    _, ours, _ = walked(tg, name, settings, "float64", 5)
    _, reference, _ = walked(torch, name, settings, "float64", 5)
    state, expected = ours.state_dict(), reference.state_dict()
    assert set(state["state"]) == set(expected["state"])
    for i, entries in expected["state"].items():
        held = {k: np.shape(getattr(v, "_data", v)) for k, v in state["state"][i].items()}
        assert held == {k: tuple(v.shape) for k, v in entries.items() if v is not None}
    for mine, other in zip(state["param_groups"], expected["param_groups"], strict=True):
        assert mine["params"] == other["params"]
        assert mine["lr"] == other["lr"]


def as_ours(value: Any) -> Any:
    """PyTorch's state with its tensors as ours."""
    if isinstance(value, torch.Tensor):
        return tg.tensor(value.numpy())
    if isinstance(value, dict):
        return {k: as_ours(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(as_ours(v) for v in value)
    return value


@pytest.mark.parametrize("case", CASES)
def test_pytorchs_state_is_taken_over(case: str) -> None:
    name, settings = CASES[case]
    theirs, reference, _ = walked(torch, name, settings, "float64", 5)
    parameters, loss = problem(tg, "float64")
    optimiser = getattr(tg.optim, name)(
        [{"params": parameters[:1]}, {"params": parameters[1:]}], **settings
    )
    for p, last in zip(parameters, theirs[-1], strict=True):
        p.data.copy_(tg.tensor(last))
    optimiser.load_state_dict(as_ours(reference.state_dict()))
    expected, _, _ = walked(torch, name, settings, "float64", 8)
    for step in range(5, 8):
        optimiser.zero_grad()
        loss(step).backward()
        optimiser.step()
        for p, q in zip(parameters, expected[step], strict=True):
            tolerance = 2e-5 if name in ("ASGD", "NAdam") else 1e-12
            np.testing.assert_allclose(p.detach().numpy(), q, rtol=tolerance, atol=tolerance)


LBFGS = {
    "plain": {"lr": 0.1, "max_iter": 4},
    "short memory": {"lr": 0.2, "max_iter": 6, "history_size": 2},
    "strong Wolfe": {"lr": 1, "line_search_fn": "strong_wolfe"},
    "few evaluations": {"line_search_fn": "strong_wolfe", "max_iter": 9, "max_eval": 7},
}


@pytest.mark.parametrize("case", LBFGS)
def test_lbfgs(case: str) -> None:
    paths = []
    for package in (tg, torch):
        rng = np.random.default_rng(5)
        a = package.tensor(rng.standard_normal((4, 3)), requires_grad=True)
        b = package.tensor(rng.standard_normal(3), requires_grad=True)
        x = package.tensor(rng.standard_normal((6, 4)))
        optimiser = package.optim.LBFGS([a, b], **LBFGS[case])
        calls: list[float] = []

        def closure(
            optimiser: Any = optimiser, a: Any = a, b: Any = b, x: Any = x, calls: Any = calls
        ) -> Any:
            optimiser.zero_grad()
            y = x @ a + b
            loss = ((y - 1) ** 4).mean() + (y.sin() * 0.5).sum() * 0.1
            loss.backward()
            calls.append(loss.item())
            return loss

        path = []
        for _ in range(5):
            optimiser.step(closure)
            path += [a.detach().numpy().copy(), b.detach().numpy().copy()]
        paths.append((path, calls))
    (ours, our_calls), (theirs, their_calls) = paths
    assert len(our_calls) == len(their_calls)
    np.testing.assert_allclose(our_calls, their_calls, rtol=1e-7)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-6, atol=1e-8)
