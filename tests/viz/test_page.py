"""The page as a file: self-contained, escaped, small; and the vendored engine."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.viz.examples import hostile, softmax_box, square, transformer, xor
from tinygrad_edu.viz.folding.fold import fold
from tinygrad_edu.viz.model import Snapshot, View
from tinygrad_edu.viz.page.build import engine_source, page_data, to_html
from tinygrad_edu.viz.page.vendor import refresh
from tinygrad_edu.viz.reading.summarise import summarise


class Elements(HTMLParser):
    """Collects elements, and the texts of scripts and the title."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag in ("script", "title", "style"):
            self.open = dict(attrs).get("id") or tag

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "title", "style"):
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open] = self.texts.get(self.open, "") + data


def elements(page: str) -> Elements:
    out = Elements()
    out.feed(page)
    return out


def test_nothing_is_asked_for_from_outside() -> None:
    found = elements(to_html(xor()))
    for tag, attributes in found.found:
        assert "src" not in attributes, tag
        assert "href" not in attributes, tag
        assert tag not in ("link", "img", "iframe", "base", "object")
    policy = next(a["content"] for t, a in found.found if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "sourceMappingURL" not in found.texts["engine"]


def test_names_are_data() -> None:
    page = to_html(hostile())
    found = elements(page)
    assert [t for t, _ in found.found].count("script") == 3
    assert "alert" not in found.texts["script"]
    assert found.texts["title"].startswith("</title>")
    data = json.loads(found.texts["view-data"])
    assert data["title"] == hostile().title
    assert data["cards"][1]["name"] == "</script><script>alert(1)</script>"
    assert not re.search(r"[<>&]", found.texts["view-data"])
    page.encode("utf-8")


def test_a_name_that_looks_like_a_placeholder_stays_one() -> None:
    page = to_html(replace(xor(), title="{{engine}} {{script}}"))
    assert page.count("self.Graphviz=") == 1
    assert elements(page).texts["title"] == "{{engine}} {{script}}"


def test_size_and_repeatability() -> None:
    page = to_html(xor())
    assert len(page.encode()) < 1_200_000
    assert page == to_html(xor())
    assert len(engine_source()) > 800_000


def test_a_large_page_leaves_out_detail_and_says_so() -> None:
    whole = json.loads(elements(to_html(transformer(4))).texts["view-data"])
    small = json.loads(elements(to_html(transformer(4), max_bytes=300_000)).texts["view-data"])
    assert "note" not in whole
    assert small["note"].startswith("Left out to keep this page small: full texts")
    assert any("full" in c["value"] for c in whole["cards"])
    assert not any("full" in c.get("value", {}) for c in small["cards"])


def test_steps_and_folded_boxes_come_in_the_words_of_the_other_formats() -> None:
    data = page_data(softmax_box(), frozenset())
    (face,) = data["faces"]
    assert ("5 ops", "max, sub, exp, sum, div") in face["rows"]
    assert ("rule", "gx = y * (g - sum(g * y))") in face["rows"]
    out = next(c for c in softmax_box().cards if c.op == "div")
    assert face["out"] == out.id
    assert data["steps"][-1]["lines"][0][0] == "backward"


def test_heat_maps_are_one_byte_a_number() -> None:
    view = View("m", square().cards, snapshots=(Snapshot("s", ((0, summarise([1.0, -2.0])),)),))
    data = page_data(view, frozenset())
    assert data["snapshots"][0]["values"][0][1]["heatmap"]["values"] == "wAE="  # 192, 1


def test_a_folded_view_is_a_fine_page_too() -> None:
    data = page_data(fold(xor(), collapse=("fc1",)), frozenset())
    assert len(data["cards"]) == 14


def test_the_vendored_engine_is_what_the_manifest_says(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert refresh.differences() == []
    manifest = json.loads((refresh.HERE / refresh.MANIFEST).read_text())
    assert manifest["version"] == "1.29.2"
    for name in manifest["sha256"]:
        (tmp_path / name).write_bytes((refresh.HERE / name).read_bytes())
    (tmp_path / refresh.MANIFEST).write_text(json.dumps(manifest))
    assert refresh.differences(tmp_path) == []
    (tmp_path / refresh.ENGINE).write_bytes(b"tampered")
    assert refresh.differences(tmp_path) == [refresh.ENGINE]


def test_licences_are_there() -> None:
    for name, word in {
        "LICENSE-wasm-graphviz.txt": "Apache License",
        "LICENSE-graphviz.txt": "Eclipse Public License - v 2.0",
        "LICENSE-expat.txt": "Expat maintainers",
    }.items():
        assert word in (refresh.HERE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["light", "dark"])
def test_both_themes_are_in_the_page(name: str) -> None:
    assert f":root[data-theme={name}]" in to_html(square())


def test_the_tiniest_numbers_have_a_heat_map() -> None:
    tiny = summarise([5e-324, -5e-324, 0.0, 1e-310])
    view = replace(square(), snapshots=(Snapshot("s", ((0, tiny),)),))
    assert page_data(view, frozenset())["snapshots"]
