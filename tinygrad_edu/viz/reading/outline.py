"""A graph as read: its outline at once, the figures of its cards when they are shown.

A picture of 100,000 ops shows eighty cards, so values are turned into words and statistics only
for cards that are drawn. What they are is settled when the graph is read: arrays that belong to
somebody else were copied then, so a step that is taken before the picture is saved does not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...engine.node import Node
from ..formatting import shorten
from ..model import NOT_ASKED, Card, Summary, View
from ..vitals import Vitals, measured
from .gradients import Gradients
from .meaning import constant_text
from .rules import rule_texts
from .summarise import summarise
from .values import Values, apart, is_single

# Past this many cards, full texts, histograms and heat-maps are left to smaller pictures.
DETAILED = 1500
UNREAD = Summary(reason="not read yet")


@dataclass(slots=True)
class Item:
    """What a card stands for: a node, or a constant (`node` is None) that a node was given.

    `sources` are the numbers of a call's inputs, in order.
    """

    id: int
    node: Node | None
    constant: Any = None
    user: Node | None = None
    sources: tuple[int, ...] = ()


@dataclass
class Reading:
    """A graph as read: the view without figures, and where to find them.

    Attributes
    ----------
    view : View
        Cards whose value and gradient say that they were not read yet.
    items : list of Item
        What each card stands for, by its number.
    by_node : dict
        The number of each node's card.
    detailed : bool
        Whether the graph is small enough for full texts, histograms and heat-maps.
    """

    view: View
    items: list[Item]
    by_node: dict[Node, int]
    values: Values
    gradients: Gradients
    detailed: bool
    filled: dict[tuple[int, bool], Card] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.items:
            if item.node is None:
                copy = apart(item.constant)
                live, item.constant = copy is None, item.constant if copy is None else copy
            else:
                live = item.node in self.values.live or item.node in self.gradients.live
            if live:  # too large to be copied, and somebody else's: read now
                done = self._done(self.view.cards[item.id], self.detailed)
                self.filled[item.id, False] = self.filled[item.id, True] = done

    def fill(self, card: Card, detail: bool = False) -> Card:
        """The card with its value, its gradient and its rule.

        With `detail` also their full text, histogram and heat-map, which the page and JSON have.
        """
        unread = UNREAD.reason
        if unread not in (card.value.reason, card.grad.reason) or card.id >= len(self.items):
            return card
        done = self.filled.get((card.id, detail))
        if done is None:
            done = self.filled[card.id, detail] = self._done(card, detail)
        value = done.value if card.value.reason == unread else card.value
        grad = done.grad if card.grad.reason == unread else card.grad
        meaning = card.meaning or done.meaning
        return replace(card, value=value, grad=grad, rule=done.rule, meaning=meaning)

    def complete(self) -> View:
        """The view with all figures."""
        return self.completed(self.view)

    def completed(self, view: View) -> View:
        """`view`, which is this reading's or part of it, with all figures."""
        return replace(view, cards=tuple(self.fill(c, self.detailed) for c in view.cards))

    def vitals(self) -> Vitals:
        """What the marks of health need of all cards."""
        return measured(self._arrays())

    def _arrays(self) -> Iterator[tuple[int, Any, Any]]:
        values, gradients = self.values.known, self.gradients.known
        for item in self.items:
            if item.node is None:
                yield item.id, item.constant, None
            else:
                yield item.id, values.get(item.node), gradients.get(item.node)

    def _done(self, card: Card, detail: bool) -> Card:
        item = self.items[card.id]
        rule = () if item.node is None or card.is_leaf else rule_texts(item.node)
        value, grad = self._value(item, detail), self._grad(item, detail)
        meaning = card.meaning or self._meaning(item)
        return replace(card, value=value, grad=grad, rule=rule, meaning=meaning)

    def _meaning(self, item: Item) -> str:
        array = item.constant
        if item.user is None or not isinstance(array, np.ndarray) or array.size < 2:
            return ""
        user = item.user
        return constant_text(user, array, lambda x: self.values.operand(x, user)[0])

    def _value(self, item: Item, detail: bool) -> Summary:
        if item.node is None:
            return figures(item.constant, detail)
        if not is_single(item.node):
            return Summary(reason=f"{len(item.node.shape)} outputs")
        value, why = self.values.of(item.node)
        return Summary(reason=why) if value is None else figures(value, detail)

    def _grad(self, item: Item, detail: bool) -> Summary:
        if item.node is None:
            return Summary(reason=NOT_ASKED)
        g, why = self.gradients.of(item.node)
        if g is None or not hasattr(g, "dtype") or isinstance(g.dtype, tuple):
            return Summary(reason=why or "several outputs")
        return figures(g, detail)


def figures(array: Any, detail: bool) -> Summary:
    """`summarise`, for anything a node may have been given."""
    if isinstance(array, int | float | bool | complex | np.ndarray | np.generic):
        return summarise(array, detail=detail)
    return Summary(text=shorten(str(array), 60))
