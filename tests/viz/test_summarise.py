"""Value texts, histograms and heat-map data."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from tinygrad_edu.viz.reading.summarise import elements_text, heatmap, histogram, summarise


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.float64(3), "3"),
        (np.array(True), "True"),
        (np.array(-1.0 / 3), "-0.333"),
        (np.array([1, -2, 3]), "[1 -2 3]"),
        (np.array([[0.0893, -0.093], [0.4531, 1.14e-05]]), "[[0.0893 -0.093] [0.453 1.14e-05]]"),
        (np.array([np.nan, np.inf, -np.inf]), "[nan inf -inf]"),
        (np.zeros((0, 3)), "empty, shape (0, 3)"),
        (np.zeros((1, 1, 1)), "[[[0]]]"),
        (np.full(7, 2.5), "all 2.5"),
        (np.arange(10), "mean 4.5 sd 2.87 [0 .. 9]"),
        (np.array([True] * 3 + [False] * 5), "3 of 8 true"),
        (np.array([0.0] * 8 + [1.0, 3.0]), "mean 0.4 sd 0.917 [0 .. 3] 80% zero"),
        (np.array([1.0] * 9 + [np.nan, np.inf]), "all finite 1 NaN 1/11 Inf 1/11"),
        (np.full(7, np.nan), "no finite element NaN 7/7"),
        (np.array([1 + 2j, 1 - 2j]), "[1+2j 1-2j]"),
    ],
)
def test_text(array: np.ndarray, text: str) -> None:
    assert summarise(array).text == text


def test_six_elements_are_printed_and_seven_are_described() -> None:
    assert summarise(np.arange(6.0)).text == "[0 1 2 3 4 5]"
    assert summarise(np.arange(7.0)).text == "mean 3 sd 2 [0 .. 6]"


def test_counts_and_sizes() -> None:
    s = summarise(np.array([0.0, 3.0, -4.0, np.nan, np.inf, -np.inf, 0.0]))
    assert (s.size, s.nan, s.inf, s.zero, s.largest) == (7, 1, 2, 2, 4.0)
    assert s.rms == pytest.approx(math.sqrt(25 / 4))


def test_statistics_survive_the_ends_of_the_float_range() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        huge = summarise(np.array([1e308, -1e308] * 5))
        tiny = summarise(np.array([5e-324] * 3 + [0.0] * 9))
        half = summarise(np.full(9, 60000, dtype=np.float16))
    assert huge.rms == pytest.approx(1e308)
    assert "mean 0 sd 1e+308" in huge.text
    assert tiny.text.endswith("[0 .. 4.94e-324] 75% zero")
    assert half.rms == pytest.approx(60000)


def test_one_nonzero_in_a_thousand_is_not_called_all_zero() -> None:
    values = np.zeros(1000)
    values[3] = 1.0
    assert summarise(values).text.endswith(">99% zero")


def test_the_array_is_left_as_it_was() -> None:
    values = np.array([[1.0, np.nan]])
    values.flags.writeable = False
    before = values.tobytes()
    summarise(values)
    assert values.tobytes() == before


def test_what_is_no_number_is_named() -> None:
    assert summarise(np.array(["a", "b"])).text == "<U1 (2,)"


def test_elements_text_nests_as_the_array_does() -> None:
    assert elements_text(np.arange(4).reshape(2, 1, 2)) == "[[[0 1]] [[2 3]]]"


def test_histogram_counts_every_finite_element_once() -> None:
    values = np.append(np.random.default_rng(0).normal(size=1000), [np.nan, np.inf])
    found = histogram(values)
    assert found is not None
    assert len(found.counts) == 20
    assert sum(found.counts) == 1000
    counts, _ = np.histogram(values[:1000], bins=20)
    assert found.counts == tuple(counts.tolist())


def test_histogram_at_the_edges() -> None:
    assert histogram([np.nan]) is None
    constant = histogram(np.full(5, 2.0))
    assert constant is not None
    assert (sum(constant.counts), len(constant.counts)) == (5, 20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wide = histogram(np.array([-1.7e308, 0.0, 1.7e308]))
    assert wide is not None
    assert sum(wide.counts) == 3
    assert wide.counts[0] == wide.counts[10] == wide.counts[19] == 1


def test_heatmap() -> None:
    found = heatmap(np.array([[1.0, -3.0], [np.nan, 0.0]]))
    assert found is not None
    assert (found.rows, found.columns, found.limit) == (2, 2, 3.0)
    assert found.values == (1.0, -3.0, None, 0.0)
    assert heatmap(np.zeros((65, 2))) is None
    assert heatmap(np.zeros((2, 3, 4))) is None
    assert heatmap(np.float64(1)) is None
    row = heatmap(np.arange(3.0))
    assert row is not None
    assert (row.rows, row.columns) == (1, 3)


def test_full_text_up_to_a_thousand_elements() -> None:
    assert "..." not in summarise(np.zeros(1000)).full
    assert summarise(np.zeros(1001)).full == ""
    assert summarise(np.zeros(9), detail=False).full == ""
