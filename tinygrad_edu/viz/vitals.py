"""Which cards hold NaN, infinity or nothing but zeros, and how large gradients are, found fast.

Statistics in words take a hundred times as long, and are made only for the cards that are drawn;
but a NaN must be found wherever it is, and a gradient that vanishes is one beside all others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .model import Summary, View
from .reading.summarise import root_mean_square, summarise


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the marks of health need to know of all cards, by their numbers.

    Attributes
    ----------
    values, grads : dict
        The figures of values and gradients that hold NaN or infinity.
    sizes : dict
        The root mean square of each known gradient.
    blank : set
        Cards whose value is zero everywhere.
    """

    values: dict[int, Summary] = field(default_factory=dict)
    grads: dict[int, Summary] = field(default_factory=dict)
    sizes: dict[int, float] = field(default_factory=dict)
    blank: set[int] = field(default_factory=set)


def sick(summary: Summary) -> bool:
    """Whether there is NaN or infinity."""
    return bool(summary.nan or summary.inf)


def vitals_of(view: View) -> Vitals:
    """The vitals of a view whose cards have their figures."""
    cards = view.cards
    return Vitals(
        values={c.id: c.value for c in cards if sick(c.value)},
        grads={c.id: c.grad for c in cards if sick(c.grad)},
        sizes={c.id: c.grad.rms for c in cards if c.grad.rms is not None},
        blank={c.id for c in cards if c.value.size and c.value.zero == c.value.size},
    )


def measured(arrays: Iterable[tuple[int, Any, Any]]) -> Vitals:
    """The vitals of cards given as (number, value, gradient), None for what is not known."""
    found = Vitals()
    with np.errstate(all="ignore"):
        for card, value, grad in arrays:
            if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc":
                flat = value.ravel()
                # One product tells: it is finite if all entries are, and zero if they are.
                square = 0.0 if flat.dtype.kind in "biu" else abs(flat.dot(flat))
                if square == 0.0:
                    if flat.size and not flat.any():
                        found.blank.add(card)
                elif not math.isfinite(square):
                    _note(found.values, card, value)
            elif isinstance(value, float) and not math.isfinite(value):
                _note(found.values, card, value)
            if isinstance(grad, np.ndarray | np.generic) and grad.dtype.kind in "fc" and grad.size:
                size = root_mean_square(grad)
                if math.isfinite(size):
                    found.sizes[card] = size
                    continue
                summary = _note(found.grads, card, grad)
                if summary.rms is not None:
                    found.sizes[card] = summary.rms
    return found


def _note(where: dict[int, Summary], card: int, array: Any) -> Summary:
    summary = summarise(array, detail=False)
    if sick(summary):
        where[card] = summary
    return summary
