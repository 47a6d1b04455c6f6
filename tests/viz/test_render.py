"""Renderers: which is found, what happens when one fails, and that all draw every example."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.viz.examples import hostile, nan_case, rnn, softmax_box, square, transformer, xor
from tinygrad_edu.viz.folding.fold import fold
from tinygrad_edu.viz.model import Card, View
from tinygrad_edu.viz.writers import render
from tinygrad_edu.viz.writers.render import RenderError, find_renderers, render_png, render_svg

VIEWS = [xor, softmax_box, square, nan_case, transformer, hostile, lambda: rnn(20)]
ENGINES = [r.path for r in find_renderers()]
SVG = "{http://www.w3.org/2000/svg}"


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("make", VIEWS)
def test_every_engine_draws_every_view(engine: str, make: Callable[[], View]) -> None:
    view = fold(make())
    drawn = render_svg(view, renderer=engine)
    assert drawn.note == ""
    root = ElementTree.fromstring(drawn.data)
    assert root.tag == f"{SVG}svg"
    words = [d.text or "" for d in root.iter(f"{SVG}desc")]
    assert words[0] == view.header
    assert sum("; val " in w or "again" in w or "; out " in w for w in words) == len(view.cards)
    assert drawn.data == render_svg(view, renderer=engine).data


@pytest.mark.parametrize("engine", ENGINES)
def test_no_script_and_no_address_but_the_namespace(engine: str) -> None:
    text = render_svg(fold(hostile()), renderer=engine).data.decode()
    assert "<script" not in text
    assert "onload" not in text
    assert set(ElementTree.fromstring(text).keys()) <= {
        "class", "role", "width", "height", "viewBox", "style", "font-family",
    }  # fmt: skip
    assert text.count("http") == text.count("http://www.w3.org/")


def test_themes() -> None:
    auto = render_svg(square()).data.decode()
    dark = render_svg(square(), theme="dark").data.decode()
    light = render_svg(square(), theme="light").data.decode()
    assert "prefers-color-scheme:dark" in auto
    assert "prefers-color-scheme" not in light + dark
    assert "#12151a" in dark
    assert "#12151a" not in light


def test_order_of_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wished = program(tmp_path, "mine", "exit 0")
    program(tmp_path, "dot", "exit 0")
    program(tmp_path, "graphviz-pure", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.delenv(render.ENVIRONMENT, raising=False)
    assert [r.name for r in find_renderers()] == ["dot", "graphviz-pure"]
    monkeypatch.setenv(render.ENVIRONMENT, str(wished))
    assert [r.name for r in find_renderers()] == ["mine", "dot", "graphviz-pure"]
    assert find_renderers("dot")[0].name == "dot"


def test_a_wish_that_is_no_program_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError, match=r"setting names the renderer 'no-such-dot'"):
        find_renderers("no-such-dot")
    monkeypatch.setenv(render.ENVIRONMENT, "no-such-dot")
    with pytest.raises(FileNotFoundError, match=render.ENVIRONMENT):
        find_renderers()


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make one shell script the only Graphviz there is."""

    def install(body: str) -> None:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        monkeypatch.setenv("PATH", f"{tmp_path}")
        monkeypatch.delenv(render.ENVIRONMENT, raising=False)
        if body:
            program(tmp_path, "dot", body)

    return install


def test_without_graphviz_it_says_what_to_install(only: Callable[[str], None]) -> None:
    only("")
    assert find_renderers() == []
    with pytest.raises(RenderError, match=r"pip install 'tinygrad-edu\[viz\]', or save as .html"):
        render_svg(fold(xor()))


@pytest.fixture
def spare(tmp_path: Path, only: Callable[[str], None]) -> Callable[[str], None]:
    """Make one shell script `dot`, and keep a `graphviz-pure` that works, to be tried after it."""
    works = ENGINES[-1]

    def install(body: str) -> None:
        only(body)
        program(tmp_path, "graphviz-pure", f'exec {works} "$@"')

    return install


def test_a_failing_engine_is_named_in_one_sentence(spare: Callable[[str], None]) -> None:
    spare("echo trouble in init_rank >&2; exit 1")
    drawn = render_svg(fold(xor()))
    assert drawn.engine == "graphviz-pure"
    assert drawn.note == "Drawn another way because dot failed (trouble in init_rank)."
    assert "trouble in init_rank" in drawn.data.decode()


def test_a_slow_engine_is_given_up(spare: Callable[[str], None]) -> None:
    spare("exec /bin/sleep 20")
    drawn = render_svg(fold(xor()), timeout=2)
    assert drawn.engine == "graphviz-pure"
    assert "took longer than 2 s" in drawn.note


def wide(number: int) -> View:
    return View("wide", tuple(Card(i, "tanh") for i in range(number)))


# A Graphviz that gives up on large pictures: more than 100 lines of DOT.
SMALL_ALONE = f"""text=$(/bin/cat)
if [ "$(echo "$text" | /usr/bin/wc -l)" -gt 100 ]; then echo too much >&2; exit 1; fi
echo "$text" | {ENGINES[-1]} "$@\""""


def test_too_much_for_all_is_folded_tighter(only: Callable[[str], None]) -> None:
    only(SMALL_ALONE)
    drawn = render_svg(wide(500), tighter=lambda: wide(3))
    assert drawn.engine == "dot"
    assert drawn.note == "Drawn another way because dot failed (too much); folded tighter."


def test_too_much_for_all_says_what_to_do(only: Callable[[str], None]) -> None:
    only(SMALL_ALONE)
    with pytest.raises(RenderError, match=r"500 cards could not be drawn.*Fold it"):
        render_svg(wide(500))


def test_png() -> None:
    drawn = render_png(fold(xor()))
    assert drawn.data.startswith(b"\x89PNG")
    small = render_png(fold(transformer()), max_px=300)
    width, height = (int.from_bytes(small.data[at : at + 4]) for at in (16, 20))
    assert max(width, height) <= 301
    with pytest.raises(ValueError, match="positive"):
        render_png(xor(), scale=0)


def test_png_without_graphviz_says_what_to_install(only: Callable[[str], None]) -> None:
    only("")
    with pytest.raises(RenderError, match=r"pip install 'tinygrad-edu\[viz\]'"):
        render_png(fold(xor()))
