"""What a Graph can do: formats, files, parts, differences, and the door to it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, viz
from tinygrad_edu.viz.command import draw_file
from tinygrad_edu.viz.picture import SUFFIXES, Graph
from tinygrad_edu.viz.writers.render import RenderError


@pytest.fixture
def graph() -> Graph:
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.Softmax(dim=1))
    x = tg.rand(4, 3)
    loss = model(x).square().sum()
    loss.backward()
    return viz.graph(loss)


def test_doors() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    y = x.exp()
    for g in (tg.draw(y), y.graph(), viz.graph(y)):
        assert isinstance(g, Graph)
        assert [c.title for c in g.view.cards] == ["x", "y"]
    assert repr(tg.draw(y)).startswith("y\nshowing 1 of 1 op")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_by_suffix(graph: Graph, suffix: str, tmp_path: Path) -> None:
    path = graph.save(tmp_path / f"g{suffix}")
    starts = {
        ".html": b"<!doctype html", ".svg": b"<svg", ".png": b"\x89PNG", ".dot": b"digraph",
        ".gv": b"digraph", ".mmd": b"---", ".json": b"{", ".txt": b"loss",
    }  # fmt: skip
    assert path.read_bytes().lower().startswith(starts[suffix].lower())


def test_an_unknown_suffix_writes_nothing(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.html, \.svg"):
        graph.save(tmp_path / "g.docx")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match=r"a GIF shows steps: viz\.backward"):
        graph.save(tmp_path / "graph.gif")
    assert not list(tmp_path.iterdir())


def test_digraph_of_the_graphviz_package(graph: Graph) -> None:
    import graphviz

    assert isinstance(graph.graphviz, graphviz.Digraph)
    assert graph.graphviz.source == graph.to_dot()


def test_mime_bundle(graph: Graph) -> None:
    bundle = graph._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "0.weight" in bundle["text/plain"]
    assert "<script" not in bundle["image/svg+xml"]


def test_folding_and_unfolding(graph: Graph) -> None:
    assert "Softmax" in graph.collapse("1").to_text()
    closed = graph.with_options(max_nodes=1)
    shown = {c.title for c in closed.folded().cards}
    assert "0.weight" not in shown
    assert "0.weight" in {c.title for c in closed.expand("0").folded().cards}


def test_softmax_folds_to_its_closed_form(graph: Graph) -> None:
    (card,) = [c for c in graph.collapse("1").folded().cards if c.group]
    assert card.group is not None
    assert card.group.closed_form == "y * (g - sum(g * y, axis=dim, keepdims=True))"
    assert card.group.ops == ("sub", "exp", "sum", "div")


def test_focus_path_and_find(graph: Graph) -> None:
    near = {c.title for c in graph.focus("0.weight", hops=1).view.cards}
    assert "0.weight" in near
    assert "loss" not in near
    way = [c.title for c in graph.path("0.bias", "loss").view.cards]
    assert way[0] == "0.bias"
    assert way[-1] == "loss"
    assert "0.weight" not in way
    assert {c.op for c in graph.find("exp|div")} >= {"exp", "div"}
    with pytest.raises(KeyError, match="no card is called"):
        graph.focus("nothing")
    with pytest.raises(ValueError, match="no way leads"):
        graph.path("loss", "0.bias")
    with pytest.raises(ValueError, match="no regular expression"):
        graph.find("(")


def test_differences() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    a, b = viz.graph(x.exp().sum()), viz.graph(x.exp().tanh().sum())
    assert viz.diff(a, a).same
    found = viz.diff(a, b)
    assert any(line.startswith("+ tanh") for line in found.lines)
    assert "+ tanh" in found.to_text()
    assert found.to_svg().startswith("<svg")
    before = viz.graph(y := x.exp().sum())
    y.backward()
    assert not viz.diff(before, viz.graph(y), by="grads").same
    with pytest.raises(TypeError, match="compares two Graphs"):
        viz.diff(a, x)  # type: ignore[arg-type]


def test_doctor_says_what_works() -> None:
    found = viz.doctor()
    assert found.well
    assert "draws SVG" in str(found)


@pytest.fixture
def no_graphviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_all_but_pictures_works(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"pip install 'tinygrad-edu\[viz\]'"):
        graph.save(tmp_path / "g.svg")
    assert list(tmp_path.iterdir()) == []
    for suffix in (".html", ".dot", ".mmd", ".json", ".txt"):
        assert graph.save(tmp_path / f"g{suffix}").stat().st_size > 100
    bundle = graph._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "0.weight" in bundle["text/plain"]
    assert "pip install 'tinygrad-edu[viz]'" in bundle["text/plain"]
    found = viz.doctor()
    assert not found.well
    assert "none Graphviz (for SVG and PNG): pip install 'tinygrad-edu[viz]'" in str(found)


def test_jacobian_card() -> None:
    g = viz.jacobian_card(tg.tanh, [0.0, 0.0])
    assert g.view.cards[-1].value.text == "[1 0]\n[0 1]"
    assert g.view.cards[-1].name == "dy/dx"
    g = viz.jacobian_card(lambda a, b: a * b, [1.0, 2.0], [3.0, 4.0])
    assert [c.value.text for c in g.view.cards[-2:]] == ["[3 0]\n[0 4]", "[1 0]\n[0 2]"]
    assert "20 x 20" in viz.jacobian_card(tg.exp, [1.0] * 20).view.cards[-1].value.reason


def test_summary_counts_by_hand() -> None:
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    model.train()
    found = viz.summary(model, (32, 64))
    assert [x.path for x in found.layers] == ["", "0", "1", "2"]
    assert [x.shape for x in found.layers] == [(32, 10), (32, 64), (32, 64), (32, 10)]
    assert found.parameters == found.trainable == 64 * 64 + 64 + 64 * 10 + 10
    assert found.multiply_adds == 32 * 64 * 64 + 32 * 64 * 10
    assert model.training
    assert all(m.training for m in model.modules())
    assert "4,810" in str(found)
    with pytest.raises(TypeError, match="Module"):
        viz.summary(3, (1,))  # type: ignore[arg-type]


def test_snapshots_make_a_slider() -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    shots = viz.Snapshots()
    for step in range(3):
        loss = (w * w).sum()
        loss.backward()
        shots.take(loss, f"step {step}")
        with tg.no_grad():
            w.sub_(w.grad * 0.1)
        w.grad = None
    assert len(shots) == 3
    data = json.loads(shots.graph().to_json())
    assert [s["label"] for s in data["snapshots"]] == ["step 0", "step 1", "step 2"]
    values = [dict(s.values)[0].text for s in shots.graph().view.snapshots]
    assert values == ["[1 2]", "[0.8 1.6]", "[0.64 1.28]"]
    with pytest.raises(ValueError, match="differs from the first"):
        shots.take(w.sum())


def test_graphs_of_files(tmp_path: Path) -> None:
    script = tmp_path / "demo.py"
    script.write_text(
        "import tinygrad_edu as tg\n"
        "w = tg.tensor([1.0, 2.0], requires_grad=True)\n"
        "loss = (w * w).sum()\n"
        "def later():\n    return loss * 2\n"
        "number = 3\n"
    )
    out = tmp_path / "g.svg"
    g = draw_file(f"{script}:loss", out)
    assert isinstance(g, Graph)
    assert [c.title for c in g.view.cards] == ["w", "mul", "loss"]
    assert out.read_text().startswith("<svg")
    assert isinstance(draw_file(f"{script}:later"), Graph)
    for target, error, words in [
        ("demo.py", ValueError, "FILE.py:NAME"),
        (f"{tmp_path}/none.py:loss", FileNotFoundError, "no file"),
        (f"{script}:gone", AttributeError, "w, loss"),
        (f"{script}:number", TypeError, "has no graph"),
    ]:
        with pytest.raises(error, match=words):
            draw_file(target)
    with pytest.raises(ValueError, match=r"\.html"):
        draw_file(f"{script}:loss", tmp_path / "g.docx")


def test_what_a_graph_goes_on_to_is_all_that_differs() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    y = x.tanh()
    found = viz.diff(viz.graph(y), viz.graph(y * 2.0))
    assert [line.split(" ")[:2] for line in found.lines] == [["+", "2"], ["+", "mul"]]
    assert found.view.header == "showing 2 of 2 ops"
