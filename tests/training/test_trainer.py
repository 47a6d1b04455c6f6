"""The loop: equal to the one written by hand, measured truly, and refusing what it cannot train."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.workshop import data, state, trainer
from tinygrad_edu import datasets, nn, optim
from tinygrad_edu.checking import GradcheckError
from tinygrad_edu.engine.table import find, with_rule
from tinygrad_edu.training import EarlyStopping, History, Trainer, TrainingDiverged, accuracy
from tinygrad_edu.utils.data import DataLoader, TensorDataset


def simple(train: Any = None, test: Any = None, lr: float = 0.5, **options: Any) -> Trainer:
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    optimizer = optim.SGD(model.parameters(), lr=lr)
    train = data() if train is None else train
    return Trainer(model, nn.CrossEntropyLoss(), optimizer, train, test, progress=False, **options)


def test_it_does_what_the_loop_by_hand_does() -> None:
    x, y = data()
    t = simple(batch_size=8, test=(x, y))
    history = t.fit(3)

    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    loss_function = nn.CrossEntropyLoss()
    for epoch in range(3):
        losses, right = [], 0
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True):
            optimizer.zero_grad()
            output = model(xb)
            loss = loss_function(output, yb)
            loss.backward()
            optimizer.step()
            losses += [loss.item()] * len(xb)
            right += int((output.argmax(1) == yb).sum())
        with tg.no_grad():
            test_loss = loss_function(model(x), y).item()
        assert history[epoch].train_loss == pytest.approx(np.mean(losses), rel=1e-12)
        assert history[epoch].train_accuracy == right / 50
        assert history[epoch].test_loss == test_loss
    for a, b in zip(t.model.parameters(), model.parameters()):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    assert (t.epoch, t.step) == (3, 21)


def test_a_pair_without_batch_size_is_one_batch() -> None:
    t = simple()
    t.fit(4)
    assert t.step == 4


def test_data_come_in_many_forms() -> None:
    x, y = data()
    pair = simple((x.numpy(), y.numpy()), batch_size=10)
    pair.fit(2)
    loader = simple(DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True))
    loader.fit(2)
    dataset = simple(TensorDataset(x, y), batch_size=10)
    dataset.fit(2)
    for other in (loader, dataset):
        for a, b in zip(pair.model.parameters(), other.model.parameters()):
            np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    listed = simple([(x[:25], y[:25]), (x[25:], y[25:])])
    listed.fit(2)
    assert listed.step == 4
    split = datasets.digits().split()
    tg.manual_seed(0)
    model = nn.Linear(64, 10)
    t = Trainer(
        model,
        nn.CrossEntropyLoss(),
        optim.SGD(model.parameters(), lr=0.1),
        split,
        batch_size=100,
        progress=False,
    )
    assert t.fit(2)[-1].test_accuracy is not None


def test_an_iterable_of_unknown_length_is_read_to_its_end() -> None:
    x, y = data()

    class Stream:
        def __iter__(self) -> Iterator[Any]:
            for i in range(0, 50, 20):
                yield x[i : i + 20], y[i : i + 20]

    t = simple(Stream())
    t.fit(2)
    assert (t.epoch, t.step) == (2, 6)
    t = simple(Stream())
    t.fit(steps=4)
    assert (t.epoch, t.step) == (1, 4)
    t.fit(2)
    assert (t.epoch, t.step) == (2, 6)
    assert t.history[-1].train_accuracy is not None


def test_fit_counts_from_the_start() -> None:
    t = simple()
    t.fit(2)
    t.fit(5)
    assert t.epoch == 5
    with pytest.raises(ValueError, match=r"epochs=5, and 5 are done.*fit\(epochs=10\)"):
        t.fit(5)
    with pytest.raises(ValueError, match="given no end"):
        t.fit()


def test_measuring_less_often_keeps_the_last_epoch() -> None:
    t = simple(measure_every=4)
    assert [e.epoch for e in t.fit(10)] == [4, 8, 10]


def test_evaluating_changes_nothing() -> None:
    t = trainer()
    t.fit(2)
    before = state(t)
    t.model.train()
    loss, right = t.evaluate(data())
    assert t.evaluate(data()) == (loss, right)  # dropout is off
    assert t.model.training
    assert t.predict(data()[0]).grad_fn is None
    for a, b in zip(before, state(t)):
        np.testing.assert_array_equal(a, b)


def test_early_stopping_goes_back_to_the_best_epoch() -> None:
    x, y = data()
    t = simple(
        test=(x, y), lr=30.0, batch_size=8, early_stopping=EarlyStopping("test_loss", patience=3)
    )
    history = t.fit(200)
    best = history.best("test_loss")
    assert t.epoch == best.epoch + 3
    assert t.epoch < 200
    assert t.evaluate((x, y))[0] == best.test_loss


def test_early_stopping_by_accuracy_and_in_words() -> None:
    stopping = EarlyStopping("train_accuracy", patience=2)
    t = simple(early_stopping=stopping)
    t.fit(100)
    assert stopping.best == max(t.history.column("train_accuracy"))
    with pytest.raises(ValueError, match="monitors test_loss, which this Trainer does not measure"):
        simple(early_stopping=EarlyStopping()).fit(1)
    with pytest.raises(ValueError, match=r"monitor='loss'; expected one of train_loss"):
        EarlyStopping("loss")
    with pytest.raises(ValueError, match="patience=0; expected at least 1"):
        EarlyStopping(patience=0)


def test_stop_when() -> None:
    t = simple(stop_when=lambda epoch: epoch.epoch == 3)
    t.fit(10)
    assert t.epoch == 3


# pytest turns NumPy's overflow into an error, which the package silences.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_diverging_loss_is_explained_before_it_does_harm() -> None:
    x, y = data()
    tg.manual_seed(0)
    model = nn.Linear(4, 1)
    target = y[:, None].float()
    t = Trainer(
        model, nn.MSELoss(), optim.SGD(model.parameters(), lr=1e10), (x, target), progress=False
    )
    with pytest.raises(TrainingDiverged, match=r"step \d+ .*learning rate 1e\+10.*such as 1e\+09"):
        t.fit(100)


def test_accuracy_is_measured_only_where_targets_are_classes() -> None:
    x, _ = data()
    model = nn.Linear(4, 1)
    t = Trainer(
        model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), (x, x[:, :1]), progress=False
    )
    assert t.fit(2)[-1].train_accuracy is None


def test_logits_are_judged_at_zero() -> None:
    x, y = data()
    model = nn.Linear(4, 1)
    target = y[:, None].float()
    t = Trainer(
        model,
        nn.BCEWithLogitsLoss(),
        optim.SGD(model.parameters(), lr=0.1),
        (x, target),
        progress=False,
    )
    t.fit(1)
    right = float(((model(x) >= 0).float() == target).float().mean())
    assert t.evaluate((x, target))[1] == pytest.approx(right)


def test_plateau_schedules_see_the_loss() -> None:
    tg.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = optim.SGD(model.parameters(), lr=1e-3)
    schedule = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.5)
    t = Trainer(model, nn.CrossEntropyLoss(), optimizer, data(), scheduler=schedule, progress=False)
    t.fit(4)
    assert t.history[-1].lr < 1e-3


def test_gradients_are_checked_when_asked() -> None:
    seen: list[str] = []

    def check(t: Trainer, x: Any, y: Any, when: str) -> str:
        seen.append(when)
        tg.rand(3)  # a check that draws must not move the training's stream
        return "fine"

    plain = trainer()
    plain.fit(2)
    expected = state(plain)
    checked = trainer(check_gradients=check)
    checked.fit(2)
    assert seen == ["before training", "after 3 steps", "at the end"]
    assert checked.gradient_checks == [(when, "fine") for when in seen]
    for a, b in zip(expected, state(checked)):
        np.testing.assert_array_equal(a, b)


class WithEverything(nn.Module):
    """Buffers, a mask that is drawn, and a mode that matters."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.norm = nn.Linear(4, 8), nn.BatchNorm1d(8)
        self.drop, self.out = nn.Dropout(0.4), nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        return self.out(self.drop(tg.tanh(self.norm(self.hidden(x)))))


@pytest.mark.parametrize("model_kind", ["mlp", "everything"])
def test_checked_training_is_the_same_training(model_kind: str) -> None:
    def trained(check: bool) -> tuple[Trainer, list[np.ndarray]]:
        np.random.seed(3)
        if model_kind == "mlp":
            t = trainer(check_gradients=check)
        else:
            tg.manual_seed(1)
            model = WithEverything()
            optimizer = optim.Adam(model.parameters(), lr=0.02)
            t = Trainer(
                model,
                nn.CrossEntropyLoss(),
                optimizer,
                data(),
                batch_size=10,
                check_gradients=check,
                progress=False,
            )
        t.fit(3)
        buffers = [np.array(b.numpy()) for b in t.model.buffers()]
        grads = [np.array(p.grad.numpy()) for p in t.model.parameters() if p.grad is not None]
        return t, [*state(t), *buffers, *grads, np.random.random(2)]

    (checked, there), (_, here) = trained(True), trained(False)
    assert [when for when, _ in checked.gradient_checks] == [
        "before training",
        "after 3 steps",
        "at the end",
    ]
    names = [name for name, _ in checked.model.named_parameters()]
    for _, report in checked.gradient_checks:
        assert report
        assert [row.name for row in report.rows] == names
    assert checked.model.training
    assert tg.is_grad_enabled()
    for a, b in zip(there, here, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_wrong_rule_is_warned_of_by_name() -> None:
    tanh = find(np.tanh)
    assert tanh is not None
    with with_rule(tanh, "x", lambda g, y: g * (1 - y)):
        t = simple(check_gradients=True)
        with pytest.warns(UserWarning, match="a gradient is wrong, (before|after|at)") as told:
            t.fit(4)
    assert len(told) == 3
    report = t.gradient_checks[0][1]
    assert report.verdict == "FAIL"
    assert report.first_wrong.op.startswith("tanh")
    assert {row.name for row in report.rows if row.status == "FAIL"} == {"0.weight", "0.bias"}


def test_training_can_be_stopped_by_a_wrong_rule_before_it_starts() -> None:
    tanh = find(np.tanh)
    assert tanh is not None
    t = simple(check_gradients="raise")
    before = [np.array(p.detach().numpy()) for p in t.model.parameters()]
    stream = tg.get_rng_state().numpy()
    with with_rule(tanh, "x", lambda g, y: g * (1 - y)):
        with pytest.raises(GradcheckError, match="a gradient is wrong, before training"):
            t.fit(4)
    assert t.step == 0
    assert np.array_equal(tg.get_rng_state().numpy(), stream)
    for p, held in zip(t.model.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), held)
    t.fit(4)
    assert all(report for _, report in t.gradient_checks)


def test_a_word_that_asks_for_no_check_is_refused() -> None:
    with pytest.raises(ValueError, match=r'expected True .*, "raise"'):
        simple(check_gradients="always")


@pytest.mark.parametrize(
    ("train", "options", "error", "words"),
    [
        (
            (np.zeros((3, 4)), np.zeros(2)),
            {},
            ValueError,
            r"x of shape \(3, 4\) and y of shape \(2",
        ),
        ((np.zeros((0, 4)), np.zeros(0)), {}, ValueError, "no samples; expected at least one"),
        (
            (np.array([[1.0, math.nan]]), np.zeros(1)),
            {},
            ValueError,
            r"train x has 1 of 2 .*\[0, 1\]",
        ),
        (np.zeros((3, 4)), {}, TypeError, "are a ndarray; expected a pair"),
        (iter([]), {}, TypeError, r"can be read only once.*Write list"),
        ((np.zeros((3, 4)), np.zeros(3)), {"batch_size": 0}, ValueError, "batch_size=0"),
        ((np.zeros((3, 4)), np.zeros(3)), {"measure_every": 0}, ValueError, "measure_every=0"),
        ([], {"batch_size": 4}, ValueError, "no samples"),
        (5, {}, TypeError, "are a int; expected a pair"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(
    train: Any, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        simple(train, **options)


def test_a_loader_has_its_own_batch_size() -> None:
    x, y = data()
    with pytest.raises(ValueError, match="batch_size of its own"):
        simple(DataLoader(TensorDataset(x, y), batch_size=5), batch_size=4)


def test_nan_that_turns_up_in_a_batch_is_located() -> None:
    x, y = data()
    bad = x.clone()
    bad[3, 1] = math.nan
    with pytest.raises(ValueError, match=r"x of step 2 has 1 of 200 .*\[3, 1\]"):
        simple([(x, y), (bad, y)]).fit(1)


def test_history_answers() -> None:
    history = simple().fit(5)
    assert len(history) == 5
    assert history.column("epoch") == [1, 2, 3, 4, 5]
    assert "the last: epoch 5" in repr(history)
    assert history.best("train_loss").train_loss == min(history.column("train_loss"))
    with pytest.raises(KeyError, match="no column 'loss'"):
        history.column("loss")
    with pytest.raises(ValueError, match="no test_loss yet"):
        history.best()
    assert repr(History()) == "History(no epochs yet)"


def test_history_plots() -> None:
    pytest.importorskip("matplotlib")
    figure = simple(test=data()).fit(3).plot()
    assert [axes.get_title() for axes in figure.axes] == ["loss", "accuracy"]
    assert all(len(axes.lines) == 2 for axes in figure.axes)


def test_accuracy_of_each_kind_of_target() -> None:
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]])
    assert accuracy(scores, np.array([1, 0, 0])) == pytest.approx(2 / 3)
    assert accuracy(scores, np.array([[0, 1], [1, 0], [0, 1]])) == 1.0
    assert accuracy(np.array([[0.5], [0.4]]), np.array([[1.0], [1.0]])) == 0.5
    assert accuracy(np.array([0.1, -0.1]), np.array([1, 0]), threshold=0) == 1.0
    with pytest.raises(ValueError, match=r"output of shape \(3, 2\) and target of shape \(2,\)"):
        accuracy(scores, np.array([1, 0]))
