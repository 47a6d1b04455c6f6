import itertools

import numpy as np
import pytest

from tinygrad_edu.datasets import letters, patterns, unlabelled_patterns, xor
from tinygrad_edu.datasets.small import pattern_class

LOADERS = [xor, patterns, letters]


@pytest.mark.parametrize("loader", LOADERS)
def test_types_and_shapes_fit_together(loader):
    for dtype in (np.float32, np.float64):
        data = loader(dtype)
        assert data.x.dtype == dtype
        assert data.y.dtype == np.int64
        assert data.x.shape[0] == len(data.y) == len(data)
        assert data.y.max() == len(data.class_names) - 1
        assert not data.is_subset
        assert set(np.unique(data.x)) == {0, 1}
        np.testing.assert_array_equal(data.raw, data.x)


@pytest.mark.parametrize("loader", LOADERS)
def test_each_call_gives_arrays_of_its_own(loader):
    loader().x[:] = 7
    assert loader().x.max() == 1


def test_xor_is_the_truth_table():
    data = xor()
    table = {tuple(row): int(target) for row, target in zip(data.x.astype(int).tolist(), data.y)}
    assert table == {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}


def test_eight_of_the_sixteen_patterns_are_labelled_two_of_each_class():
    data = patterns()
    assert data.class_names == ("solid", "vertical", "horizontal", "diagonal")
    np.testing.assert_array_equal(np.bincount(data.y), [2, 2, 2, 2])
    named = {
        (name, tuple(pixels))
        for name, pixels in zip((data.class_names[index] for index in data.y), data.raw.tolist())
    }
    assert named == {
        ("solid", (0, 0, 0, 0)),
        ("solid", (1, 1, 1, 1)),
        ("vertical", (0, 1, 0, 1)),
        ("vertical", (1, 0, 1, 0)),
        ("horizontal", (0, 0, 1, 1)),
        ("horizontal", (1, 1, 0, 0)),
        ("diagonal", (0, 1, 1, 0)),
        ("diagonal", (1, 0, 0, 1)),
    }


def test_labelled_and_unlabelled_are_all_sixteen():
    every = {tuple(row) for row in [*patterns().x.tolist(), *unlabelled_patterns().tolist()]}
    assert every == set(itertools.product((0, 1), repeat=4))
    assert unlabelled_patterns(np.float64).dtype == np.float64
    assert set(unlabelled_patterns().sum(axis=1)) == {1, 3}


def test_only_a_solid_pattern_meets_several_rules_and_solid_comes_first():
    assert pattern_class(1, 1, 1, 1) == pattern_class(0, 0, 0, 0) == 0


def test_the_letters_are_those_of_the_lesson():
    data = letters()
    assert data.class_names == ("A", "B", "C")
    drawn = ["".join(" #"[pixel] for pixel in row) for row in data.images[0].astype(int)]
    assert drawn == ["  ##  ", " #  # ", "######", "#    #", "#    #"]
    rows = [" ".join("".join(map(str, row)) for row in image) for image in data.images.astype(int)]
    assert rows[1] == "011110 010010 011110 010010 011110"
    assert rows[2] == "011110 010000 010000 010000 011110"
