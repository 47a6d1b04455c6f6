"""Kinks, cusps and steps by second differences, and the slopes accepted at them."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.checking.directional import derivative, numeric_grad
from tinygrad_edu.checking.kinks import CUSP, KINK, SMOOTH, STEP, screen
from tinygrad_edu.checking.node_audit import audit_node
from tinygrad_edu.checking.operation import PlainOperation


def relu(x):
    return np.maximum(x, 0.0)


def at(function, x):
    return lambda t: np.asarray(function(np.asarray(x + t)))


@pytest.mark.parametrize(
    ("function", "x", "kind"),
    [
        (relu, 0.0, KINK),
        (np.abs, 0.0, KINK),
        (lambda x: relu(x) + 50 * x * x + 1000, 0.0, KINK),
        (lambda x: np.sqrt(np.abs(x)), 0.0, CUSP),
        (np.cbrt, 0.0, CUSP),
        (np.floor, 1.0, STEP),
        (np.sign, 0.0, STEP),
        (np.exp, 1.0, SMOOTH),
        (lambda x: np.exp(2000 * x), 0.0, SMOOTH),
        (lambda x: x * np.abs(x), 0.0, SMOOTH),
        (relu, 1e-4, SMOOTH),
        (lambda x: np.sin(1e5 * x), 0.3, SMOOTH),
        (lambda x: 0 * x + 3.0, 0.3, SMOOTH),
    ],
)
def test_class(function, x, kind):
    assert int(screen(at(function, x)).kind) == kind


def test_rounding_in_a_long_sum_is_no_step():
    rng = np.random.default_rng(5)
    for _ in range(50):
        x, u = rng.standard_normal((2, 1000))
        x *= 1000
        found = screen(lambda t, x=x, u=u: np.sum(x + t * u) - np.sum(x))
        assert found.smooth


def test_one_kink_among_a_thousand_smooth_terms():
    x = np.linspace(0.5, 1.5, 1000)
    x[17] = 0.0
    assert int(screen(lambda t: np.sum(relu(x + t) ** 2 + relu(x + t))).kind) == KINK


@pytest.mark.parametrize(
    ("function", "interval"), [(relu, (0, 1)), (np.abs, (-1, 1))], ids=["relu", "abs"]
)
def test_clarke_interval(function, interval):
    found = screen(at(function, 0.0))
    assert (float(found.low), float(found.high)) == pytest.approx(interval, abs=1e-8)


@pytest.mark.parametrize("place", range(4))
def test_clarke_interval_of_a_maximum_of_equals(place):
    u = np.eye(4)[place]
    found = screen(lambda t: np.max(np.ones(4) + t * u))
    assert (float(found.low), float(found.high)) == pytest.approx((0, 1), abs=1e-8)


def test_kink_beside_the_point_by_complex_step_and_by_differences():
    line = at(relu, 1e-8)
    exact = derivative(line, "auto")
    assert exact.method == "complex step"
    assert float(exact.value) == 1.0
    assert int(exact.kind) == SMOOTH
    difference = derivative(line, "richardson")
    assert int(difference.kind) == KINK
    assert float(difference.low) <= 1.0 <= float(difference.high)


def test_numeric_grad_reports_the_jump():
    value, error, jump, _ = numeric_grad(relu, np.array([0.0, 1e-4, -1.0]))
    assert np.diag(jump) == pytest.approx([1, 0, 0])
    assert np.diag(value) == pytest.approx([0.5, 1, 0])
    assert np.all(error < 1e-9)


def relu_with_slope_at_zero(slope, complex_ok):
    return PlainOperation(
        "relu",
        relu,
        lambda xs, y, g: [g * np.where(xs[0] == 0, slope, xs[0] > 0)],
        complex_ok,
    )


@pytest.mark.parametrize("complex_ok", [True, False])
@pytest.mark.parametrize("shape", [(1,), (5,)])
class TestReluAtZero:
    @pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
    def test_any_slope_of_the_interval_is_right(self, slope, shape, complex_ok):
        found = audit_node(relu_with_slope_at_zero(slope, complex_ok), [np.zeros(shape)])
        assert found.status == "PASS"
        assert "kink" in found.notes[0]

    @pytest.mark.parametrize("slope", [-0.1, 1.1])
    def test_a_slope_outside_is_wrong(self, slope, shape, complex_ok):
        found = audit_node(relu_with_slope_at_zero(slope, complex_ok), [np.zeros(shape)])
        assert found.status == "FAIL"

    def test_kinks_can_be_made_to_fail(self, shape, complex_ok):
        op = relu_with_slope_at_zero(0.0, complex_ok)
        assert audit_node(op, [np.zeros(shape)], kinks="fail").status == "FAIL"

    def test_kinks_can_be_left_out(self, shape, complex_ok):
        op = relu_with_slope_at_zero(7.0, complex_ok)
        assert audit_node(op, [np.zeros(shape)], kinks="skip").status == "PASS"


@pytest.mark.parametrize("complex_ok", [True, False])
def test_relu_close_to_zero_is_a_plain_pass(complex_ok):
    found = audit_node(relu_with_slope_at_zero(0.0, complex_ok), [np.array([1e-4, 1.0])])
    assert found.status == "PASS"
    assert not found.notes


@pytest.mark.parametrize(("share", "status"), [(0.25, "PASS"), (1.0, "FAIL"), (1.5, "FAIL")])
def test_maximum_of_four_equals(share, status):
    # Each share alone may be anything in [0, 1]; together they must add up to 1.
    def rule(xs, y, g):
        hit = xs[0] == y
        return [g * (share if hit.sum() == 4 else 1.0) * hit]

    op = PlainOperation("amax", np.max, rule)
    assert audit_node(op, [np.ones(4)]).status == status


def test_a_cusp_blocks_a_pass():
    op = PlainOperation(
        "sqrt abs", lambda x: np.sqrt(np.abs(x)), lambda xs, y, g: [0 * xs[0] * g], False
    )
    found = audit_node(op, [np.zeros(2)], points=1)
    assert found.status == "INCONCLUSIVE"
    assert "cusp" in found.notes[0]
