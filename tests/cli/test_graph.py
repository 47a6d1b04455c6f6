"""`tinygrad-edu graph`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tinygrad_edu.cli import main

pytest.importorskip("typer")

SCRIPT = """
import tinygrad_edu as tg

X = tg.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
w = tg.tensor([[1.0], [2.0]], requires_grad=True)
loss = ((X @ w) * 0.5).tanh().sum()
loss.backward()
model = tg.nn.Sequential(tg.nn.Linear(2, 3), tg.nn.Tanh(), tg.nn.Linear(3, 1))
number = 3
plain = tg.ones(2)


def later():
    return (loss * 2).exp()


def broken():
    return X @ X
"""
STARTS = {
    "html": b"<!doctype html>",
    "svg": b"<svg",
    "png": b"\x89PNG",
    "dot": b"digraph",
    "gv": b"digraph",
    "mmd": b"---\ntitle: ",
    "json": b"{",
    "txt": b"loss\n",
}


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "demo.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    return "demo.py"


def typed(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["graph", *(str(a) for a in arguments)])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("suffix", STARTS)
def test_the_suffix_says_how_it_is_written(
    script: str, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = Path(f"graph.{suffix}")
    if suffix == "png":
        pytest.importorskip("graphviz")
    assert typed(f"{script}:loss", "-o", out) == 0
    assert out.read_bytes().startswith(STARTS[suffix])
    assert capsys.readouterr().out == f"{out}: showing 4 of 4 ops\n"


def test_without_a_file_a_tree_is_printed(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(f"{script}:loss") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("loss\nshowing 4 of 4 ops\n")
    assert "w  parameter  (2, 1) f32" in printed
    assert "0.5" in printed


def test_functions_and_options(script: str) -> None:
    assert typed(f"{script}:later", "-o", "g.json", "--max-nodes", 3) == 0
    ops = [c.get("op") for c in json.loads(Path("g.json").read_text())["cards"]]
    assert ops[-2:] == ["mul", "exp"] or "exp" in ops


def test_a_module_is_called_with_zeros(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(f"{script}:model", "--input", "5,2", "--detail", "ops") == 0
    printed = capsys.readouterr().out
    assert "0.weight  parameter  (3, 2) f32" in printed
    assert "(5, 1) f32" in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.py:loss",), "there is no file 'none.py'"),
        (("demo.py",), "write FILE.py:NAME"),
        (("demo.py:gone",), "has no 'gone' after it has run; what it has to draw: X, w, loss"),
        (("demo.py:number",), "is of type int, which has no graph"),
        (("demo.py:plain",), "has no graph: nothing it was made of requires grad"),
        (("demo.py:model",), "say with what: --input 4,2"),
        (("demo.py:model", "--input", "4,b"), "expected a shape"),
        (("demo.py:loss", "-o", "g.docx"), "use .html, .svg, .png, .dot"),
        (("demo.py:loss", "-o", "g.gif"), "name what viz.backward(loss) returned"),
        (("demo.py:loss", "-o", "gone/g.svg"), "cannot be used (No such file or directory)"),
        (("demo.py:loss", "--color-by", "mood"), "expected one of role, grad"),
        (("demo.py:loss", "--max-nodes", 0), "expected at least 1"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_words(
    script: str, arguments: tuple[object, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(*arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("tinygrad-edu: ")
    assert words in said
    assert "Traceback" not in said
    assert not list(Path().glob("g.*"))


def test_the_scripts_own_mistake_keeps_its_traceback(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(f"{script}:broken", "-o", "g.svg") == 1
    said = capsys.readouterr().err
    assert "return X @ X" in said
    assert "runpy" not in said
    assert "demo.py stopped before there was a graph" in said
