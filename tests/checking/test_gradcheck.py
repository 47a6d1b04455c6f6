"""`gradcheck` on functions of Tensors: the table of mistakes, the engine's, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F
from tinygrad_edu.engine import backward
from tinygrad_edu.engine.node import Leaf
from tinygrad_edu.engine.sweep import order
from tinygrad_edu.engine.table import find, with_rule

ROWS = np.array([0, 2, 2, 4, 1, 3])


def rng(seed=0):
    return np.random.default_rng(seed)


def inputs(seed=0):
    shapes = [(5, 4), (4, 4), (4,), (4, 4), (4,), (4, 3), (3,)]
    return [rng(seed).standard_normal(s) * 0.9 for s in shapes]


def net(x, W1, b1, W2, b2, W3, b3):
    h = tg.tanh(x @ W1 + b1)
    h = F.elu(h @ W2 + b2, alpha=0.5)
    h = h[ROWS]
    p = F.softmax(h @ W3 + b3, dim=-1)
    return (p * p).mean()


def op(key):
    found = find(key)
    assert found is not None
    return found


def custom(name, function, rule):
    """A custom op of one array: `rule(g, x, y)`."""

    class Op(tg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = tg.tensor(function(x.detach().numpy()))
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx, g):
            x, y = (t.detach().numpy() for t in ctx.saved_tensors)
            return tg.tensor(np.asarray(rule(g.detach().numpy(), x, y)))

    Op.__name__ = Op.__qualname__ = name
    return Op.apply


def only(report):
    assert report.verdict == "FAIL", report
    assert len({(n.op, n.number) for n in report.culprits}) == 1, report
    return report.first_wrong


def test_right_net_passes_and_says_how_sharply():
    report = tg.gradcheck(net, *inputs())
    assert report.verdict == "PASS"
    assert [row.name for row in report.rows] == ["x", "W1", "b1", "W2", "b2", "W3", "b3"]
    assert all(row.resolution <= 1e-7 for row in report.rows)
    assert not report.nodes


def test_a_sole_tuple_is_unpacked_and_reports_repeat():
    first, again = tg.gradcheck(net, tuple(inputs())), tg.gradcheck(net, inputs())
    assert str(first) == str(again)
    assert first == again


def test_wrong_sign_of_tanh_is_named_with_its_line_and_its_leaves():
    with with_rule(op(np.tanh), "x", lambda g, y: -g * (1 - y * y)):
        report = tg.gradcheck(net, *inputs())
        text = str(report)
    wrong = only(report)
    assert (wrong.op, wrong.kind) == ("tanh", "wrong sign")
    assert wrong.location.startswith("test_gradcheck.py:")
    assert wrong.source == "h = tg.tanh(x @ W1 + b1)"
    assert [row.name for row in report.rows if row.status == "FAIL"] == ["x", "W1", "b1"]
    assert all(row.index is not None for row in report.rows if row.status == "FAIL")
    assert len(text.splitlines()) <= 25
    assert max(map(len, text.splitlines())) <= 88
    assert tg.gradcheck(net, *inputs())


def planted_case(key, name, rule, expected, kind, function=net, given=None):
    with with_rule(op(key), name, rule):
        report = tg.gradcheck(function, *(inputs() if given is None else given))
    wrong = only(report)
    assert wrong.op.split(" in ")[0] == expected
    assert wrong.kind == kind, report
    return wrong


def square_net(*args):
    x, W1, b1, *_ = args
    return tg.square(x @ W1 + b1).mean()


def test_missing_two_of_a_square():
    wrong = planted_case(np.square, "x", lambda g, x: g * x, "square", "factor", square_net)
    assert "0.5" in wrong.message


def test_transposed_weight_gradient():
    def rule(g, a, b):
        return (np.swapaxes(a, -1, -2) @ g).T

    wrong = planted_case(
        np.matmul,
        "b",
        rule,
        "matmul",
        "transposed",
        lambda x, W: (x @ W).sum(),
        [rng().standard_normal((4, 4)), rng(1).standard_normal((4, 4))],
    )
    assert wrong.input_name == "b"


def test_missing_broadcast_sum_is_reported_although_the_engine_sums():
    class AddBias(tg.autograd.Function):
        @staticmethod
        def forward(ctx, x, b):
            return x + b

        @staticmethod
        def backward(ctx, g):
            return g, g

    x, b = rng().standard_normal((5, 4)), rng(1).standard_normal(4)
    wrong = only(tg.gradcheck(lambda x, b: AddBias.apply(x, b).tanh().sum(), x, b))
    assert (wrong.op, wrong.input_name, wrong.kind) == ("AddBias", "b", "missing broadcast sum")


def test_bias_gradient_of_the_first_row_only():
    class AddBias(tg.autograd.Function):
        @staticmethod
        def forward(ctx, x, b):
            return x + b

        @staticmethod
        def backward(ctx, g):
            return g, g[0]

    x, b = rng().standard_normal((5, 4)), rng(1).standard_normal(4)
    wrong = only(tg.gradcheck(lambda x, b: AddBias.apply(x, b).tanh().sum(), x, b))
    assert (wrong.op, wrong.input_name, wrong.kind) == ("AddBias", "b", "one slice only")


def scatter(index, shape, g):
    out = np.zeros(shape)
    np.add.at(out, index, g)
    return out


def test_gather_off_by_one():
    take = custom("gather", lambda x: x[ROWS], lambda g, x, y: scatter((ROWS + 1) % 5, x.shape, g))
    wrong = only(tg.gradcheck(lambda x: take(x).tanh().sum(), rng().standard_normal((5, 4))))
    assert (wrong.op, wrong.kind) == ("gather", "shifted by one")


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_softmax_with_its_diagonal_only():
    f = custom("softmax", softmax, lambda g, x, y: g * y * (1 - y))
    wrong = only(tg.gradcheck(lambda x: (f(x) ** 2).mean(), rng().standard_normal((6, 3))))
    assert (wrong.op, wrong.kind) == ("softmax", "coupling ignored")


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_relu_exactly_at_zero_passes(slope):
    x = rng().standard_normal((5, 4))
    x[1, 2] = x[3, 3] = 0.0
    f = custom("relu", lambda x: np.maximum(x, 0), lambda g, x, y: g * ((x > 0) + slope * (x == 0)))
    assert tg.gradcheck(lambda x: (f(x) * 3).sum(), x).verdict == "PASS"
    assert tg.gradcheck(lambda x: (tg.relu(x) * 3).sum(), x).verdict == "PASS"


@pytest.mark.parametrize("slope", [-0.1, 1.1])
def test_relu_at_zero_outside_the_interval_fails(slope):
    x = rng().standard_normal((5, 4))
    x[1, 2] = 0.0
    f = custom("relu", lambda x: np.maximum(x, 0), lambda g, x, y: g * ((x > 0) + slope * (x == 0)))
    assert only(tg.gradcheck(lambda x: (f(x) * 3).sum(), x)).op == "relu"


def test_elu_with_a_wrong_branch():
    def elu(x):
        return np.where(x > 0, x, 0.5 * np.expm1(x))

    f = custom("elu", elu, lambda g, x, y: g * np.where(x > 0, 1, 2 * (y + 0.5)))
    wrong = only(tg.gradcheck(lambda x: f(x).mean(), rng().standard_normal((5, 4))))
    assert (wrong.op, wrong.kind) == ("elu", "wrong region")
    assert "x < 0" in wrong.message
    assert "2" in wrong.message


def test_mean_without_its_divisor():
    f = custom("mean", lambda x: x.mean(), lambda g, x, y: np.full(x.shape, g))
    wrong = only(tg.gradcheck(lambda x: f(x * x), rng().standard_normal((6, 3))))
    assert (wrong.op, wrong.kind) == ("mean", "factor")
    assert "18" in wrong.message
    assert "mean" in wrong.message


def test_right_only_for_symmetric_matrices():
    f = custom("W@W", lambda W: W @ W, lambda g, W, y: g @ W + W @ g)
    W = rng().standard_normal((4, 4))
    wrong = only(tg.gradcheck(lambda W: f(W).tanh().sum(), W + W.T))
    assert wrong.op == "W@W"
    assert "right at the recorded values by coincidence" in wrong.message
    wrong = only(tg.gradcheck(lambda W: f(W).tanh().sum(), W))
    assert wrong.kind == "unclassified"


@pytest.mark.parametrize("error", [1e-6, 5e-4])
@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e8])
def test_small_relative_errors_are_seen_at_any_scale(error, scale):
    with with_rule(op(np.tanh), "x", lambda g, y: g * (1 - y * y) * (1 + error)):
        report = tg.gradcheck(lambda *xs: net(*xs) * scale, *inputs())
    wrong = only(report)
    assert (wrong.op, wrong.kind) == ("tanh", "factor")
    assert f"{1 + error:.6f}".rstrip("0") in wrong.message


def test_a_million_added_to_the_loss_changes_nothing():
    assert tg.gradcheck(lambda *xs: net(*xs) + 1e6, *inputs()).verdict == "PASS"
    with with_rule(op(np.tanh), "x", lambda g, y: -g * (1 - y * y)):
        assert only(tg.gradcheck(lambda *xs: net(*xs) + 1e6, *inputs())).op == "tanh"


def test_new_dropout_mask_at_each_call():
    masks = np.random.default_rng(0)

    def f(x):
        return (x * tg.tensor((masks.random(x.shape) < 0.5) * 2.0)).sum()

    report = tg.gradcheck(f, rng().standard_normal((5, 4)))
    assert report.verdict == "NONDETERMINISTIC"
    assert "mul" in report.problems[0]
    assert "test_gradcheck.py:" in report.problems[0]


def test_dropout_of_the_package_is_checked_with_its_mask_repeated():
    before = tg.get_rng_state().numpy().copy()
    report = tg.gradcheck(lambda x: F.dropout(x, 0.5).sum(), rng().standard_normal((5, 4)))
    assert report.verdict == "PASS"
    assert "random" in report.notes[0]
    assert np.array_equal(before, tg.get_rng_state().numpy())


def test_counter():
    calls = []

    def f(x):
        calls.append(1)
        return x.sum() * float(len(calls))

    report = tg.gradcheck(f, np.ones(3))
    assert report.verdict == "NONDETERMINISTIC"
    assert "counter" in report.problems[0]


def test_straight_through_estimate():
    f = custom("one_hot", lambda x: (x == x.max()) * 1.0, lambda g, x, y: g)
    wrong = only(tg.gradcheck(lambda x: (f(x) * np.arange(4.0)).sum(), rng().standard_normal(4)))
    assert (wrong.op, wrong.kind) == ("one_hot", "the true gradient is zero")


def test_cotangent_ignored():
    f = custom("tanh", np.tanh, lambda g, x, y: 1 - y * y)
    wrong = only(tg.gradcheck(lambda x: (f(x) ** 2).sum(), rng().standard_normal((3, 4))))
    assert (wrong.op, wrong.kind) == ("tanh", "ignores the cotangent")


def test_zero_gradient():
    f = custom("tanh", np.tanh, lambda g, x, y: 0 * g)
    wrong = only(tg.gradcheck(lambda x: (f(x) ** 2).sum(), rng().standard_normal((3, 4))))
    assert (wrong.op, wrong.kind) == ("tanh", "zero gradient")


# float32 -----------------------------------------------------------------------------------------


def test_float32_passes_and_a_millionth_is_still_seen():
    given = [tg.tensor(x, dtype=tg.float32) for x in inputs()]
    report = tg.gradcheck(net, *given)
    assert report.verdict == "PASS"
    assert "float64" in report.notes[-1]
    with with_rule(op(np.tanh), "x", lambda g, y: g * (1 - y * y) * (1 + 1e-6)):
        assert only(tg.gradcheck(net, *given)).op == "tanh"


# The engine --------------------------------------------------------------------------------------


def overwriting(roots, *, targets=None, retain_graph=False, wrap=None, observer=None, hooked=None):
    """A sweep that overwrites a cotangent instead of adding to it."""
    cotangents = dict(roots)
    found = {}
    for node in order(cotangents):
        g = cotangents[node]
        if isinstance(node, Leaf):
            found[node] = g
            continue
        contributions = node.primitive.pull(node.inputs, node.saved, g)
        for parent, c in zip(node.inputs, contributions, strict=True):
            if c is not None:
                cotangents[parent] = c
        if observer is not None:
            observer(node, g, contributions)
    return found


def test_engine_that_overwrites_instead_of_accumulating(monkeypatch):
    from tinygrad_edu.checking import engine_audit

    monkeypatch.setattr(backward, "sweep", overwriting)
    monkeypatch.setattr(engine_audit, "sweep", overwriting)
    report = tg.gradcheck(lambda x: x * tg.tanh(x), np.array(2.0))
    assert report.verdict == "FAIL"
    wrong = report.first_wrong
    assert wrong.op == "engine, at x"
    assert wrong.kind == "overwritten instead of accumulated"
    assert "the contribution of mul" in wrong.message
    row = report.rows[0]
    np.testing.assert_allclose(row.numeric, 1.1053292297821458, rtol=1e-12)
    np.testing.assert_allclose(row.analytic, 0.1413016, rtol=1e-6)
    assert not [n for n in report.nodes if not n.op.startswith("engine")]


def test_engine_that_doubles(monkeypatch):
    right = backward.accumulate

    def doubled(leaf, g, plain=True):
        right(leaf, g + g)

    monkeypatch.setattr(backward, "accumulate", doubled)
    report = tg.gradcheck(lambda x: (x * x).sum(), np.array([1.0, 2.0]))
    assert report.first_wrong.kind == "doubled"


def test_engine_that_forgets_a_leaf(monkeypatch):
    monkeypatch.setattr(backward, "accumulate", lambda leaf, g, plain=True: None)
    report = tg.gradcheck(lambda x: (x * x).sum(), np.array([1.0, 2.0]))
    assert report.first_wrong.kind == "none"


# What the graph does not see ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "escape", [lambda x: x.data, lambda x: x.detach(), lambda x: tg.tensor(x.detach().numpy())]
)
def test_a_value_that_escapes_the_graph(escape):
    def f(x):
        return (x * escape(x)).sum()

    wrong = only(tg.gradcheck(f, rng().standard_normal(4)))
    assert (wrong.op, wrong.kind) == ("mul", "untracked path")
    assert wrong.source == "return (x * escape(x)).sum()"


def test_no_gradient_reaches_an_input():
    report = tg.gradcheck(lambda x, w: (x * float(w.sum())).sum(), np.ones(3), np.ones(2))
    assert report.verdict == "FAIL"
    assert report.rows[1].note == "no gradient reaches it"


def test_an_input_that_is_not_used_is_said_to_be():
    report = tg.gradcheck(lambda x, w: (x * x).sum(), np.ones(3), np.ones(2))
    assert report.verdict == "PASS"
    assert report.rows[1].note == "unused"


def test_a_detached_shift_that_cancels_is_right():
    def f(x):
        e = (x - x.detach().amax(dim=-1, keepdim=True)).exp()
        return ((e / e.sum(dim=-1, keepdim=True)) ** 2).sum()

    assert tg.gradcheck(f, rng().standard_normal((3, 4))).verdict == "PASS"


# Orders ------------------------------------------------------------------------------------------


def test_orders():
    report = tg.gradcheck(net, *inputs(), order=2)
    assert report.verdict == "PASS"
    assert len(report.rows) == 14
    assert tg.gradcheck(lambda x: (x**4).sum(), rng().standard_normal(3), order=3)


def test_backward_that_is_not_differentiated():
    class Square(tg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x.detach() * g

    x = rng().standard_normal(3)
    assert tg.gradcheck(Square.apply, x)
    report = tg.gradcheck(Square.apply, x, order=2)
    assert report.verdict == "FAIL"
    assert report.first_wrong.op == "Square"
    assert "order 2" in report.problems[0]


# Bad input ---------------------------------------------------------------------------------------


def test_inputs_that_cannot_be_differentiated():
    with pytest.raises(TypeError, match="no input holds floats"):
        tg.gradcheck(lambda x: x, tg.arange(3))
    with pytest.raises(TypeError, match="input 1 holds an array of int64"):
        tg.gradcheck(lambda x, i: x[i], np.ones(3), np.arange(2), wrt=(0, 1))
    with pytest.raises(ValueError, match="holds nan at"):
        tg.gradcheck(lambda x: x, np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="order=0"):
        tg.gradcheck(lambda x: x, np.ones(2), order=0)


def test_integers_beside_floats_are_handed_on():
    assert tg.gradcheck(lambda x, i: x[i].sum(), rng().standard_normal(5), np.array([0, 3, 3]))


def test_a_function_that_changes_its_input():
    def f(x):
        with tg.no_grad():
            x.mul_(2.0)
        return (x * 2).sum()

    x = tg.tensor([1.0, 2.0], dtype=tg.float64, requires_grad=True)
    report = tg.gradcheck(f, x)
    assert report.verdict == "FAIL"
    assert "writes into x" in report.problems[0]
    assert x.tolist() == [1.0, 2.0]
    assert x.grad is None


@pytest.mark.parametrize(
    ("f", "told"),
    [
        (lambda x: [1.0], "returned float"),
        (lambda x: None, "returned NoneType"),
        (lambda x: tg.argmax(x), "return a Tensor of floats"),
        (lambda x: tg.tensor(1.0), "depends on none of the inputs"),
        (lambda x: x + {}["b"], "raised KeyError at test_gradcheck.py:"),
    ],
)
def test_functions_that_cannot_be_checked(f, told):
    report = tg.gradcheck(f, np.ones(3))
    assert report.verdict == "INVALID"
    assert told in report.problems[0]
    assert tg.is_grad_enabled()


def test_several_outputs_in_a_list():
    assert tg.gradcheck(lambda x: [x.sum(), tg.exp(x)], rng().standard_normal(3))


def test_a_function_that_prints_does_so_once(capsys):
    def f(x):
        print("here")
        return x.sum()

    assert tg.gradcheck(f, np.ones(3))
    assert capsys.readouterr().out == "here\n"


def test_expanded_and_shared_memory():
    x = np.broadcast_to(np.array([1.0, 2.0]), (3, 2))
    assert tg.gradcheck(lambda a, b: (a * b.exp()).sum(), x, x)


def test_assert_gradcheck_raises_the_report():
    with pytest.raises(AssertionError, match="GradReport FAIL"):
        tg.assert_gradcheck(lambda x: (x * x.detach()).sum(), np.ones(2))
    tg.assert_gradcheck(lambda x: (x * x).sum(), np.ones(2))


# PyTorch's names ---------------------------------------------------------------------------------


def test_torch_signature():
    x = tg.tensor(rng().standard_normal(3), requires_grad=True)
    w = tg.tensor(rng(1).standard_normal(3), requires_grad=True)
    assert tg.autograd.gradcheck(lambda x, w: tg.exp(x) * w, (x, w), eps=1e-6, atol=1e-4) is True
    assert tg.autograd.gradgradcheck(lambda x: tg.exp(x), x) is True
    assert tg.autograd.gradgradcheck(lambda x: tg.exp(x), (x,), (w,)) is True
    with pytest.raises(RuntimeError, match="GradReport FAIL"):
        tg.autograd.gradcheck(lambda x: x * x.detach(), (x,))
    assert tg.autograd.gradcheck(lambda x: x * x.detach(), x, raise_exception=False) is False
    with pytest.raises(ValueError, match="requires_grad=True"):
        tg.autograd.gradcheck(lambda x: x, tg.tensor([1.0]))


def test_outputs_however_nested():
    def f(x, w):
        return {"loss": (x * w).sum(), "rest": [x.exp(), (tg.argmax(x), None, w.sin())]}

    given = rng().standard_normal(3), rng(1).standard_normal(3)
    assert tg.gradcheck(f, *given, order=2).verdict == "PASS"
    with with_rule(op(np.sin), "x", lambda g, x: -g * np.cos(x)):
        assert only(tg.gradcheck(f, *given)).op == "sin"


@pytest.mark.parametrize("cast", [lambda x: x.float(), lambda x: x.half()])
def test_a_cast_to_less_precision_inside_is_no_mistake(cast):
    x = rng().standard_normal((3, 4))
    assert tg.gradcheck(lambda x: cast(x).sin(), x, order=2).verdict == "PASS"
    assert tg.gradcheck(lambda x: cast(x).sin(), np.array(1.3)).verdict == "PASS"
    with with_rule(op(np.sin), "x", lambda g, x: g * np.cos(x) * 1.001):
        assert only(tg.gradcheck(lambda x: cast(x).sin(), x)).op == "sin"
    assert not tg.gradcheck(lambda x: cast(x) * x.detach(), x)


def test_float16():
    x = tg.tensor(rng().standard_normal((3, 4)), dtype=tg.float16)
    assert tg.gradcheck(lambda x: (x.tanh() @ x.T).exp().sum(), x, order=2).verdict == "PASS"
    with with_rule(op(np.tanh), "x", lambda g, y: g * (1 - y)):
        assert only(tg.gradcheck(lambda x: (x.tanh() @ x.T).exp().sum(), x)).op == "tanh"
    assert not tg.gradcheck(lambda x: (x * x.detach()).sum(), x)
