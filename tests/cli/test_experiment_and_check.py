"""`tinygrad-edu experiment` and `tinygrad-edu check`, as they are typed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.learn.experiments import EXPERIMENTS

pytest.importorskip("typer")


def typed(*arguments: object) -> int:
    """Run a command line here; returns the exit code."""
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_all_experiments_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("experiment") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(EXPERIMENTS)


def test_an_experiment_leaves_its_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    assert typed("experiment", "taylor") == 0
    assert "plot: taylor.png" in capsys.readouterr().out
    assert (tmp_path / "taylor.png").read_bytes()[:4] == b"\x89PNG"
    assert typed("experiment", "vcurve", "--no-plot") == 0
    assert typed("experiment", "vcurve", "--plot", "v.svg") == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["taylor.png", "v.svg"]


def test_without_matplotlib_the_text_is_still_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinygrad_edu.cli.experiment.find_spec", lambda name: None)
    for name in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    assert typed("experiment", "taylor") == 0
    told = capsys.readouterr().out
    assert "no plot: it needs matplotlib" in told
    assert "S/h is the error" in told
    assert typed("experiment", "taylor", "--plot", "a.png") == 2
    assert "a plot needs matplotlib" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_an_unknown_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("experiment", "vanish") == 2
    assert "is it vanishing?" in capsys.readouterr().out


@pytest.mark.parametrize(("rule", "code"), [("2 * x", 0), ("-2 * x", 1)])
def test_a_function_in_a_file(
    rule: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hand.py").write_text(
        "import numpy as np\n\n"
        f"def case():\n    return (lambda x: (x * x).sum()), (lambda x: {rule}), np.ones(3)\n",
        encoding="utf-8",
    )
    assert typed("check", "hand.py:case", "--html", "page.html") == code
    out = capsys.readouterr().out
    assert ("PASS" if code == 0 else "WRONG SIGN") in out
    assert (tmp_path / "page.html").exists()
    assert typed("check", "hand.py:cse") == 2
    assert "is it case?" in capsys.readouterr().out
