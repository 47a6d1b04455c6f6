"""The terminal's tree and steps, Mermaid, JSON."""

from __future__ import annotations

import json
import re

import pytest

from tests.viz.examples import chain, hostile, rnn, softmax_box, square, transformer, xor
from tinygrad_edu.viz.folding.fold import fold
from tinygrad_edu.viz.model import Card, Edge, View
from tinygrad_edu.viz.writers.json_export import to_json
from tinygrad_edu.viz.writers.mermaid import to_mermaid
from tinygrad_edu.viz.writers.terminal import steps_text, to_text


def test_the_tree_of_x_times_x() -> None:
    assert to_text(square(), width=80, color=False) == (
        "x * x\n"
        "showing 1 of 1 op\n"
        "├─ x  parameter  () f64\n"
        "│     val   3\n"
        "│     grad  6\n"
        "└─ mul(x, x)  output  () f64  bwd 1\n"
        "      val   9\n"
        "      grad  1\n"
    )


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_tree_keeps_its_width(width: int) -> None:
    text = to_text(fold(transformer(2)), width=width, color=False)
    assert max(map(len, text.splitlines())) <= max(width, 90)
    assert "softmax" in text


def test_colour_is_only_ansi() -> None:
    plain = to_text(fold(xor()), width=100, color=False)
    colored = to_text(fold(xor()), width=100, color=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_hostile_names_cannot_write_to_the_terminal() -> None:
    text = to_text(fold(hostile()), width=100, color=False)
    assert all(c.isprintable() or c == "\n" for c in text)
    text.encode("utf-8")


def test_a_step_has_its_six_lines() -> None:
    text = steps_text(xor(), first=2, last=3, color=False)
    assert text.startswith("backward step 3 of 11: mul #14 (4, 1)\n")
    for word in ("1 cotangent", "2 rule", "4 contribution", "5 stored", "5 added", "check"):
        assert word in text
    assert "[[0] [-0.193] [-0.139] [0.103]] + [[0] [-0.193] [-0.139] [0.103]] = " in text
    assert "6 broadcast" in steps_text(xor(), color=False)
    assert "y = matmul(a, b)" in steps_text(xor(), kind="forward", color=False)


def test_no_steps_is_said() -> None:
    assert steps_text(chain(3)) == "No backward steps were recorded.\n"


def test_mermaid() -> None:
    text = to_mermaid(softmax_box())
    assert "flowchart TB" in text
    assert 'subgraph b0["softmax"]' in text
    assert text.count("subgraph") == len(re.findall(r"^ *end$", text, re.MULTILINE))
    assert len(re.findall(r"-->|-\.->", text)) == len(softmax_box().edges)


@pytest.mark.parametrize("view", [transformer(40), rnn(300), chain(20_000)], ids=lambda v: v.title)
def test_mermaid_keeps_its_limits(view: View) -> None:
    text = to_mermaid(view, budget=2000)
    assert len(text) <= 50_000
    assert len(re.findall(r"-->|-\.->", text)) <= 500


def test_mermaid_hostile() -> None:
    text = to_mermaid(hostile())
    for line in text.splitlines()[3:]:
        assert line.count('"') in (0, 2)
        assert "<script" not in line
        assert "`" not in line


def test_mermaid_refuses_what_cannot_be_folded() -> None:
    cards = tuple(Card(i, "x", "input") for i in range(600))
    edges = tuple(Edge(i, 600) for i in range(600))
    view = View("fan", (*cards, Card(600, "concatenate")), edges)
    with pytest.raises(ValueError, match="600 edges"):
        to_mermaid(view)


def test_json() -> None:
    data = json.loads(to_json(fold(xor())))
    assert data["header"] == "showing 11 of 11 ops"
    assert len(data["cards"]) == 18
    assert data["cards"][0]["name"] == "X"
    assert data["cards"][0]["value"]["text"] == "mean 0.5 sd 0.5 [0 .. 1]"
    assert data["cards"][0]["grad"] == {"reason": "not asked for"}


def test_json_of_anything_is_strict_and_repeatable() -> None:
    text = to_json(hostile())
    assert text.isascii()
    assert json.loads(text, parse_constant=pytest.fail)["cards"][5]["name"].startswith("two\nlines")
    assert text == to_json(hostile())
