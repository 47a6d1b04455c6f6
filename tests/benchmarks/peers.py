"""One training step of each system in each framework, written as its own users write it.

`STEPS[peer](system, x, y)` returns a function that trains one step on the batch, in the dtype of
`x`, from the parameters of `System.new(0)`: forward, loss, gradients, plain gradient descent with
rate 0.1. Every step returns its loss, and all peers' losses agree (`test_peers.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.hand_derived import System

RATE = 0.1
Step = Callable[[], Any]


def parameters_of(system: System, x: Any) -> list[Any]:
    """The same start for every peer: W ~ ½·N(0, 1) of shape (out, in), b = 0."""
    return [p.copy() for p in system.new(0, x.dtype, 0.5).parameters()]


def uses_classes(system: System) -> bool:
    """Whether the output is a softmax over classes; else sigmoids and squared errors."""
    return system.name not in ("xor", "letters")


def hidden(system: System) -> str:
    """The hidden layers' activation."""
    return "relu" if system.name in ("patterns", "mnist-small") else "sigmoid"


def hand(system: System, x: Any, y: Any) -> Step:
    """Plain NumPy, gradients derived by hand."""
    network = system.network(*parameters_of(system, x))
    return lambda: network.step(x, y, RATE)


def modules(nn: Any, system: System) -> Any:
    """The model in PyTorch's words, in PyTorch or here."""
    layers: list[Any] = []
    sizes = system.layers
    for i, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        layers.append(nn.Linear(inputs, outputs))
        last = i == len(sizes) - 2
        if not last:
            layers.append(nn.ReLU() if hidden(system) == "relu" else nn.Sigmoid())
        elif not uses_classes(system):
            layers.append(nn.Sigmoid())
    return nn.Sequential(*layers)


def in_torch_words(torch: Any, system: System, x: Any, y: Any) -> Step:
    """The same text for PyTorch and for this package: modules, loss, optimiser."""
    model = modules(torch.nn, system)
    if x.dtype == np.float64:
        model.double()
    with torch.no_grad():
        for p, value in zip(model.parameters(), parameters_of(system, x), strict=True):
            p.copy_(torch.from_numpy(value))
    loss_of = torch.nn.CrossEntropyLoss() if uses_classes(system) else torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    halved = system.name == "xor"  # its cost is ½(ŷ − a)²

    def step() -> Any:
        loss = loss_of(model(inputs), targets)
        if halved:
            loss = loss * 0.5
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def tinygrad_edu(system: System, x: Any, y: Any) -> Step:
    """This package."""
    import tinygrad_edu as torch

    return in_torch_words(torch, system, x, y)


def pytorch(system: System, x: Any, y: Any) -> Step:
    """PyTorch, eager, one thread."""
    import torch

    torch.set_num_threads(1)
    return in_torch_words(torch, system, x, y)


def loss_in(np_: Any, system: System, x: Any, y: Any, sigmoid: Any, log_softmax: Any) -> Any:
    """The loss as a function of a list of parameters, in a NumPy look-alike."""
    rows = np.arange(len(x))

    def loss(params: list[Any]) -> Any:
        a = x
        layers = len(params) // 2
        for i in range(layers):
            z = np_.matmul(a, params[2 * i].T) + params[2 * i + 1]
            if i < layers - 1:
                a = np_.maximum(z, 0) if hidden(system) == "relu" else sigmoid(z)
        if uses_classes(system):
            return -np_.mean(log_softmax(z)[rows, y])
        error = sigmoid(z) - y
        mean = np_.mean(error * error)
        return 0.5 * mean if system.name == "xor" else mean

    return loss


def jax_jit(system: System, x: Any, y: Any) -> Step:
    """JAX, the whole step compiled."""
    import jax

    jax.config.update("jax_enable_x64", True)
    loss = loss_in(jax.numpy, system, x, y, jax.nn.sigmoid, jax.nn.log_softmax)

    @jax.jit
    def update(params: list[Any]) -> tuple[Any, list[Any]]:
        value, grads = jax.value_and_grad(loss)(params)
        return value, [p - RATE * g for p, g in zip(params, grads, strict=True)]

    state = [[jax.numpy.asarray(p) for p in parameters_of(system, x)]]

    def step() -> Any:
        value, state[0] = update(state[0])
        return value.block_until_ready()

    return step


def hips_autograd(system: System, x: Any, y: Any) -> Step:
    """HIPS autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    def sigmoid(z: Any) -> Any:
        return 0.5 * (anp.tanh(0.5 * z) + 1)

    def log_softmax(z: Any) -> Any:
        shifted = z - anp.max(z, axis=1, keepdims=True)
        return shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True))

    gradient = value_and_grad(loss_in(anp, system, x, y, sigmoid, log_softmax))
    params = parameters_of(system, x)

    def step() -> Any:
        value, grads = gradient(params)
        for p, g in zip(params, grads, strict=True):
            p -= RATE * g
        return value

    return step


def mygrad(system: System, x: Any, y: Any) -> Step:
    """MyGrad."""
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid
    from mygrad.nnet.losses import softmax_crossentropy

    params = [mg.tensor(p) for p in parameters_of(system, x)]

    def step() -> Any:
        a: Any = x
        layers = len(params) // 2
        for i in range(layers):
            z = mg.matmul(a, params[2 * i].T) + params[2 * i + 1]
            if i < layers - 1:
                a = mg.maximum(z, 0) if hidden(system) == "relu" else sigmoid(z)
        if uses_classes(system):
            loss = softmax_crossentropy(z, y)
        else:
            error = sigmoid(z) - y
            loss = mg.mean(error * error)
            if system.name == "xor":
                loss = 0.5 * loss
        loss.backward()
        for p in params:
            p.data[...] = p.data - RATE * p.grad
            p.null_grad()
        return loss

    return step


STEPS: dict[str, Callable[[System, Any, Any], Step]] = {
    "hand-derived": hand,
    "tinygrad_edu": tinygrad_edu,
    "PyTorch": pytorch,
    "JAX jit": jax_jit,
    "autograd": hips_autograd,
    "MyGrad": mygrad,
}
