"""Options that make no sense are refused before anything is run or drawn."""

from __future__ import annotations

from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, viz


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"theme": "mood"}, "theme='mood' is not known; write one of 'light', 'dark', 'auto'"),
        ({"detail": "all"}, "detail='all' is not known; write one of 'auto', 'ops'"),
        ({"direction": "UP"}, "direction='UP' is not known; write one of 'TB', 'LR'"),
        ({"color_by": "mood"}, "color_by='mood' is not known; write one of 'role', 'grad'"),
        ({"max_nodes": 0}, "max_nodes=0 leaves no card to draw"),
    ],
)
@pytest.mark.parametrize("draw", [viz.graph, viz.backward, tg.draw])
def test_words_that_no_option_has(draw: Any, options: dict[str, Any], words: str) -> None:
    x = tg.tensor(2.0, requires_grad=True)
    with pytest.raises(ValueError, match=words):
        draw(x * x, **options)
    assert x.grad is None


def test_an_option_that_backward_does_not_have() -> None:
    x = tg.tensor(2.0, requires_grad=True)
    with pytest.raises(TypeError, match="no option 'colour_by'; it has collapse, detail"):
        viz.backward(x * x, colour_by="grad")
    assert x.grad is None


def test_backward_is_coloured_and_turned_as_a_graph_is() -> None:
    x = tg.tensor([1.0, 3.0], requires_grad=True)
    loss = (x.exp() * 0.001).sum()
    trace = viz.backward(loss, color_by="grad", direction="LR")
    assert trace.view.direction == "LR"
    assert any(c.paint for c in trace.view.cards)
    assert "rankdir=LR" in trace.graph().to_dot()
    assert viz.backward((x * x).sum(), color_by="time").view.cards[-1].seconds


def test_a_module_is_to_be_called_first() -> None:
    with pytest.raises(TypeError, match=r"a Linear, a module\. Call it .* viz\.summary"):
        viz.graph(nn.Linear(2, 3))
    with pytest.raises(TypeError, match="output 0 is of type int"):
        viz.graph(3)
