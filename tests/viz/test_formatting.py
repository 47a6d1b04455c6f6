"""Names made safe, short and wrapped."""

from __future__ import annotations

import pytest

from tests.viz.examples import HOSTILE
from tinygrad_edu.viz.formatting import (
    clean,
    count_text,
    dtype_text,
    number,
    shape_text,
    shorten,
    wrap,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_becomes_a_short_printable_line(name: str) -> None:
    for text in (clean(name), shorten(name), *wrap(name)):
        assert text.isprintable()
        text.encode("utf-8")
    assert len(shorten(name)) <= 40
    assert all(len(line) <= 28 for line in wrap(name))
    assert len(wrap(name)) <= 3


def test_clean_shows_what_it_replaces() -> None:
    assert clean("a\nb\t\x00\ud800\u202e") == "a\\nb\\t\\x00\\ud800\\u202e"
    assert clean("日本 😀 é") == "日本 😀 é"


def test_shorten_keeps_both_ends() -> None:
    text = shorten("encoder." + "x" * 100 + ".weight")
    assert text.startswith("encoder.")
    assert text.endswith(".weight")


def test_wrap_prefers_dots() -> None:
    lines = wrap("encoder.layers.0.attention.query.weight", 28)
    assert lines == ("encoder.layers.0.attention.", "query.weight")


def test_small_texts() -> None:
    assert shape_text(()) == "()"
    assert shape_text((3,)) == "(3,)"
    assert shape_text((3, 4)) == "(3, 4)"
    assert dtype_text("float32") == "f32"
    assert dtype_text("bool") == "bool"
    assert number(0.000123456) == "0.000123"
    assert [count_text(n, "box") for n in (1, 2)] == ["1 box", "2 boxes"]
    assert count_text(1234, "parameter") == "1,234 parameters"
