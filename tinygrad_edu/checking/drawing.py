"""A report as a picture: wrong ops red, what is wrong because of them orange, kinks yellow.

The picture is the graph view's; this file only says which card gets which mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from .. import viz
from ..engine.node import Leaf, Node
from ..engine.traced import wrap
from ..viz.model import Annotation

__all__ = ["CONTAMINATED", "KINKED", "Marks", "WRONG", "drawn"]

WRONG, CONTAMINATED, KINKED = "#d62728", "#ff7f0e", "#e0b000"


@dataclass(frozen=True)
class Marks:
    """What a check found, by nodes of the graph it recorded.

    Attributes
    ----------
    outputs : sequence of Tensor
        Of the run that was checked.
    labels : mapping from Node to (str, str)
        A text and a colour for each marked node.
    names : mapping of str to Tensor
        The leaves by name.
    gradients : mapping from Node to array
        As the rules gave them when they were checked.
    """

    outputs: Sequence[Any]
    labels: Mapping[Node, tuple[str, str]]
    names: Mapping[str, Any]
    gradients: Mapping[Node, Any] = field(default_factory=dict)


@contextmanager
def _held(gradients: Mapping[Node, Any]) -> Iterator[None]:
    """Let the graph hold these gradients, as `retain_grad` would have kept them."""
    places = [node if isinstance(node, Leaf) else node.note() for node in gradients]
    before = [place.grad for place in places]
    try:
        for place, g in zip(places, gradients.values(), strict=True):
            place.grad = wrap(g)
        yield
    finally:
        for place, g in zip(places, before, strict=True):
            place.grad = g


def drawn(marks: Marks, **options: Any) -> Any:
    """The graph view of a checked run with its marks.

    Parameters
    ----------
    marks : Marks
    options
        As for `viz.graph`.
    """
    with _held(marks.gradients):
        picture = viz.graph(*marks.outputs, names=marks.names, **options)
    reading: Any = picture.reading
    by_card = {
        reading.by_node[node]: Annotation(text, color)
        for node, (text, color) in marks.labels.items()
        if node in reading.by_node
    }
    view = reading.complete()
    cards = tuple(
        replace(card, annotations=(*card.annotations, by_card[card.id]))
        if card.id in by_card
        else card
        for card in view.cards
    )
    return viz.Graph(replace(view, cards=cards), picture.options)
