"""What a person may ask of a run, and what a recipe answers when nothing is asked."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable
from typing import Any, Literal

__all__ = ["Recipe", "Settings", "SettingsError"]

LARGEST_SEED = 2**32 - 1


class SettingsError(ValueError):
    """A setting that a system cannot run with."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What was asked for; None means: as the recipe says.

    Attributes
    ----------
    seed : int
        Of the weights and of the order of samples.
    epochs, lr, layers, hidden
        Instead of the recipe's. `hidden` replaces the sizes between the first and the last layer.
    recipe : str, optional
        By name, where a system has several.
    data : path, optional
        The folder of MNIST's files.
    download : bool
        Whether MNIST may be fetched.
    quick : bool
        Less of everything, to see that it works.

    Raises
    ------
    SettingsError
        For a value out of range.
    """

    seed: int = 0
    epochs: int | None = None
    lr: float | None = None
    layers: tuple[int, ...] | None = None
    hidden: int | None = None
    recipe: str | None = None
    data: str | os.PathLike[str] | None = None
    download: bool = False
    quick: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= LARGEST_SEED:
            raise SettingsError(
                f"the seed was given as {self.seed}; expected 0 to {LARGEST_SEED}. Type --seed 0"
            )
        if self.epochs is not None and self.epochs < 1:
            raise SettingsError(
                f"epochs was given as {self.epochs}; expected at least 1. Type --epochs 10"
            )
        if self.lr is not None and not (math.isfinite(self.lr) and self.lr > 0):
            raise SettingsError(
                f"the learning rate was given as {self.lr}; expected a finite number above 0. "
                f"Type --lr 0.1"
            )
        if self.hidden is not None and self.hidden < 1:
            raise SettingsError(
                f"hidden was given as {self.hidden}; expected at least 1 unit. Type --hidden 3"
            )
        if self.layers is not None and self.hidden is not None:
            raise SettingsError(
                f"both layers ({_dashed(self.layers)}) and hidden ({self.hidden}) were given; "
                f"expected one of them, since layers say the hidden sizes too. Leave one out"
            )
        if self.layers is not None and (len(self.layers) < 2 or min(self.layers) < 1):
            raise SettingsError(
                f"layers were given as {_dashed(self.layers)}; expected at least an input and an "
                f"output size, each at least 1. Type --layers 64,64,10"
            )


def _dashed(layers: tuple[int, ...]) -> str:
    return "-".join(map(str, layers)) or "(none)"


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a system is trained.

    Attributes
    ----------
    layers : tuple of int
        Sizes, from input to output.
    hidden_activation, output_activation : str
        "sigmoid" or "relu"; "sigmoid" or "softmax".
    loss : str
        "half squared error", "mean squared error" or "cross-entropy".
    start : callable
        Fills a model's parameters.
    start_words : str
        What it fills them with, for people.
    optimizer : str
        "gradient descent" or "AdamW".
    lr : float
    epochs : int
    quick_epochs : int
    batch_size : int, optional
        None: all samples at once.
    weight_decay : float
    cosine : bool
        Whether the learning rate falls to 0 along half a cosine.
    measure_every : int
        Epochs between two points of the curves.
    enough : float, optional
        A training loss at which to stop early.
    scaling : "full" or "per-pixel"
        Of the digits' pixels.
    """

    layers: tuple[int, ...]
    hidden_activation: Literal["sigmoid", "relu"]
    output_activation: Literal["sigmoid", "softmax"]
    loss: Literal["half squared error", "mean squared error", "cross-entropy"]
    start: Callable[[Any], None]
    start_words: str
    optimizer: Literal["gradient descent", "AdamW"]
    lr: float
    epochs: int
    quick_epochs: int
    batch_size: int | None = None
    weight_decay: float = 0.0
    cosine: bool = False
    measure_every: int = 1
    enough: float | None = None
    scaling: Literal["full", "per-pixel"] = "full"

    def with_settings(self, settings: Settings, name: str) -> Recipe:
        """The recipe with what was asked for put in.

        Raises
        ------
        SettingsError
            If layers do not fit the data.
        """
        first, last = self.layers[0], self.layers[-1]
        layers = self.layers
        if settings.hidden is not None:
            layers = (first, settings.hidden, last)
        if settings.layers is not None:
            layers = settings.layers
            if (layers[0], layers[-1]) != (first, last):
                raise SettingsError(
                    f"{name} was given layers {_dashed(layers)}; expected {first} at the "
                    f"beginning and {last} at the end, which its data ask for. "
                    f"Type --layers {','.join(map(str, self.layers))}"
                )
        epochs = self.quick_epochs if settings.quick else self.epochs
        if settings.epochs is not None:
            epochs = settings.epochs
        return dataclasses.replace(
            self,
            layers=layers,
            epochs=epochs,
            lr=self.lr if settings.lr is None else settings.lr,
            measure_every=max(1, min(self.measure_every, epochs // 20)),
        )

    @property
    def shape(self) -> str:
        """The layer sizes as people write them: 64-64-10."""
        return _dashed(self.layers)

    @property
    def words(self) -> str:
        """The recipe in one line."""
        batch = "all samples at once" if self.batch_size is None else f"{self.batch_size} at a time"
        parts = [self.optimizer, f"learning rate {self.lr:g}"]
        if self.cosine:
            parts[-1] += " falling to 0 along a cosine"
        if self.weight_decay:
            parts.append(f"weight decay {self.weight_decay:g}")
        parts += [batch, f"{self.epochs:,} epochs", f"weights: {self.start_words}"]
        return ", ".join(parts)
