import os
import sys
from pathlib import Path

import pytest

from tinygrad_edu.datasets.storage import cache_folder, moved_into_place


def test_the_cache_is_where_the_xdg_variable_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "tinygrad_edu"


@pytest.mark.parametrize("value", ["", "relative/folder"])
def test_an_empty_or_relative_xdg_variable_is_ignored(monkeypatch, tmp_path, value):
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / ".cache" / "tinygrad_edu"


@pytest.mark.parametrize(
    ("platform", "local", "expected"),
    [
        ("linux", "", "home/.cache/tinygrad_edu"),
        ("darwin", "", "home/Library/Caches/tinygrad_edu"),
        ("win32", "", "home/AppData/Local/tinygrad_edu/Cache"),
        ("win32", "local", "local/tinygrad_edu/Cache"),
    ],
)
def test_each_platform_keeps_its_own_convention(monkeypatch, platform, local, expected):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", local)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == Path(expected)


def test_without_a_home_there_is_no_cache(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert cache_folder() is None


def test_a_file_appears_whole_and_its_folder_with_it(tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    with moved_into_place(path) as temporary:
        temporary.write_text("all of it")
        assert not path.exists()
        assert temporary.parent == path.parent
    assert path.read_text() == "all of it"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("problem", [OSError("disk"), KeyboardInterrupt()], ids=type)
def test_when_the_writing_fails_the_old_file_stays(tmp_path, problem):
    path = tmp_path / "file"
    path.write_text("old")

    def write_half():
        with moved_into_place(path) as temporary:
            temporary.write_text("ha")
            raise problem

    with pytest.raises(type(problem)):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="modes and umask are POSIX's")
def test_the_file_gets_the_mode_that_open_would_give(tmp_path):
    (tmp_path / "plain").touch()
    with moved_into_place(tmp_path / "moved"):
        pass
    assert (tmp_path / "moved").stat().st_mode == (tmp_path / "plain").stat().st_mode
