"""The page: one file, valid, escaped, with what it should show."""

from __future__ import annotations

import base64
import dataclasses
import html.parser
import io
import math
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinygrad_edu.cli import run
from tinygrad_edu.cli.report import write_report
from tinygrad_edu.cli.report.page import render_page
from tinygrad_edu.cli.report.pictures import line_chart, png, thinned
from tinygrad_edu.cli.report.step import step_drawing
from tinygrad_edu.systems import SYSTEMS, Outcome, Settings, SettingsError

VOID = {"meta", "img", "br", "link", "input", "hr"}


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    system = SYSTEMS["letters"]
    held = type(system).derivation_steps
    type(system).derivation_steps = 10
    try:
        return system.run(Settings(epochs=100))
    finally:
        type(system).derivation_steps = held


class Nesting(html.parser.HTMLParser):
    """Fails where a tag closes another than the one that is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [found[name] or "" for name in ("src", "href") if name in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and self.open[-1] != "p":
            raise AssertionError("a paragraph was closed by what it holds")
        assert self.open.pop() == tag, (tag, self.getpos())


def test_the_page_is_whole_and_asks_for_nothing(outcome: Outcome) -> None:
    page = render_page([outcome], "tinygrad-edu run letters")
    nesting = Nesting()
    nesting.feed(page)
    assert nesting.open == []
    assert nesting.addresses
    assert all(a.startswith(("data:image/", "#")) for a in nesting.addresses)
    assert len(set(nesting.ids)) == len(nesting.ids)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "prefers-color-scheme: dark" in style[1]
    assert "<script" not in page


def test_it_shows_what_it_should(outcome: Outcome) -> None:
    page = render_page([outcome], "tinygrad-edu run letters --epochs 100")
    assert page.count('class="chart"') == 2
    assert "The graph of one step" in page
    assert "Gradient check: PASS" in page
    assert "Derived by hand, beside recorded" in page
    assert "of 90 letters survive one flipped pixel" in page
    assert page.count('<article class="sample') == 3 + 6
    assert "tinygrad-edu run letters --epochs 100" in page
    for name in ("0.weight", "0.bias", "2.weight", "2.bias"):
        assert page.count(f"<code>{name}</code>") == 2  # checked, and derived
    for name in ("layers", "loss", "training", "seed", "data"):
        assert f"<dt>{name}</dt>" in page


def test_words_are_escaped(outcome: Outcome) -> None:
    hostile = '<script>alert("1")</script>'
    changed = dataclasses.replace(outcome, notes=[hostile], title=hostile, provenance=hostile)
    page = render_page([changed], f"tinygrad-edu run {hostile}")
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4


def test_what_was_interrupted_at_once_still_makes_a_page(outcome: Outcome) -> None:
    empty = dataclasses.replace(
        outcome,
        history=type(outcome.history)(),
        interrupted=True,
        derivation=None,
        accuracy=math.nan,
        reached=[],
    )
    page = render_page([empty], "tinygrad-edu run letters")
    assert "No epoch was finished" in page
    assert "Derived by hand" not in page


def test_it_is_moved_into_place(outcome: Outcome, tmp_path: Path) -> None:
    page = write_report(tmp_path, [outcome], "x")
    assert page == tmp_path / "report.html"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_without_matplotlib_it_is_said_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'tinygrad-edu\[all\]', or leave --out"):
        run._refuse_unwritable(tmp_path)


def test_without_graphviz_the_page_says_how_to_get_the_graph(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    page = render_page([outcome], "x")
    assert "pip install &#x27;tinygrad-edu[viz]&#x27;" in page
    assert "Gradient check: PASS" in page


def test_drawing_a_step_leaves_the_model_as_it_was(outcome: Outcome) -> None:
    before = [None if p.grad is None else p.grad.numpy().copy() for p in outcome.model.parameters()]
    svg = step_drawing(outcome)
    assert ET.fromstring(svg).tag.endswith("svg")
    assert "0.weight" in svg
    for p, held in zip(outcome.model.parameters(), before):
        if held is None:
            assert p.grad is None
        else:
            np.testing.assert_array_equal(p.grad.numpy(), held)


# --------------------------------------------------------------------------------------- pieces


def test_a_png_holds_its_pixels() -> None:
    shades = np.arange(12, dtype=np.uint8).reshape(3, 4)
    with Image.open(io.BytesIO(png(shades))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        np.testing.assert_array_equal(np.asarray(picture), shades)


def svg_of(chart: str) -> str:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', chart)
    assert found is not None
    return base64.b64decode(found[1], validate=True).decode()


def points_of(chart: str, name: str) -> np.ndarray:
    (group,) = ET.fromstring(svg_of(chart)).iterfind(f".//{{*}}g[@id='{name}']")
    (path,) = group.iterfind("{*}path")
    return np.array(re.findall(r"[ML] (\S+) (\S+)", path.attrib["d"]), float)


def test_a_chart_places_its_points() -> None:
    chart = line_chart([("train", [(1, 0.0), (2, 1.0), (4, 2.0)])], "Loss")
    x, y = points_of(chart, "train").T
    assert x[2] - x[1] == pytest.approx(2 * (x[1] - x[0]), abs=0.2)
    assert y[0] - y[1] == pytest.approx(y[1] - y[2], abs=0.2)  # up is more
    assert "logarithmic" not in chart
    assert 'alt="Loss over epochs: train from 0 to 2"' in chart


@pytest.mark.parametrize("epochs", [1, 7, 12, 30, 2000])
def test_epochs_are_labelled_where_they_are(epochs: int) -> None:
    chart = line_chart([("train", [(i, 1.0) for i in range(1, epochs + 1)])], "Loss")
    marks = ET.fromstring(svg_of(chart)).findall(".//{*}g[@id='matplotlib.axis_1']//{*}text")
    ticks = [int((mark.text or "").replace(",", "")) for mark in marks[:-1]]
    assert ticks[0] == 0
    assert len(set(np.diff(ticks))) == 1


def test_a_chart_follows_the_theme_and_is_the_same_each_time() -> None:
    curves = [("train", [(1, 0.0), (2, 1.0)]), ("test", [(1, 1.0), (2, 3.0)])]
    svg = svg_of(line_chart(curves, "Loss"))
    assert svg == svg_of(line_chart(curves, "Loss"))
    assert "prefers-color-scheme:dark" in svg
    for light in ("#0072b2", "#c44e00"):
        assert svg.count(light) == 1  # where the theme says what it is
    assert set(re.findall(r"https?://([^/\"]*)", svg)) == {"www.w3.org"}


def test_a_wide_range_is_logarithmic() -> None:
    chart = line_chart([("train", [(1, 1.0), (2, 0.1), (3, 0.01)])], "Loss")
    assert "logarithmic" in chart
    y = points_of(chart, "train")[:, 1]
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.2)


def test_an_accuracy_ends_at_a_hundred_percent() -> None:
    chart = line_chart([("test", [(1, 0.5), (2, 1.0)])], "Accuracy", percent=True)
    svg = svg_of(chart)
    assert ">100 %<" in svg
    assert ">120 %<" not in svg
    assert "test 100.00 %" in chart


@pytest.mark.parametrize(
    "points",
    [[(1, 0.5)], [(1, 0.0)], [(1, 2.0), (2, 2.0)], [(1, -1.0), (2, -1.0)], [(1, 1e-30), (2, 1e30)]],
)
def test_odd_curves_are_drawn(points: list[tuple[float, float]]) -> None:
    chart = line_chart([("train", points)], "Loss")
    found = points_of(chart, "train")
    assert len(found) == len(points)
    assert np.isfinite(found).all()


def test_nothing_measured_is_said() -> None:
    assert "Nothing was measured" in line_chart([("train", [(1, math.nan)]), ("test", [])], "Loss")


def test_long_curves_are_thinned_to_their_ends() -> None:
    points = [(float(i), float(i)) for i in range(20_001)]
    few = thinned(points)
    assert len(few) == 400
    assert (few[0], few[-1]) == (points[0], points[-1])
    assert thinned(points[:5]) == points[:5]


def test_pictures_are_in_the_page(outcome: Outcome) -> None:
    page = render_page([outcome], "x")
    for data in re.findall(r'src="data:image/png;base64,([^"]*)"', page):
        assert base64.b64decode(data, validate=True).startswith(b"\x89PNG")
