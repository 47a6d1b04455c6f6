"""The judges of a gradient, each alone, and in their order."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking import judges
from tinygrad_edu.checking.every_element import Compared
from tinygrad_edu.checking.judges import JUDGES, Case, judged, row_from
from tinygrad_edu.checking.tolerance import Judgement


def case(**known):
    return Case(**{"name": "W", "shape": (2,), "analytic": 1.0, "numeric": 1.0, **known})


def says(status, note="", **found):
    """A function that answers so when it is asked."""
    numbers = {"analytic": 1.0, "numeric": 3.0, "e_num": 0.1, "e_ana": 0.0}
    numbers |= {"tolerance": 1.0, "relative_error": 0.5, "resolution": 0.25, **found}
    return lambda: (Judgement(status, **numbers), note)


def elements(*ratio):
    return Compared((1,), 5.0, 4.0, np.array(ratio))


def test_a_rule_wrong_beside_and_right_here_does_no_harm():
    known = {"cause": "tanh", "only_beside": True, "corrected": elements(0.0, 0.5)}
    assert judges.right_here(case(**known)) == ("PASS", "downstream of tanh, right here")
    for change in ({"only_beside": False}, {"corrected": elements(0.0, 2.0)}, {"corrected": None}):
        assert judges.right_here(case(**{**known, **change})) is None


def test_a_wrong_rule_on_the_way_is_named():
    assert judges.wrong_rule(case(cause="tanh")) == ("FAIL", "downstream of tanh")
    assert judges.wrong_rule(case()) is None


def test_the_engine_is_blamed_where_it_differs_from_the_rules():
    assert judges.wrong_sweep(case(faulty_sweep=True)) == ("FAIL", "engine")
    assert judges.wrong_sweep(case()) is None


def test_a_backward_that_raised_leaves_what_the_rules_give():
    assert judges.backward_raised(case(raised=True, apart=True)) == ("INVALID", "backward raised")
    assert judges.backward_raised(case(raised=True)) is None
    assert judges.backward_raised(case(apart=True)) is None


@pytest.mark.parametrize(
    ("known", "note"),
    [
        ({}, "a value escapes the graph"),
        ({"audited": False}, "op unknown"),
        ({"reached": False}, "no gradient reaches it"),
    ],
)
def test_the_function_decides_where_it_is_not_its_graph(known, note):
    here = case(graph_is_function=lambda: False, ask_function=says("FAIL"), seen=0.5, **known)
    assert judges.not_of_the_function(here) == ("FAIL", note)
    assert (here.numeric, here.e_num, here.tolerance, here.seen) == (3.0, 0.1, 1.0, 0.5)


def test_what_the_function_confirms_goes_on_with_its_note():
    here = case(apart=True, ask_function=says("PASS", "1 kink of the function"))
    assert judges.not_of_the_function(here) is None
    assert judged(here) == ("PASS", "1 kink of the function")


def test_the_function_is_not_asked_without_a_reason():
    def never():
        raise AssertionError

    for known in ({}, {"apart": True, "kinked": True}, {"apart": True, "raised": True}):
        assert judges.not_of_the_function(case(ask_function=never, **known)) is None


def test_without_audits_the_comparison_itself_must_see_enough():
    known = {"audited": False, "tolerance": 1e-5}
    assert judges.too_coarse(case(**known)) == ("INCONCLUSIVE", "")
    assert judges.too_coarse(case(**known, resolution=1e-4)) is None
    assert judges.too_coarse(case(tolerance=1e-5)) is None


def test_what_is_not_finite_cannot_be_compared():
    assert judges.not_finite(case(analytic=np.inf)) == ("INCONCLUSIVE", "")
    assert judges.not_finite(case(analytic=np.nan)) == ("INCONCLUSIVE", "")
    assert judges.not_finite(case()) is None


def test_one_wrong_element_among_all_is_enough():
    assert judges.wrong_element(case(every=elements(0.0, 1.5))) == ("FAIL", "")
    assert judges.wrong_element(case(every=elements(0.0, 0.5))) is None
    assert judges.wrong_element(case()) is None


def test_kinks_that_a_long_step_crosses_are_remarked():
    known = {"kinked": True, "apart": True}
    assert judges.kinks_on_the_way(case(**known)) == (
        "PASS",
        "kinks on the way: compared op by op",
    )
    for change in ({"kinked": False}, {"apart": False}, {"note": "something else"}):
        assert judges.kinks_on_the_way(case(**{**known, **change})) is None


def test_no_gradient_of_what_has_no_derivative_is_right():
    assert judges.unused(case(reached=False, numeric=0.0)) == ("PASS", "unused")
    assert judges.unused(case(reached=False, numeric=1.0)) is None
    assert judges.unused(case(numeric=0.0)) is None


def test_the_first_answer_wins():
    everything = {
        "analytic": np.inf,
        "cause": "tanh",
        "faulty_sweep": True,
        "raised": True,
        "apart": True,
        "every": elements(2.0, 0.0),
    }
    assert judged(case(**everything)) == ("FAIL", "downstream of tanh")
    assert judged(case(**{**everything, "cause": ""})) == ("FAIL", "engine")
    everything |= {"cause": "", "faulty_sweep": False}
    assert judged(case(**everything)) == ("INVALID", "backward raised")
    assert judged(case(**{**everything, "raised": False})) == ("INCONCLUSIVE", "")
    assert judged(case()) == ("PASS", "")
    assert len(set(JUDGES)) == len(JUDGES)


def test_a_row_shows_the_worst_element_of_what_is_wrong():
    row, shown = row_from(case(corrected=elements(2.0, 0.0)), ("FAIL", "engine"))
    assert (row.index, row.analytic, row.numeric, row.relative_error) == ((1,), 5.0, 4.0, 0.2)
    assert shown is not None
    row, shown = row_from(case(corrected=elements(2.0, 0.0)), ("PASS", ""))
    assert (row.index, row.analytic, shown) == (None, 1.0, None)
    asked = case(corrected=elements(2.0, 0.0))
    asked.take(*says("FAIL")())
    row, shown = row_from(asked, ("FAIL", "op unknown"))
    assert (row.index, row.numeric, row.relative_error, row.resolution) == (None, 3.0, 0.5, 0.25)
    row, _ = row_from(case(every=elements(0.0, 0.0)), ("PASS", ""))
    assert row.index == (1,)
