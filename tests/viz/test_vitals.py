"""What health needs at a glance agrees with the full figures."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.viz.model import Card, View
from tinygrad_edu.viz.reading.summarise import root_mean_square, summarise
from tinygrad_edu.viz.vitals import measured, vitals_of

INF, NAN = float("inf"), float("nan")
ARRAYS = [
    np.array([1.0, -2.0, 3.0], np.float32),
    np.array([1.0, NAN, INF]),
    np.array([[1.0, -INF]], np.float32),
    np.zeros((2, 3)),
    np.zeros((0, 3)),
    np.zeros(3, np.int64),
    np.array([True, False]),
    np.array([1e30, -1e30], np.float32),
    np.array([1e200, 1e200]),
    np.array([1e-30], np.float32),
    np.array([1e-200, 0.0]),
    np.array([5e-324]),
    np.array([1 + 2j, NAN]),
    np.array([0j, 0j]),
    np.array([1 + 0j, 1j]),
    np.array([6e4, 6e4], np.float16),
    np.float32(NAN),
    np.float64(2.0),
]


@pytest.mark.parametrize("array", ARRAYS, ids=repr)
def test_a_glance_sees_what_a_long_look_does(array: np.ndarray) -> None:
    figures = summarise(array, detail=False)
    said = vitals_of(View("one", (Card(3, "tanh", value=figures, grad=figures),)))
    seen = measured([(3, array, array if np.asarray(array).dtype.kind in "fc" else None)])
    assert seen.values == said.values
    assert seen.blank == said.blank
    if np.asarray(array).dtype.kind in "fc":
        assert seen.grads == said.grads
        assert seen.sizes.keys() == said.sizes.keys()
        if array.size and 3 in said.sizes:
            assert seen.sizes[3] == pytest.approx(said.sizes[3], rel=1e-6)


def test_numbers_and_strangers() -> None:
    seen = measured([(0, 1.5, None), (1, -INF, None), (2, "a word", None), (3, None, None)])
    assert set(seen.values) == {1}
    assert seen.values[1].inf == 1


@pytest.mark.parametrize("array", [a for a in ARRAYS if np.asarray(a).dtype.kind in "fc"], ids=repr)
def test_root_mean_square(array: np.ndarray) -> None:
    with np.errstate(over="ignore"):
        found = root_mean_square(array)
    wide = np.abs(np.asarray(array)).astype(np.longdouble)
    exact = float(np.sqrt(np.mean(wide * wide))) if wide.size else 0.0
    assert found == pytest.approx(exact, rel=1e-6, nan_ok=True)
