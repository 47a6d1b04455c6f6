import sys
from pathlib import Path

import pytest

from tinygrad_edu.datasets.cache import cache_folder


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
