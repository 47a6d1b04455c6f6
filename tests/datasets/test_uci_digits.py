import hashlib

import numpy as np
import pytest

from tests.reference import record_bundled_data
from tinygrad_edu.datasets import digits, read_idx
from tinygrad_edu.datasets.uci_digits import DIGITS_FOLDER

# Recorded from scikit-learn 1.9.1's load_digits, data and target as uint8.
RECORDED_IMAGES = "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
RECORDED_LABELS = "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0"


def test_shapes_types_and_ranges():
    data = digits()
    assert (data.x.shape, data.x.dtype) == ((1797, 64), np.float32)
    assert (data.raw.shape, data.raw.dtype) == ((1797, 64), np.uint8)
    assert (data.y.shape, data.y.dtype) == ((1797,), np.int64)
    assert (data.raw.min(), data.raw.max()) == (0, 16)
    assert (data.x.min(), data.x.max()) == (0.0, 1.0)
    assert data.class_names == tuple("0123456789")
    assert not data.is_subset
    assert "CC BY 4.0" in data.provenance


def test_full_scaling_divides_by_sixteen():
    data = digits(np.float64)
    np.testing.assert_array_equal(data.x, data.raw / 16)


def test_the_bundled_values_are_the_recorded_ones():
    data = digits()
    assert hashlib.sha256(data.raw.tobytes()).hexdigest() == RECORDED_IMAGES
    assert hashlib.sha256(data.y.astype(np.uint8).tobytes()).hexdigest() == RECORDED_LABELS


@pytest.mark.torch
def test_the_bundled_values_are_scikit_learns():
    bunch = pytest.importorskip("sklearn.datasets").load_digits()
    data = digits()
    np.testing.assert_array_equal(data.raw, bunch.data)
    np.testing.assert_array_equal(data.y, bunch.target)


@pytest.mark.torch
def test_scaling_per_pixel_is_min_max_scaler():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    data = digits(np.float64, scaling="per-pixel")
    expected = preprocessing.MinMaxScaler().fit_transform(data.raw)
    np.testing.assert_allclose(data.x, expected, rtol=1e-15, atol=1e-15)


def test_scaling_per_pixel_reaches_0_and_1_and_leaves_no_nan():
    x = digits(scaling="per-pixel").x
    assert np.isfinite(x).all()
    assert set(x.max(axis=0)) == {0.0, 1.0}  # 0: the pixels that never vary
    assert set(x.min(axis=0)) == {0.0}


def test_another_scaling_is_refused():
    with pytest.raises(ValueError, match=r"scaling='minmax', expected 'full' .* or 'per-pixel'"):
        digits(scaling="minmax")


@pytest.mark.torch
def test_the_bundled_files_can_be_built_again(tmp_path, monkeypatch):
    pytest.importorskip("sklearn.datasets")
    monkeypatch.setattr(record_bundled_data, "DIGITS_FOLDER", tmp_path)
    record_bundled_data.main(["digits"])
    assert len(list(tmp_path.iterdir())) == 2
    for file in tmp_path.iterdir():
        np.testing.assert_array_equal(read_idx(file), read_idx(DIGITS_FOLDER / file.name))
