"""Connectionist temporal classification: against all alignments written out, and PyTorch."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
import tinygrad_edu.nn.functional as F

R = np.random.default_rng(5)


def merged(path: tuple[int, ...], blank: int) -> list[int]:
    """The labels that an alignment stands for."""
    return [c for c, _ in itertools.groupby(path) if c != blank]


def by_hand(logs: Any, labels: list[int], blank: int) -> float:
    """−log of the summed probability of all alignments, each of them looked at."""
    steps, classes = logs.shape
    total = sum(
        math.exp(sum(logs[t, c] for t, c in enumerate(path)))
        for path in itertools.product(range(classes), repeat=steps)
        if merged(path, blank) == labels
    )
    return -math.log(total) if total else math.inf


def log_probs(*shape: int) -> Any:
    return tg.tensor(R.normal(size=shape)).log_softmax(-1)


@pytest.mark.parametrize("labels", [[], [1], [1, 1], [1, 2, 1], [2, 2, 1, 2]])
@pytest.mark.parametrize("blank", [0, 3])
def test_every_alignment_is_counted_once(labels: list[int], blank: int) -> None:
    x = log_probs(5, 1, 4)
    target = tg.tensor([labels], dtype=tg.int64).reshape(1, -1)
    loss = F.ctc_loss(x, target, (5,), (len(labels),), blank, "sum")
    assert loss.item() == pytest.approx(by_hand(x.numpy()[:, 0], labels, blank), rel=1e-12)


def test_gradients() -> None:
    x = tg.tensor(R.normal(size=(5, 2, 4)), requires_grad=True)
    target = tg.tensor([[1, 1], [3, 0]])

    def loss(x: Any) -> Any:
        return F.ctc_loss(x, target, (5, 3), (2, 1), reduction="none")

    assert tg.autograd.gradcheck(loss, (x,))
    assert tg.autograd.gradgradcheck(loss, (x,))


def test_a_sequence_too_short_for_its_labels() -> None:
    x = log_probs(2, 1, 3).requires_grad_()
    target = tg.tensor([[1, 1]])
    assert F.ctc_loss(x, target, (2,), (2,)) == math.inf
    loss = F.ctc_loss(x, target, (2,), (2,), zero_infinity=True)
    loss.backward()
    assert loss == 0
    assert (x.grad == 0).all()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"targets": [[1, 0]]}, "other than the blank"),
        ({"targets": [[1, 9]]}, "other than the blank"),
        ({"input_lengths": (9,)}, "input_lengths must be between"),
        ({"target_lengths": (3,)}, "at least target_length labels"),
        ({"target_lengths": (1, 1)}, "batch_size"),
        ({"targets": [1, 2, 1]}, "add up to"),
        ({"blank": 7}, "label range"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Any], words: str) -> None:
    given = {"targets": [[1, 2]], "input_lengths": (4,), "target_lengths": (2,), **changed}
    given["targets"] = tg.tensor(given["targets"])
    with pytest.raises(RuntimeError, match=words):
        F.ctc_loss(log_probs(4, 1, 3), **given)


@pytest.mark.torch
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("form", ["rows", "one after the other"])
def test_beside_pytorch(reduction: str, form: str) -> None:
    torch = pytest.importorskip("torch")
    x, lengths = R.normal(size=(12, 3, 5)), (4, 3, 0)
    target = np.array([[1, 2, 2, 4], [3, 3, 1, 0], [1, 0, 0, 0]])
    if form != "rows":
        target = np.concatenate([row[:n] for row, n in zip(target, lengths, strict=True)])
    found = []
    for t in (tg, torch):
        leaf = t.tensor(x).requires_grad_()
        loss = t.nn.CTCLoss(reduction=reduction)(
            leaf.log_softmax(-1), t.tensor(target), t.tensor([12, 10, 7]), t.tensor(lengths)
        )
        loss.sum().backward()
        found.append((loss.detach().numpy(), leaf.grad.numpy()))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


@pytest.mark.torch
def test_one_sequence_without_a_batch() -> None:
    torch = pytest.importorskip("torch")
    x = R.normal(size=(6, 4))
    ours, theirs = (
        t.nn.functional.ctc_loss(
            t.tensor(x).log_softmax(-1), t.tensor([1, 2]), t.tensor(6), t.tensor(2)
        ).item()
        for t in (tg, torch)
    )
    assert ours == pytest.approx(theirs, rel=1e-12)
