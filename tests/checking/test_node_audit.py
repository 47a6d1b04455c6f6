"""The audit of one op: right rules pass, planted ones fail, and foreign code does no harm."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.checking.plain_ops import CASES
from tinygrad_edu.checking.node_audit import audit_node
from tinygrad_edu.checking.operation import PlainOperation
from tinygrad_edu.learn.planted.mutants import GENERIC, differs, mutant_of
from tinygrad_edu.learn.planted.op_mutants import op_mutants


def rules(name, function, rule, **more):
    return PlainOperation(name, function, rule, **more)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.op.name)
def test_right_rules_pass(case):
    for seed in (100, 101):
        inputs = case.make(np.random.default_rng(seed))
        for complex_ok in (case.op.complex_ok, False):
            op = PlainOperation(
                case.op.name, case.op.function, case.op.rule, complex_ok, case.op.attributes
            )
            assert audit_node(op, inputs, seed=seed).status == "PASS"


@pytest.mark.parametrize("scale", [1e-8, 1e8])
@pytest.mark.parametrize("name", ["matmul", "multiply", "sum", "softmax", "relu", "divide"])
def test_right_rules_pass_at_any_scale(name, scale):
    case = next(c for c in CASES if c.op.name == name)
    inputs = [x * scale for x in case.make(np.random.default_rng(5))]
    assert audit_node(case.op, inputs).status == "PASS"


def test_every_mutant_is_found_and_named():
    """Detection and kind on one seed; the benchmark measures more."""
    missed, kinds, total = [], 0, 0
    for case in CASES:
        inputs = case.make(np.random.default_rng(77))
        output = case.op.forward(inputs)
        for position, x in enumerate(inputs):
            if x.dtype.kind != "f":
                continue
            for mutation in (*GENERIC[::4], *op_mutants(case.op.name)):
                if not mutation.applies(inputs, output, position):
                    continue
                if not differs(
                    case.op.rule,
                    lambda m=mutation, c=case, p=position: m.wrap(c.op.rule, p),
                    inputs,
                    output,
                    position,
                    np.random.default_rng(1),
                ):
                    continue
                total += 1
                found = audit_node(mutant_of(case.op, mutation, position), inputs, seed=3)
                if found.status not in ("FAIL", "NONDETERMINISTIC"):
                    missed.append((case.op.name, mutation.name))
                    continue
                if found.wrong:
                    assert [w.position for w in found.wrong] == [position]
                    kinds += found.wrong[0].diagnosis.kind in mutation.kinds
                else:
                    kinds += bool(mutation.kinds & {"not repeatable", "writes into its arguments"})
    assert total > 450
    assert not missed
    assert kinds >= 0.98 * total


def test_moving_all_inputs_at_once_settles_what_is_right_in_a_fraction_of_the_calls():
    rng = np.random.default_rng(0)
    settled = 0
    for case in CASES:
        inputs = case.make(np.random.default_rng(100))
        alone = audit_node(case.op, inputs)
        found = audit_node(case.op, inputs, together=rng)
        assert found.status == "PASS"
        assert [each.position for each in found.inputs] == [each.position for each in alone.inputs]
        settled += found.evaluations + found.rule_calls < alone.evaluations + alone.rule_calls
        assert all(each.judgement is not None for each in found.inputs)
    assert settled > len(CASES) / 2


def test_moving_all_inputs_at_once_lets_no_mistake_pass():
    rng = np.random.default_rng(0)
    for case in CASES:
        inputs = case.make(np.random.default_rng(77))
        output = case.op.forward(inputs)
        for mutation in GENERIC[::5]:
            if inputs[0].dtype.kind != "f" or not mutation.applies(inputs, output, 0):
                continue
            wrong = lambda m=mutation, c=case: m.wrap(c.op.rule, 0)
            if not differs(case.op.rule, wrong, inputs, output, 0, np.random.default_rng(1)):
                continue
            found = audit_node(mutant_of(case.op, mutation, 0), inputs, together=rng)
            assert found.status in ("FAIL", "NONDETERMINISTIC"), (case.op.name, mutation.name)


def test_wrong_input_is_blamed_and_the_other_is_not():
    op = rules("multiply", np.multiply, lambda x, y, g: [g * x[1], -g * x[0]])
    found = audit_node(op, [np.ones(3), np.arange(1.0, 4)])
    assert [each.status for each in found.inputs] == ["PASS", "FAIL"]


def test_same_seed_same_result():
    op = rules("tanh", np.tanh, lambda x, y, g: [g * (1 - y)])
    x = np.linspace(-1, 1, 6)
    first, again = (audit_node(op, [x], seed=5) for _ in range(2))
    assert first.wrong[0].judgement == again.wrong[0].judgement
    assert first.wrong[0].diagnosis == again.wrong[0].diagnosis
    other = audit_node(op, [x], seed=6)
    assert other.wrong[0].judgement != first.wrong[0].judgement


def test_random_function_is_named():
    rng = np.random.default_rng(0)
    op = rules("dropout", lambda x: x * (rng.random(x.shape) < 0.5), lambda x, y, g: [g])
    found = audit_node(op, [np.ones(20)])
    assert found.status == "NONDETERMINISTIC"
    assert "two runs" in found.problems[0]


def test_rule_that_counts_its_calls_is_named():
    calls = []

    def rule(xs, y, g):
        calls.append(1)
        return [g * y * len(calls)]

    found = audit_node(rules("exp", np.exp, rule), [np.ones(3)])
    assert found.status == "NONDETERMINISTIC"
    assert "rule" in found.problems[0]


@pytest.mark.parametrize("target", ["cotangent", "input", "output"])
def test_rule_that_writes_into_its_arguments(target):
    def rule(xs, y, g):
        array = {"cotangent": g, "input": xs[0], "output": y}[target]
        right = g * y
        array *= 2
        return [right]

    x = np.ones(3)
    found = audit_node(rules("exp", np.exp, rule), [x])
    assert found.status == "FAIL"
    assert "writes into the arrays it was given" in found.problems[0]
    assert np.all(x == 1)


def test_function_that_writes_into_its_input():
    def function(x):
        x += 1
        return x * 2

    x = np.ones(3)
    found = audit_node(rules("add", function, lambda xs, y, g: [2 * g]), [x])
    assert found.status == "FAIL"
    assert "the function writes" in found.problems[0]
    assert np.all(x == 1)


def test_exceptions_are_reported_in_words():
    def broken(xs, y, g):
        raise RuntimeError("no such thing")

    found = audit_node(rules("exp", np.exp, broken), [np.ones(3)])
    assert found.status == "INVALID"
    assert "its derivative rule raised RuntimeError: no such thing" in found.problems[0]


def test_wrong_number_of_gradients():
    found = audit_node(rules("exp", np.exp, lambda xs, y, g: [g, g]), [np.ones(3)])
    assert found.status == "INVALID"
    assert "2 gradients for 1 inputs" in found.problems[0]


def test_output_that_is_not_finite_is_inconclusive():
    found = audit_node(rules("log", np.log, lambda xs, y, g: [g / xs[0]]), [np.zeros(3)])
    assert found.status == "INCONCLUSIVE"


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0, 3)])
def test_scalars_and_empty_arrays(shape):
    op = rules("exp", np.exp, lambda xs, y, g: [g * y])
    assert audit_node(op, [np.ones(shape)]).status == "PASS"


def test_saturated_tanh_passes():
    op = rules("tanh", np.tanh, lambda xs, y, g: [g * (1 - y * y)])
    for size in (5.0, 15.0, 18.0, 20.0, 40.0):
        assert audit_node(op, [np.array([size, -size])]).status != "FAIL"


def test_abs_declared_complex_is_found_out():
    op = rules("abs", np.abs, lambda xs, y, g: [g * np.sign(xs[0])])
    found = audit_node(op, [np.array([1.0, -2.0])])
    assert found.status == "PASS"
    assert found.method == "Richardson"


def test_arccos_near_the_end_of_its_domain():
    op = rules("arccos", np.arccos, lambda xs, y, g: [-g / np.sqrt(1 - xs[0] ** 2)])
    assert audit_node(op, [np.array([0.9999, -0.99])]).status == "PASS"


def test_function_faster_than_the_first_step_is_not_rejected():
    op = rules("sin", np.sin, lambda xs, y, g: [g * np.cos(xs[0])], complex_ok=False)
    found = audit_node(op, [np.random.default_rng(0).standard_normal(6) * 1e8])
    assert found.status == "INCONCLUSIVE"


def test_relative_error_of_one_in_a_million_is_seen_without_a_complex_step():
    op = rules("tanh", np.tanh, lambda xs, y, g: [g * (1 - y * y) * (1 + 1e-6)], complex_ok=False)
    assert audit_node(op, [np.random.default_rng(1).standard_normal((4, 5))]).status == "FAIL"


def test_one_wrong_element_among_78400():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((32, 784)), rng.standard_normal((784, 100))

    def rule(xs, y, g):
        right = xs[0].T @ g
        right[123, 45] *= 1.5
        return [g @ xs[1].T, right]

    op = rules("matmul", np.matmul, rule, input_names=("x", "W"))
    found = audit_node(op, [x, w])
    assert [each.name for each in found.wrong] == ["W"]
    assert found.wrong[0].diagnosis.kind == "few elements"
    assert found.wrong[0].diagnosis.index == (123, 45)


def test_large_gradient_wrong_everywhere_has_its_kind():
    rng = np.random.default_rng(0)
    op = rules("tanh", np.tanh, lambda xs, y, g: [-g * (1 - y * y)])
    found = audit_node(op, [rng.standard_normal((60, 70))])
    assert found.wrong[0].diagnosis.kind == "wrong sign"


def test_inputs_and_clock_are_left_alone():
    x = np.linspace(0, 1, 5)
    before, state = x.copy(), np.random.get_state()[1].copy()
    started = time.perf_counter()
    audit_node(rules("exp", np.exp, lambda xs, y, g: [g * y]), [x])
    assert time.perf_counter() > started
    assert np.array_equal(x, before)
    assert np.array_equal(np.random.get_state()[1], state)
