"""What a card says was settled when the graph was read, whatever is drawn and happens later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim, viz
from tinygrad_edu.viz.model import Card
from tinygrad_edu.viz.picture import Graph
from tinygrad_edu.viz.reading import outline as reading
from tinygrad_edu.viz.reading import values


def trained() -> tuple[Graph, Any, Any, Any]:
    tg.manual_seed(0)
    model = nn.Linear(3, 2)
    opt = optim.SGD(model.parameters(), lr=1.0)
    batch = np.ones((4, 3), np.float32)
    loss = (model(tg.from_numpy(batch)).t() * 2.0).sum()
    loss.backward()
    return viz.graph(loss), model, opt, batch


@pytest.mark.parametrize("largest_copy", [1 << 24, 0])
def test_what_happens_after_reading_does_not_show(
    largest_copy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "COPIED", largest_copy)
    expected = trained()[0].to_json()
    graph, model, opt, batch = trained()
    opt.step()
    opt.zero_grad(set_to_none=False)
    batch[:] = 7.0
    model.bias._data[:] = 9.0
    assert graph.to_json() == expected


def test_figures_are_made_of_what_is_drawn_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Any, bool]] = []

    def counted(array: Any, detail: bool) -> Any:
        made.append((array, detail))
        return plain(array, detail)

    plain = reading.figures
    monkeypatch.setattr(reading, "figures", counted)
    x = tg.ones(3, requires_grad=True)
    y = x
    for _ in range(400):
        y = y.tanh() + 0.1
    y.sum().backward()
    graph = viz.graph(y.sum())
    assert made == []
    shown = graph.folded().cards
    graph.to_svg()
    assert 0 < len(made) <= 4 * len(shown)
    assert not any(detail for _, detail in made)
    made.clear()
    cards = graph.view.cards
    assert len(made) >= len(cards)
    assert all(c.value.histogram for c in cards if c.value.size > 1)


def test_filled_twice_is_filled_once() -> None:
    graph, *_ = trained()
    assert graph.reading is not None
    bare: Card = graph.reading.view.cards[-1]
    once = graph.reading.fill(bare)
    assert once.value.known
    assert graph.reading.fill(once) is once


def test_nan_is_found_in_a_graph_too_large_to_be_filled() -> None:
    tg.manual_seed(0)
    x = tg.ones(2, requires_grad=True)
    y = x
    for step in range(5000):
        with np.errstate(divide="ignore"):
            y = (y * 0.0).log() if step == 4000 else y + 0.001
    with np.errstate(all="ignore"):
        marks = [a.label for c in viz.graph(y).folded().cards for a in c.annotations]
    assert "Inf starts here" in marks
