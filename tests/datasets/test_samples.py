import numpy as np
import pytest

from tinygrad_edu.datasets import digits, split_indices, xor
from tinygrad_edu.datasets.samples import scaled


@pytest.mark.torch
@pytest.mark.parametrize(("samples", "test", "seed"), [(1797, 0.2, 42), (10, 0.33, 0), (50, 7, 3)])
def test_the_split_is_scikit_learns(samples, test, seed):
    selection = pytest.importorskip("sklearn.model_selection")
    expected = selection.train_test_split(np.arange(samples), test_size=test, random_state=seed)
    for ours, theirs in zip(split_indices(samples, test, seed), expected):
        np.testing.assert_array_equal(ours, theirs)


def test_the_default_split_of_the_digits_is_the_published_one():
    # Recorded from scikit-learn 1.9.1: train_test_split(range(1797), test_size=.2, random_state=42)
    train, test = split_indices(1797)
    assert (len(train), len(test)) == (1437, 360)
    np.testing.assert_array_equal(train[:5], [1734, 855, 1642, 175, 925])
    np.testing.assert_array_equal(test[:5], [1245, 220, 1518, 438, 1270])
    assert sorted([*train, *test]) == list(range(1797))


def test_a_split_holds_the_samples_of_its_indices():
    data = digits()
    parts = data.split(100, seed=1)
    train, test = split_indices(len(data), 100, seed=1)
    assert (len(parts.train), len(parts.test)) == (1697, 100)
    np.testing.assert_array_equal(parts.train.x, data.x[train])
    np.testing.assert_array_equal(parts.test.raw, data.raw[test])
    np.testing.assert_array_equal(parts.test.y, data.y[test])
    assert parts.provenance == data.provenance
    assert not parts.is_subset


@pytest.mark.parametrize("test", [0.0, 1.0, -0.2, 1.5, float("nan")])
def test_a_fraction_outside_0_to_1_is_refused(test):
    with pytest.raises(ValueError, match=r"given test=.*expected a fraction between 0 and 1"):
        split_indices(10, test)


@pytest.mark.parametrize("test", [0, 10, -1, 11])
def test_a_count_that_leaves_nothing_is_refused(test):
    with pytest.raises(ValueError, match=rf"test={test} of 10 samples.*between 1 and 9"):
        split_indices(10, test)


@pytest.mark.parametrize("test", ["0.2", None, True])
def test_a_test_size_that_is_no_number_is_refused(test):
    with pytest.raises(TypeError, match=r"expected a fraction such as 0\.2 or a number"):
        split_indices(10, test)


def test_one_hot_rows_are_in_the_dtype_of_x():
    rows = xor(np.float64).one_hot()
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, [[1, 0], [0, 1], [0, 1], [1, 0]])


def test_samples_without_a_picture_say_so():
    with pytest.raises(ValueError, match=r"xor has no pictures: its samples are 2 plain numbers"):
        _ = xor().images


def test_pictures_are_a_view_of_the_rows():
    data = digits()
    assert data.images.shape == (1797, 8, 8)
    assert np.shares_memory(data.images, data.x)


@pytest.mark.parametrize("dtype", [np.int64, bool, np.complex128])
def test_scaling_to_a_type_that_is_not_floating_point_is_refused(dtype):
    with pytest.raises(TypeError, match=r"expected a floating-point one.*dtype=np\.float32"):
        scaled(np.array([1]), 1, dtype)


def test_the_repr_names_shapes_and_a_subset():
    assert repr(xor()) == "Samples('xor': x (4, 2) float32, y (4,), 2 classes)"
