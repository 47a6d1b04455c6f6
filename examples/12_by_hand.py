"""12 · Gradients worked out on paper, with the mistakes that were published.

The problem
    The networks of lessons 1 to 5 were first programmed with gradients derived by hand. Such a
    gradient may be wrong and still train: it points roughly downhill. Nobody notices.

What you will see
    Each derivation as it was typed, beside the loss that its program printed; what
    `tg.check_derivation` says of it: which gradient, where, what kind of mistake; and the line that
    puts it right. Losses and gradients are plain NumPy: no graph is needed to check them.

Run it: python examples/12_by_hand.py
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import datasets
from tinygrad_edu.checking import GradReport

rng = np.random.default_rng(0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def weights(*sizes: int) -> list[np.ndarray]:
    """W1, b1, W2, b2 of a network with one hidden layer."""
    inputs, hidden, outputs = sizes
    W1, W2 = rng.standard_normal((inputs, hidden)), rng.standard_normal((hidden, outputs))
    return [W1, 0.1 * rng.standard_normal(hidden), W2, 0.1 * rng.standard_normal(outputs)]


def backward(x: np.ndarray, a1: np.ndarray, W2: np.ndarray, dz2: np.ndarray) -> list[np.ndarray]:
    """From the gradient at the output's pre-activation on, everybody had it right."""
    dz1 = dz2 @ W2.T * a1 * (1 - a1)
    return [x.T @ dz1, dz1.sum(axis=0), a1.T @ dz2, dz2.sum(axis=0)]


def sigmoid_network(x: np.ndarray, loss: Callable, dz2: Callable, activation=sigmoid) -> tuple:
    """A loss of the parameters, and its gradient, from one at the output."""

    def f(W1, b1, W2, b2):
        z1 = x @ W1 + b1
        a1 = sigmoid(z1)
        z2 = a1 @ W2 + b2
        p = activation(z2)
        return loss(p)

    def gradient(W1, b1, W2, b2):
        a1 = sigmoid(x @ W1 + b1)
        return backward(x, a1, W2, dz2(activation(a1 @ W2 + b2)))

    return f, gradient


def check(title: str, f: Callable, gradient: Callable, parameters: list) -> GradReport:
    report = tg.check_derivation(f, gradient, *parameters)
    said = str(report)
    # Of a right gradient the first line says enough.
    print(f"--- {title}\n{said.splitlines()[0] if report else said}\n")
    return report


def main() -> dict[str, Any]:
    reports: dict[str, Any] = {}
    # ------------------------------------------------------------ 1 · XOR: ½(p − y)², and right
    x, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    f, g = sigmoid_network(x, lambda p: ((p - y) ** 2).sum() / 2, lambda p: (p - y) * p * (1 - p))
    reports["xor"] = check("XOR, as published: right", f, g, weights(2, 2, 1))

    # ----------------------------------- 2 · letters: mean squared error printed, p − y descended
    letters = datasets.letters()
    x, y = letters.x.astype(float), letters.one_hot().astype(float)
    f, g = sigmoid_network(x, lambda p: ((p - y) ** 2).mean(), lambda p: p - y)
    reports["letters"] = check("letters: MSE with the gradient p - y", f, g, weights(30, 5, 3))
    # p − y is right, but for another loss: cross-entropy behind a sigmoid.
    f, _ = sigmoid_network(
        x, lambda p: -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(), lambda p: p - y
    )
    reports["letters, right"] = check("p - y with cross-entropy", f, g, weights(30, 5, 3))

    # ------------------------------------ 3 · digits: three losses on offer, none with its gradient
    some = datasets.digits()
    x, y = some.x[:20].astype(float) / 16, some.one_hot()[:20].astype(float)
    parameters, m = weights(64, 16, 10), len(x)
    f, g = sigmoid_network(
        x, lambda p: -(y * np.log(p)).mean(), lambda p: (p - y) / m, activation=softmax
    )
    reports["digits, categorical"] = check("digits: mean over all entries", f, g, parameters)
    f, g = sigmoid_network(
        x,
        lambda p: -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(),
        lambda p: -(y / p - (1 - y) / (1 - p)) / m,
    )
    reports["digits, logistic"] = check("digits: log loss without sigma'", f, g, parameters)
    f, g = sigmoid_network(x, lambda p: ((p - y) ** 2).mean(), lambda p: (p - y) / m)
    reports["digits, mse"] = check("digits: MSE without sigma' and 2/K", f, g, parameters)
    K = y.shape[1]
    f, g = sigmoid_network(
        x, lambda p: ((p - y) ** 2).mean(), lambda p: 2 / (m * K) * (p - y) * p * (1 - p)
    )
    reports["digits, right"] = check("digits: MSE, with both", f, g, parameters)

    # ------------- 4 · MNIST, small: biases summed over their units too (here on the digits' data)
    f, g = sigmoid_network(
        x, lambda p: -(y * np.log(p)).sum() / m, lambda p: (p - y) / m, activation=softmax
    )

    def published(*parameters):
        dW1, db1, dW2, db2 = g(*parameters)
        return dW1, db1.sum(), dW2, db2.sum()

    reports["mnist"] = check("MNIST: biases summed over units too", f, published, parameters)
    reports["mnist, right"] = check("MNIST: over samples alone", f, g, parameters)
    trained = [p.copy() for p in parameters]
    for _ in range(100):
        for p, gradient in zip(trained, published(*trained)):
            p -= 0.5 * gradient
    moved = np.abs(trained[3] - parameters[3]).max()
    print(f"100 steps as published: the output bias has moved by {moved:.0e}, as foretold\n")
    print(reports["mnist"].explain())
    return {**reports, "moved": moved}


if __name__ == "__main__":
    main()
