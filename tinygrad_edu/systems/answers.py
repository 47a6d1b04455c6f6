"""Answers compared with labels: which samples to show, and how many of each class are right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..datasets.samples import Samples
from .outcome import Prediction, Section
from .system import Array

__all__ = ["by_class", "worth_showing", "wrong_answers"]


def worth_showing(answers: Array, samples: Samples, right: int, wrong: int) -> list[int]:
    """Positions of samples: the first ones answered wrongly, then the first right ones.

    Where fewer are wrong than `wrong`, more right ones take their places.
    """
    missed = np.flatnonzero(answers != samples.y)[:wrong]
    hit = np.flatnonzero(answers == samples.y)[: right + wrong - len(missed)]
    return [int(i) for i in (*missed, *hit)]


def wrong_answers(
    answers: Array,
    samples: Samples,
    what: str,
    predictions: Callable[[list[int]], list[Prediction]],
    further: str = "",
) -> Section:
    """How many are wrong, with some of them and then some of the right ones."""
    missed = int((answers != samples.y).sum())
    return Section(
        f"{missed:,} of {len(samples):,} {what} are answered wrongly",
        f"The wrong ones first, then some of the right ones.{further}",
        predictions=predictions(worth_showing(answers, samples, 6, 10)),
    )


def by_class(answers: Array, samples: Samples, what: str) -> Section:
    """A table of how many of each class are right."""
    rows = []
    for index, name in enumerate(samples.class_names):
        of_class = samples.y == index
        count, right = int(of_class.sum()), int((answers[of_class] == index).sum())
        share = f"{100 * right / count:.1f} %" if count else "–"
        rows.append((name, f"{count:,}", f"{right:,}", share))
    return Section(f"By {what}", head=(what, "measured on", "right", "accuracy"), rows=rows)
