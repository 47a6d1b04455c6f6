"""What a command line names: found, or told in words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tinygrad_edu.utils.targets import NoSuchFile, NoSuchName, TargetError, named

FILE = """
import neighbour

number = 3
_hidden = 4

class Net:
    def loss():
        import later
        return later.value
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "neighbour.py").write_text("")
    (tmp_path / "later.py").write_text("value = 5")
    (tmp_path / "net.py").write_text(FILE)
    return str(tmp_path / "net.py")


def test_a_name_in_a_file(script: str) -> None:
    found = named(f"{script}:number", to="draw")
    assert (found.place, found.name, found.value) == (script, "number", 3)
    assert found.variables["_hidden"] == 4


def test_a_name_with_dots_and_neighbours_that_are_imported_later(script: str) -> None:
    assert named(f"{script}:Net.loss", to="check").value() == 5


def test_a_name_in_a_module() -> None:
    assert named("os.path:join", to="check").value is __import__("os").path.join


@pytest.mark.parametrize("target", ["net.py", "net.py:", ":loss", "net.py:2", "net.py:a..b"])
def test_other_forms_are_refused(target: str) -> None:
    with pytest.raises(TargetError, match=r"does not say what to draw; write FILE\.py:NAME"):
        named(target, to="draw")


def test_what_is_not_there_is_told_with_what_could_be_meant(script: str) -> None:
    with pytest.raises(NoSuchFile, match=r"there is no file '.*nett\.py' to run; is it net\.py\?"):
        named(script.replace("net.py", "nett.py:loss"), to="check")
    with pytest.raises(NoSuchName, match=r"has no 'numbre' after it has run; is it number\?"):
        named(f"{script}:numbre", to="check")
    with pytest.raises(NoSuchName, match="after it has run; what it has to draw: number"):
        named(f"{script}:lost", to="draw", fits=lambda value: isinstance(value, int))
    with pytest.raises(NoSuchName, match=r"Net of .* has no 'los'; is it loss\?"):
        named(f"{script}:Net.los", to="check")
    with pytest.raises(NoSuchName, match="has no 'joinn'; is it join"):
        named("os.path:joinn", to="check")
