"""The 8×8 handwritten digits: 1,797 real ones, bundled.

The test set of "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak (1998), UCI
Machine Learning Repository, doi:10.24432/C50P49, CC BY 4.0: the set that scikit-learn ships as
`load_digits`.
"""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .idx import read_idx
from .samples import Samples, scaled

DIGITS_FOLDER = Path(__file__).with_name("bundled") / "digits"
DIGIT_NAMES = tuple("0123456789")
LARGEST_PIXEL = 16


def digits(
    dtype: DTypeLike = np.float32, *, scaling: Literal["full", "per-pixel"] = "full"
) -> Samples:
    """Return the 1,797 handwritten digits of 8×8 pixels: x (1797, 64), y (1797,), raw 0 … 16.

    `digits().split()` holds out the 360 that scikit-learn's `train_test_split(test_size=0.2,
    random_state=42)` does.

    Parameters
    ----------
    dtype
        The floating-point type of `x`.
    scaling
        "full" divides by 16. "per-pixel" takes each pixel's own least and largest value over the
        set to 0 and 1, as scikit-learn's `MinMaxScaler` does; pixels that never vary become 0.

    Raises
    ------
    ValueError
        Another scaling.
    TypeError
        A `dtype` that is not floating point.
    """
    if scaling not in ("full", "per-pixel"):
        raise ValueError(
            f"digits was given scaling={scaling!r}, expected 'full' (pixels / 16) or 'per-pixel' "
            f"(each pixel by its own range). Type digits(scaling='full')."
        )
    raw = read_idx(DIGITS_FOLDER / "images-idx3-ubyte.gz").reshape(-1, 64)
    return Samples(
        name="digits",
        raw=raw,
        x=scaled(raw, LARGEST_PIXEL, dtype) if scaling == "full" else _by_range(raw, dtype),
        y=read_idx(DIGITS_FOLDER / "labels-idx1-ubyte.gz").astype(np.int64),
        class_names=DIGIT_NAMES,
        image_shape=(8, 8),
        provenance=(
            "1,797 handwritten digits of 8×8 pixels: Optical Recognition of Handwritten Digits, "
            "E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository, CC BY 4.0"
        ),
    )


def _by_range(raw: NDArray[Any], dtype: DTypeLike) -> NDArray[np.floating[Any]]:
    least, largest = raw.min(axis=0), raw.max(axis=0)
    return scaled(raw - least, np.maximum(largest - least, 1), dtype)
