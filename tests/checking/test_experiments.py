"""The experiments: known answers, a plot each, and texts that say what is seen."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking import experiments as e


def slope(x, y):
    return np.polyfit(np.log10(x), np.log10(y), 1)[0]


def test_vcurve_has_the_slopes_and_steps_of_theory():
    data = e.vcurve().data
    h, error = data["steps"], data["central"]
    right = (h >= 3e-4) & (h <= 0.3)
    assert abs(slope(h[right], error[right]) - 2) < 0.05
    left = (h >= 1e-11) & (h <= 1e-7)
    assert abs(slope(h[left], error[left]) + 1) < 0.3
    assert 1 / 5 < h[np.argmin(error)] / 8.7e-6 < 5
    assert error.min() <= 4e-11
    assert 1 / 5 < data["steps32"][np.argmin(data["central32"])] / 7.1e-3 < 5
    assert data["central32"].min() <= 5e-5
    assert data["complex"][h < 1e-8].max() <= 1e-15


def test_kinks_have_two_slopes():
    data = e.kink_zoom().data
    assert [data[k]["kind"] for k in ("relu", "abs", "tanh", "cube root", "step")] == [
        "kink",
        "kink",
        "smooth",
        "cusp",
        "step",
    ]
    assert (data["relu"]["left"][0], data["relu"]["right"][0]) == (0, 1)
    assert data["relu"]["central"][0] == 0.5
    assert e.kink_zoom(0.5).data["abs"]["kind"] == "smooth"


def test_gradients_vanish_under_sigmoids_and_not_under_relu():
    data = e.vanishing(depth=20).data
    assert data["sigmoid"][0] < 1e-9 * data["sigmoid"][-1]
    assert 0.05 < data["relu"][0] / data["relu"][-1] < 20
    assert all(len(sizes) == 21 for sizes in data.values())


def test_initialisation_decides_whether_gradients_keep_their_size():
    data = e.initialisation(depth=10).data
    relu = data["relu"]
    assert relu[0] < 1e-3
    assert relu[-1] > 1e3
    best = data["scales"][np.argmin(np.abs(np.log(relu)))]
    assert 1 < best < 2


def test_naive_softmax_ends_where_exp_overflows():
    data = e.softmax_stability().data
    finite = np.isfinite(data["naive"])
    assert 60 < data["scores"][finite].max() < 100
    assert np.isfinite(data["stable"]).all()


def test_taylor_reads_the_planted_error():
    data = e.taylor(1e-4).data
    assert data["right"]
    assert data["wrong"].status == "FAIL"
    assert abs(data["wrong"].slope_error - 1e-4) < 1e-6


def test_hidden_bug_has_an_answer_and_repeats():
    bug = e.find_the_bug(2)
    assert bug.op.name in bug.answer()
    assert bug.check().first_wrong.op.split()[0] == bug.op.name
    again = e.find_the_bug(2)
    assert (again.op, again.mutation.name) == (bug.op, bug.mutation.name)


@pytest.mark.parametrize("name", sorted(e.EXPERIMENTS))
def test_every_experiment_draws_and_tells(name, tmp_path):
    pytest.importorskip("matplotlib")
    found = e.EXPERIMENTS[name]()
    assert found.name == name
    assert len(found.text) > 150
    found.save(tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").stat().st_size > 5000
