"""Makes the bundled data again, from where it came.

    python -m tests.reference.record_bundled_data digits         # from scikit-learn, if installed
    python -m tests.reference.record_bundled_data mnist FOLDER   # from the genuine MNIST files

The subset of MNIST has as many images of each digit as of any other, taken at even distances
through the file, in the file's order. Even distances, because the two halves of the test file were
written by different people and the first is the easier one (see LeCun's page on MNIST).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu.datasets.idx import write_idx
from tinygrad_edu.datasets.mnist_files import BUNDLED_FOLDER, mnist
from tinygrad_edu.datasets.samples import Samples
from tinygrad_edu.datasets.uci_digits import DIGITS_FOLDER

TRAIN_PER_CLASS, TEST_PER_CLASS = 1500, 250


def evenly_spaced_per_class(labels: NDArray[Any], per_class: int) -> NDArray[np.intp]:
    """Return ascending indices of `per_class` samples of each class, spread over the whole."""
    chosen = []
    for index in np.unique(labels):
        positions = np.flatnonzero(labels == index)
        if len(positions) < per_class:
            raise ValueError(
                f"class {index} has {len(positions)} samples, expected at least {per_class}. "
                f"Build from the full set."
            )
        chosen.append(positions[np.arange(per_class) * len(positions) // per_class])
    return np.sort(np.concatenate(chosen))


def build_digits() -> None:
    """Write the 8×8 digits that scikit-learn ships."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    write_idx(DIGITS_FOLDER / "images-idx3-ubyte.gz", bunch.images.astype(np.uint8))
    write_idx(DIGITS_FOLDER / "labels-idx1-ubyte.gz", bunch.target.astype(np.uint8))


def build_mnist(folder: str | Path) -> None:
    """Write the subset of the MNIST files in `folder`.

    Raises
    ------
    ValueError
        The files are not the full set.
    """
    full = mnist(folder)
    if full.is_subset:
        raise ValueError(
            f"build was given {full.provenance}, expected all of MNIST. Name a folder with the "
            f"full files."
        )
    _write_part("train", full.train, TRAIN_PER_CLASS)
    _write_part("t10k", full.test, TEST_PER_CLASS)


def _write_part(part: str, samples: Samples, per_class: int) -> None:
    indices = evenly_spaced_per_class(samples.y, per_class)
    images = samples.raw[indices].reshape(-1, 28, 28)
    write_idx(BUNDLED_FOLDER / f"{part}-images-idx3-ubyte.gz", images)
    write_idx(BUNDLED_FOLDER / f"{part}-labels-idx1-ubyte.gz", samples.y[indices].astype(np.uint8))


def main(arguments: Sequence[str] | None = None) -> None:
    """Build what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference.record_bundled_data")
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("digits", help="the 8×8 digits, from scikit-learn")
    commands.add_parser("mnist", help="the subset of MNIST").add_argument("folder")
    options = parser.parse_args(arguments)
    if options.what == "digits":
        build_digits()
    else:
        build_mnist(options.folder)


if __name__ == "__main__":
    main()
