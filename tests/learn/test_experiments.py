"""The experiments: known answers, a plot each, and texts that say what is seen."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.learn import experiments as e


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


def test_naive_softmax_ends_where_exp_overflows_or_underflows():
    data = e.softmax_stability().data
    whole = data["scores"][np.isfinite(data["naive"])]
    assert 80 < whole.max() < 95
    assert -110 < whole.min() < -80
    assert data["naive"][np.isfinite(data["naive"])].max() < 1e-5
    assert data["stable"].max() < 1e-6


def test_taylor_reads_the_planted_error():
    data = e.taylor(1e-4).data
    assert data["right"]
    assert data["wrong"].status == "FAIL"
    assert abs(data["wrong"].slope_error - 1e-4) < 1e-6


def test_digits_are_lost_by_the_difference_of_large_numbers_alone():
    data = e.dtype_compare().data
    for kept, left in (("float32", 6.5), ("float16", 2.0)):
        bad, good = data[f"mean of squares, {kept}"], data[f"squares of gaps, {kept}"]
        lost = bad["steps"].index("difference")
        assert bad["value"][:lost].min() > left
        assert bad["value"][lost] < left - 1
        assert bad["gradient"][0] < good["gradient"][0] - 1
        assert good["value"].min() > left


def test_a_right_gradient_outgrows_fixed_limits_and_never_its_own():
    data = e.before_after().data
    assert data["size"][-1] < 1e-6 * data["size"][0]
    assert data["relative"][0] < 1e-9
    assert data["relative"][-1] > 1e-5
    assert data["ratio"].max() < 1
    assert set(data["verdicts"]) == {"PASS"}


def test_hidden_bug_has_an_answer_and_repeats():
    bug = e.find_the_bug(2)
    assert bug.op.name in bug.answer()
    assert bug.check().first_wrong.op.split()[0] == bug.op.name
    again = e.find_the_bug(2)
    assert (again.op, again.mutation.name) == (bug.op, bug.mutation.name)


@pytest.mark.parametrize("seed", range(8))
def test_hidden_bug_tells_which_gradients_are_off_and_not_the_answer(seed):
    bug = e.find_the_bug(seed)
    report = bug.check()
    for row in report.rows:
        found = bug.data[row.name]
        off = not np.allclose(found["analytic"], found["numeric"], rtol=1e-6, atol=1e-9)
        assert off == (row.status == "FAIL")
    assert "those of  are" not in bug.text
    assert bug.mutation.name not in str(bug)
    assert bug.listing in "\n".join(line[4:] for line in str(bug).splitlines()) + "\n"
    # The report shows the listing's own line.
    first = report.first_wrong
    assert first.location.startswith("network.py:")
    assert first.source == bug.listing.splitlines()[int(first.location.split(":")[1]) - 1].strip()


@pytest.mark.parametrize("name", sorted(e.EXPERIMENTS))
def test_every_experiment_draws_and_tells(name, tmp_path):
    pytest.importorskip("matplotlib")
    found = e.EXPERIMENTS[name]()
    assert found.name == name
    assert len(found.text) > 150
    found.save(tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").stat().st_size > 5000


def test_panels_are_drawn_on_the_axes_given():
    figure = pytest.importorskip("matplotlib.figure")
    found = e.kink_zoom()
    axes = figure.Figure().subplots(1, found.panels)
    assert found.plot(axes) is axes[0].figure
    assert all(ax.lines for ax in axes)
    with pytest.raises(ValueError, match="5 panels, and was given 1 Axes"):
        found.plot(figure.Figure().subplots())
