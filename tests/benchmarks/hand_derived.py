"""One training step of each of the five systems, its gradients derived by hand, in plain NumPy.

What one writes who has the derivatives on paper: the yardstick for speed, and the second opinion on
the recorded gradients. Samples are rows; a weight W is (out, in), so a layer is
`x @ W.T + b`; labels `y` are class indices where the output is a softmax. Everything stays in the
dtype of the parameters. Each class has `gradients(x, y)`, which returns the loss and the gradients
in the order of `parameters()`, and `step(x, y, lr)`, which also descends, in place.

The calculus, with δ the gradient of the loss at a pre-activation z and n samples:

    layer     ∂L/∂W = δᵀ·x,  ∂L/∂b = Σₙ δ,  ∂L/∂x = δ·W
    sigmoid   σ′(z) = a·(1 − a)  where a = σ(z)
    ReLU      1 where z > 0, else 0
    softmax with cross-entropy, averaged over samples      δ = (p − onehot(y)) / n
    ½(ŷ − a)² averaged over samples, behind a sigmoid      δ = (a − ŷ)·σ′(z) / n
    mean squared error over all n·k entries, same          δ = 2(a − y)·σ′(z) / (n·k)

Source: D. Rumelhart, G. Hinton, R. Williams, "Learning representations by back-propagating
errors", Nature 323 (1986); for softmax, J. Bridle, NATO ASI Series F68 (1990).
"""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(−z)), accurate for any z; call it under `np.errstate(over="ignore")`.

    Where exp(−z) overflows, its reciprocal is the right answer all the same: 0.
    """
    return 1 / (1 + np.exp(-z))


def softmax_cross_entropy(z: Array, y: Array) -> tuple[Array, Array]:
    """Return the mean of −log softmax(z)[y] over samples, and its gradient at z."""
    n = len(z)
    rows = np.arange(n)
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=1, keepdims=True)
    loss = (np.log(total[:, 0]) - z[rows, y]).mean()
    p = p / total
    p[rows, y] -= 1
    return loss, p / n


class HandDerived:
    """A network's parameters, and the descent that all of them share."""

    def __init__(self, *parameters: Array) -> None:
        self._parameters = list(parameters)

    def parameters(self) -> list[Array]:
        """Return W1, b1, W2, b2, …: the arrays themselves, which `step` changes in place."""
        return self._parameters

    def gradients(self, x: Array, y: Array) -> tuple[Array, list[Array]]:
        """Return the loss of a batch, and its gradient by each parameter."""
        raise NotImplementedError(f"{type(self).__name__} has no gradients derived yet")

    def step(self, x: Array, y: Array, lr: float) -> Array:
        """Descend once, p ← p − lr·∂L/∂p, and return the loss from before."""
        loss, gradients = self.gradients(x, y)
        for parameter, gradient in zip(self._parameters, gradients):
            parameter -= lr * gradient
        return loss


class Xor(HandDerived):
    """Sigmoid, sigmoid, ½(ŷ − a)² averaged over samples; y is a column of targets."""

    def gradients(self, x: Array, y: Array) -> tuple[Array, list[Array]]:
        W1, b1, W2, b2 = self._parameters
        with np.errstate(over="ignore"):
            a1 = sigmoid(x @ W1.T + b1)
            a2 = sigmoid(a1 @ W2.T + b2)
        error = a2 - y
        loss = 0.5 * (error**2).mean()

        d2 = error * a2 * (1 - a2) / len(x)
        d1 = d2 @ W2 * a1 * (1 - a1)
        return loss, [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0)]


class Letters(HandDerived):
    """Sigmoid, sigmoid, mean squared error over all entries; y is rows of targets."""

    def gradients(self, x: Array, y: Array) -> tuple[Array, list[Array]]:
        W1, b1, W2, b2 = self._parameters
        with np.errstate(over="ignore"):
            a1 = sigmoid(x @ W1.T + b1)
            a2 = sigmoid(a1 @ W2.T + b2)
        error = a2 - y
        loss = (error**2).mean()

        d2 = 2 * error * a2 * (1 - a2) / error.size
        d1 = d2 @ W2 * a1 * (1 - a1)
        return loss, [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0)]


class ReluSoftmax(HandDerived):
    """ReLU, softmax, cross-entropy: the patterns, and the small MNIST."""

    def gradients(self, x: Array, y: Array) -> tuple[Array, list[Array]]:
        W1, b1, W2, b2 = self._parameters
        a1 = np.maximum(x @ W1.T + b1, 0)
        loss, d2 = softmax_cross_entropy(a1 @ W2.T + b2, y)

        d1 = d2 @ W2 * (a1 > 0)
        return loss, [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0)]


class SigmoidSoftmax(HandDerived):
    """Sigmoid, softmax, cross-entropy: the digits."""

    def gradients(self, x: Array, y: Array) -> tuple[Array, list[Array]]:
        W1, b1, W2, b2 = self._parameters
        with np.errstate(over="ignore"):
            a1 = sigmoid(x @ W1.T + b1)
        loss, d2 = softmax_cross_entropy(a1 @ W2.T + b2, y)

        d1 = d2 @ W2 * a1 * (1 - a1)
        return loss, [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0)]


class DeepSigmoidSoftmax(HandDerived):
    """Sigmoid, sigmoid, softmax, cross-entropy: MNIST, and the deeper digits."""

    def gradients(self, x: Array, y: Array) -> tuple[Array, list[Array]]:
        W1, b1, W2, b2, W3, b3 = self._parameters
        with np.errstate(over="ignore"):
            a1 = sigmoid(x @ W1.T + b1)
            a2 = sigmoid(a1 @ W2.T + b2)
        loss, d3 = softmax_cross_entropy(a2 @ W3.T + b3, y)

        d2 = d3 @ W3 * a2 * (1 - a2)
        d1 = d2 @ W2 * a1 * (1 - a1)
        gradients = [d1.T @ x, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0), d3.T @ a2, d3.sum(axis=0)]
        return loss, gradients


@dataclasses.dataclass(frozen=True)
class System:
    """A system as it is measured: its network, its layer sizes and its batch."""

    name: str
    network: type[HandDerived]
    layers: tuple[int, ...]
    batch: int

    def new(self, seed: int, dtype: DTypeLike = np.float64, scale: float = 1.0) -> HandDerived:
        """Return the network with W ~ scale·N(0, 1) and b = 0."""
        return self.network(*normal_parameters(self.layers, seed, dtype, scale))

    def random_batch(self, seed: int, dtype: DTypeLike = np.float64) -> tuple[Array, Array]:
        """Return x, uniform in 0 to 1, and y as the network wants it, of the system's sizes."""
        rng = np.random.default_rng(seed)
        x = rng.random((self.batch, self.layers[0])).astype(dtype)
        if self.network is Xor or self.network is Letters:
            return x, rng.integers(0, 2, (self.batch, self.layers[-1])).astype(dtype)
        return x, rng.integers(0, self.layers[-1], self.batch)


def normal_parameters(
    layers: Sequence[int], seed: int, dtype: DTypeLike = np.float64, scale: float = 1.0
) -> list[Array]:
    """Return W1, b1, W2, b2, … with W ~ scale·N(0, 1) of shape (out, in), and b = 0."""
    rng = np.random.default_rng(seed)
    parameters: list[Array] = []
    for inputs, outputs in itertools.pairwise(layers):
        parameters.append((scale * rng.standard_normal((outputs, inputs))).astype(dtype))
        parameters.append(np.zeros(outputs, dtype))
    return parameters


SYSTEMS = {
    system.name: system
    for system in (
        System("xor", Xor, (2, 2, 1), 4),
        System("patterns", ReluSoftmax, (4, 8, 4), 8),
        System("letters", Letters, (30, 5, 3), 3),
        System("digits", SigmoidSoftmax, (64, 64, 10), 1437),
        System("digits-deep", DeepSigmoidSoftmax, (64, 64, 32, 10), 1437),
        System("mnist", DeepSigmoidSoftmax, (784, 128, 64, 10), 64),
        System("mnist-small", ReluSoftmax, (784, 10, 10), 4100),
    )
}
