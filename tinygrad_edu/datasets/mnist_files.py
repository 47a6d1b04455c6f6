"""MNIST: 28×28 handwritten digits, from wherever they are, and a bundled subset where they are not.

In this order: a folder named by the caller or by the environment variable TINYGRAD_EDU_DATA; the
cache; with `download=True`, public mirrors; the bundled subset.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .cache import cache_folder
from .download import MNIST_FILES, DownloadError, download_mnist
from .idx import IdxError, read_idx
from .samples import Samples, Split, scaled

BUNDLED_FOLDER = Path(__file__).with_name("bundled") / "mnist_subset"
DATA_VARIABLE = "TINYGRAD_EDU_DATA"
CLASSES = 10
FULL_COUNTS = (60_000, 10_000)


def mnist(
    data: str | os.PathLike[str] | None = None,
    *,
    download: bool = False,
    dtype: DTypeLike = np.float32,
) -> Split:
    """Return MNIST's training and test images: x (images, 784), y (images,), raw 0 … 255.

    Its `provenance` says where they come from, its `is_subset` whether they are all of them.

    Parameters
    ----------
    data
        A folder holding the four IDX files, gzipped or not, itself or in `mnist` or `MNIST/raw`
        below it. Without it, the environment variable TINYGRAD_EDU_DATA may name one; without
        either, the cache is looked in, and last the bundled subset is taken.
    download
        Whether to fetch what the cache lacks from public mirrors, where no folder is named.
    dtype
        The floating-point type of `x`, pixels / 255.

    Raises
    ------
    FileNotFoundError
        The named folder does not hold the four files.
    IdxError
        A file is damaged, or not what its name says.
    DownloadError
        `download` was asked for and no mirror gave the genuine files.
    TypeError
        A `dtype` that is not floating point.
    """
    folder = _find_folder(data, download)
    paths = _files_in(folder)
    parts = [
        _read_part(paths[f"{part}-images-idx3-ubyte"], paths[f"{part}-labels-idx1-ubyte"])
        for part in ("train", "t10k")
    ]
    counts = tuple(len(labels) for _, labels in parts)
    is_subset = counts != FULL_COUNTS
    provenance = _provenance(folder, counts)
    train, test = (
        Samples(
            name="MNIST subset" if is_subset else "MNIST",
            raw=images,
            x=scaled(images, 255, dtype),
            y=labels.astype(np.int64),
            class_names=tuple(str(digit) for digit in range(CLASSES)),
            image_shape=(28, 28),
            provenance=provenance,
            is_subset=is_subset,
        )
        for images, labels in parts
    )
    return Split(train, test)


def _provenance(folder: Path, counts: tuple[int, ...]) -> str:
    train, test = counts
    if folder == BUNDLED_FOLDER:
        return (
            f"a bundled subset of MNIST: {train:,} of the 60,000 training images and {test:,} of "
            f"the 10,000 test images (Y. LeCun and C. Cortes, CC BY-SA 3.0)"
        )
    if counts == FULL_COUNTS:
        return f"MNIST, all 60,000 training and 10,000 test images, from {folder}"
    return f"a subset of MNIST: {train:,} training and {test:,} test images, from {folder}"


def _files_in(folder: Path) -> dict[str, Path]:
    """Return which of the four files are there, by name; an unpacked one before a packed one."""
    found = {}
    for name in MNIST_FILES:
        # Some unpackers write train-images.idx3-ubyte.
        dotted = name.replace("-idx", ".idx")
        for variant in (name, dotted, f"{name}.gz", f"{dotted}.gz"):
            if (folder / variant).is_file():
                found[name] = folder / variant
                break
    return found


def _find_folder(data: str | os.PathLike[str] | None, download: bool) -> Path:
    named = os.environ.get(DATA_VARIABLE) or None if data is None else data
    if named is not None:
        top = Path(named).expanduser()
        for folder in (top, top / "mnist", top / "MNIST" / "raw"):
            if len(_files_in(folder)) == len(MNIST_FILES):
                return folder
        what = f"data={str(named)!r}" if data is not None else f"{DATA_VARIABLE}={named}"
        if not top.is_dir():
            state = "which is no folder" if top.exists() else "which does not exist"
        else:
            missing = ", ".join(name for name in MNIST_FILES if name not in _files_in(top))
            state = f"which lacks {missing}"
        raise FileNotFoundError(
            f"mnist was given {what}, {state}. Expected a folder holding the four files "
            f"{', '.join(MNIST_FILES)}, each plain or as .gz. Name such a folder, or leave it out "
            f"to use the cache or the bundled subset; download=True fetches the files."
        )
    cache = cache_folder()
    if download:
        if cache is None:
            raise DownloadError(
                "mnist was given download=True, but there is no home folder to keep a cache in. "
                "Expected one, or XDG_CACHE_HOME: set XDG_CACHE_HOME to a folder's full path."
            )
        download_mnist(cache / "mnist")
    if cache is not None and len(_files_in(cache / "mnist")) == len(MNIST_FILES):
        return cache / "mnist"
    return BUNDLED_FOLDER


def _read_part(images_path: Path, labels_path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return images as rows of 784 uint8 and labels as uint8, checked against each other."""
    images = read_idx(images_path)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise IdxError(
            f"{images_path}: holds {images.dtype} of shape {images.shape}, expected MNIST's "
            f"images: uint8 of shape (images, 28, 28). Is it another data set, or the labels' file "
            f"under the images' name? Put the genuine file there."
        )
    labels = read_idx(labels_path)
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise IdxError(
            f"{labels_path}: holds {labels.dtype} of shape {labels.shape}, expected MNIST's "
            f"labels: uint8 of shape (images,). Is it the images' file under the labels' name? Put "
            f"the genuine file there."
        )
    if len(images) != len(labels):
        raise IdxError(
            f"{images_path} holds {len(images):,} images, but {labels_path.name} beside it holds "
            f"{len(labels):,} labels; expected as many of one as of the other. Take both files "
            f"from the same place."
        )
    if len(images) == 0:
        raise IdxError(
            f"{images_path}: holds no images, expected at least one. Put the genuine file there."
        )
    wrong = np.flatnonzero(labels >= CLASSES)
    if len(wrong):
        raise IdxError(
            f"{labels_path}: {len(wrong):,} of {len(labels):,} labels are out of range, the first "
            f"being {labels[wrong[0]]} at position {wrong[0]}; expected digits 0 … 9. Is it "
            f"another data set (EMNIST's letters go to 26)? Put the genuine file there."
        )
    return images.reshape(len(images), -1), labels
