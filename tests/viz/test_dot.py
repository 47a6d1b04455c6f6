"""DOT: golden files, the safe dialect, hostile names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.viz.examples import HOSTILE, hostile, nan_case, softmax_box, square, transformer, xor
from tinygrad_edu.viz.folding.fold import fold
from tinygrad_edu.viz.health import with_health
from tinygrad_edu.viz.model import View
from tinygrad_edu.viz.writers.dot import to_digraph, to_dot

GOLDEN = Path(__file__).parent / "golden"
VIEWS: dict[str, Callable[[], View]] = {
    "xor": lambda: fold(xor()),
    "softmax_folded": lambda: fold(softmax_box(), collapse=("softmax",)),
    "square": lambda: fold(square()),
    "nan": lambda: fold(with_health(nan_case())),
    "transformer": lambda: fold(transformer(12), budget=5, expand=("blocks",)),
}


@pytest.mark.parametrize("name", VIEWS)
def test_golden(name: str) -> None:
    """`TINYGRAD_EDU_UPDATE_GOLDEN=1` writes the files anew; look at the difference."""
    text = to_dot(VIEWS[name]())
    path = GOLDEN / f"{name}.dot"
    if os.environ.get("TINYGRAD_EDU_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_digraph_is_the_packages_own() -> None:
    graphviz = pytest.importorskip("graphviz")
    graph = to_digraph(fold(xor()))
    assert isinstance(graph, graphviz.Digraph)
    assert graph.source == to_dot(fold(xor()))


def test_one_edge_per_use() -> None:
    text = to_dot(square())
    assert len(re.findall(r"n0 -> n1", text)) == 2


def test_the_dialect_is_safe() -> None:
    text = to_dot(fold(transformer(2)))
    assert "rank=same" not in text
    assert not re.search(r"<SU[BP]>", text)
    assert set(re.findall(r"fontname=(\w+)", text)) == {"Helvetica"}
    colors = re.findall(r'(?:COLOR|color|fillcolor|bgcolor)="?([^" \]]+)', text)
    assert colors
    assert all(re.fullmatch(r"#[0-9a-f]{6}", c) for c in colors)
    assert not re.search(r"0x[0-9a-f]{6,}", text)


def test_hostile_names_cannot_leave_their_label() -> None:
    text = to_dot(fold(hostile()))
    text.encode("utf-8")
    assert "<script" not in text
    assert "<b>" not in text
    assert len(text) < 60_000
    assert "\x00" not in text
    assert max(map(len, text.splitlines())) < 5000
    assert HOSTILE[5] not in text


def test_a_step_lights_its_card_and_dims_what_is_not_reached() -> None:
    view = fold(xor())
    first = next(i for i, s in enumerate(view.steps) if s.kind == "backward")
    text = to_dot(view, step=first)
    assert "step 1 of 11" in text
    assert text.count("#ffe6cf") >= 1
    assert 'dir="back"' in text or "dir=back" in text
    with pytest.raises(IndexError, match="22 steps"):
        to_dot(view, step=99)


def test_dark_uses_the_dark_palette() -> None:
    assert "#12151a" in to_dot(square(), dark=True)
