"""What a check makes of functions that misbehave: a verdict in words, and everything put back."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F
from tests.checking.test_gradcheck import only, rng
from tinygrad_edu import nn
from tinygrad_edu.checking import check_module
from tinygrad_edu.engine.mode import MODE

X = rng().standard_normal(4)


def surroundings():
    """What a check must leave as it found it."""
    return (
        tg.get_rng_state().numpy().tobytes(),
        np.random.get_state()[1].tobytes(),
        np.random.get_state()[2],
        random.getstate(),
        tg.is_grad_enabled(),
        tg.is_inference_mode_enabled(),
        tg.get_default_dtype(),
        np.geterr(),
        MODE.get(),
    )


def checked(f, *inputs, **options):
    """The report, having seen that it repeats, is short, and that nothing around it changed."""
    before, held = surroundings(), [np.array(x) for x in inputs]
    report = tg.gradcheck(f, *inputs, **options)
    again = tg.gradcheck(f, *inputs, **options)
    assert surroundings() == before
    assert all(np.array_equal(x, y) for x, y in zip(inputs, held, strict=True))
    assert len(str(report).splitlines()) <= 25
    assert max(map(len, str(report).splitlines())) <= 88
    assert report.verdict == again.verdict
    return report


def writes_into_data(x):
    x.data += 1
    return (x * x).sum()


def writes_through_numpy(x):
    x.detach().numpy()[0] = 7
    return (x * x).sum()


def replaces_data(x):
    x.data = x.data * 2
    return (x * x).sum()


@pytest.mark.parametrize("f", [writes_into_data, writes_through_numpy, replaces_data])
def test_writes_into_its_input(f):
    report = checked(f, X)
    assert report.verdict == "FAIL"
    assert "writes into x" in report.problems[0]
    assert not report.nodes


@pytest.mark.parametrize("other", [np.ones(4), tg.ones(4)])
def test_writes_into_an_input_beside(other):
    def f(x, a):
        with tg.no_grad():
            a += 1
        return (x * tg.as_tensor(a)).sum()

    report = tg.gradcheck(f, X, other, wrt=0)
    assert report.verdict == "FAIL"
    assert "writes into another input" in report.problems[0]
    assert other.tolist() == [1, 1, 1, 1]


def leaves_grad_off(x):
    tg.set_grad_enabled(False)
    return (x * x).sum()


def takes_requires_grad_away(x):
    x.requires_grad_(False)
    return (x * x).sum()


def under_no_grad(x):
    with tg.no_grad():
        return (x * x).sum()


@pytest.mark.parametrize(
    "f",
    [
        leaves_grad_off,
        takes_requires_grad_away,
        under_no_grad,
        lambda x: (x.detach() * 2).sum(),
        lambda x: tg.tensor(x.detach().numpy() ** 2),
    ],
)
def test_no_graph_leads_back(f):
    report = checked(f, X)
    assert report.verdict == "FAIL"
    assert report.rows[0].note == "no gradient reaches it"
    assert "no_grad" in report.problems[0]


def with_a_random_scale(x):
    return x.sum() * random.random() + (x * tg.tensor(np.random.rand(4)) * tg.rand(4)).sum()


def seeded_inside(x):
    tg.manual_seed(3)
    return (x * tg.rand(4)).sum()


def sets_the_default_dtype(x):
    tg.set_default_dtype(tg.float64)
    return (x * tg.ones(4)).sum()


def branches(x):
    while float(x.abs().max()) < 10:
        x = x * 2
    return x.sin() if float(x.sum()) > 0 else x.cos()


def writes_in_place(x):
    y = x.clone()
    y[0] = y[1] * 2
    y *= x
    y.exp_()
    y[1:3] += x[0]
    part = y.view(2, 2)[0]
    part *= 3
    return y


def differentiates(x):
    (g,) = tg.autograd.grad((x**3).sum(), x, create_graph=True)
    return (g * g).sum()


def calls_backward(x):
    (x * x).sum().backward()
    return (x * x).sum()


def looks_by_a_hook(x):
    h = x.sin()
    h.register_hook(lambda g: None)
    return h.sum()


RIGHT = {
    "a random scale": with_a_random_scale,
    "seeded inside": seeded_inside,
    "default dtype": sets_the_default_dtype,
    "control flow": branches,
    "in place": writes_in_place,
    "a gradient inside": differentiates,
    "backward inside": calls_backward,
    "a hook that looks": looks_by_a_hook,
    "NumPy's functions": lambda x: np.exp(x) * np.sum(x) + np.tanh(x),
    "shared": lambda x: (lambda h: h * h.sin() + h)(x.exp()),
    "itself": lambda x: x,
    "twice itself": lambda x: (x, x),
    "an entry found by argmax": lambda x: x[int(x.argmax())] * x.sum(),
    "a product with 0": lambda x: x * 0.0,
    "a difference with itself": lambda x: x - x,
    "of size 1e-300": lambda x: x.sin().sum() * 1e-300,
    "of size 1e300": lambda x: x.sin().sum() * 1e300,
    "beside 1e15": lambda x: x.sin().sum() + 1e15,
    "a module": nn.Softmax(0),
    "a method": tg.Tensor.sin,
    "a ufunc": np.sin,
}


@pytest.mark.parametrize("name", RIGHT)
def test_unusual_and_right(name):
    report = checked(RIGHT[name], X)
    assert report.verdict == "PASS", report


@pytest.mark.parametrize(
    "x", [np.zeros((0, 3)), np.array(0.3), np.asfortranarray(rng().standard_normal((3, 4)))]
)
def test_empty_scalar_and_transposed_inputs(x):
    assert checked(lambda x: (x.sin() * 2).sum(), x, order=2).verdict == "PASS"


def test_empty_inputs_of_a_function_that_divides_by_their_number():
    def f(x):
        return F.batch_norm(x, None, None, training=True)

    report = checked(f, np.zeros((0, 3)))
    assert report.verdict == "PASS"
    assert report.rows[0].note == "no entries"


def test_python_floats():
    assert tg.gradcheck(lambda x, n: x**n, 1.5, 3).verdict == "PASS"
    assert tg.gradcheck(lambda x, y: x * y, [1.5, 2.5]).verdict == "PASS"


@pytest.mark.parametrize("x", [np.arange(3), np.array([True]), np.array([1j]), "abc", 3, None])
def test_nothing_to_differentiate_by(x):
    with pytest.raises(TypeError, match="no input holds floats to differentiate by"):
        tg.gradcheck(lambda x: x * 2, x)


def custom(forward, backward):
    class Op(tg.autograd.Function):
        pass

    Op.forward, Op.backward = staticmethod(forward), staticmethod(backward)
    return Op.apply


def twice(ctx, x):
    return x * 2


def raises(ctx, g):
    raise ValueError("oops")


def in_place(ctx, g):
    g *= 2
    return g


@pytest.mark.parametrize(
    ("backward", "kind", "words"),
    [
        (lambda ctx, g: None, "no gradient", "returns no gradient for x"),
        (lambda ctx, g: (g * 2, g), "raises", "expected 1, got 2"),
        (lambda ctx, g: (g * 2).sum(), "summed over too many axes", "shape ()"),
        (lambda ctx, g: (g * 2)[:2], "wrong shape", "has shape 2, not 4"),
        (raises, "raises", "raised ValueError: oops"),
        (in_place, "raises", "read-only"),
    ],
)
def test_functions_with_a_broken_backward(backward, kind, words):
    f = custom(twice, backward)
    report = checked(lambda x: f(x).sin().sum() + x.sum(), X)
    wrong = only(report)
    assert (wrong.op, wrong.kind) == ("Op", kind)
    assert words in " ".join(str(report).split())
    assert wrong.location.startswith("test_unruly_functions.py:")
    assert not report.problems


def test_a_hook_that_changes_a_gradient_is_named():
    def f(x):
        h = x.sin()
        h.register_hook(lambda g: g * 2)
        return h.sum()

    wrong = only(checked(f, X))
    assert wrong.kind == "changed by a hook"
    assert "sin #1 has a hook" in wrong.message
    assert wrong.source == "h = x.sin()"


def test_a_value_overwritten_between_forward_and_backward():
    def f(x):
        y = x.exp()
        z = y * y
        with tg.no_grad():
            y.mul_(2)
        return z.sum()

    report = checked(f, X)
    assert report.verdict == "INVALID"
    assert "modified by an inplace operation" in report.problems[0]


@pytest.mark.parametrize("f", [tg.sqrt, lambda x: x.asin(), lambda x: x.acosh()])
def test_an_infinite_slope_at_the_end_of_a_domain(f):
    x = np.array([0.0, 2.0]) if f is tg.sqrt else np.array([1.0, 1.0])
    report = checked(f, x)
    assert report.verdict == "INCONCLUSIVE"
    assert "not finite here" in report.nodes[0].message


def test_numbers_too_small_to_tell():
    assert checked(lambda x: x * x, X * 1e-160).verdict == "INCONCLUSIVE"


def test_raises_half_way_and_later():
    def early(x):
        x.sin()
        tg.set_grad_enabled(False)
        raise KeyError("b")

    report = checked(early, X)
    assert report.verdict == "INVALID"
    assert "raised KeyError at test_unruly_functions.py:" in report.problems[0]

    def beside(x):
        if float(x[0].detach()) != X[0]:
            raise ValueError("elsewhere")
        return x.sin().sum()

    report = checked(beside, X)
    assert report.verdict == "INCONCLUSIVE"
    assert "beside the given point" in report.problems[0]
    assert "raised ValueError" in report.problems[0]


def test_prints_once_on_either_stream(capsys):
    def f(x):
        print("out")
        print("err", file=sys.stderr)
        return x.sum()

    assert tg.gradcheck(f, X)
    assert capsys.readouterr() == ("out\n", "err\n")


def test_many_mistakes_fit_into_the_message():
    def f(*xs):
        return sum((x.detach() * x).sum() for x in xs)

    report = tg.gradcheck(f, *[rng(k).standard_normal(2) for k in range(30)])
    assert report.verdict == "FAIL"
    assert len(str(report).splitlines()) <= 25
    assert "more" in str(report)
    assert all(row.status == "FAIL" for row in report.rows)


@pytest.mark.parametrize("training", [True, False])
def test_dropout_and_batch_norm_in_either_mode(training):
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.4)).double()
    model(tg.randn(6, 4).double())
    model.train(training)
    before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    around = surroundings()
    x = tg.tensor(rng().standard_normal((6, 4)), requires_grad=True)
    report = check_module(model, x, loss=lambda y: (y**2).mean(), order=2)
    assert report.verdict == "PASS", report
    assert model.training is training
    assert surroundings() == around
    assert all(np.array_equal(v.numpy(), before[k]) for k, v in model.state_dict().items())
    assert x.grad is None
    assert all(p.grad is None for p in model.parameters())


def test_recurrent_models_with_states_in_tuples():
    model = nn.LSTM(3, 2).double()
    x = tg.tensor(rng(0).standard_normal((4, 1, 3)))
    h = tg.tensor(rng(1).standard_normal((1, 1, 2)), requires_grad=True)
    c = tg.tensor(rng(2).standard_normal((1, 1, 2)), requires_grad=True)
    report = check_module(model, x, (h, c))
    assert report.verdict == "PASS"
    assert [row.name for row in report.rows[-2:]] == ["input 1[0]", "input 1[1]"]


def test_softmax_written_by_hand_with_numpy_in_it():
    def f(x):
        shifted = x - np.max(x.detach().numpy())
        e = np.exp(shifted)
        return F.relu(e / np.sum(e))

    assert checked(f, X).verdict == "PASS"
