"""The gradients of the five systems derived by hand, beside the recorded ones.

The calculus, with δ the gradient of the loss at a pre-activation z = W·a + b, n samples in rows and
k outputs:

    layer      ∂L/∂W = δᵀ·a,  ∂L/∂b = Σₙ δ,  ∂L/∂a = δ·W
    sigmoid    σ′(z) = a·(1 − a)
    ReLU       1 where z > 0, else 0
    softmax with cross-entropy           δ = (p − onehot(y)) / n
    half squared error behind a sigmoid  δ = (a − y)·σ′(z) / (n·k)
    mean squared error behind a sigmoid  δ = 2(a − y)·σ′(z) / (n·k)

Source: D. Rumelhart, G. Hinton, R. Williams, "Learning representations by back-propagating errors",
Nature 323 (1986).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..generator import manual_seed
from ..optim import SGD
from ..tensors.tensor import tensor
from .network import build, loss_of
from .settings import Recipe

__all__ = ["Derivation", "derived_gradients", "derivation_of"]

Array = NDArray[Any]
AGREEMENT = 1e-12  # of the largest entry of a step's gradients


def _sigmoid(z: Array) -> Array:
    with np.errstate(over="ignore"):  # 1 / inf is the right answer: 0
        return 1 / (1 + np.exp(-z))


def derived_gradients(
    parameters: list[Array], x: Array, y: Array, recipe: Recipe
) -> tuple[float, list[Array]]:
    """Loss and gradients by the formulas above.

    Parameters
    ----------
    parameters : list of arrays
        W1, b1, W2, b2, …, with W of shape (outputs, inputs).
    x, y : array
        Shape (n, inputs); class indices (n,) behind a softmax, else targets (n, outputs).
    recipe : Recipe
        Which activations and loss.

    Returns
    -------
    (float, list of arrays)
        The loss, and a gradient for each parameter in order.
    """
    weights, biases = parameters[::2], parameters[1::2]
    activations = [x]
    for W, b in zip(weights[:-1], biases[:-1]):
        z = activations[-1] @ W.T + b
        activations.append(
            _sigmoid(z) if recipe.hidden_activation == "sigmoid" else np.maximum(z, 0)
        )
    z = activations[-1] @ weights[-1].T + biases[-1]
    loss, delta = _output(z, y, recipe)

    gradients: list[Array] = []
    for i in reversed(range(len(weights))):
        a = activations[i]
        gradients[:0] = [delta.T @ a, delta.sum(axis=0)]
        if i:
            slope = a * (1 - a) if recipe.hidden_activation == "sigmoid" else a > 0
            delta = delta @ weights[i] * slope
    return loss, gradients


def _output(z: Array, y: Array, recipe: Recipe) -> tuple[float, Array]:
    """The loss, and its gradient at the last pre-activation."""
    n = len(z)
    if recipe.loss == "cross-entropy":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        onehot = np.eye(z.shape[1])[y]
        log_p = z - z.max(axis=1, keepdims=True) - np.log(e.sum(axis=1, keepdims=True))
        return -float((onehot * log_p).sum()) / n, (p - onehot) / n
    a = _sigmoid(z)
    factor = 0.5 if recipe.loss == "half squared error" else 1.0
    loss = factor * float(np.mean((a - y) ** 2))
    return loss, 2 * factor * (a - y) * a * (1 - a) / a.size


@dataclasses.dataclass(frozen=True)
class Derivation:
    """How far the two ways to a gradient lay apart.

    Attributes
    ----------
    steps : int
        Steps of gradient descent in float64 that were compared.
    samples : int
        In the batch that was descended on.
    names : list of str
        Of the parameters.
    differences : list of float
        For each parameter, the largest difference of all steps over the largest entry of that
        step's gradients.
    examples : list of (float, float)
        For each parameter, its largest entry in the last step: derived by hand, and recorded.
    loss_difference : float
        The largest difference of the two losses.
    """

    steps: int
    samples: int
    names: list[str]
    differences: list[float]
    examples: list[tuple[float, float]]
    loss_difference: float

    @property
    def worst(self) -> float:
        """The largest of the differences."""
        return max(self.differences)

    @property
    def agrees(self) -> bool:
        """Whether all are within 1e-12."""
        return self.worst <= AGREEMENT


def derivation_of(
    recipe: Recipe, x: Array, y: Array, *, seed: int = 0, steps: int = 20
) -> Derivation:
    """Train in float64 by the recorded gradients, deriving each by hand at the same parameters.

    Parameters
    ----------
    recipe : Recipe
    x, y : array
        Inputs, and class indices or targets, as the recipe's loss wants them.
    seed : int
        Of the weights.
    steps : int
        Of plain gradient descent, at the recipe's learning rate if that is its optimiser.
    """
    manual_seed(seed)
    model = build(recipe).double()
    loss_function = loss_of(recipe)
    lr = recipe.lr if recipe.optimizer == "gradient descent" else 0.1
    optimizer = SGD(model.parameters(), lr=lr)
    x = x.astype(np.float64)
    y = y if y.dtype.kind in "iu" else y.astype(np.float64)
    inputs, targets = tensor(x), tensor(y)
    named = dict(model.named_parameters())
    differences = [0.0] * len(named)
    examples = [(0.0, 0.0)] * len(named)
    loss_difference = 0.0
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        arrays = [p.detach().numpy() for p in named.values()]
        loss_by_hand, by_hand = derived_gradients(arrays, x, y, recipe)
        recorded = [p.grad.numpy() for p in named.values()]
        largest = max(float(np.abs(g).max()) for g in by_hand)
        for i, (h, r) in enumerate(zip(by_hand, recorded)):
            apart = float(np.abs(h - r).max())
            differences[i] = max(differences[i], apart / largest if apart else 0.0)
            place = np.unravel_index(int(np.abs(h).argmax()), h.shape)
            examples[i] = (float(h[place]), float(r[place]))
        loss_difference = max(loss_difference, abs(float(loss.item()) - loss_by_hand))
        optimizer.step()
    return Derivation(steps, len(x), list(named), differences, examples, loss_difference)
