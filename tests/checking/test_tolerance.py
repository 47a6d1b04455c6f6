"""Tolerances from error estimates, and the resolution below which a pass is worth nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking.tolerance import judge, judge_elements, rounding_of_dot, worst_status


def test_difference_within_ten_times_the_errors_passes():
    assert judge(1.0 + 1e-9, 1.0, 6e-11, 5e-11).status == "PASS"
    assert judge(1.0 + 1e-9, 1.0, 4e-11, 5e-11).status == "FAIL"


@pytest.mark.parametrize("scale", [1e-300, 1e-8, 1.0, 1e8])
def test_the_verdict_does_not_depend_on_the_scale(scale):
    eps = np.finfo(float).eps
    assert judge(scale, -scale, eps * scale, eps * scale).status == "FAIL"
    assert judge(scale * (1 + 1e-6), scale, eps * scale, eps * scale).status == "FAIL"
    assert judge(scale, scale, eps * scale, eps * scale).status == "PASS"


def test_an_error_that_could_not_have_been_seen_is_inconclusive():
    judged = judge(1.0, 1.0, 1e-6, 0.0, resolution=1e-7)
    assert judged.status == "INCONCLUSIVE"
    assert judged.resolution == pytest.approx(1e-5)
    assert judge(1.0, 1.0, 1e-6, 0.0, resolution=1e-4).status == "PASS"


def test_a_difference_beyond_the_tolerance_fails_whatever_the_resolution():
    assert judge(2.0, 1.0, 1e-6, 0.0).status == "FAIL"


def test_derivatives_that_are_exactly_zero_pass():
    assert judge(0.0, 0.0, 0.0, 0.0).status == "PASS"
    assert judge(1e-300, 0.0, 0.0, 0.0).status == "FAIL"


def test_near_zero_is_measured_by_the_scale():
    assert judge(0.0, 1e-18, 1e-16, 0.0).status == "INCONCLUSIVE"
    assert judge(0.0, 1e-18, 1e-16, 0.0, scale=1.0).status == "PASS"


def test_a_value_in_the_interval_is_right():
    for analytic, status in ((0.0, "PASS"), (0.3, "PASS"), (1.0, "PASS"), (1.1, "FAIL")):
        assert judge(analytic, 0.5, 1e-16, 0.0, low=0.0, high=1.0).status == status


def test_unknown_errors_are_inconclusive_and_a_nan_gradient_fails():
    assert judge(1.0, 2.0, np.inf, 0.0).status == "INCONCLUSIVE"
    assert judge(1.0, np.nan, 0.0, 0.0).status == "INCONCLUSIVE"
    assert judge(np.nan, 1.0, 1e-16, 0.0).status == "FAIL"


def test_elements():
    quotient = judge_elements(
        np.array([1.0, 2.0, 0.0, np.nan]), np.array([1.0, 1.0, 0.0, 1.0]), np.full(4, 1e-3)
    )
    assert quotient[0] == 0
    assert quotient[1] == pytest.approx(100)
    assert quotient[2] == 0
    assert np.isinf(quotient[3])


def test_rounding_of_a_dot_product_counts_terms_that_cancel():
    left = np.array([1e8, -1e8, 1.0])
    assert rounding_of_dot(left, np.ones(3)) > 64 * np.finfo(float).eps * 1e8


def test_the_gravest_status_wins():
    assert worst_status() == "PASS"
    assert worst_status("PASS", "INCONCLUSIVE") == "INCONCLUSIVE"
    assert worst_status("INCONCLUSIVE", "FAIL", "PASS") == "FAIL"
