"""Anomaly mode names the op, the line and the entry."""

import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import Function, detect_anomaly, grad, set_detect_anomaly

HERE = r"test_anomaly_mode\.py:\d+"


def leaf(values):
    return tg.tensor(values, dtype=tg.float64, requires_grad=True)


def test_nan_made_in_forward():
    x = leaf([4.0, -1.0])
    with detect_anomaly(), pytest.raises(RuntimeError) as error:
        x.sqrt()  # here
    words = str(error.value)
    assert "sqrt returned nan values in forward" in words
    assert "x.sqrt()  # here" in words
    assert "x = -1 (shape (2,)) gave nan at entry [1]" in words


def test_inf_made_in_forward():
    x = leaf([4.0, 1000.0])
    with detect_anomaly():
        with pytest.raises(RuntimeError, match=rf"exp returned inf values in forward, at .*{HERE}"):
            x.exp()
        with pytest.raises(RuntimeError, match=r"a = 4 .* and b = 0.0 gave inf at entry \[0\]"):
            x / 0.0
    with detect_anomaly(check_inf=False):
        assert (x.exp() > 1e300).tolist() == [False, True]
    with detect_anomaly(check_forward=False):
        x.exp()


def test_what_was_not_finite_already_is_not_blamed():
    with detect_anomaly():
        x = leaf([1.0, 2.0])
        y = tg.where(tg.tensor([True, False]), x, -tg.inf)
        assert tg.softmax(y, 0).tolist() == [1.0, 0.0]
        tg.softmax(y, 0).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_nan_made_in_backward_has_pytorchs_words_and_the_forward_line():
    x = leaf([0.0, 4.0])
    with detect_anomaly():
        loss = (x.sqrt() * 0).sum()  # the forward line
        with pytest.raises(RuntimeError) as error:
            loss.backward()
    words = str(error.value)
    assert words.startswith("Function 'SqrtBackward0' returned nan values in its 0th output.")
    assert "# the forward line" in words
    assert "It was called on x = 0 (shape (2,)), where the gradient that arrived was 0." in words
    assert x.grad is None


def test_inf_made_in_backward():
    x = leaf([0.0, 4.0])
    with detect_anomaly(), pytest.raises(RuntimeError, match="'SqrtBackward0' returned inf values"):
        x.sqrt().sum().backward()
    with detect_anomaly(check_inf=False):
        x.sqrt().sum().backward()
    assert x.grad.tolist() == [float("inf"), 0.25]


def test_nan_in_the_data_is_said():
    w = leaf([1.0, 2.0])
    data = tg.tensor([1.0, float("nan")], dtype=tg.float64)
    with detect_anomaly(), pytest.raises(RuntimeError, match="nan was in its input already"):
        (w * data).sum().backward()


def test_forward_outside_backward_inside():
    x = leaf([0.0, 4.0])
    loss = (x.sqrt() * 0).sum()
    with detect_anomaly(), pytest.raises(RuntimeError, match="called outside detect_anomaly"):
        loss.backward()


def test_derivatives_of_derivatives_name_what_they_belong_to():
    x = leaf([0.0, 4.0])
    with detect_anomaly(check_inf=False):
        (g,) = grad((x**1.5).sum(), x, create_graph=True)  # the first derivative
        with pytest.raises(RuntimeError) as error:
            (g * 0).sum().backward()
    words = str(error.value)
    assert "Function 'PowBackward0' returned nan values" in words
    assert "It belongs to the derivative of pow, which was called at" in words
    assert "# the first derivative" in words


def test_custom_functions():
    class Breaks(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * float("nan")

    with detect_anomaly(), pytest.raises(RuntimeError, match="Function 'BreaksBackward' returned"):
        Breaks.apply(leaf([1.0])).sum().backward()


def test_finite_training_is_untouched():
    answers = []
    for watched in (False, True):
        tg.manual_seed(0)
        model = tg.nn.Linear(3, 2)
        with set_detect_anomaly(watched):
            loss = tg.nn.functional.cross_entropy(model(tg.randn(4, 3)), tg.tensor([0, 1, 1, 0]))
            loss.backward()
        answers.append((loss.item(), model.weight.grad.tolist()))
    assert answers[0] == answers[1]


def test_switches():
    assert not tg.is_anomaly_enabled()
    set_detect_anomaly(True)
    try:
        assert tg.is_anomaly_enabled()
        assert tg.is_anomaly_check_nan_enabled()
        with set_detect_anomaly(False):
            assert not tg.is_anomaly_enabled()
            leaf([-1.0]) ** 2
        assert tg.is_anomaly_enabled()
        with tg.recording() as tape:
            set_detect_anomaly(False)
            assert not tg.is_anomaly_enabled()
            leaf([1.0]) * 2
        assert len(tape.nodes) == 1
    finally:
        set_detect_anomaly(False)
    assert not tg.is_anomaly_enabled()
    with pytest.raises(ValueError, match="out"), detect_anomaly():
        raise ValueError("out")
    assert not tg.is_anomaly_enabled()
