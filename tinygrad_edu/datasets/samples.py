"""What a loader returns: labelled samples as plain NumPy arrays, and how they are split.

`Samples` is a set, `Split` a set to train on and one to test with, `split_indices` the shuffle.
"""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """Labelled samples.

    Attributes
    ----------
    name
        What the set is called, for titles.
    raw
        Shape (samples, features), integers: the values as they were stored.
    x
        Shape (samples, features), floating point: `raw` scaled to 0 … 1.
    y
        Shape (samples,), int64: the index of each sample's class.
    class_names
        The name of each class.
    image_shape
        (rows, columns) of the picture that a row of `x` is, or None where it is no picture.
    provenance
        Where the data comes from, in a sentence fit to be shown.
    is_subset
        Whether this is a part of a larger set, so that results are not those of the whole.
    """

    name: str
    raw: NDArray[np.integer[Any]]
    x: NDArray[np.floating[Any]]
    y: NDArray[np.int64]
    class_names: tuple[str, ...]
    image_shape: tuple[int, int] | None
    provenance: str
    is_subset: bool = False

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        subset = ", a subset" if self.is_subset else ""
        return (
            f"Samples({self.name!r}{subset}: x {self.x.shape} {self.x.dtype}, "
            f"y {self.y.shape}, {len(self.class_names)} classes)"
        )

    @property
    def images(self) -> NDArray[np.floating[Any]]:
        """The rows of `x` as pictures: shape (samples, rows, columns), a view.

        Raises
        ------
        ValueError
            The samples are no pictures.
        """
        if self.image_shape is None:
            raise ValueError(
                f"{self.name} has no pictures: its samples are {self.x.shape[1]} plain numbers. "
                f"Use .x instead of .images."
            )
        return self.x.reshape(-1, *self.image_shape)

    def one_hot(self) -> NDArray[np.floating[Any]]:
        """Return the labels as rows with a single 1: shape (samples, classes), dtype of `x`."""
        return np.eye(len(self.class_names), dtype=self.x.dtype)[self.y]

    def take(self, indices: NDArray[np.integer[Any]]) -> "Samples":
        """Return the samples at `indices`, in that order, as copies."""
        return dataclasses.replace(
            self, raw=self.raw[indices], x=self.x[indices], y=self.y[indices]
        )

    def split(self, test: float | int = 0.2, seed: int = 42) -> "Split":
        """Shuffle, and hold some samples out; see `split_indices`."""
        train_indices, test_indices = split_indices(len(self), test, seed)
        return Split(self.take(train_indices), self.take(test_indices))


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """Samples to train on, and samples to test with that training never sees."""

    train: Samples
    test: Samples

    @property
    def is_subset(self) -> bool:
        """Whether either part is a part of a larger set."""
        return self.train.is_subset or self.test.is_subset

    @property
    def provenance(self) -> str:
        """Where the data comes from."""
        return self.train.provenance


def split_indices(
    samples: int, test: float | int = 0.2, seed: int = 42
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return shuffled indices (train, test) that hold out some of `samples`.

    The same indices as scikit-learn's `train_test_split(..., test_size=test, random_state=seed)`:
    a permutation by the Mersenne Twister, its first entries for testing, the rest for training.

    Parameters
    ----------
    samples
        How many there are.
    test
        A fraction between 0 and 1, rounded up to whole samples, or a whole number of samples.
    seed
        0 to 2**32 - 1.

    Raises
    ------
    ValueError
        `test` leaves nothing to test with or nothing to train on.
    TypeError
        `test` is not a number.
    """
    if isinstance(test, bool) or not isinstance(test, int | float | np.integer | np.floating):
        raise TypeError(
            f"split was given test={test!r} of type {type(test).__name__}, expected a fraction "
            f"such as 0.2 or a number of samples such as 1000."
        )
    is_count = isinstance(test, int | np.integer)
    if not is_count and not 0.0 < test < 1.0:
        raise ValueError(
            f"split was given test={test}, expected a fraction between 0 and 1, both excluded, "
            f"or a whole number of samples. Type test=0.2 for a fifth."
        )
    held_out = int(test) if is_count else math.ceil(test * samples)
    if not 0 < held_out < samples:
        raise ValueError(
            f"split was given test={test} of {samples} samples, which leaves "
            f"{held_out} to test with and {samples - held_out} to train on; expected at least one "
            f"of each. Type a test between 1 and {samples - 1}, or a fraction."
        )
    order = np.random.RandomState(seed).permutation(samples).astype(np.int64, copy=False)
    return order[held_out:], order[:held_out]


def scaled(
    values: NDArray[np.integer[Any]], largest: int | NDArray[np.integer[Any]], dtype: DTypeLike
) -> NDArray[np.floating[Any]]:
    """Return `values / largest` computed in `dtype`.

    Raises
    ------
    TypeError
        `dtype` is not a floating-point one.
    """
    wanted = np.dtype(dtype)
    if not np.issubdtype(wanted, np.floating):
        raise TypeError(
            f"the loader was given dtype={wanted}, expected a floating-point one, since samples "
            f"are scaled to 0 … 1. Type dtype=np.float32 or dtype=np.float64."
        )
    result: NDArray[np.floating[Any]] = np.divide(values, largest, dtype=wanted)
    return result
