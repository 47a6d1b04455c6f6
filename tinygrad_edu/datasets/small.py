"""The data sets small enough to be written out: XOR, the 2×2 patterns, the letters."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .samples import Samples, scaled

PATTERN_CLASSES = ("solid", "vertical", "horizontal", "diagonal")

LETTERS = {
    "A": "001100 010010 111111 100001 100001",
    "B": "011110 010010 011110 010010 011110",
    "C": "011110 010000 010000 010000 011110",
}


def xor(dtype: DTypeLike = np.float32) -> Samples:
    """Return the four rows of exclusive or: x (4, 2), y (4,).

    A network with one output wants its targets as a column: `data.y[:, None]`, in `dtype`.
    """
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.uint8)
    return Samples(
        name="xor",
        raw=rows,
        x=scaled(rows, 1, dtype),
        y=(rows[:, 0] ^ rows[:, 1]).astype(np.int64),
        class_names=("0", "1"),
        image_shape=None,
        provenance="the four rows of the truth table of exclusive or",
    )


def pattern_class(top_left: int, top_right: int, bottom_left: int, bottom_right: int) -> int | None:
    """Return the class of a 2×2 black/white matrix as an index into `PATTERN_CLASSES`.

    Solid: all four equal. Vertical: each column constant. Horizontal: each row constant. Diagonal:
    each diagonal constant. The first rule that holds decides; None where none does.
    """
    rules = (
        top_left == top_right == bottom_left == bottom_right,
        top_left == bottom_left and top_right == bottom_right,
        top_left == top_right and bottom_left == bottom_right,
        top_left == bottom_right and top_right == bottom_left,
    )
    return rules.index(True) if True in rules else None


def patterns(dtype: DTypeLike = np.float32) -> Samples:
    """Return the 8 of the 16 black/white 2×2 matrices that a class rule names: x (8, 4), y (8,).

    In the order of the binary numbers their pixels spell, row by row. The other 8 are
    `unlabelled_patterns`.
    """
    every = itertools.product((0, 1), repeat=4)
    classes = {pixels: pattern_class(*pixels) for pixels in every}
    labelled = {pixels: index for pixels, index in classes.items() if index is not None}
    raw = np.array(list(labelled), np.uint8)
    return Samples(
        name="patterns",
        raw=raw,
        x=scaled(raw, 1, dtype),
        y=np.array(list(labelled.values()), np.int64),
        class_names=PATTERN_CLASSES,
        image_shape=(2, 2),
        provenance="the 2×2 black/white matrices that are solid, vertical, horizontal or diagonal",
    )


def unlabelled_patterns(dtype: DTypeLike = np.float32) -> NDArray[np.floating[Any]]:
    """Return the 8 black/white 2×2 matrices of no class, those of odd parity: shape (8, 4)."""
    every = itertools.product((0, 1), repeat=4)
    raw = np.array([pixels for pixels in every if pattern_class(*pixels) is None], np.uint8)
    return scaled(raw, 1, dtype)


def letters(dtype: DTypeLike = np.float32) -> Samples:
    """Return A, B and C as pictures of 5 rows and 6 columns: x (3, 30), y (3,)."""
    pixels = [[int(pixel) for pixel in rows.replace(" ", "")] for rows in LETTERS.values()]
    raw = np.array(pixels, np.uint8)
    return Samples(
        name="letters",
        raw=raw,
        x=scaled(raw, 1, dtype),
        y=np.arange(len(LETTERS), dtype=np.int64),
        class_names=tuple(LETTERS),
        image_shape=(5, 6),
        provenance="A, B and C drawn by hand as 5×6 pixels",
    )
